"""Fills templates with people, places, organisations and clinical terms, and knows where."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from deid.ner.people import People
from deid.ner.places import Places
from deid.ner.pools import Pools
from deid.ner.templates import listed
from deid.ner.terms import Terms

__all__ = ["Filler", "Label", "Mark", "Piece", "joined"]

Label = str  # PERSON, GPE, ORG, DAY or NUMBER
Mark = tuple[int, int, Label]
_SLOT = re.compile(r"\{(\w+)\}")
_SENTINEL = re.compile(r"<(/?)(PERSON|GPE|ORG|DAY|NUMBER)>")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, its entities, and the stretches of which nobody knows (``unknown``)."""

    text: str
    marks: tuple[Mark, ...] = ()
    unknown: tuple[tuple[int, int], ...] = ()


def joined(pieces: list[Piece]) -> Piece:
    """The pieces one after the other."""
    text, marks, unknown = "", [], []
    for piece in pieces:
        at = len(text)
        marks += [(start + at, end + at, label) for start, end, label in piece.marks]
        unknown += [(start + at, end + at) for start, end in piece.unknown]
        text += piece.text
    return Piece(text, tuple(marks), tuple(unknown))


@dataclass(frozen=True)
class Filler:
    """Draws the slots' values. The same pools and seed give the same text."""

    pools: Pools
    rng: random.Random
    _slots: dict[str, Callable[[], str]] = field(init=False)

    def __post_init__(self) -> None:
        slots: dict[str, Callable[[], str]] = {}
        for kind in (People, Places, Terms):
            slots |= kind(self.pools, self.rng).slots()
        object.__setattr__(self, "_slots", slots)

    def __call__(self, template: str) -> Piece:
        """The template with every slot filled."""
        filled = _SLOT.sub(lambda slot: self._slots[slot[1]](), template)
        text, marks, opened = "", [], 0
        at = 0
        for tag in _SENTINEL.finditer(filled):
            text += filled[at : tag.start()]
            at = tag.end()
            if tag[1]:
                marks.append((opened, len(text), tag[2]))
            else:
                opened = len(text)
        return Piece(text + filled[at:], tuple(marks))

    def draw(self, group: str) -> Piece:
        """A filled template of that group."""
        return self(self.rng.choice(listed(group)))
