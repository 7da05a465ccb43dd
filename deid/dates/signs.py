"""A text as dates are looked for in it: signs that Word, file names and OCR put into a date undone.

Only inside what has the shape of a date are other dashes, slashes and dots written as - / and .,
and letters that were misread for digits (O, o, I, l, |) as these. Lengths stay, so a place in the
copy is the same place in the text.
"""

from __future__ import annotations

import re

from deid.dates.misread import AS_DIGITS, repaired

__all__ = ["plain_signs"]

_DASHES, _SLASHES, _DOTS = "–—‒‑‐−", "∕⁄／\\", "․．"
_SIGNS = str.maketrans(
    {
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_SLASHES, "/"),
        **dict.fromkeys(_DOTS, "."),
    }
)
_OTHER = re.compile(rf"[{_DASHES}{re.escape(_SLASHES)}{_DOTS}]")
_OTHER_SIGNS = re.compile(
    rf"(?P<s>[{_DASHES}{re.escape(_SLASHES)}{_DOTS}])"
    # 3–4–2021 · 2021–03–04 · 4–MAR–21
    r"(?:(?:(?<=[\dIVX].)|(?<=[\dIVX] .))[ ]?"
    r"(?:\d\d?|[A-Za-z]{3,9}|[IVX]{1,4})[ ]?(?P=s)[ ]?\d{1,4}"
    # 3∕4 without a year is a month and day or a score
    r"|(?<=\d[∕⁄／])(?:\d{1,2}|\d{4}))(?!\w)"
)
_MISREAD = re.compile(
    r"(?P<s>[-/.])(?<=[\dOoIl|].)(?P<middle>[\dOoIl|]{1,2})(?P=s)(?P<last>[\dOoIl|]{1,4})(?!\w)"
)
_LIKE_DIGITS = frozenset("0123456789OoIl|")
_FIELD_MAX = 4


def plain_signs(text: str) -> str:
    """The text, of the same length, with the dates in it in plain digits and signs."""
    if _OTHER.search(text):
        text = _OTHER_SIGNS.sub(lambda one: one.group().translate(_SIGNS), text)
    text = repaired(text)
    pieces: list[str] = []
    at = 0
    for match in _MISREAD.finditer(text):
        token = _misread(text, at, match)
        if token is not None:
            start, end = token
            pieces += [text[at:start], text[start:end].translate(AS_DIGITS)]
            at = end
    return "".join([*pieces, text[at:]]) if pieces else text


def _misread(text: str, at: int, match: re.Match[str]) -> tuple[int, int] | None:
    """Where the date with misread digits around ``match`` stands, from ``at`` on; a table's line
    beside it is none. None if there is no such date.
    """
    start, end = match.start(), match.end()
    while start > at and match.start() - start < _FIELD_MAX and text[start - 1] in _LIKE_DIGITS:
        start -= 1
    if match["last"].endswith("|") and end - match.start("last") != _FIELD_MAX:
        end -= 1
    before = text[start - 1 : start]
    while start < match.start() and text[start] == "|":
        start += 1
        before = "|"
    digits = sum(char.isdigit() for char in text[start:end])
    letters = sum(char in "OoIl|" for char in text[start:end])
    # "4/II/2021" has its month in Roman figures.
    if not 0 < letters <= digits or set(match["middle"]) == {"I"}:
        return None
    if before.isalnum() or before in ("/", "-", ".", "_"):
        return None
    first, last = match.start() - start, end - match.start("last")
    of_date = (first in (1, 2) and last in (2, _FIELD_MAX)) or (first == _FIELD_MAX and last <= 2)
    return (start, end) if of_date else None
