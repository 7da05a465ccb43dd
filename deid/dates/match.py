"""A date as it was read from a text: what the match of a form says about year, month and day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from deid.dates.words import (
    foreign_month_number,
    month_number,
    ordinal_number,
    roman_number,
    spoken_year,
)

__all__ = ["DateMatch", "day_or_none", "read_date", "today"]

_BIRTH_CUE = re.compile(
    r"(?:\b(?i:dob|d\.o\.b|yob|birth|birthday|birthdate|born)\b|\bb\.)\W{0,6}(?:(?i:on|in|is|date)\W{1,3})?$"
)
_DATE_CUE = re.compile(
    r"(?:\b(?i:on|since|until|till|dated?|dob|dos|doa|born|seen|visit|admitted|discharged|admission"
    r"|discharge|surgery|biopsy|from|through)|\b\d{1,4}[-/.]\d\d?[-/.]\d{2,4})"
    r"\W{1,3}(?:(?i:is|was|on|of)\s)?$"
)
# The time of a stamp: T14:30:00.123+01:00, T1430Z, 14:30:00Z
_STAMP = re.compile(
    r"(?:[ ]?[Tt][ ]?(?:[01]\d|2[0-4])(?:[:-]?[0-5]\d(?:[:-]?[0-6]\d(?:[.,]\d{1,9})?)?)?"
    r"|[Tt]\d:[0-5]\d(?::[0-6]\d)?|[ _-](?:[01]\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?)"
    r"(?:[ ]?[Zz]|[ ]?[+\-−]\d\d(?::?[0-5]\d)?)?(?![^\W_])"
)
_YEAR_FIRST = re.compile(r"(?:19|20)\d\d(?:[-/.](?:\d\d|[A-Za-z]{3,9})[-/.]|[A-Za-z]{3})\d")
# Kinds without a day: "planned '23" of a note of 2021 lies ahead.
# Written as no number of anybody is: 11-MAY-1949, March 4 2021, 3/11/24, 02-27-2025, 01.18.24
_PLAINLY = re.compile(
    r".*[A-Za-z]{3}.*|\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}[-–]\d{1,2}[-–]\d{4}|\d{1,2}\.\d{1,2}\.\d{2,4}",
    re.DOTALL,
)
_LONG = frozenset({"year", "month", "months", "quarter"})
_PLANNED_YEARS_MAX = 5
_PAST_CUE = re.compile(
    r"\b(?i:(?:ever\s)?since|back\sin|class\sof|(?:grew|raised)\b[^.;\n]{0,20}\bin)\s$"
)
_LISTED = re.compile(r"&|\b(?:and|or)\b")


@dataclass(frozen=True, slots=True)
class DateMatch:
    """A date in a text. ``year``, ``month`` and ``day`` are None where the text leaves them out;
    ``until`` is the last day of a range (of months: the middle of the last one). ``match`` is in
    the text as it is searched (:mod:`deid.dates.signs`), ``text`` the one that holds the style.
    """

    start: int
    end: int
    kind: str
    year: int | None
    month: int | None
    day: int | None
    until: date | None
    match: re.Match[str]
    text: str

    def exact(self, year: int | None = None) -> date | None:
        """The day meant, taking ``year`` where the text names none; None if it names no day."""
        chosen = self.year if self.year is not None else year
        if self.kind == "loose" or chosen is None or self.month is None or self.day is None:
            return None
        return day_or_none(chosen, self.month, self.day)

    def in_era(self, last: date, birth: date | None) -> DateMatch:
        """A year, season or month of two digits in the century that is meant in a note whose latest
        day is ``last``: some years ahead are planned, but not behind a word for a birth or for
        what is past, nor in the year of the patient's ``birth``. Other dates as they are.
        """
        if self.kind not in _LONG or self.year is None or not self.short_year:
            return self
        own = birth is not None and birth.year % 100 == self.year % 100
        ahead = 1 if own or self.of_birth or self._is_past else _PLANNED_YEARS_MAX
        if self.year <= last.year + ahead:
            return self
        until = self.until
        if until is not None:
            until = day_or_none(until.year - 100, until.month, until.day)
        return replace(self, year=self.year - 100, until=until)

    def earliest(self, last: date) -> date | None:
        """The first day that can be meant: of the month or the year. None without a year.

        A day or birth whose year has two digits does not lie after ``last``, the latest day of the
        note; of other dates :meth:`in_era` tells the century.
        """
        if self.year is None:
            return None
        late = self.short_year and self.kind not in _LONG and self.year > last.year + 1
        year = self.year - 100 if late else self.year
        day = self.day if self.kind != "loose" else None
        return day_or_none(year, self.month or 1, day or 1)

    @property
    def _is_past(self) -> bool:
        start = self.start
        return _PAST_CUE.search(self.match.string, max(0, start - 30), start) is not None

    def is_day(self, day: date | None) -> bool:
        """Whether this is ``day``; a year of two digits may be of any century."""
        if day is None or self.year is None or (self.month, self.day) != (day.month, day.day):
            return False
        return self.year == day.year or (self.short_year and self.year % 100 == day.year % 100)

    @property
    def of_birth(self) -> bool:
        """True behind a word that says this is somebody's birth date."""
        return _BIRTH_CUE.search(self.match.string, max(0, self.start - 30), self.start) is not None

    @property
    def is_told(self) -> bool:
        """True for a full date behind a cue or another date, or before a time of day, and for an
        ISO week: it is no number that looks alike.
        """
        if self.kind == "quarter":
            return "W" in self.match.group()
        if self.kind != "full":
            return False
        if self.stamp_end > self.end:
            return True
        before = self.text[max(0, self.start - 30) : self.start]
        return bool(self.match.groupdict().get("core")) or _DATE_CUE.search(before) is not None

    @property
    def year_first(self) -> bool:
        """True for a day with its year before month and day and signs or letters between
        (2021-03-04, 2000-JAN-01, 2000JAN01), which no number looks like.
        """
        written = self.match.group()
        return self.kind == "full" and _YEAR_FIRST.match(written) is not None

    @property
    def is_plain(self) -> bool:
        """True for a full date in figures with signs, or with the name of a month, which nobody
        would write for a number (but for two figures each with hyphens).
        """
        return self.kind == "full" and _PLAINLY.fullmatch(self.match.group()) is not None

    @property
    def stamp_end(self) -> int:
        """Where the time of day that is written to the day ends (2021-03-04T14:30:00Z), or the
        date itself.
        """
        time = _STAMP.match(self.text, self.end)
        return time.end() if time is not None else self.end

    @property
    def short_year(self) -> bool:
        """True where the year is written with two digits, so that its century is a guess."""
        written = self.match.groupdict().get("y")
        return written is not None and len(written.lstrip("'’‘`")) == 2


