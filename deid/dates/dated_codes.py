"""Codes that are a date: "DOS: 03042021", "2021-03-04T14", "2000-JAN-01", and with a short prefix
of letters, "RI-2021-03-04T14"; a day behind a label ("REPORTED: 13-MAR-2024", "path: 3/11/24"),
and eight figures in a field of their own that is named for no number ("DATE DX|20240311"). They
have the shape of record numbers, and as such would lose the interval to other days. Of a prefix
that is no abbreviation the letters are a code still.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from deid.dates.match import DateMatch
from deid.eponyms import is_explained
from deid.span import Span
from deid.vocabulary import cues

__all__ = ["DatedCodes"]

_PREFIX = re.compile(r"(?P<letters>[A-Za-z]{1,5})[-_]?")
_PREFIX_MAX = 6  # characters
_TIME = re.compile(r"[ \t]{1,3}(?:[01]\d|2[0-4])[0-5]\d")
_BLANKS = re.compile(r"[ \t]+")
_SIX_OR_EIGHT = re.compile(r"(?:19\d\d|20[0-3]\d)\d{4}|\d\d?-\d\d?-\d\d")
# What a field is called: the word before its number.
_LABEL = re.compile(r"(#|[A-Za-z]+)[ \t]?[.:=#]{0,20}[ \t]{0,5}\|?[ \t]{0,3}$")
_LABEL_MAX = 40
_NUMBERS = frozenset(
    {
        "#",
        "id",
        "no",
        "nr",
        "num",
        "number",
        "chart",
        "record",
        "unit",
        "case",
        "hospital",
        "patient",
        "pt",
    }
)
_TELEPHONES = frozenset(
    {"phone", "telephone", "tel", "ph", "fax", "cell", "mobile", "mob", "pager", "beeper", "bleep"}
    | {"call", "callback", "text", "dial", "ext", "number", "no", "#"}
)
_CODE_MIN = 4  # characters; behind a date, less is the hour or a page


class DatedCodes:
    """The dates of a text, asked what of a code is one of them."""

    def __init__(self, dates: Sequence[DateMatch]) -> None:
        """``dates`` are in order and without overlap."""
        told = [one for one in dates if one.is_told or one.is_plain]
        self._starts = [one.start for one in told]
        self._ends = [one.stamp_end for one in told]
        self._signed = {one.start: one.stamp_end for one in dates if one.kind == "full"}
        whole = [one for one in dates if one.year_first]
        self._whole_starts = [one.start for one in whole]
        self._whole_ends = [one.stamp_end for one in whole]

    def without(self, text: str, code: Span) -> Span | None:
        """What of a code is no date: all of it, letters before one, or nothing."""
        at = bisect_right(self._starts, code.start)
        if at and self._ends[at - 1] >= code.end:
            return None
        if (end := self._signed.get(code.start)) is not None:
            if _TIME.fullmatch(text, end, code.end):
                return None
            if end == code.end and self._is_day(text, code):
                return None
            blanks = _BLANKS.match(text, end, code.end)
            if blanks is not None and code.end - blanks.end() < _CODE_MIN:
                return None
            if blanks is not None and at and self._starts[at - 1] == code.start:
                return self.without(text, replace(code, start=blanks.end()))
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

    @staticmethod
    def _is_day(text: str, code: Span) -> bool:
        """Whether what is a date by its figures, without a cue, is one: all of the shape of a
        telephone number, and eight figures or three times two, but for what a label calls a number.
        """
        telephone = code.category == "CONTACT"
        if not telephone and not _SIX_OR_EIGHT.fullmatch(text, code.start, code.end):
            return False
        label = _LABEL.search(text, max(code.start - _LABEL_MAX, 0), code.start)
        if label is None:
            return True
        word = label[1].lower()
        return word not in _TELEPHONES if telephone else not _names_a_number(word)


def _names_a_number(word: str) -> bool:
    return word in _NUMBERS or word in cues("number_labels_sure")
