"""The veto of clinical words against what the language model takes for names (DESIGN D15)."""

from __future__ import annotations

import re

from deid.clinical_words import bare, lexicon
from deid.eponyms import CODE, TOKEN, beside_head, in_phrase, is_clinical
from deid.graded import TITLE_BEFORE
from deid.span import Span
from deid.vocabulary import cues, fold, given_names, is_word, known_names, names_only

__all__ = ["calls_for_model", "prune"]

_TITLES = frozenset(
    [
        "dr",
        "drs",
        "doctor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "prof",
        "professor",
        "md",
        "rn",
        "np",
        "pa",
        "phd",
        "jr",
        "sr",
    ]
)
_ABBREVIATION = 4  # letters
_AMID = re.compile(r"(?:[a-z]|w/|&) $")
# A sentence without its full stop: "is stable The patient".
_CLOSED = frozenset(
    re.findall(
        r"\S+",
        "the she he they this that these those his her its it there we you your our at with of"
        " and but for from when while both each all",
    )
)
_WORD_NAMES = cues("word_surnames", "word_given_names")
_COMPOUND = re.compile(r"\w+(?:-[a-z]+|/\w+)+")


def prune(
    text: str, span: Span, lower_words: frozenset[str], *, trusted: bool = False
) -> list[Span]:
    """What is left of a model's finding after the veto: nothing, or the part that is a name.

    ``lower_words`` are the words that this note also writes in lower case: no names. ``trusted``:
    the note names many (:func:`deid.gate.names_many`), so that only clinical terms are none.
    """
    titled = TITLE_BEFORE.search(text[max(0, span.start - 24) : span.start])
    if titled and not in_phrase(text, span.start, span.end):
        return [span]  # but "MS Contin"
    kept: list[Span] = []
    for line in re.finditer(r"[^\n\t|;:]+", text[span.start : span.end]):
        start, end = span.start + line.start(), span.start + line.end()
        tokens = [
            (start + match.start(), start + match.end())
            for match in TOKEN.finditer(text[start:end])
        ]
        evidence = [
            index
            for index, (a, b) in enumerate(tokens)
            if _may_be_name(text, a, b, lower_words) or (trusted and not _is_term(text, a, b))
        ]
        if not evidence or _only_short_capitals(text, [tokens[index] for index in evidence]):
            continue
        first, last = _widened(text, tokens, evidence[0], evidence[-1])
        first, last = _with_its_words(text, tokens, first, last, far=span.category == "ORG")
        kept.append(Span(tokens[first][0], tokens[last][1], span.category, span.source, span.score))
    return kept


def _may_be_name(text: str, start: int, end: int, lower_words: frozenset[str]) -> bool:
    """True for a word that may be a name: without one, a finding of the model does not count."""
    token = text[start:end]
    plain = bare(token)
    if not token[0].isupper() or len(plain) < 2 or plain in _TITLES:
        return False
    if in_phrase(text, start, end):
        return False
    if len(token) <= _ABBREVIATION and token.isupper() and plain in cues("no_initials"):
        return False  # "NED", "MAC": without a title no Ned and no Mac
    if TITLE_BEFORE.search(text[max(0, start - 24) : start]):
        return True
    if plain in names_only() and plain not in lexicon().eponyms:
        return plain not in lexicon().ambiguous or not beside_head(text, start, end)
    if plain in lower_words or _is_compound(token):
        return False
    return _is_amid(text, start, end) or not is_clinical(text, start, end)


def _is_compound(token: str) -> bool:
    """Ordinary or clinical words joined, of which none may be a name: "Follow-up", "HEME/LYMPH".
    Two with a hyphen and a capital each may be a surname: "Brooks-Waters".
    """
    if not _COMPOUND.fullmatch(token):
        return False
    known = lexicon()
    named = (known_names(), _WORD_NAMES, known.eponyms, known.ambiguous)
    return all(
        (is_word(part) or part in known.terms or len(part) <= 1)
        and not any(part in names for names in named)
        for part in fold(token).replace("/", "-").split("-")
    )


def _is_term(text: str, start: int, end: int) -> bool:
    """A clinical term, code, title or initial whatever stands around it ("PROMIS", "L4"), or an
    eponym with its head ("Kocher incision"). Ordinary words are none.
    """
    token = text[start:end]
    plain = bare(token)
    known = lexicon()
    if len(plain) < 2 or plain in _TITLES or plain in known.terms or CODE.match(token):
        return True
    if len(token) <= _ABBREVIATION and token.isupper() and plain in cues("no_initials"):
        return True
    if in_phrase(text, start, end):
        return True
    named = known.eponyms | known.ambiguous
    parts = plain.split("-")
    if len(parts) > 1 and (
        plain in known.eponyms or all(part in named or part in known.terms for part in parts)
    ):
        return True  # "Osgood-Schlatter", "Legg-Calve-Perthes"
    return plain in named and beside_head(text, start, end)


def _is_amid(text: str, start: int, end: int) -> bool:
    """A word with a capital amid a sentence, where ordinary words have none: "with Junior", "at
    Lower Keys". Not a clinical term, nor an eponym.
    """
    token = text[start:end]
    plain = bare(token)
    known = lexicon()
    if plain in _CLOSED or not token[1:].islower():
        return False
    if not _AMID.search(text[max(0, start - 4) : start]):
        return False
    return not (plain in known.terms or plain in known.eponyms or plain in known.ambiguous)


def calls_for_model(text: str, start: int, end: int, lower_words: frozenset[str]) -> bool:
    """True for a word whose finding by the model would survive :func:`prune` by itself."""
    if not _may_be_name(text, start, end, lower_words):
        return False
    if not _is_short_capitals(text[start:end]):
        return True
    return TITLE_BEFORE.search(text[max(0, start - 24) : start]) is not None


def _only_short_capitals(text: str, tokens: list[tuple[int, int]]) -> bool:
    """Abbreviations such as TURBT or ORIF: capitals, short, and nothing else to go by."""
    return all(_is_short_capitals(text[a:b]) for a, b in tokens)


def _is_short_capitals(token: str) -> bool:
    return token.isupper() and len(token) <= 6 and fold(token) not in given_names()


def _widened(text: str, tokens: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    """A known given name takes its neighbours along ("Grace Young", "James Ewing")."""
    if fold(text[slice(*tokens[last])]) in given_names():
        while last + 1 < len(tokens) and text[tokens[last + 1][0]].isupper():
            last += 1
    while first > 0 and _is_given_or_initial(text[slice(*tokens[first - 1])]):
        first -= 1
    return first, last


def _with_its_words(
    text: str, tokens: list[tuple[int, int]], first: int, last: int, *, far: bool
) -> tuple[int, int]:
    """With the capitalised words that the model sees as part of the same name: "Rose" of "Okafor
    Rose", "Court" of "Beacon Court". ``far``: over small words too ("Bank of the West").
    """

    def belongs(index: int) -> bool:
        token = text[slice(*tokens[index])]
        plain = bare(token)
        return token[0].isupper() and plain not in _TITLES and plain not in lexicon().terms

    while first > 0 and belongs(first - 1):
        first -= 1
    while last + 1 < len(tokens) and belongs(last + 1):
        last += 1
    if far:
        named = [index for index in range(len(tokens)) if belongs(index)]
        first, last = min([first, *named]), max([last, *named])
    return first, last


def _is_given_or_initial(token: str) -> bool:
    return fold(token) in given_names() or (len(token) == 1 and token.isupper())
