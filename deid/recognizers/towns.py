"""Towns and counties by a list of places (recipe: ``deid/ner/known_places.py``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deid.eponyms import beside_head, in_phrase
from deid.span import Span
from deid.vocabulary import fold, read_list

__all__ = ["find_towns"]

_CAPITALISED = re.compile(r"(?<![^\W_])(?<![\w][-./])[^\W\d_a-z][^\W\d_]{2,}(?:['’\-][^\W\d_]+)*")
_NEXT = re.compile(r"[ \t\n]([^\W\d_]+(?:['’\-][^\W\d_]+)*)")
_CAPITALS_MIN = 5  # letters of a place in capitals; a shorter one is rather an abbreviation
_WORDS_MAX = 4


@cache
def _places() -> dict[str, frozenset[tuple[str, ...]]]:
    """What may follow the first word of each place."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for name in read_list("known_places"):
        first, *rest = name.split("_")
        found.setdefault(first, set()).add(tuple(rest))
    return {first: frozenset(rest) for first, rest in found.items()}


def find_towns(text: str) -> Iterator[Span]:
    """Listed places with a capital, the longest at each place; none inside a clinical term."""
    places = _places()
    for match in _CAPITALISED.finditer(text):
        rests = places.get(fold(match.group()))
        if rests is None:
            continue
        end = _end(text, match.end(), rests)
        if end is None or beside_head(text, match.start(), end, directly=True):
            continue
        if in_phrase(text, *match.span()):
            continue  # "Canadian C-spine"
        if text[match.start() : end].isupper() and end - match.start() < _CAPITALS_MIN:
            continue
        yield Span(match.start(), end, "LOCATION", "listed")


def _end(text: str, at: int, rests: frozenset[tuple[str, ...]]) -> int | None:
    """End of the longest listed place whose first word ends at ``at``."""
    best = at if () in rests else None
    words: list[str] = []
    while len(words) < _WORDS_MAX and (following := _NEXT.match(text, at)):
        word = following[1]
        words.append(fold(word))
        at = following.end()
        if tuple(words) in rests and word[0].isupper():
            best = at
    return best
