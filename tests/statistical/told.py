"""Histograms as a release tells them: integers of fading steps, noise, and cells read back."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

__all__ = ["noised"]


def noised(
    rng: np.random.Generator,
    cells: NDArray[np.float64],
    variance: float,
    steps: Sequence[float],
    bins: int,
) -> NDArray[np.float64]:
    """Cells of shape (..., lines·bins) with noise ``variance`` on what is told of them."""
    lines = np.asarray(cells, dtype=np.float64).reshape(-1, bins)
    integers = lfilter(steps, [1.0], lines, axis=-1)
    integers += rng.normal(0, math.sqrt(variance), integers.shape)
    column = np.zeros(bins)
    column[: len(steps)] = steps
    back = solve_toeplitz((column, [steps[0], *[0.0] * (bins - 1)]), integers.T).T
    told: NDArray[np.float64] = back.reshape(np.shape(cells))
    return told
