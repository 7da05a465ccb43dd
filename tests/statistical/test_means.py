"""Intervals of means hold the truth as often as they say, and the test can tell when they do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from federated.combine.mean import estimate_mean

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


def coverage(kind: str, sites: int, rows: int, rho: float, *, told: float = 1.0) -> float:
    rng = np.random.default_rng([sites, rows, round(1000 * rho), len(kind)])
    values, truth = drawn(kind, rng, (STUDIES, sites * rows))
    most, square, number = STEPS
    s = np.floor(np.clip(values, -1, 1) * most + 0.5)
    q = np.floor(2 * square * s**2 / most**2 + 0.5) - square
    variance = sites * ROW / (2 * rho)
    noise = rng.normal(0, math.sqrt(variance), (3, STUDIES))
    n = float(sites * rows)
    one, two, three = (told * variance / step**2 for step in STEPS)
    hits = 0
    for a, b, x, y, z in zip(s.sum(axis=1), q.sum(axis=1), *noise, strict=True):
        found = estimate_mean(
            (a + x) / most,
            (b + y) / square,
            n + z / number,
            (one, two, three),
            (-1, 1),
            confidence=0.95,
        )
        hits += found.mean.lower <= truth <= found.mean.upper
    return hits / STUDIES


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
