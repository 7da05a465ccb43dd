"""Years that tell an age over 89 without naming it: a life ("1905-2001"), a decade of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.dates.find import find_dates
from deid.dates.rewrite import era_of
from deid.scan import at_words
from deid.span import Span

__all__ = ["find_birth_years"]

_LIFE_MAX = 125  # years
_LIFE = re.compile(
    r"(?P<first>1[89]\d\d)(?<![\w/.\-]\d{4})[ \t]?[-–—][ \t]?(?P<last>(?:19|20)\d\d)(?![\w/\-])"
)
_PERSON_BEFORE = re.compile(
    r"(?i:\(|\b(?:(?:grand)?(?:mother|father)|brother|sister|aunt|uncle|husband|wife)\b"
    r"[ \t,:;]{1,3})$"
)
_TENS = {"ten": 10, "twenty": 20, "thirty": 30}
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = dict(
    zip(
        ("eleven", "twelve", *(f"{one}teen" for one in ("thir", "four", "fif", "six", "seven"))),
        range(11, 18),
        strict=True,
    ),
    eighteen=18,
    nineteen=19,
)
_BORN = re.compile(
    r"(?i:\bborn[ \t](?P<when>(?:(?:in|around|about|circa|during)[ \t])?(?:the[ \t])?"
    r"(?:(?:early|mid|late)[ \t-])?(?:(?P<decade>1[89]\d0)['’]?s|nineteen[ \t-]"
    rf"(?:(?:oh|hundred(?:[ \t]and)?)[ \t-](?P<small>{'|'.join(_ONES)})"
    rf"|(?P<teen>{'|'.join(_TEENS)})"
    rf"|(?P<tens>{'|'.join(_TENS)})(?:[ \t-](?P<one>{'|'.join(_ONES)}))?)))\b)"
)


def find_birth_years(text: str, cap: int) -> Iterator[Span]:
    """Years of a life or birth by which somebody reached ``cap``; births against the note's day."""
    for match in _LIFE.finditer(text):
        if cap <= int(match["last"]) - int(match["first"]) <= _LIFE_MAX and _PERSON_BEFORE.search(
            text, max(match.start() - 20, 0), match.start()
        ):
            yield Span(match.start(), match.end(), "AGE", "age")
    (born,) = at_words(text, ((frozenset({"born"}), _BORN),))
    if not born:
        return
    until = era_of(list(find_dates(text)), birth=None, anchor=None).last.year - cap
    for match in born:
        if _latest_year(match) <= until:
            yield Span(*match.span("when"), "AGE", "age")


def _latest_year(match: re.Match[str]) -> int:
    """The last year that the words can mean."""
    if match["decade"]:
        return int(match["decade"]) + 9
    if match["teen"]:
        return 1900 + _TEENS[match["teen"].lower()]
    tens = _TENS[match["tens"].lower()] if match["tens"] else 0
    one = (match["small"] or match["one"] or "").lower()
    return 1900 + tens + (_ONES.index(one) + 1 if one else 0)