def today() -> date:
    """The day it is, in UTC."""
    return datetime.now(tz=UTC).date()


def day_or_none(year: int, month: int, day: int) -> date | None:
    """The day, or None if the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(kind: str, groups: dict[str, str | None]) -> int | None:
    spoken = groups.get("yw")
    if spoken:
        return spoken_year(spoken)
    text = groups.get("y")
    if text is None:
        return None
    digits = text.lstrip("'’‘`")
    if len(digits) == 4:
        return int(digits)
    # Two digits: up to next year, or what can be planned, is this century, above it the last one.
    this_year = today().year
    century = this_year // 100 * 100
    value = century + int(digits)
    ahead = _PLANNED_YEARS_MAX if kind in _LONG else 1
    return value if value <= this_year + ahead else value - 100


def _month(groups: dict[str, str | None]) -> int | None:
    if name := groups.get("mon"):
        return month_number(name)
    if abroad := groups.get("fmon"):
        return foreign_month_number(abroad)
    if figures := groups.get("rom"):
        return roman_number(figures)
    return int(number) if (number := groups.get("m")) else None


def _day(groups: dict[str, str | None]) -> int | None:
    if words := groups.get("dw"):
        return ordinal_number(words)
    return int(number) if (number := groups.get("d")) else None


def _counted(year: int, groups: dict[str, str | None]) -> date | None:
    """The day that is counted from the year's first one, or named by an ISO week."""
    try:
        if number := groups.get("doy"):
            day = date(year, 1, 1) + timedelta(days=int(number) - 1)
            return day if day.year == year else None
        return date.fromisocalendar(year, int(groups["wk"] or 0), int(groups["wd"] or 0))
    except (ValueError, OverflowError):
        return None


def read_date(kind: str, match: re.Match[str], text: str) -> DateMatch | None:
    """What a match of a form in ``text`` says; None for a day that no calendar has."""
    groups = match.groupdict()
    month, day, year = _month(groups), _day(groups), _year(kind, groups)
    if year and (groups.get("doy") or groups.get("wd")):
        counted = _counted(year, groups)
        if counted is None:
            return None
        year, month, day = counted.year, counted.month, counted.day
    if groups.get("mon") and month is None:
        return None
    if month and day and day_or_none(year or 2000, month, day) is None:
        return None
    until = None
    if kind in ("range", "months") and year and month:
        last = groups.get("mon2")
        last_month = (month_number(last) if last else int(groups.get("m2") or month)) or month
        until = day_or_none(year, last_month, int(groups["d2"]) if groups.get("d2") else 15)
        if until is None:
            return None
        if (month, day or 15) > (last_month, until.day):
            # December 30 to January 2, 2022 begins in the year before; "4/5 and 3/9/2021" is a
            # list of two, and "March 5-3" is a slip.
            if _LISTED.search(match.group()):
                return None
            kind, year = (kind, year - 1) if last_month < month else ("loose", year)
    start, end = match.span("core") if groups.get("core") else match.span()
    if text.startswith(")", end) and text.count("(", start, end) > text.count(")", start, end):
        end += 1  # March 4 (2021)
    return DateMatch(start, end, kind, year, month, day, until, match, text)
