"""A mean, its spread and its sum from noisy integers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from federated.combine import combine
from federated.combine.mean import Moments, estimate_mean
from federated.study.plan import Block
from tests.unit.combine.layouts import EVERYONE, answer, plan

BOUNDS = (20.0, 60.0)
STEPS = (1024, 512, 512)


def integers(values: np.ndarray, steps: tuple[int, int, int] = STEPS) -> list[int]:
    """As the aggregate makes them."""
    z = (np.clip(values, *BOUNDS) - 40) / 20
    s = np.floor(z * steps[0] + 0.5)
    q = np.floor(2 * steps[1] * s**2 / steps[0] ** 2 + 0.5) - steps[1]
    return [int(s.sum()), int(q.sum()), steps[2] * len(values)]


def read(told: np.ndarray | list[int], variance: float = 0.0) -> Moments:
    """From integers, each with noise ``variance``."""
    s, q, n = (float(value) / step for value, step in zip(told, STEPS, strict=True))
    one, two, three = (variance / step**2 for step in STEPS)
    return estimate_mean(s, q, n, (one, two, three), BOUNDS, confidence=0.95)


def found(values: np.ndarray) -> Moments:
    return read(integers(values))


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
    exact = np.array(integers(values))
    told = [read(exact + rng.normal(0, 2000, 3), 2000.0**2) for _ in range(2000)]
    for part, share in (("mean", 0.05), ("sd", 0.08), ("total", 0.05)):
        got = [getattr(one, part) for one in told]
        spread = np.std([one.raw for one in got])
        assert np.mean([one.noise_sd for one in got]) == pytest.approx(spread, rel=share), part


def test_nobody_is_no_number() -> None:
    told = read([900, -400, 300], 5000.0**2)
    assert told.mean.uninformative
    assert told.sd.uninformative
    assert (told.mean.lower, told.mean.upper) == BOUNDS
    nothing = read([0, 0, 0])
    assert nothing.mean.uninformative
    assert nothing.sd.uninformative
    assert (nothing.sd.lower, nothing.sd.upper) == (0.0, 20.0)


def test_one_row_tells_nothing_of_the_spread() -> None:
    told = found(np.array([30.0]))
    assert told.sd.uninformative
    assert (told.sd.lower, told.sd.upper) == (0.0, 20.0)


def test_a_spread_that_may_be_none_is_shown_with_its_interval() -> None:
    told = read(integers(np.random.default_rng(7).normal(38, 1, 300)), 6000.0**2)
    assert told.sd.lower == 0.0
    assert not told.sd.uninformative


def test_without_noise_the_spread_s_interval_is_close_to_that_of_textbooks() -> None:
    values = np.random.default_rng(8).normal(40, 4, 200)
    told = found(values)
    square = 199 * values.var(ddof=1)
    assert told.sd.lower == pytest.approx(math.sqrt(square / stats.chi2.ppf(0.975, 199)), rel=0.02)
    assert told.sd.upper == pytest.approx(math.sqrt(square / stats.chi2.ppf(0.025, 199)), rel=0.02)


@pytest.mark.parametrize(
    ("bounds", "least", "most"),
    [((20.0, 60.0), 0.0, math.inf), ((-60.0, -20.0), -math.inf, 0.0), ((0.0, 10.0), 0.0, math.inf)],
)
def test_a_sum_is_one_that_the_bounds_allow(
    bounds: tuple[float, float], least: float, most: float
) -> None:
    for s, n in ((3.0, 2.0), (-9.0, -8.0), (9.0, -8.0)):
        told = estimate_mean(s, 0.0, n, (25.0, 25.0, 25.0), bounds, confidence=0.95).total
        assert least <= told.lower <= told.estimate <= told.upper <= most


def test_a_sum_of_values_of_both_signs_may_be_negative() -> None:
    told = estimate_mean(-3.0, 0.0, 20.0, (4.0, 4.0, 4.0), (-10.0, 10.0), confidence=0.95).total
    assert told.lower < told.estimate == -30.0


def test_the_interval_stays_within_the_bounds_and_holds_the_estimate() -> None:
    rng = np.random.default_rng(6)
    for _ in range(300):
        told = read(rng.normal(0, 20_000, 3), 3000.0**2)
        assert 20 <= told.mean.lower <= told.mean.estimate <= told.mean.upper <= 60
        assert 0 <= told.sd.lower <= told.sd.estimate <= told.sd.upper <= 20


def test_sites_add_up_and_steps_are_divided_out() -> None:
    block = Block(
        name="age",
        title="Age",
        kind="mean",
        unit="case",
        cohort=EVERYONE,
        by=(),
        strata=((),),
        start=0,
        steps=(3000, 1500, 700),
        value=EVERYONE,
        bounds=BOUNDS,
    )
    layout = plan(block, scale=30.0)
    one, two = np.full(30, 30.0), np.full(10, 50.0)
    outcomes = [
        answer(layout, name, integers(values, (3000, 1500, 700)))
        for name, values in (("a", one), ("b", two))
    ]
    rows = {(r.quantity, r.site): r for r in combine(layout, outcomes).rows}
    assert rows["mean", None].estimate == pytest.approx(35, abs=0.02)
    assert rows["mean", "b"].estimate == pytest.approx(50, abs=0.02)
    assert rows["sum", None].estimate == pytest.approx(30 * 30 + 10 * 50, abs=1)
    assert rows["sum", None].noise_sd == pytest.approx(math.sqrt(2) * rows["sum", "a"].noise_sd)
    assert rows["sd", None].estimate == pytest.approx(np.std([*one, *two], ddof=1), rel=0.01)
