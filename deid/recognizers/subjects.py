"""Whom a note is about, by what is said of a person: an age, a sex, a state, a record number.

"Roe is a 45-year-old man", "J.R. (62F)", "Roe denies pain", "ROE, JANE  MRN 123". An age or a sex
is said of people only, so that words and eponyms in front of it are names too ("Sharp, a 45 yo
man"); what else a person does is also said of wards and drugs, and asks for a word that nothing
else explains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical
from deid.recognizers.name_before import Place, walked_back, words_before
from deid.recognizers.name_grammar import CREDENTIAL, is_name_word, is_word_surname
from deid.vocabulary import any_cue, cues, fold, is_word, names_only

__all__ = ["subjects"]

_AGE = (
    r"(?:\d{1,3}[ \t-]?(?:y(?:ea)?rs?\b|y\b|y/?o|y\.o|months?\b|mos?\b|weeks?\b|m/o|[MFmf]\b)"
    r"|(?:man|woman|male|female|boy|girl|lady|gentleman)\b|aged?[ \t]\d)"
)
_OF_A_PERSON = (
    # Roe is a pleasant 45-year-old
    re.compile(
        r"(?<=[^\W_])\.?[ \t\n](?:is|was)[ \t\n](?:now[ \t])?(?:an?|the)[ \t\n]"
        r"(?:(?:very|pleasant|previously|otherwise|healthy|young|elderly|delightful)[ \t\n])*"
        rf"{_AGE}"
    ),
    # Roe (50 y/o woman), Roe, a 78F
    re.compile(rf"(?<=[^\W_])\.?[ \t\n]?[(,][ \t\n]?(?:an?[ \t\n])?{_AGE}"),
    re.compile(r"(?<=[^\W_])\.?[ \t\n]came[ \t\n](?:in[ \t])?with[ \t\n](?:his|her|their)\b"),
)
_OF_MANY = re.compile(
    r"(?<=[^\W_])\.?[ \t\n](?:is[ \t]|was[ \t])?(?:resting|asleep|sleeping"
    r"|up[ \t]in[ \t](?:the[ \t])?chair|A&O|AAO|A[ \t]&[ \t]O|alert[ \t]and|awake[ \t]and"
    r"|denies|denied|states|stated|verbali[sz]e[sd]|c/o|complain(?:s|ed)|endorse[sd]"
    r"|ambulat(?:es|ed|ing)|voided|refused|lives|underwent|came|reports|reported|presents"
    r"|presented)\b"
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.){1,2}[^\W\d_]")
_UNDOTTED_STAFF = re.compile(rf"{CREDENTIAL}|ER|OR|ED|ICU|OB|PCP|US|PT|OT")
_NAME = r"[^\W\d_a-z](?:[^\W\d_]|['’\-](?=[^\W\d_]))+"
_SMALL = rf"(?:{any_cue('particles')}[ \t]){{0,2}}"
_REST = rf"(?:[ \t](?:{_NAME}|[^\W\d_a-z]\.?(?![\w.]))){{0,2}}"
# The head of a page: the name stands before the number of the record or on the line above it.
_HEAD = re.compile(
    rf"^[ \t>*-]*(?P<name>{_SMALL}{_NAME}{_REST}(?P<comma>,[ \t]?{_NAME}{_REST})?)"
    r"[ \t]*(?:[|/;,(][ \t]*|\n[ \t]*|[ \t])(?=(?i:mrn|med(?:ical)?[ \t]rec(?:ord)?|unit[ \t]no"
    r"|d\.?o\.?b\b|date[ \t]of[ \t]birth|birth[ \t]?date|born[ \t]|acc(?:oun)?t\b|patient[ \t]id"
    r"|chart[ \t]|record[ \t]no|hospital[ \t]no|ssn))",
    re.MULTILINE,
)


def subjects(text: str) -> Iterator[Place]:
    """Names of whom the note is about, in no order; they may overlap."""
    for cue in _OF_A_PERSON:
        for match in cue.finditer(text):
            yield from _before(text, match.start(), sure=True)
    for match in _OF_MANY.finditer(text):
        yield from _before(text, match.start(), sure=False)
    for match in _HEAD.finditer(text):
        if _heads(text, *match.span("name"), comma=match["comma"] is not None):
            yield match.span("name")


def _before(text: str, end: int, *, sure: bool) -> Iterator[Place]:
    _, tokens = words_before(text, end)
    run: list[Place] = []
    for a, b in reversed(tokens):
        word = text[a:b]
        gap = text[b : run[0][0]] if run else text[b:end]
        if not word[0].isupper() or gap.strip(" \t") not in ("", "." if len(word) < 2 else ""):
            break
        if fold(word) in cues("no_names"):
            break
        run.insert(0, (a, b))
    if not run:
        return
    first, last = run[0], run[-1]
    if sure and _is_word_name(text, run):
        yield first[0], last[1]
        return
    word = text[slice(*last)]
    if not sure and (
        _UNDOTTED_STAFF.fullmatch(word.replace(".", ""))
        or (word.isupper() and not _INITIALS.fullmatch(word))
    ):
        return
    start, solid = walked_back(text, end, tokens)
    if solid:
        yield start, end


def _is_word_name(text: str, run: list[Place]) -> bool:
    """Words that are names where a person must be meant: "Chance Page", "Codman", "Sharp"."""
    given = cues("word_given_names") | names_only()
    surname = is_word_surname(text, *run[-1])
    if len(run) == 1:
        return surname or fold(text[slice(*run[0])]) in cues("word_given_names")
    named = fold(text[slice(*run[0])]) in given or is_name_word(text, *run[0])
    return len(run) <= 3 and named and (surname or not is_clinical(text, *run[-1]))


def _heads(text: str, start: int, end: int, *, comma: bool) -> bool:
    """Whether the words at the head of a page are a name and not what the page is about."""
    words = [
        (start + match.start(), start + match.end())
        for match in re.finditer(_NAME, text[start:end])
    ]
    sure = [is_name_word(text, *place) for place in words]
    if comma:
        given = [fold(text[slice(*place)]) in cues("word_given_names") for place in words]
        return any(sure) or (given[-1] and is_word_surname(text, *words[0]))
    return _is_word_name(text, words) or (
        any(sure) and not any(map(_plain, text[start:end].split()))
    )


def _plain(word: str) -> bool:
    return is_word(word) and fold(word) not in cues("word_surnames") | cues("word_given_names")
