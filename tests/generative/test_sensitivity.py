"""The sensitivity that a plan claims: any one patient taken out, or one patient's values changed,
moves the vector no further (PROOFS.md §2), and what is claimed is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated.study.plan import Block, Plan
from tests.generative.interpreter import naive_vector
from tests.generative.visits import (
    ASKS,
    SETTINGS,
    Patient,
    patients,
    plan_of,
    server_vector,
    sql_vector,
)


def l2_squared(a: list[int], b: list[int]) -> int:
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


Vector = Callable[[Plan, list[Patient]], list[int]]


NEIGHBOURS = {"interpreter": 100, "duckdb": 8, "server": 4}
"""Examples; an engine takes seconds for two vectors, and is compared with the interpreter above."""


@pytest.fixture(scope="module", params=NEIGHBOURS)
def engine(request: pytest.FixtureRequest) -> tuple[Vector, settings]:
    """How the exact vector is counted, and for how many examples."""
    few = settings(SETTINGS, max_examples=NEIGHBOURS[request.param])
    if request.param == "interpreter":
        return naive_vector, few
    if request.param == "duckdb":
        backend = ibis.duckdb.connect()
        return lambda plan, people: sql_vector(plan, people, backend), few
    server = request.getfixturevalue("server")
    return lambda plan, people: server_vector(plan, people, server), few


def slices(plan: Plan) -> Iterator[tuple[Block, slice]]:
    for block in plan.blocks:
        yield block, slice(block.start, block.start + block.length)


def test_removing_a_patient_moves_no_block_further_than_claimed(heart, engine):
    vector_of, few = engine

    @few
    @given(people=patients(at_least=1), rows_max=st.integers(1, 3))
    def held(people, rows_max):
        plan = plan_of(heart, ASKS, rows_max)
        whole, rest = vector_of(plan, people), vector_of(plan, people[1:])
        for block, of in slices(plan):
            assert l2_squared(whole[of], rest[of]) <= block.l2_squared, block.name
        assert l2_squared(whole, rest) <= plan.l2_squared

    held()


def test_changing_a_patient_moves_no_block_further_than_claimed(heart, engine):
    """More than is claimed: another patient in its place may have other rows, too."""
    vector_of, few = engine

    @few
    @given(people=patients(at_least=1), other=patients(at_least=1), rows_max=st.integers(1, 3))
    def held(people, other, rows_max):
        plan = plan_of(heart, ASKS, rows_max)
        before, after = vector_of(plan, people), vector_of(plan, [other[0], *people[1:]])
        for block, of in slices(plan):
            assert l2_squared(before[of], after[of]) <= block.substitution, block.name
        assert l2_squared(before, after) <= plan.l2_squared_substitution

    held()


@pytest.mark.parametrize("risk", [0.0, 100.0])
def test_the_claimed_sensitivity_of_a_mean_is_reached(heart, risk):
    plan = plan_of(heart, [{"mean": {"of": "risk"}, "where": "first_visit", "weight": 3}])
    visit = {"_order": 1, "risk": risk, "first_visit": True}
    vector = naive_vector(plan, [{"unit_person": [], "unit_visit": [visit]}])
    assert sum(v * v for v in vector) == plan.l2_squared
    assert vector == [4096 if risk else -4096, 2048, 2048]


def test_the_claimed_sensitivity_of_quantiles_is_reached(heart):
    plan = plan_of(heart, [{"quantiles": {"of": "risk", "bins": 4}, "where": "first_visit"}])
    visit = {"_order": 1, "first_visit": True}
    low, high = (
        naive_vector(plan, [{"unit_person": [], "unit_visit": [visit | {"risk": risk}]}])
        for risk in (25.0, 25.1)
    )
    first, second, third, fourth = steps = plan.blocks[0].steps
    assert low == [first, second, third, fourth]
    assert high == [0, first, second, third]
    assert plan.l2_squared == sum(step**2 for step in steps) == l2_squared(low, [0] * 4)
    assert l2_squared(low, high) < plan.l2_squared_substitution == 2 * plan.l2_squared


def test_the_claimed_sensitivity_of_a_survival_is_reached(heart):
    grid = [91, 182, 273, 365]
    ask = {"survival": {"time": "follow_days", "event": "died = 1", "grid": grid}}
    plan = plan_of(heart, [ask | {"where": "first_visit"}])
    visit = {"_order": 1, "first_visit": True, "follow_days": 1}
    died, seen = (
        naive_vector(plan, [{"unit_person": [], "unit_visit": [visit | {"died": died}]}])
        for died in ("1", "0")
    )
    steps = [*plan.blocks[0].steps, 0, 0, 0, 0][:5]
    assert (died, seen) == ([*steps, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, *steps])
    assert sum(v * v for v in died) == plan.l2_squared
    assert l2_squared(died, seen) == plan.l2_squared_substitution


@pytest.mark.parametrize(
    "ask",
    [
        {"rate": {"events": "died = 1", "time": "follow_days", "bounds": [0, 1000]}},
        {"observed_expected": {"observed": "died = 1", "expected": "follow_days / 1000"}},
    ],
)
def test_the_claimed_sensitivity_of_a_ratio_is_reached(heart, ask):
    plan = plan_of(heart, [ask | {"where": "first_visit"}])
    (block,) = plan.blocks
    assert block.steps == (6 * 5461, 5461)

    def of(died: str, days: int) -> list[int]:
        visit = {"_order": 1, "first_visit": True, "died": died, "follow_days": days}
        return naive_vector(plan, [{"unit_person": [], "unit_visit": [visit]}])

    forms = [of(died, days) for died in "01" for days in range(0, 1001, 100)]
    norms = [sum(v * v for v in vector) for vector in forms]
    assert max(norms) == norms[11] == plan.l2_squared  # an event at once
    # The others are nearly as long: no precision is left unused.
    assert min(norms[10], norms[21]) > 0.94 * plan.l2_squared
    assert of("0", 0) == [0, 0]
    farthest = max(l2_squared(one, other) for one in forms for other in forms)
    assert farthest == l2_squared(of("1", 0), of("0", 1000)) == plan.l2_squared_substitution


def test_the_claimed_sensitivity_is_reached(heart):
    # The bound is tight for index rows: a patient in every cohort moves every block by its L2.
    asks = [
        {"count": True, "where": "first_visit"},
        {"measure": "no_leak", "weight": 2},
        {"proportion": {"numerator": "leak = 1"}, "where": "first_visit"},
        {"proportion": {"numerator": "sex = 1"}, "where": "first_visit", "name": "men"},
    ]
    plan = plan_of(heart, asks)
    visit = {
        "_patient": "p", "_order": 1, "sex": "1", "risk": 1.0, "follow_days": 1,
        "died": "0", "risk_band": "low", "visit_no": 1, "valve": "a", "leak": "0",
        "first_visit": True,
    }  # fmt: skip
    vector = naive_vector(plan, [{"unit_person": [], "unit_visit": [visit]}])
    assert any(block.parent is not None for block in plan.blocks)
    assert sum(v * v for v in vector) == plan.l2_squared
