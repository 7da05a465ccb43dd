"""What happens to a column of the registry: drop, pseudonym, age, ZIP3, shift, hash, notes or keep.

The dictionary gives each element a hint, the profile says what the hint means under its HIPAA
path. :func:`treatment` is a pure function of both; the scalar functions below do the work, so
that a table and a note of the same patient get the same pseudonym and the same offset.

Safety rules: what is flagged as an identifier is never kept, free text without a hint never
passes (a short text is dropped, a note goes through the note engine), and a date never escapes
the profile's rule for dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from deid.errors import TreatmentError
from deid.pseudonym import Keys
from policies.dictionary.hints import hint_fault, is_code
from policies.profile import Profile

__all__ = [
    "Treatment",
    "hashed",
    "shift",
    "treatment",
    "zip3",
]

_ZIP = re.compile(r"([0-9]{4,5})(-[0-9]{4})?")

Kind = Literal["text", "integer", "number", "date", "category", "multi", "note"]


class Treatment(StrEnum):
    """What is done to a value before it may be stored."""

    DROP = "drop"
    PSEUDONYMIZE = "pseudonymize"
    TO_AGE = "to_age"
    ZIP3 = "zip3"
    SHIFT = "shift"
    OFFSET = "offset"
    HASH = "hash"
    NLP = "nlp"
    KEEP = "keep"


def _dates(profile: Profile) -> Treatment:
    return {
        "offset": Treatment.OFFSET,
        "shift": Treatment.SHIFT,
        "keep": Treatment.KEEP,
    }[profile.dates]


_HINTED: dict[str, Callable[[Profile], Treatment]] = {
    "drop": lambda _: Treatment.DROP,
    "pseudonymize": lambda _: Treatment.PSEUDONYMIZE,
    "to_age": lambda _: Treatment.TO_AGE,
    "zip3": lambda profile: Treatment.DROP if profile.zip.keep == "none" else Treatment.ZIP3,
    "shift": _dates,
    "hash": lambda _: Treatment.HASH,
    "nlp": lambda _: Treatment.NLP,
    "keep": lambda _: Treatment.KEEP,
}


def _unhinted(kind: Kind, profile: Profile) -> Treatment:
    if kind == "date":
        return _dates(profile)
    return {"text": Treatment.DROP, "note": Treatment.NLP}.get(kind, Treatment.KEEP)


def treatment(
    hint: str | None,
    identifier: bool,
    profile: Profile,
    *,
    kind: Kind = "text",
    pattern: str | None = None,
) -> Treatment:
    """What ``profile`` does to an element with this hint, flag, type and pattern.

    Without a hint: an identifier is dropped, a date follows the profile's rule for dates, a note
    goes through the note engine, a short text is dropped, coded and numeric values are kept.
    Raises :class:`TreatmentError` for an unknown hint, one that does not suit the type, and
    wherever an identifier or free text would be kept.
    """
    if hint is None:
        chosen = Treatment.DROP if identifier else _unhinted(kind, profile)
    elif hint not in _HINTED:
        raise TreatmentError("unknown de-identification hint", hint=f"one of {', '.join(_HINTED)}")
    else:
        fault = hint_fault(hint, kind, identifier, pattern)
        if fault is not None:
            raise TreatmentError(fault)
        # Whoever keeps a date keeps it as far as the profile lets dates be kept.
        chosen = _dates(profile) if kind == "date" and hint == "keep" else _HINTED[hint](profile)
    if chosen is Treatment.KEEP:
        if identifier:
            raise TreatmentError("an identifier cannot be kept", hint="give it deid=drop")
        if kind == "note" or (kind == "text" and not is_code(pattern)):
            raise TreatmentError("free text cannot be kept", hint="give it deid=nlp or drop")
    return chosen


def zip3(value: str, profile: Profile) -> str | None:
    """What the profile leaves of a ZIP code; None if it leaves nothing or ``value`` is none.

    Three digits, "000" for thinly populated or unknown areas; the whole code where the profile
    keeps all. ZIP+4 is read by its first five digits; a code of four digits has lost its leading
    zero.
    """
    found = _ZIP.fullmatch(value.strip())
    if found is None:
        return None
    digits, more = found[1].zfill(5), found[2] or ""
    if profile.zip.keep == "all":
        return digits + more
    return None if profile.zip.keep == "none" else profile.zip.area(digits)


def shift(day: date, offset_days: int) -> date | None:
    """The day moved by the patient's offset (:meth:`deid.pseudonym.Keys.date_offset_days`);
    None where the calendar ends.
    """
    try:
        return day + timedelta(days=offset_days)
    except OverflowError:
        return None


def hashed(keys: Keys, element: str, value: str) -> str:
    """Keyed hash of a value, 16 characters; the element's name keeps equal values of different
    elements apart.
    """
    return keys.hash(element, value.strip())
