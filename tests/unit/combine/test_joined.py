"""Statistics of one study that count the same rows: one total, no more noise, raw values kept."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.combine import Result, combine
from federated.combine.cell_noise import CellNoise
from federated.combine.result import Row
from federated.combine.whole import whole_tables
from federated.study.coding import fading
from federated.study.plan import Block, Plan
from policies.expression import parse
from tests.unit.combine.layouts import (
    STAGES,
    answer,
    binned,
    count,
    exits,
    leaning,
    plan,
    proportion,
    quantiles,
    ratio,
    survival,
)

GRADES = (("low",), ("high",), (None,))


def rows(result: Result, statistic: str, site: str | None = None) -> dict[tuple[str, ...], Row]:
    """By quantity, day and stratum."""
    return {
        (row.quantity, str(row.time_days), *row.stratum.values()): row
        for row in result.rows
        if (row.statistic, row.site) == (statistic, site)
    }


def number(result: Result, statistic: str, *stratum: str, site: str | None = None) -> Row:
    return rows(result, statistic, site)["count", "None", *stratum]


def by_stage_and_grade(start: int) -> Block:
    strata = tuple((*stage, *grade) for stage, grade in itertools.product(STAGES, GRADES))
    return replace(count("finest", start=start), by=("stage", "grade"), strata=strata)


@pytest.fixture(scope="module")
def counted() -> Result:
    """All cases told with steps of 2, by stage with steps of 1, and these by grade."""
    layout = plan(
        count("all", weight=2),
        count("stages", start=1, strata=True),
        by_stage_and_grade(4),
        scale=4,
    )
    rng = np.random.default_rng(2)
    finest = np.array([20, 9, 3, 0, 1, 2, 7, 0, 0])
    exact = np.array([2 * finest.sum(), *finest.reshape(3, 3).sum(axis=1), *finest])
    return combine(
        layout,
        [
            answer(layout, site, exact + np.rint(rng.normal(0, 4, 13)).astype(int))
            for site in ("a", "b")
        ],
    )


def test_their_totals_are_one_number(counted: Result) -> None:
    for site in (None, "a", "b"):
        total = number(counted, "all", site=site)
        for other in (
            number(counted, "stages", "(all)", site=site),
            number(counted, "finest", "(all)", "(all)", site=site),
        ):
            assert (other.estimate, other.lower, other.upper) == (
                total.estimate,
                total.lower,
                total.upper,
            )
            assert other.noise_sd == pytest.approx(total.noise_sd)
            assert other.raw != total.raw


def test_whole_numbers_add_up_over_every_division(counted: Result) -> None:
    stages = rows(counted, "stages")
    finest = rows(counted, "finest")
    for stage in ("1", "2", "(missing)"):
        parts = [row for key, row in finest.items() if key[2] == stage]
        assert len(parts) == 3
        assert sum(row.estimate for row in parts) == stages["count", "None", stage].estimate
    strata = [row for row in stages.values() if not row.overall]
    assert sum(row.estimate for row in strata) == number(counted, "all").estimate
    assert all(row.estimate >= 0 for row in counted.rows)
    assert all(row.lower <= row.estimate <= row.upper for row in counted.rows)
    assert Result.from_json(counted.to_json()) == counted


def test_the_noise_is_that_of_all_tables_together(counted: Result) -> None:
    # Of the total at σ = 1: ¼ of its own, 3 of the stages, 9 of the finest table.
    square = 4.0**2 + 4.0**2
    of_total = 1 / (4 + 1 / 3 + 1 / 9)
    assert number(counted, "all").noise_sd == pytest.approx(math.sqrt(square * of_total))
    assert number(counted, "all", site="b").noise_sd == pytest.approx(math.sqrt(16 * of_total))
    # What stages differ by: 1 of their own, 3 of the finest table.
    of_stage = (1 - 1 / 3) / (1 + 1 / 3) + of_total / 9
    assert number(counted, "stages", "1").noise_sd == pytest.approx(math.sqrt(square * of_stage))


def test_raw_values_are_what_each_statistic_told_itself() -> None:
    layout = plan(count("all", weight=2), count("stages", start=1, strata=True))
    result = combine(layout, [answer(layout, "a", [100, 30, 12, 2])])
    assert number(result, "all").raw == 50
    assert [row.raw for row in rows(result, "stages").values()] == [30, 12, 2, 44]
    assert number(result, "all").estimate == 50 - round(6 * 0.25 / (0.25 + 3))


def shares(layout: Plan, values: list[int]) -> Result:
    return combine(layout, [answer(layout, "a", values)])


def test_proportions_agree_and_differences_know_the_whole_noise() -> None:
    both = plan(proportion("all", weight=3), proportion("stages", start=2, strata=True), scale=9.0)
    alone = plan(replace(proportion("stages", strata=True), start=0), scale=9.0)
    of_all, of_stages = [240, 480], [60, 90, -10, 40, 0, 5]
    result, bare = shares(both, of_all + of_stages), shares(alone, of_stages)
    whole, stages = rows(result, "all"), rows(result, "stages")
    (total,) = whole.values()
    part = stages["proportion", "None", "(all)"]
    assert (part.estimate, part.lower, part.upper, part.n) == pytest.approx(
        (total.estimate, total.lower, total.upper, total.n)
    )
    ends = [stages["proportion", "None", stage] for stage in ("1", "2")]
    before = [rows(bare, "stages")["proportion", "None", stage] for stage in ("1", "2")]
    for one, other in zip(ends, before, strict=True):
        assert one.noise_sd < 0.9 * other.noise_sd
        assert one.raw == other.raw
    (test,), (of_bare,) = result.tests, bare.tests
    assert replace_gap(test) == replace_gap(of_bare)
    assert test.gap is not None
    assert of_bare.gap is not None
    assert test.gap.estimate == pytest.approx(ends[0].estimate - ends[1].estimate)
    # Reduced noise of each would give one that is too narrow.
    reach = math.hypot(ends[0].estimate - ends[0].lower, ends[1].upper - ends[1].estimate)
    assert test.gap.estimate - test.gap.lower > 1.05 * reach


def replace_gap(test: object) -> object:
    return test.model_copy(update={"gap": None})  # type: ignore[attr-defined]


def test_regressions_are_of_the_statistic_itself() -> None:
    stages = replace(proportion("stages", strata=True), references=("1",))
    both = plan(stages, proportion("all", start=6, weight=3), scale=3.0)
    alone = plan(stages, scale=3.0)
    of_stages = [60, 90, -10, 40, 0, 5]
    result, bare = shares(both, [*of_stages, 240, 480]), shares(alone, of_stages)
    assert result.regressions == bare.regressions


@pytest.mark.parametrize("kind", ["mean", "rate", "quantiles", "survival"])
def test_others_have_one_total_too(kind: str) -> None:
    rng = np.random.default_rng(3)
    strata = {"by": ("stage",), "strata": STAGES}
    if kind == "mean":
        more = {"kind": "mean", "value": parse("age"), "bounds": (0.0, 100.0)}
        block = replace(count(), **more, steps=(2048, 1024, 1024))
        told = [[2048 * n // 4, 0, 1024 * n] for n in (60, 30, 5)]
    elif kind == "rate":
        block = ratio()
        told = [leaning(n, 2.5 * n) for n in (40, 20, 5)]
    elif kind == "quantiles":
        block = replace(quantiles(), steps=tuple(round(100 * s) for s in fading(40)))
        told = [binned(rng.uniform(20, 60, n)) for n in (200, 150, 20)]
    else:
        block = survival()
        told = [exits(rng, n, mean_days=1500) for n in (200, 150, 20)]
    one = replace(block, name="all")
    two = replace(block, **strata, name="stages", start=one.length)
    # Twice the steps, but where they tell another reading.
    if kind in ("quantiles", "survival"):
        one = replace(one, steps=tuple(2 * step for step in one.steps))
    layout = plan(one, two, scale=9.0 if kind != "mean" else 4000.0)
    values = np.concatenate([np.sum(told, axis=0) * 1.1, np.ravel(told)])
    result = combine(layout, [answer(layout, "a", np.rint(values).astype(int).tolist())])
    overall = [row for row in result.pooled if row.overall]
    first, then = ([row for row in overall if row.statistic == name] for name in ("all", "stages"))
    assert len(first) >= 2
    for row, other in zip(first, then, strict=True):
        for part in ("estimate", "lower", "upper", "noise_sd", "n"):
            assert getattr(other, part) == pytest.approx(getattr(row, part), rel=1e-6), part


def test_noise_of_summed_cells_is_that_of_their_parts() -> None:
    parts = [(0.5, (8, 4, 2)), (0.1, (5, 5, 1))]
    noise = CellNoise.summed(9.0, parts, 12)
    exact = sum(
        9 * share * CellNoise.of(1.0, steps, 12).shape @ CellNoise.of(1.0, steps, 12).shape.T
        for share, steps in parts
    )
    assert noise.sd**2 * noise.shape @ noise.shape.T == pytest.approx(exact)
    one = [CellNoise.of(9.0 * share, steps, 12).of_first for share, steps in parts]
    assert noise.of_first == pytest.approx(sum(one))


LAYOUTS: list[list[tuple[tuple[str, ...], tuple[int, ...]]]] = [
    [(("a", "b"), (2, 3)), ((), ()), (("b",), (3,))],
    [(("a",), (2,)), (("b", "a"), (3, 2)), (("a", "c", "b"), (2, 4, 3))],
    [(("a",), (2,)), (("b",), (3,)), (("a",), (2,))],
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@given(data=st.data())
def test_whole_tables_are_nested(
    layout: list[tuple[tuple[str, ...], tuple[int, ...]]], data: st.DataObject
) -> None:
    noisy = [
        np.array(
            data.draw(st.lists(st.floats(-9, 60), min_size=math.prod(n), max_size=math.prod(n)))
        ).reshape(n)
        for _, n in layout
    ]
    shown = whole_tables(
        [
            (by, cells, data.draw(st.floats(0.5, 30)))
            for (by, _), cells in zip(layout, noisy, strict=True)
        ]
    )
    assert len({float(cells.sum()) for cells in shown}) == 1
    for cells, (_, levels) in zip(shown, layout, strict=True):
        assert cells.shape == levels
        assert (cells >= 0).all()
        assert (cells == np.rint(cells)).all()
    for (one, cells), (two, others) in itertools.permutations(
        zip([by for by, _ in layout], shown, strict=True), 2
    ):
        if set(one) < set(two) and len(two) == len(one) + 1:
            kept = others.sum(axis=tuple(i for i, a in enumerate(two) if a not in one))
            in_order = [a for a in two if a in one]
            assert kept.transpose([in_order.index(a) for a in one]).tolist() == cells.tolist()
