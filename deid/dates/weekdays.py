"""Weekdays apart from a date: in a note whose dates are shifted, one left as it is would tell the
shift modulo seven ("Seen Thursday (3/4/2021)"). A single one moves with the dates; of a schedule
(:mod:`deid.dates.day_letters`) nothing is left.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from deid.dates.day_letters import find_schedules, find_week_parts, is_schedule, without_days
from deid.dates.foreign_weekdays import FOREIGN_WEEKDAY, foreign_weekday
from deid.dates.words import WEEKDAYS

__all__ = ["find_weekdays", "is_weekday", "moved_weekday"]

_NAME = r"(?i:mon|tues|wednes|thurs|fri|satur|sun)(?i:day)"
_SHORT = r"(?:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun|MON|TUES?|WEDS?|THU(?:RS?)?|FRI|SAT|SUN)"
_TWO = r"(?:(?<!\d )(?<!\d)(?:Mo|Tu|We|Th|Fr|Sa|Su))"
# Most weekdays are written in full; "sat" is a verb, "Sat" the saturation, "sun" shines.
_WEEKDAY = re.compile(
    rf"(?<![^\W_])(?:(?P<name>{_NAME})(?=(?i:s)?(?![^\W_]))"
    rf"|(?P<short>{_SHORT}|(?i:mon|tues?|weds?|thu(?:rs?)?|fri)|{_TWO}|sat|sun)(?![^\W_]))"
)
_ABROAD = re.compile(rf"(?<![^\W_]){FOREIGN_WEEKDAY}")
# Behind such a word, and where they are no other words, abbreviations are days without a date too.
_SMALL = r"(?:mon|tues?|weds?|thu(?:rs?)?|fri)"
_SURE = re.compile(
    r"(?<![^\W_])(?:(?P<long>[Tt]ues|TUES|[Tt]hurs?|THURS?|[Ww]eds|WEDS)"
    r"|(?i:next|last|this)[ ](?P<near>(?i:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun))"
    r"|(?i:every|each|q|until|till|by|since|from|through|thru|before|after|due|seen|on)"
    rf"[ ](?P<cued>{_SHORT}|{_SMALL}))(?![^\W_])"
)
_WHOLE = re.compile(rf"{_NAME}|(?i:{_SHORT})|{_TWO}")
_NEAR = re.compile(r"[^\w\n]{1,4}")
_EVENT = (
    r"(?i:clinic|visit|appointment|appt|morning|night|evening|afternoon|session|[ap]\.?m|rounds|call"
    r"|class|shift|follow-?up|f/?u|was|of|the|on)"
)
_NEARLY = re.compile(
    rf"[^\w\n]{{1,4}}(?:[a-z]{{2,12}}[^\w\n]{{1,4}}){{1,2}}|[ ]{_EVENT}[ ,:(]{{1,3}}"
)
_AT_EVENT = re.compile(
    r"[ ](?i:clinic|visit|appointment|appt|morning|night|evening|afternoon|session|rounds|class"
    r"|shift|follow-?up)[ ,:(]{1,3}(?:on[ ])?"
)
_ALSO_WORDS = frozenset({"sat", "sun"})
_SENTENCE_END = re.compile(r"[.;!?]\s|\n")
_BESIDE_DAY_MAX = 60  # characters from "weekend" to the day that it tells
_NUMBERS = {name[:2].lower(): number for number, name in enumerate(WEEKDAYS)}


class _Dates:
    """Places in order and without overlap."""

    def __init__(self, places: Sequence[tuple[int, int]]) -> None:
        self._places = places
        self._starts = [start for start, _ in places]

    def before(self, end: int) -> tuple[int, int] | None:
        """The last one that begins before ``end``."""
        after = bisect_left(self._starts, end)
        return self._places[after - 1] if after else None

    def behind(self, end: int) -> tuple[int, int] | None:
        """The first one that begins at ``end`` or behind it."""
        after = bisect_left(self._starts, end)
        return self._places[after] if after < len(self._places) else None

    def overlap(self, start: int, end: int) -> bool:
        before = self.before(end)
        return before is not None and before[1] > start


def find_weekdays(text: str, dates: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where weekdays stand outside ``dates``, which are in order and without overlap: names,
    schedules, and abbreviations behind a cue or beside a date; also the weekend beside a day.
    """
    known = _Dates(dates)
    found = {*find_schedules(text), *_sure(text), *_names(text, known), *_abroad(text, known)}
    kept: list[tuple[int, int]] = []
    at = 0
    for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
        if start >= at and not known.overlap(start, end):
            kept.append((start, end))
            at = end
    days = _Dates(sorted([*dates, *kept]))
    parts = [place for place in find_week_parts(text) if _beside_day(text, days, *place)]
    yield from sorted([*kept, *parts])


