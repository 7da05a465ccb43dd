"""Numbers and e-mail addresses of the row that a note writes in part: "last four 9999",
"xxx-xx-9999", "gracie.l@fastmail", "GRACIE.L @ FASTMAIL . COM".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.own.demographics import Patient
from deid.vocabulary import fold

__all__ = ["LastDigits", "cut_emails"]

_TAIL = 4
_WHOLE_MIN = 7  # digits of a number whose last four are asked for
_EMAIL = re.compile(r"([\w.+\-]+)@([\w\-]+(?:\.[\w\-]+)+)")
_MASKED = r"(?:[x*#•·_]{2,5}[\s\-–]{0,2}){1,2}"
_CUE_MAX = 64  # characters
_SAID = (
    r"(?:last|final)\s(?:four|4)(?:\s(?:digits?|of|her|his|the|pt'?s|patient'?s|ssn?|ss\#"
    r"|social(?:\ssecurity)?|number|phone|cell|mrn|are|is|were|was))*\s?[:\#=(\-]?\s{0,2}"
    r"|(?<![a-z])(?:ends?|ending|ended)\s(?:in|with|on)?\s?[:\#]?\s{0,2}"
    r"|(?<![a-z])(?:ssn|ss\#|ss|social(?:\ssecurity)?(?:\s(?:number|no\.?))?)\s?[:\#]?\s{0,2}"
    r"(?:ends?\s(?:in\s|with\s)?)?"
    r"|(?<![a-z])(?:ph|phone|tel|cell|call|ext|extension|x)\.?\s?[:\#]?\s?"
)
_CUE = re.compile(rf"(?:{_SAID})(?:{_MASKED})?$|(?<![a-z0-9]){_MASKED}$")


class LastDigits:
    """Finds the last four digits of long numbers where what stands before says what they are.

    ``numbers`` are those of the row, squashed.
    """

    def __init__(self, numbers: frozenset[str]) -> None:
        self._tails = sorted(
            {one[-_TAIL:] for one in numbers if one.isdigit() and len(one) >= _WHOLE_MIN}
        )

    def find(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where they stand in a folded text."""
        for tail in self._tails:
            at = folded.find(tail)
            while at >= 0:
                end = at + _TAIL
                before = folded[max(0, at - _CUE_MAX) : at]
                if not folded[end : end + 1].isalnum() and _CUE.search(before):
                    yield at, end
                at = folded.find(tail, end)


def cut_emails(patient: Patient) -> re.Pattern[str] | None:
    """The row's e-mail addresses with blanks, signs in words or the end of the domain missing."""
    found = {
        (fold(one[1]), fold(one[2])) for _, value in patient.other for one in _EMAIL.finditer(value)
    }
    dot = r"\s?(?:\.|\(dot\)|\[dot\]|(?<=\s)dot(?=\s))\s?"
    bodies = []
    for local, domain in sorted(found):
        labels = domain.split(".")
        # Each further label may be the first one that is missing.
        rest = "".join(f"(?:{dot}{re.escape(label)}" for label in labels[1:])
        bodies.append(
            dot.join(map(re.escape, local.split(".")))
            + r"\s{0,2}(?:@|\(at\)|\[at\]|(?<=\s)at(?=\s))\s{0,2}"
            + re.escape(labels[0])
            + rest
            + ")?" * (len(labels) - 1)
        )
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(bodies)})(?![a-z0-9])") if bodies else None
