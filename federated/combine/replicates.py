"""Histograms of exits drawn anew: rows from a law, noise of the known variance, made possible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.exits import at_risk
from federated.combine.projection import Floats, project_grouped

__all__ = ["bootstrap", "groups", "redraw", "sample"]

_REPLICATES = 400
_ROWS_MAX = 10**12
"""Above this many rows sampling is nil; it keeps the multinomial within its integers."""


def groups(grid: Sequence[int], read_at: Sequence[int], causes: int = 1) -> tuple[int, ...]:
    """First cells of the groups whose totals the projection keeps.

    The bins between two reported days form a group, for each event and for censored, and the tail
    one more: what is reported depends on these sums most. Without reported days, four bins each.
    """
    bins = len(grid) + 1
    inner = {grid.index(day) + 1 for day in read_at} or set(range(4, bins, 4))
    starts = sorted({0, bins - 1} | inner)
    return tuple(status * bins + start for status in range(causes + 1) for start in starts)


def bootstrap(
    cells: Floats,
    possible: Floats,
    noise: CellNoise,
    starts: tuple[int, ...],
    rng: np.random.Generator,
    causes: int = 1,
) -> tuple[Floats, Floats]:
    """Replicated histograms, shape (replicates, cells): sampling alone; then noised, projected."""
    law = _spread_pseudo_rows(possible, causes)
    return redraw(law, float(cells.sum()), noise, starts, rng, _REPLICATES)


def redraw(
    law: Floats,
    rows: float,
    noise: CellNoise,
    starts: tuple[int, ...],
    rng: np.random.Generator,
    replicates: int,
) -> tuple[Floats, Floats]:
    """``rows`` (at least one) drawn from ``law``; the same, noised and projected."""
    sampled = sample(law, rows, rng, replicates)
    # Of the discrete Gaussian only the variance matters here: the estimator sees sums of many.
    noisy = sampled + noise.draw(rng, sampled.shape)
    return sampled, project_grouped(noisy, starts, noise.of_groups(starts, law.size))


def sample(law: Floats, rows: float, rng: np.random.Generator, replicates: int) -> Floats:
    """``rows`` (at least one) drawn from ``law``, or from a law of each replicate; shape
    (replicates, cells).
    """
    whole = int(min(max(round(rows), 1), _ROWS_MAX))
    return rng.multinomial(whole, law, size=replicates).astype(np.float64)


def _spread_pseudo_rows(possible: Floats, causes: int) -> Floats:
    """Cell probabilities with one event of each cause, in proportion to the rows at risk, and one
    survivor added.

    Without them a stratum free of events (or of survivors) would have no sampling error at all;
    the addition plays the part of Agresti & Coull's (1998) for a binomial.
    """
    bins = possible.size // (causes + 1)
    exposed = at_risk(possible, causes)[: bins - 1]
    cells = possible.copy()
    for first in range(0, causes * bins, bins):
        cells[first : first + bins - 1] += (
            exposed / exposed.sum() if exposed.sum() > 0 else 1 / (bins - 1)
        )
    cells[-1] += 1.0
    law: Floats = cells / cells.sum()
    return law
