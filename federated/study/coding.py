"""How the rows of a histogram are told, so that sums over neighbouring bins are sharp.

What people read off a histogram over time or over a value are sums of it from one end: events up
to a day, rows below an edge. With noise on every bin such a sum carries that of all its bins. So a
row is told in its own bin and, fading, in those after it: in bin j it adds s₀ to coordinate j, s₁
to j + 1 and so on to the last. y = A·cells, with A lower triangular and of one value on each
diagonal, and A⁻¹ is of the same form: reciprocal power series. One row moves the vector by √Σ s²
at the most.

The square root of the matrix of all sums from one end, whose series is (1 − x)^(−½), is within a
constant of the best there is for them (Fichtenberger, Henzinger & Upadhyay, ICML 2023). People
read differences of such sums too (rows left), and early ones more than late ones: the series
(1 − r·x)^(−½) fades faster, and r = 1 − 3/T is near the best r for survival and for quantiles,
whatever the number T of bins (tests/benchmarks/fading.md has what it gains).

Sums, products and quotients of doubles only, in a fixed order (strategy.py says why).
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Sequence

__all__ = ["fading", "inverse", "of_half", "of_rank"]


@functools.lru_cache(maxsize=256)
def fading(bins: int) -> tuple[float, ...]:
    """What a row adds to its bin and to those after it, of norm 1; length ``bins``."""
    ratio = max(1 - 3 / bins, 0.0)
    series = [1.0]
    for k in range(1, bins):
        series.append(series[-1] * ratio * (2 * k - 1) / (2 * k))
    size = math.sqrt(math.fsum(term * term for term in series))
    return tuple(term / size for term in series)


def inverse(steps: Sequence[float], bins: int) -> tuple[float, ...]:
    """First column of A⁻¹, length ``bins``; ``steps[0]`` is not zero.

    Where steps do not rise, A is s₀·(1 − D)/(1 − x) with no term of D below 0 and their sum at most
    1. So the sums of what is returned, the series of 1/(1 − D) over s₀, lie between 0 and 1/s₀
    (renewal): none carries more noise than bins told one by one with s₀ do.
    """
    first, *rest = steps
    series = [1 / first]
    for _ in range(1, bins):
        series.append(-math.fsum(map(operator.mul, rest, reversed(series))) / first)
    return tuple(series)


def of_half(steps: Sequence[float], bins: int) -> float:
    """Noise variance, for σ = 1, of the rows in the first half of the bins."""
    return _of_half(tuple(steps), bins)


def of_rank(steps: Sequence[float], bins: int) -> float:
    """Noise variance, for σ = 1, of the rows in the first half of the bins less half of all rows:
    the rank of a median.
    """
    return _of_rank(tuple(steps), bins)


# A study of a hundred histograms asks for each a dozen times, which took seconds.
@functools.lru_cache(maxsize=1024)
def _of_half(steps: tuple[float, ...], bins: int) -> float:
    return math.fsum(term * term for term in _sums(steps, (bins + 1) // 2))


@functools.lru_cache(maxsize=1024)
def _of_rank(steps: tuple[float, ...], bins: int) -> float:
    whole = _sums(steps, bins)
    # Of the first half: a sum's terms do not depend on how many bins come after.
    below = [*reversed(whole[: bins // 2]), *(0.0 for _ in range(bins - bins // 2))]
    return math.fsum(
        (one - all_ / 2) * (one - all_ / 2)
        for one, all_ in zip(below, reversed(whole), strict=True)
    )


def _sums(steps: Sequence[float], bins: int) -> list[float]:
    """c, length ``bins``: the rows in the first ``bins`` bins are Σ c[bins − 1 − i]·y[i]."""
    return list(itertools.accumulate(inverse(steps, bins)))
