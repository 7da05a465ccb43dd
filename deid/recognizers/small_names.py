"""Names in small letters in hurried notes, by where they stand.

"dr oka", "dr grant page", "s/o from kimo", "plastics (ah you) happy", "lupe o.r. 45F". Notes that
are typed between two rooms have no capitals; the place must tell that a person is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_explained
from deid.recognizers.name_grammar import is_word_name
from deid.scan import AtWords, at_words, opening_words
from deid.span import Place
from deid.vocabulary import any_cue, cues, fold, is_word, known_names

__all__ = ["small_names"]

_TITLED = re.compile(
    r"(?:[Dd]r|[Mm]r|[Mm]rs|[Mm]s)\.?[ \t]{1,2}(?P<initial>[a-z]\.[ \t]?)?"
    r"(?P<name>[a-z][a-z'’-]{2,15})(?:[ \t](?P<more>[a-z][a-z'’-]{2,15}))?"
    r"(?![\w'’-])"
)
# Sign-out, report or hand-off from or to somebody.
_HANDED = re.compile(
    r"(?i:s/o|sign-?out|signed[ \t]out|report|rpt|handoff|hand-off|w/o|recd?"
    r"|got[ \t]call|call|per|word)"
    r"[ \t](?:(?:from|to|by|w/)[ \t])(?P<name>[a-z]{3,12})"
    r"(?=[ \t](?:overnight|this|at|re|rn|np|md|on|who|\d)|[:;,.]|$)",
    re.MULTILINE,
)
_SERVICE = re.compile(
    rf"(?i:{any_cue('services')})[ \t]\((?P<name>[a-z'’-]{{2,12}}(?:[ \t][a-z'’-]{{2,12}})?)\)"
    r"(?P<acts>[ \t](?:happy|ok(?:ay)?|aware|agrees?|agreed|following|notified|paged"
    r"|saw|will|recs|says|said"
    r"|signed|called|rounding|to[ \t]see|fine|content|pleased))?"
)
# At the head of a line, before an age with its sex
_AGED = re.compile(
    r"^[ \t>*•-]*(?P<name>[a-z]{2,14}(?:[ \t](?:[a-z]\.?){1,3}(?![\w'’])|[ \t][a-z'’-]{2,14}){0,2})"
    r",?[ \t]{1,2}\d{1,3}[ \t]?(?:[MF]|[mf]|yo|y/o)\b",
    re.MULTILINE,
)
_VERBS = frozenset(
    {"will", "may", "can", "mark", "grant", "head", "hand", "case", "page", "pool", "place"}
)
_AT_WORDS: tuple[AtWords, ...] = (
    (frozenset({"dr", "mr", "mrs", "ms"}), _TITLED),
    (
        cues("handing_words"),
        _HANDED,
    ),
    (opening_words(cues("services")), _SERVICE),
)


def small_names(text: str) -> Iterator[Place]:
    """Names in small letters, in no order."""
    titled, handed, service = at_words(text, _AT_WORDS)
    for match in titled:
        name, more = match["name"], match["more"]
        if match["initial"] or (is_word_name(name) and name not in _VERBS and not more):
            yield (
                match.start("initial") if match["initial"] else match.start("name"),
                match.end("name"),
            )
            continue
        if is_word_name(name) and name not in _VERBS and not (more and is_word_name(more)):
            yield match.span("name")
        start, end = match.span("name")
        if not (_unexplained(text, *match.span("name")) or (more and is_word_name(name))):
            continue
        if more and (is_word_name(more) or _unexplained(text, *match.span("more"))):
            yield start, match.end("more")
        elif _unexplained(text, start, end):
            yield start, end
    for match in handed:
        if _unexplained(text, *match.span("name")) or match["name"] in known_names():
            yield match.span("name")
    for match in service:
        words = match["name"].split()
        named = match["acts"] or all(fold(word) in known_names() for word in words)
        if named and (not all(map(is_word, words)) or all(map(is_word_name, words))):
            yield match.span("name")
    for match in _AGED.finditer(text):
        first = match["name"].split()[0]
        end = match.start("name") + len(first)
        if first in known_names() or (
            len(first) > 3 and _unexplained(text, match.start("name"), end)
        ):
            yield match.span("name")


def _unexplained(text: str, start: int, end: int) -> bool:
    return not is_explained(text, start, end) and text[start:end] not in cues("no_initials")
