"""What a scanner misread in a date without three figures: "Jun l2 2018", "Apri1", "0ct", "5/3O"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deid.dates.words import MONTHS
from deid.scan import AtWords, at_words

__all__ = ["AS_DIGITS", "repaired"]

_LETTERS = str.maketrans("015|", "olsl")
AS_DIGITS = str.maketrans("OoIl|", "00111")
_NAMES = {name.lower(): name for name in (*MONTHS, *(month[:3] for month in MONTHS), "Sept")}
# The sign comes first: re finds it fast. It stands beside a letter, in a word of a month's length.
_IN_WORD = re.compile(r"[015|](?:(?<=[A-Za-z].)|(?=[A-Za-z]))")
_WORD = re.compile(r"[A-Za-z015|]{3,9}")
_BESIDE_MONTH = re.compile(
    r"(?<![A-Za-z])(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s"
    r"(?P<figures>(?:[\dOoIl|]{1,2},?\s)?[12][\dOo][\dOoIl|]{2}|[\dOoIl|]{1,2})(?![\w|/])"
)
_AT_MONTHS: tuple[AtWords, ...] = ((frozenset(_NAMES), _BESIDE_MONTH),)
_PAIR = re.compile(r"/(?<=[\dOIl]/)(?=[\dOIl]{1,2}(?![\w/]))(?=\d|[OIl]\d|\d[OIl])")
_MISREAD = re.compile(r"[OoIl|]")


def repaired(text: str) -> str:
    """The text, of the same length, with months and figures as they were before the scan."""
    text = _put(text, _months(text))  # a month that reads well shows what stands beside it
    return _put(text, sorted([*_figures(text), *_pairs(text)]))


def _put(text: str, places: Sequence[tuple[int, str]]) -> str:
    """The text with new words over the old ones, which start at these places in order."""
    pieces: list[str] = []
    at = 0
    for start, new in places:
        if start >= at:
            pieces += [text[at:start], new]
            at = start + len(new)
    return "".join([*pieces, text[at:]]) if pieces else text


def _months(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for sign in _IN_WORD.finditer(text):
        start = sign.start()
        while start > 0 and sign.start() - start < 9 and _part_of_word(text[start - 1]):
            start -= 1
        word = _WORD.match(text, start)
        if word is None or (start > 0 and text[start - 1].isalnum()):
            continue
        if text[word.end() : word.end() + 1].isalnum() or not any(map(str.isalpha, word.group())):
            continue
        name = _NAMES.get(word.group().lower().translate(_LETTERS))
        if name is not None:
            capitals = not any(map(str.islower, word.group()))
            found.append((start, name.upper() if capitals else name))
    return found


def _part_of_word(char: str) -> bool:
    return (char.isascii() and char.isalpha()) or char in "015|"


def _figures(text: str) -> list[tuple[int, str]]:
    """Day and year beside a month, of which at least one figure was read well."""
    if not _MISREAD.search(text):
        return []
    return [
        (match.start("figures"), match["figures"].translate(AS_DIGITS))
        for match in at_words(text, _AT_MONTHS)[0]
        if _MISREAD.search(match["figures"]) and any(map(str.isdigit, match["figures"]))
    ]


def _pairs(text: str) -> list[tuple[int, str]]:
    """Month and day with a slash: each number has a figure that was read well."""
    found: list[tuple[int, str]] = []
    for slash in _PAIR.finditer(text):
        start, end = slash.start(), slash.end()
        while start > 0 and slash.start() - start < 2 and text[start - 1] in "0123456789OIl":
            start -= 1
        while end < len(text) and end - slash.end() < 2 and text[end] in "0123456789OIl":
            end += 1
        token = text[start:end]
        month, day = token.split("/")
        whole = start == 0 or not (text[start - 1].isalnum() or text[start - 1] in "/.-")
        if whole and _MISREAD.search(token) and _has_figure(month) and _has_figure(day):
            found.append((start, token.translate(AS_DIGITS)))
    return found


def _has_figure(number: str) -> bool:
    return any(map(str.isdigit, number))
