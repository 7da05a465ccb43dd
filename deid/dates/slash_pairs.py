"""Two numbers with a slash between that could be month and day, and what their figures say."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

__all__ = [
    "COMMON_SCALES",
    "DAY_FIRST",
    "GRADED",
    "MONTH_FIRST",
    "ends",
    "is_span_of_days",
    "may_score",
    "pairs",
]

_SLASH = re.compile(r"(?<=\d)/(?=\d)")
_GO = r"(?<![\w/+])(?<!\d[.\-])"
_STOP = r"(?![\w/+%\"”])(?!\.\d)(?!-(?!ish\b|[\s\d>]))"
MONTH_FIRST = re.compile(
    rf"{_GO}(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])"
    rf"(?P<tail>\s?[-–]\s?(?:(?P<m2>0?[1-9]|1[0-2])/)?(?P<d2>0?[1-9]|[12]\d|3[01])(?!/))?{_STOP}"
)
DAY_FIRST = re.compile(rf"{_GO}(?P<d>1[3-9]|2\d|3[01])/(?P<m>0?[1-9]|1[0-2]){_STOP}")
_SCALES = frozenset([2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 25, 30])
GRADED = frozenset([5, 10])
COMMON_SCALES = frozenset([5, 6, 10])


def pairs(text: str, dates: Sequence[tuple[int, int]]) -> list[re.Match[str]]:
    """The pairs of a text that overlap none of ``dates``, which are in order."""
    found: list[re.Match[str]] = []
    at = 0
    for slash in _SLASH.finditer(text):
        start = slash.start() - 1
        if start > 0 and text[start - 1].isdigit():
            start -= 1
        if start < at:
            continue
        token = MONTH_FIRST.match(text, start) or DAY_FIRST.match(text, start)
        if token is None or _overlaps(token, dates):
            continue
        found.append(token)
        at = token.end()
    return found


def _overlaps(token: re.Match[str], dates: Sequence[tuple[int, int]]) -> bool:
    after = bisect_left(dates, (token.end(), 0))
    return after > 0 and dates[after - 1][1] > token.start()


def ends(token: re.Match[str]) -> tuple[int, int] | None:
    """Month and day at the end of a range, where both are written."""
    groups = token.groupdict()
    month, day = groups.get("m2"), groups.get("d2")
    return (int(month), int(day)) if month and day else None


def is_span_of_days(token: re.Match[str]) -> bool:
    """4/12-5/20: the scores and levels of a range (3/10-4/10, 3/4-4/5) share a number."""
    last = ends(token)
    first = (int(token["m"]), int(token["d"]))
    return last is not None and first < last and first[1] not in last


def may_score(token: re.Match[str]) -> bool:
    """Whether the figures could be a score on a usual scale."""
    m, d = int(token["m"]), int(token["d"])
    return token["m"][0] != "0" and token["d"][0] != "0" and m <= d and d in _SCALES
