"""Intervals of quantiles hold the truth as often as they say, and the test can tell when not."""

from __future__ import annotations

import numpy as np
import pytest

from federated.combine.cell_noise import CellNoise
from federated.combine.quantiles import estimate_quantiles
from federated.study.coding import fading
from policies.measure import Quantiles
from tests.statistical.told import noised
from tests.statistical.values import VALUES

STUDIES = 600
EDGES = Quantiles(of="x", bounds=(0.0, 1.0), bins=64).edges
STEPS = fading(64)


def coverage(
    kind: str, sites: int, rows: int, rho: float, level: float, *, told: float = 1.0
) -> float:
    """Share of intervals that hold the true quantile; ``told`` scales the variance they know of."""
    rng = np.random.default_rng([sites, rows, round(1000 * rho), round(100 * level), len(kind)])
    values = VALUES[kind]
    variance = sites / (2 * rho)
    noise = CellNoise.of(told * variance, STEPS, 64)
    hits = 0
    for _ in range(STUDIES):
        drawn = values.draw(rng, sites * rows)
        cells = np.bincount(np.searchsorted(EDGES, drawn, side="left"), minlength=64)
        noisy = noised(rng, cells, variance, STEPS, 64)
        (found,) = estimate_quantiles(noisy, noise, EDGES, (0.0, 1.0), (level,), confidence=0.95)
        hits += found.lower <= values.quantile(level) <= found.upper
    return hits / STUDIES


CASES = [
    ("flat", 1, 20, 1.0, 0.5),
    ("flat", 10, 300, 0.005, 0.25),
    ("flat", 10, 20, 0.3, 0.9),
    ("narrow", 1, 100, 1.0, 0.5),
    ("narrow", 3, 50, 0.1, 0.1),
    ("skew", 1, 100, 1.0, 0.75),
    ("skew", 3, 300, 0.02, 0.9),
    ("ties", 1, 50, 1.0, 0.25),
    ("ties", 10, 100, 0.1, 0.5),
    ("peaks", 3, 100, 0.1, 0.5),
    ("peaks", 10, 20, 0.3, 0.25),
    ("far", 10, 20, 0.02, 0.9),
    ("far", 1, 50, 0.1, 0.9),
]


@pytest.mark.parametrize(("kind", "sites", "rows", "rho", "level"), CASES)
def test_quantiles_are_covered(kind: str, sites: int, rows: int, rho: float, level: float) -> None:
    # Bins only widen an interval, so it may hold the truth always.
    assert coverage(kind, sites, rows, rho, level) >= 0.93


def test_coverage_is_no_more_than_promised_where_bins_are_fine() -> None:
    assert coverage("flat", 1, 100, 1.0, 0.5) < 0.985


@pytest.mark.parametrize(("kind", "level"), [("flat", 0.25), ("skew", 0.75), ("ties", 0.25)])
def test_an_interval_that_ignores_the_noise_is_found_out(kind: str, level: float) -> None:
    assert coverage(kind, 3, 100, 0.005, level, told=0.0) < 0.85


def widths(kind: str, rows: int) -> tuple[float, float]:
    """Of intervals of medians at ten sites and ρ = .02, and of those that test ranks as told."""
    rng, values, variance = np.random.default_rng(4), VALUES[kind], 10 / (2 * 0.02)
    noise = CellNoise.of(variance, STEPS, 64)
    sums = noise.unit.sums
    of_rank = variance * ((sums - sums[-1] / 2) ** 2).sum(axis=1)[1:-1]
    wide = []
    for _ in range(200):
        cells = np.bincount(np.searchsorted(EDGES, values.draw(rng, rows)), minlength=64)
        noisy = noised(rng, cells, variance, STEPS, 64)
        (found,) = estimate_quantiles(noisy, noise, EDGES, (0.0, 1.0), (0.5,), confidence=0.95)
        ranks = np.cumsum(noisy)[:-1] - noisy.sum() / 2
        reach = 1.96 * np.sqrt(noisy.sum() / 4 + of_rank)
        first = np.flatnonzero(np.append(ranks >= -reach, True))[0]
        last = np.flatnonzero(np.append(True, ranks <= reach))[-1]
        wide.append((found.upper - found.lower, (last + 1 - first) / 64))
    risen, told = np.mean(wide, axis=0)
    return float(risen), float(told)


def test_ranks_that_rise_make_intervals_narrower_where_noise_is_strong() -> None:
    for kind in ("narrow", "skew", "ties"):
        risen, told = widths(kind, 200)
        assert risen < 0.75 * told, kind


def test_ranks_that_rise_make_no_interval_wider_where_noise_is_weak() -> None:
    for kind in ("flat", "ties"):
        risen, told = widths(kind, 2000)
        assert risen < 1.01 * told, kind
