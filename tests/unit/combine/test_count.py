"""Counts: an interval of whole numbers that holds the truth often enough, even for tiny noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.combine.count import estimate_count


def test_noise_free_count_is_itself() -> None:
    counted = estimate_count(17.0, 0.0, 1, confidence=0.95)
    assert (counted.estimate, counted.lower, counted.upper, counted.noise_sd) == (17, 17, 17, 0)


def test_negative_total_is_shown_as_zero_and_kept_raw() -> None:
    counted = estimate_count(-4.0, 9.0, 1, confidence=0.95)
    assert (counted.estimate, counted.lower, counted.raw) == (0, 0, -4)
    assert counted.upper == 2  # -4 + 6


def test_weight_sharpens_to_whole_rows() -> None:
    counted = estimate_count(10.3, 0.04, 5, confidence=0.95)
    assert (counted.lower, counted.estimate, counted.upper) == (10, 10, 10)


@pytest.mark.parametrize("sigma", [0.3, 0.5, 1.0, 2.0, 7.0])
@pytest.mark.parametrize("sites", [1, 3])
def test_coverage_under_exact_discrete_gaussian(sigma: float, sites: int) -> None:
    """Exact: the probability mass of the sum of discrete Gaussians within the interval."""
    reach = 80
    lattice = np.arange(-reach, reach + 1)
    one = np.exp(-(lattice**2) / (2 * sigma**2))
    one /= one.sum()
    mass = one
    for _ in range(sites - 1):
        mass = np.convolve(mass, one)
    middle = len(mass) // 2
    variance = sites * sigma**2
    covered = 0.0
    for offset, probability in zip(range(-middle, middle + 1), mass, strict=True):
        counted = estimate_count(1000.0 + offset, variance, 1, confidence=0.95)
        covered += probability * (counted.lower <= 1000 <= counted.upper)
    assert covered >= 0.95
    if sigma >= 1:  # below, whole steps are coarser than the noise
        assert covered <= 0.992


@given(
    total=st.floats(-1e18, 1e18),
    variance=st.floats(0, 1e12),
    weight=st.integers(1, 100),
)
def test_any_total_gives_whole_bounds_around_the_estimate(
    total: float, variance: float, weight: int
) -> None:
    counted = estimate_count(total, variance, weight, confidence=0.95)
    assert 0 <= counted.lower <= counted.estimate <= counted.upper
    assert all(v == int(v) for v in (counted.lower, counted.estimate, counted.upper))
