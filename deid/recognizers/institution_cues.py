"""Institutions, schools and employers by what stands before their name.

"retired from Quillon & Daughters", "a line cook at Cap'n Dill's", "seen at Coos Bay Community",
"Receiving: Cascade Regional", "student at Maple Grove".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.recognizers.codes import is_public
from deid.scan import AtWords, Group, at_words, beside, opening_words
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, is_word

__all__ = ["SENTENCE_VERBS", "find_by_place_cue"]

_WORD = r"[A-ZÀ-ÖØ-Þ](?:[\w'’&\-]|\.(?=[A-Z])){0,40}"
_NEXT = rf"(?:[ \t\n](?:(?:of|and|the|de|for|&)[ \t\n]){{0,2}}{_WORD})"
_NAME = rf"(?P<name>{_WORD}{_NEXT}{{0,4}}(?:\.(?<=Co\.|nc\.))?)"
_EMPLOYER = re.compile(
    r"(?i:\b(?:works?|worked|working|employed|retired|laid off)[ \t]"
    r"(?:(?:(?:full|part)[- ]time|nights?|days?|evenings?|weekends|offshore|remotely|security"
    r"|maintenance"
    r"|construction|summers|seasonally|per diem|the line|(?:as )?an? [a-z]{4,14})[ \t])?(?:for"
    r"|at|by|from)"
    r"|\b(?:plays?|played|coach(?:es|ed)?|pitch(?:es|ed)|catches|swims|skates|sings|drives?"
    r"|drove|hauls)[ \t]"
    r"(?:[a-z]{3,12}[ \t]){0,2}for|\bvolunteers?[ \t](?:for|with|at)"
    r"|\bemployers?(?:[ \t](?:is|was|of)|[ \t]?[,:(])"
    r"|\b(?:job|work|school|workplace|client)[ \t]?[(:]"
    r"|\bdischarged[ \t]to|\btransfer(?:red)?[ \t](?:to|from)"
    rf"|\boutside[ \t](?:study|films|hospital)[ \t](?:from|at))\s?(?:the\s)?{_NAME}"
)
# "is a line cook at"
_JOB = re.compile(
    r"\b(?:is|was|been|as)[ \t\n]an?[ \t\n](?![a-z ]*\b(?:candidate|need|plan|risk)\b)"
    r"(?:[a-z\-]+[ \t\n]){1,3}(?:at|for)[ \t\n](?:the[ \t])?"
    rf"(?P<name>(?![A-Z]{{2,5}}\b)[A-ZÀ-ÖØ-Þ](?:[^\W\d]|['’&\-]){{2,40}}{_NEXT}{{0,4}})"
)
_PUPIL = re.compile(
    r"(?i:\b(?:attends|student at|enrolled (?:at|in)|grade at|goes to|starts? at|classes at"
    rf"|graduated from|teaches at|school (?:is|at)))[ \t\n]{_NAME}"
)
_AT = re.compile(
    rf"(?i:\b(?:at|from|through|via|to|by|the)\s(?:the\s)?|\b{any_cue('institution_labels')}[ \t]?:"
    rf"[ \t]{{0,5}})(?P<name>{_WORD}{_NEXT}{{1,5}})"
)
_AT_WORDS: tuple[AtWords, ...] = (
    (
        frozenset({"work", "works", "worked", "working", "employed", "retired", "laid"})
        | {"employer", "employers", "discharged", "transfer", "transferred", "outside"}
        | {"job", "school", "workplace", "client", "plays", "play", "played", "coach", "coaches"}
        | {
            "coached",
            "pitches",
            "pitched",
            "catches",
            "swims",
            "skates",
            "sings",
            "drive",
            "drives",
        }
        | {"drove", "hauls", "volunteer", "volunteers"},
        _EMPLOYER,
    ),
    (frozenset({"is", "was", "been", "as"}), _JOB),
    (
        frozenset({"attends", "student", "enrolled", "grade", "goes", "start", "starts"})
        | {"classes", "graduated", "teaches", "school"},
        _PUPIL,
    ),
    (
        frozenset({"at", "from", "through", "via", "to", "by", "the"})
        | opening_words(cues("institution_labels")),
        _AT,
    ),
)
# A trade behind a proper name needs no cue: "Yoder Cabinet Works", "Harlan Drug".
_TRADE = re.compile(
    rf"(?<![\w-])(?P<name>(?:{_WORD}[ \t](?:(?:of|and|the|&)[ \t])?){{1,5}}?){any_cue('trades')}"
    r"(?:[ \t](?:&|and)[ \t][A-Z][\w'’]{2,20})?(?![\w-])"
)
_TRADES: tuple[Group, ...] = ((opening_words(cues("trades")), 160, 60, (_TRADE,)),)
# "at South Methodist"
_SIDES = frozenset({"North", "South", "East", "West", "Central"})
_AFTER_SIDE = frozenset({"Memorial", "Methodist", "Baptist", "Regional", "Presbyterian"})
SENTENCE_VERBS = frozenset({"Called", "Asked", "Sent", "Faxed", "Phoned", "Messaged", "Per", "Via"})
"""Words before a name that begin a sentence."""
_GENERIC = cues("generic_institution_words", "care_units")


def _trial(name: str) -> bool:
    """What one is enrolled in that is no school: a trial, by its number or in capitals."""
    words = name.split()
    return any(is_public(word) for word in words) or all(word.isupper() for word in words)


def find_by_place_cue(text: str) -> Iterator[Span]:
    """Names of institutions and firms; spans may overlap."""
    employers, jobs, pupils, places = at_words(text, _AT_WORDS)
    pupils = [match for match in pupils if not _trial(match["name"])]
    for match in (*employers, *jobs, *pupils):
        if not _generic(match["name"]):
            yield Span(*match.span("name"), "ORG", "hospital")
    for match in places:
        if length := _named(match["name"]):
            start = match.start("name")
            yield Span(start, start + length, "ORG", "hospital")
    for match in beside(text, _TRADES):
        words = match["name"].split()
        at = match.start() + (len(words[0]) + 1 if words[0] in SENTENCE_VERBS else 0)
        if any(_proper(word) for word in match["name"].split()):
            yield Span(at, match.end(), "ORG", "hospital")


def _generic(name: str) -> bool:
    """Units, wards and kinds of care."""
    tokens = re.findall(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*", name)
    return all(fold(token) in _GENERIC or (is_word(token) and len(tokens) < 2) for token in tokens)


def _named(name: str) -> int:
    """Length of the name of an institution at the beginning of capitalised words, 0 if there is
    none: its last word is a kind of one, and another is a name, or any word where the kind is said
    of few other things.
    """
    words = list(re.finditer(r"\S+", name))
    for count in range(len(words), 1, -1):
        *before, last = (word.group() for word in words[:count])
        sure = last in cues("institution_kinds_sure")
        if not (sure or last in cues("institution_kinds_weak", "trades")):
            continue
        sided = last in _AFTER_SIDE and len(before) == 1
        own = [
            word
            for word in before
            if word[0].isupper() and (fold(word) not in _GENERIC or (sided and word in _SIDES))
        ]
        if any(sure or not is_clinical(word, 0, len(word)) for word in own):
            return words[count - 1].end()
    return 0


def _proper(word: str) -> bool:
    """A word with a capital that is neither ordinary nor clinical."""
    plain = word.strip(".,&'’")
    return len(plain) > 2 and plain[0].isupper() and not is_clinical(plain, 0, len(plain))
