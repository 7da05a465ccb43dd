"""Schedules: two days of the week or more without a date of their own ("dialysis MWF", "Tu/Th/Sa",
"clinic Mon-Fri", "Monday through Friday"), and days that come again ("every other Thu").

Dialysis runs on Monday, Wednesday and Friday or on the three days between, offices open from Monday
to Friday: a schedule that moved with the dates would tell the shift modulo seven, and one that
stayed would tell it beside the moved weekday of a visit. So none of it is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from deid.dates.foreign_weekdays import FOREIGN_WEEKDAY

__all__ = ["find_schedules", "find_week_parts", "is_schedule", "without_days"]

_NAMES = ("m mo mon", "t tu tue tues", "w we wed weds", "th thu thur thurs r", "f fr fri")
_NUMBERS = {
    name: number
    for number, names in enumerate((*_NAMES, "s sa sat", "su sun"))
    for name in names.split()
}
# Longest first, for "Th" begins with "T".
_DAY = f"(?i:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
# Run together. "MF" and "WF" are a sex, "MTF" means more.
_TOGETHER = re.compile(
    r"(?<![^\W_])(?:(?i:s?mwf(?:s[au]?)?|mtwthf?|m(?:tu?)?w(?:th|r)f?|tth(?:s(?:at?)?)?|tuth(?:sat?)?"
    r"|twth|twthf|wthf|thfs[au]?|mwth)|Tu?[ ]Th(?:[ ]Sa?t?)?|M[ ]W[ ]F)(?![^\W_])"
)
# The tympanic membrane and plasters are TTS too.
_TTS = re.compile(r"(?<![^\W_])(?:TTS|TRS|tts)(?![^\W_])")
_DIALYSIS = re.compile(r"\b(?i:i?hd|esrd|(?:hemo|haemo)?dialy\w+|schedule|runs|chair)\b")
_APART = (
    rf"(?:[ ]?[/,&+][ ]?|[ ]?[-–—][ ]?(?={_DAY}(?![^\W_]))"
    rf"|,?[ ](?:and|to|thru|through)[ ](?={_DAY}))"
)
_RUN = re.compile(rf"(?<![^\W_])(?<![./-]){_DAY}(?:{_APART}{_DAY}(?![^\W_])){{1,6}}(?![/-]\w)")
_FULL = r"(?i:mon|tues|wednes|thurs|fri|satur|sun)(?i:day)"
_SHORT = r"(?i:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)"
_BETWEEN = (
    r"(?:\.?[ ]?[/,&+–—-][ ]?(?:and[ ]|or[ ]|&[ ]?)?"
    r"|\.?[ ](?:and|or|&|to|through|thru|till?|until|then|plus)[ ]|[ ])"
)
_NAME = rf"(?:{_FULL}s?|{_SHORT})(?![^\W_])"
_NAMED_RUN = re.compile(rf"(?<![^\W_])(?<!O2 ){_NAME}(?:{_BETWEEN}{_NAME}){{1,6}}")
# "Mon through Fri 3/5/2021": the last day of the range belongs to the date.
_RANGE_HEAD = re.compile(rf"(?<![^\W_])(?P<first>{_NAME})(?P<to>[ ]?(?:through|thru|to|[-–—]))")
_RUN_ABROAD = re.compile(
    rf"(?<![^\W_]){FOREIGN_WEEKDAY}"
    r"(?:(?:,?[ ](?:y|et|und|e|en|i|och|og|ve|și|si|a|à|al|au|bis|tot|do|o|ou|oder)[ ]"
    r"|[ ]?[/,–-][ ]?)"
    rf"(?:(?:les?|el|los|il)[ ])?{FOREIGN_WEEKDAY}){{1,6}}"
)
_HOUR = r"\d{1,2}(?::\d\d)?[ ]?(?i:[ap]\.?m?\.?)?"
_AT_HOURS = re.compile(
    rf"(?<![^\W_])(?P<day>{_NAME})(?P<hours>[ ]{_HOUR}[ ]?(?:-|–|to)[ ]?{_HOUR})(?![\w/-])"
)
_NAME_NEXT = re.compile(rf"[ ]?{_NAME}")
_OFTEN = re.compile(
    r"(?i:(?:every|each|q|alternate|alternating)[ ]"
    r"(?:(?:other|second|third|fourth|2nd|3rd|4th)[ ])?)"
)
_AGAIN = re.compile(
    rf"(?<![^\W_])(?:{_OFTEN.pattern}"
    rf"(?:{_FULL}s?|(?i:mon|tues?|weds?|thu(?:rs?)?|fri)|Sat|Sun|SAT|SUN)(?![^\W_])"
    rf"(?:{_BETWEEN}{_NAME}){{0,6}}|{_FULL}s(?![^\W_]))"
)
# Beside a day, the weekend tells as much as its own name.
_WEEK_PART = re.compile(r"(?<![^\W_])(?i:week-?(?:end|day)s?)(?![^\W_])")
_WORD = re.compile(rf"(?:{_FULL}s?|{_SHORT})(?![^\W_])")
_NO_WORK_WEEK = re.compile(r"[ ,]{1,2}(?i:trans|ratio|sex|gender|conver|surg|reassign|couple)")
_WORK_WEEK = re.compile(r"[Mm](?:[ ]?[-–—][ ]?| thr(?:u|ough) )[Ff]")
_SEEN_BEFORE, _SEEN_BEHIND = 40, 20
_SHORTEST_NAME = 3  # letters of "Mon"
_MANY = 3  # days in a row of which single letters can be nothing else
_SURE = frozenset({"th", "tu", "sa", "su", "thu", "tue", "thurs", "tues", "mon", "fri"})
_ALSO_WORDS = frozenset({"sat", "sun", "wed"})
_OF_RANGES = frozenset({"-", "–", "—", "/", "&", "to", "through", "thru"})
_CLAUSE = re.compile(r"[.;\n]")
_DAYS = "[days]"


def find_schedules(text: str) -> Iterator[tuple[int, int]]:
    """Where two days of the week or more are named, or one that comes again; they may overlap."""
    for match in _TOGETHER.finditer(text):
        yield match.span()
    for match in _TTS.finditer(text):
        start, end = match.span()
        before = _CLAUSE.split(text[max(0, start - _SEEN_BEFORE) : start])[-1]
        behind = _CLAUSE.split(text[end : end + _SEEN_BEHIND])[0]
        if _DIALYSIS.search(before) or _DIALYSIS.search(behind):
            yield start, end
    for match in _RUN.finditer(text):
        if _names_days(match.group(), text[match.end() : match.end() + _SEEN_BEHIND]):
            yield match.span()
    for match in _NAMED_RUN.finditer(text):
        if _is_run(match.group()):
            yield match.span()
    for match in _RANGE_HEAD.finditer(text):
        if _NAME_NEXT.match(text, match.end()):
            yield match.span()
    for pattern in (_AGAIN, _RUN_ABROAD, _AT_HOURS):
        for match in pattern.finditer(text):
            yield match.span()


def _is_run(run: str) -> bool:
    """Whether a row of names is no other words: "sat Monday", "sun and fun"."""
    words = list(_WORD.finditer(run))
    gaps = [run[one.end() : then.start()].strip(" .") for one, then in pairwise(words)]
    kinds = {one.group().lower().endswith(("day", "days")) for one in words}
    if "" in gaps and (len(kinds) > 1 or (run.islower() and len(words) < _MANY)):
        return False
    first = words[0].group()
    return first not in _ALSO_WORDS or gaps[0] in _OF_RANGES or len(words) >= _MANY


def _names_days(run: str, behind: str) -> bool:
    """Whether a run of letters is no sex, score or abbreviation."""
    words = [one for one in re.findall(r"[A-Za-z]+", run) if one.lower() in _NUMBERS]
    days = [_NUMBERS[one.lower()] for one in words]
    if len(set(days)) != len(days) or all(len(one) >= _SHORTEST_NAME for one in words):
        return False
    if _WORK_WEEK.fullmatch(run):
        return _NO_WORK_WEEK.match(behind) is None
    if days[0] == _NUMBERS["su"]:
        days[0] = -1
    in_order = all(first < then for first, then in pairwise(days))
    sure = not _SURE.isdisjoint(one.lower() for one in words) and run[0].isupper()
    return in_order and (len(words) >= _MANY or sure)


def is_schedule(words: str) -> bool:
    """Whether this is a schedule, or a part of the week, and nothing else."""
    return (
        _TTS.fullmatch(words) is not None
        or _WEEK_PART.fullmatch(words) is not None
        or _RANGE_HEAD.fullmatch(words) is not None
        or (0, len(words)) in find_schedules(words)
    )


def find_week_parts(text: str) -> Iterator[tuple[int, int]]:
    """Where the weekend or weekdays are named."""
    for match in _WEEK_PART.finditer(text):
        yield match.span()


def without_days(words: str) -> str:
    """The schedule with "[days]" for its days; "every other", "through" and hours stay."""
    if (head := _RANGE_HEAD.fullmatch(words)) is not None:
        return _DAYS + head["to"]
    if (opening := _AT_HOURS.fullmatch(words)) is not None:
        return _DAYS + opening["hours"]
    often = _OFTEN.match(words)
    return (often.group() if often else "") + _DAYS
