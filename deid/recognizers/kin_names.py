"""Names behind a relative, whole: "husband Vuthy Hip", "sister's file (Faith Marrow)".

Parts of such names are words. With one part that nothing else explains, all its neighbours with a
capital are of the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import beside_head, is_explained
from deid.recognizers.name_grammar import TITLED
from deid.scan import AtWords, at_words, beside
from deid.span import Place
from deid.vocabulary import any_cue, cues, fold, is_known_name, is_word

__all__ = ["kin_names"]

_KIN = re.compile(
    rf"(?i:{any_cue('kin')})(?:['’]s[ \t](?:file|chart|record|phone|number|cell|name))?"
    r"(?:[ \t](?:is|was|named|called))?,?[ \t]{1,2}\(?"
    rf"(?P<name>{TITLED}(?:[ ](?:{TITLED}|[A-Z]\.)){{0,3}}(?:,?[ ](?:Jr|Sr|III?|IV)\b\.?)?)"
)
_NO_NAMES = (cues("no_names", "titles", "roles", "relatives")) - {
    "will",
    "may",
    "her",
}
# "Chip (son)", "Bud, his brother"
_BEFORE_KIN = re.compile(
    rf"(?<![^\W_])(?P<name>{TITLED}(?:[ ]{TITLED})?)"
    rf"(?:[ ]\((?:(?:his|her|pt['’]?s|the|patient['’]s)[ ])?{any_cue('kin')}[,)]"
    rf"|,[ ](?:his|her|their|pt['’]?s|patient['’]s)[ ](?:\w+[ ])?{any_cue('kin')}\b)"
)
_NO_PERSON = cues("no_person_words", "generic_institution_words")
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|['’ʻ\-](?=[^\W\d_]))*")
_OPENING = frozenset(re.split(r"[^a-z]", word)[0] for word in cues("kin"))
_AT_WORDS: tuple[AtWords, ...] = ((_OPENING, _KIN),)
# Behind a lone name: not "Mother Will", which a verb may be, but "husband Will, 40".
_CLOSED = re.compile(
    r"[ \t]*(?:[,;)(]|\.(?:\s|$)|\d|(?:and|at|who|is|was|on|in)\b|$)", re.MULTILINE
)


def kin_names(text: str) -> Iterator[Place]:
    """Whole names behind relatives, and words before them."""
    for match in beside(text, ((cues("kin"), 44, 4, (_BEFORE_KIN,)),)):
        if _may_be_kin(match["name"]):
            yield match.span("name")
    for match in at_words(text, _AT_WORDS)[0]:
        start = match.start("name")
        if text[max(0, match.start() - 2) : match.start()] == "& ":
            continue  # "Smith & Nephew Journey II"
        places = [
            (start + one.start(), start + one.end()) for one in _WORDS.finditer(match["name"])
        ]
        if fold(text[slice(*places[0])]) in cues("titles"):
            continue
        while places and _is_no_name(text, *places[-1]):
            places.pop()
        if not places:
            continue
        word = text[slice(*places[0])]
        given = fold(word) in cues("word_given_names", "clinical_given_names") and word.istitle()
        if len(places) == 1:
            if _unexplained(text, *places[0]) or (given and _CLOSED.match(text, places[0][1])):
                yield places[0]
        elif given or any(_unexplained(text, *place) for place in places[:2]):
            yield start, max(places[-1][1], match.end("name") if match["name"][-1] == "." else 0)


def _may_be_kin(name: str) -> bool:
    """A name before a relative: "Chip (son)", but not "Apparently, his son"."""
    words = [fold(word) for word in name.split()]
    if any(word in _NO_NAMES or word in _NO_PERSON or word in cues("kin") for word in words):
        return False
    return any(not is_word(word) or word in cues("word_given_names") for word in words) and not (
        words[-1].endswith("ly") and len(words) == 1
    )


def _is_no_name(text: str, start: int, end: int) -> bool:
    word = fold(text[start:end])
    return word in _NO_NAMES or beside_head(text, start, end, directly=True)


def _unexplained(text: str, start: int, end: int) -> bool:
    return is_known_name(text[start:end]) or not is_explained(text, start, end)
