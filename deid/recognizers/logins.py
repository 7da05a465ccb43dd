"""User names and names written small before credentials: "taken by HSMITH4", "k.roe PA-C".

A system stamps who entered a line with a user name: letters of a name with digits, a full stop or
all in capitals. It tells as much as the name itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.scan import at_words, beside, opening_words
from deid.span import Place
from deid.vocabulary import any_cue, cues, fold, known_names

__all__ = ["logins"]

_SHORT = 3  # "by T12" is a vertebra
# roej4, JROE02, a.b57, j_roe, and in capitals alone where a time follows
_LOGIN = (
    r"(?P<name>(?=[A-Za-z._]*(?:[A-Za-z]\d|[A-Za-z][._][A-Za-z]))[A-Za-z]{1,14}(?:[._][A-Za-z]{1,14})?"
    r"\d{0,5}(?![\w@]|\.\w))"
)
_CUED = re.compile(
    rf"(?i:{any_cue('login_cues')}(?:[ \t](?:id|name))?)[ \t]{{0,3}}[:=#]?[ \t]{{0,3}}"
    rf"[(<\[]?(?:{_LOGIN}|(?P<caps>[A-Z]{{4,12}}|[a-z]{{5,10}})(?=[)\]>]?[ \t]{{0,2}}(?:@|\d|$)))",
    re.MULTILINE,
)
_SMALL_CREDENTIAL = (
    r"(?:m\.?d|d\.?o|r\.?n|n\.?p|p\.?a(?:-c)?|d\.?d\.?s|d\.?p\.?t|lpn|crna|pharm\.?d|ph\.?d|fnp(?:-[bc])?"
    r"|aprn|arnp|rph|lcsw|msw|ms|ccc-slp|otr?(?:/l)?|dmd|dpm|fnp|pgy-?\d)"
)
# k.roe PA-C, k. roe md
_SMALL = re.compile(
    r"(?<![\w.@/'’-])(?P<name>[a-z]\.[ \t]?(?:[a-z]\.[ \t]?)?"
    r"[a-z]{2,16}(?:-[a-z]{2,16})?),?[ \t]{1,2}"
    rf"(?i:{_SMALL_CREDENTIAL})(?![\w-])"
)
# J Tso RN, at the head of a line or behind a stop
_INITIAL_FIRST = re.compile(
    r"(?:^|(?<=[/;(:])[ \t]{0,3}|(?<=[.,])[ \t]{1,2}|\b(?:[Bb]y|with|w/|per)[ \t])"
    r"(?P<name>[A-Z]\.?[ \t](?:[A-Z]\.?[ \t])?[A-Z][a-z'’]{1,15}(?:-[A-Z][a-z]+)?),?[ \t]{1,2}"
    rf"(?i:{_SMALL_CREDENTIAL})(?![\w-])",
    re.MULTILINE,
)
_AT_WORDS = ((opening_words(cues("login_cues")), _CUED),)
_CREDENTIALS = cues("credential_words")
_GROUPS = ((_CREDENTIALS, 44, 8, (_SMALL, _INITIAL_FIRST)),)


def logins(text: str) -> Iterator[Place]:
    """Where a user name of staff or a portal, or a small name before credentials, stands."""
    for match in at_words(text, _AT_WORDS)[0]:
        if match["name"]:
            if len(match["name"]) > _SHORT or "." in match["name"]:
                yield match.span("name")
        elif fold(match["caps"]) in known_names() or not is_clinical(text, *match.span("caps")):
            yield match.span("caps")
    for match in beside(text, _GROUPS):
        yield match.span("name")
