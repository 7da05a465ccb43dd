"""Categorical covariates as columns of a design: which levels are told apart, and against which.

Strata where an element is missing are left out (complete cases), and so is a level whose rows
cannot be told from none: it would add noise and nothing else. Within, every factor is written
against the level that tells most, so that a reference that tells little spoils its own comparisons
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from federated.combine.glm import Cells, Family
from federated.combine.projection import Floats
from federated.combine.score_test import Direction
from federated.study.plan import Stratum

__all__ = ["Design", "Factor", "levels_of", "make_design"]


@dataclass(frozen=True)
class Factor:
    """``levels`` in the dictionary's order, ``present`` those that are told apart, ``rows`` the
    noisy n of every level, and the place of the level that tells most, the baseline.
    """

    levels: tuple[str, ...]
    present: tuple[bool, ...]
    rows: tuple[float, ...]
    baseline: int


@dataclass(frozen=True)
class Design:
    """``matrix`` (cells, K) over the strata ``used``; ``columns`` hold each factor's level →
    column, None for the baseline; levels that are not present have none.
    """

    used: NDArray[np.bool_]
    matrix: Floats
    factors: tuple[Factor, ...]
    columns: tuple[dict[int, int | None], ...]

    def contrast(self, factor: int, level: int, reference: int) -> Direction:
        """Level less reference."""
        size = self.matrix.shape[1]
        of = self.columns[factor]
        column, against = of[level], of[reference]
        unit = np.eye(size)
        if column is None:
            if against is None:
                raise ValueError("a level is not compared with itself")
            # The baseline less another: −β of the other.
            return Direction(-unit[:, [against]], np.delete(unit, against, axis=1))
        others = np.delete(unit, column, axis=1)
        if against is not None:
            # What moves the reference moves the level with it.
            others[column, against - (against > column)] = 1.0
        return Direction(unit[:, [column]], others)

    def jointly(self, factor: int) -> Direction:
        """All levels of a factor at once."""
        mine = [column for column in self.columns[factor].values() if column is not None]
        unit = np.eye(self.matrix.shape[1])
        return Direction(unit[:, mine], np.delete(unit, mine, axis=1))


def levels_of(strata: Sequence[Stratum]) -> tuple[tuple[str, ...], ...]:
    """The levels of each element, in their order, missing left out."""
    return tuple(
        tuple(dict.fromkeys(level for level in column if level is not None))
        for column in zip(*strata, strict=True)
    )


def make_design(
    strata: Sequence[Stratum], cells: Cells, family: Family, *, z: float, drop: int = 0
) -> Design:
    """For noisy ``cells``, one of each stratum; ``z`` says when rows are told from none. ``drop``
    leaves out as many more levels, those that stand out least.
    """
    n, levels = cells.n, levels_of(strata)
    codes = np.array(
        [
            [
                -1 if level is None else of.index(level)
                for level, of in zip(stratum, levels, strict=True)
            ]
            for stratum in strata
        ]
    )
    present = [np.ones(len(of), dtype=bool) for of in levels]
    complete = (codes >= 0).all(axis=1)
    while True:
        used = complete & np.all([told[codes[:, f]] for f, told in enumerate(present)], axis=0)
        weakest = _weakest(codes, used, present, n, cells.noise[2])
        if weakest is None or (weakest[0] > z and drop == 0):
            break
        drop -= weakest[0] > z
        present[weakest[1]][weakest[2]] = False
    factors, columns, size = [], [], 1
    for f, of in enumerate(levels):
        # Of a level left out, what the strata tell of it beside the other factors' levels.
        beside = complete & np.all(
            [told[codes[:, g]] for g, told in enumerate(present) if g != f] or [complete], axis=0
        )
        rows = tuple(float(n[beside & (codes[:, f] == level)].sum()) for level in range(len(of)))
        told = [level for level in range(len(of)) if present[f][level]]
        tells = {
            level: family.strength(float(cells.y[mine].sum()), float(n[mine].sum()))
            for level in told
            for mine in [used & (codes[:, f] == level)]
        }
        baseline = max(told, key=tells.__getitem__, default=0)
        places: dict[int, int | None] = {}
        for level in told:
            places[level] = None if level == baseline else size
            size += level != baseline
        factors.append(Factor(of, tuple(bool(each) for each in present[f]), rows, baseline))
        columns.append(places)
    matrix = np.zeros((int(used.sum()), size))
    matrix[:, 0] = 1.0
    for f, places in enumerate(columns):
        for level, column in places.items():
            if column is not None:
                matrix[:, column] = codes[used, f] == level
    return Design(used, matrix, tuple(factors), tuple(columns))


def _weakest(
    codes: NDArray[np.int_],
    used: NDArray[np.bool_],
    present: Sequence[NDArray[np.bool_]],
    n: Floats,
    variance: float,
) -> tuple[float, int, int] | None:
    """The level whose rows stand out least, in standard deviations of their noise, with its
    factor and place; None if no level is left.
    """
    found = []
    for f, told in enumerate(present):
        for level in np.flatnonzero(told):
            mine = used & (codes[:, f] == level)
            rows, sd = float(n[mine].sum()), float(np.sqrt(variance * mine.sum()))
            clear = rows / sd if sd > 0 else (np.inf if rows > 0 else 0.0)
            found.append((clear, f, int(level)))
    return min(found, default=None)
