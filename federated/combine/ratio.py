"""Events over the time or the risk that they had, the interval by inverting a score test.

With Z the sum of times (as parts of the longest) or of expected risks, Y the events, and the noisy
[w, z] of a release, w = Y − τ·Z + noise of variance V and z = Z + noise of variance W,

    R(λ) = w − (λ − τ)·z        has mean 0 where λ is the true ratio, and
    Var R(λ) ≤ λ·Z − λ²·Q + V + (λ − τ)²·W    (sampling + noise).

For a rate, Y − λ·Z is a martingale whose variance is the mean of λ·Z, with all that censoring does:
the bound is met with Q = 0. For observed over expected, n rows with risks p, λ·Z together, vary by
Σp(1 − p), and Σp² ≥ (λ·Z)²/n (Cauchy and Schwarz), whether or not the model deals the risks out
rightly: Q = Z²/n. How many rows there are is not among the readings. Where a count of the study
tells it (:mod:`federated.combine.row_counts`), Z² is taken less W and n too large by as many
standard deviations of n − λ·Z as the interval has, so that Q is rather too small; else, and where Z
may be none, Q = 0: Poisson's variance, which is too large where risks are high.

The interval holds every λ ≥ 0 with R(λ)² ≤ z²·Var R(λ), Z taken as its noisy value: a quadratic,
whose ends without noise are the score interval of a Poisson mean, Y + z²/2 ± z·√(Y + z²/4), over
Z, and with n Wilson's interval of a proportion times n/Z. Where z may be noise around nothing no
ratio is too large, and the upper end is UNBOUNDED.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from federated.combine.estimate import UNBOUNDED, Estimate, two_sided_z
from federated.combine.proportion import real_roots
from federated.combine.result import Quantity
from federated.study.plan import Block

__all__ = ["Ratio", "estimate_ratio", "read_ratio"]

_TOLD_APART = 3.0


@dataclass(frozen=True)
class Ratio:
    """Events per unit of the sum; the events; the sum in its own unit."""

    ratio: Estimate
    events: Estimate
    total: Estimate


@dataclass(frozen=True)
class _Noisy:
    """Readings w and z, the variances of their noise, the lean τ, and the number of ``rows`` with
    the variance of its noise, if it is known.
    """

    w: float
    z: float
    of_w: float
    of_z: float
    lean: float
    rows: tuple[float, float] | None = None

    @property
    def events(self) -> float:
        return self.w + self.lean * self.z

    def noise(self, ratio: float) -> float:
        """Noise variance of R."""
        return self.of_w + (ratio - self.lean) ** 2 * self.of_z

    def squares(self, level: float) -> float:
        """Q: how much less than Poisson's the sampling variance is at least, at a ratio of 1.

        None where the sum may be none. At a ratio near rows/z all rows have their event, and a Q
        that is too large takes the noise's variance away as well; so n is ``level`` standard
        deviations of n − λ·z too large.
        """
        spread = math.sqrt(self.of_z)
        if self.rows is None or self.z <= level * spread:
            return 0.0
        rows, variance = self.rows
        ratio = max(self.events, 0.0) / self.z
        # No fewer than their events and their risks, each of which is at most one.
        most = max(
            rows + level * math.hypot(math.sqrt(variance), ratio * spread), self.events, self.z
        )
        return max(self.z**2 - self.of_z, 0.0) / most


def read_ratio(
    block: Block,
    cells: tuple[float, float],
    variances: tuple[float, float],
    confidence: float,
    rows: tuple[float, float] | None = None,
) -> dict[Quantity, Estimate]:
    """What the readings of a rate or of observed over expected tell, by quantity; ``rows`` as of
    :func:`estimate_ratio`.
    """
    found = estimate_ratio(
        *cells,
        variances,
        block.lean,
        longest=block.bounds[1],
        per=block.per,
        confidence=confidence,
        expected=block.kind == "observed_expected",
        rows=rows,
    )
    if block.kind == "rate":
        return {"rate": found.ratio, "events": found.events, "time": found.total}
    return {
        "observed_expected": found.ratio,
        "observed": found.events,
        "expected": found.total,
    }


def estimate_ratio(
    w: float,
    z: float,
    variances: tuple[float, float],
    lean: float,
    *,
    longest: float,
    per: float,
    confidence: float,
    expected: bool = False,
    rows: tuple[float, float] | None = None,
) -> Ratio:
    """``w`` = events − ``lean``·``z``, ``z`` = the sum in parts of ``longest``, with the
    ``variances`` of their noise. The ratio is told for ``per`` of the sum's unit. ``rows`` is a
    noisy number that holds all rows of the sum, and the variance of its noise; only where events
    are ``expected``, one at most of a row.

    Uninformative if the sum could be noise around nothing; where events are ``expected``, also if
    neither a third nor three times of them can be excluded. Intervals of events and of the sum are
    of the noise alone. ``n`` of each is the noisy number of events.
    """
    noisy = _Noisy(w, z, *variances, lean, rows if expected else None)
    unit = per / longest
    level = two_sided_z(confidence)
    ratio = _ratio(noisy, unit, level)
    if expected and ratio.lower < 1 / _TOLD_APART and ratio.upper > _TOLD_APART:
        ratio = replace(ratio, uninformative=True)
    return Ratio(
        ratio,
        _sum(noisy.events, math.sqrt(noisy.noise(0.0)), noisy, level),
        _sum(longest * z, longest * math.sqrt(noisy.of_z), noisy, level),
    )


def _ratio(noisy: _Noisy, unit: float, level: float) -> Estimate:
    spread = math.sqrt(noisy.of_z)
    # Never less than its noise: a sum that may be none is no divisor.
    total = max(noisy.z, spread)
    raw = noisy.events / total if total > 0 else 0.0
    shown = max(raw, 0.0)
    lower, upper = _interval(noisy, level)
    noise = noisy.noise(shown) / total**2 if total > 0 else 0.0
    sampling = (shown * total - shown**2 * noisy.squares(level)) / total**2 if total > 0 else 0.0
    return Estimate(
        estimate=_held(unit * shown),
        lower=_held(unit * min(lower, shown)),
        upper=UNBOUNDED if upper == math.inf else _held(unit * max(upper, shown)),
        raw=_held(unit * raw),
        noise_sd=_held(unit * math.sqrt(noise)),
        sampling_share=sampling / (sampling + noise) if sampling > 0 else 0.0,
        n=noisy.events,
        uninformative=noisy.z <= level * spread,
    )


def _held(value: float) -> float:
    return max(-UNBOUNDED, min(value, UNBOUNDED))


def _interval(noisy: _Noisy, level: float) -> tuple[float, float]:
    """All λ ≥ 0 that the score test keeps; (0, ∞) where nothing is excluded.

    Where noise carries the events below none, the set can be empty: they are then moved to none,
    which widens it and only adds coverage. A set in two pieces, possible if the sum could be
    nothing, is reported as its hull.
    """
    if noisy.z <= 0:
        return 0.0, math.inf
    # a·λ² + b·λ + c ≤ 0
    events, square = max(noisy.events, 0.0), level * level
    a = noisy.z**2 - square * (noisy.of_z - noisy.squares(level))
    b = -2 * events * noisy.z - square * (noisy.z - 2 * noisy.lean * noisy.of_z)
    c = events**2 - square * noisy.noise(0.0)
    inside = b * b - 4 * a * c
    # With no events c ≤ 0; with some R is 0 at their ratio, where they vary by no less than none.
    if inside < 0:  # so a < 0
        return 0.0, math.inf
    low, high = real_roots(a, b, c, math.sqrt(inside))
    if a > 0:
        return max(low, 0.0), max(high, 0.0)
    # a ≤ 0: kept are λ ≤ low and λ ≥ high.
    return (0.0 if low >= 0 or high == math.inf else max(high, 0.0)), math.inf


def _sum(total: float, sd: float, noisy: _Noisy, level: float) -> Estimate:
    """Of the rows that are there, none negative."""
    return Estimate(
        estimate=max(total, 0.0),
        lower=max(total - level * sd, 0.0),
        upper=max(total + level * sd, 0.0),
        raw=total,
        noise_sd=sd,
        sampling_share=0.0,
        n=noisy.events,
        uninformative=False,
    )
