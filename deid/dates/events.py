"""Public events beside a day ("The election, 11/3/2020", "DST change 3/14"): everybody knows when
they were, so beside a moved day they would tell the shift. Away from a day they stay.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from deid.dates.match import DateMatch
from deid.scan import Windows, finditer, merged
from deid.vocabulary import cues

__all__ = ["find_events"]

_BEGAN = r"(?i:begins?|began|starts?|started|ends?|ended|over|finished|this year|first day)"
_FEASTS = "|".join(
    re.escape(name).replace(r"\ ", "[ ]")
    for name in sorted(cues("feasts_behind_word"), key=len, reverse=True)
)
_EVENT = re.compile(
    r"(?<![\w-])(?:(?i:the[ ](?:day[ ]of[ ]the[ ])?)?(?i:"
    rf"(?:dst|daylight[ -]savings?(?:[ ]time)?)(?:[ ](?:change|switch|{_BEGAN}))?"
    r"|(?:clock|time)s?[ ]change|clocks[ ](?:changed|went|go|set|turned)[ ](?:back|forward|ahead)"
    r"|spring[ ]forward|fall[ ]back|y2k|millennium"
    r"|(?:us[ ]|general[ ]|presidential[ ]|midterm[ ]|primary[ ]|national[ ])?"
    r"elections?(?:[ ](?:day|night))?"
    r"|inauguration(?:[ ]day)?|brexit(?:[ ]vote)?|super[ ]?bowl|world[ ]cup(?:[ ]final)?|olympics"
    r"|(?:(?:the[ ])?(?:covid(?:-19)?|corona(?:virus)?|pandemic|national|state)[ ])?"
    r"(?:lock-?down|shut-?down|shelter[ -]in[ -]place|stay[ -]at[ -]home[ ]order)"
    r"|(?:total[ ]|solar[ ]|lunar[ ]){1,2}eclipse|leap[ ](?:day|year[ ]day)|tax[ ]day"
    r"|pi[ ]day|capitol[ ]riot"
    r"|(?:first|last)[ ]day[ ]of[ ](?:spring|summer|fall|autumn|winter|the[ ](?:year|month))"
    r"|(?:winter|summer)[ ]solstice|(?:spring|vernal|autumnal?|fall)[ ]equinox|d-day"
    rf")|(?-i:NYE|NYD|VE[ ]Day|Election[ ]Day)|(?P<feast>(?i:{_FEASTS}))(?=[ ]{_BEGAN}))(?![\w-])"
)
_ALWAYS = re.compile(r"\bNY[ED]\b")
_BESIDE_MAX = 40  # characters between the event and the day
_LONGEST = 80  # characters of an event


def find_events(text: str, written: str, dates: Sequence[DateMatch]) -> Iterator[DateMatch]:
    """Events in ``text``, which is ``written`` with plain signs, beside the ``dates``, which are
    in order.
    """
    starts = [one.start for one in dates]
    for match in finditer(_EVENT, text, _windows(text, dates)):
        start, end = match.span()
        after = bisect_left(starts, end)
        near = _ALWAYS.fullmatch(match.group()) is not None
        if after < len(dates):
            near = near or _joined(text, end, dates[after].start)
        if after:
            near = near or _joined(text, dates[after - 1].end, start)
        if near:
            yield DateMatch(start, end, "feast", None, None, None, None, match, written)


def _windows(text: str, dates: Sequence[DateMatch]) -> Windows:
    """Where an event can count, in order and apart."""
    reach = _BESIDE_MAX + _LONGEST
    places = [(max(one.start - reach, 0), min(one.end + reach, len(text))) for one in dates]
    places += [(max(m.start() - 1, 0), min(m.end() + 1, len(text))) for m in _ALWAYS.finditer(text)]
    return merged(sorted(places))


def _joined(text: str, end: int, start: int) -> bool:
    """Whether both stand in one sentence."""
    return 0 <= start - end <= _BESIDE_MAX and not re.search(r"\n|[.;] ", text[end:start])
