"""Noisy histograms brought back to possible ones: no negative cell, the total kept.

Projection onto a scaled simplex, argmin Σ (gᵢ − hᵢ)²/vᵢ over g ≥ 0 with Σ gᵢ = total, by sorting
(Duchi, Shalev-Shwartz, Singer & Chandra, ICML 2008; the weighted case follows from the same KKT
conditions: gᵢ = max(hᵢ − τ·vᵢ, 0)). It is post-processing and costs no privacy.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "project_grouped", "project_simplex"]

Floats: TypeAlias = NDArray[np.float64]


def project_simplex(cells: Floats, total: Floats, variance: Floats) -> Floats:
    """Nearest non-negative cells with the given total.

    ``cells`` has shape (..., c), ``total`` (...) and ``variance`` (c,), the noise variance of
    each cell up to a common factor. A total of zero or less gives zeros.
    """
    order = np.argsort(-cells / variance, axis=-1)
    ranked, spread = np.take_along_axis(cells, order, axis=-1), variance[order]
    excess = (ranked.cumsum(axis=-1) - total[..., None]) / spread.cumsum(axis=-1)
    positive = (ranked / spread > excess).sum(axis=-1)
    last = np.maximum(positive, 1)[..., None] - 1
    shift = np.take_along_axis(excess, last, axis=-1)
    projected: Floats = np.maximum(cells - shift * variance, 0.0)
    return projected


def project_grouped(cells: Floats, starts: tuple[int, ...], spread: Floats | None = None) -> Floats:
    """Project in two steps: sums over groups of neighbouring cells first, then cells in groups.

    ``cells`` has shape (..., c); group i runs from ``starts[i]`` to ``starts[i + 1]``. ``spread``
    is the noise variance of each group's sum up to a common factor; by default it goes with the
    cells of a group. A plain
    projection pushes many near-empty cells up and the full ones down; sums over groups are
    further from zero, so they keep their totals and with them the curve its place. Measured on
    survival histograms, the bias falls to about a third; the error stays within a tenth, but for
    cells drowned in noise, where it grows by a quarter (tests/benchmarks/coverage.md).
    """
    first = np.asarray(starts)
    sizes = np.diff(np.append(first, cells.shape[-1]))
    sums = np.add.reduceat(cells, first, axis=-1)
    total = np.maximum(cells.sum(axis=-1), 1.0)
    sums = project_simplex(sums, total, sizes.astype(np.float64) if spread is None else spread)
    out = np.empty_like(cells)
    for i, (start, size) in enumerate(zip(first, sizes, strict=True)):
        part = slice(start, start + size)
        out[..., part] = project_simplex(cells[..., part], sums[..., i], np.ones(size))
    return out
