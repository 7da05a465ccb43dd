"""The public layout of a study's release: which integer means what, and what it costs.

A plan follows from study, dictionary, derivations and measures alone. Every site and the
coordinator compute the same plan, so a release travels as a bare vector of integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from federated.privacy.loss import gaussian_scale
from federated.privacy.reply_time import values_share
from policies.expression import Node, size

__all__ = [
    "LEAN",
    "ORDER",
    "RATIOS",
    "Block",
    "Kind",
    "Level",
    "Plan",
    "Stratum",
    "scale_at",
    "unit_table",
]

ORDER = "_order"
"""Column with the secret immutable order of a patient's rows, set at load."""

Kind = Literal["count", "proportion", "survival", "mean", "quantiles", "rate", "observed_expected"]

RATIOS = frozenset[Kind]({"rate", "observed_expected"})
"""Kinds that divide a number of events by a sum."""

LEAN = 3, 5
"""A row of a ratio takes 3 s off the integer of its event and adds 5 s to the other (PROOFS.md)."""

Level = str | None
"""A stratum's level of one element: a choice code or bin label; None where it is missing."""

Stratum = tuple[Level, ...]
"""One level per ``by`` element, in their order; () when a block has no strata."""


def unit_table(unit: str) -> str:
    """Name of a unit's table in a store."""
    return f"unit_{unit}"


def scale_at(l2_squared: int, nano_rho: int) -> float:
    """σ of the values of a study that is charged ``nano_rho``: all but what its time may lose."""
    return gaussian_scale(l2_squared, values_share(nano_rho))


@dataclass(frozen=True)
class Block:
    """One statistic of a study: its cells, who contributes to them and how much.

    ``start`` is the offset of the first coordinate in the vector; strata follow one another,
    each with :attr:`width` coordinates. ``steps`` are the integers that one row adds:

    - count [n]: (w) – w to n.
    - survival [events per bin, then censored per bin]: (w₀, w₁, …) – w₀ to its cell, w₁ to that of
      the next bin and so on, up to the last bin (coding.py). With a ``competing`` event [events,
      competing, censored].
    - proportion [d, k]: (a, b, c) – a row that is known adds ±a to d and b to k. With a
      ``parent``, the block counts the rows of the parent's cohort, which holds this statistic's
      own (``inside``): the others, and those not known, add −c to k.
    - mean [Σ s, Σ q, k]: (S, Q, K) – the value's s from the middle of the bounds, ±S at the ends;
      q = 2·Q·(s/S)² − Q; and K for having a value.
    - quantiles [rows per bin of the value]: (w₀, w₁, …) – w₀ to its bin, w₁ to the next and so on.
    - rate, observed_expected [Σ (a·event − 3 s), Σ 5 s]: (a, b) – a for the event; s from 0 to b is
      the value between its bounds.

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
    steps: tuple[int, ...] = (1,)
    rows_max: int = 1
    by_order: bool = False
    numerator: Node | None = None
    known: Node | None = None
    inside: Node | None = None
    """Proportion with a parent only: the statistic's own cohort; ``cohort`` is the parent's."""
    parent: int | None = None
    """The parent's place among the plan's blocks: a count over the same strata."""
    time: str | None = None
    event: Node | None = None
    competing: Node | None = None
    grid: tuple[int, ...] = ()
    """Survival only: right edges of the bins in days; the tail beyond the last is one more bin."""
    read_at: tuple[int, ...] = ()
    """Survival only: days at which the curve is reported; each is an edge of the grid."""
    value: Node | None = None
    bounds: tuple[float, float] = (0.0, 0.0)
    """What the value is held to."""
    edges: tuple[float, ...] = ()
    """Quantiles only: the edges between the bins, each the upper end of the bin below it."""
    levels: tuple[float, ...] = ()
    """Quantiles only: which are reported, .5 being the median."""
    references: tuple[str, ...] = ()
    """With a regression: the level of each element in ``by`` that others are set beside."""
    per: float = 1.0
    """Rate only: how much of the value it is told for."""
    per_unit: str | None = None
    """Rate only: ``days`` or another unit of the value (:mod:`federated.study.time_unit`)."""

    @property
    def bins(self) -> int:
        """Bins of a survival, the open tail included, or of quantiles; 1 for other kinds."""
        return len(self.grid or self.edges) + 1

    @property
    def causes(self) -> int:
        """Number of events that end a row's observation, told apart: with a competing one 2."""
        return 1 if self.competing is None else 2

    @property
    def width(self) -> int:
        """Coordinates per stratum."""
        return {
            "count": 1,
            "proportion": 2,
            "survival": (self.causes + 1) * self.bins,
            "mean": 3,
            "quantiles": self.bins,
            "rate": 2,
            "observed_expected": 2,
        }[self.kind]

    @property
    def length(self) -> int:
        """Coordinates of the whole block."""
        return self.width * len(self.strata)

    @property
    def row_l2_squared(self) -> int:
        """Largest squared L2 norm of what one row adds."""
        if self.kind == "proportion":
            answer, known, unknown = self.steps
            return max(answer**2 + known**2, unknown**2)
        if self.kind in RATIOS:
            (less, more), (event, most) = LEAN, self.steps
            # Convex in s, so the largest is at an end: 0 or b, with the event or without.
            of_both = (event - less * most) ** 2 + (more * most) ** 2
            return max(event**2, (less * most) ** 2 + (more * most) ** 2, of_both)
        return sum(step**2 for step in self.steps)

    @property
    def row_substitution(self) -> int:
        """Largest squared L2 change when one row's values change, the row itself staying."""
        # From one stratum (or bin) to another the row leaves all it gave and gives as much.
        of_stratum = self.width if self.kind in ("survival", "quantiles") else 1
        places = len(self.strata) * of_stratum
        moved = self.row_l2_squared * (2 if places > 1 else 1)
        if self.kind == "mean":
            value, square, _ = self.steps
            return max(4 * (value**2 + square**2), moved)  # the number known does not change
        if self.kind == "proportion":
            answer, known, unknown = self.steps
            return max(4 * answer**2, answer**2 + (known + unknown) ** 2, moved)
        if self.kind in RATIOS:
            (less, more), (event, most) = LEAN, self.steps
            return max((event + less * most) ** 2 + (more * most) ** 2, moved)
        return moved

    @property
    def whole(self) -> tuple[int, ...]:
        """What each integer of a stratum is divided by to be read; not of a histogram."""
        return (self.steps[0], LEAN[1] * self.steps[1]) if self.kind in RATIOS else self.steps

    @property
    def lean(self) -> float:
        """Ratios only: how much of the sum, between its bounds, is taken off the events."""
        return LEAN[0] * self.steps[1] / self.steps[0]

    @property
    def l2_squared(self) -> int:
        """Squared L2 bound of the block under removal of one patient.

        c rows of norm s add up to at most c·s (triangle inequality).
        """
        return self.rows_max**2 * self.row_l2_squared

    @property
    def substitution(self) -> int:
        """Squared L2 bound of the block when one patient's values change."""
        return self.rows_max**2 * self.row_substitution

    @property
    def parts(self) -> int:
        """Nodes of the block's expressions, with a test for each edge and each stratifier."""
        of_rows = (self.cohort, self.inside, self.numerator, self.known)
        of_values = (self.event, self.competing, self.value)
        nodes = (node for node in (*of_rows, *of_values) if node is not None)
        return sum(map(size, nodes)) + len(self.grid) + len(self.edges) + len(self.by)

    def slices(self) -> Iterator[tuple[Stratum, slice]]:
        """Each stratum with its place in the release vector."""
        for i, stratum in enumerate(self.strata):
            first = self.start + i * self.width
            yield stratum, slice(first, first + self.width)


