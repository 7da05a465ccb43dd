"""What tables of the same rows are worth to one another when they are put together.

Least squares weighs each part of a table by its noise, so weights and what remains of the noise
follow from the plan alone: a preview tells them, and :mod:`federated.combine.tables` uses them
(federated/combine/README.md has the proof). A table has 2^|B| parts over the elements B that divide
it and no more is needed for its cells, however many they are.

Sums, products and quotients of doubles only, in a fixed order (strategy.py says why).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from federated.study.coding import of_half, of_rank
from federated.study.plan import Block, Plan
from federated.study.same_rows import same_rows

__all__ = [
    "Part",
    "Shape",
    "parts_of",
    "read_variance",
    "read_variances",
    "shape_of",
]


@dataclass(frozen=True)
class Shape:
    """A table's elements with the number of levels of each, and the noise variance of each reading
    in one cell, up to a factor that all tables share.
    """

    levels: Mapping[str, int]
    variance: tuple[float, ...]

    def behind(self, part: Sequence[str]) -> int:
        """How many cells lie behind one sum of a part."""
        return math.prod(size for a, size in self.levels.items() if a not in part)

    def parts(self) -> Iterator[tuple[str, ...]]:
        """All subsets of the elements, each in the order of their names."""
        for size in range(len(self.levels) + 1):
            yield from itertools.combinations(sorted(self.levels), size)

    def share_of(self, part: Sequence[str]) -> float:
        """What of a part's noise variance is in the noise of one cell."""
        varied = math.prod(1 - 1 / self.levels[a] for a in part)
        return varied / self.behind(part) ** 2


@dataclass(frozen=True)
class Part:
    """One part with the places of the tables that have it, how many cells of each lie behind a sum
    of it, and the noise variance of each reading of a sum: of each table ``alone``, put together.
    """

    elements: tuple[str, ...]
    tables: tuple[int, ...]
    behind: tuple[int, ...]
    alone: tuple[tuple[float, ...], ...]
    variance: tuple[float, ...]


def parts_of(shapes: Sequence[Shape]) -> list[Part]:
    """The parts of all tables, in the order of their elements' names."""
    having: dict[tuple[str, ...], list[int]] = {}
    for t, shape in enumerate(shapes):
        for part in shape.parts():
            having.setdefault(part, []).append(t)
    return [_part(shapes, part, places) for part, places in sorted(having.items())]


def _part(shapes: Sequence[Shape], part: tuple[str, ...], places: Sequence[int]) -> Part:
    behind = tuple(shapes[t].behind(part) for t in places)
    alone = tuple(
        tuple(n * v for v in shapes[t].variance) for t, n in zip(places, behind, strict=True)
    )
    put_together = tuple(1 / math.fsum(1 / v for v in each) for each in zip(*alone, strict=True))
    return Part(part, tuple(places), behind, alone, put_together)


def _of_cells(shapes: Sequence[Shape]) -> list[tuple[float, ...]]:
    """Noise variance of each reading in one cell of every table, put together."""
    sums = [[0.0] * len(shape.variance) for shape in shapes]
    for part in parts_of(shapes):
        for t in part.tables:
            share = shapes[t].share_of(part.elements)
            for r, variance in enumerate(part.variance):
                sums[t][r] += share * variance
    return [tuple(of) for of in sums]


def read_variance(plan: Plan, block: Block) -> tuple[float, ...]:
    """Noise variance, for σ = 1, of each reading of a stratum told alone: as
    :meth:`Plan.unit_variances` has them; of a histogram that of what people read of it.
    """
    if block.kind == "survival":
        return (of_half(block.steps, block.bins),)
    if block.kind == "quantiles":
        return (of_rank(block.steps, block.bins),)
    return plan.unit_variances(block)


def shape_of(plan: Plan, block: Block) -> Shape:
    """A block as a table."""
    levels = (len(dict.fromkeys(column)) for column in zip(*block.strata, strict=True))
    return Shape(dict(zip(block.by, levels, strict=True)), read_variance(plan, block))


def read_variances(plan: Plan) -> list[tuple[float, ...]]:
    """:func:`read_variance` of every block, put together with those that count the same rows."""
    found = [read_variance(plan, block) for block in plan.blocks]
    for places in same_rows(plan):
        if len(places) > 1:
            shapes = [shape_of(plan, plan.blocks[i]) for i in places]
            for i, variance in zip(places, _of_cells(shapes), strict=True):
                found[i] = variance
    return found
