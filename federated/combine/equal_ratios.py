"""Do levels share one ratio? A test of difference that knows the noise.

Readings of level g are [y, …, m] (:mod:`federated.combine.laws`), with noise of variances V on y
and W on m. Where ρ is the ratio of all levels,

    R_g(ρ) = y_g − ρ·m_g        has mean 0 whatever the noise, and
    D_g = Var R_g(ρ) = spread_g(ρ) + V + ρ²·W    (chance + noise).

The statistic is Σ R_g²/D_g at the ρ that solves Σ a_g·R_g(ρ) = 0 with a_g = n_g/D_g. Without noise
it is Pearson's χ² for proportions, and for the means of two levels the square of Welch's t.

How many rows n_g a level has is told by m_g + ρ·W/D_g·R_g: of all that y and m tell together it is
the part that R_g is not correlated with. Levels are left out, weighed and drawn anew by it; by m_g
itself, noise that made a level look large would also move its R_g.

Noise takes the statistic from its χ² distribution. p is that of a simulation: every level is drawn
anew with the common ratio and its own number of rows, and noise of the known variance is added.
p = (1 + #{replicates ≥ the statistic})/(1 + replicates) (Davison & Hinkley 1997, 4.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from federated.combine.estimate import two_sided_z
from federated.combine.laws import Law, Null, Seen
from federated.combine.projection import Floats

__all__ = ["Compared", "equal_ratios"]

_ROUNDS = 4
_TINY = 1e-12


@dataclass(frozen=True)
class Compared:
    """``levels`` are the places of those compared; with fewer than two the test is uninformative
    and ``p_value`` 1. Without noise ``chi_squared`` has ``degrees`` of freedom.
    """

    levels: tuple[int, ...]
    chi_squared: float
    degrees: int
    p_value: float
    uninformative: bool


@dataclass(frozen=True)
class _Fit:
    ratio: Floats
    size: Floats
    spread: Floats
    chi_squared: Floats


def equal_ratios(
    readings: Floats,
    noise: Floats,
    law: Law,
    *,
    confidence: float,
    seed: int,
    replicates: int = 999,
) -> Compared:
    """Test over noisy ``readings`` of shape (levels, k), whose noise has variances ``noise``, (k,).

    ``confidence`` says when a level is told from none; ``seed`` fixes the simulation.
    """
    every = _fit(readings, noise, law)
    clear = np.flatnonzero(
        every.size > max(two_sided_z(confidence) * np.sqrt(noise[-1]), law.least)
    )
    levels = tuple(int(i) for i in clear)
    if len(levels) < 2:
        return Compared(levels, 0.0, 0, 1.0, uninformative=True)
    chosen = readings[clear]
    seen = _fit(chosen, noise, law)
    rng = np.random.default_rng(seed)
    drawn = law.draw(rng, Null(float(seen.ratio), seen.size, seen.spread), replicates)
    drawn += rng.normal(0.0, np.sqrt(noise), drawn.shape)
    simulated = _fit(drawn, noise, law).chi_squared
    # Rounding must not tell apart what a small number of rows ties.
    at_least = int((simulated >= seen.chi_squared * (1 - 1e-9)).sum())
    return Compared(
        levels,
        float(seen.chi_squared),
        len(levels) - 1,
        (1 + at_least) / (replicates + 1),
        uninformative=False,
    )


def _fit(readings: Floats, noise: Floats, law: Law) -> _Fit:
    y, m = readings[..., 0], readings[..., -1]
    of_y, of_m = noise[0], noise[-1]
    size = np.maximum(m, law.least)
    weight = np.ones_like(m)
    for _ in range(_ROUNDS):
        below = np.maximum((weight * m).sum(axis=-1), _TINY)
        ratio = np.clip((weight * y).sum(axis=-1) / below, law.lowest, law.highest)
        own = y - ratio[..., None] * m
        spread = law.spread(Seen(readings, noise, ratio, size, own))
        whole = np.maximum(spread + of_y + (ratio**2 * of_m)[..., None], _TINY)
        size = np.maximum(m + ratio[..., None] * of_m / whole * own, law.least)
        weight = size / whole
    chi_squared: Floats = (own**2 / whole).sum(axis=-1)
    return _Fit(ratio, size, spread, chi_squared)
