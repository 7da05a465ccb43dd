"""Dates in clinical prose: find them, shift them in their own style, or write them as offsets.

Forms: ISO (2021-03-04, 2021/3/4, 20210304), US (3/4/2021, 3-4-21, 3.4.2021; day first where the
first number exceeds 12), textual (March 4th, 2021 · 4 March 2021 · 04-MAR-21 · Mar 4 '21), ranges
(March 3-5, 2021), partial (March 2021 · 03/2021 · '21 · March 4 · spring 2021 · Q3 2021) and,
behind a cue word, month and day (on 3/4) or a month alone (in March). Scores and fractions such
as 26/30 or 4/5 are not dates. A bare year is none either: Safe Harbor allows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from deid.date_forms import FORMS, LANDMARK, MONTHS, WEEKDAYS
from deid.scan import around, finditer

__all__ = [
    "DateMatch",
    "find_dates",
    "offset_text",
    "parse_date",
    "shift_text",
    "today",
    "year_text",
]

_NUMBER = {name[:3].lower(): index + 1 for index, name in enumerate(MONTHS)}


@dataclass(frozen=True, slots=True)
class DateMatch:
    """A date in a text. ``year``, ``month`` and ``day`` are None where the text leaves them out;
    ``until`` is the last day of a range. ``match`` keeps the style in which it was written.
    """

    start: int
    end: int
    kind: str
    year: int | None
    month: int | None
    day: int | None
    until: date | None
    match: re.Match[str]

    def exact(self, year: int | None = None) -> date | None:
        """The day meant, taking ``year`` where the text names none; None if it names no day."""
        chosen = self.year if self.year is not None else year
        if self.kind == "loose" or chosen is None or self.month is None or self.day is None:
            return None
        return _date(chosen, self.month, self.day)


def today() -> date:
    """The day it is, in UTC."""
    return datetime.now(tz=UTC).date()


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.lstrip("'’‘`")
    if len(digits) == 4:
        return int(digits)
    # Two digits: up to next year is this century, above it the last one.
    this_year = today().year
    century = this_year // 100 * 100
    value = century + int(digits)
    return value if value <= this_year + 1 else value - 100


def _read(kind: str, match: re.Match[str]) -> DateMatch | None:
    groups = match.groupdict()
    mon = groups.get("mon")
    month = _NUMBER.get(mon[:3].lower()) if mon else None
    if mon and month is None:
        return None
    if groups.get("m"):
        month = int(groups["m"])
    day = int(groups["d"]) if groups.get("d") else None
    year = _year(groups.get("y"))
    until = None
    if month and day and _date(year or 2000, month, day) is None:
        return None
    if kind == "range" and year and month:
        last = groups.get("mon2")
        month_last = _NUMBER[last[:3].lower()] if last else int(groups.get("m2") or month)
        until = _date(year, month_last, int(groups["d2"]))
        if until is None:
            return None
    start, end = match.span("core") if groups.get("core") else match.span()
    return DateMatch(start, end, kind, year, month, day, until, match)


def find_dates(text: str) -> Iterator[DateMatch]:
    """Every date in the text, in order and without overlap; earlier forms win over later ones."""
    found: list[DateMatch] = []
    covered = bytearray(len(text))
    windows = around(text, LANDMARK, 60, 80)
    for kind, pattern in FORMS:
        for match in finditer(pattern, text, windows):
            read = _read(kind, match)
            if read is None or covered.find(1, read.start, read.end) >= 0:
                continue
            covered[read.start : read.end] = b"\x01" * (read.end - read.start)
            found.append(read)
    yield from sorted(found, key=lambda one: one.start)


def parse_date(text: str) -> date | None:
    """The one full date that a cell holds ("2021-03-04", "3/4/2021", "4 March 2021 00:00")."""
    plain = text.strip()
    match = next(find_dates(plain), None)
    if match is None or match.start != 0 or match.kind != "full":
        return None
    rest = plain[match.end :]
    return match.exact() if re.fullmatch(r"(?:[T\s]+[\d:.]+\s*(?:[AaPp][Mm]|Z)?)?", rest) else None


def offset_text(match: DateMatch, anchor: date, *, near: date | None = None) -> str:
    """The date as days from ``anchor``: "[day +12]", "[day ~-30]" where only the month is known.

    ``near`` supplies the year of a date written without one: the year that comes closest to it.
    """
    year = _closest_year(match, near)
    exact = match.exact(year)
    if exact is not None:
        days = f"{(exact - anchor).days:+d}"
        if match.until is not None:
            return f"[day {days} to {(match.until - anchor).days:+d}]"
        return f"[day {days}]"
    if match.month is not None and year is not None and match.day is None:
        middle = date(year, match.month, 15)
        return f"[day ~{(middle - anchor).days:+d}]"
    return year_text(match)


def year_text(match: DateMatch) -> str:
    """What Safe Harbor leaves of a date when no anchor is known: its year, else "[date]"."""
    return str(match.year) if match.year is not None else "[date]"


def _closest_year(match: DateMatch, near: date | None) -> int | None:
    if match.year is not None or near is None or match.month is None:
        return match.year
    candidates = [
        day
        for year in (near.year - 1, near.year, near.year + 1)
        if (day := _date(year, match.month, match.day or 15)) is not None
    ]
    return min(candidates, key=lambda day: abs((day - near).days)).year if candidates else None


def shift_text(match: DateMatch, days: int, *, near: date | None = None) -> str:
    """The date moved by ``days`` and written in the same style, weekday included.

    A month without a day moves as its middle would. A bare or apostrophe year stays, and so does
    a season's year; a date that cannot be placed in a year becomes "[date]".
    """
    if match.kind in ("quarter", "year"):
        return year_text(match)
    year = _closest_year(match, near)
    if match.kind == "loose" or match.month is None or (year is None and match.kind == "full"):
        return "[date]"
    old = _date(year if year is not None else 2001, match.month, match.day or 15)
    if old is None:
        return "[date]"
    new = _moved(old, days)
    if new is None:
        return "[date]"
    if match.until is not None:
        last = _moved(match.until, days)
        return "[date]" if last is None else f"{_long(new)} to {_long(last)}"
    return _restyled(match, new)


def _moved(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _long(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def _cased(name: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return name.upper()
    return name if like[0].isupper() else name.lower()


def _styled(group: str, old: str, new: date) -> str:
    if group == "y":
        if len(old) == 4:
            return f"{new.year:04d}"
        return old[:-2] + f"{new.year % 100:02d}"
    if group in ("m", "d"):
        value = new.month if group == "m" else new.day
        return f"{value:02d}" if len(old) == 2 else str(value)
    name = MONTHS[new.month - 1] if group == "mon" else WEEKDAYS[new.weekday()]
    known = MONTHS if group == "mon" else WEEKDAYS
    full = old.lower() in (word.lower() for word in known) and old.lower() != "may"
    return _cased(name if full or old.lower() == "may" else name[:3], old)


def _restyled(match: DateMatch, new: date) -> str:
    """Write ``new`` over the year, month, day and weekday of the original, keeping the rest."""
    source = match.match
    text = source.string
    pieces: list[str] = []
    at = match.start
    present = source.groupdict()
    groups = [group for group in ("w", "mon", "m", "d", "y") if present.get(group)]
    for group in sorted(groups, key=source.start):
        start, end = source.span(group)
        pieces.append(text[at:start])
        pieces.append(_styled(group, text[start:end], new))
        at = end
        if group == "d" and re.match(r"\s?(?i:st|nd|rd|th)\b", text[at:]):
            suffix = re.match(r"\s?[A-Za-z]{2}", text[at:])
            at += len(suffix.group()) if suffix else 0
            pieces.append(_ordinal(new.day))
    pieces.append(text[at : match.end])
    return "".join(pieces)


def _ordinal(day: int) -> str:
    if 11 <= day <= 13:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
