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
    "peaks": Values(
        lambda rng, n: np.where(
            rng.random(n) < 0.45, rng.normal(0.2, 0.03, n), rng.normal(0.75, 0.05, n)
        ),
        # The peaks are seven standard deviations apart: none is in the other's quantiles.
        lambda p: float(
            stats.norm.ppf(p / 0.45, 0.2, 0.03)
            if p < 0.45
            else stats.norm.ppf((p - 0.45) / 0.55, 0.75, 0.05)
        ),
        "45 % normal about .2, 55 % about .75",
    ),
    "far": Values(
        lambda rng, n: np.where(rng.random(n) < 0.895, rng.normal(0.2, 0.01, n), 1.0),
        lambda p: float(stats.norm.ppf(p / 0.895, 0.2, 0.01)) if p < 0.895 else 1.0,
        "89.5 % normal about .2, the others 1",
    ),
}
