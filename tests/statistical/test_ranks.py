"""Ends of intervals from ranks made to rise: missed no more often than promised, whatever the truth."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from federated.combine.cell_noise import CellNoise
from federated.combine.projection import Floats
from federated.combine.quantiles import estimate_quantiles
from federated.combine.ranks import reaches, rising
from federated.study.coding import fading
from tests.statistical.told import noised

DRAWS = 2000
FAR = 1e6


def spread(noise: CellNoise, level: float) -> Floats:
    """What the ranks at the inner edges are of the noise of integers; (edges, bins)."""
    found: Floats = noise.sd * (noise.unit.sums - level * noise.unit.sums[-1])[1:-1]
    return found


def drawn(noise: CellNoise, level: float, sampling: float, seed: int) -> Floats:
    """Errors of ranks, of noise and sampling; (draws, edges). All edges share the sampling."""
    rng = np.random.default_rng(seed)
    of_rank = spread(noise, level)
    errors: Floats = rng.normal(size=(DRAWS, of_rank.shape[1])) @ of_rank.T
    return errors + np.sqrt(sampling) * rng.normal(size=(DRAWS, 1))


@pytest.mark.parametrize("sampled", [0.0, 1.0], ids=["noise", "noise and sampling"])
@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_no_rising_truth_is_missed_more_often_than_promised(level: float, sampled: float) -> None:
    noise = CellNoise.of(4.0, fading(16), 16)
    size = float(np.median(np.sqrt((spread(noise, level) ** 2).sum(axis=1))))
    sampling = sampled * size**2
    below, above = reaches(noise, level, sampling, 0.95)
    edges, errors = len(below), drawn(noise, level, sampling, 5)
    worst = 0.0
    # The quantile lies after edge ``at``: the rank there is at the most 0, at the next at least.
    for at, down, up in itertools.product((-1, 0, 7, 13, 14), (0, 0.5, 3, FAR), (0, 0.5, 3, FAR)):
        truth = np.where(np.arange(edges) <= at, -down * size, up * size)
        found = np.array([rising(truth + error) for error in errors])
        missed = np.zeros(DRAWS, dtype=np.bool_)
        if at >= 0:
            missed |= found[:, at] > above[at]
        if at + 1 < edges:
            missed |= found[:, at + 1] < -below[at + 1]
        worst = max(worst, float(missed.mean()))
    # Standard error .005; the greatest of some hundred.
    assert worst < 0.066
    # The worst truth is as bad as the bound says: nothing is given away by reaching farther.
    assert worst > 0.03


def test_the_reach_of_ranks_as_told_would_miss_an_end_too_often() -> None:
    level = 0.9
    noise = CellNoise.of(1.0, fading(256), 256)
    errors = drawn(noise, level, 0.0, 6)
    risen = np.array([rising(error)[-1] for error in errors])
    alone = 1.96 * float(np.sqrt((spread(noise, level)[-1] ** 2).sum()))
    assert (risen > alone).mean() > 0.08
    assert (risen > reaches(noise, level, 0.0, 0.95)[1][-1]).mean() < 0.066


def test_a_true_edge_is_kept_as_often_as_told_and_intervals_hold_more_by_their_bins() -> None:
    rng, bins, rows, level, studies = np.random.default_rng(7), 64, 600, 0.5, 800
    noise, edges = CellNoise.of(4.0, fading(bins), bins), np.arange(1, bins) / bins
    kept, held = [], []
    for _ in range(studies):
        cells = np.bincount((rng.random(rows) * bins).astype(int), minlength=bins)
        told = noised(rng, cells, 4.0, fading(bins), bins)
        rank = rising(np.cumsum(told)[:-1] - level * told.sum())[bins // 2 - 1]
        below, above = reaches(noise, level, float(told.sum()) / 4, 0.95)
        kept.append(-below[bins // 2 - 1] <= rank <= above[bins // 2 - 1])
        (got,) = estimate_quantiles(told, noise, edges.tolist(), (0, 1), [level], confidence=0.95)
        held.append(got.lower <= level <= got.upper)
    # Three standard errors of .008.
    assert 0.926 <= np.mean(kept) <= 0.974
    assert np.mean(held) > np.mean(kept) + 0.015
