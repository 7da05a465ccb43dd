"""Month and day with a hyphen and no year ("9-29 20:40"): told from ranges ("2-3 weeks")."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["find_hyphen_days"]

_HYPHEN = re.compile(r"(?<=\d)-(?=\d)")
_TOKEN = re.compile(
    r"(?<![\w/+.:,$#-])(?P<m>0?[1-9]|1[0-2])-(?P<d>0?[1-9]|[12]\d|3[01])(?![\w/%+-])(?!\.\d)(?!:\d)"
)
_TIME = re.compile(
    r",?\s(?:at\s|@\s?)?(?:(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)|\d{1,2}(?::[0-5]\d)?\s?[ap]\.?m\b)"
    r"|,?\s(?:at\s|@\s?)?(?:[01]\d|2[0-3])[0-5]\d(?:\s?(?:h|hrs?|hours)\b|[ \t]*(?:\n|$|[A-Z]))"
)
_CUE = re.compile(
    r"(?i:\b(?:dated?|dos|doa|signed|seen|visit|admitted|discharged?|d/c|dictated|transcribed"
    r"|scheduled|appt|appointment|addendum|since|until|thru|surgery|lmp|collected|drawn|received)"
    r"\s?:?\s?(?:on\s)?)$"
)
_ALONE_BEFORE = re.compile(r"(?:^|\n)[ \t]*$|[ \t]{3}$")
_ALONE_BEHIND = re.compile(r"[ \t]*(?:\n|$)")
_AMOUNT_BEHIND = re.compile(
    r"\s?(?i:days?|weeks?|wks?|months?|mos?|years?|yrs?|hours?|hrs?|min(?:ute)?s?|sec|times|x\b|mg|mcg"
    r"|ml|cc|cm|mm|kg|g\b|lbs?|units?|tabs?|tablets?|pills?|doses?|cycles?|feet|ft|pounds|degrees?"
    r"|percent|per\b|stairs|steps|out\sof|of\b|more|episodes?|beats|packs?|beers?|drinks?|cigar\w*)"
)
_SEEN_BEFORE, _SEEN_BEHIND = 30, 20
_DAY_SURE = 13  # no month, and rarely the end of a short range


def find_hyphen_days(text: str) -> Iterator[re.Match[str]]:
    """Matches with groups m and d: before a time of day, behind a cue, alone in a line or cell."""
    for hyphen in _HYPHEN.finditer(text):
        start = hyphen.start() - 1
        if start > 0 and text[start - 1].isdigit():
            start -= 1
        token = _TOKEN.match(text, start)
        if token is None:
            continue
        before = text[max(0, start - _SEEN_BEFORE) : start]
        behind = text[token.end() : token.end() + _SEEN_BEHIND]
        if _TIME.match(behind):
            yield token
        elif int(token["d"]) >= _DAY_SURE and not _AMOUNT_BEHIND.match(behind):
            alone = _ALONE_BEFORE.search(before) and _ALONE_BEHIND.match(behind)
            if alone or _CUE.search(before):
                yield token
