"""Noisy ranks made to rise, and how far they may lie from the true ones.

A rank is R_j = S_j + e_j at the edges j = 1 … B − 1: S_j = N_j − p·N of the rows that there are,
which rises with j since counts below an edge do, and noise e of known covariance. R̃ is the rising
sequence nearest to R (isotonic regression). Where few rows lie, R goes to and fro with the noise
about a level S, and R̃ keeps that level.

How far off may R̃_j be? By the min–max formula (Robertson, Wright & Dykstra, *Order Restricted
Statistical Inference*, 1988, theorem 1.4.4), and since S rises,

    R̃_j = max over a ≤ j of min over b ≥ j of mean(R_a … R_b)
        ≥ min over b ≥ j of mean(R_j … R_b) ≥ S_j − M_j,  M_j = max over b ≥ j of mean(−e_j … −e_b),
    R̃_j ≤ S_j + M′_j,  M′_j = max over a ≤ j of mean(e_a … e_j).

M and M′ are of the noise alone, whatever the truth is. So a reach within which S_j less M stays, in
as many cases as the confidence says, misses either end of an interval in the rest at the most. One
end is missed as often as that only where S jumps just before its edge and is level after it, and
then the other end cannot be missed. That both together are not missed more often is no theorem: the
tests look for a rising S where they are (tests/statistical/test_ranks.py). Where noise is small
beside the sampling, R̃ is R, so the reach is never less than that of R itself. That alone would not
do: where most values lie at one end of the bounds, quantiles were missed by 11 in 100, not 5.

The distribution of M and M′ depends on steps, bins and p, and scales with the noise. It is drawn
once from a fixed seed: the same releases have the same intervals.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from federated.combine.cell_noise import CellNoise, UnitNoise
from federated.combine.estimate import two_sided_z
from federated.combine.projection import Floats

__all__ = ["reaches", "rising"]

_DRAWS = 2000
"""A tail of .05 is met to within .005."""


def rising(rank: Floats) -> Floats:
    """The rising sequence nearest to ``rank``, each edge counting alike.

    Weights by the precision of each edge made intervals no narrower (by .2 %).
    """
    from scipy.optimize import isotonic_regression  # takes a third of a second to import

    found: Floats = isotonic_regression(rank).x
    return found


def reaches(
    noise: CellNoise, level: float, sampling: float, confidence: float
) -> tuple[Floats, Floats]:
    """How far below and above S_j's mean a risen rank N_j − ``level``·N may lie, in rows, at the
    B − 1 inner edges; ``sampling`` is the variance of S_j.

    M has mean m and ends at m + s. With the sampling, which is normal and independent of it, it
    ends at m + √(z²·``sampling`` + s²), z being one-sided: exact where one of them is none.
    """
    variance, *sides = _distances(noise.unit, level, confidence)
    itself = two_sided_z(confidence) * np.sqrt(sampling + noise.sd**2 * variance)
    of_sampling = NormalDist().inv_cdf(confidence) ** 2 * sampling
    below, above = (
        noise.sd * side.mean + np.sqrt(of_sampling + (noise.sd * side.beyond) ** 2)
        for side in sides
    )
    return np.maximum(itself, below), np.maximum(itself, above)


@dataclass(frozen=True)
class _Distances:
    """M at each inner edge for a noise of 1: its mean, and how far ``beyond`` that it ends."""

    mean: Floats
    beyond: Floats


@functools.lru_cache(maxsize=64)
def _distances(
    unit: UnitNoise, level: float, confidence: float
) -> tuple[Floats, _Distances, _Distances]:
    """The variance of R at each inner edge for a noise of 1, and M below and above it."""
    of_rank = (unit.sums - level * unit.sums[-1])[1:-1]
    rng = np.random.default_rng(0)
    noise = of_rank @ rng.normal(size=(of_rank.shape[1], _DRAWS))
    below, above = _greatest(-noise), _greatest(noise[::-1])[::-1]
    return (of_rank**2).sum(axis=-1), _of(below, confidence), _of(above, confidence)


def _of(distances: Floats, confidence: float) -> _Distances:
    mean = distances.mean(axis=1)
    return _Distances(mean, np.quantile(distances, confidence, axis=1) - mean)


def _greatest(noise: Floats) -> Floats:
    """Greatest mean over the runs that begin at each edge; (edges, draws)."""
    sums = np.pad(np.cumsum(noise, axis=0), ((1, 0), (0, 0)))
    lengths = np.arange(1.0, len(sums))[:, None]
    found = np.empty_like(noise)
    for begin in range(len(noise)):
        runs = (sums[begin + 1 :] - sums[begin]) / lengths[: len(noise) - begin]
        found[begin] = runs.max(axis=0)
    return found
