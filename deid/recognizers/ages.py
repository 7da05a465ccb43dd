"""Ages that Safe Harbor does not allow: over 89, in digits or words, in the usual forms."""

from __future__ import annotations

from collections.abc import Iterator

from deid.misread_ages import with_digits
from deid.recognizers.age_forms import (
    AGE_MAX,
    BESIDE_SEX,
    FORMS,
    IN_LIST,
    LANDMARK,
    LISTS,
    NO_AGE_BEFORE,
    NO_AGE_BEHIND,
    READING_BEFORE,
    READING_BEHIND,
    SENTENCES,
)
from deid.recognizers.age_said import BY_NAME, SAID, SEX_AND_NUMBER
from deid.recognizers.birth_years import find_birth_years
from deid.scan import Windows, finditer
from deid.span import Span
from deid.vocabulary import is_word

__all__ = ["find_ages"]

_PATTERNS = (*FORMS, *BESIDE_SEX, *SENTENCES, *SAID, *BY_NAME, *SEX_AND_NUMBER)
_BESIDE_SEX = frozenset((*BESIDE_SEX, *SEX_AND_NUMBER))
_BY_NAME = frozenset(BY_NAME)
_NUMBER_ONLY = frozenset((*SENTENCES, *SAID, *BY_NAME, *SEX_AND_NUMBER))
_SEEN_BEFORE, _SEEN_BEHIND = 60, 60
_VETO_BEFORE = 50


def find_ages(text: str, cap: int) -> Iterator[Span]:
    """Whole phrases ("103 yo", "aged ninety-two") whose age is at least ``cap``, without overlap:
    "Age 94 yo" is one. Also years of a life or birth that tell such an age.
    """
    text = with_digits(text)
    yield from find_birth_years(text, cap)
    at = end = -1
    for first, last in sorted(_places(text, cap)):
        if first < end:
            end = max(end, last)
            continue
        if at >= 0:
            yield Span(at, end, "AGE", "age")
        at, end = first, last
    if at >= 0:
        yield Span(at, end, "AGE", "age")


def _places(text: str, cap: int) -> Iterator[tuple[int, int]]:
    windows = _windows(text, cap)
    if not windows:
        return
    for pattern in _PATTERNS:
        for match in finditer(pattern, text, windows):
            groups = match.groupdict()
            if not groups.get("words") and not _too_old(groups.get("age"), cap):
                continue
            if pattern in _BESIDE_SEX and _reading(text, match.start("age"), match.end()):
                continue
            if pattern in _BY_NAME and is_word(match["who"]):
                continue
            alone = "age" if groups.get("age") else "words"
            start, end = match.span(alone if pattern in _NUMBER_ONLY else 0)
            if groups.get("vague"):
                start = match.start("vague")
            if groups.get("age") and "\n" in text[start : match.start("age")]:
                start = match.start("age")  # the word stands in another line or cell
            yield start, end
    for pattern in LISTS:
        for match in finditer(pattern, text, windows):
            for number in IN_LIST.finditer(match["list"]):
                if _too_old(number.group(), cap):
                    start = match.start("list")
                    yield start + number.start(), start + number.end()


def _too_old(number: str | None, cap: int) -> bool:
    return number is not None and cap <= int(number) <= AGE_MAX


def _reading(text: str, start: int, end: int) -> bool:
    """Whether it is a temperature ("Temp 98 F with HR 94") or a way walked ("94 m with a cane")."""
    before = NO_AGE_BEFORE.search(text, max(start - _VETO_BEFORE, 0), start)
    return before is not None or NO_AGE_BEHIND.match(text, end) is not None


def _windows(text: str, cap: int) -> Windows:
    windows: list[tuple[int, int]] = []
    for match in LANDMARK.finditer(text):
        word = match.group()
        if word.isdecimal() and (
            not _too_old(word, cap)
            or READING_BEHIND.match(text, match.end())
            or READING_BEFORE.search(text, max(match.start() - 2, 0), match.start())
        ):
            continue
        start = max(match.start() - _SEEN_BEFORE, 0)
        end = min(match.end() + _SEEN_BEHIND, len(text))
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows
