"""What all kinds of slots share: where values are drawn from, and how entities are tagged."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from deid.ner.pools import Pools
from deid.ner.templates import listed

__all__ = ["Draw", "day", "number", "org", "person", "place"]


def person(text: str) -> str:
    """The text tagged as a person's name."""
    return f"<PERSON>{text}</PERSON>"


def place(text: str) -> str:
    """The text tagged as a place."""
    return f"<GPE>{text}</GPE>"


def org(text: str) -> str:
    """The text tagged as an organisation."""
    return f"<ORG>{text}</ORG>"


def day(text: str) -> str:
    """The text tagged as a day, or a month of a year."""
    return f"<DAY>{text}</DAY>"


def number(text: str) -> str:
    """The text tagged as the number of a person, a case or a line."""
    return f"<NUMBER>{text}</NUMBER>"


@dataclass(frozen=True)
class Draw:
    """Draws values of slots; each method ``_slot_x`` gives a value of ``{x}``."""

    pools: Pools
    rng: random.Random

    def slots(self) -> dict[str, Callable[[], str]]:
        """The slots that this kind knows."""
        return {
            name.removeprefix("_slot_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_slot_")
        }

    def _one(self, group: str) -> str:
        return self.rng.choice(listed(group))

    def _among(self, *values: str) -> str:
        return self.rng.choice(values)
