"""Which statistics count the same rows: those that differ in nothing but their division."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.plan import Block
from federated.study.resolve import resolve
from federated.study.same_rows import same_rows
from policies.decode import decode
from policies.expression import parse
from tests.unit.combine.layouts import count, plan, proportion, quantiles, ratio, survival


def together(*blocks: Block) -> tuple[tuple[int, ...], ...]:
    return same_rows(plan(*blocks))


def mean(*, strata: bool = False, steps: tuple[int, ...] = (2048, 1024, 1024)) -> Block:
    of = count("age", strata=strata)
    return replace(of, kind="mean", value=parse("age"), bounds=(0.0, 100.0), steps=steps)


@pytest.mark.parametrize("kind", [count, proportion, survival, ratio, mean])
def test_those_that_are_divided_differently_are_together(kind) -> None:  # type: ignore[no-untyped-def]
    assert together(kind(), kind(strata=True)) == ((0, 1),)


def test_what_is_read_off_and_names_and_order_do_not_matter() -> None:
    one, two = survival("a", read_at=(365,)), survival("b", read_at=(1826,), strata=True)
    assert together(one, count(), two) == ((0, 2), (1,))
    assert together(quantiles(levels=(0.5,)), quantiles(levels=(0.9,), weight=3)) == ((0, 1),)
    first, second = parse("x = 1 and y = 2"), parse("y = 2 and x = 1 and true")
    assert together(replace(count(), cohort=first), replace(count(), cohort=second)) == ((0, 1),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (count(), replace(count(), cohort=parse("x = 1"))),
        (count(), replace(count(), unit="surgery")),
        (count(), replace(count(), rows_max=2)),
        (count(), replace(count(), by_order=True)),
        (count(), replace(survival(), time=None, event=None, grid=())),
        (proportion(), replace(proportion(), numerator=parse("x = 1"))),
        (proportion(), replace(proportion(), known=parse("x = 1"))),
        (survival(), survival(competing=True)),
        (survival(), survival(grid=(365, 1826))),
        (survival(), replace(survival(), event=parse("x = 1"))),
        (survival(), replace(survival(), time="other_days")),
        (quantiles(), quantiles(bins=20)),
        (mean(), replace(mean(), value=parse("x"))),
        (mean(), replace(mean(), bounds=(0.0, 90.0))),
        (ratio(), ratio("observed_expected")),
        (ratio(), replace(ratio(), steps=(6000, 1001))),
        (mean(), mean(steps=(999, 1024, 1024))),
        (ratio(), replace(ratio(), bounds=(0.0, 900.0))),
        (ratio(), replace(ratio(), per=2.0, event=parse("x = 1"))),
    ],
)
def test_whatever_else_differs_sets_them_apart(one: Block, other: Block) -> None:
    assert together(one, other) == ((0,), (1,))


def test_a_proportion_within_a_parent_counts_its_own_cohort() -> None:
    own = parse("x = 1")
    alone = replace(proportion(), cohort=own)
    within = replace(proportion(strata=True), inside=own, parent=0, steps=(4, 3, 1))
    assert together(count(strata=True), alone, within) == ((0,), (1, 2))
    # Two that are read through one parent share its noise.
    assert together(count(strata=True), within, alone, within) == ((0,), (1, 2), (3,))


def test_what_a_study_asks_overall_and_by_strata_is_together(heart: Path) -> None:
    of = "risk"
    kinds = {
        "count": True,
        "mean": {"of": of},
        "quantiles": {"of": of},
        "rate": {"events": "died = 1", "time": "follow_days"},
        "observed_expected": {"observed": "died = 1", "expected": "risk / 100"},
        "survival": {"time": "follow_days", "event": "died = 1"},
    }
    asks: list[dict[str, object]] = [{kind: what} for kind, what in kinds.items()]
    shares = ({"proportion": {"numerator": f"leak = {i}"}, "where": f"risk > {i}"} for i in (0, 1))
    asks += shares
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "cohort": "first_visit", "privacy": {"rho": 0.1},
        "ask": [
            ask | {"by": by, "name": f"s{i}_{len(by)}"}
            for i, ask in enumerate(asks)
            for by in ([], ["sex"], ["risk_band", "sex"])
        ],
    }  # fmt: skip
    catalogue = Catalogue(heart)
    plan = compile_study(resolve(decode(StudyFile, plain, where="t"), catalogue), catalogue)
    names = [{plan.blocks[i].name for i in places} for places in same_rows(plan)]
    # The count that was asked for is the parent of the shares.
    assert names == [{f"s{i}_{n}" for n in range(3)} for i in range(len(asks))]
    within = [block for block in plan.blocks if block.parent is not None]
    assert len(within) == 6