@dataclass(frozen=True)
class Plan:
    """A compiled study. ``l2_squared`` bounds how far one patient's removal moves the vector;
    ``l2_squared_substitution`` how far changing one patient's values moves it. ``scale`` is σ of
    the discrete Gaussian on every integer.
    """

    study_digest: str
    blocks: tuple[Block, ...]
    l2_squared: int
    l2_squared_substitution: int
    nano_rho: int
    scale: float
    digests: Mapping[str, str]
    """Digests of the dictionary and derivations that give the study its meaning."""
    mode: str = "per_site"
    """Who adds the noise: every site its own, so far. Part of what a release is named by."""

    @property
    def length(self) -> int:
        """Number of integers in a release."""
        return sum(block.length for block in self.blocks)

    @property
    def parts(self) -> int:
        """Parts of all expressions: what the time that one row takes goes with (reply_time.py)."""
        return sum(block.parts for block in self.blocks)

    def at_charge(self, nano_rho: int) -> Plan:
        """The same layout at another charge."""
        return replace(self, nano_rho=nano_rho, scale=scale_at(self.l2_squared, nano_rho))

    def unit_variances(self, block: Block) -> tuple[float, ...]:
        """Noise variance, for σ = 1, of what a stratum's integers tell in rows: count [n];
        proportion [d, m], with x = (d + m)/2 of m known rows; mean [Σ z, Σ (2z² − 1), n], with z
        from −1 to 1 between the bounds; rate and observed/expected [events − τ·Σ z, Σ z], with z
        from 0 to 1 between them and τ the lean. Of survival and quantiles [any integer]: what sums
        of their cells carry follows from the steps (coding.py).
        """
        if block.kind in ("survival", "quantiles"):
            return (1.0,)
        if block.kind != "proportion":
            return tuple(1 / step**2 for step in block.whole)
        answer, known, unknown = block.steps
        parent = 0.0
        if block.parent is not None:
            parent = unknown**2 * self.unit_variances(self.blocks[block.parent])[0]
        return 1 / answer**2, (1 + parent) / (known + unknown) ** 2
