"""Competing risks: exact against the textbook and lifelines; possible curves from any integers."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated.combine import Result, combine
from federated.combine.exits import actuarial, at_risk, incidence
from federated.combine.survival import estimate_survival
from tests.unit.combine.layouts import QUARTERS, answer, plain, plan, risks, survival


def test_incidence_by_hand() -> None:
    """10 rows; 2 events, 1 competing, 2 censored in bin one: of 9; 1 and 1 of the 5 left then."""
    cells = np.array([2.0, 1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 0.0, 2.0])
    assert at_risk(cells, 2).tolist() == [10, 5, 3]
    event, competing = incidence(cells)
    assert event == pytest.approx([2 / 9, 2 / 9 + 6 / 9 / 5])
    assert competing == pytest.approx([1 / 9, 1 / 9 + 6 / 9 / 5])
    assert actuarial(cells, 2) == pytest.approx([6 / 9, 6 / 9 * 3 / 5])


def test_incidence_without_censoring_is_the_share_with_the_event() -> None:
    cells = np.array([5.0, 2.0, 3.0, 1.0, 4.0, 0.0, 0.0, 0.0, 5.0])
    assert incidence(cells) == pytest.approx(np.array([[0.25, 0.35], [0.05, 0.25]]))


def test_follows_aalen_johansen_within_a_percent() -> None:
    """Quarterly bins against the exact estimate (lifelines as oracle)."""
    from lifelines import AalenJohansenFitter

    rng = np.random.default_rng(11)
    times = np.vstack(
        [*(rng.exponential(m, 3000) for m in (3000, 2000)), rng.uniform(0, 3600, 3000)]
    )
    status = np.array([1, 2, 0])[times.argmin(axis=0)]
    bins = len(QUARTERS) + 1
    rng = np.random.default_rng(11)
    cells = np.array(risks(rng, 3000, means_days=(3000, 2000)), dtype=float)
    assert cells[:bins].sum() == (status == 1).sum()
    got = estimate_survival(
        cells, plain(0.0), QUARTERS, (365, 1826), causes=2, confidence=0.95, seed=1
    )
    for k, points in enumerate(got.incidence):
        exact = AalenJohansenFitter(calculate_variance=False).fit(
            times.min(axis=0), status, event_of_interest=k + 1
        )
        for day in (365, 730, 1096, 1826):
            point = points[QUARTERS.index(day)]
            assert point.estimate == pytest.approx(float(exact.predict(day)), abs=0.004)


def test_without_noise_the_interval_is_close_to_aalen_johansens_own() -> None:
    from lifelines import AalenJohansenFitter

    rng = np.random.default_rng(5)
    times = np.vstack([*(rng.exponential(m, 500) for m in (3000, 2000)), rng.uniform(0, 3600, 500)])
    status = np.array([1, 2, 0])[times.argmin(axis=0)]
    exact = AalenJohansenFitter().fit(times.min(axis=0), status, event_of_interest=1)
    rng = np.random.default_rng(5)
    cells = np.array(risks(rng, 500, means_days=(3000, 2000)), dtype=float)
    got = estimate_survival(cells, plain(0.0), QUARTERS, (), causes=2, confidence=0.95, seed=1)
    for day in (730, 1826):
        variance = float(exact.variance_.loc[:day].iloc[-1])
        point = got.incidence[0][QUARTERS.index(day)]
        assert (point.upper - point.lower) / 2 == pytest.approx(1.96 * variance**0.5, rel=0.15)


def test_an_incidence_may_reach_what_the_other_leaves_where_nobody_may_be_left() -> None:
    """Rows left after the edges: 75, 6, 5; told apart from none above 18, 14 and 10."""
    cells = np.array([30.0, 40, 1, 0, 15, 29, 0, 0, 0, 0, 0, 5])
    loud, quiet = (
        estimate_survival(
            cells, plain(variance, 4), (90, 180, 270), (180,), causes=2, confidence=0.95, seed=1
        )
        for variance in (9.0, 0.0)
    )
    assert loud.curve[1].lower == 0
    event, competing = (points[1] for points in loud.incidence)
    assert event.upper == pytest.approx(1 - competing.lower)
    assert competing.upper == pytest.approx(1 - event.lower)
    event, competing = (points[1] for points in quiet.incidence)
    assert event.upper < 1 - competing.lower


@settings(deadline=None, max_examples=60)
@given(data=st.data(), bins=st.integers(2, 12))
def test_any_integers_give_rising_curves_that_add_up(data: st.DataObject, bins: int) -> None:
    integer = st.one_of(st.integers(-20, 40), st.integers(-(2**62), 2**62))
    cells = data.draw(st.lists(integer, min_size=3 * bins, max_size=3 * bins))
    variance = data.draw(st.sampled_from([0.0, 0.5, 30.0, 1e6]))
    grid = tuple(range(90, 90 * bins, 90))
    got = estimate_survival(
        np.array(cells, dtype=float),
        plain(variance, len(grid) + 1),
        grid,
        (),
        causes=2,
        confidence=0.95,
        seed=1,
    )
    for points in got.incidence:
        levels = [0.0, *(p.estimate for p in points)]
        assert all(a <= b for a, b in itertools.pairwise(levels))
        assert all(0 <= p.lower <= p.estimate <= p.upper <= 1 for p in points)
    for event, competing, alive in zip(*got.incidence, got.curve, strict=True):
        assert event.estimate + competing.estimate + alive.estimate == pytest.approx(1)


@pytest.fixture(scope="module")
def result() -> Result:
    layout = plan(survival("lr", strata=True, competing=True))
    outcomes = []
    for site in "ab":
        rng = np.random.default_rng(ord(site))
        means: list[tuple[float, float]] = [(9000, 9000), (2000, 5000)]
        values = [c for each in means for c in risks(rng, 200, means_days=each)]
        outcomes.append(answer(layout, site, values + [0] * 63))
    return combine(layout, outcomes)


def test_incidences_come_first_and_the_curve_rises(result: Result) -> None:
    read = [(r.quantity, r.time_days) for r in result.pooled if r.stratum == {"stage": "1"}]
    assert read == [
        *((what, 365) for what in ("incidence", "competing_incidence", "survival")),
        *((what, 1826) for what in ("incidence", "competing_incidence", "survival")),
        ("rmst", 1826),
    ]
    curve = result.curves[0]
    assert curve.quantity == "incidence"
    assert curve.estimate[0] == curve.lower[0] == curve.upper[0] == 0
    (row,) = (
        r for r in result.pooled
        if (r.quantity, r.time_days, r.stratum) == ("incidence", 1826, {"stage": "1"})
    )  # fmt: skip
    assert curve.estimate[-1] == row.estimate > 0
    assert result.asked[0].competing
    assert Result.from_json(result.to_json()) == result


def test_the_rest_of_a_result_of_before_competing_events_is_read(result: Result) -> None:
    layout = plan(survival())
    plain = json.loads(combine(layout, [answer(layout, "a", range(42))]).to_json())
    for asked in plain["asked"]:
        assert not asked.pop("competing")
    for curve in plain["curves"]:
        assert curve.pop("quantity") == "survival"
    again = Result.from_json(json.dumps(plain).encode())
    assert again.curves[0].quantity == "survival"
