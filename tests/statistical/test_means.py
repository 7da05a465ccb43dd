"""Intervals of means and spreads hold the truth as often as they say, and the test can tell when they do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from federated.combine.mean import Moments, estimate_mean

STUDIES = 2500
STEPS = (1024, 512, 512)
ROW = sum(step**2 for step in STEPS)


def drawn(kind: str, rng: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, float]:
    """Values on [-1, 1] and their true mean."""
    match kind:
        case "flat":
            return rng.uniform(-1, 1, shape), 0.0
        case "narrow":
            return rng.normal(0.3, 0.1, shape), 0.3
        case "skew":
            return 2 * rng.beta(0.5, 3, shape) - 1, 2 * 0.5 / 3.5 - 1
    return np.full(shape, 0.5), 0.5


SDS = {
    "flat": 1 / math.sqrt(3),
    "narrow": 0.1,
    "skew": 2 * math.sqrt(1.5 / 3.5**2 / 4.5),
    "alike": 0,
}


def coverage(kind: str, sites: int, rows: int, rho: float, *, told: float = 1.0) -> float:
    found, truth = read(kind, sites, rows, rho, told=told)
    return float(np.mean([one.mean.lower <= truth <= one.mean.upper for one in found]))


def read(
    kind: str, sites: int, rows: int, rho: float, *, told: float = 1.0
) -> tuple[list[Moments], float]:
    """What each study is told, and the true mean."""
    rng = np.random.default_rng([sites, rows, round(1000 * rho), len(kind)])
    values, truth = drawn(kind, rng, (STUDIES, sites * rows))
    most, square, number = STEPS
    s = np.floor(np.clip(values, -1, 1) * most + 0.5)
    q = np.floor(2 * square * s**2 / most**2 + 0.5) - square
    variance = sites * ROW / (2 * rho)
    noise = rng.normal(0, math.sqrt(variance), (3, STUDIES))
    n = float(sites * rows)
    one, two, three = (told * variance / step**2 for step in STEPS)
    found = [
        estimate_mean(
            (a + x) / most,
            (b + y) / square,
            n + z / number,
            (one, two, three),
            (-1, 1),
            confidence=0.95,
        )
        for a, b, x, y, z in zip(s.sum(axis=1), q.sum(axis=1), *noise, strict=True)
    ]
    return found, truth


CASES = [
    ("flat", 1, 20, 0.3),
    ("flat", 10, 20, 0.005),
    ("narrow", 1, 300, 1.0),
    ("narrow", 3, 50, 0.02),
    ("skew", 1, 50, 1.0),
    ("skew", 3, 100, 0.1),
    ("alike", 10, 100, 0.02),
    ("alike", 1, 20, 1.0),
]


@pytest.mark.parametrize(("kind", "sites", "rows", "rho"), CASES)
def test_means_are_covered(kind: str, sites: int, rows: int, rho: float) -> None:
    assert 0.92 <= coverage(kind, sites, rows, rho) <= 0.995


def test_an_interval_that_ignores_the_noise_is_found_out() -> None:
    assert coverage("narrow", 3, 50, 0.02, told=0.0) < 0.7


def spreads(
    kind: str, sites: int, rows: int, rho: float, *, told: float = 1.0
) -> tuple[float, float, float]:
    """Coverage of standard deviations, that of those shown, and the share shown."""
    found, _ = read(kind, sites, rows, rho, told=told)
    held = np.array([one.sd.lower - 1e-9 <= SDS[kind] <= one.sd.upper for one in found])
    shown = np.array([not one.sd.uninformative for one in found])
    return float(held.mean()), float(held[shown].mean()), float(shown.mean())


@pytest.mark.parametrize(
    ("kind", "sites", "rows", "rho"),
    [
        ("flat", 1, 50, 1.0),
        ("narrow", 1, 300, 1.0),
        ("narrow", 9, 60, 0.185),
        ("narrow", 1, 50, 0.1),
        ("skew", 1, 300, 1.0),
        ("skew", 1, 50, 1.0),
        ("skew", 3, 100, 0.1),
        ("alike", 1, 50, 0.1),
    ],
)
def test_spreads_are_covered_those_shown_as_well(
    kind: str, sites: int, rows: int, rho: float
) -> None:
    covered, of_shown, shown = spreads(kind, sites, rows, rho)
    assert covered >= 0.93
    assert of_shown >= 0.93
    assert shown >= 0.5


def test_a_spread_s_interval_that_ignores_the_noise_is_found_out() -> None:
    assert spreads("narrow", 9, 60, 0.185, told=0.0)[0] < 0.7


def test_the_fourth_moment_of_skew_values_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federated.combine.mean._of_squares", lambda *_: 2.0)
    assert spreads("skew", 1, 300, 1.0)[0] < 0.9
