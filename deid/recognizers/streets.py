"""Streets without a house number, corners, highways, rural boxes and lots.

"the lot on Duchy of Tarrow Rd", "off Ahtanum Route 12", "21st & Loomis", "rides on the 405",
"US-250", "Rural Route 3, Box 12, Osakis, MN 56360", "Quiet Pines lot 22".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.scan import AtWords, Group, at_words, beside
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold

__all__ = ["find_streets"]

_STATE = rf"(?:{any_cue('state_codes')}|{any_cue('states')})"
_ZIP = r"\d{5}(?:-\d{4})?"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’ʻ\-]{1,30}"
_ORDINAL = r"\d{1,3}(?:st|nd|rd|th|ST|ND|RD|TH)"
_QUARTER = r"(?:[ \t](?:NE|NW|SE|SW|[NSEW])(?![\w-]))?"
_SUFFIX = (
    r"(?:St|ST|Street|Ave?|AVE?|Avenue|Blvd|BLVD|Boulevard|Rd|RD|Road|Dr|DR|Drive|Ln|LN|Lane|Ct|Pl"
    r"|Pkwy|PKWY|Parkway|Hwy|HWY|Highway|Ter|Terrace|Cir|Circle|Trl|Tpke|Turnpike|Pike|PIKE|Expy|Fwy|Freeway"
    r"|Way|Loop|Alley|Plaza|Sq|Square)"
)
_NAME = (
    rf"(?:(?:[NSEW]|NE|NW|SE|SW)\.?[ \t])?(?:{_ORDINAL}|{_CAPITAL})"
    rf"(?:[ \t](?:(?:of|the|de|la)[ \t]){{0,2}}{_CAPITAL}){{0,3}}?"
)
# "Dr. Roe" and "St. Mary's" behind a word are no street.
_NO_TITLE = (
    r"(?!(?<=[ \t](?:Dr|DR|St|ST))(?:\.?[ \t]{1,3}(?!(?:He|She|The|They|His|Her|Pt|Patient|No"
    r"|Will|Has|Had|Lives|Denies)\b)[A-Z][a-z]|\.[ \t]{1,3}[A-Z]\b))"
)
_STREET = re.compile(
    r"(?i:(?:on|at|near|off|along|down|from|to|onto|up|by|past|crossing|corner of|and|&)[ \t]"
    r"(?:the[ \t])?(?:corner[ \t]of[ \t])?)"
    rf"(?P<core>{_NAME}[ \t]{_SUFFIX}(?!\w)(?!['’]){_NO_TITLE}{_QUARTER})"
)
_CORNER = re.compile(
    rf"(?<![\w/.-])(?P<core>{_ORDINAL}[ \t](?:&|and)[ \t](?P<other>{_CAPITAL}|{_ORDINAL})"
    rf"(?:[ \t]{_SUFFIX}(?!\w))?)"
)
_CORNER_OF = re.compile(
    r"(?i:(?:corner|intersection|junction)[ \t]of[ \t])"
    rf"(?P<core>(?:{_ORDINAL}|{_CAPITAL})(?:[ \t]{_CAPITAL}){{0,2}}[ \t](?:&|and)[ \t]"
    rf"(?:{_ORDINAL}|{_CAPITAL})(?:[ \t]{_CAPITAL}){{0,2}})"
)
_ROUTE = re.compile(
    r"(?<![\w-])(?P<core>(?P<name>(?:[A-Z][a-z]{2,20}[ \t]){0,2})"
    r"(?P<kind>(?:State|County|Township|Forest|Navajo|Indian|US|U\.S\.)[ \t](?:Route|Rte?|Road|Rd"
    r"|Highway|Hwy)|Route|Rte|Rt|Hwy|Highway|Interstate|HWY|ROUTE|HIGHWAY|Township[ \t]Rd"
    r"|Co(?:unty)?\.?[ \t]R(?:oa)?d)\.?[ \t]#?(?:[NSEW][ \t])?\d{1,4}[A-Z]?(?![\w-]|[.,]\d))"
    r"(?P<box>,?[ \t](?i:box|bx)[ \t]#?\d{1,5}[A-Z]?)?"
)
_NUMBERED = re.compile(
    r"(?<![\w-])(?:(?:US|SR|FM|SH|CR)-\d{1,4}|I-(?:\d{2}|[2-9]\d{2})(?:[NSEW]B?)?)(?![\w\-]|\.\d)"
)
_FARM_ROAD = re.compile(
    r"(?i:on|off|along|near|via|down|take)[ \t]"
    r"(?P<core>(?:FM|RM|SR|SH|TX|PA|NY|CA)[ \t]\d{2,4}[A-Z]?)"
    r"(?![\w%/\-]|[.,]\d|[ \t](?:mg|ml|cm|mm|units?)\b)"
)
# "1180 FM 1960 E, Humble"
_HOUSE_ON_ROAD = re.compile(
    r"(?<![\w./-])\d{2,6}[ \t](?:FM|RM|CR|SR|SH|Co\.?[ \t]Rd|State[ \t]Hwy"
    r"|US[ \t]Hwy)\.?[ \t]\d{1,4}"
    r"(?:[ \t][NSEW])?(?=,[ \t][A-Z]|[ \t]*\n)"
)
_CROSS_STREET = re.compile(
    r"(?i:on|at|near|off|around)[ \t](?P<core>(?:[NSEW]|NE|NW|SE|SW)\.?[ \t]\d{1,3}(?:st|nd|rd|th))"
    r"(?![\w-])"
)
_LOT_FIRST = re.compile(
    r"(?<![\w-])(?:[Ll]ot|LOT|[Ss]pace|[Ss]ite)[ \t]#?\d{1,3}[A-Z]?,?[ \t](?:(?i:at|in)[ \t])?"
    rf"{_CAPITAL}(?:[ \t]{_CAPITAL})?[ \t]"
    r"(?:Acres|Estates|Pines|MHP|Park|Village|Court|Oaks|Meadows)(?!\w)"
)
_THE_405 = re.compile(
    r"(?i:\b(?:rid(?:e|es|ing)|rode|dr(?:ive|ives|iving|ove)|traffic|crash|accident|mvc|mva|freeway"
    r"|commutes?|exit(?:ed)?|collision|wreck|stuck)\b[^.;\n]{0,40}?[ \t]"
    r"(?:on|off|down|along|via|of|take)[ \t]the[ \t])(?P<core>\d{1,3}(?![\w/%\-]|[.,]\d"
    r"|[ \t]?(?:mg|ml|cc|cm|mm|lb|kg|km|mi|miles?|st|nd|rd|th|of|day|hour|degree)))"
)
_RURAL = re.compile(
    r"(?<![\w-])(?i:rural[ \t]route|r\.?r\.?|r\.?f\.?d\.?|hc|star[ \t]route|route|rte?\.?)"
    r"[ \t]?#?\d{1,4}(?:,?[ \t](?i:box|bx)[ \t]#?\d{1,5}[A-Z]?)"
    rf"(?:,?[ \t]{{1,2}}{_CAPITAL}(?:[ \t]{_CAPITAL}){{0,2}}(?:,?[ \t]{{1,2}}{_STATE})?"
    rf"(?:,?[ \t]{{1,2}}{_ZIP})?)?"
)
_LOT = re.compile(
    rf"(?<![\w-])(?i:at|in|to|of|near|address:?)[ \t]"
    rf"(?P<core>{_CAPITAL}(?:[ \t]{_CAPITAL}){{1,3}},?[ \t]"
    r"(?:(?i:trailer|mobile[ \t]home)[ \t](?i:park|court),?[ \t])?"
    r"(?:lot|Lot|LOT|space|Space|spc|Spc|trailer|Trailer|slip|site)[ \t]#?\d{1,3}[A-Z]?(?![\w-])"
    rf"(?:,[ \t]{_CAPITAL}(?:[ \t]{_CAPITAL})?)?)"
)
_ROADS = frozenset(
    {"state", "county", "township", "forest", "navajo", "indian", "us", "route", "rte", "rt"}
    | {"hwy", "highway", "interstate", "co"}
)
_AT_WORDS: tuple[AtWords, ...] = (
    (
        frozenset({"on", "at", "near", "off", "along", "down", "from", "to", "onto", "up", "by"})
        | {"past", "crossing", "corner", "and"},
        _STREET,
    ),
    (frozenset({"corner", "intersection", "junction"}), _CORNER_OF),
    (frozenset({"us", "sr", "fm", "sh", "cr", "i"}), _NUMBERED),
    (
        frozenset({"ride", "rides", "riding", "rode", "drive", "drives", "driving", "drove"})
        | {"traffic", "crash", "accident", "mvc", "mva", "freeway", "commute", "commutes", "exit"}
        | {"exited", "collision", "wreck", "stuck"},
        _THE_405,
    ),
    (frozenset({"rural", "rr", "r", "rfd", "hc", "star", "route", "rte", "rt"}), _RURAL),
    (frozenset({"at", "in", "to", "of", "near", "address"}), _LOT),
    (frozenset({"lot", "space", "site"}), _LOT_FIRST),
    (frozenset({"on", "off", "along", "near", "via", "down", "take"}), _FARM_ROAD),
)
_GROUPS: tuple[Group, ...] = (
    (re.compile(r"\d(?i:st|nd|rd|th)[ \t](?:&|and)[ \t]"), 8, 60, (_CORNER,)),
    (_ROADS, 60, 60, (_ROUTE,)),
    (frozenset({"fm", "rm", "cr", "sr", "sh", "co", "hwy"}), 16, 20, (_HOUSE_ON_ROAD,)),
    (re.compile(r"[NSEW]\.?[ \t]\d{1,3}(?:st|nd|rd|th)"), 12, 4, (_CROSS_STREET,)),
)
_NO_STREET = cues("care_units", "titles", "teams") | {"monday", "tuesday", "wednesday", "thursday"}
_MONTHS = frozenset(
    {"january", "february", "march", "april", "may", "june", "july", "august", "september"}
    | {"october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep"}
    | {"sept", "oct", "nov", "dec"}
)
_DAYS = frozenset({"friday", "saturday", "sunday", "today", "pod", "poc"})


def find_streets(text: str) -> Iterator[Span]:
    """Streets, corners and roads by their number; spans may overlap."""
    streets, *others = at_words(text, _AT_WORDS)
    for match in streets:
        first = fold(re.split(r"[ \t]", match["core"])[0])
        if first not in _NO_STREET | _DAYS:
            yield Span(*match.span("core"), "LOCATION", "address")
    for match in beside(text, _GROUPS):
        if match.re is _CORNER and _no_street(text, *match.span("other")):
            continue
        whole = match.re is _ROUTE or "core" not in match.re.groupindex
        start, end = match.span() if whole else match.span("core")
        yield Span(start, end, "LOCATION", "address")
    for found in others:
        for match in found:
            start, end = match.span("core") if "core" in match.re.groupindex else match.span()
            yield Span(start, end, "LOCATION", "address")


def _no_street(text: str, start: int, end: int) -> bool:
    plain = fold(text[start:end])
    return is_clinical(text, start, end) or plain in _MONTHS | _DAYS
