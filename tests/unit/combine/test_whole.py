"""Counts that people are shown add up, and are the nearest that do."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from federated.combine import combine
from federated.combine.projection import Floats
from federated.combine.whole import whole_tables
from tests.unit.combine.layouts import answer, count, plan

CELLS = st.lists(st.floats(-300, 3000), min_size=1, max_size=40)


BURIED = 1e6
"""Noise that no count stands clear of."""


def whole_counts(cells: Floats, sd: float = BURIED) -> Floats:
    """Of a table by itself."""
    (shown,) = whole_tables([(("stage",), cells, sd)])
    return shown


@given(CELLS)
def test_they_are_whole_possible_and_add_up(cells: list[float]) -> None:
    shown = whole_counts(np.array(cells))
    assert (shown >= 0).all()
    assert (shown == np.rint(shown)).all()
    assert shown.sum() == max(round(float(np.array(cells).sum())), 0)


@given(st.lists(st.floats(-4, 4), min_size=2, max_size=4))
def test_no_other_counts_are_nearer_by_more_than_rounding(cells: list[float]) -> None:
    given_cells = np.array(cells)
    shown = whole_counts(given_cells)
    total = int(shown.sum())
    best = min(
        float(((np.array(other) - given_cells) ** 2).sum())
        for other in itertools.product(range(total + 1), repeat=len(cells))
        if sum(other) == total
    )
    assert ((shown - given_cells) ** 2).sum() <= best + len(cells)


@given(CELLS, st.floats(0.1, 400))
def test_counts_that_stand_clear_are_shown_as_told(cells: list[float], sd: float) -> None:
    noisy = np.array(cells)
    shown = whole_counts(noisy, sd)
    clear = noisy > 3 * sd
    assert (shown[clear] == np.rint(noisy[clear])).all()
    assert (shown >= 0).all()
    assert shown[~clear].sum() == max(round(float(noisy[~clear].sum())), 0) * (~clear).any()


def test_empty_strata_take_nothing_from_a_full_one() -> None:
    rng = np.random.default_rng(7)
    cells = np.zeros(100)
    cells[17] = 100.0
    shown = np.array([whole_counts(cells + rng.normal(0, 10, 100), 10.0)[17] for _ in range(300)])
    assert abs(shown.mean() - 100) < 2.5
    assert shown.min() > 50


def test_a_coarser_table_is_not_exceeded_by_what_stands_clear_within_it() -> None:
    coarse, fine = np.array([10.0, 90.0]), np.array([[60.0, 5.0], [40.0, 45.0]])
    shown = whole_tables([(("grade",), coarse, 1.0), (("grade", "stage"), fine, 3.0)])
    assert shown[0].tolist() == [10, 90]
    assert shown[1].sum(axis=1).tolist() == [10, 90]
    assert shown[1][0].tolist() == [10, 0]


def test_possible_counts_stay() -> None:
    assert whole_counts(np.array([3.0, 0.0, 8.0])).tolist() == [3, 0, 8]


def test_a_table_and_its_total_agree_and_keep_what_was_released() -> None:
    layout = plan(count(strata=True), scale=6.0)
    result = combine(layout, [answer(layout, "a", [12, -5, 4]), answer(layout, "b", [-9, -8, -2])])
    for site in (None, "a", "b"):
        rows = [row for row in result.rows if row.site == site]
        parts, total = rows[:-1], rows[-1]
        assert sum(row.estimate for row in parts) == total.estimate
        assert sum(row.raw for row in parts) == total.raw
        assert all(row.lower <= row.estimate <= row.upper for row in rows)
    assert [row.estimate for row in result.rows if row.site == "b"] == [0, 0, 0, 0]
