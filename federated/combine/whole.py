"""Counts over strata as people are shown them: whole, none negative, adding up to their totals.

Counts that stand clear of their noise keep their value; the others are the nearest such counts to
the noisy ones: the projection onto the simplex of what is left of the total, rounded by largest
remainders, so that a table's parts and its total agree. Where most strata are empty the sum of all
is far noisier than the few that are not, and a projection of all would charge them for it: of one
count of 100 among 100 cells with σ = 10 it would show 61 on average. Tables of the same
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

__all__ = ["whole_tables"]


_CLEAR = 3.0
"""Standard deviations of its noise beyond which a count is shown as it was told."""


def whole_tables(tables: Sequence[tuple[Sequence[str], Floats, float]]) -> list[Floats]:
    """For each table of the same rows, given by its elements, its noisy counts, (levels of each),
    and the standard deviation of a count's noise.

    A table adds up to the finest of the coarser ones that its elements divide further, the first of
    several; and all of them to one total.
    """
    sizes = sizes_of([(by, counts.shape) for by, counts, _ in tables])
    places = [
        arranged(by, np.arange(counts.size, dtype=np.int64).reshape(1, *counts.shape, 1), sizes)
        for by, counts, _ in tables
    ]
    coarsest_first = sorted(range(len(tables)), key=lambda t: len(tables[t][0]))
    _, coarsest, sd = tables[coarsest_first[0]]
    total = _total(coarsest, sd)
    shown: dict[int, Floats] = {}
    for t in coarsest_first:
        by, counts, sd = tables[t]
        over = [u for u in shown if set(tables[u][0]) <= set(by)]
        finest = max(over, key=lambda u: len(tables[u][0]), default=None)
        within = np.zeros_like(places[t]) if finest is None else places[finest]
        totals = np.array([float(total)]) if finest is None else shown[finest].ravel()
        shown[t] = _within(counts, places[t], np.broadcast_to(within, places[t].shape), totals, sd)
    return [shown[t] for t in range(len(tables))]


def _within(
    counts: Floats,
    places: NDArray[np.int64],
    within: NDArray[np.int64],
    totals: Floats,
    sd: float,
) -> Floats:
    """Whole counts whose sums over the cells ``within`` each place of ``totals`` are those."""
    # By their place in the coarser table, then by their own.
    order = np.lexsort((places.ravel(), within.ravel()))
    parts = places.ravel()[order].reshape(len(totals), -1)
    shown = np.empty(counts.size)
    for part, total in zip(parts, totals, strict=True):
        shown[part] = _with_total(counts.ravel()[part], int(total), sd)
    return shown.reshape(counts.shape)


def _total(counts: Floats, sd: float) -> int:
    """What a table adds up to as shown: what stands clear, and the noisy sum of the others."""
    counts = np.atleast_1d(counts)
    clear = counts > _CLEAR * sd
    kept = int(np.rint(counts[clear]).sum())
    return kept + max(round(float(counts[~clear].sum())), 0)


def _with_total(cells: Floats, total: int, sd: float) -> Floats:
    clear = cells > _CLEAR * sd
    kept = np.rint(cells[clear])
    if kept.sum() > total or clear.all():  # then nothing else can agree with the total
        return _nearest(cells, total)
    shown = np.empty(cells.size)
    shown[clear] = kept
    shown[~clear] = _nearest(cells[~clear], total - int(kept.sum()))
    return shown


def _nearest(cells: Floats, total: int) -> Floats:
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
