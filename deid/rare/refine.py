"""Classes split as far as k allows: the cells that need not be as coarse as their column.

Top down, in the manner of Mondrian (LeFevre and others 2006): a class is split by a finer rung of
one column where every part keeps k patients; members of parts that are too small stay together
as they are, if they are k themselves. Of all splits the one that gains most comes first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from deid.rare.search import EVALUATION, Budget, Coded

__all__ = ["refine"]

Codes = NDArray[np.int64]


def refine(columns: Sequence[Coded], rung: Codes, people: Codes, k: int, budget: Budget) -> bool:
    """Lower ``rung`` (column × row) in place. Every class of k patients or more is split; rows
    in smaller ones, which have lost all, stay.

    False if the budget ended first: then some classes are coarser than they must be, and no
    class is smaller than k. The largest classes come first: most is won there.
    """
    waiting = [(-len(rows), i, rows) for i, rows in enumerate(_classes(columns, rung))]
    heapq.heapify(waiting)
    number = len(waiting)
    while waiting:
        if budget.left <= 0:
            return False
        _, _, rows = heapq.heappop(waiting)
        best = _best_split(columns, rung, rows, people, k, budget)
        if best is None:
            continue
        i, finer, kept = best
        codes = columns[i].codes[finer][rows]
        rung[i, rows[kept]] = finer
        parts = [rows[kept & (codes == code)] for code in np.unique(codes[kept])]
        if not kept.all():
            parts.append(rows[~kept])
        for part in parts:
            heapq.heappush(waiting, (-len(part), number, part))
            number += 1
    return True


def _best_split(
    columns: Sequence[Coded], rung: Codes, rows: Codes, people: Codes, k: int, budget: Budget
) -> tuple[int, int, NDArray[np.bool_]] | None:
    """Column, finer rung and the rows that may take it, of the split that gains most."""
    best: tuple[int, int, int] | None = None
    found: tuple[int, int, NDArray[np.bool_]] | None = None
    own = people[rows]
    for i, column in enumerate(columns):
        now = column.loss[rung[i, rows[0]]][rows]
        for finer in range(len(column.codes)):
            gains = now - column.loss[finer][rows]
            budget.left -= len(rows)
            # What any of the rows could gain bounds what those that may be split do.
            most = int(gains[gains > 0].sum())
            if int(gains.sum()) <= 0 or (best is not None and most < best[0]):
                continue
            budget.left -= len(rows) + EVALUATION
            kept = _parts(column.codes[finer][rows], own, k)
            if kept is None:
                continue
            gain = int(gains[kept].sum())
            if gain > 0 and (best is None or (gain, -i, -finer) > best):
                best, found = (gain, -i, -finer), (i, finer, kept)
    return found


def _classes(columns: Sequence[Coded], rung: Codes) -> Iterator[Codes]:
    """Rows by the rungs and codes they have; those of one class have the same rungs."""
    rows = np.arange(rung.shape[1])
    said = np.array([np.array(c.codes)[rung[i], rows] for i, c in enumerate(columns)])
    _, number = np.unique(np.concatenate([rung, said]), axis=1, return_inverse=True)
    number = np.ravel(number)
    for one in range(int(number.max(initial=-1)) + 1):
        yield np.flatnonzero(number == one)


def _parts(codes: Codes, people: Codes, k: int) -> NDArray[np.bool_] | None:
    """Which rows may take the finer codes; None if none, or if too few would be left behind."""
    if len(codes) < k or (len(codes) < 2 * k and (codes != codes[0]).any()):
        return None  # too few for a part that is large enough, or for two
    span = int(people.max()) + 1
    pairs = np.unique(codes * span + people)
    sizes = np.bincount(pairs // span)
    kept: NDArray[np.bool_] = sizes[codes] >= k
    left = len(np.unique(people[~kept]))
    if not kept.any() or 0 < left < k:
        # The smallest part that is large enough may stay with those left behind.
        large = np.flatnonzero(sizes >= k)
        if len(large) < 2:
            return None
        kept &= codes != large[np.argmin(sizes[large])]
    return kept
