"""Whether a word that is one of the patient's names is the name where it stands.

Will, Mark and May are people and verbs, Ewing is a person and a disease: the neighbours decide.
"""

from __future__ import annotations

import re

from deid.eponyms import is_clinical_phrase, is_explained, lexicon
from deid.vocabulary import any_cue, cues, fold, is_word

__all__ = ["case_free", "does_something", "inside_sentence", "may_stand", "stands_alone"]

_CAPITALS_MIN = 0.01  # share of letters below which a text has no capitals
_SHORT = 3  # letters; as words these are too common to be the name with a capital alone
_TITLE = re.compile(
    r"\b(?:mr|mrs|ms|miss|mx|dr|master|patient|pt|name)\b[.:]?\s{1,3}$", re.IGNORECASE
)
# Before a word in small letters; "the dr will call" has no patient Will.
_SMALL_TITLE = re.compile(r"(?i)\b(?:mr|mrs|ms|mx)\b\.?[ \t]{1,3}$|\bdr\.[ \t]{1,3}$")
_LABEL = re.compile(
    r"(?i)(?<![^\W_])(?:sur|fore)name[ \t]{0,2}[:=][ \t]{0,3}$"
    r"|(?<![^\W_])(?:last|first|given|family|middle|maiden|birth|patient)(?:[ \t_]?names?)?"
    r"[ \t]{0,2}[:=][ \t]{0,3}$"
)
# "Will and Grace came": a verb may follow the next name only.
_VERB = re.compile(
    rf"(?:[ \t]and[ \t](?-i:[A-Z])[^\W\d_]+)?[ \t\n]{{1,2}}(?:{any_cue('person_verbs')})(?!\w)",
    re.IGNORECASE,
)
# "Mark's knee", "Mark, a 45-year-old", "Mark (45 y)".
_OF_A_PERSON = re.compile(
    r"['’]s[ \t]|,?[ \t]\(?(?:an?[ \t])?\d{1,3}[ \t\-]?(?:y\.?[/ ]?o\b|yrs?\b|years?\b|y\b)",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"([^\W_]+)[ \t\-]{1,2}$")
_WORD_BEHIND = re.compile(r"[ \t\-]{1,2}([^\W_]+)")
_SENTENCE_START = re.compile(r"(?:^|[.:;!?\n•*])[ \t]{0,3}$")
_INSIDE = re.compile(r"[^\s.:!?\-•*\n]\s$")


def case_free(text: str) -> bool:
    """True for a text in capitals only, or with none."""
    letters = sum(map(str.isalpha, text))
    capitals = sum(map(str.isupper, text))
    return letters > 0 and not _CAPITALS_MIN < capitals / letters < 1 - _CAPITALS_MIN


def stands_alone(text: str, start: int, end: int, initials: frozenset[str]) -> bool:
    """Whether a token is the name without help from another name beside it."""
    source = text[start:end]
    plain = fold(source)
    ordinary = is_explained(text, start, end)
    if len(plain) >= _SHORT and not ordinary:
        return True
    if _introduced(text, start, plain, ordinary=ordinary, capital=source[0].isupper()):
        return True
    if _beside_initial(text, start, end, initials, capital=source[0].isupper()):
        return True
    if not source[0].isupper():
        # "patient ewing": no word, so what it is but a name must show ("the ewing sarcoma").
        return plain in lexicon().eponyms and not (
            is_word(source) or is_clinical_phrase(text, start, end)
        )
    if source.isupper() and len(source) > 1:
        # An abbreviation ("DO", "LE") or a name in capitals ("YOUNG").
        return len(plain) > _SHORT and not is_clinical_phrase(text, start, end)
    if len(plain) < _SHORT and ordinary:
        # "Do was seen" is Mr. Do; "So was she" is nobody.
        return plain not in cues("no_names") | {"so", "us"} and does_something(text, start, end)
    if plain in cues("sentence_starters") or (len(plain) == _SHORT and ordinary):
        return does_something(text, start, end) or inside_sentence(text, start, end)
    return True


def _introduced(text: str, start: int, plain: str, *, ordinary: bool, capital: bool) -> bool:
    """Behind a title or a label: "Mr. Young", "mr. young", "Surname: Long"."""
    before = text[max(0, start - 24) : start]
    if _TITLE.search(before) and (capital or not ordinary):
        return True
    return (len(plain) >= _SHORT and _SMALL_TITLE.search(before) is not None) or (
        (capital or len(plain) > _SHORT) and _LABEL.search(before) is not None
    )


def _beside_initial(
    text: str, start: int, end: int, initials: frozenset[str], *, capital: bool
) -> bool:
    """Beside one of the patient's own initials: "G. Long", "G Long", "g. long", "Long, G"."""
    behind = re.match(r"[ \t]([A-Z])\.(?!\w)|,[ \t]?([A-Z])(?![\w'’])", text[end : end + 5])
    if capital and behind and fold(behind[1] or behind[2]) in initials:
        return True
    before = re.search(r"(?<![\w.'’/\-])([^\W\d_])(\.?)[ \t]?$", text[max(0, start - 4) : start])
    if before is None or fold(before[1]) not in initials:
        return False
    if before[2]:
        return capital or before[1].islower()
    # "A Long head", "I May", "T Max": the full stop is missing, so that the letter must tell.
    return capital and before[1].isupper() and before[1] not in "AITX"


def does_something(text: str, start: int, end: int) -> bool:
    """A verb that people do follows, an age or a genitive, and nothing before makes the word a
    thing ("T Max was", "this Day's").
    """
    if _VERB.match(text, end) is None and _OF_A_PERSON.match(text, end) is None:
        return False
    before = _WORD_BEFORE.search(text[max(0, start - 24) : start])
    return before is None or fold(before[1]) not in cues("no_name_behind")


def inside_sentence(text: str, start: int, end: int) -> bool:
    """A capital inside a sentence in normal case, not part of a phrase ("X Ray", "Day 3")."""
    if _INSIDE.search(text[max(0, start - 3) : start]) is None:
        return False
    before = _WORD_BEFORE.search(text[max(0, start - 24) : start])
    behind = _WORD_BEHIND.match(text, end)
    if before and (fold(before[1]) in cues("no_name_behind") or before[1][0].isdigit()):
        return False
    if behind and (behind[1][0].isdigit() or fold(behind[1]) in cues("no_name_before")):
        return False
    if end - start > _SHORT:
        return not is_clinical_phrase(text, start, end)
    if re.match(r"-[^\W_]", text[end : end + 2]):
        return False  # "a Ray-Tec sponge"
    # "Follow Up Day": in a heading every word has its capital.
    return before is None or before[1].islower() or before[1] == "I"


def may_stand(text: str, start: int, end: int) -> bool:
    """The same in a text without capitals, where a name that is a word looks like the word:
    all but the commonest words count as the name, and those before what people do.
    """
    plain = fold(text[start:end])
    if len(plain) < _SHORT or is_clinical_phrase(text, start, end):
        return False
    if len(plain) > _SHORT and plain not in cues("sentence_starters"):
        return True
    opens = _SENTENCE_START.search(text[max(0, start - 5) : start]) is not None
    return opens and does_something(text, start, end)
