"""Names, places and organisations from which training text is filled.

A pool is plain data, so that the insertion can be tested without the development packages that
:mod:`deid.ner.sources` reads. Names are drawn from several distributions: frequent ones, rare ones
of many countries, *coined* ones that no list holds (so that the model learns the surroundings and
not the list), and names that are also words or eponyms.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Coiner", "Pools"]

_ORDER = 3  # letters that decide the next one


class Coiner:
    """Coins words that look like those it has read: a letter model of order three."""

    def __init__(self, words: Sequence[str]) -> None:
        self._next: dict[str, list[str]] = defaultdict(list)
        self._known = frozenset(words)
        for word in words:
            padded = "^" * _ORDER + word.lower() + "$"
            for at in range(len(padded) - _ORDER):
                self._next[padded[at : at + _ORDER]].append(padded[at + _ORDER])

    def coin(self, rng: random.Random) -> str:
        """A new word of 4 to 12 letters, capitalised; a known one only by accident."""
        word = ""
        for _ in range(20):
            word = self._walk(rng)
            if 4 <= len(word) <= 12 and word.title() not in self._known:
                break
        return word.title() or "Doren"

    def _walk(self, rng: random.Random) -> str:
        state, word = "^" * _ORDER, ""
        while len(word) < 14:
            letter = rng.choice(self._next[state])
            if letter == "$":
                break
            word += letter
            state = (state + letter)[-_ORDER:]
        return word


@dataclass(frozen=True)
class Pools:
    """Word lists; ``weights`` are the cumulative frequencies of ``surnames``.

    ``world`` holds (given names, surnames) of one country each, so that a full name is of one
    country. ``words`` are surnames that are ordinary words, ``eponyms`` those of diseases and
    instruments; ``plain`` are words and no names.
    """

    given: Sequence[str]
    surnames: Sequence[str]
    weights: Sequence[float]
    world: Sequence[tuple[Sequence[str], Sequence[str]]]
    words: Sequence[str]
    eponyms: Sequence[str]
    towns: Sequence[str]
    cities: Sequence[str]
    counties: Sequence[str]
    states: Sequence[tuple[str, str]]
    countries: Sequence[str]
    firms: Sequence[str]
    plain: Sequence[str]
    _coin: Coiner = field(init=False)
    _coin_given: Coiner = field(init=False)

    def __post_init__(self) -> None:
        abroad = [name for _, last in self.world for name in itertools.islice(last, 300)]
        plain = [name for name in [*self.surnames[:12000], *abroad] if name.isalpha()]
        object.__setattr__(self, "_coin", Coiner(plain))
        given = [name for first, _ in self.world for name in itertools.islice(first, 300)]
        given = [name for name in [*self.given, *given] if name.isalpha()]
        object.__setattr__(self, "_coin_given", Coiner(given))

    def coined(self, rng: random.Random) -> str:
        """A surname that no list holds."""
        return self._coin.coin(rng)

    def frequent(self, rng: random.Random) -> str:
        """A surname by its frequency in the population."""
        return rng.choices(self.surnames, cum_weights=self.weights)[0]

    def name(self, rng: random.Random) -> tuple[str, str]:
        """A given name and a surname that go together."""
        kind = rng.random()
        if kind < 0.34:
            return rng.choice(self.given), self.frequent(rng)
        if kind < 0.62:
            given, surnames = rng.choice(self.world)
            return rng.choice(given), rng.choice(surnames)
        if kind < 0.72:
            return rng.choice(self.given), rng.choice(self.surnames)
        if kind < 0.90:
            first = rng.choice(self.given)
            return (first if rng.random() < 0.5 else self._coin_given.coin(rng)), self.coined(rng)
        last = rng.choice(self.words if kind < 0.96 else self.eponyms)
        return rng.choice(self.given), last
