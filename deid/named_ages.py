"""Ages over 89 behind somebody's name: "Effie, 98", "IRONS, DELBERT  91 M", "Araxie (91)".

A number there is an age by its place alone, and only the finished layers know where names end,
so this runs behind them (:mod:`deid.recognizers.ages` finds those that a word announces).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deid.recognizers.age_forms import AGE_MAX, NO_AGE_BEFORE, NO_AGE_BEHIND, READING_BEHIND
from deid.span import Span

__all__ = ["named_ages"]

_AGE = r"(?P<age>\d{2,3})"
_STATE = r"(?:(?:alive|living|well|now|aged?|still|deceased|dec['’]?d|[MF]),?[ ])?"
# "Effie, 98." "Fannie, alive, 91, Mount Hope" "Delphine (90? no 70)"
_SET_OFF = re.compile(
    rf"(?:[ ]?,[ ]{{1,3}}|[ ]{{0,3}}\(){_STATE}{_AGE}"
    r"(?=\??[ ]?(?:[),.;?]|[MFmf]\b|\n|\Z)|[ ](?:who|and|in|at|from|of|with|lives?|y)\b)"
)
# "opal is 93 and worried"
_IS = re.compile(
    rf"[ ](?:is|was|turns|turned)[ ](?:now[ ])?{_AGE}(?=[ ]?[,.;)\n]|[ ](?:and|but)\b|\Z)"
)
# "DELBERT  91 M", "ILLINGWORTH 96, PALLIATIVE": a room has a number from 100 on
_BESIDE = re.compile(
    rf"[ ]{{1,3}}(?:{_AGE}(?=[ ]?[MF]\b(?![.'’/]))|(?P<nineties>9\d)(?=,[ ][^\W\d]|[ ]?\n|[ ]?\Z))"
)
_SEEN_BEFORE = 50


def named_ages(text: str, spans: Sequence[Span], cap: int) -> Iterator[Span]:
    """Ages of at least ``cap`` behind the people among ``spans``, which are in order without
    overlap; readings ("temp per Roe, 98.6") and amounts are none.
    """
    for span in spans:
        if span.category != "NAME" or not text[span.end - 1].isalpha():
            continue
        match = next(
            (one for form in (_SET_OFF, _IS, _BESIDE) if (one := form.match(text, span.end))), None
        )
        if match is None:
            continue
        group = "age" if match["age"] else "nineties"
        start, end = match.span(group)
        if cap <= int(match[group]) <= AGE_MAX and not _is_reading(text, span.start, end):
            yield Span(start, end, "AGE", "age")


def _is_reading(text: str, start: int, end: int) -> bool:
    return (
        READING_BEHIND.match(text, end) is not None
        or NO_AGE_BEFORE.search(text, max(start - _SEEN_BEFORE, 0), start) is not None
        or NO_AGE_BEHIND.match(text, end) is not None
    )
