"""Which rung each column takes: the choice that loses least, found by branch and bound.

The loss of a choice is additive: what the rungs lose in rows whose class is large enough, and
everything in the others, whose cells would have to go. What the rungs alone lose in all rows is
a lower bound of that and grows along the search, so choices are visited in its order and the
search ends, with the best of all, when the bound reaches the best found. Losses are whole
numbers: their sums do not depend on the order of rows.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["EVALUATION", "Budget", "Choice", "Coded", "large_enough", "search"]

Codes = NDArray[np.int64]
EVALUATION = 1_000
"""What one evaluation costs beside its rows, in row units."""


@dataclass(frozen=True)
class Coded:
    """A column under each of its rungs: ``codes[r]`` and ``loss[r]`` per row. Code 0 is missing;
    rung 0 is the value itself, the last rung is the missing value.
    """

    codes: tuple[Codes, ...]
    loss: tuple[Codes, ...]


@dataclass
class Budget:
    """Work left, in rows looked at: what bounds the time, the same on every machine."""

    left: int


@dataclass(frozen=True)
class Choice:
    """A rung per column. ``exact``: no choice at all loses less."""

    rungs: tuple[int, ...]
    loss: int
    exact: bool


def _classes(columns: Sequence[Coded], rungs: Sequence[int], rows: Codes) -> Codes:
    """Number of each row's class, 0 up."""
    key = np.zeros(len(rows), dtype=np.int64)
    for column, rung in zip(columns, rungs, strict=True):
        codes = column.codes[rung][rows]
        _, key = np.unique(key * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
    return key


def large_enough(
    columns: Sequence[Coded], rungs: Sequence[int], rows: Codes, patients: Codes, k: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Per row: does its class have k patients, and how many has it?"""
    classes = _classes(columns, rungs, rows)
    own = patients[rows]
    pairs = np.unique(classes * (int(own.max(initial=0)) + 1) + own)
    sizes = np.bincount(pairs // (int(own.max(initial=0)) + 1), minlength=1)
    found: NDArray[np.int64] = sizes[classes]
    return found >= k, found


class _Search:
    def __init__(
        self, columns: Sequence[Coded], rows: Codes, patients: Codes, k: int, budget: Budget
    ) -> None:
        self.columns, self.rows, self.patients, self.k = columns, rows, patients, k
        self.budget = budget
        sums = [[int(loss[rows].sum()) for loss in column.loss] for column in columns]
        # Rungs by what they lose here; of two that lose the same, the finer one.
        self.order = [sorted(range(len(own)), key=lambda r, own=own: (own[r], r)) for own in sums]  # type: ignore[misc]
        self.sums = sums
        self.suppressed = np.sum([column.loss[-1][rows] for column in columns], axis=0)
        self.best: tuple[int, tuple[int, ...]] = (
            int(self.suppressed.sum()),
            tuple(len(own) - 1 for own in sums),
        )

    def loss(self, rungs: tuple[int, ...]) -> int:
        self.budget.left -= len(self.rows) + EVALUATION
        fits, _ = large_enough(self.columns, rungs, self.rows, self.patients, self.k)
        kept = np.sum(
            [c.loss[r][self.rows] for c, r in zip(self.columns, rungs, strict=True)], axis=0
        )
        total = int(np.where(fits, kept, self.suppressed).sum())
        self.best = min(self.best, (total, rungs))
        return total

    def climb(self, start: tuple[int, ...]) -> None:
        """Change one column's rung while that helps and the budget lasts."""
        here, loss = start, self.loss(start)
        while True:
            near = [
                (*here[:i], rung, *here[i + 1 :])
                for i, own in enumerate(self.sums)
                for rung in range(len(own))
                if rung != here[i]
            ]
            found = min((self.loss(rungs), rungs) for rungs in near)
            if found[0] >= loss or self.budget.left <= 0:
                return
            loss, here = found

    def enumerate(self) -> bool:
        """Visit choices by their bound; True if the best of all was found."""
        places = (0,) * len(self.columns)
        heap = [(self._bound(places), places)]
        while heap:
            bound, places = heapq.heappop(heap)
            if bound > self.best[0]:
                return True
            if self.budget.left <= 0:
                return False
            self.loss(tuple(o[p] for o, p in zip(self.order, places, strict=True)))
            # Only columns from the last raised one on are raised: each choice is reached once.
            last = max((i for i, place in enumerate(places) if place), default=0)
            for i in range(last, len(places)):
                if places[i] + 1 < len(self.order[i]):
                    more = (*places[:i], places[i] + 1, *places[i + 1 :])
                    heapq.heappush(heap, (self._bound(more), more))
        return True

    def _bound(self, places: tuple[int, ...]) -> int:
        return sum(
            own[order[place]]
            for own, order, place in zip(self.sums, self.order, places, strict=True)
        )


def search(
    columns: Sequence[Coded], rows: Codes, patients: Codes, k: int, budget: Budget
) -> Choice:
    """The choice that loses least over ``rows``; when the budget ends first, a good one."""
    found = _Search(columns, rows, patients, k, budget)
    finest = tuple(0 for _ in columns)
    if found.loss(finest) > 0:
        found.climb(tuple(len(c.codes) - 1 for c in columns))
        found.climb(finest)
        exact = found.enumerate()
    else:
        exact = True
    return Choice(found.best[1], found.best[0], exact)
