"""Ages that Safe Harbor does not allow: over 89, in digits or words, in the usual forms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.scan import Windows, finditer
from deid.span import Span

__all__ = ["find_ages"]

_AGE_MAX = 125
_SEEN_BEFORE, _SEEN_BEHIND = 60, 60
# Ages are rare among numbers: the patterns are run only around a number or word that can be one.
# The digit or first letter stands before the rest: re finds it fast.
_LANDMARK = re.compile(
    r"[\dNnHhCc](?:(?<=\d)(?<!\d\d)\d{1,2}(?!\d)"
    r"|(?i:(?<=n)inet|(?<=h)undred|(?<=n)onagenarian|(?<=c)entenarian))"
)
_N = r"(?P<age>\d{2,3})"
_NO_UNIT = (
    r"(?![\w%°])(?!\.\d)(?![ \t]?(?:kg|lbs?\b|pounds|cm|mm|mg|ml|cc|degrees?|beats|bpm|percent))"
)
_ABOUT = r"(?:(?:~|≈|>|about|approximately|approx\.?|around|nearly|almost|over)[ \t]?)?"
_OLD = (
    r"(?:[\s-]?(?:years?|yrs?|y)\.?[\s-]?(?:old|o\.?\b|of[\s-]age)|[\s-]?y\.?/?\s?o\.?\b"
    r"|[\s-]?yo[mf]?\b|[\s-]?years? young"
    r"|[\s-]y(?:ea)?rs?[,\s]{1,2}(?:and[\s-])?\d{1,2}[\s-](?:months?|mos?|weeks?)"
    r"[\s-](?:old|of age))"
)
_SMALL = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_WORD = (
    rf"(?P<words>ninety(?:[\s-]{_SMALL})?"
    rf"|(?:a|one)[\s-]hundred(?:[\s-](?:and[\s-])?(?:{_SMALL}|ten))?)"
)
_SEX = r"(?:males?|females?|man|woman|gentleman|lady)"
_AGE = (
    r"\b(?:age|aged|ages)(?:[ \t]?[/&][ \t]?(?:sex|gender))?[ \t]{0,5}(?:[:=]|of|is|was)?[ \t]{0,5}"
    r"\n?[ \t]{0,5}"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w.]){_N}{_OLD}",
        rf"{_AGE}{_ABOUT}{_N}(?![\w%])(?!\.\d)(?:[ \t]?/[ \t]?(?-i:[FM])\b)?",
        rf"{_AGE}{_ABOUT}{_WORD}\b",
        (
            rf"\b(?:sex|gender)[ \t]?[/&][ \t]?age[ \t:]{{1,4}}(?:male|female|[mf])[ \t]?/"
            rf"[ \t]?{_N}(?![\w%])"
        ),
        rf"(?<!\d[\s-])(?<!\d)\b(?:y\.?/?o\.?|years[ \t]old)[ \t:]{{1,2}}{_N}(?!/){_NO_UNIT}",
        (
            rf"\b(?:at|turn(?:ed|ing)?)[ \t](?:the[ \t]age[ \t]of[ \t])?{_N}(?=[ \t](?:years"
            rf"|yrs)[ \t]of[ \t]age|[ \t]last\b|[ \t]this\b|[ \t]next\b)"
        ),
        (
            rf"\b(?:just|recently|has|had|she|he|who|will|patient|mother|father)[ \t](?:just[ \t])?"
            rf"turn(?:ed|s)?[ \t]{_N}{_NO_UNIT}"
        ),
        (
            rf"\b(?:died|dies|passed(?:[ \t]away)?|deceased|dead|death)[ \t](?:at|aged?)[ \t]"
            rf"{_ABOUT}(?:{_N}(?!:){_NO_UNIT}|{_WORD}\b)"
        ),
        rf"(?<![\w.]){_N}(?:st|nd|rd|th)[ \t](?:birthday|bday|year[ \t]of[ \t]life)\b",
        r"\b(?P<words>ninetieth|ninety-\w+|(?:one[\s-])?hundredth)[ \t](?:birthday|bday)\b",
        (
            rf"(?<![\w.]){_N}[\s-]?(?:m|f|male|female|man|woman|gentleman|lady)\b(?=[\s,]*(?:with"
            rf"|who|s/p|h/o|presents|presenting|here|status|admitted|seen|patient|pt))"
        ),
        r"(?<![\w.])(?-i:(?P<age>9\d|1[01]\d)M)\b(?!\.?\d)",
        r"(?:\(|\ban?[ \t])(?-i:(?P<age>9\d|1[01]\d)[ \t]?F)\b(?!\.?\d)",
        # "CLINICAL: 101F", not "TEMP: 101F"
        (
            r"(?<=[A-Z]:[ ])(?<!TEMP:[ ])(?<!TMAX:[ ])(?<!\bT:[ ])"
            r"(?-i:(?P<age>9\d|1[01]\d)F)(?=[,;.\s])"
        ),
        # Behind a name and a comma; "temp 101 F," has a number before its unit and no comma.
        r"(?<=[^\W\d_],)[ \t](?-i:(?P<age>9\d|1[01]\d)[ \t]?[FM])\b(?=[\s]*[.,;)\n])",
        r"(?<![\w./])(?-i:(?P<age>9\d|1[01]\d)[ \t]?/[ \t]?[FM])\b",
        r"(?<![\w./])(?-i:[FM][ \t]?/[ \t]?(?P<age>9\d|1[01]\d))(?![\w%/])(?!\.\d)",
        rf"(?<![\w.]){_N}[\s-]?y(?:(?:ea)?rs?)?\.?[\s/-]?(?:{_SEX}|(?-i:[MF]))\b",
        rf"\b{_WORD}[\s-]years?[\s-](?=(?:{_SEX})\b)",
        rf"\b{_WORD}{_OLD}",
        r"\b(?P<words>hundred)-year-old\b",
        # "Saturation in the 90s" is none.
        (
            r"\bin(?:to)?[ \t](?:his|her|their)[ \t](?:(?:early|mid|late)"
            r"(?:[ \t]to[ \t]late)?[\s-])?(?:(?P<words>nineties)|(?P<age>\d0)['’]?s)\b"
        ),
        r"\b(?P<words>nonagenarian|(?:super[\s-]?)?centenarian)s?\b",
    )
)
_SEVERAL = re.compile(
    r"\b(?:ages?|aged)[ \t:]{1,3}\d{1,3}(?P<more>(?:[ \t]?(?:,[ \t]?(?:and[ \t])?|and[ \t]|or[ \t]"
    r"|to[ \t]|&[ \t]?|[-–][ \t]?)\d{1,3}(?![\w%])){1,9})",
    re.IGNORECASE,
)


def find_ages(text: str, cap: int) -> Iterator[Span]:
    """Whole phrases ("103 yo", "aged ninety-two") whose age is at least ``cap``."""
    windows = _windows(text, cap)
    if not windows:
        return
    for pattern in _PATTERNS:
        for match in finditer(pattern, text, windows):
            groups = match.groupdict()
            if groups.get("words") or (groups.get("age") and cap <= int(groups["age"]) <= _AGE_MAX):
                yield Span(match.start(), match.end(), "AGE", "age")
    for match in finditer(_SEVERAL, text, windows):
        for number in re.finditer(r"\d+", match["more"]):
            if cap <= int(number.group()) <= _AGE_MAX:
                start = match.start("more") + number.start()
                yield Span(start, start + len(number.group()), "AGE", "age")


def _windows(text: str, cap: int) -> Windows:
    windows: list[tuple[int, int]] = []
    for match in _LANDMARK.finditer(text):
        word = match.group()
        if word.isdecimal() and not cap <= int(word) <= _AGE_MAX:
            continue
        start = max(match.start() - _SEEN_BEFORE, 0)
        end = min(match.end() + _SEEN_BEHIND, len(text))
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows
