"""Noisy ranks made to rise: the formula that the bound rests on, and the bound itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.combine import ranks
from federated.combine.cell_noise import CellNoise
from federated.combine.projection import Floats
from federated.combine.ranks import reaches, rising
from federated.study.coding import fading

NUMBERS = st.lists(st.integers(-50, 50), min_size=1, max_size=12)


def by_formula(rank: Floats) -> list[float]:
    """Max over a ≤ j of min over b ≥ j of the mean of a … b, as it is written."""
    size = len(rank)
    return [
        max(min(rank[a : b + 1].mean() for b in range(j, size)) for a in range(j + 1))
        for j in range(size)
    ]


@given(NUMBERS)
def test_risen_ranks_are_those_of_the_min_max_formula(rank: list[int]) -> None:
    told = np.array(rank, dtype=float)
    found = rising(told)
    assert found == pytest.approx(by_formula(told), abs=1e-9)
    assert (np.diff(found) >= 0).all()
    assert found.sum() == pytest.approx(told.sum(), abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-50, 50)), min_size=1, max_size=12))
def test_risen_ranks_lie_as_near_the_truth_as_runs_of_the_noise(
    steps: list[tuple[int, int]],
) -> None:
    ups, noise = np.array(steps, dtype=float).T
    truth = np.cumsum(ups)
    found, size = rising(truth + noise), len(steps)
    for j in range(size):
        below = max(-noise[j : b + 1].mean() for b in range(j, size))
        above = max(noise[a : j + 1].mean() for a in range(j + 1))
        assert truth[j] - below - 1e-9 <= found[j] <= truth[j] + above + 1e-9


def test_the_reach_without_noise_is_that_of_the_sampling() -> None:
    for side in reaches(CellNoise.of(0.0, fading(8), 8), 0.3, 25.0, 0.95):
        assert side == pytest.approx(np.full(7, 1.96 * 5), rel=1e-4)


def test_the_reach_is_never_less_than_that_of_a_rank_by_itself() -> None:
    noise = CellNoise.of(9.0, fading(32), 32)
    sums = noise.unit.sums
    for level in (0.1, 0.5, 0.9):
        variance = 9 * ((sums - level * sums[-1]) ** 2).sum(axis=1)[1:-1]
        for side in reaches(noise, level, 4.0, 0.95):
            assert (side >= 1.9599 * np.sqrt(4 + variance)).all()


def test_the_reach_grows_with_the_noise() -> None:
    small, large = (
        np.array(reaches(CellNoise.of(v, fading(32), 32), 0.25, 0.0, 0.95)) for v in (1.0, 16.0)
    )
    assert large == pytest.approx(4 * small)


def test_the_reach_is_the_same_when_it_is_reckoned_anew() -> None:
    noise = CellNoise.of(2.0, fading(16), 16)
    first = np.array(reaches(noise, 0.5, 3.0, 0.95))
    ranks._distances.cache_clear()
    assert (np.array(reaches(noise, 0.5, 3.0, 0.95)) == first).all()


def test_the_least_histogram_has_one_edge() -> None:
    below, above = reaches(CellNoise.of(1.0, fading(2), 2), 0.5, 1.0, 0.95)
    assert below.shape == above.shape == (1,)
    assert rising(np.array([-3.0])) == pytest.approx([-3])
