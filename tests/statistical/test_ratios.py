"""Intervals of rates and of observed over expected hold the truth as often as they say, and the test
can tell when they do not.

Poisson's variance is exact for first events under censoring, and too large where risks are high: less
so where the rows are counted.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from federated.combine.estimate import UNBOUNDED
from federated.combine.ratio import estimate_ratio
from federated.study.plan import LEAN
from tests.statistical.exposures import Drawn, case_mix, first_events

STUDIES = 2000
TILT = 0.5


def coverage(
    drawn: Drawn, sites: int, rho: float, *, told: float = 1.0, counted: float = 0.0
) -> float:
    """``told`` times the variance is what the estimator is told; ``counted`` rows, with noise, are
    told as those of what is expected, if any.
    """
    events, total, truth = drawn
    # Steps of 6 : 1, so a row is never longer than 6.
    of_w = sites / (2 * rho)
    of_z = of_w * (6 / LEAN[1]) ** 2
    noise = np.random.default_rng([sites, round(1000 * rho)]).normal(0, 1, (3, len(events)))
    w = events - TILT * total + math.sqrt(of_w) * noise[0]
    z = total + math.sqrt(of_z) * noise[1]
    rows = counted + math.sqrt(of_w) * noise[2]
    got = [
        estimate_ratio(
            a,
            b,
            (told * of_w, told * of_z),
            TILT,
            longest=1.0,
            per=1.0,
            confidence=0.95,
            expected=counted > 0,
            rows=(n, of_w) if counted > 0 else None,
        ).ratio
        for a, b, n in zip(w.tolist(), z.tolist(), rows.tolist(), strict=True)
    ]
    return float(np.mean([one.lower <= truth <= one.upper for one in got]))


def rates(sites: int, rows: int, rho: float, share: float, **more: float) -> float:
    rng = np.random.default_rng([sites, rows, round(100 * share)])
    return coverage(first_events(rng, share, (STUDIES, sites * rows)), sites, rho, **more)


RATES = [
    # sites, rows per site, ρ, events
    (1, 20, 0.02, 0.15),
    (1, 50, 1.0, 0.5),
    (1, 300, 0.005, 0.5),
    (3, 50, 0.1, 0.15),
    (3, 300, 1.0, 0.02),
    (10, 20, 0.02, 0.05),
    (10, 100, 0.3, 0.15),
]


@pytest.mark.parametrize(("sites", "rows", "rho", "share"), RATES)
def test_rates_are_covered(sites: int, rows: int, rho: float, share: float) -> None:
    assert 0.93 <= rates(sites, rows, rho, share) <= 0.985


def test_an_interval_that_ignores_the_noise_is_found_out() -> None:
    assert rates(3, 50, 0.02, 0.15, told=0.0) < 0.75


def test_noise_of_a_third_more_than_declared_is_found_out() -> None:
    assert rates(1, 300, 0.005, 0.15, told=0.57) < 0.92


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("sites", "rows", "rho"), [(1, 100, 0.1), (3, 100, 1.0), (10, 50, 0.02)])
def test_small_risks_are_covered(sites: int, rows: int, rho: float, ratio: float) -> None:
    rng = np.random.default_rng([sites, rows, round(10 * ratio)])
    drawn = case_mix(rng, 0.05, ratio, (STUDIES, sites * rows))
    assert 0.93 <= coverage(drawn, sites, rho) <= 0.985


def test_high_risks_are_covered_too_often_and_never_too_seldom() -> None:
    rng = np.random.default_rng(8)
    covered = coverage(case_mix(rng, 0.4, 1.0, (STUDIES, 900)), 3, 1.0)
    # √(1 − .42) of Poisson's standard deviation: 1.96 stands for 2.5 of the true one.
    assert 0.97 <= covered <= 0.998


COUNTED = [
    # sites, rows per site, ρ, risk, ratio
    (1, 20, 1.0, 0.3, 2.0),
    (1, 100, 0.02, 0.3, 2.0),
    (3, 50, 0.1, 0.15, 2.0),
    (3, 300, 1.0, 0.4, 1.0),
    (10, 100, 0.3, 0.3, 0.5),
]


@pytest.mark.parametrize(("sites", "rows", "rho", "risk", "ratio"), COUNTED)
def test_where_the_rows_are_counted_high_risks_are_covered_as_told(
    sites: int, rows: int, rho: float, risk: float, ratio: float
) -> None:
    rng = np.random.default_rng([sites, rows, round(10 * ratio)])
    drawn = case_mix(rng, risk, ratio, (STUDIES, sites * rows))
    assert 0.93 <= coverage(drawn, sites, rho, counted=sites * rows) <= 0.98


@pytest.mark.parametrize("noise_sd", [0.5, 1.0, 2.0])
def test_ratios_at_which_every_row_has_its_event_are_covered(noise_sd: float) -> None:
    """There a bound on the sampling variance that is a little too small takes noise off as well:
    with n one standard deviation too large .85 were covered.
    """
    rng = np.random.default_rng(10)
    # 300 events less 150 expected; 150 expected; 300 rows.
    told = np.array([150.0, 150.0, 300.0]) + rng.normal(0, noise_sd, (STUDIES, 3))
    of = noise_sd**2
    found = [
        estimate_ratio(
            w, z, (of, of), 1.0, longest=1, per=1, confidence=0.95, expected=True, rows=(n, of)
        ).ratio
        for w, z, n in told.tolist()
    ]
    assert np.mean([one.lower <= 2.0 <= one.upper for one in found]) >= 0.935


def test_a_sum_that_may_be_none_keeps_every_ratio_though_rows_are_counted() -> None:
    found = estimate_ratio(
        -1.3, 3.3, (4.0, 4.0), 1.0, longest=1, per=1, confidence=0.95, expected=True,
        rows=(-50.0, 100.0),
    ).ratio  # fmt: skip
    assert found.uninformative
    assert found.upper == UNBOUNDED


def test_rows_are_counted_whether_or_not_the_model_deals_the_risks_out_rightly() -> None:
    rng = np.random.default_rng(9)
    risks = rng.beta(2, 4, (STUDIES, 300))
    # As many events as are expected in all, each row as likely as any other.
    events = (rng.random(risks.shape) < risks.mean(axis=1, keepdims=True)).sum(axis=1)
    drawn = events.astype(np.float64), risks.sum(axis=1), 1.0
    assert 0.935 <= coverage(drawn, 1, 1.0, counted=300) <= 0.965


def test_half_of_the_rows_counted_is_found_out() -> None:
    drawn = case_mix(np.random.default_rng(8), 0.3, 1.0, (STUDIES, 900))
    assert coverage(drawn, 3, 1.0, counted=450) < 0.92
