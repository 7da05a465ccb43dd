"""The public layout of a study's release: which integer means what, and what it costs.

A plan follows from study, dictionary, derivations and measures alone. Every site and the
coordinator compute the same plan, so a release travels as a bare vector of integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from policies.expression import Node

__all__ = ["ORDER", "Block", "Kind", "Level", "Plan", "Stratum", "unit_table"]

ORDER = "_order"
"""Column with the secret immutable order of a patient's rows, set at load."""

Kind = Literal["count", "proportion", "survival", "mean"]

STEPS, SPREAD, KNOWN = 1024, 512, 512
"""Integers of a row of a mean: its value from the middle of the bounds, ±STEPS at the ends; the
square of that, ±SPREAD; and KNOWN for having a value. In a study with a mean a row of every other
statistic counts STEPS, so that one σ serves all. A value near the middle is the common case: there
the noise of the number known matters little, and half the weight serves it.
"""

Level = str | None
"""A stratum's level of one element: a choice code or bin label; None where it is missing."""

Stratum = tuple[Level, ...]
"""One level per ``by`` element, in their order; () when a block has no strata."""


def unit_table(unit: str) -> str:
    """Name of a unit's table in a store."""
    return f"unit_{unit}"


@dataclass(frozen=True)
class Block:
    """One statistic of a study: its cells, who contributes to them and how much.

    ``start`` is the offset of the first coordinate in the vector; strata follow one another,
    each with :attr:`width` coordinates (count [n]; proportion [d, m] with d = Σ ±1 and
    m = number known, so x = (d + m)/2; survival [events per bin, then censored per bin]; mean
    [Σ s, Σ q, KNOWN·number known] with s the value's steps and q = 2·SPREAD·(s/STEPS)² − SPREAD).
    ``rows_max`` bounds the rows of one patient. Where the cohort itself admits one row per
    patient (index rows) nothing more is needed; else ``by_order`` is set and the aggregate
    keeps the first ``rows_max`` rows in the secret order stored at load.
    """

    name: str
    title: str
    kind: Kind
    unit: str
    cohort: Node
    by: tuple[str, ...]
    strata: tuple[Stratum, ...]
    start: int
    weight: int = 1
    rows_max: int = 1
    by_order: bool = False
    numerator: Node | None = None
    known: Node | None = None
    time: str | None = None
    event: Node | None = None
    grid: tuple[int, ...] = ()
    """Survival only: right edges of the bins in days; the tail beyond the last is one more bin."""
    read_at: tuple[int, ...] = ()
    """Survival only: days at which the curve is reported; each is an edge of the grid."""
    value: Node | None = None
    bounds: tuple[float, float] = (0.0, 0.0)
    """Mean only: what the value is held to."""

    @property
    def bins(self) -> int:
        """Number of survival bins T, the open tail included."""
        return len(self.grid) + 1

    @property
    def width(self) -> int:
        """Coordinates per stratum."""
        return {"count": 1, "proportion": 2, "survival": 2 * self.bins, "mean": 3}[self.kind]

    @property
    def length(self) -> int:
        """Coordinates of the whole block."""
        return self.width * len(self.strata)

    @property
    def row_l2_squared(self) -> int:
        """Largest squared L2 norm of one row's unweighted contribution."""
        if self.kind == "mean":
            return STEPS**2 + SPREAD**2 + KNOWN**2
        return 2 if self.kind == "proportion" else 1

    @property
    def row_substitution(self) -> int:
        """Largest squared L2 change when one row's values change, the row itself staying."""
        if self.kind == "mean":
            # Within a stratum s and q move by twice their size at most, and the number known does
            # not; from one stratum to another the row leaves all it gave and gives as much.
            return max(4 * (STEPS**2 + SPREAD**2), 2 * self.row_l2_squared)
        if self.kind == "proportion":
            return 4  # (+1, 1) → (−1, 1); between strata it is 2 + 2, the same
        cells = len(self.strata) * (self.width if self.kind == "survival" else 1)
        return 2 if cells > 1 else 1

    @property
    def l2_squared(self) -> int:
        """Squared L2 bound of the weighted block under removal of one patient.

        c rows of norm s add up to at most c·s (triangle inequality), premultiplied by w.
        """
        return (self.rows_max * self.weight) ** 2 * self.row_l2_squared

    def slices(self) -> Iterator[tuple[Stratum, slice]]:
        """Each stratum with its place in the release vector."""
        for i, stratum in enumerate(self.strata):
            first = self.start + i * self.width
            yield stratum, slice(first, first + self.width)


@dataclass(frozen=True)
class Plan:
    """A compiled study. ``l2_squared`` bounds, in weighted integers, how far one patient's
    removal moves the vector; ``l2_squared_substitution`` how far changing one patient's
    values moves it. ``scale`` is σ of the discrete Gaussian on the weighted integers.
    """

    study_digest: str
    blocks: tuple[Block, ...]
    l2_squared: int
    l2_squared_substitution: int
    nano_rho: int
    scale: float
    digests: Mapping[str, str]
    """Digests of what gives the study its meaning: dictionary, derivations, each measure."""

    @property
    def length(self) -> int:
        """Number of integers in a release."""
        return sum(block.length for block in self.blocks)

    def noise_sd(self, block: Block) -> float:
        """Noise standard deviation of one unweighted coordinate of ``block`` at one site."""
        return self.scale / block.weight
