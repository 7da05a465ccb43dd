"""Dates in clinical prose, found.

Forms: ISO (2021-03-04, 2021/3/4, 20210304), figures (3/4/2021, 3-4-21, 3.4.2021, 03 04 2021; day
first where the first number exceeds 12), textual (March 4th, 2021 · 4 March 2021 · 04-MAR-21 ·
4/III/2021 · the fourth of March, twenty twenty-one), ranges (March 3-5, 2021), partial (March 2021
· 03/2021 · '21 · March 4 · spring 2021 · Q3 2021) and, where the context speaks for it, month and
day (on 3/4; on 3.4, where whole dates are written so), a month alone (in March)
or a day alone (on the 14th). Scores and fractions such as 26/30 or 4/5 are not dates
(:mod:`deid.dates.slash_days`). A bare year is none either: Safe Harbor allows it; only a year of
birth is found, for it may tell an age.

Dates joined by a hyphen or a slash are each found: what the forms leave is searched again with the
dates found so far blanked out, then by patterns that only digits bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import get_args

from deid.dates.attacks import of_history
from deid.dates.dotted_days import find_dotted_days
from deid.dates.events import find_events
from deid.dates.feasts import find_feasts
from deid.dates.forms import FORMS, JOINED, Beside, windows
from deid.dates.hyphen_days import find_hyphen_days
from deid.dates.match import DateMatch, read_date
from deid.dates.ordinal_days import find_ordinal_days
from deid.dates.signs import plain_signs
from deid.dates.slash_days import find_slash_days
from deid.dates.worded_days import find_worded_days
from deid.scan import Windows, finditer, merged

_BLANK = "\ue000"
_TOUCHING = re.compile(r"[-–—./]\s?\w")
_YEAR_LEFT = re.compile(
    r"(?<!\d)(?:1[89]|20|21)\d\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))?(?!\d)"
)
# A month at the end of a paragraph, and the number of the next one: "since Sept.\n2. Anaemia".
_NEXT_ITEM = re.compile(r"[^\W\d_](?:\.[ \t]*)?\n(?:[ \t]*\n|(?<=\.\n))[ \t]*\d{1,2}[.)](?=\s)")
_LONGEST = 60  # characters of a date with a year, weekday and blanks included
Form = tuple[str, re.Pattern[str]]
Forms = Sequence[Form]


class _Search:
    """The dates of one text so far, without overlap, and what is left of the text."""

    def __init__(self, text: str) -> None:
        self.text = plain_signs(text)
        self._written = text
        self.found: list[DateMatch] = []
        self._covered = bytearray(len(text))

    def run(self, text: str, stretches: Mapping[Beside, Windows]) -> int:
        """How many dates were added. Earlier forms win over later ones."""
        before = len(self.found)
        for kind, pattern, beside in FORMS:
            for match in finditer(pattern, text, stretches[beside]):
                self.add(kind, match)
        return len(self.found) - before

    def add(self, kind: str, match: re.Match[str]) -> None:
        if _NEXT_ITEM.search(self.text, match.start(), match.end() + 2):
            return
        read = read_date(kind, match, self._written)
        if read is not None:
            self.keep(read)

    def keep(self, read: DateMatch) -> None:
        if self._covered.find(1, read.start, read.end) >= 0:
            return
        self._covered[read.start : read.end] = b"\x01" * (read.end - read.start)
        self.found.append(read)

    def left(self) -> str:
        """The text with what was found blanked out, same length."""
        if not self.found:
            return self.text
        pieces: list[str] = []
        at = 0
        for one in self.in_order():
            pieces += [self.text[at : one.start], _BLANK * (one.end - one.start)]
            at = one.end
        return "".join([*pieces, self.text[at:]])

    def touching(self) -> Windows:
        """Stretches behind a date that is joined to something by a hyphen, dot or slash."""
        ends = sorted(one.end for one in self.found if _TOUCHING.match(self.text, one.end))
        return merged([(end, min(end + 40, len(self.text))) for end in ends])

    def read_again(self, forms: Forms) -> None:
        """Around years of four digits that belong to no date yet, read the text once more from
        the left, the longest way from each place; kept where that covers more of it.
        """
        for first, last in self._years_left():
            old = [one for one in self.found if first < one.end and one.start < last]
            start = min([first, *(one.start for one in old)])
            end = max([last, *(one.end for one in old)])
            new = [
                replace(one, text=self._written) for one in _leftmost(forms, self.text, start, end)
            ]
            new += [
                one for one in old if not any(a.start < one.end and one.start < a.end for a in new)
            ]
            if _length(new) > _length(old):
                for one in old:
                    self.found.remove(one)
                self.found += new
                for one in new:
                    self._covered[one.start : one.end] = b"\x01" * (one.end - one.start)

    def _years_left(self) -> Windows:
        """Stretches around such years."""
        return merged(
            [
                (max(match.start() - 30, 0), min(match.end() + 30, len(self.text)))
                for match in _YEAR_LEFT.finditer(self.text)
                if not self._covered[match.start()]
            ]
        )

    def in_order(self) -> list[DateMatch]:
        return sorted(self.found, key=lambda one: one.start)


def _leftmost(forms: Forms, text: str, start: int, end: int) -> list[DateMatch]:
    """Dates from left to right; of forms that match at the same place the longest counts."""
    found: list[DateMatch] = []
    upcoming = {form: _next(form, text, start, end) for form in forms}
    while reads := [read for read in upcoming.values() if read is not None]:
        best = min(reads, key=lambda one: (one.start, -one.end))
        found.append(best)
        for form, read in upcoming.items():
            if read is not None and read.start < best.end:
                upcoming[form] = _next(form, text, best.end, end)
    return found


def _next(form: Form, text: str, at: int, end: int) -> DateMatch | None:
    """The first date in that form that begins before ``end``."""
    kind, pattern = form
    while match := pattern.search(text, at, end + _LONGEST):
        if match.start() >= end:
            return None
        read = read_date(kind, match, text)
        if read is not None:
            return read
        at = match.start() + 1
    return None


def _length(dates: Sequence[DateMatch]) -> int:
    return sum(one.end - one.start for one in dates)


def find_dates(text: str) -> Iterator[DateMatch]:
    """Every date in the text, in order and without overlap; earlier forms win over later ones."""
    search = _Search(text)
    for feast in find_feasts(search.text, text):
        search.keep(feast)
    plain = search.left()  # the Friday of "Good Friday, 4/2" belongs to no date
    search.run(plain, windows(plain))
    while (behind := search.touching()) and search.run(
        search.left(), dict.fromkeys(get_args(Beside), behind)
    ):
        pass
    search.read_again(JOINED)
    for match in find_slash_days(search.text, [(one.start, one.end) for one in search.in_order()]):
        search.add("loose" if match.groupdict().get("tail") else "day", match)
    for kind, match in find_worded_days(search.text):
        search.add(kind, match)
    for match in find_hyphen_days(search.text):
        search.add("day", match)
    for match in find_dotted_days(search.text, [(one.start, one.end) for one in search.in_order()]):
        search.add("day", match)
    for match in find_ordinal_days(search.text):
        search.add("loose", match)
    for event in find_events(search.text, text, search.in_order()):
        search.keep(event)
    for one in search.in_order():
        yield _as_history(one) if (one.month, one.day) == (9, 11) else one


def _as_history(one: DateMatch) -> DateMatch:
    """The day of the attacks in 2001 as a named day: moved, it would tell the shift."""
    if one.year in (None, 2001) and of_history(one.text, one.start, one.end):
        return replace(one, kind="feast", year=None, month=None, day=None)
    return one


def parse_date(text: str) -> date | None:
    """The one full date that a cell holds ("2021-03-04", "3/4/2021", "4 March 2021 00:00")."""
    plain = text.strip()
    match = next(find_dates(plain), None)
    if match is None or match.start != 0 or match.kind != "full":
        return None
    rest = plain[match.end :]
    return match.exact() if re.fullmatch(r"(?:[T\s]+[\d:.]+\s*(?:[AaPp][Mm]|Z)?)?", rest) else None
