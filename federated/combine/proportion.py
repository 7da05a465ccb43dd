"""A proportion from noisy [d, m], its interval by inverting a score test (DESIGN D19).

With x = (d + m)/2 successes among m known rows, and noise of variance V on d and W on m,

    R(p) = x − p·m = d/2 + (½ − p)·m        has mean 0 where p is the true proportion, and
    Var R(p) = n·p(1 − p) + V/4 + W·(½ − p)²    (sampling + noise).

The interval holds every p in [0, 1] with R(p)² ≤ z²·Var R(p). Both sides are quadratic in p, so
its ends are the roots of one equation. Without noise this is Wilson's interval (JASA 1927); with
a noisy denominator it is Fieller's (JRSS B 1954). The delta method, which treats m as known,
covers too little exactly where cells are small. Rows are taken as independent; where a patient has
several, the sampling part is a lower bound.
"""

from __future__ import annotations

import math

from federated.combine.estimate import UNINFORMATIVE_WIDTH, Estimate, two_sided_z

__all__ = ["estimate_proportion", "real_roots", "score_interval"]


def estimate_proportion(
    d: float, m: float, variances: tuple[float, float], *, confidence: float
) -> Estimate:
    """Proportion from noisy d = Σ ±1 and m = number known, whose noise has ``variances``.

    Uninformative if the interval is wider than 0.6 or m could be noise around nothing.
    """
    z = two_sided_z(confidence)
    lower, upper = score_interval(d, m, variances, z=z)
    # Not below one row: n only scales the sampling variance, and a noisy m may be negative.
    # Measured coverage does not depend on finer choices (tests/benchmarks/coverage.md).
    n = max(m, 1.0)
    raw = (d + m) / 2 / n
    shown = min(max(raw, 0.0), 1.0)
    noise = (variances[0] / 4 + variances[1] * (0.5 - shown) ** 2) / n**2
    sampling = shown * (1 - shown) / n
    lower, upper = min(lower, shown), max(upper, shown)
    return Estimate(
        estimate=shown,
        lower=lower,
        upper=upper,
        raw=raw,
        noise_sd=math.sqrt(noise),
        sampling_share=sampling / (sampling + noise) if sampling > 0 else 0.0,
        n=m,
        uninformative=upper - lower > UNINFORMATIVE_WIDTH or m <= z * math.sqrt(variances[1]),
    )


def score_interval(
    d: float, m: float, variances: tuple[float, float], *, z: float
) -> tuple[float, float]:
    """All p in [0, 1] that the score test keeps; (0, 1) where the data exclude nothing.

    Where noise carries x outside [0, m] the kept set can be empty or miss the estimate. Then x
    is moved to the nearest possible count, which widens the set and only adds coverage.
    A set in two pieces, possible if m could be zero, is reported as its hull.
    """
    x = (d + m) / 2
    possible = min(max(x, 0.0), max(m, 0.0))
    nearest = min(max(x / m, 0.0), 1.0) if m > 0 else None
    kept = _kept(x, m, variances, z)
    if kept is None or (nearest is not None and not kept[0] <= nearest <= kept[1]):
        kept = _kept(possible, m, variances, z)
    return kept if kept is not None else (0.0, 1.0)


def _kept(
    x: float, m: float, variances: tuple[float, float], z: float
) -> tuple[float, float] | None:
    """Hull of {p in [0, 1]: a·p² + b·p + c ≤ 0}; None if it is empty."""
    n, (of_d, of_m) = max(m, 1.0), variances
    a = m * m - z * z * (of_m - n)
    b = -2 * x * m - z * z * (n - of_m)
    c = x * x - z * z * (of_d + of_m) / 4
    inside = b * b - 4 * a * c
    if inside < 0:
        return None if a > 0 else (0.0, 1.0)
    low, high = real_roots(a, b, c, math.sqrt(inside))
    if a > 0:
        return (max(low, 0.0), min(high, 1.0)) if high >= 0 and low <= 1 else None
    # a ≤ 0: kept are p ≤ low and p ≥ high.
    left, right = low >= 0, high <= 1
    if left and right:
        return (0.0, 1.0)
    if left:
        return (0.0, min(low, 1.0))
    return (max(high, 0.0), 1.0) if right else None


def real_roots(a: float, b: float, c: float, root: float) -> tuple[float, float]:
    """Real roots of a·x² + b·x + c in order, without cancellation, given the ``root`` of its
    discriminant; a missing one (a = 0) lies at ±infinity.
    """
    q = -(b + math.copysign(root, b)) / 2
    first = q / a if a != 0 else math.copysign(math.inf, q)
    second = c / q if q != 0 else 0.0
    return (first, second) if first <= second else (second, first)
