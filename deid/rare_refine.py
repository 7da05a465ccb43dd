"""Classes split as far as k allows: the cells that need not be as coarse as their column.

Top down, in the manner of Mondrian (LeFevre and others 2006): a class is split by a finer rung of
one column where every part keeps k patients; members of parts that are too small stay together
as they are, if they are k themselves. Of all splits the one that gains most comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from deid.rare_search import Coded

__all__ = ["refine"]

Codes = NDArray[np.int64]


def refine(columns: Sequence[Coded], rung: Codes, people: Codes, k: int) -> None:
    """Lower ``rung`` (column × row) in place. Every class of k patients or more is split; rows
    in smaller ones, which have lost all, stay.
    """
    waiting = list(_classes(columns, rung))
    while waiting:
        rows = waiting.pop()
        best: tuple[int, int, int] | None = None
        for i, column in enumerate(columns):
            now = rung[i, rows[0]]
            lost = int(column.loss[now][rows].sum())
            for finer in range(len(column.codes)):
                if int(column.loss[finer][rows].sum()) >= lost:
                    continue
                kept = _parts(column.codes[finer][rows], people[rows], k)
                if kept is not None:
                    gain = int((column.loss[now][rows] - column.loss[finer][rows])[kept].sum())
                    if gain > 0 and (best is None or (gain, -i, -finer) > best):
                        best = (gain, -i, -finer)
        if best is None:
            continue
        i, finer = -best[1], -best[2]
        codes = columns[i].codes[finer][rows]
        kept = _parts(codes, people[rows], k)
        if kept is None:
            continue
        rung[i, rows[kept]] = finer
        waiting += [rows[kept & (codes == code)] for code in np.unique(codes[kept])]
        if not kept.all():
            waiting.append(rows[~kept])


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
    pairs = np.unique(np.stack([codes, people]), axis=1)
    labels, sizes = np.unique(pairs[0], return_counts=True)
    kept: NDArray[np.bool_] = np.isin(codes, labels[sizes >= k])
    left = len(np.unique(people[~kept]))
    if not kept.any() or 0 < left < k:
        # The smallest part that is large enough may stay with those left behind.
        large = sorted((int(n), int(c)) for c, n in zip(labels, sizes, strict=True) if n >= k)
        if len(large) < 2:
            return None
        kept &= codes != large[0][1]
    return kept
