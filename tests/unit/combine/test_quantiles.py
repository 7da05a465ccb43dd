"""Quantiles from noisy histograms."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from federated.combine import Result, combine
from federated.combine.estimate import Estimate
from federated.combine.projection import Floats
from federated.combine.quantiles import estimate_quantiles
from policies.measure import Quantiles
from tests.unit.combine.layouts import AGES, answer, binned, plain, plan, quantiles

BOUNDS = AGES


def edges(bins: int) -> tuple[float, ...]:
    return Quantiles(of="x", bounds=BOUNDS, bins=bins).edges


def histogram(values: Floats | Sequence[float], bins: int = 40) -> Floats:
    return np.asarray(binned(values, bins), dtype=np.float64)


def read(cells: Floats, level: float = 0.5, variance: float = 0.0) -> Estimate:
    (found,) = estimate_quantiles(
        cells, plain(variance, cells.size), edges(cells.size), BOUNDS, (level,), confidence=0.95
    )
    return found


def test_without_noise_it_is_the_quantile_to_within_a_bin() -> None:
    values = np.random.default_rng(3).normal(38, 5, 400)
    for level in (0.05, 0.25, 0.5, 0.9):
        told = read(histogram(values), level)
        assert told.estimate == pytest.approx(np.quantile(values, level), abs=1)
        assert told.noise_sd == 0
        assert told.sampling_share == 1
        assert told.n == 400
        assert not told.uninformative


def test_without_noise_the_interval_is_that_of_order_statistics() -> None:
    values = np.sort(np.random.default_rng(5).uniform(20, 60, 100))
    told = read(histogram(values, 256))
    # Of 100 values, the 40th and the 61st smallest end the 95 % interval of a median.
    width = 40 / 256
    assert told.lower == pytest.approx(values[39], abs=1.5 * width + 0.5)
    assert told.upper == pytest.approx(values[60], abs=1.5 * width + 0.5)


def test_a_value_that_all_share_is_found_in_its_bin() -> None:
    told = read(histogram(np.full(50, 31.0)))
    assert (told.lower, told.upper) == (30, 31)  # a bin holds its upper edge
    assert 30 <= told.estimate <= 31


def test_values_beyond_the_bounds_count_in_the_outermost_bins() -> None:
    cells = histogram([-5.0, 0.0, 20.0, 60.0, 1000.0, 1e9, 1e9])
    assert cells[0] == 3
    assert cells[-1] == 4
    assert read(cells).upper == 60


def test_noise_is_what_it_is_said_to_be() -> None:
    rng, values = np.random.default_rng(4), np.random.default_rng(5).normal(40, 8, 2000)
    exact = histogram(values)
    for level in (0.25, 0.5, 0.8):
        told = [read(exact + rng.normal(0, 4, exact.size), level, 16.0) for _ in range(1000)]
        spread = np.std([one.estimate for one in told])
        assert np.mean([one.noise_sd for one in told]) == pytest.approx(spread, rel=0.2), level


def test_nobody_is_no_number() -> None:
    cells = np.random.default_rng(7).normal(0, 10, 40)
    told = read(cells - cells.mean() + 0.5, variance=100.0)
    assert told.uninformative
    assert (told.lower, told.upper) == BOUNDS
    for nothing in (np.zeros(40), np.full(40, -9.0)):
        assert read(nothing, variance=1.0).uninformative


def test_a_wide_interval_is_uninformative() -> None:
    told = read(histogram([22.0, 28.0, 34.0, 46.0, 52.0, 58.0]), variance=0.05)
    assert told.n > 1.96 * (40 * 0.05) ** 0.5
    assert told.upper - told.lower > 0.6 * 40
    assert told.uninformative


@pytest.mark.parametrize("bins", [2, 3, 5, 64, 256])
@pytest.mark.parametrize("level", [0.001, 0.25, 0.5, 0.999])
def test_the_interval_stays_within_the_bounds_and_holds_the_estimate(
    bins: int, level: float
) -> None:
    rng = np.random.default_rng([bins, round(1000 * level)])
    for scale in (0.0, 1.0, 30.0, 1e12):
        for _ in range(20):
            cells = rng.integers(0, 9, bins) + rng.normal(0, scale, bins)
            told = read(cells, level, scale**2)
            assert 20 <= told.lower <= told.estimate <= told.upper <= 60
            assert told.noise_sd >= 0
            assert 0 <= told.sampling_share <= 1


def test_quantiles_rise_with_their_level() -> None:
    cells = histogram(np.random.default_rng(9).normal(40, 8, 60))
    noisy = cells + np.random.default_rng(10).normal(0, 3, cells.size)
    levels = tuple(i / 20 for i in range(1, 20))
    found = estimate_quantiles(noisy, plain(9.0, 40), edges(40), BOUNDS, levels, confidence=0.95)
    shown = [one.estimate for one in found]
    assert shown == sorted(shown)


def test_histograms_add_over_sites_and_steps_are_divided_out() -> None:
    layout = plan(quantiles(weight=3), scale=0.0)
    young, old = np.full(30, 30.0), np.full(10, 50.0)
    outcomes = [
        answer(layout, name, [3 * rows for rows in binned(values)])
        for name, values in (("a", young), ("b", old))
    ]
    result = combine(layout, outcomes)
    rows = {(row.level, row.site): row for row in result.rows}
    assert {row.quantity for row in result.rows} == {"quantile"}
    assert rows[0.5, None].estimate == pytest.approx(30, abs=1)
    assert rows[0.9, None].estimate == pytest.approx(50, abs=1)
    assert rows[0.5, "b"].estimate == pytest.approx(50, abs=1)
    assert rows[0.5, None].n == 40
    frame = result.to_pandas()
    assert [*frame["level"]] == [0.5, 0.9]
    assert Result.from_json(result.to_json()) == result


def test_noise_of_sites_adds_up() -> None:
    layout = plan(quantiles(levels=(0.5,)), scale=2.0)
    values = binned(np.random.default_rng(11).normal(40, 8, 4000))
    rows = {
        row.site: row for row in combine(layout, [answer(layout, s, values) for s in "ab"]).rows
    }
    # Twice the rows, √2 the noise: 1/√2 of one site's.
    assert rows[None].noise_sd == pytest.approx(rows["a"].noise_sd / 2**0.5, rel=0.1)


def test_a_result_from_before_there_were_quantiles_is_read() -> None:
    layout = plan(quantiles())
    result = combine(layout, [answer(layout, "a", [1] * 40)])
    plain = json.loads(result.to_json())
    for row in plain["rows"]:
        del row["level"]
    assert {row.level for row in Result.from_json(json.dumps(plain).encode()).rows} == {None}
