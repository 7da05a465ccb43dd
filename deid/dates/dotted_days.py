"""Month and day with a full stop and no year ("Simulation 10.21", "on 11.12, 11.14 and 11.18"):
only in a note that writes whole dates so (10.28.24), for a measurement looks the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from deid.dates.day_order import writes_day_first
from deid.dates.slash_cues import CUE_LENGTH_MAX, FIRM

__all__ = ["find_dotted_days"]

_WHOLE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}")
_GO = r"(?<![\w.,/+\-$<>=≤≥±~])"
_STOP = (
    r"(?![\w/%°+×\-])(?!\.\d)(?![ \t]?(?:[x×/]\s?\d|[cmµ]?[mgl]s?\b|mcg|kg|lbs?\b|units?\b|c?gy\b"
    r"|iu\b|meq|mmol|cc\b|in\b|h(?:ou)?rs?\b|min|days?\b|w(?:ee)?ks?\b|months?\b|years?\b|percent|k\b|to\s\d))"
)
_MONTH_FIRST = re.compile(
    rf"{_GO}(?P<m>0?[1-9]|1[0-2])\.(?P<d>0[1-9]|[12]\d|3[01]){_STOP}", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    rf"{_GO}(?P<d>0[1-9]|[12]\d|3[01])\.(?P<m>0[1-9]|1[0-2]){_STOP}", re.IGNORECASE
)
_DAY_LATE = re.compile(rf"{_GO}(?P<d>1[3-9]|2\d|3[01])\.(?P<m>0[1-9]|1[0-2]){_STOP}", re.IGNORECASE)
_FIGURES = re.compile(r"(?<!\d)\d{1,2}\.\d\d(?!\d)")
_JOIN = re.compile(r"\s?(?:,\s?(?:and\s|&\s?)?|and|&|through|thru|[-–—→]|->|\+|;)\s?")


def find_dotted_days(text: str, dates: Sequence[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """Matches with groups m and d: behind a cue, or in a list of days that rise or that a whole
    date is part of. ``dates`` are the stretches already known as dates, in order.
    """
    if not any(_WHOLE.fullmatch(text, start, end) for start, end in dates):
        return
    usual, other = _MONTH_FIRST, _DAY_LATE
    if writes_day_first(text, dates):
        usual, other = _DAY_FIRST, _DAY_FIRST
    found = [
        match
        for place in _FIGURES.finditer(text)
        if (match := usual.match(text, place.start()) or other.match(text, place.start()))
        and not any(start < match.end() and match.start() < end for start, end in dates)
    ]
    starts, ends = {start for start, _ in dates}, {end for _, end in dates}
    for run in _runs(text, found):
        first, last = run[0], run[-1]
        cue = text[max(0, first.start() - CUE_LENGTH_MAX) : first.start()]
        rising = len(run) > 1 and all(_in_year(one) < _in_year(two) for one, two in pairwise(run))
        joined = _JOIN.match(text, last.end())
        if (
            rising
            or (FIRM.search(cue) and cue[-2:-1] != "~")
            or (joined is not None and joined.end() in starts)
            or any(
                end in ends and _JOIN.fullmatch(text, end, first.start())
                for end in range(max(0, first.start() - 7), first.start())
            )
        ):
            yield from run


def _runs(text: str, found: Sequence[re.Match[str]]) -> list[list[re.Match[str]]]:
    """The matches; those that only a comma or the like joins are together."""
    runs: list[list[re.Match[str]]] = []
    for match in found:
        if runs and _JOIN.fullmatch(text, runs[-1][-1].end(), match.start()):
            runs[-1].append(match)
        else:
            runs.append([match])
    return runs


def _in_year(match: re.Match[str]) -> tuple[int, int]:
    return int(match["m"]), int(match["d"])
