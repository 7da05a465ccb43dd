"""The patient's birth date in any spelling: numbers in any order, however they are separated.

Apart from :mod:`deid.dates.find` on purpose, and coarser: it reads no grammar, only three numbers
in a row that are the day, the month and the year of one known date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

__all__ = ["tells_birth_date"]

_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_GAP_MAX = 3
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ORDINALS = {
    word: number
    for number, word in enumerate(
        [
            *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
            *("ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth"),
            *("sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"),
        ],
        start=1,
    )
} | {"thirtieth": 30}
_TENS = {"twenty": 20, "thirty": 30}
_SUFFIXES = frozenset(["st", "nd", "rd", "th", "of", "the", "and"])


def tells_birth_date(text: str, birth: date) -> bool:
    """True if ``text`` holds the date as three numbers in a row, or as six or eight digits."""
    year, short = birth.year, birth.year % 100
    orders = {
        order
        for y in (year, short)
        for order in (
            (y, birth.month, birth.day),
            (birth.day, birth.month, y),
            (birth.month, birth.day, y),
        )
    }
    together = {
        birth.strftime(form)
        for form in ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%y%m%d", "%d%m%y", "%m%d%y")
    }
    for run in _runs(text):
        if any(digits in together for _, digits in run):
            return True
        numbers = [number for number, _ in run]
        if any(triple in orders for triple in zip(numbers, numbers[1:], numbers[2:], strict=False)):
            return True
    return False


def _runs(text: str) -> Iterator[list[tuple[int, str]]]:
    """Numbers that stand close together, each with its digits as written."""
    run: list[tuple[int, str]] = []
    end, tens = 0, 0
    for match in _TOKEN.finditer(text):
        token = match.group().casefold()
        if run and match.start() - end > _GAP_MAX:
            yield run
            run = []
        end = match.end()
        if token in _SUFFIXES:
            continue
        if token in _TENS:
            tens = _TENS[token]
            continue
        number = _number(token)
        if number is None:
            yield run
            run, tens = [], 0
            continue
        digits = token if token.isdecimal() else ""
        run.append((number + (tens if token in _ORDINALS else 0), digits))
        tens = 0
    yield run


def _number(token: str) -> int | None:
    if token.isdecimal():
        return int(token) if len(token) <= 8 else None
    if token in _ORDINALS:
        return _ORDINALS[token]
    if token in _ROMAN:
        return _ROMAN.index(token) + 1
    return _MONTHS.index(token[:3]) + 1 if token[:3] in _MONTHS else None
