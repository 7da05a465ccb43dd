"""Which word of a name is replaced and which stays: titles, particles, suffixes, credentials.

"Dr. Van der Berg Jr., MD" keeps all but "Berg". A word is kept only where it cannot be the name
itself: "Le", "Do", "Al" and "Judge" are somebody's names too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deid.surrogates.pools import name_key
from deid.vocabulary import cues

__all__ = ["Word", "words_of"]

# A letter or digit, or a mark that sits on one (combining accents, Hebrew and Arabic vowels).
_CHAR = r"[^\W_\u0300-\u036f]"
_MARKED = rf"(?:{_CHAR}[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]*)"
# "M?ller" is one word: an export lost a letter.
_WORD = re.compile(rf"{_MARKED}+(?:(?:['’]|[?\ufffd]{{1,4}}){_MARKED}+)*")
_POSSESSIVE = re.compile(r"['’][sS]$")
_CREDENTIALS = frozenset({"MD", "DO", "RN", "NP", "PA", "PhD", "md", "rn", "np", "phd", "PHD"})
# Behind the name only: "Fionn D. O'Dowd" and "Ann R. N. Roe" have initials.
_DOTTED = re.compile(
    r"(?<=[\s,])(?:M\.\s?D|D\.\s?O|R\.\s?N|N\.\s?P|P\.\s?A|Ph\.\s?D)\b(?!['’])\.?(?=\W*$|\s?,)"
)
_SMALL = frozenset({"the", "and", "of", "or"})
# Nobody is called so; the other titles of the list are names or words as well ("Pastor").
_SURE_TITLES = frozenset({"dr", "drs", "mr", "mrs", "ms", "mx", "prof", "rev", "sgt", "capt"})
# These open a name with a capital too ("De Vries"); the other particles do so as somebody's given
# or family name more often: "Van Nguyen", "Al Smith", "Le Thi", "Ben Roe".
_SURE_PARTICLES = frozenset(
    {"von", "der", "den", "de", "del", "della", "dos", "ter", "bin", "ibn", "st", "degli"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name without its possessive ending. ``kept``: it stays as it is."""

    start: int
    end: int
    text: str
    kept: bool


def words_of(value: str, own: frozenset[str]) -> list[Word]:
    """The words of ``value`` that hold a letter; ``own`` are the patient's names, never kept."""
    dotted = [match.span() for match in _DOTTED.finditer(value)]
    found = [
        (match.start(), _POSSESSIVE.sub("", match.group()))
        for match in _WORD.finditer(value)
        if any(char.isalpha() for char in match.group())
        and not any(a <= match.start() < b for a, b in dotted)
    ]
    texts = [text for _, text in found]
    return [
        Word(start, start + len(text), text, _kept(texts, i, own))
        for i, (start, text) in enumerate(found)
    ]


def _kept(texts: Sequence[str], i: int, own: frozenset[str]) -> bool:
    word = texts[i]
    plain = name_key(word)
    if plain in _SURE_TITLES:
        return True
    if plain in own:
        return False
    if word in _SMALL:
        return True
    more = any(len(text) > 1 for text in texts[i + 1 :])
    before = sum(len(text) > 1 and not _title(text) for text in texts[:i])
    if _title(word):
        return more and not before
    if plain in cues("name_suffixes"):
        return before > 0
    if word in _CREDENTIALS:
        # "MINH DO": in capitals like everything before it, the second word is a name.
        return before > 1 or (before > 0 and not all(text.isupper() for text in texts[:i]))
    if plain in cues("particles"):
        small = word.islower() and not all(text.islower() for text in texts)
        return small or (more and (before > 0 or word.islower() or _sure_particle(texts, i)))
    return False


def _title(word: str) -> bool:
    plain = name_key(word)
    return plain in _SURE_TITLES or plain in cues("titles") or plain in cues("weak_titles")


def _sure_particle(texts: Sequence[str], i: int) -> bool:
    """A capitalised particle that opens the name: "De la Cruz", "Van der Berg"."""
    if name_key(texts[i]) in _SURE_PARTICLES:
        return True
    return name_key(texts[i + 1]) in cues("particles") and i + 2 < len(texts)
