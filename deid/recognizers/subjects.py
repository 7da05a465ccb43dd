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
from deid.recognizers.name_before import walked_back, words_before
from deid.recognizers.name_grammar import CREDENTIAL, is_name_word, is_word_surname
from deid.scan import AtWords, Group, at_words, beside
from deid.span import Place
from deid.vocabulary import any_cue, cues, fold, is_word, names_only

__all__ = ["subjects"]

_AGE = (
    r"(?:\d{1,3}[ \t-]?(?:y(?:ea)?rs?\b|y\b|y/?o|y\.o|months?\b|mos?\b|weeks?\b|m/o|[MFmf]\b)"
    r"|[a-z]{3,9}(?:-[a-z]{3,5})?[ -]year[ -]old"
    r"|(?:man|woman|male|female|boy|girl|lady|gentleman)\b|aged?[ \t]\d)"
)
# Roe is a pleasant 45-year-old
_IS_A = re.compile(
    r"(?:is|was)[ \t\n](?:now[ \t])?(?:an?|the)[ \t\n]"
    r"(?:(?:very|pleasant|previously|otherwise|healthy|young|elderly|delightful)[ \t\n])*"
    rf"{_AGE}"
)
# Roe (50 y/o woman), Roe, a 78F
_BESIDE = re.compile(rf"(?<=[^\W_])\.?[ \t\n]?[(,][ \t\n]?(?:an?[ \t\n])?{_AGE}")
# Roe, Desmond 66M
_BEFORE_SEX = re.compile(r"(?<=[a-z])[ \t]{1,3}(?=\d{1,3}[MF]\b)")
_CAME_WITH = re.compile(r"came[ \t\n](?:in[ \t])?with[ \t\n](?:his|her|their)\b")
_DEEDS = (
    "resting|asleep|sleeping|denies|denied|states|stated|verbalises|verbalised|verbalizes"
    "|verbalized|complains|complained|endorses|endorsed|ambulates|ambulated|ambulating|voided"
    "|refused|lives|underwent|came|reports|reported|presents|presented|says|asks|wants"
)
_DOES = re.compile(
    rf"(?:is[ \t]|was[ \t])?(?:{_DEEDS}|up[ \t]in[ \t](?:the[ \t])?chair|A&O|AAO|A[ \t]&[ \t]O"
    r"|alert[ \t]and|awake[ \t]and|c/o)\b"
)
_AT_WORDS: tuple[AtWords, ...] = (
    (frozenset({"is", "was"}), _IS_A),
    (frozenset({"came"}), _CAME_WITH),
    (
        frozenset(_DEEDS.split("|")) | {"is", "was", "up", "a", "aao", "alert", "awake", "c"},
        _DOES,
    ),
)
_GROUPS: tuple[Group, ...] = (
    (re.compile(rf"[(,][ \t\n]?(?:an?[ \t\n])?{_AGE}"), 4, 2, (_BESIDE,)),
    (re.compile(r"\d(?<=[ \t].)\d{0,2}[MF]\b"), 6, 2, (_BEFORE_SEX,)),
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.){1,2}[^\W\d_]")
_UNDOTTED_STAFF = re.compile(rf"{CREDENTIAL}|ER|OR|ED|ICU|OB|PCP|US|PT|OT")
_NAME = r"[^\W\d_a-z](?:[^\W\d_]|['’\-](?=[^\W\d_]))+"
_SMALL = rf"(?:{any_cue('particles')}[ \t]){{0,2}}"
_REST = rf"(?:[ \t](?:{_NAME}|[^\W\d_a-z]\.?(?![\w.]))){{0,2}}"
# The head of a page: the name stands before the number of the record or on the line above it.
_HEAD = re.compile(
    rf"^[ \t>*-]*(?P<name>{_SMALL}{_NAME}{_REST}(?P<comma>,[ \t]?{_NAME}{_REST})?)"
    r"[ \t]*(?:[|/;,(][ \t]*|\n[ \t]*|[ \t])(?=(?i:mrn|mr[ \t]?(?:#|no\b)|ur[ \t](?:no\b|\d)"
    r"|nhs[ \t]no|nhi\b|chi[ \t]no|med(?:ical)?[ \t]rec(?:ord)?|unit[ \t]no"
    r"|d\.?o\.?b\b|date[ \t]of[ \t]birth|birth[ \t]?date|born[ \t]|acc(?:oun)?t\b|patient[ \t]id"
    r"|chart[ \t]|record[ \t]no|hosp(?:ital|\.)?[ \t]no|ssn))",
    re.MULTILINE,
)


