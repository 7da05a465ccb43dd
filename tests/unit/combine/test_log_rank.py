"""Log-rank: lifelines' on the grid without noise; a record that travels and names its strata."""

from __future__ import annotations

import json

import numpy as np
import pytest

from federated.combine import Result, combine
from federated.combine.cell_noise import CellNoise
from federated.combine.hazard_contrasts import log_rank_statistic
from federated.combine.log_rank import log_rank
from federated.combine.projection import Floats
from tests.unit.combine.layouts import QUARTERS, answer, exits, plan, risks, survival


def strata(*means_days: float, rows: int = 200, seed: int = 3) -> Floats:
    rng = np.random.default_rng(seed)
    return np.array([exits(rng, rows, mean_days=mean) for mean in means_days], dtype=float)


def exact(cells: Floats, causes: int = 1) -> float:
    """The statistic of cells without noise."""
    noise = CellNoise.of(0.0, (1.0,), cells.shape[-1] // (causes + 1))
    return float(log_rank_statistic(cells, noise, (0,), causes=causes, z=1.96))


def test_statistic_by_hand() -> None:
    """Bin one: 2 events of 10 exposed and 0 of 10; bin two: 1 of 8 and 1 of 10."""
    cells = np.array([[2.0, 1, 0, 0, 0, 7], [0.0, 1, 0, 0, 0, 9]])
    excess = 3 - (2 * 10 / 20 + 2 * 8 / 18)
    variance = 2 * 18 / 19 / 4 + 2 * 16 / 17 * 8 * 10 / 18**2
    assert exact(cells) == pytest.approx(excess**2 / variance)


@pytest.mark.parametrize("means_days", [(2000, 2600), (2000, 2000), (1500, 2000, 2600)])
def test_without_noise_it_agrees_with_lifelines(means_days: tuple[float, ...]) -> None:
    """On times of whole bins. There, who is censored in a bin is at risk for all of it."""
    from lifelines.statistics import multivariate_logrank_test

    cells = strata(*means_days, rows=400)
    bins = len(QUARTERS) + 1
    rows = [
        (place % bins + 1, group, place < bins and place % bins < bins - 1)
        for group, counts in enumerate(cells)
        for place, count in enumerate(counts)
        for _ in range(int(count))
    ]
    times, groups, seen = (np.array(column) for column in zip(*rows, strict=True))
    theirs = multivariate_logrank_test(times, groups, seen)
    assert exact(cells) == pytest.approx(theirs.test_statistic, rel=0.1, abs=0.1)
    found = log_rank(cells, 0.0, QUARTERS, (), confidence=0.95, seed=1)
    assert found.p_value == pytest.approx(theirs.p_value, abs=0.05)
    assert found.chi_squared == pytest.approx(exact(cells))
    assert found.degrees == len(means_days) - 1
    assert found.compared == tuple(range(len(means_days)))


def test_a_competing_event_ends_observation() -> None:
    """The statistic is that of a histogram which has the competing events among the censored."""
    rng = np.random.default_rng(4)
    cells = np.array([risks(rng, 300, means_days=m) for m in ((2000, 900), (2000, 9000))], float)
    bins = len(QUARTERS) + 1
    merged = np.hstack([cells[:, :bins], cells[:, bins : 2 * bins] + cells[:, 2 * bins :]])
    assert exact(cells, 2) == pytest.approx(exact(merged))
    # The hazards of the event are alike, however different its incidences.
    found = log_rank(cells, 0.0, QUARTERS, (), causes=2, confidence=0.95, seed=1)
    assert found.p_value > 0.05


@pytest.mark.parametrize("causes", [1, 2])
def test_noise_moves_the_statistic_as_it_is_reckoned(causes: int) -> None:
    """With as good as no chance in it, the statistic of equal strata is χ² by noise alone."""
    rng = np.random.default_rng(11)
    steps, bins, drawn = (8.0, 3.0, 1.0), 6, 4000
    events = np.array([900.0, 800, 700, 600, 500])
    competing = [*events / 2, 0.0] if causes == 2 else []
    line = [*events, 0.0, *competing, *events, 3000.0]
    cells = np.tile(line, (3, 1)) * np.array([[1.0], [2.0], [3.0]])
    noise = CellNoise.of(4e6, steps, bins)
    told = cells + noise.draw(rng, (drawn, *cells.shape))
    starts = tuple(range(0, cells.shape[1], 3))
    found = log_rank_statistic(told, noise, starts, causes=causes, z=0.0)
    # Two degrees of freedom; chance is in the covariance but not in the cells.
    assert 1.2 < np.mean(found) < 2.2


def test_strata_that_may_be_empty_are_left_out() -> None:
    cells = np.vstack([strata(1000, 4000), np.zeros((1, 42))])
    found = log_rank(cells, 4.0, QUARTERS, (), confidence=0.95, seed=1)
    assert (found.compared, found.p_value, found.uninformative) == ((0, 1), 0.001, False)
    alone = log_rank(cells[1:], 4.0, QUARTERS, (), confidence=0.95, seed=1)
    assert (alone.compared, alone.p_value, alone.uninformative) == ((0,), 1.0, True)


def test_without_events_nothing_is_told() -> None:
    cells = np.zeros((2, 42))
    cells[:, 30:] = 20
    for variance in (0.0, 4.0):
        found = log_rank(cells, variance, QUARTERS, (), confidence=0.95, seed=1)
        assert (found.p_value, found.uninformative) == (1.0, True)


@pytest.fixture(scope="module")
def result() -> Result:
    layout = plan(survival("os", strata=True), survival("whole", start=126))
    outcomes = []
    for site in "ab":
        rng = np.random.default_rng(ord(site))
        values = [c for mean in (4000, 1000) for c in exits(rng, 150, mean_days=mean)]
        outcomes.append(answer(layout, site, values + [60] * 42 + exits(rng, 9, mean_days=900)))
    return combine(layout, outcomes, labels={"stage": {"1": "Stage I", "2": "Stage II"}})


def test_a_curve_by_one_element_is_tested_and_missing_is_no_level(result: Result) -> None:
    (test,) = result.tests
    assert (test.statistic, test.kind, test.strata) == ("os", "log_rank", ("Stage I", "Stage II"))
    assert (test.p_value, test.uninformative) == (0.001, False)
    assert Result.from_json(result.to_json()) == result


def test_a_result_of_before_tests_is_read(result: Result) -> None:
    plain = json.loads(result.to_json())
    del plain["tests"]
    assert Result.from_json(json.dumps(plain).encode()).tests == ()


def test_the_same_releases_have_the_same_test(result: Result) -> None:
    layout = plan(survival("os", strata=True), scale=6.0)
    rng = np.random.default_rng(8)
    values = [c for mean in (2000, 1800) for c in exits(rng, 150, mean_days=mean)] + [0] * 42
    one, two = (combine(layout, [answer(layout, "a", values)]) for _ in range(2))
    assert one.tests == two.tests
    assert 0.001 < one.tests[0].p_value < 1
