"""Names in networks and log-ins, ends of telephone numbers, extensions in a list, poor faxes.

An at sign is a handle where no ordinary word follows ("@home" stays); behind the name of a
network whatever stands there is one. "fax -0106" is the end of a number only beside a whole one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deid.eponyms import lexicon
from deid.scan import AtWords, Group, at_words, beside, opening_words
from deid.span import Category, Span
from deid.vocabulary import any_cue, cues, is_word

__all__ = ["find_handles"]

_NETWORKS = any_cue("networks")
_LOGINS = any_cue("logins")
_USER = (
    r"(?P<core>[@$]?[A-Za-z](?=[\w.\-]*(?:[\d_]|\.[a-z]))[\w.\-]{2,30}\w(?:#\d{4})?"
    r"|[@$][\w.]{2,29}\w"
    r"|[A-Za-z][\w.]{1,30}#\d{4})"
)
_NAMED = (
    r"(?:[ \t]{0,3}(?:[:=(\-–]|(?:is|as|name|id|handle|user|username|account|acct|page"
    r"|page is|under|at|on)\b)){1,4}"
    r"[ \t]{0,3}[\"“'‘]?"
)
_AT_CUES: tuple[AtWords, ...] = (
    # "insta gem_walks", "IG: @gem": a figure, a line or a point is in the word
    (
        opening_words(cues("networks")),
        re.compile(
            rf"(?i:(?<![\w@.]){_NETWORKS}(?![\w.])(?:{_NAMED}|[ \t]{{1,3}})[\"“'‘]?){_USER}"
        ),
    ),
    # "TikTok: gemwalks": any word behind the sign
    (
        opening_words(cues("networks")),
        re.compile(
            rf"(?i:(?<![\w@.]){_NETWORKS}(?:[ \t]+(?:name|id|handle|user|username|account))?"
            r"[ \t]{0,2}[:=][ \t]{0,3}[\"“'‘]?)(?P<core>@?[a-z][\w.\-]{3,30}\w)(?![\w@])"
        ),
    ),
    # a meeting: "Zoom ID 812 4471 0926", "passcode: 447120"
    (
        frozenset(
            {"zoom", "webex", "teams", "meeting", "mtg", "passcode", "conference", "bridge", "pin"}
        ),
        re.compile(
            r"(?i:\b(?:zoom|webex|teams|meeting|mtg|passcode|conference|bridge|pin)"
            r"(?:[ \t]{1,2}(?:meeting|mtg|id|code|link|room|call|number|no\.?|passcode"
            r"|line))*[ \t]{0,3}"
            r"(?:[:#=]|(?:is|at)\b)?[ \t]{0,3})(?P<core>\d{3,4}(?:[ \-]?\d{3,4}){1,2}"
            r"|\d{6,12})(?![\w/\-]|[.,]\d)"
        ),
    ),
    # extensions in a list: "ext 6120 or 6121"
    (
        frozenset({"ext", "exts", "extension", "extensions", "x", "pager", "pagers", "ascom"}),
        re.compile(
            r"(?i:(?<![a-z])(?:exts?|extensions?|x(?=\d)|pagers?|ascom)[\s.:#]{0,3})\d[\d\-]{2,6}"
            r"(?:[ ]?(?:/|,|or|and|&|;)[ ]?(?P<core>(?:x[ ]?)?\d(?:\d{2,5}|-\d{4})))"
            r"(?![\w/\-]|[.,]\d)"
        ),
    ),
)
_AT_LOGINS: tuple[AtWords, ...] = (
    (
        opening_words(cues("logins")),
        re.compile(
            rf"(?i:(?<![\w@.]){_LOGINS}(?![\w.])(?:{_NAMED}|[ \t]{{1,3}})[\"“'‘]?){_USER}(?![\w@])"
        ),
    ),
)
_HANDLE = re.compile(
    r"(?<![\w.@/])@(?![A-Za-z]{1,2}\d{1,2}\b)(?P<word>[A-Za-z_][\w.]{2,29}(?<![.]))(?![\w@])"
)
# Before the network: "gem_walks on IG"
_ON_NETWORK = re.compile(
    rf"(?<![\w.@/])(?P<core>[A-Za-z](?=[\w.]*[\d_])[\w.]{{2,29}})"
    rf"(?=[ ](?:on|at|from)[ ](?i:{_NETWORKS})(?!\w))"
)
# Behind the letter: "x4-1187", "p2276", "x 7-3320".
_SHORT = re.compile(
    r"(?<![\w.\-])(?:(?<!\d[ ])[xX][ ]?(?=\d-\d{4}\b|\d{4,5}\b)|p(?=\d{4,5}\b))\d(?:-\d{4}"
    r"|\d{3,4}(?<!00))(?![\w\-/%]|[.,]\d)"
)
# Of a network that writes u/ before its names.
_REDDIT = re.compile(r"(?<![\w/])u/(?=\w{0,20}[\d_])[A-Za-z]\w{3,20}(?!\w)")
# The second of two numbers by its end: "704-555-0182/0183".
_SECOND = re.compile(
    r"\d{3}[\-. ]\d{4}[ ]?(?:/|or|&|and)[ ]?(?P<core>-?\d{4})(?<!00)(?![\w/\-%]|[.,:]\d)"
)
# One behind another stands for a number whose beginning was said: "fax -0106", "hers is ...0172".
_END = re.compile(
    r"(?:\.{2,4}|…|(?<![\w\-])[-–—xX*]{1,4})[ ]?(?P<core>\d{4})(?<!00)(?![\w/\-%]|[.,:]\d|[ ]?"
    r"(?:m[gl]|cc|units?)\b)"
)
_END_CUE = re.compile(
    r"(?i:(?:fax|cell|home|work|office|mobile|phone|tel|pager|line|desk|ph|alt|or|and|is"
    r"|her|his|hers|mine"
    r"|theirs|ends?|ending|in|number|also|back-?up|direct|main|nurse|clinic|front|[’']s|/"
    r"|,)[ \t:(\"“]{0,4}$)"
)
_WHOLE = re.compile(r"\d{3}[)\-. ]{1,2}\d{4}(?!\d)")
# 864-S55-0l52: a poor fax takes S, O, l, I, B and Z for figures.
_FAXED = re.compile(
    r"(?<![\w\-.])(?=[\d().\- ]{0,12}[OolISBZ])\(?[0-9OolISBZ]{3}\)?[ .\-]{1,2}[0-9OolISBZ]{"
    r"3}[ .\-][0-9OolISBZ]{4}(?![\w\-])"
)
_GROUPS: tuple[Group, ...] = (
    (re.compile(r"@[A-Za-z_]"), 2, 40, (_HANDLE,)),
    # The look-ahead sees two words with blanks between: "screen name".
    (opening_words(cues("networks")), 44, 64, (_ON_NETWORK,)),
    (re.compile(r"u/[A-Za-z]"), 2, 24, (_REDDIT,)),
    (re.compile(r"\d\d{2}[\-. ]\d{4}[ ]?[/oa&]"), 2, 24, (_SECOND,)),
    (re.compile(r"[xXp][ ]?\d[\d\-]\d\d"), 4, 12, (_SHORT,)),
    (re.compile(r"(?:\.\.|…|[-–—xX*])[ ]?\d{4}(?!\d)"), 8, 12, (_END,)),
    (re.compile(r"[ .\-][0-9OolISBZ]{4}(?!\w)"), 16, 4, (_FAXED,)),
)


def find_handles(text: str) -> Iterator[Span]:
    """Handles, log-ins, extensions and ends of numbers; spans may overlap."""
    for matches in at_words(text, _AT_CUES):
        yield from _named(matches, "CONTACT", "contact")
    # A log-in is a code of the site, and stands for one as a code does.
    for matches in at_words(text, _AT_LOGINS):
        yield from _named(matches, "ID", "identifier")
    for match in beside(text, _GROUPS):
        start, end = match.span("core") if "core" in match.re.groupindex else match.span()
        if _is_contact(text, match):
            yield Span(start, end, "CONTACT", "contact")


def _named(matches: Sequence[re.Match[str]], category: Category, source: str) -> Iterator[Span]:
    for match in matches:
        word = match["core"].lower()
        if word.strip("@.") not in lexicon().terms and not is_word(word):
            yield Span(*match.span("core"), category, source)


def _is_contact(text: str, match: re.Match[str]) -> bool:
    if match.re is _HANDLE:
        word = match["word"]
        return not is_word(word.split(".")[0]) and word.lower() not in lexicon().terms
    if match.re is _END:
        before = text[max(match.start() - 90, 0) : match.start()]
        near = before + text[match.end() : match.end() + 60]
        return _END_CUE.search(before) is not None and _WHOLE.search(near) is not None
    if match.re is _FAXED:
        return sum(char.isdecimal() for char in match.group()) >= 6
    return True
