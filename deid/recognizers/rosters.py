"""People in lists and hand-offs: who was present, who did what, whom a role of letters announces.

"Present: AB, Oyelade (path), CNS Moira", "Oyelade (med onc)", "day RN Oyelade", "RD Tomasz".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import beside_head, in_phrase, is_explained, lexicon
from deid.recognizers.name_grammar import TITLED
from deid.scan import AtWords, Group, at_words, beside
from deid.span import Place
from deid.vocabulary import any_cue, cues, fold, is_known_name, is_word

__all__ = ["rosters"]

_NAME = rf"{TITLED}(?:[ ](?:{TITLED}|[A-Z]\.?(?![\w])))?"
# Behind the name in brackets: what somebody does
_DOES = re.compile(
    rf"(?<![\w-])(?P<name>(?:[A-Z]\.[ ])?{_NAME}|[A-Z]{{3}})[ ]\((?i:{any_cue('services')}"
    rf"|{any_cue('roles')}"
    r"|cytotech|cytotechnologist|scribe|rn|np|pa|md|do|rn cm|ctr|msw|lcsw|chaplain|rep|student"
    r"|ms ?[34])\)"
)
# Before the name: roles told by letters
_ROLES = (
    r"RN|LPN|LVN|CNA|PCT|PCA|RD|RDN|CNS|CRNA|SRNA|PharmD|LCSW|MSW|SLP|OTR|NP|PA-C|CST|RNFA|SHO|HCA"
    r"|CPO|CTR|HUC|RT[(]R[)]|APRN|ARNP|FNP"
)
_ROLE = re.compile(rf"(?:{_ROLES})[ ](?P<name>{_NAME})(?![\w-])")
_PRESENT = re.compile(
    r"(?:[Pp]resent|PRESENT|[Aa]ttendees?|ATTENDEES|[Ii]n attendance|[Aa]pologies|APOLOGIES"
    r"|[Mm]embers present"
    r"|[Aa]ttending members)[ \t]?:[ \t]{0,3}(?P<list>[^\n]{3,300})"
)
_ITEM = re.compile(
    r"(?:^|(?<=[,;&])|(?<=\band))[ ]?(?P<name>[A-Z]{2,4})(?=[ ]?(?:[,;.(&]|$|and\b))"
)
# "J. Oyelade", wherever it stands, the surname being no word
_INITIALLED = re.compile(
    r"(?<![\w.])(?P<name>(?:[A-Z]\.[ ]?){1,2}"
    r"(?P<last>[A-Z][^\W\d_]{3,}(?:[-'’][A-Z][^\W\d_]+)*))(?![\w'’])"
)
_LETTERS_MIN = 3
_AT_WORDS: tuple[AtWords, ...] = (
    (frozenset(re.split(r"\W", role)[0].lower() for role in _ROLES.split("|")), _ROLE),
    (
        frozenset({"present", "attendee", "attendees", "in", "apologies", "members", "attending"}),
        _PRESENT,
    ),
)
_BRACKETS: tuple[Group, ...] = ((re.compile(r"[A-Za-z.][ ]\([A-Za-z]"), 40, 40, (_DOES,)),)
_DOTTED: tuple[Group, ...] = (
    (re.compile(r"[A-Z]\.(?<![\w.][A-Z]\.)[ ]?[A-Z]"), 6, 30, (_INITIALLED,)),
)
_NO_PEOPLE = cues(
    "services", "teams", "roles", "relatives", "no_names", "credential_words", "care_units"
)


def rosters(text: str) -> Iterator[Place]:
    """Names and initials, in no order; they may overlap."""
    roles, present = at_words(text, _AT_WORDS)
    for match in beside(text, _BRACKETS):
        start, end = match.span("name")
        shouted = match["name"].isupper()
        if shouted and (
            fold(match["name"]) in cues("no_initials") | _NO_PEOPLE or is_word(match["name"])
        ):
            continue
        if shouted or _is_person(text, start, end):
            yield start, end
    for match in roles:
        if _is_person(text, *match.span("name")):
            yield match.span("name")
    for match in beside(text, _DOTTED):
        last = match.span("last")
        if not (
            is_explained(text, *last)
            or in_phrase(text, *last)
            or beside_head(text, *last)
            or fold(match["last"]) in _NO_PEOPLE
        ):
            yield match.span("name")
    for match in present:
        base = match.start("list")
        for item in _ITEM.finditer(match["list"]):
            if fold(item["name"]) not in _NO_PEOPLE - {"rpt"}:
                yield base + item.start("name"), base + item.end("name")


def _is_person(text: str, start: int, end: int) -> bool:
    """The first word is a name: listed, or nothing else explains it; none is a clinical term."""
    words = [
        (start + one.start(), start + one.end())
        for one in re.finditer(r"[^\s.]{2,}", text[start:end])
    ]
    if not words:
        return False
    a, b = words[0]
    plain = fold(text[a:b])
    if plain in _NO_PEOPLE or any(
        fold(text[c:d]) in lexicon().terms | _NO_PEOPLE for c, d in words
    ):
        return False
    if is_known_name(text[a:b]):
        return True
    if plain in cues("word_given_names", "clinical_given_names") and len(words) > 1:
        return True
    return b - a >= _LETTERS_MIN and not is_explained(text, a, b)
