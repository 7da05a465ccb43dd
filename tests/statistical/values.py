"""Distributions of a value on [0, 1] with known quantiles, for the coverage of intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from federated.combine.projection import Floats

__all__ = ["VALUES", "Values"]


@dataclass(frozen=True)
class Values:
    """``draw`` so many; ``quantile`` is the least value with at least a share p up to it."""

    draw: Callable[[np.random.Generator, int], Floats]
    quantile: Callable[[float], float]
    words: str


VALUES = {
    "flat": Values(lambda rng, n: rng.uniform(0, 1, n), lambda p: p, "uniform"),
    "narrow": Values(
        lambda rng, n: rng.normal(0.4, 0.02, n),
        lambda p: float(stats.norm.ppf(p, 0.4, 0.02)),
        "normal, a standard deviation of .02 of the bounds",
    ),
    "skew": Values(
        lambda rng, n: rng.beta(0.5, 3, n),
        lambda p: float(stats.beta.ppf(p, 0.5, 3)),
        "beta(½, 3)",
    ),
    "ties": Values(
        lambda rng, n: rng.binomial(10, 0.45, n) / 10,
        lambda p: float(stats.binom.ppf(p, 10, 0.45)) / 10,
        "tenths, binomial",
    ),
}
