"""Codes and numbers of the pages in words."""

from __future__ import annotations

import math
from datetime import datetime

from federated.privacy.loss import epsilon_of
from policies.dictionary import Dictionary

__all__ = [
    "ACTS",
    "DECISIONS",
    "FAULTS",
    "KINDS",
    "STATES",
    "age",
    "element_label",
    "epsilon",
    "form_label",
    "per_100",
    "percent",
    "percent_of",
    "share",
    "when",
    "withheld",
]

DECISIONS = {"answered": "Answered", "refused": "Refused", "failed": "Could not answer"}

FAULTS = {
    "note": ("warning", "A note states another value than the field."),
    "record": ("error", "The row names no record."),
    "patient": ("error", "The record has other forms but not the patient's."),
    "duplicate": ("error", "A form is filled twice; the second one was left out."),
    "key": ("error", "Two rows of a record have the same number."),
    "reference": ("error", "A row belongs to another that does not exist."),
    "type": ("error", "The value is not of the element's type."),
    "choice": ("error", "The value is none of the choices."),
    "bounds": ("error", "The value is outside its bounds."),
    "pattern": ("error", "The value is not spelt as the dictionary asks."),
    "branch": ("warning", "Filled where the form does not ask for it; left out."),
    "derived": ("warning", "What was entered differs from what is computed."),
    "context": ("info", "An answer differs between a patient's visits; the latest is kept."),
    "cut": ("warning", "The source gives only the beginning of long values."),
    "replaced": ("warning", "The source says that the patient is now another."),
    "contested": ("warning", "The source says different things of the same day; one was taken."),
    "unread": ("warning", "The source holds values that belong to nothing it names."),
}
"""Problems that every registry can have: severity and sentence. The rest are its own rules."""

KINDS = {
    **dict.fromkeys(("type", "choice", "pattern", "bounds"), "value"),
    **dict.fromkeys(("record", "patient", "duplicate", "key", "reference", "branch"), "relational"),
    "derived": "computational",
    "note": "concordance",
}
"""What kind of conformance (Kahn 2016) such a problem is; of notes, concordance with the field."""

STATES = {"waiting": "waits", "released": "released", "kept": "kept back"}
"""How a withheld note stands."""

ACTS = {
    "release": "released",
    "keep": "kept back for good",
    "mark": "marked words to redact",
    "unmark": "took a mark back",
    "term": "added clinical words to the site's list",
    "staff": "added a name of staff to the site's list",
    "facility": "added a facility to the site's list",
    "reopen": "took the decision back",
    "return": "a load found the patient in it again",
    "discard": "given up: its seal did not open",
}
"""What was done about a withheld note."""

_WITHHELD = {
    "residual_ssn": "A social security number was still found in the finished text.",
    "residual_email": "An e-mail address was still found in the finished text.",
    "residual_phone": "A telephone number was still found in the finished text.",
    "residual_mrn": "A record number was still found in the finished text.",
    "residual_identifier": "A number of the patient was still found in the finished text.",
    "residual_birth_date": "The patient's birth date was still found in the finished text.",
    "residual_date": "A full date was still found in the finished text.",
    "residual_age": "An age over the profile's limit was still found in the finished text.",
    "residual_name": "The patient's name was still found in the finished text.",
    "low_confidence_language": "The note is not in English, which is all that the rules read.",
    "low_confidence_share": "Most of the note would have been replaced.",
    "unreadable": "Too much of the note is no text.",
    "too_long": "The note is longer than the profile allows.",
    "out_of_time": "The note took longer than the profile allows.",
    "marked_in_markup": "Words marked by a person stand inside markup.",
    "kept_by_reviewer": "A person keeps it back.",
    "review_unfinished": "A person has marked words in it and has not decided yet.",
}


def withheld(code: str) -> str:
    """The sentence of a reason to withhold a note; one without a sentence in its own words."""
    if code.startswith("failed_"):
        return "The engine failed at it; to report with the code on the left."
    return _WITHHELD.get(code, code.replace("_", " "))


def epsilon(nano_rho: int) -> str:
    """ε at δ = 10⁻⁶ of a loss, rounded up to two digits: never less than was spent."""
    return f"{math.ceil(epsilon_of(nano_rho) * 100) / 100:.2f}"


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole``, rounded down, so that 100 % means all of it; a dash of nothing."""
    return "–" if whole == 0 else f"{100 * part // whole} %"


def percent_of(fraction: float) -> str:
    """As :func:`percent`, of a share whose counts are not at hand."""
    # Binary fractions lie beside the decimal: 0.29 times 100 is 28.999….
    return f"{math.floor(100 * fraction + 1e-9)} %"


def share(part: int, whole: int, small: int) -> str:
    """As :func:`percent`; of fewer than ``small`` the counts themselves, since a share of few
    says more than it knows.
    """
    return percent(part, whole) if whole >= small or whole == 0 else f"{part:,} of {whole:,}"


def per_100(part: float, whole: int) -> str:
    """How many per hundred, to one digit; more than none is never shown as none."""
    if whole == 0:
        return "–"
    rate = 100 * part / whole
    return "under 0.1" if 0 < rate < 0.05 else f"{rate:.1f}"


def element_label(element: str, dictionary: Dictionary) -> str:
    """The dictionary's label; the load may have been made under an older dictionary."""
    return dictionary.elements[element].label if element in dictionary.elements else element


def form_label(instrument: str, dictionary: Dictionary) -> str:
    """The same for a form."""
    known = dictionary.instruments.get(instrument)
    return instrument if known is None else known.label


def when(moment: datetime) -> str:
    """A time to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in the unit that a person would use."""
    minutes = int((now - moment).total_seconds()) // 60
    if minutes < 1:
        return "just now"
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        count = minutes // size
        if count >= (2 if unit != "minute" else 1):
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
