"""Tests of difference: the known ones where there is no noise; what is compared and what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from federated.combine import Result, combine
from federated.combine.equal_ratios import Compared, equal_ratios
from federated.combine.independence import independence
from federated.combine.laws import Law, Means, Rates, Shares
from federated.combine.projection import Floats
from federated.study.plan import Block
from tests.statistical import differing
from tests.unit.combine.layouts import EVERYONE, STAGES, answer, count, plan, proportion

LAWS: dict[str, Law] = {"shares": Shares(), "means": Means(), "rates": Rates(), "lean": Rates(0.2)}


def compared(told: Floats, noise: Floats, law: Law, replicates: int = 999) -> Compared:
    return equal_ratios(told, noise, law, confidence=0.95, seed=1, replicates=replicates)


@pytest.mark.parametrize("p", [(0.3, 0.4), (0.5, 0.5, 0.6), (0.1, 0.3, 0.1, 0.2)])
def test_proportions_without_noise_have_the_test_of_pearson(p: tuple[float, ...]) -> None:
    sizes = (150, 90, 120, 60)[: len(p)]
    told, noise, exact = differing.shares(np.random.default_rng(4), sizes, p, 0.0)
    found = compared(told, noise, Shares())
    yes, rows = (told[:, 0] + told[:, 1]) / 2, told[:, 1]
    chi = stats.chi2_contingency(np.stack([yes, rows - yes]), correction=False).statistic
    assert found.chi_squared == pytest.approx(chi)
    assert found.degrees == len(p) - 1
    assert found.p_value == pytest.approx(exact, abs=0.04)


@pytest.mark.parametrize("more", [0.0, 0.08, 0.15])
def test_means_of_two_without_noise_have_the_test_of_welch(more: float) -> None:
    rng = np.random.default_rng(5)
    values = [rng.normal(0.1, 0.3, 60).clip(-1, 1), rng.normal(0.1 + more, 0.1, 25)]
    told, noise, exact = differing.means(rng, values, 0.0)
    t = stats.ttest_ind(*values, equal_var=False).statistic
    found = compared(told, noise, Means())
    assert found.chi_squared == pytest.approx(t**2)
    assert found.p_value == pytest.approx(exact, abs=0.04)


@pytest.mark.parametrize("lean", [0.0, 0.3])
def test_rates_without_noise_have_their_score_test_however_they_are_told(lean: float) -> None:
    sizes, rate = (80, 60, 70), (0.2, 0.25, 0.35)
    told, noise, exact = differing.rates(np.random.default_rng(6), sizes, rate, 0.0, lean)
    events = told[:, 0] + lean * told[:, 1]
    expected = told[:, 1] * events.sum() / told[:, 1].sum()
    found = compared(told, noise, Rates(lean))
    assert found.chi_squared == pytest.approx(((events - expected) ** 2 / expected).sum())
    assert found.p_value == pytest.approx(exact, abs=0.04)


@pytest.mark.parametrize("rows", [100, 1000])
def test_tables_without_noise_have_the_test_of_pearson(rows: int) -> None:
    law = np.outer((0.5, 0.3, 0.2), (0.4, 0.6))
    cells, exact = differing.table(np.random.default_rng(7), rows, law, 0.0)
    found = independence(cells, 0.0, confidence=0.95, seed=1)
    chi = stats.chi2_contingency(cells, correction=False)
    assert (found.chi_squared, found.degrees) == (pytest.approx(chi.statistic), 2)
    assert found.p_value == pytest.approx(exact, abs=0.04)


def test_levels_that_may_be_empty_are_left_out() -> None:
    told = np.array([[30.0, 60.0], [4.0, 5.0], [-30.0, 60.0]])
    found = compared(told, np.array([9.0, 9.0]), Shares())
    assert (found.levels, found.degrees, found.uninformative) == ((0, 2), 1, False)
    assert found.p_value < 0.01
    alone = compared(told[:2], np.array([9.0, 9.0]), Shares())
    assert (alone.levels, alone.p_value, alone.uninformative) == ((0,), 1.0, True)
    cells = np.array([[40.0, 10.0, 2.0], [10.0, 40.0, 1.0]])
    table = independence(cells, 16.0, confidence=0.95, seed=1)
    assert (table.rows, table.columns, table.degrees) == ((0, 1), (0, 1), 1)
    nobody = independence(np.zeros((2, 2)), 0.0, confidence=0.95, seed=1)
    assert (nobody.p_value, nobody.uninformative) == (1.0, True)


@pytest.mark.parametrize("name", LAWS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_numbers_have_a_p_value(name: str, data: st.DataObject) -> None:
    number = st.one_of(st.integers(-30, 80), st.integers(-(2**62), 2**62)).map(float)
    width = 3 if name == "means" else 2
    levels = data.draw(st.integers(2, 4))
    told = data.draw(st.lists(number, min_size=levels * width, max_size=levels * width))
    variance = data.draw(st.sampled_from([0.0, 0.3, 50.0, 1e9]))
    readings = np.array(told).reshape(levels, width)
    found = compared(readings, np.full(width, variance), LAWS[name], replicates=19)
    assert 0 < found.p_value <= 1
    assert np.isfinite(found.chi_squared)
    cells = independence(readings, variance, confidence=0.95, seed=1, replicates=19)
    assert 0 < cells.p_value <= 1


def stages_by_side() -> Block:
    sides = ("left", "right", None)
    strata = tuple((*stage, side) for stage in STAGES for side in sides)
    return replace(count(), by=("stage", "side"), strata=strata)


@pytest.fixture(scope="module")
def result() -> Result:
    """Proportions that differ, a table that depends, each with rows that are missing."""
    layout = plan(proportion(strata=True), stages_by_side(), scale=2.0)
    layout = replace(layout, blocks=(layout.blocks[0], replace(layout.blocks[1], start=6)))
    shares = [90, 120, -40, 100, 60, 60]
    table = [80, 20, 9, 30, 70, 0, 500, 0, 0]
    labels = {"stage": {"1": "Stage I", "2": "Stage II"}}
    return combine(layout, [answer(layout, site, shares + table) for site in "ab"], labels=labels)


def test_missing_is_no_level_and_two_levels_have_a_difference(result: Result) -> None:
    shares, table = result.tests
    assert (shares.kind, shares.strata) == ("proportions", ("Stage I", "Stage II"))
    assert (shares.degrees, shares.p_value) == (1, 0.001)
    assert shares.gap is not None
    assert shares.gap.lower < shares.gap.estimate < shares.gap.upper
    assert shares.gap.estimate == pytest.approx(210 / 240 - 60 / 200)
    assert (table.kind, table.strata) == ("independence", ("Stage I", "Stage II"))
    assert (table.against, table.degrees, table.gap) == (("left", "right"), 1, None)
    assert table.p_value == 0.001
    assert Result.from_json(result.to_json()) == result


def test_tests_go_to_pandas(result: Result) -> None:
    frame = result.tests_to_pandas()
    assert frame["test"].tolist() == ["proportions", "independence"]
    assert frame["p_value"].tolist() == [0.001, 0.001]
    assert frame["lower"].isna().tolist() == [False, True]
    nothing = result.model_copy(update={"tests": ()}).tests_to_pandas()
    assert nothing.empty
    assert list(nothing.columns) == list(frame.columns)


def test_a_mean_by_one_element_is_tested_and_the_same_releases_have_the_same_test() -> None:
    block = Block(
        name="age",
        title="Age",
        kind="mean",
        unit="case",
        cohort=EVERYONE,
        by=("stage",),
        strata=STAGES,
        start=0,
        steps=(20, 10, 10),
        value=EVERYONE,
        bounds=(20.0, 60.0),
    )
    layout = plan(block, scale=1.0)
    values = [10, -200, 400, 80, -150, 400, 0, 0, 0]
    one, two = (combine(layout, [answer(layout, "a", values)]) for _ in range(2))
    assert one.tests == two.tests
    (test,) = one.tests
    assert (test.kind, test.strata, test.degrees) == ("means", ("1", "2"), 1)
    assert 0.001 < test.p_value < 1
    assert test.gap is not None
    assert test.gap.estimate == pytest.approx(20 * (0.5 / 40 - 4 / 40))


@pytest.mark.parametrize("by", [(), ("stage",), ("stage", "side")])
def test_no_test_where_nothing_can_be_compared(by: tuple[str, ...]) -> None:
    """A count by one element or by none, and a proportion by two."""
    block = {0: count(), 1: count(strata=True), 2: stages_by_side()}[len(by)]
    if len(by) == 2:
        block = replace(proportion(), by=by, strata=block.strata)
    layout = plan(block)
    assert combine(layout, [answer(layout, "a", [40] * layout.length)]).tests == ()
