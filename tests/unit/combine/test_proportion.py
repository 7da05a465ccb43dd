"""Proportions: known limits of the score interval, and every odd shape it can take."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.combine.estimate import two_sided_z
from federated.combine.proportion import estimate_proportion, score_interval

Z = two_sided_z(0.95)


@pytest.mark.parametrize(("x", "n"), [(0, 20), (3, 20), (50, 100), (299, 300)])
def test_without_noise_it_is_wilson(x: int, n: int) -> None:
    p, z2 = x / n, Z * Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    assert score_interval(2 * x - n, n, (0.0, 0.0), z=Z) == pytest.approx(
        (centre - half, centre + half)
    )


def test_without_sampling_it_is_fieller() -> None:
    """With noise far above the binomial's, the ends solve R(p)² = z²·V·(¼ + (½ − p)²)."""
    d, m, variance = 3e5, 1e6, 1e9
    low, high = score_interval(d, m, (variance, variance), z=Z)
    for p in (low, high):
        residual = d / 2 + (0.5 - p) * m
        assert residual**2 == pytest.approx(Z * Z * variance * (0.25 + (0.5 - p) ** 2), rel=2e-3)


def test_noise_widens_the_interval() -> None:
    widths = [np.diff(score_interval(40, 80, (v, v), z=Z))[0] for v in (0, 1, 10, 100)]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_interval_agrees_with_the_test_on_a_grid() -> None:
    """The kept set by brute force, wherever it is one piece and no fallback is needed."""
    rng = np.random.default_rng(3)
    grid = np.linspace(0, 1, 20_001)
    compared = 0
    for _ in range(300):
        n = int(rng.integers(5, 400))
        of_d, of_m = float(rng.uniform(0.1, 200)), float(rng.uniform(0.1, 200))
        x = rng.binomial(n, rng.uniform())
        d = 2 * x - n + round(rng.normal(0, math.sqrt(of_d)))
        m = n + round(rng.normal(0, math.sqrt(of_m)))
        rows = max(m, 1)
        spread = grid * (1 - grid) * rows + of_d / 4 + of_m * (0.5 - grid) ** 2
        kept = (d / 2 + (0.5 - grid) * m) ** 2 <= Z * Z * spread
        nearest = min(max((d + m) / 2 / m, 0), 1) if m > 0 else 0.5
        if not kept.any() or not kept[round(nearest * 20_000)]:
            continue
        compared += 1
        low, high = score_interval(d, m, (of_d, of_m), z=Z)
        assert low == pytest.approx(grid[kept][0], abs=1e-4)
        assert high == pytest.approx(grid[kept][-1], abs=1e-4)
    assert compared > 250


def test_a_cell_lost_in_noise_is_labelled() -> None:
    assert estimate_proportion(0.0, 3.0, (25.0, 25.0), confidence=0.95).uninformative
    assert not estimate_proportion(60.0, 100.0, (25.0, 25.0), confidence=0.95).uninformative


def test_empty_set_falls_back_to_the_nearest_possible_count() -> None:
    """More successes than rows by far more than noise explains: a clean answer at the edge."""
    got = estimate_proportion(140.0, 100.0, (1.0, 1.0), confidence=0.95)
    wilson_all = estimate_proportion(100.0, 100.0, (1.0, 1.0), confidence=0.95)
    assert (got.estimate, got.upper) == (1.0, 1.0)
    assert got.lower == pytest.approx(wilson_all.lower)
    assert got.raw == pytest.approx(1.2)


@given(
    d=st.one_of(st.integers(-50, 50), st.integers(-(2**62), 2**62)),
    m=st.one_of(st.integers(-50, 50), st.integers(-(2**62), 2**62)),
    of_d=st.one_of(st.just(0.0), st.floats(1e-6, 1e9)),
    of_m=st.one_of(st.just(0.0), st.floats(1e-6, 1e9)),
)
def test_any_integers_give_bounds_around_the_estimate(
    d: int, m: int, of_d: float, of_m: float
) -> None:
    got = estimate_proportion(float(d), float(m), (of_d, of_m), confidence=0.95)
    assert 0 <= got.lower <= got.estimate <= got.upper <= 1
    assert 0 <= got.sampling_share <= 1
    assert got.noise_sd >= 0
    if m <= 0:
        assert got.uninformative
