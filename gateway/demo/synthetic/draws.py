"""Random draws in the words of a case-mix table, over one NumPy generator."""

from __future__ import annotations

__all__ = ["Draw", "Weighted"]

import math
from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import numpy as np

_T = TypeVar("_T")

Weighted: TypeAlias = Sequence[tuple[_T, float]]
"""Values with weights; the weights need not sum to one."""


class Draw:
    """Scalar draws from a seeded stream; the same key gives the same sequence."""

    def __init__(self, *key: int) -> None:
        self._rng = np.random.default_rng(key)

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return bool(self._rng.random() < probability)

    def between(self, low: float, high: float) -> float:
        """Uniform on [low, high)."""
        return low + (high - low) * float(self._rng.random())

    def whole(self, low: int, high: int) -> int:
        """Uniform whole number, both ends included."""
        return low + int(self._rng.random() * (high - low + 1))

    def pick(self, table: Weighted[_T]) -> _T:
        """One value with probability proportional to its weight."""
        left = float(self._rng.random()) * sum(weight for _, weight in table)
        for value, weight in table:
            left -= weight
            if left < 0:
                return value
        return table[-1][0]

    def one(self, values: Sequence[_T]) -> _T:
        """One value, all equally likely."""
        return values[int(self._rng.random() * len(values))]

    def normal(
        self, mean: float, sd: float, low: float = -math.inf, high: float = math.inf
    ) -> float:
        """Normal truncated to [low, high] by drawing again; clamped after 100 misses."""
        for _ in range(100):
            value = mean + sd * float(self._rng.standard_normal())
            if low <= value <= high:
                return value
        return min(max(mean, low), high)

    def lognormal(self, median: float, sigma: float, low: float, high: float) -> float:
        """Lognormal given by its median and log-SD, clamped to [low, high]."""
        value = median * math.exp(sigma * float(self._rng.standard_normal()))
        return min(max(value, low), high)

    def exponential(self, rate: float) -> float:
        """Waiting time at a constant rate; infinite at rate 0."""
        return float(self._rng.standard_exponential()) / rate if rate > 0 else math.inf

    def weibull(self, rate: float, shape: float) -> float:
        """Waiting time with cumulative hazard ``(rate · t) ** shape``."""
        if rate <= 0:
            return math.inf
        return math.pow(float(self._rng.standard_exponential()), 1 / shape) / rate

    def beta(self, a: float, b: float) -> float:
        """Beta(a, b)."""
        return float(self._rng.beta(a, b))

    def gamma(self, shape: float, scale: float) -> float:
        """Gamma with the given shape and scale."""
        return float(self._rng.gamma(shape, scale))

    def shuffled(self, values: Sequence[_T]) -> list[_T]:
        """The values in a random order."""
        return [values[i] for i in self._rng.permutation(len(values))]

    def digits(self, count: int) -> str:
        """A digit string that does not begin with 0."""
        return str(self.whole(10 ** (count - 1), 10**count - 1))
