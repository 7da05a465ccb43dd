"""Schedules in letters and short names ("dialysis MWF", "Tu/Th/Sa", "clinic Mon-Fri"): where they
stand, and the same schedule some days later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

__all__ = ["find_schedules", "is_schedule", "moved_schedule"]

_WRITTEN = ("M", "T", "W", "Th", "F", "Sa", "Su")
_NAMES = ("m mo mon", "t tu tue tues", "w we wed weds", "th thu thur thurs r", "f fr fri")
_NUMBERS = {
    name: number
    for number, names in enumerate((*_NAMES, "s sa sat", "su sun"))
    for name in names.split()
}
# Longest first, for "Th" begins with "T".
_DAY = f"(?i:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_TOKEN = re.compile(_DAY)
# Run together. "MF" and "WF" are a sex, "TTS" and "MTF" mean more: they need dialysis in front.
_TOGETHER = re.compile(
    r"(?<![^\W_])(?:(?i:s?mwf(?:s[au]?)?|mtwthf?|m(?:tu?)?w(?:th|r)f?|tth(?:s(?:at?)?)?|tuth(?:sat?)?"
    r"|twth|twthf|wthf|thfs[au]?|mwth)|(?:(?<=HD )|(?<=[Dd]ialysis )|(?<=DIALYSIS ))TTS)(?![^\W_])"
)
_APART = rf"(?:[ ]?[/,&+][ ]?|[-–](?!\s)|,?[ ](?:and|to|thru|through)[ ](?={_DAY}))"
_RUN = re.compile(rf"(?<![^\W_])(?<![./-]){_DAY}(?:{_APART}{_DAY}(?![^\W_])){{1,6}}(?![/-]\w)")
_WORK_WEEK_BEHIND = re.compile(r"[ ,]{1,2}\(?(?:\d|from|only|at|by|hours|office|during)|[.;)\n]|$")
_SEEN_BEHIND = 12
_SHORTEST_NAME = 3  # letters of "Mon"
_MANY = 3  # days in a row of which single letters can be nothing else
_SURE = frozenset({"th", "tu", "sa", "su", "thu", "tue", "thurs", "tues"})


def find_schedules(text: str) -> Iterator[tuple[int, int]]:
    """Where letters or short names name two days of the week or more."""
    for match in _TOGETHER.finditer(text):
        yield match.span()
    for match in _RUN.finditer(text):
        if _names_days(match.group(), text[match.end() : match.end() + _SEEN_BEHIND]):
            yield match.span()


def _names_days(run: str, behind: str) -> bool:
    """Whether a run of letters is no sex, score or abbreviation."""
    words = [one for one in re.findall(r"[A-Za-z]+", run) if one.lower() in _NUMBERS]
    days = [_NUMBERS[one.lower()] for one in words]
    if len(set(days)) != len(days):
        return False
    if all(len(one) >= _SHORTEST_NAME for one in words):
        return any(one[0].isupper() for one in words) or len(words) >= _MANY
    if run in ("M-F", "M–F"):
        return _WORK_WEEK_BEHIND.match(behind) is not None
    if days[0] == _NUMBERS["su"]:
        days[0] = -1
    in_order = all(first < then for first, then in pairwise(days))
    sure = not _SURE.isdisjoint(one.lower() for one in words) and run[0].isupper()
    return in_order and (len(words) >= _MANY or sure)


def is_schedule(words: str) -> bool:
    """Whether this is a schedule and nothing else."""
    return words == "TTS" or (0, len(words)) in find_schedules(words)


def moved_schedule(words: str, days: int) -> str:
    """Each day so many days later, with the same signs and words between them."""
    if words == "TTS":
        words = "TThS"

    def moved(match: re.Match[str]) -> str:
        new = _WRITTEN[(_NUMBERS[match.group().lower()] + days) % 7]
        return new if match.group()[0].isupper() else new.lower()

    pieces = re.split(r"(?<![A-Za-z])(and|to|thru|through)(?![A-Za-z])", words)
    return "".join(
        piece if index % 2 else _TOKEN.sub(moved, piece) for index, piece in enumerate(pieces)
    )
