"""A date that was found, written otherwise: as days from an anchor, as its year, or as another day.

A date without a year gets the one that brings it closest to the days of the note (:class:`Era`).
Safe Harbor takes offsets (DESIGN D14), research profiles shift by days that are the patient's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from deid.dates.match import DateMatch, day_or_none, today
from deid.dates.style import long_form, restyled
from deid.dates.words import MONTHS

_AHEAD_DAYS_MAX = 366
_HISTORY_YEARS_MAX = 40


@dataclass(frozen=True, slots=True)
class Era:
    """When a note speaks: dates without a year lie around ``near``, and ages are told up to
    ``last``.
    """

    near: date
    last: date


def era_of(dates: Sequence[DateMatch], *, birth: date | None, anchor: date | None) -> Era:
    """``last`` is the latest full date, the anchor included; ``near`` the first full date that is
    not long before it, else the anchor. Birth dates do not count, nor do days that are still far
    off (an implant's expiry). Where nothing is left, both are today.
    """
    until = today() + timedelta(days=_AHEAD_DAYS_MAX)
    known = [
        day
        for one in dates
        if (day := one.exact()) is not None
        and day <= until
        and not (one.of_birth or one.is_day(birth))
    ]
    last = max([*known, *([anchor] if anchor is not None else [])], default=today())
    recent = (day for day in known if last.year - day.year <= _HISTORY_YEARS_MAX)
    return Era(next(recent, anchor or last), last)


def offset_text(match: DateMatch, anchor: date, *, near: date | None = None) -> str:
    """The date as days from ``anchor``: "[day +12]", "[day ~-30]" where only the month is known.

    ``near`` supplies the year of a date written without one: the year that comes closest to it.
    """
    year = _closest_year(match, near)
    first, about = match.exact(year), ""
    if first is None and match.kind != "loose":
        if match.month is None or year is None or match.day is not None:
            return year_text(match)
        first, about = date(year, match.month, 15), "~"
    if first is None:
        return year_text(match)
    days = f"{about}{(first - anchor).days:+d}"
    if match.until is not None:
        return f"[day {days} to {about}{(match.until - anchor).days:+d}]"
    return f"[day {days}]"


def year_text(match: DateMatch) -> str:
    """What Safe Harbor leaves of a date when no anchor is known: its year, else "[date]"."""
    if match.year is None:
        return "[date]"
    if match.until is not None and match.until.year != match.year:
        return f"{match.year} to {match.until.year}"
    return str(match.year)


def _closest_year(match: DateMatch, near: date | None) -> int | None:
    if match.year is not None or near is None or match.month is None:
        return match.year
    candidates = [
        day
        for year in (near.year - 1, near.year, near.year + 1)
        if (day := day_or_none(year, match.month, match.day or 15)) is not None
    ]
    return min(candidates, key=lambda day: abs((day - near).days)).year if candidates else None


def shift_text(match: DateMatch, days: int, *, near: date | None = None) -> str:
    """The date moved by ``days`` and written in the same style, weekday included.

    A month without a day moves as its middle would. A bare or apostrophe year stays, and so does
    a season's year; a date that cannot be placed in a year becomes "[date]". A range is written
    with both ends in full, and a day-first date year first where it would be read month first.
    """
    if match.kind in ("quarter", "year", "born"):
        return year_text(match)
    year = _closest_year(match, near)
    if match.kind == "loose" or match.month is None or (year is None and match.kind == "full"):
        return "[date]"
    old = day_or_none(year if year is not None else 2001, match.month, match.day or 15)
    new = _moved(old, days) if old is not None else None
    if new is None:
        return "[date]"
    if match.kind == "months":
        last = _moved(match.until, days) if match.until is not None else None
        return "[date]" if last is None else f"{_month_form(new)} to {_month_form(last)}"
    if match.until is not None:
        last = _moved(match.until, days)
        return "[date]" if last is None else f"{long_form(new)} to {long_form(last)}"
    return restyled(match.match, match.text, match.start, match.end, new)


def _moved(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _month_form(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"
