"""Codes that are a date: "DOS: 03042021", "2021-03-04T14", "2000-JAN-01", and with a short prefix
of letters, "RI-2021-03-04T14". They have the shape of record numbers, and as such would lose the
interval to other days. Of a prefix that is no abbreviation the letters are a code still.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from deid.dates.match import DateMatch
from deid.eponyms import is_explained
from deid.span import Span

__all__ = ["DatedCodes"]

_PREFIX = re.compile(r"(?P<letters>[A-Za-z]{1,5})[-_]?")
_PREFIX_MAX = 6  # characters


class DatedCodes:
    """The dates of a text, asked what of a code is one of them."""

    def __init__(self, dates: Sequence[DateMatch]) -> None:
        """``dates`` are in order and without overlap."""
        told = [one for one in dates if one.is_told]
        self._starts = [one.start for one in told]
        self._ends = [one.stamp_end for one in told]
        whole = [one for one in dates if one.year_first]
        self._whole_starts = [one.start for one in whole]
        self._whole_ends = [one.stamp_end for one in whole]

    def without(self, text: str, code: Span) -> Span | None:
        """What of a code is no date: all of it, letters before one, or nothing."""
        at = bisect_right(self._starts, code.start)
        if at and self._ends[at - 1] >= code.end:
            return None
        at = bisect_left(self._whole_starts, code.start)
        if at == len(self._whole_starts) or self._whole_ends[at] < code.end:
            return code
        first = self._whole_starts[at]
        if first == code.start:
            return None
        prefix = _PREFIX.match(text, code.start, min(first, code.start + _PREFIX_MAX))
        if prefix is None or prefix.end() != first:
            return code
        start, end = prefix.span("letters")
        return None if is_explained(text, start, end) else replace(code, end=end)
