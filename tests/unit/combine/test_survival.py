"""Survival: exact against the textbook and real data; possible curves from any integers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated.combine.exits import actuarial, at_risk
from federated.combine.projection import project_grouped, project_simplex
from federated.combine.survival import estimate_survival
from tests.unit.combine.layouts import QUARTERS, exits, plain


def test_actuarial_by_hand() -> None:
    """10 rows; 2 events and 2 censored in bin one: 1 − 2/9; 1 and 1 in bin two: 1 − 1/5.5."""
    cells = np.array([2.0, 1.0, 0.0, 2.0, 1.0, 4.0])
    assert at_risk(cells).tolist() == [10, 6, 4]
    assert actuarial(cells) == pytest.approx([7 / 9, 7 / 9 * (1 - 1 / 5.5)])


def test_curve_without_censoring_is_the_share_alive() -> None:
    cells = np.array([5.0, 5.0, 10.0, 0.0, 0.0, 0.0])
    assert actuarial(cells) == pytest.approx([0.75, 0.5])


def test_follows_kaplan_meier_within_a_percent() -> None:
    """Quarterly bins against the exact product-limit estimate (lifelines as oracle)."""
    from lifelines import KaplanMeierFitter

    rng = np.random.default_rng(11)
    times, ends = rng.exponential(2000, 3000), rng.uniform(0, 3600, 3000)
    exact = KaplanMeierFitter().fit(np.minimum(times, ends), times <= ends)
    rng = np.random.default_rng(11)
    cells = np.array(exits(rng, 3000, mean_days=2000), dtype=float)
    got = estimate_survival(cells, plain(0.0), QUARTERS, (365, 1826), confidence=0.95, seed=1)
    for day in (365, 730, 1096, 1826):
        point = got.curve[QUARTERS.index(day)]
        assert point.estimate == pytest.approx(float(exact.predict(day)), abs=0.004)
    from lifelines.utils import restricted_mean_survival_time

    mean = restricted_mean_survival_time(exact, t=QUARTERS[-1])
    assert got.rmst.estimate == pytest.approx(mean, rel=0.003)


def test_without_noise_the_interval_is_close_to_greenwood() -> None:
    rng = np.random.default_rng(5)
    cells = np.array(exits(rng, 500, mean_days=2000), dtype=float)
    got = estimate_survival(cells, plain(0.0), QUARTERS, (365, 1826), confidence=0.95, seed=1)
    events, censored = cells[:21], cells[21:]
    exposed = at_risk(cells) - censored / 2
    greenwood = np.cumsum(events / (exposed * (exposed - events)))
    for j in (3, 7, 11, 19):
        point = got.curve[j]
        half = 1.96 * point.estimate * np.sqrt(greenwood[j])
        assert (point.upper - point.lower) / 2 == pytest.approx(half, rel=0.12)
        assert point.noise_sd == pytest.approx(0, abs=1e-9)
        assert point.sampling_share == pytest.approx(1)


def test_noise_is_seen_in_width_and_shares() -> None:
    cells = np.array(exits(np.random.default_rng(5), 500, mean_days=2000), dtype=float)
    quiet, loud = (
        estimate_survival(cells, plain(v), QUARTERS, (365, 1826), confidence=0.95, seed=1).curve[19]
        for v in (1.0, 40.0)
    )
    assert loud.upper - loud.lower > quiet.upper - quiet.lower
    assert loud.noise_sd > 3 * quiet.noise_sd
    assert loud.sampling_share < quiet.sampling_share


def test_lower_limit_is_zero_from_where_nobody_may_be_left() -> None:
    """Rows left after the edges: 66, 6, 5; told apart from none above 14, 12 and 8."""
    cells = np.array([30.0, 60, 1, 0, 0, 0, 0, 5])
    loud = estimate_survival(
        cells, plain(9.0, 4), (90, 180, 270), (180,), confidence=0.95, seed=1
    ).curve
    assert loud[0].lower > 0
    assert [p.lower for p in loud[1:]] == [0, 0]
    quiet = estimate_survival(
        cells, plain(0.0, 4), (90, 180, 270), (180,), confidence=0.95, seed=1
    ).curve
    assert all(p.lower > 0 for p in quiet)


def test_rows_seen_late_were_there_before() -> None:
    """The sum after the second edge is lost in noise (4 < 12), that after the third is not."""
    cells = np.array([30.0, 60, -16, 0, 0, 0, 0, 20])
    got = estimate_survival(
        cells, plain(9.0, 4), (90, 180, 270), (180,), confidence=0.95, seed=1
    ).curve
    assert got[2].lower > 0
    assert got[1].lower > 0


def test_nobody_left_gives_everything_possible() -> None:
    got = estimate_survival(np.zeros(42), plain(4.0), QUARTERS, (365,), confidence=0.95, seed=1)
    assert all(p.uninformative and (p.lower, p.upper) == (0, 1) for p in got.curve)
    assert got.rmst.uninformative


def test_same_seed_same_interval() -> None:
    cells = np.array(exits(np.random.default_rng(5), 200, mean_days=900), dtype=float)
    one, two = (
        estimate_survival(cells, plain(9.0), QUARTERS, (), confidence=0.95, seed=4)
        for _ in range(2)
    )
    assert one == two


def test_projection_is_the_nearest_possible_point() -> None:
    """Against random feasible points: none is nearer (weighted distance)."""
    rng = np.random.default_rng(8)
    variance = np.array([1.0, 4.0, 2.0, 1.0])
    for _ in range(50):
        cells, total = rng.normal(2, 6, 4), float(rng.uniform(1, 20))
        best = project_simplex(cells, np.array(total), variance)
        assert best.min() >= 0
        assert best.sum() == pytest.approx(total)
        others = rng.dirichlet(np.ones(4), 2000) * total
        distance = ((others - cells) ** 2 / variance).sum(axis=1)
        assert ((best - cells) ** 2 / variance).sum() <= distance.min() + 1e-9


def test_a_possible_histogram_is_left_alone() -> None:
    cells = np.array([3.0, 0.0, 5.0, 1.0, 2.0, 7.0])
    assert project_grouped(cells, (0, 2, 3, 5)) == pytest.approx(cells)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), bins=st.integers(2, 12))
def test_any_integers_give_a_falling_curve_inside_its_band(data: st.DataObject, bins: int) -> None:
    integer = st.one_of(st.integers(-20, 40), st.integers(-(2**62), 2**62))
    cells = data.draw(st.lists(integer, min_size=2 * bins, max_size=2 * bins))
    variance = data.draw(st.sampled_from([0.0, 0.5, 30.0, 1e6]))
    grid = tuple(range(90, 90 * bins, 90))
    read_at = data.draw(st.sampled_from([(), grid[:1], grid]))
    got = estimate_survival(
        np.array(cells, dtype=float),
        plain(variance, len(grid) + 1),
        grid,
        read_at,
        confidence=0.95,
        seed=1,
    )
    levels = [1.0, *(p.estimate for p in got.curve)]
    assert all(a >= b for a, b in itertools.pairwise(levels))
    assert all(0 <= p.lower <= p.estimate <= p.upper <= 1 for p in got.curve)
    assert 0 <= got.rmst.lower <= got.rmst.estimate <= got.rmst.upper <= grid[-1] + 1e-6
    assert all(y >= 0 for y in got.at_risk)
    assert len(got.at_risk) == len(grid) + 1