_INITIALS_AND_NUMBER = re.compile(
    r"(?<![\w.])(?P<name>(?:[A-Z]\.){2,3})(?=,?[ \t]{1,3}(?:MRN|DOB|D\.O\.B))"
)


def subjects(text: str) -> Iterator[Place]:
    """Names of whom the note is about, in no order; they may overlap."""
    for end, sure, is_a in _said(text):
        tokens = words_before(text, end)[1]
        run = _capitalised(text, tokens, end)
        if not run or (not is_a and _abbreviation(text, run, sure=sure)):
            continue
        if (sure or _is_initial(run[0])) and _is_word_name(text, run):
            yield run[0][0], run[-1][1]
            continue
        start, solid = walked_back(text, end, tokens)
        if solid:
            yield start, end
    for match in _INITIALS_AND_NUMBER.finditer(text):
        yield match.span("name")
    for match in _HEAD.finditer(text):
        if _heads(text, *match.span("name"), comma=match["comma"] is not None):
            yield match.span("name")


def _said(text: str) -> Iterator[tuple[int, bool, bool]]:
    """Where a word ends of which something is said, whether that is said of people only, and
    whether it is what somebody is.
    """
    is_a, came, does = at_words(text, _AT_WORDS)
    for matches, sure in ((is_a, True), (came, True), (does, False)):
        for match in matches:
            end = _end_of_word_before(text, match.start())
            if end is not None:
                yield end, sure, matches is is_a
    for match in beside(text, _GROUPS):
        yield match.start(), True, False


def _end_of_word_before(text: str, at: int) -> int | None:
    """Behind the word before ``at``, its full stop apart; None unless one blank lies between."""
    if at < 2 or text[at - 1] not in " \t\n":
        return None
    end = at - 2 if text[at - 2] == "." else at - 1
    return end if end > 0 and text[end - 1].isalnum() else None


def _capitalised(text: str, tokens: list[Place], end: int) -> list[Place]:
    """The words with a capital straight before ``end``."""
    run: list[Place] = []
    for a, b in reversed(tokens):
        gap = text[b:end].strip(" \t")
        ends_here = gap not in ("", "." if b - a == 1 else "")
        if ends_here or not text[a].isupper() or fold(text[a:b]) in cues("no_names"):
            break
        run.insert(0, (a, b))
        end = a
    return run


def _abbreviation(text: str, run: list[Place], *, sure: bool) -> bool:
    """A word in capitals that is rather one ("Died of MI, age 80"), or stands for staff."""
    word = text[slice(*run[-1])]
    if _INITIALS.fullmatch(word):
        return not sure and _UNDOTTED_STAFF.fullmatch(word.replace(".", "")) is not None
    return word.isupper() and (len(run) == 1 or not sure)


def _is_initial(place: Place) -> bool:
    return place[1] - place[0] == 1


def _is_word_name(text: str, run: list[Place]) -> bool:
    """Words that are names where a person must be meant: "Chance Page", "Codman", "Sharp"."""
    surname = is_word_surname(text, *run[-1])
    if len(run) == 1:
        return surname or fold(text[slice(*run[0])]) in cues("word_given_names")
    first = fold(text[slice(*run[0])])
    given = first in cues("word_given_names") or first in names_only()
    named = given or _is_initial(run[0]) or is_name_word(text, *run[0])
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
    first = fold(text[slice(*words[0])])
    if first in cues("word_given_names") and len(words) == 2 and text[slice(*words[1])].istitle():
        return True  # "Hope Marrow, DOB": what comes behind a given name here is a surname
    return _is_word_name(text, words) or (
        any(sure) and not any(map(_plain, text[start:end].split()))
    )


def _plain(word: str) -> bool:
    return is_word(word) and fold(word) not in cues("word_surnames", "word_given_names")
