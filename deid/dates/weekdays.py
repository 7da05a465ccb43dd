"""Weekdays apart from a date: in a note whose dates are shifted, one left as it is would tell the
shift modulo seven ("Seen Thursday (3/4/2021)").
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from deid.dates.day_letters import find_schedules, is_schedule, moved_schedule
from deid.dates.words import WEEKDAYS

__all__ = ["find_weekdays", "is_weekday", "moved_weekday"]

_NAME = r"(?i:mon|tues|wednes|thurs|fri|satur|sun)(?i:day)"
_SHORT = r"(?:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun|MON|TUES?|WEDS?|THU(?:RS?)?|FRI|SAT|SUN)"
# Most weekdays are written in full; "sat" is a verb, "Sat" the saturation, "sun" shines.
_WEEKDAY = re.compile(
    rf"(?<![^\W_])(?:(?P<name>{_NAME})(?=(?i:s)?(?![^\W_]))|(?P<short>{_SHORT})(?![^\W_]))"
)
# Behind such a word, and where they are no other words, abbreviations are days without a date too.
_SURE = re.compile(
    r"(?<![^\W_])(?:(?P<long>[Tt]ues|TUES|[Tt]hurs?|THURS?|[Ww]eds|WEDS)"
    r"|(?i:every|each|q|next|last|this|until|till|by|since|from|through|thru|before|after|due|seen|on)"
    rf"[ ](?P<cued>{_SHORT}))(?![^\W_])"
)
_WHOLE = re.compile(rf"{_NAME}|{_SHORT}|tues|thurs?|weds")
_NEAR = re.compile(r"[^\w\n]{1,4}")
_NUMBERS = {name[:3].lower(): number for number, name in enumerate(WEEKDAYS)}


def find_weekdays(text: str, dates: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where weekdays stand outside ``dates``, which are in order and without overlap: names,
    schedules, and abbreviations behind a cue or from which only punctuation and blanks lead to a
    date.
    """
    found = {*find_schedules(text), *_sure(text), *_names(text, dates)}
    at = 0
    for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
        if start >= at and not any(first < end and start < last for first, last in dates):
            yield start, end
            at = end


def _sure(text: str) -> Iterator[tuple[int, int]]:
    for match in _SURE.finditer(text):
        yield match.span("long" if match["long"] else "cued")


def _names(text: str, dates: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    starts = [start for start, _ in dates]
    for match in _WEEKDAY.finditer(text):
        start, end = match.span()
        after = bisect_left(starts, end)
        if after and dates[after - 1][1] > start:
            continue
        if match["short"]:
            before = after > 0 and _NEAR.fullmatch(text, dates[after - 1][1], start)
            behind = after < len(dates) and _NEAR.fullmatch(text, end, starts[after])
            if not before and not behind:
                continue
        yield start, end


def is_weekday(word: str) -> bool:
    """Whether this is a weekday's name or abbreviation or a schedule, and nothing else."""
    return _WHOLE.fullmatch(word) is not None or is_schedule(word)


def moved_weekday(word: str, days: int) -> str:
    """The weekday so many days later, as long and in the same case, or the schedule. KeyError for
    other words.
    """
    if is_schedule(word):
        return moved_schedule(word, days)
    new = WEEKDAYS[(_NUMBERS[word[:3].lower()] + days) % 7]
    if not word.lower().endswith("day"):
        new = new[:3]
    if word.isupper():
        return new.upper()
    return new if word[0].isupper() else new.lower()
