"""Telephone, fax, pager and extension numbers, e-mail and web addresses, IP and MAC addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.scan import DIGIT, around, finditer
from deid.span import Span

__all__ = ["find_contacts"]

_SEP = r"[\s.\-–/]"
_CUED = (
    r"(?i:\b(?:phone|telephone|tel|ph|fax|facsimile|pager|beeper|page(?:d)?|cell(?:ular)?|mobile|home"
    r"|work|office"
    r"|call(?:ed|back)?(?: back)?(?: (?:him|her|them|us|me|at|number))?"
    r"|contact(?:ed)?(?: number)?|reach(?:ed)?"
    r"|dial|text|voicemail|hotline|number|direct line|clinic line)\b\.?"
    r"(?: (?:phone|number|no\.?|is|was|at|on|to|line))*[ \t]{0,5}[:#(]?[ \t]{0,5})"
)
_TLD = (
    r"(?:com|org|net|edu|gov|mil|info|health|io|co|us|uk|ca|de|fr|biz|care|clinic|me|app"
    r"|example|local)"
)
_NUMBERS = tuple(
    re.compile(pattern)
    for pattern in (
        # (704) 555-0101 · +1 412 555 0197 · 704.555.0101 x12
        (
            rf"(?<![\w.\-])(?:\+?1{_SEP}?)?\(?\d{{3}}\)?{_SEP}{{0,2}}\d{{3}}{_SEP}\d{{4}}"
            r"(?:[\s,]*(?i:x|ext\.?|extension)[\s:#]*\d{1,6})?(?![\w\-])"
        ),
        r"(?<![\w.])\(\d{3}\)\s?\d{7}(?!\w)",
        # +44 20 7946 0958 and other international forms
        r"(?<!\w)\+\d{1,3}[\s.\-]?(?:\(?\d{1,4}\)?[\s.\-]?){2,5}\d{2,4}(?!\w)",
        r"(?i:(?<![a-z])(?:ext|extension|x)[\s.:#]*)(?P<core>\d{3,6})(?!\w)",
        # seven digits, always with a cue; without one where neither a unit nor a round end says
        # that it is a range
        (
            rf"{_CUED}(?P<core>\d{{3}}{_SEP}?\d{{4}}(?:[\s,]*(?i:x"
            rf"|ext\.?)[\s:#]*\d{{1,6}})?)(?![\w\-])"
        ),
        rf"{_CUED}(?P<core>\d{{10,11}})(?!\w)",
        (
            r"(?i:\b(?:pager|beeper|pgr|bpr)(?: (?:no\.?|number|id"
            r"|is))*[ \t]{0,5}[:#]?[ \t]{0,5})(?P<core>\d[\d\- ]{2,11}\d)"
        ),
        (
            r"(?<![\w.\-/])[2-9]\d\d[.\-](?!\d\d[05]0(?!\d))\d{4}(?![\w\-/]|[.,]\d|\s?%)"
            r"(?![ \t]?(?:mg|mcg|ml|mL|cc|k?cal|units?|IU|c?Gy|g|m|mm|cm|steps|cells|copies)\b)"
        ),
        # national forms of other countries: behind a cue, or with a trunk zero
        (
            r"(?i:\b(?:phone|telephone|tel|mobile|cell|desk|fax|office|answering|messages|registered"
            r"|call[ \t](?:me|us|him|her|them)|reach(?:ed)?)\b\.?"
            r"(?:[ \t](?:number|no\.?|is|at|on|to|my))*[ \t]{0,3}:?\s{1,3})"
            r"(?P<core>\(?\d{1,4}\)?(?:[ .\-]?\(?\d{2,4}\)?){2,5})(?![\w\-/]|\.\d)"
        ),
        r"(?<![\w.\-/+])0\d{1,4}(?:[ .\-]\d{2,4}){2,4}(?![\w\-]|\.\d)",
        (
            r"(?<![\w.\-/+])(?P<core>\(?\d{2,4}\)?(?:[ .\-]\d{2,4}){1,4})"
            r"(?=[ \t]?-?[ \t]?(?:[Oo]ffice|[Mm]obile|[Cc]ell|[Ff]ax|[Dd]esk|[Hh]ome phone)\b)"
        ),
    )
)
# e-mail, also with spaces around the sign or spelled "(at)"
_MAIL = re.compile(
    r"[\w.+'%\-]{1,64}\s?(?:@|\((?:at)\)|\[at\])\s?[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}"
)
_PLACES_ON_THE_NET = tuple(
    re.compile(pattern)
    for pattern in (
        # web
        r"(?i:\b(?:https?|ftp|sftp)://[^\s<>\"')\]]*[^\s<>\"')\].,;:])",
        r"(?i:\bwww\.[^\s<>\"')\]]*[^\s<>\"')\].,;:])",
        (
            rf"(?<![\w@.\-])(?i:[a-z0-9][a-z0-9\-]{{0,62}}(?:\.[a-z0-9\-]{{2,63}}){{0,5}}\.{_TLD})"
            rf"(?:/[^\s<>\"')]*[^\s<>\"').,;:])?(?![\w\-])(?!\.\w)"
        ),
        # IPv4, IPv6, MAC
        (
            r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d"
            r"|1?\d?\d)(?::\d{2,5})?(?![\w]|\.\d)"
        ),
        r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])",
        r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}(?![\w:])",
        r"(?<![\w:\-])(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}(?![\w:\-])",
        (
            r"(?i:\b(?:twitter|instagram|facebook|skype|handle)[ \t]{0,5}[:@]+[ \t]{0,5})"
            r"(?P<core>@?[\w.\-]{3,})"
        ),
    )
)


_MAIL_SIGN = re.compile(r"@|\((?:at)\)|\[at\]")


def find_contacts(text: str) -> Iterator[Span]:
    """Contact details; spans may overlap."""
    numbers = around(text, DIGIT, 110, 80)
    for pattern in _NUMBERS:
        yield from _spans(finditer(pattern, text, numbers))
    yield from _spans(finditer(_MAIL, text, around(text, _MAIL_SIGN, 80, 600)))
    for pattern in _PLACES_ON_THE_NET:
        yield from _spans(pattern.finditer(text))


def _spans(matches: Iterator[re.Match[str]]) -> Iterator[Span]:
    for match in matches:
        start, end = match.span("core") if "core" in match.re.groupindex else match.span()
        yield Span(start, end, "CONTACT", "contact")
