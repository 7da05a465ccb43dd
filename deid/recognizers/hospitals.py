"""Hospitals, clinics and other institutions by the word that closes or opens their name; by what
stands before it, see :mod:`deid.recognizers.institution_cues`.

"General Hospital" and "Pain Clinic" name no place; a name needs at least one word that is not
such a generic one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.recognizers.institution_cues import SENTENCE_VERBS, find_by_place_cue
from deid.scan import AtWords, at_words, opening_words
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, is_word, names_only

__all__ = ["find_hospitals"]

_KIND = any_cue("institution_kinds")
# A full stop inside a name shortens a word: "St. Agnes", but not "Bedside. The Hospital".
_WORD = (
    r"[A-ZÀ-ÖØ-Þ](?:[\w'’&\-]|\.(?=\w)|(?<=\b[A-Z])\.|(?<=\b(?:St|Mt|Ft|ST|MT|FT))\."
    r"|(?<=\bSte)\.|(?<=\bUniv)\.){0,40}"
)
_NAME = re.compile(
    rf"(?<![\w-])(?P<name>(?:{_WORD}[ \t](?:(?:of|and|the|for|&"
    rf"|de)[ \t]){{0,2}}){{1,5}}?){_KIND}(?:[ \t](?:of|at"
    rf"|in)[ \t](?:the[ \t])?(?P<of>{_WORD}(?:[ \t]{_WORD}){{0,2}}))?(?!\w)"
)
_OF = re.compile(
    r"(?<![\w-])(?:University|Univ\.?|College|Hospital|Children['’]s Hospital)[ \t]of[ \t]"
    rf"(?:the[ \t])?{_WORD}(?:[ \t]{_WORD}){{0,4}}"
)
# The look-ahead fails fast at nearly all characters; the alternatives alone are slow.
_OPENED = re.compile(
    r"(?<!\w)(?=[A-ZÀ-ÖØ-Þ])(?:"
    rf"(?<![\w-]){any_cue('institution_openings')}[ \t]{_WORD}(?:[ \t]{_WORD}){{0,3}}"
    rf"|(?<![\w-]){any_cue('health_systems')}[-–/][A-ZÀ-ÖØ-Þ][\w'’]{{1,40}}"
    r"|(?<![\w-])(?:St\.?|Saint)[ \t][A-ZÀ-ÖØ-Þ][a-zà-ÿ]+['’]?s(?![\w-])"
    r"(?![ \t](?:dance|fire|valve|medical|graft))"
    r"|(?<![\w-])(?:[A-Z][\w'’]{1,30}[ \t]){1,4}School[ \t]District(?:[ \t](?:No\.?[ \t])?\d{1,4})?"
    r"|\bLocal[ \t]\d{1,5}(?:[ \t]of(?:[ \t]the)?(?:[ \t][A-Z][\w'’]{1,30}){1,5})?)"
)
# "TVMC": four letters on, the last two those of a medical centre or hospital.
_INITIALS = re.compile(
    r"(?=[A-Z]{3})(?:(?<![\w/-])[A-Z]{1,4}(?<=[A-Z]{2})(?:MC|GH|UH|MH|RH|CH|HS)(?![\w/-])"
    r"|(?:(?<=[Aa]t[ \t])|(?<=AT[ \t]))[A-Z]{3,6}(?=[,.;)]|[ \t](?:on|in|by|for)[ \t]|[ \t][(;])"
    r"|(?<=M\.D\.,[ \t])[A-Z]{3,6}(?=[\s,.;)])|(?<=Ph\.D\.,[ \t])[A-Z]{3,6}(?=[\s,.;)])"
    r"|(?<=[ ,]MD,[ \t])[A-Z]{3,6}(?=[\s,.;)])|(?<=[ ,]RN,[ \t])[A-Z]{3,6}(?=[\s,.;)])"
    r"|(?<=[ ,]DO,[ \t])[A-Z]{3,6}(?=[\s,.;)])|(?<=PA-C,[ \t])[A-Z]{3,6}(?=[\s,.;)]))"
)
_HEAD_LENGTH = 300  # characters at the beginning of a note
# A letter head: capitals alone on their line.
_LETTER_HEAD = re.compile(
    r"^[ \t]{0,20}(?P<name>[A-Z][A-Z'’&.\-]*(?:[ \t][A-Z&][A-Z'’.\-]*){0,6}[ \t]"
    r"(?:HOSPITALS?|CLINICS?|CENTER|CENTRE|ASSOCIATES|INSTITUTE|HEALTH|HEALTHCARE|UNIVERSITY|PRACTICE|GROUP|PARTNERS"
    r"|SPECIALISTS|LABORATOR(?:Y|IES)|ORTHO|ORTHOP(?:A)?EDICS|ONCOLOGY|RADIOLOGY|IMAGING|PATHOLOGY|SURGERY"
    r"|HOSPICE|REHAB|PROSTHETICS|NETWORK|SYSTEM|ALLIANCE|COLLABORATIVE))[ \t]*$",
    re.MULTILINE,
)
_KNOWN = re.compile(rf"\b{any_cue('institutions')}(?!\w)")
_AT_WORDS: tuple[AtWords, ...] = (
    (frozenset({"university", "univ", "college", "hospital", "children"}), _OF),
    (opening_words(cues("institutions")), _KNOWN),
)


def _generic(word: str) -> bool:
    plain = fold(word)
    if plain in cues("generic_institution_words", "care_units", "no_names"):
        return True
    kind = plain.title() in cues("institution_kinds")
    return kind or (is_clinical(plain, 0, len(plain)) and not is_word(plain))


def _identifying(name: str) -> bool:
    tokens = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", name)
    shouted = name.isupper()
    for token in tokens:
        plain = fold(token)
        if {plain, plain.removesuffix("'s")} & cues("generic_institution_words"):
            continue
        if shouted and is_word(token) and plain not in names_only():
            continue
        return True
    return False


def find_hospitals(text: str) -> Iterator[Span]:
    """Names of institutions; spans may overlap."""
    for match in _NAME.finditer(text):
        start = match.start()
        # "The", "At", "From" before the name are not part of it.
        while lead := re.match(
            rf"(?:The|At|From|To|In|And|Of|For|A|Our|This|Member|Attends|Seen|Retired|Works|Dr\.?|{'|'.join(SENTENCE_VERBS)})\s",
            text[start : match.end()],
        ):
            start += lead.end()
        named = match.group("name")[start - match.start() :] + " " + (match.group("of") or "")
        if start < match.end() and _identifying(named):
            yield Span(start, match.end(), "ORG", "hospital")
    yield from find_by_place_cue(text)
    for match in _LETTER_HEAD.finditer(text, 0, _HEAD_LENGTH):
        if sum(not _generic(word) for word in match["name"].split()) > 1:
            yield Span(*match.span("name"), "ORG", "hospital")
    of, known = at_words(text, _AT_WORDS)
    for match in _INITIALS.finditer(text):
        if not is_clinical(text, *match.span()) and fold(match.group()) not in cues("care_units"):
            yield Span(match.start(), match.end(), "ORG", "hospital")
    for match in (*of, *_OPENED.finditer(text), *known):
        yield Span(match.start(), match.end(), "ORG", "hospital")
