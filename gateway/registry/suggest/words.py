"""Names of columns as words: abbreviations written out, synonyms made one, spelling forgiven.

The vocabulary is data (``words.yaml``). Likeness of single words is that of ``difflib``.
"""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from itertools import takewhile
from typing import Any

import yaml

__all__ = ["Weights", "alike", "likeness", "squashed", "tokens", "unit_named", "vocabulary"]

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+")
_FUZZY_MIN = 0.8
"""Words less like each other than this are two words."""
_WORD_LENGTH_MIN = 4
"""Shorter words must be the same: lr and dr are one letter apart."""

_STEM_MIN = 5
"""Words that begin alike for so long are forms of one: collected, collection."""

Tokens = tuple[str, ...]


@cache
def vocabulary() -> Mapping[str, Any]:
    """The shipped words."""
    text = resources.files("gateway.registry.suggest").joinpath("words.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def _units() -> Mapping[str, str]:
    return {word: unit for unit, words in vocabulary()["units"].items() for word in words}


@cache
def _same() -> Mapping[str, str]:
    return {word: group[0] for group in vocabulary()["same"] for word in group[1:]}


@lru_cache(maxsize=100_000)
def squashed(name: str) -> str:
    """Letters and digits only, in lower case: ``Tumor-Size`` and ``tumor_size`` are one."""
    return re.sub(r"[\W_]+", "", name).lower()


@cache
def _parts(name: str) -> Tokens:
    words = [part.lower() for part in _PARTS.findall(name)]
    singular = [
        w[:-1] if len(w) > 3 and w.endswith("s") and w[-2] not in "sui" else w for w in words
    ]
    written: list[str] = []
    for word, whole in zip(singular, words, strict=True):
        longer = vocabulary()["abbreviations"]
        written += longer.get(whole) or longer.get(word) or [word]
    return tuple(_same().get(w, w) for w in written if w not in vocabulary()["stop"])


@cache
def tokens(name: str) -> Tokens:
    """The words of a name or label, without units of measurement."""
    found = _parts(name)
    kept = tuple(word for word in found if word not in _units())
    return kept or found


def unit_named(name: str) -> str | None:
    """The unit that a column's name ends in or holds, if it holds one."""
    raw = [part.lower() for part in _PARTS.findall(name)]
    named = [_units().get(w) or _units().get(w.removesuffix("s")) for w in raw]
    # "in" and "m" are words and letters before they are units.
    return next((unit for unit in reversed(named) if unit), None)


class Weights:
    """How much a word says: one that many elements share ('date') says little."""

    def __init__(self, names: Iterable[Iterable[str]]) -> None:
        count: Counter[str] = Counter()
        for words in names:
            count.update(set(words))
        self._of = {word: 1 / (1 + math.log(n)) for word, n in count.items()}

    def __call__(self, word: str) -> float:
        """From near 0 to 1; a word that no element has weighs as a rare one."""
        return self._of.get(word, 0.3 if word.isdigit() else 0.8)


@cache
def alike(one: str, other: str) -> float:
    """How alike two words are: 1 the same, 0 two words."""
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit() or one[0] != other[0]:
        return 0.0
    short = min(len(one), len(other))
    if short >= 3 and (one.startswith(other) or other.startswith(one)):
        return 0.8
    stem = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    if stem >= _STEM_MIN and stem >= 0.6 * max(len(one), len(other)):
        return 0.75
    if short < _WORD_LENGTH_MIN or abs(len(one) - len(other)) > 3:
        return 0.0
    ratio = difflib.SequenceMatcher(None, one, other).ratio()
    return 0.9 * ratio if ratio >= _FUZZY_MIN else 0.0


def likeness(one: Tokens, other: Tokens, weights: Weights) -> float:
    """From 0 to 1: words in common by their weight, most where one name holds all of the other."""
    if not one or not other:
        return 0.0
    mine = [(weights(word), max([alike(word, w) for w in other])) for word in one]
    theirs = [(weights(word), max([alike(word, w) for w in one])) for word in other]
    found_mine = sum([weight * best for weight, best in mine])
    found_theirs = sum([weight * best for weight, best in theirs])
    if not found_mine:
        return 0.0
    all_mine = sum([weight for weight, _ in mine])
    all_theirs = sum([weight for weight, _ in theirs])
    both = (found_mine + found_theirs) / (all_mine + all_theirs)
    covered = max(found_mine / all_mine, found_theirs / all_theirs)
    telling = min(1.0, max(found_mine, found_theirs))
    return (0.6 * both + 0.4 * covered) * (0.35 + 0.65 * telling)
