"""What somebody is called beside the name: "everyone calls him Skip", '("Bunny" to everyone)', a
short form in quotation marks behind a name, "Otter (2 years, legal name Ottilie)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import beside_head, is_clinical
from deid.scan import AtWords, Group, at_words, beside
from deid.span import Place
from deid.vocabulary import cues, fold, is_word

__all__ = ["nicknames"]

_WORD = r"(?:(?:[A-Z]\.){2,3}|[A-Z][^\W\d_]+(?:['’\-][A-Z]?[^\W\d_]+){0,2})"
_CALLED = re.compile(
    r"(?i:(?:everyone|everybody|family|friends|they|we|she|he|who|wife|husband|mom|dad|mother"
    r"|kids|people)[ ]"
    r"(?:all[ ]|just[ ]|always[ ]|only[ ])?calls?[ ](?:(?:him|her|them|me|us|himself|herself)[ ])?"
    r"|(?:likes|wants|wishes|asks|prefers|preferred|liked|asked)[ ]to[ ](?:be[ ]called|go[ ]by)[ ]"
    r"|(?:known|known[ ]to[ ](?:all|us|friends|family|everyone))[ ]as[ ]|answers[ ]to[ ]"
    r"|nickname(?:[ ]is)?[:,]?[ ]"
    r"|calling[ ](?:out[ ])?for[ ](?:(?:his|her)[ ]\w+[ ])?|friends[ ]call[ ](?:him|her|them)[ ]"
    r"|pref(?:erred|\.)?(?:[ ]name)?[ ]?[:=][ ]?|prefers[ ](?:the[ ]name[ ])?)"
    rf"(?P<quote>[\"“'‘])?(?P<name>{_WORD})(?(quote)[\"”'’])(?![\w-])"
)
_TO_ALL = re.compile(
    rf"[\"“](?P<name>{_WORD})[\"”][ ](?:to[ ](?:everyone|everybody|all|us|friends|family|his|her"
    rf"|the)\b)"
)
# Behind a name: Roe ("Bunny"), Roe (goes by "Bunny")
_QUOTED = re.compile(
    rf"[A-Z][\w'’\-]+,?[ ]\(?(?:aka[ ]|a\.k\.a\.[ ]|goes[ ]by[ ]|nickname[ ]|known[ ]as[ ]"
    rf"|called[ ])?"
    rf"[\"“](?P<name>{_WORD})[\"”](?=[)\s,])"
)
_LEGAL = re.compile(
    rf"(?<![\w-])(?P<name>{_WORD})(?=,?[ ]\(?(?:[^().\n]{{0,24}},[ ])?(?:legal|given|real|birth"
    rf"|full|formal)[ ]name\b)"
)
_AT_WORDS: tuple[AtWords, ...] = (
    (
        frozenset(
            {
                "everyone",
                "everybody",
                "family",
                "friends",
                "they",
                "we",
                "she",
                "he",
                "who",
                "wife",
                "husband",
            }
        )
        | {
            "mom",
            "dad",
            "mother",
            "kids",
            "people",
            "likes",
            "wants",
            "wishes",
            "asks",
            "prefers",
            "preferred",
        }
        | {"liked", "asked", "known", "answers", "nickname", "calling", "pref"},
        _CALLED,
    ),
)
_GROUPS: tuple[Group, ...] = (
    (re.compile(r"[\"”][ ]to[ ]"), 24, 12, (_TO_ALL,)),
    (re.compile(r"[\"“][A-Z]"), 40, 20, (_QUOTED,)),
    (frozenset({"legal", "given", "real", "birth", "full", "formal"}), 60, 8, (_LEGAL,)),
)


def nicknames(text: str) -> Iterator[Place]:
    """Nicknames, in no order; they may overlap."""
    for match in at_words(text, _AT_WORDS)[0]:
        if _is_nickname(text, match, sure=match["quote"] is not None):
            yield match.span("name")
    for match in beside(text, _GROUPS):
        if match.re is _QUOTED and not _behind_name(text, match):
            continue
        if _is_nickname(text, match, sure=match.re is not _LEGAL):
            yield match.span("name")


def _behind_name(text: str, match: re.Match[str]) -> bool:
    """Whether the word before the quotation marks is none of the language: "Ngo-Roe ("Bunny")"."""
    word = re.match(r"[A-Z][\w'’\-]+", match.group())
    if word is None:
        return False
    start, end = match.start(), match.start() + word.end()
    return not is_clinical(text, start, end) and fold(word.group()) not in cues(
        "no_names", "titles"
    )


def _is_nickname(text: str, match: re.Match[str], *, sure: bool) -> bool:
    """A name that nothing explains, a given name that is a word, or any one word where quoted: no
    clinical term, and none of several capitals ("she calls EMS").
    """
    start, end = match.span("name")
    name = fold(match["name"])
    if beside_head(text, start, end, directly=True) or name in cues("no_names", "titles", "roles"):
        return False
    given = name in cues("word_given_names", "clinical_given_names")
    if given:
        return not (match["name"].isupper() and len(name) > 1)
    if match["name"].isupper() and "." not in match["name"] and len(name) > 1:
        return False
    if sure:
        return not is_clinical(text, start, end) or (
            is_word(match["name"]) and match.re is not _QUOTED
        )
    return not is_clinical(text, start, end)
