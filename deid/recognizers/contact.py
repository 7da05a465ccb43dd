"""Telephone, fax, pager and extension numbers, e-mail and web addresses, IP and MAC addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from deid.scan import Group, at_words, beside
from deid.span import Span

__all__ = ["find_contacts"]

_SEP = r"[\s.\-–/]"
_CUED = (
    r"(?i:\b(?:phone|telephone|tel|ph|fax|facsimile|pager|beeper|page(?:d)?|cell(?:ular)?"
    r"|mobile|home"
    r"|work|office"
    r"|call(?:ed|back)?(?: back)?(?: (?:him|her|them|us|me|at|number))?"
    r"|contact(?:ed)?(?: number)?|reach(?:ed)?"
    r"|dial|text|voicemail|hotline|number|direct line|clinic line)\b\.?"
    r"(?: (?:phone|number|no\.?|is|was|at|on|to|line)){0,4}[ \t]{0,5}[:#(]?[ \t]{0,5})"
)
_TLD = (
    r"(?:com|org|net|edu|gov|mil|info|health|io|co|us|uk|ca|de|fr|biz|care|clinic|me|app"
    r"|example|local|blog|xyz|ly|gl|nz|au|mx|br|nl)"
)
_CUE_WORDS = frozenset(
    {"phone", "telephone", "tel", "ph", "fax", "facsimile", "pager", "beeper", "page", "paged"}
    | {"cell", "cellular", "mobile", "home", "work", "office", "call", "called", "callback"}
    | {"contact", "contacted", "reach", "reached", "dial", "text", "voicemail", "hotline"}
    | {"number", "direct", "clinic"}
)
# Behind a cue: the words that open one, and the pattern.
_AT_CUES = tuple(
    (frozenset(words), re.compile(pattern))
    for words, pattern in (
        (
            {"ext", "extn", "extension", "x", "ascom"},
            (
                # a telephone's, not a nail's: "13 mm x 127 mm", "11 x 380"
                r"(?i:(?<![a-z])(?:extn?|extension|(?<!\d[ ])(?<!\d)(?<!\b[mc]m[ ])(?<!\bdeg[ ])"
                r"(?<!\bfr[ ])x(?![ ]?\d{1,4}00\b)(?![ ]?\d+[ ]?(?:[mc]m|in|mg|ml|cc|deg|fr"
                r"|reps?|sets?|days?|d|wks?|weeks?|mos?|months?|mins?|hrs?|hours?|times)\b)"
                r"|ascom)[\s.:#]*)"
                r"(?P<core>\d{3,6}|\d-\d{4})(?!\w)"
            ),
        ),
        (
            _CUE_WORDS,
            (
                rf"{_CUED}(?P<core>\d{{3}}{_SEP}?\d{{4}}(?:[\s,]*(?i:x"
                r"|ext\.?)[\s:#]*\d{1,6})?(?![\w\-])|\d{10,11}(?!\w)"
                r"|\d{3}[ .\-]\d{3}[ .\-]\d{3}(?![\w\-/]|[., ]?\d))"
            ),
        ),
        (
            {"pager", "beeper", "pgr", "bpr", "vm"},
            (
                r"(?i:\b(?:pager|beeper|pgr|bpr|vm)(?: (?:no\.?|number|id"
                r"|is)){0,3}[ \t]{0,5}[:#]?[ \t]{0,5})(?P<core>\d[\d\- ]{2,11}\d)"
            ),
        ),
        # of a house: "call 5-0182", "Vocera 2218"
        (
            {"call", "dial", "ring", "station", "desk", "text", "page", "paged", "reach", "at"},
            (
                r"(?i:\b(?:call|dial|ring|station|desk|text|page|paged|reach|at)\b\.?(?:[ ](?:me"
                r"|him|her|them|us|at|on|back|charge|desk|station)\b){0,4}[ \t:#]{1,3})"
                r"(?P<core>\d-\d{4})(?![\w/\-]|[.,]\d|[ ]?(?:m[gl]|units?|steps)\b)"
            ),
        ),
        (
            {"vocera", "spectralink", "spectra", "pg", "beep"},
            (
                r"(?i:\b(?:vocera|spectralink|spectra|(?-i:pg)|beep)(?:[ ](?:no\.?|id"
                r"|phone))?[ \t:#]{1,3})"
                r"(?P<core>\d{4,5}|\d-\d{4})(?![\w/\-%]|[.,]\d|[ ]?/)"
            ),
        ),
        # of a hospital in Britain
        (
            {"bleep", "bleeper", "bleeps", "dect", "aircall", "baton"},
            (
                r"(?i:\b(?:bleep(?:er|s)?|dect|aircall|baton)"
                r"(?:[ ](?:no\.?|number|is|on|me|him|her|via|phone)){0,3}[ \t:#(]{1,4})"
                r"(?P<core>\d{3,6}(?:[ \-]\d{3,4})?(?:[ ]?(?:[/,&]|or)[ ]?\d{3,5}){0,3})"
                r"(?![\w/\-]|[.,]\d)"
            ),
        ),
        # national forms of other countries
        (
            {"phone", "telephone", "tel", "mobile", "cell", "desk", "fax", "office", "answering"}
            | {"messages", "registered", "call", "reach", "reached"},
            (
                r"(?i:\b(?:phone|telephone|tel|mobile|cell|desk|fax|office|answering"
                r"|messages|registered"
                r"|call[ \t](?:me|us|him|her|them)|reach(?:ed)?)\b\.?"
                r"(?:[ \t](?:number|no\.?|is|at|on|to|my)){0,4}[ \t]{0,3}:?\s{1,3})"
                r"(?P<core>\(?\d{1,4}\)?(?:[ .\-]?\(?\d{2,4}\)?){2,5})(?![\w\-/]|\.\d)"
            ),
        ),
        (
            {"twitter", "instagram", "facebook", "skype", "handle"},
            (
                r"(?i:\b(?:twitter|instagram|facebook|skype|handle)[ \t]{0,5}[:@]+[ \t]{0,5})"
                r"(?P<core>@?[\w.\-]{3,})"
            ),
        ),
    )
)
_NUMBERS = tuple(
    re.compile(pattern)
    for pattern in (
        # (704) 555-0101 · +1 412 555 0197 · 704.555.0101 x12
        (
            r"(?:(?<![\w.\-])|(?<=\b[chmopw])|(?<=\b(?i:ph))|(?<=\b(?i:tel|fax))|(?<=\b(?i:cell)))"
            rf"(?:\+?1{_SEP}?|\d{{2,3}}[.\-])?\(?\d{{3}}\)?(?:{_SEP}{{0,2}}|[ ][-–][ ])\d{{3}}"
            rf"(?:{_SEP}|[ ][-–][ ])\d{{4}}"
            r"(?:[\s,]*(?i:x|ext\.?|extension|loc(?:al)?\.?|poste|\#)[\s:#]*\d{1,6})?(?![\w\-])"
        ),
        r"(?<![\w.])\(\d{3}\)\s?\d{7}(?!\w)",
        # seven digits without a cue, where neither a unit nor a round end says that it is a range
        (
            r"(?<![\w.\-/])[2-9]\d\d[.\-](?!\d\d[05]0(?!\d))\d{4}(?![\w\-/]|[.,]\d|\s?%)"
            r"(?![ \t]?(?:mg|mcg|ml|mL|cc|k?cal|units?|IU|c?Gy|g|m|mm|cm|steps|cells|copies)\b)"
        ),
        # national forms of other countries with a trunk zero, or before a word
        r"(?<![\w.\-/+])(?:\(0\)|0)\d{1,4}(?:[ .\-]\d{2,4}){2,4}(?![\w\-]|\.\d)",
        r"(?<![\w.\-/+])0\d{1,4}[ \-]\d{5,8}(?![\w\-/]|[.,]\d)",
        (
            r"(?<![\w.\-/+])(?P<core>\(?\d{2,4}\)?(?:[ .\-]\d{2,4}){1,4})"
            r"(?=[ \t]?-?[ \t]?(?:[Oo]ffice|[Mm]obile|[Cc]ell|[Ff]ax|[Dd]esk|[Hh]ome phone)\b)"
        ),
    )
)
# +44 20 7946 0958 and other international forms; the sign comes first: re finds it fast
_INTERNATIONAL = re.compile(
    r"\+(?<!\w\+)\d{1,3}[\s.\-]?(?:\(?\d{1,4}\)?[\s.\-]?){2,5}\d{2,4}(?!\w)"
)
# The same behind the two zeros of a telephone: 00 44 7700 900123
_ABROAD = re.compile(
    r"(?<![\w.\-/+])00(?=(?:[ .\-()]?\d){9})[ ]?[1-9]\d{0,2}(?:[ .\-]?\(?\d{1,6}\)?){2,5}"
    r"(?![\w\-/]|[.,]\d)"
)
# e-mail, also with spaces around the sign or spelled "(at)"
_MAIL = re.compile(
    r"[\w.+'%\-]{1,64}\s?(?:@|\((?:at)\)|\[at\])\s?(?:[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}"
    r"|(?i:g-?mail|yahoo|hotmail|outlook|icloud|aol|proton(?:mail)?|msn|comcast)(?!\w))"
)
# spelled out: "jane dot roe at example dot com"
_DOT = r"[ ]{0,2}(?:\bdot\b|\(dot\)|\[dot\])[ ]{0,2}"
_SPELLED = re.compile(
    rf"(?i:(?<![\w.+\-])(?:[\w+%\-]{{1,40}}{_DOT}){{0,3}}[\w.+%\-]{{1,64}}"
    r"[ ]{0,2}(?:\bat\b|\(at\)|\[at\]|@)[ ]{0,2}"
    rf"(?:[\w\-]{{1,40}}{_DOT}){{1,3}}{_TLD}\b)"
)
_WEB = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i:\b(?:https?|ftp|sftp)://[^\s<>\"')\]]*[^\s<>\"')\].,;:])",
        r"(?i:\bwww\.[^\s<>\"')\]]*[^\s<>\"')\].,;:])",
        (
            rf"(?<![\w@.\-])(?i:[a-z0-9][a-z0-9\-]{{0,62}}(?:\.[a-z0-9\-]{{2,63}}){{0,5}}\.{_TLD})"
            rf"(?:/[^\s<>\"')]*[^\s<>\"').,;:])?(?![\w\-])(?!\.\w)"
        ),
    )
)
# IPv4, IPv6, MAC
_MACHINES = tuple(
    re.compile(pattern)
    for pattern in (
        (
            r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d"
            r"|1?\d?\d)(?::\d{2,5})?(?![\w]|\.\d)"
        ),
        r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])",
        r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}(?![\w:])",
        r"(?<![\w:\-])(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}(?![\w:\-])",
    )
)
_GROUPS: tuple[Group, ...] = (
    # three digits and four, or two and two: what all of these numbers hold
    (re.compile(r"\d\d(?:\d{5}|\d[ ]?[\s.\-–/][ ]?\d{4}|\)?[ .\-]\d\d)"), 40, 80, _NUMBERS),
    (re.compile(r"00[ ]?[1-9]"), 4, 60, (_ABROAD,)),
    (re.compile(r"@|\((?:at)\)|\[at\]"), 80, 600, (_MAIL,)),
    (frozenset({"dot"}), 260, 60, (_SPELLED,)),
    (re.compile(rf"[:.](?://|(?<=(?i:www)\.)|(?i:{_TLD}))"), 400, 80, _WEB),
    (
        re.compile(r"[:.\-](?:(?<=:)[0-9A-Fa-f]{0,4}:|[0-9A-Fa-f]{2}[:\-]|\d{1,3}\.\d)"),
        40,
        80,
        _MACHINES,
    ),
)


# A number of the shape of a telephone's behind a label of another: "NHS No 943 476 5919".
_OF_RECORD = re.compile(
    r"(?i:(?<![a-z])(?:med(?:ical)? rec(?:ord)?|doc(?:ument)?|serial|s/?n|lot|udi|job"
    r"|specimen|nhs|ssn|ss|social(?: security)?|s\.s\.n\.|mrn|chart|lic(?:en[sc]e)?|npi|dea"
    r"|acc(?:oun)?t|policy|claim|member|subscriber|medicare|medicaid|hosp(?:ital)?|unit|h&c|hsc|urn?"
    r"|nhi|phn|ohip|chi|hcn|tracking|case|accession|csn|fin|passport|certificate|health card"
    r"|health no|ndc|id)\b\.?(?:[ ](?:no|number|num|nr|id|card)\b\.?)?"
    r"[ \t]{0,3}[:#=|]{0,2}[ \t]{0,3}$)"
)
_LABEL_MAX = 32
# Who wrote an entry of a log ("6/2 9:11a krivera2: LM"), a pager ("p4471").
_USER = re.compile(
    r"(?<=\d:\d\d)[ap]?m?[ \t](?P<core>[a-z]{3,14}\d{0,4})(?=:[ \t])|\b(?P<pager>p\d{4,5})\b"
    r"|(?<=\d/\d)(?:\d|(?:\d?/\d\d(?:\d\d)?))?[ \t](?P<user>[a-z]{3,14}\d{1,4})(?=:[ \t])"
)
# The sign comes first: re finds it fast.
_USERS: tuple[Group, ...] = ((re.compile(r"[:/p](?:(?<=\d[:/])\d|(?<=p)\d{4})"), 4, 40, (_USER,)),)
# A number that was dictated: "two one five, five five five, oh one nine eight".
_DIGIT_SAID = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
_SAID = re.compile(rf"\b(?i:{_DIGIT_SAID}(?:,?[ \t\n-]{{1,2}}{_DIGIT_SAID}){{6,14}})\b")


_DICTATED: tuple[Group, ...] = (
    (frozenset({"zero", "oh", "one", "two", "three", "five", "seven", "nine"}), 0, 160, (_SAID,)),
)


def find_contacts(text: str) -> Iterator[Span]:
    """Contact details; spans may overlap."""
    for matches in at_words(text, _AT_CUES):
        yield from _spans(matches)
    yield from _spans(_INTERNATIONAL.finditer(text))
    yield from _spans(beside(text, _DICTATED))
    for match in beside(text, _USERS):
        if (match["core"] or "").startswith("addend"):
            continue
        yield Span(*match.span(match.lastgroup or 0), "CONTACT", "contact")
    for match in beside(text, _GROUPS):
        before = text[max(0, match.start() - _LABEL_MAX) : match.start()]
        if match.re in (*_NUMBERS, _ABROAD) and _OF_RECORD.search(before):
            yield Span(
                *match.span("core" if "core" in match.re.groupindex else 0), "ID", "identifier"
            )
        else:
            yield from _spans((match,))


def _spans(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    for match in matches:
        start, end = match.span("core") if "core" in match.re.groupindex else match.span()
        yield Span(start, end, "CONTACT", "contact")
