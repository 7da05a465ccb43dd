"""Whether a note writes the day before the month, told by its dates that can be read one way only.

"from 29/3" has the shape of a duration (15/7 is fifteen days), of an acuity and of a fraction; in
a note of 19/06/2024 it is a day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["day_leads", "writes_day_first"]

_FIGURES = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.]\d{2,4}")
_WORDED = re.compile(r"\d{1,2}(?:st|nd|rd|th)?(?: of)? [A-Z][a-z]{2,8}\.?(?:,? \d{4})?")
_MONTHS_MAX = 12
_DURATIONS = frozenset({"7", "12"})  # of days in weeks, of months in years
_LED = re.compile(r"\b(?=[A-Za-z])(?i:on|by|from|since|until|till|before|due|last|next)\s$")
_AMOUNT = re.compile(
    r"\b(?=[A-Za-z])(?i:va|vision|acuity|snellen|eyes?|o[dsu]|sins|bp|ratio|mirels?|score[sd]?|gcs|mmse|moca"
    r"|fractions?|wks?|weeks?|days?|scale|strength|power)\b[^.;\n]{0,20}$"
)
_AMOUNT_BEHIND = re.compile(
    r"\s?(?:mm|m[gl]\b|mcg|mmhg|weeks?|wks?|days?|months?|post|ago|hx|history|old|course|fractions?|score"
    r"|vision|acuity|points?|pts?\b|nodes?|[x×=(])",
    re.IGNORECASE,
)


def writes_day_first(text: str, dates: Sequence[tuple[int, int]]) -> bool:
    """True where some of ``dates`` are surely written so (19/06/2024, 24 April) and none is surely
    written with the month first.
    """
    leads = False
    for start, end in dates:
        if match := _FIGURES.fullmatch(text, start, end):
            if int(match["b"]) > _MONTHS_MAX:
                return False
            leads = leads or int(match["a"]) > _MONTHS_MAX
        elif _WORDED.fullmatch(text, start, end):
            leads = True
    return leads


def day_leads(token: re.Match[str], before: str, behind: str) -> bool:
    """Whether a pair such as 29/3 in a note that writes the day first is a day."""
    if _AMOUNT.search(before) or _AMOUNT_BEHIND.match(behind):
        return False
    return token["m"] not in _DURATIONS or _LED.search(before) is not None
