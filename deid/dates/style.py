"""Writing another day over a date in the style of the original."""

from __future__ import annotations

import re
from datetime import date

from deid.dates.words import MONTHS, WEEKDAYS, foreign_month, roman

__all__ = ["long_form", "restyled"]

_SUFFIX = re.compile(r"\s?(?i:st|nd|rd|th)\b|er\b|[ºª]")
_GROUPS = ("w", "mon", "fmon", "rom", "m", "d", "dw", "doy", "wk", "wd", "y", "yw")
_COUNTED = {"doy": "%j", "wk": "%V", "wd": "%u"}
"""Day of the year, ISO week and its day."""


def restyled(source: re.Match[str], text: str, start: int, end: int, new: date) -> str:
    """``new`` over the year, month, day and weekday of ``source``, keeping the rest of ``text``
    from ``start`` to ``end``.

    Numbers with the day first are read so only because the day exceeded 12. Where the new one
    does not, the date is written year first with the same separators, else it would read as
    another day: 25/12/2020 becomes 2021/01/04, and 25/12 becomes January 4.
    """
    present = source.groupdict()
    if new.day <= 12 and _day_first_in_figures(source):
        if not present.get("y"):
            return f"{MONTHS[new.month - 1]} {new.day}"
        separator = text[source.end("d") : source.start("m")].strip()
        weekday = _styled("w", present["w"], new, new.year) + " " if present.get("w") else ""
        return weekday + separator.join((f"{new:%Y}", f"{new:%m}", f"{new:%d}"))
    pieces: list[str] = []
    at = start
    groups = [group for group in _GROUPS if present.get(group)]
    for group in sorted(groups, key=source.start):
        first, last = source.span(group)
        old = source[group]
        if group == "d" and (present.get("mon") or present.get("fmon")) and not old.startswith("0"):
            old = "1"  # beside a name, a day is padded only where the original was
        year = new.isocalendar().year if present.get("wk") else new.year
        pieces += [text[at:first], _styled(group, old, new, year)]
        at = last
        suffix = _SUFFIX.match(text, at) if group == "d" else None
        if suffix is not None and suffix.end() <= end:
            at = suffix.end()
            # "1er mars" has it for the first alone.
            pieces.append("" if present.get("fmon") else _ordinal(new.day))
    pieces.append(text[at:end])
    return "".join(pieces)


def long_form(day: date) -> str:
    """The day as in March 4, 2021."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def _day_first_in_figures(source: re.Match[str]) -> bool:
    present = source.groupdict()
    return bool(
        present.get("m") and present.get("d") and source.start("d") < source.start("m")
    ) and (not present.get("y") or source.start("m") < source.start("y"))


def _cased(name: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return name.upper()
    return name if like[0].isupper() else name.lower()


def _styled(group: str, old: str, new: date, year: int) -> str:
    if group == "y":
        return f"{year:04d}" if len(old) == 4 else old[:-2] + f"{year % 100:02d}"
    if group == "yw":
        return f"{new.year:04d}"
    if group == "dw":
        return f"{new.day}{_ordinal(new.day)}"
    if group in _COUNTED:
        return new.strftime(_COUNTED[group])
    if group == "fmon":
        name = foreign_month(new.month, old)
        return name.upper() if old.isupper() else name.capitalize() if old[0].isupper() else name
    if group == "rom":
        return roman(new.month, old)
    if group in ("m", "d"):
        value = new.month if group == "m" else new.day
        return f"{value:02d}" if len(old) == 2 else str(value)
    name = MONTHS[new.month - 1] if group == "mon" else WEEKDAYS[new.weekday()]
    known = MONTHS if group == "mon" else WEEKDAYS
    # A slip of the month ("Febuary") is longer than any abbreviation.
    full = old.lower() in (word.lower() for word in known) or (group == "mon" and len(old) > 4)
    return _cased(name if full else name[:3], old)


def _ordinal(day: int) -> str:
    if 11 <= day <= 13:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
