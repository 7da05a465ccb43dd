"""Ages that Safe Harbor does not allow: over 89, in digits or words, in the usual forms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.span import Span

__all__ = ["find_ages"]

_N = r"(?P<age>\d{2,3})"
_OLD = (
    r"(?:[\s-]?(?:years?|yrs?|y)\.?[\s-]?(?:old|o\.?\b|of[\s-]age)|[\s-]?y\.?/?\s?o\.?\b"
    r"|[\s-]?yo[mf]?\b|[\s-]?years? young)"
)
_WORD = (
    r"(?P<words>ninety(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?:a|one)[\s-]hundred(?:[\s-](?:and[\s-])?(?:one|two|three|four|five|six|seven"
    r"|eight|nine|ten))?)"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w.]){_N}{_OLD}",
        rf"\b(?:age|aged|ages)[ \t]{{0,5}}(?:[:=]|of|is|was)?[ \t]{{0,5}}{_N}(?![\w%])(?!\.\d)",
        (
            rf"\b(?:at|turn(?:ed|ing)?)[ \t](?:the[ \t]age[ \t]of[ \t])?{_N}(?=[ \t](?:years"
            rf"|yrs)[ \t]of[ \t]age|[ \t]last\b|[ \t]this\b|[ \t]next\b)"
        ),
        (
            rf"(?<![\w.]){_N}[\s-]?(?:m|f|male|female|man|woman|gentleman|lady)\b(?=[\s,]*(?:with"
            rf"|who|s/p|h/o|presents|presenting|here|status|admitted|seen|patient|pt))"
        ),
        r"(?<![\w.])(?-i:(?P<age>9\d|1[01]\d)M)\b(?![.\d])",
        r"(?:\(|\ban?[ \t])(?-i:(?P<age>9\d|1[01]\d)[ \t]?F)\b(?!\.?\d)",
        # Behind a name and a comma; "temp 101 F," has a number before its unit and no comma.
        r"(?<=[^\W\d_],)[ \t](?-i:(?P<age>9\d|1[01]\d)[ \t]?[FM])\b(?=[\s]*[.,;)\n])",
        rf"(?<![\w.]){_N}[\s-](?:year|yr)s?[\s-](?:male|female|man|woman|gentleman|lady)\b",
        rf"\b{_WORD}{_OLD}",
        rf"\b(?:age|aged)[ \t]{_WORD}\b",
    )
)


def find_ages(text: str, cap: int) -> Iterator[Span]:
    """Whole phrases ("103 yo", "aged ninety-two") whose age is at least ``cap``."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            if groups.get("words") or (groups.get("age") and cap <= int(groups["age"]) <= 125):
                yield Span(match.start(), match.end(), "AGE", "age")
