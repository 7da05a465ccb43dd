"""A mean, its spread and its sum from noisy integers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from federated.combine import combine
from federated.combine.mean import Moments, estimate_mean
from federated.study.plan import KNOWN, SPREAD, STEPS, Block
from tests.unit.combine.layouts import EVERYONE, answer, plan

BOUNDS = (20.0, 60.0)


def integers(values: np.ndarray) -> tuple[float, float, float]:
    """As the aggregate makes them."""
    z = (np.clip(values, *BOUNDS) - 40) / 20
    s = np.floor(z * STEPS + 0.5)
    q = np.floor(2 * SPREAD * s**2 / STEPS**2 + 0.5) - SPREAD
    return float(s.sum()), float(q.sum()), float(KNOWN * len(values))


def found(values: np.ndarray, variance: float = 0.0) -> Moments:
    return estimate_mean(*integers(values), variance, BOUNDS, confidence=0.95)


def test_without_noise_it_is_the_mean_of_textbooks() -> None:
    values = np.random.default_rng(3).normal(38, 5, 40).clip(*BOUNDS)
    told = found(values)
    assert told.mean.estimate == pytest.approx(values.mean(), abs=0.02)
    assert told.sd.estimate == pytest.approx(values.std(ddof=1), rel=0.01)
    assert told.total.estimate == pytest.approx(values.sum(), abs=1)
    half = stats.t.ppf(0.975, 39) * values.std(ddof=1) / math.sqrt(40)
    width = told.mean.upper - told.mean.lower
    assert width == pytest.approx(2 * half, rel=0.03)
    assert told.mean.noise_sd == 0
    assert told.mean.sampling_share == 1
    assert told.mean.n == 40


def test_values_count_as_the_nearer_bound() -> None:
    told = found(np.array([0.0, 1000.0, 1000.0, 1000.0]))
    assert told.mean.estimate == pytest.approx(50)
    assert told.total.estimate == pytest.approx(20 + 3 * 60)


def test_noise_is_what_it_is_said_to_be() -> None:
    rng, values = np.random.default_rng(4), np.random.default_rng(5).uniform(25, 50, 300)
    variance = 2000.0**2
    exact = integers(values)
    told = [
        estimate_mean(*(exact + rng.normal(0, 2000, 3)), variance, BOUNDS, confidence=0.95)
        for _ in range(2000)
    ]
    for part, share in (("mean", 0.05), ("sd", 0.08), ("total", 0.05)):
        got = [getattr(one, part) for one in told]
        spread = np.std([one.raw for one in got])
        assert np.mean([one.noise_sd for one in got]) == pytest.approx(spread, rel=share), part


def test_nobody_is_no_number() -> None:
    told = estimate_mean(900.0, -400.0, 300.0, 5000.0**2, BOUNDS, confidence=0.95)
    assert told.mean.uninformative
    assert told.sd.uninformative
    assert (told.mean.lower, told.mean.upper) == BOUNDS
    nothing = estimate_mean(0.0, 0.0, 0.0, 0.0, BOUNDS, confidence=0.95)
    assert nothing.mean.uninformative
    assert math.isfinite(nothing.sd.upper)


def test_the_interval_stays_within_the_bounds_and_holds_the_estimate() -> None:
    rng = np.random.default_rng(6)
    for _ in range(300):
        s, q, m = rng.normal(0, 20_000, 3)
        told = estimate_mean(s, q, m, 3000.0**2, BOUNDS, confidence=0.95)
        assert 20 <= told.mean.lower <= told.mean.estimate <= told.mean.upper <= 60
        assert 0 <= told.sd.lower <= told.sd.estimate <= told.sd.upper <= 20


def test_sites_add_up_and_weights_are_divided_out() -> None:
    block = Block(
        name="age",
        title="Age",
        kind="mean",
        unit="case",
        cohort=EVERYONE,
        by=(),
        strata=((),),
        start=0,
        weight=3,
        value=EVERYONE,
        bounds=BOUNDS,
    )
    layout = plan(block, scale=30.0)
    one, two = np.full(30, 30.0), np.full(10, 50.0)
    outcomes = [
        answer(layout, name, [3 * int(v) for v in integers(values)])
        for name, values in (("a", one), ("b", two))
    ]
    rows = {(r.quantity, r.site): r for r in combine(layout, outcomes).rows}
    assert rows["mean", None].estimate == pytest.approx(35, abs=0.02)
    assert rows["mean", "b"].estimate == pytest.approx(50, abs=0.02)
    assert rows["sum", None].estimate == pytest.approx(30 * 30 + 10 * 50, abs=1)
    assert rows["sum", None].noise_sd == pytest.approx(math.sqrt(2) * rows["sum", "a"].noise_sd)
    assert rows["sd", None].estimate == pytest.approx(np.std([*one, *two], ddof=1), rel=0.01)
