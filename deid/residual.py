"""The check on what is about to leave: does the output still name the patient?

It is written apart from the recognisers and looks more coarsely than they do, so that a mistake
in one is not repeated in the other. Text that was put in by us is masked before looking. A note
in which anything is found is withheld; the reason names the kind of trace, never its text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deid.birthdate import tells_birth_date
from deid.dates import find_dates
from deid.eponyms import is_clinical, is_clinical_phrase
from deid.patient import PatientMatcher
from deid.plain import Plain
from deid.vocabulary import Folded, is_word

__all__ = ["MASK", "masked", "residual"]

MASK = "\ue000"
_SHAPES = (
    ("residual_ssn", re.compile(r"(?<![\w\-])\d{3}-\d{2}-\d{4}(?![\w\-])")),
    ("residual_email", re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}\.[a-zA-Z]{2,}")),
    ("residual_phone", re.compile(r"(?<![\w.\-])\(?\d{3}\)?[\s.\-]\d{3}[\s.\-]\d{4}(?![\w\-])")),
    (
        "residual_mrn",
        re.compile(
            r"(?i)\b(?:mrn|medical record)(?: (?:number"
            r"|no\.?))?\s?[:#]?\s?[a-z]{0,3}\d{4,}"
        ),
    ),
)


def masked(text: str, replaced: Sequence[tuple[int, int]]) -> str:
    """The output with our own replacements blanked out, same length."""
    pieces: list[str] = []
    at = 0
    for start, end in replaced:
        pieces += [text[at:start], MASK * (end - start)]
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def residual(text: str, replaced: Sequence[tuple[int, int]], matcher: PatientMatcher) -> str | None:
    """The reason to withhold the output ``text``, or None if nothing was found.

    ``replaced`` are the stretches of ``text`` that are surrogates, in order.
    """
    left = Plain(masked(text, replaced)).text
    for reason, pattern in _SHAPES:
        if pattern.search(left):
            return reason
    if _own_number(left, matcher):
        return "residual_identifier"
    birth = matcher.patient.birth_date
    if birth is not None and (
        tells_birth_date(left, birth) or any(one.exact() == birth for one in find_dates(left))
    ):
        return "residual_birth_date"
    return "residual_name" if _own_name(left, matcher) else None


def _own_number(left: str, matcher: PatientMatcher) -> bool:
    """Any of the patient's numbers of five characters on, whatever separates its characters."""
    runs = (
        re.sub(r"[^a-z0-9]", "", run) for run in re.findall(r"[a-z0-9][a-z0-9\-./ ]*", left.lower())
    )
    wanted = [number for number in matcher.numbers if len(number) >= 5]
    if not wanted:
        return False
    return any(number in run for run in runs for number in wanted)


def _own_name(left: str, matcher: PatientMatcher) -> bool:
    """One of the patient's names inside any word that is neither ordinary nor clinical."""
    wanted = [
        name for name in matcher.tokens if len(name) >= 5 and name.isalpha() and not is_word(name)
    ]
    if not wanted:
        return False
    folded = Folded(left)
    for name in wanted:
        for match in re.finditer(re.escape(name), folded.text):
            start, end = folded.origin(*match.span())
            while start > 0 and left[start - 1].isalpha():
                start -= 1
            while end < len(left) and left[end].isalpha():
                end += 1
            inside = end - start > len(name) + 1
            if inside and (is_word(left[start:end]) or is_clinical(left, start, end)):
                continue
            if not is_clinical_phrase(left, start, end):
                return True
    return False
