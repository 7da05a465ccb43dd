"""The population stability index: its invariants, known values, and what chance explains."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.quality.completeness import completeness
from gateway.registry.quality.drift import LARGE, MODERATE, distributions, drift, stability_index
from tests.unit.registry.quality.beat import checks, derivations, derived, dictionary, row

counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=9)


@given(counts)
def test_the_index_is_symmetric_and_never_negative(pairs):
    now, before = [a for a, _ in pairs], [b for _, b in pairs]
    index = stability_index(now, before)
    assert index >= 0
    assert math.isfinite(index)
    assert index == pytest.approx(stability_index(before, now))


@given(st.lists(st.integers(0, 500), min_size=2, max_size=9))
def test_the_same_counts_have_index_nought(now):
    assert stability_index(now, now) == 0


def test_a_known_value():
    # (.6 - .5) ln(.6/.5) + (.4 - .5) ln(.4/.5) = .0405, half a row per bin changes the fifth digit.
    assert stability_index([60_000, 40_000], [50_000, 50_000]) == pytest.approx(0.04055, abs=1e-4)


def moved(now, before):
    return drift({"sex": now}, {"sex": before})


def test_a_large_change_of_many_rows_is_told_with_what_moved():
    [one] = moved({"f": 800, "m": 190, "?": 10}, {"f": 400, "m": 590, "?": 10})
    assert one["change"] == "large"
    assert one["index"] > LARGE
    assert (one["most"], one["share"], one["share_before"]) == ("f", 0.8, 0.4)
    assert (one["rows"], one["rows_before"]) == (1000, 1000)


def test_a_moderate_change():
    [one] = moved({"f": 600, "m": 400}, {"f": 430, "m": 570})
    assert MODERATE <= one["index"] < LARGE
    assert one["change"] == "moderate"


def test_the_same_change_of_few_rows_may_be_chance():
    [one] = moved({"f": 6, "m": 4}, {"f": 4, "m": 6})
    assert one["index"] > MODERATE
    assert one["change"] == "chance"


def test_more_missing_is_a_change():
    [one] = moved({"f": 100, "m": 100, "(missing)": 200}, {"f": 200, "m": 200, "(missing)": 0})
    assert (one["change"], one["most"]) == ("large", "(missing)")


@pytest.mark.parametrize(
    "before",
    [{}, {"sex": {"f": 1, "x": 1}}, {"sex": {"f": 0, "m": 0}}, {"weight": {"f": 1, "m": 1}}],
)
def test_what_cannot_be_compared_is_left_out(before):
    assert drift({"sex": {"f": 5, "m": 5}}, before) == []


def test_one_answer_only_has_not_moved():
    assert moved({"f": 5, "m": 0}, {"f": 50, "m": 0}) == []


def test_distributions_count_choices_bins_and_what_is_missing(bench, tmp_path):
    rows = [
        row("1", sex="f", weight=50, pregnant="n"),
        row("2", sex="f", weight=50.1),
        row("3", sex="m", weight=81),
        row("4", sex="", weight=""),
        row("1", "seen", 1, seen_on="2024-01-01", died="n"),
    ]
    derived(bench, tmp_path, rows)
    # The text of forms is still there in this test, so completeness can be told.
    told = completeness(bench, dictionary())
    found = distributions(bench, dictionary(), derivations(), checks(), told)
    assert found["sex"] == {"f": 2, "m": 1, "(missing)": 1}
    assert found["weight"] == {"to 50": 1, "over 50 to 80": 1, "over 80": 1, "(missing)": 1}
    assert found["pregnant"] == {"y": 0, "n": 1, "(missing)": 2}
    assert found["died"] == {"y": 0, "n": 1, "(missing)": 0}
    assert set(found) == {"sex", "weight", "pregnant", "died"}
