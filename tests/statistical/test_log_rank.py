"""The log-rank test keeps its level whatever the noise, finds what differs, and would not keep it
if it did not know the noise.

Each share is over 400 simulated studies (standard error .011 at .05); p-values are of 99 replicates.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from federated.combine.log_rank import log_rank
from tests.statistical import differing
from tests.unit.combine.layouts import exits, risks

GRID = (182, 365, 547, 730, 913, 1095, 1278, 1461, 1643, 1826)
READ_AT = (365, 730, 1095, 1826)
STUDIES = 400


def p_values(
    rows: int, variance: float, means_days: tuple[float, ...], *, told: float | None = None
) -> np.ndarray:
    """Of studies with ``rows`` in strata of equal size, exponential times, uniform censoring."""
    laws = [
        np.array(exits(np.random.default_rng(0), 400_000, mean_days=mean, grid=GRID)) / 400_000
        for mean in means_days
    ]
    rng = np.random.default_rng([rows, round(variance), len(means_days)])
    found = []
    for seed in range(STUDIES):
        cells = np.array([rng.multinomial(rows // len(laws), law) for law in laws], dtype=float)
        cells += np.rint(rng.normal(0, math.sqrt(variance), cells.shape))
        known = variance if told is None else told
        found.append(
            log_rank(cells, known, GRID, READ_AT, confidence=0.95, seed=seed, replicates=99).p_value
        )
    return np.array(found)


@pytest.mark.parametrize(
    ("rows", "variance", "strata"),
    [(100, 5.0, 2), (300, 5.0, 3), (500, 5.0, 2), (100, 50.0, 2), (300, 50.0, 2), (500, 50.0, 2)],
)
def test_equal_strata_are_told_apart_no_oftener_than_said(
    rows: int, variance: float, strata: int
) -> None:
    found = p_values(rows, variance, (2000.0,) * strata)
    # .05 and .2, with room for three standard errors.
    assert np.mean(found <= 0.05) <= 0.083
    assert np.mean(found <= 0.2) <= 0.26


def test_the_level_holds_over_all_sizes() -> None:
    every = [
        p_values(rows, variance, (2600.0, 2600.0))
        for rows in (200, 500)
        for variance in (5.0, 50.0)
    ]
    assert np.mean(np.concatenate(every) <= 0.05) <= 0.06


@pytest.mark.parametrize(
    ("rows", "variance", "power"), [(100, 5.0, 0.18), (300, 5.0, 0.85), (500, 50.0, 0.55)]
)
def test_hazards_of_twice_the_size_are_found(rows: int, variance: float, power: float) -> None:
    assert np.mean(p_values(rows, variance, (1200.0, 2400.0)) <= 0.05) >= power


def test_a_test_that_ignores_the_noise_is_found_out() -> None:
    assert np.mean(p_values(500, 50.0, (2000.0, 2000.0), told=0.0) <= 0.05) > 0.15


@pytest.mark.parametrize(("until", "variance"), [(1.5, 25.0), (0.6, 50.0)])
def test_the_level_holds_where_follow_up_differs(until: float, variance: float) -> None:
    """Seven years beside one and a half, or half a year."""
    rng = np.random.default_rng(round(variance))
    found = []
    for seed in range(STUDIES):
        cells = np.array([followed(rng, 3.0, 7.0), followed(rng, until / 3, until)])
        cells += np.rint(rng.normal(0, math.sqrt(variance), cells.shape))
        found.append(
            log_rank(cells, variance, GRID, READ_AT, confidence=0.95, seed=seed, replicates=99)
        )
    assert np.mean([test.p_value <= 0.05 for test in found]) <= 0.083
    assert np.mean([test.uninformative for test in found]) < 0.1


def followed(rng: np.random.Generator, least: float, most: float) -> np.ndarray:
    """Cells of 300 rows with a hazard of .7 a year, observed from ``least`` to ``most`` years."""
    times, ends = rng.exponential(365.25 / 0.7, 300), rng.uniform(least, most, 300) * 365.25
    cell = np.searchsorted(GRID, np.ceil(np.minimum(times, ends)))
    bins = len(GRID) + 1
    return np.bincount(cell + bins * (times > ends), minlength=2 * bins).astype(float)


@pytest.mark.parametrize("variance", [0.0, 5.0])
def test_strata_with_other_competing_hazards_are_equal_in_the_event(variance: float) -> None:
    laws = [
        np.array(risks(np.random.default_rng(0), 400_000, means_days=(2000, other), grid=GRID))
        for other in (800, 8000)
    ]
    rng = np.random.default_rng(6)
    found = []
    for seed in range(STUDIES):
        cells = np.array([rng.multinomial(200, law / law.sum()) for law in laws], dtype=float)
        cells += np.rint(rng.normal(0, math.sqrt(variance), cells.shape))
        test = log_rank(
            cells, variance, GRID, READ_AT, causes=2, confidence=0.95, seed=seed, replicates=99
        )
        found.append(test.p_value)
    assert np.mean(np.array(found) <= 0.05) <= 0.083


def test_a_stratum_whose_observation_ends_late_in_its_bins_is_not_told_apart() -> None:
    """Followed .2 to .6 years in bins of half a year, most of it ends late in the first bin. Taken as
    ended in the middle it seemed to have more events than it should: .15 were below .05.
    """
    rng = np.random.default_rng(31)
    found = []
    for seed in range(STUDIES):
        cells = np.array(
            [
                differing.followed(rng, 500, years, 0.5, GRID)
                for years in differing.FOLLOW_UP["7 and .6 years"]
            ]
        )
        cells += np.rint(rng.normal(0, math.sqrt(50.0), cells.shape))
        test = log_rank(cells, 50.0, GRID, READ_AT, confidence=0.95, seed=seed, replicates=99)
        found.append(test.p_value)
    assert np.mean(np.array(found) <= 0.05) <= 0.083
