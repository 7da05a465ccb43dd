"""Counts over strata as people are shown them: whole, none negative, adding up to their totals.

The nearest such counts to the noisy ones: the projection onto the simplex of the (rounded) total,
then rounded by largest remainders, so that a table's parts and its total agree. Tables of the same
rows that are divided differently are gone through from the coarsest to the finest, each cell of
the coarser one being the total of those of the finer one within it. For display alone: raw values
are kept beside them, and sums over sites or strata are made of those.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from federated.combine.projection import Floats, project_simplex
from federated.combine.tables import arranged, sizes_of

__all__ = ["whole_counts", "whole_tables"]


def whole_tables(tables: Sequence[tuple[Sequence[str], Floats]]) -> list[Floats]:
    """For each table of the same rows, given by its elements and its noisy counts, (levels of
    each). A table adds up to the finest of the coarser ones that its elements divide further, the
    first of several; and all of them to one total.
    """
    sizes = sizes_of([(by, counts.shape) for by, counts in tables])
    places = [
        arranged(by, np.arange(counts.size, dtype=np.int64).reshape(1, *counts.shape, 1), sizes)
        for by, counts in tables
    ]
    coarsest_first = sorted(range(len(tables)), key=lambda t: len(tables[t][0]))
    total = max(round(float(tables[coarsest_first[0]][1].sum())), 0)
    shown: dict[int, Floats] = {}
    for t in coarsest_first:
        by, counts = tables[t]
        over = [u for u in shown if set(tables[u][0]) <= set(by)]
        finest = max(over, key=lambda u: len(tables[u][0]), default=None)
        within = np.zeros_like(places[t]) if finest is None else places[finest]
        totals = np.array([float(total)]) if finest is None else shown[finest].ravel()
        shown[t] = _within(counts, places[t], np.broadcast_to(within, places[t].shape), totals)
    return [shown[t] for t in range(len(tables))]


def _within(
    counts: Floats, places: NDArray[np.int64], within: NDArray[np.int64], totals: Floats
) -> Floats:
    """Whole counts whose sums over the cells ``within`` each place of ``totals`` are those."""
    # By their place in the coarser table, then by their own.
    order = np.lexsort((places.ravel(), within.ravel()))
    parts = places.ravel()[order].reshape(len(totals), -1)
    shown = np.empty(counts.size)
    for part, total in zip(parts, totals, strict=True):
        shown[part] = whole_counts(counts.ravel()[part], int(total))
    return shown.reshape(counts.shape)


def whole_counts(cells: Floats, total: int) -> Floats:
    """For noisy counts of shape (strata,) and the ``total`` that they are to have, 0 or more."""
    possible = project_simplex(cells, np.asarray(float(total)), np.ones(len(cells)))
    shown = np.floor(possible)
    left = total - int(shown.sum())
    # Rounding errors of the projection may leave one too many or too few; ties go by place.
    order = np.argsort(shown - possible, kind="stable")
    shown[order[: max(left, 0)]] += 1
    if left < 0:
        shown[order[left:]] -= 1
    result: Floats = np.maximum(shown, 0.0)
    return result
