"""Are two elements independent, given a noisy table of counts? A test that knows the noise.

Of cells c over rows i and columns j, with noise of variance V each, eᵢⱼ = rᵢ·kⱼ/N is what
independence expects, and the statistic is Σ (cᵢⱼ − eᵢⱼ)²/(eᵢⱼ + V): Pearson's χ² where V is 0,
and near the noisy ones of Gaboardi, Lim, Rogers & Vadhan (ICML 2016). The margins r, k and N are
sums of the noisy cells; noise of one variance on every cell moves them and c − e independently.

p is that of a simulation as in :mod:`federated.combine.equal_ratios`: N rows fall into the cells of
an independent table with the same margins, and noise of variance V is added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from federated.combine.estimate import two_sided_z
from federated.combine.projection import Floats

__all__ = ["Table", "independence"]

_TINY = 1e-12
_ROWS_MAX = 10**12
"""Above this many rows sampling is nil; it keeps the multinomial within its integers."""


@dataclass(frozen=True)
class Table:
    """``rows`` and ``columns`` are the places of those compared; with fewer than two of either the
    test is uninformative and ``p_value`` 1. Without noise ``chi_squared`` has ``degrees`` of
    freedom.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    chi_squared: float
    degrees: int
    p_value: float
    uninformative: bool


def independence(
    cells: Floats, variance: float, *, confidence: float, seed: int, replicates: int = 999
) -> Table:
    """Test of noisy counts of shape (rows, columns). ``confidence`` says when a row or a column is
    told from none; ``seed`` fixes the simulation.
    """
    z = two_sided_z(confidence)
    rows, columns = (
        np.flatnonzero(cells.sum(axis=other) > z * np.sqrt(variance * cells.shape[other]))
        for other in (1, 0)
    )
    places = tuple(rows.tolist()), tuple(columns.tolist())
    if rows.size < 2 or columns.size < 2:
        return Table(*places, 0.0, 0, 1.0, uninformative=True)
    chosen = cells[np.ix_(rows, columns)]
    expected = _expected(chosen)
    law = (expected / expected.sum()).ravel()
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(min(round(expected.sum()), _ROWS_MAX), law, size=replicates)
    noisy = drawn.reshape(replicates, *chosen.shape) + rng.normal(
        0.0, np.sqrt(variance), (replicates, *chosen.shape)
    )
    seen = float(_chi_squared(chosen, variance))
    # Rounding must not tell apart what a small number of rows ties.
    at_least = int((_chi_squared(noisy, variance) >= seen * (1 - 1e-9)).sum())
    degrees = (rows.size - 1) * (columns.size - 1)
    p_value = (1 + at_least) / (replicates + 1)
    return Table(*places, seen, degrees, p_value, uninformative=False)


def _expected(cells: Floats) -> Floats:
    """Of an independent table with the margins of ``cells``, none of them below 0."""
    rows = np.maximum(cells.sum(axis=-1, keepdims=True), _TINY)
    columns = np.maximum(cells.sum(axis=-2, keepdims=True), _TINY)
    total = np.maximum(cells.sum(axis=(-1, -2)), 1.0)[..., None, None]
    expected: Floats = (
        total
        * (rows / rows.sum(axis=-2, keepdims=True))
        * (columns / columns.sum(axis=-1, keepdims=True))
    )
    return expected


def _chi_squared(cells: Floats, variance: float) -> Floats:
    expected = _expected(cells)
    apart = (cells - expected) ** 2 / np.maximum(expected + variance, _TINY)
    found: Floats = apart.sum(axis=(-1, -2))
    return found
