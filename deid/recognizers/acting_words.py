"""Names that are words, by what only people do or are: "Will reports", "Will Jr.", "w/ Peg.".

Also who is on duty ("Off: Roe", "Consult: Ng in ED"), names spelled out ("H-E-R"), and the single
word that closes a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.recognizers.name_grammar import is_name_word
from deid.scan import AtWords, at_words, beside, opening_words
from deid.vocabulary import any_cue, cues, fold, is_word, known_names

__all__ = ["acting_words"]

Place = tuple[int, int]
# Verbs that only people are the subject of, in forms that "will" and "may" do not take.
_ACTS = re.compile(rf"(?P<name>[A-Za-z]+)[ \t\n](?:{any_cue('human_verbs')})\b")
_OPENS = re.compile(r"(?:^|[.!?:;•*]|[-–—])[ \t]{0,3}$|\n[ \t]*$")
_THING_BEFORE = re.compile(
    r"(?:\d|\b(?:the|a|an|this|that|no"
    r"|of|in|at|each|per|his|her|their|our|my|some|any|high|low))[ \t]$",
    re.IGNORECASE,
)
_JUNIOR = re.compile(r"(?<![^\W_])(?P<name>[A-Z][a-z]{2,15},?[ ](?:Jr|Sr)\b\.?)")
_SPELLED = re.compile(
    r"(?i:spell(?:ed|s|t|ing)(?:[ \t]as)?)[ \t:]{1,3}[\"“]?"
    r"(?P<name>[A-Z](?:[-. ][A-Z]){2,14})(?![\w-])"
)
# "left word w/ Peg.", "married to Wes;", "liaison Peg 419-"
_SHORT_GIVEN = re.compile(
    rf"(?P<name>{'|'.join(sorted(word.title() for word in cues('clinical_given_names')))})"
    r"(?=[.,;:)]|['’]s\b|[ \t]\(?\d|[ \t](?:and|who|at|is|was|will"
    r"|says|said|has|had|re|on|from|for)\b|\s*$)",
    re.MULTILINE,
)
_PERSON_ENDS = re.compile(
    r"\b(?:w/|with|to|from|by|not|and|called|told|asked|per|liaison|spoke|wife|husband"
    r"|for|see|saw)[ \t]$"
)
_DUTY = re.compile(
    rf"(?i:{any_cue('duty_labels')})[ \t]?[:=][ \t]{{0,2}}"
    rf"(?P<name>[A-Z][a-z]{{1,14}}(?:-[A-Z][a-z]+)?)"
    r"(?=[ \t]*$|[.,;(/]|[ \t]{1,2}(?:in|to|until|til|till"
    r"|thru|→|->|\d|\(|/|and|&|then|for|p\d|x\d)|[ \t]{2})",
    re.MULTILINE,
)
_CLOSING = re.compile(r"\n[ \t]*(?P<name>[A-Z][a-z]{1,14})[ \t]*(?=\n|\Z)")
_CLOSED = re.compile(r"(?:\A|\n[ \t]*|[.!?,][ \t]*)\Z")
_BEHIND_CLOSING = re.compile(
    r"\s*\Z|\n[ \t]*\n|\n[ \t]*(?:[(>+]|\d{3}[-. )]|cell|tel|ph\b|[Ss]ent[ \t]from|[-–—=_]{2})"
)
# "d/w Sharp, agrees", "staffed w/ long"
_TALKED = re.compile(
    r"(?i:[ds]/w|staffed[ \t]?(?:w/|with)|discussed[ \t]?w/|reviewed[ \t]?w/"
    r"|seen[ \t]?w/|spoke[ \t]?w/)[ \t]?"
    r"(?P<name>[A-Za-z][a-z]{2,14})(?=[,.;)]|[ \t]*$|[ \t](?:who|and|re|at|from|by|agrees)\b)",
    re.MULTILINE,
)
_NEWBORN = re.compile(
    r"(?:[Bb]aby[ \t](?:[Bb]oy|[Gg]irl)|BABY[ \t](?:BOY|GIRL)|BB|BG"
    r"|[Ii]nfant[ \t](?:of|boy|girl))[ \t]"
    r"(?P<name>[A-Z][a-z]{2,14}|[A-Z]{3,14})(?![\w-])"
)
_GIVEN = cues("word_given_names")
_AT_WORDS: tuple[AtWords, ...] = (
    (_GIVEN, _ACTS),
    (opening_words(cues("duty_labels")), _DUTY),
    (frozenset(cues("clinical_given_names")), _SHORT_GIVEN),
    (frozenset({"d", "s", "staffed", "discussed", "reviewed", "seen", "spoke"}), _TALKED),
    (frozenset({"baby", "bb", "bg", "infant"}), _NEWBORN),
    (frozenset({"spelled", "spells", "spelt", "spelling"}), _SPELLED),
)


def acting_words(text: str) -> Iterator[Place]:
    """Names that are words or stand alone, in no order."""
    acts, duty, short, talked, newborn, spelled = at_words(text, _AT_WORDS)
    for match in acts:
        if _does(text, match.start(), match["name"]):
            yield match.span("name")
    for match in duty:
        name = match["name"]
        if (
            fold(name) in cues("two_letter_surnames")
            or _listed(name)
            or (len(name) > 2 and not is_word(name) and not is_clinical(text, *match.span("name")))
        ):
            yield match.span("name")
    for match in (*talked, *newborn):
        if _is_somebody(text, match):
            yield match.span("name")
    for match in short:
        if _PERSON_ENDS.search(text, max(0, match.start() - 12), match.start()):
            yield match.span("name")
    for match in spelled:
        yield match.span("name")
    for match in beside(text, ((frozenset({"jr", "sr"}), 20, 4, (_JUNIOR,)),)):
        yield match.span("name")
    for match in _CLOSING.finditer(text):
        start, end = match.span("name")
        closed = _CLOSED.search(text, max(0, match.start() - 8), match.start())
        if closed is None or _BEHIND_CLOSING.match(text, match.end()) is None:
            continue
        if _listed(match["name"]) or is_name_word(text, start, end):
            yield start, end


def _is_somebody(text: str, match: re.Match[str]) -> bool:
    """A name and no team: not "reviewed w/ Rads"."""
    word = fold(match["name"])
    if word in cues("services") and not _listed(word):
        return False
    known = _listed(word) or word in cues("word_surnames")
    return known or is_name_word(text, *match.span("name"))


def _listed(name: str) -> bool:
    return fold(name) in _GIVEN or fold(name) in known_names()


def _does(text: str, start: int, name: str) -> bool:
    """With a capital anywhere but behind an article; small only where a sentence opens."""
    if name.isupper() and len(name) > 1:
        return False
    before = text[max(0, start - 8) : start]
    if name[0].islower():
        return _OPENS.search(before) is not None or start == 0
    return _THING_BEFORE.search(before) is None