def _beside_day(text: str, days: _Dates, start: int, end: int) -> bool:
    """Whether a weekday or a date stands near, in the same sentence."""
    before, behind = days.before(start), days.behind(end)
    return not days.overlap(start, end) and (
        (before is not None and _in_reach(text[before[1] : start]))
        or (behind is not None and _in_reach(text[end : behind[0]]))
    )


def _in_reach(between: str) -> bool:
    return len(between) <= _BESIDE_DAY_MAX and _SENTENCE_END.search(between) is None


def _sure(text: str) -> Iterator[tuple[int, int]]:
    for match in _SURE.finditer(text):
        yield match.span(match.lastgroup or 0)


def _abroad(text: str, dates: _Dates) -> Iterator[tuple[int, int]]:
    """Weekdays in other languages; with a capital ("Domingo", "Freitag") only beside a date, for
    they are surnames.
    """
    for match in _ABROAD.finditer(text):
        if match.group().islower() or any(_sides(text, dates, *match.span(), _NEAR)):
            yield match.span()


def _sides(
    text: str, dates: _Dates, start: int, end: int, between: re.Pattern[str]
) -> tuple[bool, bool]:
    """Whether only ``between`` separates the place from the date before it, and behind it."""
    before, behind = dates.before(end), dates.behind(end)
    return (
        before is not None and between.fullmatch(text, before[1], start) is not None,
        behind is not None and between.fullmatch(text, end, behind[0]) is not None,
    )


def _names(text: str, dates: _Dates) -> Iterator[tuple[int, int]]:
    for match in _WEEKDAY.finditer(text):
        start, end = match.span()
        if dates.overlap(start, end):
            continue
        if match["short"] and not _is_day(text, match["short"], start, end, dates):
            continue
        yield start, end


def _is_day(text: str, word: str, start: int, end: int, dates: _Dates) -> bool:
    """Whether a short name means a day: what stands between it and a date says so."""
    before, behind = _sides(text, dates, start, end, _NEAR)
    if word in _ALSO_WORDS:
        return behind and text[end] != "." and not text[max(0, start - 3) : start].endswith("O2 ")
    if len(word) == len("Mo"):  # "We" begins a sentence
        return behind or (before and text[start - 1] == "(" and text[end : end + 1] == ")")
    if before or behind:
        return True
    far = _AT_EVENT if word.lower() in _ALSO_WORDS else _NEARLY
    return _sides(text, dates, start, end, far)[1]


def is_weekday(word: str) -> bool:
    """Whether this is a weekday's name or abbreviation or a schedule, and nothing else."""
    return (
        _WHOLE.fullmatch(word) is not None
        or foreign_weekday(word, 0) is not None
        or is_schedule(word)
    )


def moved_weekday(word: str, days: int) -> str:
    """The weekday so many days later, as long and in the same case; of a schedule, "[days]".
    KeyError for other words.
    """
    if (abroad := foreign_weekday(word, days)) is not None:
        return abroad
    if _WHOLE.fullmatch(word) is None and is_schedule(word):
        return without_days(word)
    new = WEEKDAYS[(_NUMBERS[word[:2].lower()] + days) % 7]
    if not word.lower().endswith("day"):
        new = new[: min(len(word), 3)]
    if word.isupper():
        return new.upper()
    return new if word[0].isupper() else new.lower()
