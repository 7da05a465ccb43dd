"""Which strptime format a column's dates have, and whether day and month can be told apart."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.registry.sitemap import EPIC_DAYS

__all__ = ["Dates", "read_dates"]

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?")
_MAYBE = re.compile(r"(?=.*\d)[\w/.,:\- ]{6,32}")
_NUMBER = re.compile(r"\d{5}(\.0*)?")
_EPIC_START = date(1840, 12, 31)
_SHARE_MIN = 0.9
_YEARS = range(1880, 2101)
_TRIED_MAX = 400
_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DAYS = (
    *(
        order.replace("/", mark)
        for mark in ("/", "-", ".")
        for order in ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%Y/%m/%d")
    ),
    *("%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
    "%Y%m%d",
)


@dataclass(frozen=True)
class Dates:
    """``format`` None: YYYY-MM-DD, as the load reads it by itself. ``other`` is the format that
    fits as well, day and month the other way round. ``share`` of the values fit.
    """

    format: str | None
    share: float
    other: str | None = None

    @property
    def order(self) -> str | None:
        """``day`` or ``month`` first, where the format begins with one of them in digits."""
        start = (self.format or "")[:2]
        return {"%d": "day", "%m": "month"}.get(start)

    @property
    def turned(self) -> Dates:
        """The other reading."""
        return self if self.other is None else Dates(self.other, self.share, self.format)


def _reads(value: str, pattern: str) -> bool:
    try:
        return datetime.strptime(value, pattern).year in _YEARS  # noqa: DTZ007 - only the date
    except ValueError:
        return False


def _day_number(value: str) -> bool:
    """From 1880 to 2100, of days since 1840-12-31."""
    days = value.partition(".")[0] if _NUMBER.fullmatch(value) else "0"
    return (_EPIC_START + timedelta(int(days))).year in _YEARS


def read_dates(values: Collection[str], *, epic: bool = False) -> Dates | None:
    """The format that reads nearly all of the distinct ``values``; None if they are no dates.
    ``epic``: they may be day numbers.
    """
    tried = list(values)[:_TRIED_MAX]
    if not tried:
        return None
    days = sum(map(_day_number, tried)) / len(tried) if epic else 0.0
    if days >= _SHARE_MIN:
        return Dates(EPIC_DAYS, days)
    iso = sum(_ISO.fullmatch(value) is not None for value in tried) / len(tried)
    if iso >= _SHARE_MIN:
        return Dates(None, iso)
    if sum(_MAYBE.fullmatch(value) is not None for value in tried) < _SHARE_MIN * len(tried):
        return None
    shares: dict[str, float] = {}
    for day in _DAYS:
        for time in _TIMES:
            pattern = day + time
            start = tried[:8]
            if not any(_reads(value, pattern) for value in start):
                continue
            shares[pattern] = sum(_reads(value, pattern) for value in tried) / len(tried)
    if not shares or max(shares.values()) < _SHARE_MIN:
        return None
    best = max(shares, key=lambda pattern: shares[pattern])
    if best == "%Y%m%d" and len(tried) < 3:
        return None
    turned = _turned(best)
    same = turned is not None and shares.get(turned, 0.0) == shares[best]
    return Dates(best, shares[best], turned if same else None)


def _turned(pattern: str) -> str | None:
    if pattern[:2] not in ("%d", "%m") or pattern[3:5] not in ("%d", "%m"):
        return None
    return pattern[3:5] + pattern[2] + pattern[:2] + pattern[5:]
