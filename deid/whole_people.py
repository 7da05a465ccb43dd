"""Names of people as a whole, where a part was found, and the initials of those who are named.

"Leopold "L.J." Roe", "Stavros (Steve) KARRAS", "Tuilagi, Mele F.", "DE LUNA J", "ODETTE BROWN":
one half is known or cued, the other stands beside it. "Amended by GW" is who signed "Greta Wells".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from deid.eponyms import TOKEN, beside_head, is_clinical, is_clinical_phrase, is_explained, lexicon
from deid.recognizers.name_grammar import CREDENTIAL
from deid.span import Span
from deid.vocabulary import cues, fold, is_word, known_places

__all__ = ["whole_people"]

_WORD = r"[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:['’\-][^\W\d_]+)*"
_BEFORE = re.compile(rf"(?<![\w'’.\-/])(?P<word>{_WORD})(?P<gap>,?[ ])\Z")
_INITIAL_BEFORE = re.compile(
    r"(?:(?<![\w.])(?P<dotted>(?:[A-Z]\.[ ]?){1,2})|(?:^|(?<=[|,;:(\n]))[ ]?(?P<bare>[B-Z][ ]))\Z"
)
_PARTICLE_BEFORE = re.compile(
    r"(?<![\w'’.\-])(?P<particle>(?:DE[ ](?:LA|LOS|LAS)|DE|DEL|VAN[ ](?:DER|DEN)|VAN|VON|LA|EL"
    r"|AL|BIN|TER|SAN|ST\.?)[ ])\Z"
)
_NICKNAMED = re.compile(
    rf"[ ][\"“(‘'](?P<nick>[A-ZÀ-ÖØ-Þ][\w.'’\- ]{{0,15}})[\"”)’'][ ](?P<word>{_WORD})(?![\w'’])"
)
_CAPITALS_BEHIND = re.compile(r"[ ](?P<word>[A-Z]{3,})(?=[ ,.;:)\n]|\Z)")
# What a scanner made of the end of a name: "Brend4 D."
_DAMAGED_BEHIND = re.compile(r"[013458][a-z]*(?:[ ][A-Z]\.)?(?![\w])")
_AND_BEHIND = re.compile(rf",?[ ](?:and|&)[ ]({_WORD})(?![\w'’])")
_BEFORE_AND = re.compile(rf"(?<![\w'’.\-/])({_WORD}),?[ ](?:and|&)[ ]\Z")
_LOOK_BACK = 40
_LETTERS_MIN = 3
_GIVEN = cues("word_given_names", "clinical_given_names")
_CREDENTIAL = re.compile(CREDENTIAL)
_NO_NAMES = cues(
    "no_names",
    "titles",
    "weak_titles",
    "roles",
    "relatives",
    "labels",
    "services",
    "teams",
    "care_units",
) | cues("generic_institution_words", "no_towns", "walk_stops", "credential_words", "weak")
_NO_INITIAL = _NO_NAMES | cues("name_suffixes", "particles")
# In capitals "MAY", "WILL" and "LONG" behind a name are rather what comes next.
_WORD_NAMES = (
    cues("word_surnames", "word_given_names") - cues("sentence_starters") - {"short", "hip", "head"}
)
# Where initials of somebody named may stand alone
_INITIALS = re.compile(
    r"(?:(?<=[(\"“\[])|\b(?:by|per|w/|from|with|to|initials?|without|not)[ ]"
    r"|(?<=[ ])(?=[A-Z]{2,3}:[a-z]{2,3}\b))"
    r"(?P<name>[A-Z]{2,3})(?=[)\"”\].,;:]|[ ]{1,3}\d|[ ]*\n|[ ]*\Z)"
)
_QUOTES = '"“'


def whole_people(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """What is missing of names of which ``spans`` hold a part, and initials of the named. ``spans``
    are in order without overlap; those given overlap them.
    """
    before = 0
    named: set[str] = set()
    for span in spans:
        if span.category == "NAME":
            start, end = _start(text, span, before), _end(text, span)
            if (start, end) != (span.start, span.end):
                yield replace(span, start=start, end=end)
            named |= _initials_of(text[start:end])
            yield from _beside_and(text, start, end)
        before = span.end
    if not any(initials in text for initials in named):
        return
    covered = {at for span in spans for at in (span.start, span.end - 1)}
    for match in _INITIALS.finditer(text):
        quoted = text[match.start("name") - 1] in _QUOTES
        if (
            match["name"] in named
            and match.start("name") not in covered
            and _free(match["name"], quoted)
        ):
            yield Span(*match.span("name"), "NAME", "echo")


def _beside_and(text: str, start: int, end: int) -> Iterator[Span]:
    """The other of two people: "Faith and Hope" where one of them was found."""
    if not text[start].isupper() or text[start + 1 : start + 2].isupper():
        return
    before = _BEFORE_AND.search(text, max(0, start - _LOOK_BACK), start)
    for match in (before, _AND_BEHIND.match(text, end)):
        if match is None:
            continue
        place = match.span(1)
        given = fold(match[1]) in _GIVEN and not is_clinical_phrase(text, *place)
        if given or _is_stranger(text, *place):
            yield Span(*place, "NAME", "staff")


def _start(text: str, span: Span, limit: int) -> int:
    start = span.start
    if not text[start].isupper():
        return start
    low = max(limit, start - _LOOK_BACK)
    particle = _PARTICLE_BEFORE.search(text, low, start)
    if particle and text[start : span.end].isupper():
        return particle.start("particle")
    initial = _INITIAL_BEFORE.search(text, low, start)
    if initial:
        return initial.start("dotted") if initial["dotted"] else initial.start("bare")
    word = _BEFORE.search(text, low, start)
    if word is None or span.source == "echo":
        return start
    tail = text[start : span.end]
    # "Tuilagi, Mele F.": whoever is called so, but not "Reviewed imaging, Mele F."
    listed = word["gap"] == " " or re.fullmatch(rf"{_WORD}(?:[ ][A-Z]\.?)?", tail) is not None
    return word.start("word") if listed and _is_stranger(text, *word.span("word")) else start


def _is_stranger(text: str, start: int, end: int) -> bool:
    """A word in normal case that neither the language nor medicine nor a map explains."""
    word = text[start:end]
    plain = fold(word)
    return (
        word[1:] != word[1:].upper()
        and end - start >= _LETTERS_MIN
        and plain not in _NO_NAMES
        and plain not in known_places()
        and word not in cues("word_towns")
        and plain not in cues("countries", "states", "no_values")
        and not _CREDENTIAL.fullmatch(word)
        and not is_explained(text, start, end)
        and not beside_head(text, start, end)
    )


def _end(text: str, span: Span) -> int:
    damaged = _DAMAGED_BEHIND.match(text, span.end)
    if damaged and text[span.end - 1].islower():
        return damaged.end()
    nicknamed = _NICKNAMED.match(text, _quote_before(text, span))
    if nicknamed:
        word = nicknamed.span("word")
        fits = not is_clinical(text, *word) or fold(nicknamed["word"]) in cues("word_surnames")
        if (
            fits
            and not _CREDENTIAL.fullmatch(nicknamed["nick"])
            and fold(nicknamed["word"]) not in _NO_NAMES
        ):
            return nicknamed.end()
    if text[span.start : span.end].isupper():
        behind = _CAPITALS_BEHIND.match(text, span.end)
        if behind and fold(behind["word"]) in _WORD_NAMES:
            place = behind.span("word")
            if not beside_head(text, *place):
                return behind.end()
    return span.end


def _quote_before(text: str, span: Span) -> int:
    """Where the blank before a quoted nickname stands, also where the name was found with it."""
    inside = re.search(r"[ ][\"“(][^\"”)(“]{1,16}$", text[span.start : span.end])
    return span.start + inside.start() if inside else span.end


def _initials_of(name: str) -> set[str]:
    """GZ of "Greta Zell, Jr."; of three words both the outer and all."""
    letters = [
        word.group()[0].upper()
        for word in TOKEN.finditer(name)
        if fold(word.group()).strip(".") not in _NO_INITIAL
    ]
    if not 2 <= len(letters) <= 4:
        return set()
    if "," in name:  # "ZELL, GRETA K"
        letters = [*letters[1:], letters[0]]
    return {"".join(letters), letters[0] + letters[-1]}


def _free(initials: str, quoted: bool) -> bool:
    """Whether letters mean nothing else in a note; between quotation marks two are somebody's."""
    plain = initials.lower()
    if is_word(initials) or plain in cues("no_initials") or plain in lexicon().terms:
        return quoted and plain in cues("two_letters")
    return quoted or plain not in cues("two_letters")
