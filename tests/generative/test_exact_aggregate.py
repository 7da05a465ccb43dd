"""The exact aggregate against a naive interpreter: two independent implementations of one vector."""

from __future__ import annotations

import math
from dataclasses import replace

import ibis
import pytest
from hypothesis import given

from federated.aggregate.exact import aggregate
from federated.combine import combine
from federated.privacy.release import Release, release_key
from federated.study.outcome import Outcome
from tests.generative.interpreter import naive_vector
from tests.generative.visits import (
    ASKS,
    POSTGRES,
    SCHEMA,
    SETTINGS,
    patients,
    plan_of,
    server_vector,
    sql_vector,
)


@SETTINGS
@given(people=patients())
def test_sql_and_interpreter_agree(heart, people):
    plan = plan_of(heart, ASKS)
    assert sql_vector(plan, people, ibis.duckdb.connect()) == naive_vector(plan, people)


@SETTINGS
@given(people=patients())
def test_a_server_and_the_interpreter_agree(heart, server, people):
    plan = plan_of(heart, ASKS)
    assert server_vector(plan, people, server) == naive_vector(plan, people)


@pytest.fixture(scope="module")
def duck():
    backend = ibis.duckdb.connect()
    backend.raw_sql("CREATE TABLE unit_visit (risk DOUBLE, _order INTEGER)")
    return backend


@pytest.mark.parametrize("engine", ["duck", "server"])
@pytest.mark.parametrize("bounds", [[0.1, 0.7], [-1 / 3, 1e9 / 7], [1e-9, 3e-9]])
@pytest.mark.parametrize("bins", [7, 256])
def test_values_next_to_an_edge_are_in_one_bin_everywhere(heart, request, engine, bounds, bins):
    """Edges are no round numbers: a constant that an engine read a hair otherwise would show."""
    backend = request.getfixturevalue(engine)
    plan = plan_of(heart, [{"quantiles": {"of": "risk", "bounds": bounds, "bins": bins}}], 1)
    (block,) = plan.blocks
    near = [math.nextafter(e, end) for e in block.edges for end in (-math.inf, math.inf)]
    risks = [*block.edges, *near, -1e15, 1e15, None, math.nan, math.inf, -math.inf, 1e300]
    backend.raw_sql("DELETE FROM unit_visit")
    listed = ", ".join("(NULL, 1)" if r is None else f"('{r!r}', 1)" for r in risks)
    kind = POSTGRES["float64"]
    backend.raw_sql(
        f"INSERT INTO unit_visit (risk, _order) SELECT CAST(r AS {kind}), o"
        f" FROM (VALUES {listed}) AS given (r, o)"
    )
    rows = [{"risk": risk, "_order": 1} for risk in risks if risk is None or abs(risk) <= 1e15]
    assert len(rows) == len(risks) - 4
    people = [{"unit_person": [], "unit_visit": rows}]
    assert list(aggregate(plan, backend).exact_values()) == naive_vector(plan, people)


def test_from_rows_to_a_rate_without_noise(heart):
    """The whole way: SQL, integers, readings, estimate, beside a plain sum over the rows."""
    asks = [
        {"rate": {"events": "died = 1", "time": "follow_days", "bounds": [0, 1000], "per": 365.25}},
        {"observed_expected": {"observed": "died = 1", "expected": "risk / 100"}},
    ]
    plan = plan_of(heart, [each | {"where": "first_visit"} for each in asks])
    days = [0, 40, 365, 999, 1000, 2500, 700, None, 20]
    died = ["1", "0", "1", "0", "1", "0", None, "1", "1"]
    risks = [1.5, 30.0, 2.25, 60.0, 100.0, None, 7.0, 3.0, 0.0]
    empty = dict.fromkeys(SCHEMA["unit_visit"])
    rows = [
        empty | {"_order": 1, "first_visit": True, "follow_days": d, "died": e, "risk": r}
        for d, e, r in zip(days, died, risks, strict=True)
    ]
    vector = sql_vector(plan, [{"unit_person": [], "unit_visit": rows}], ibis.duckdb.connect())
    plan = replace(plan, scale=0.0)
    key = release_key(plan.study_digest, "s1", plan.mode)
    release = Release(key, plan.study_digest, "north", "s1", tuple(vector), 0.0, plan.nano_rho)
    told = combine(plan, [Outcome("north", "answered", release=release)]).pooled
    found = {row.quantity: row.estimate for row in told}
    time, events = 0 + 40 + 365 + 999 + 1000 + 1000 + 20, 4
    expected, observed = 0.015 + 0.3 + 0.0225 + 0.6 + 1 + 0.03 + 0, 5
    # Each row is told to half a step of 1/5461.
    step = 0.5 / 5461
    assert found["time"] == pytest.approx(time, abs=7 * 1000 * step)
    assert found["events"] == pytest.approx(events)
    assert found["rate"] == pytest.approx(events / time * 365.25, rel=2e-3)
    assert found["expected"] == pytest.approx(expected, abs=7 * step)
    assert found["observed"] == pytest.approx(observed)
    assert found["observed_expected"] == pytest.approx(observed / expected, rel=1e-3)


@pytest.mark.parametrize("engine", ["duck", "server"])
@pytest.mark.parametrize("longest", [0.7, 1e9 / 7, 3e-9, 1e9])
def test_times_next_to_a_step_are_rounded_alike_everywhere(heart, request, engine, longest):
    """Where s goes up by one, and next to 0, where a product could leave the doubles."""
    backend = request.getfixturevalue(engine)
    rate = {"events": "risk < 5 or risk >= 5", "time": "risk", "bounds": [0, longest]}
    plan = plan_of(heart, [{"rate": rate}], 1)
    most = plan.blocks[0].steps[1]
    middles = [(i + 0.5) * longest / most for i in range(0, most, 97)]
    near = [math.nextafter(t, end) for t in middles for end in (-math.inf, math.inf)]
    risks = [*middles, *near, longest, 0.0, -0.0, 5e-324, 1e-300, -1e15, 1e15, None]
    risks += [math.nan, math.inf, -math.inf, 1e300]
    backend.raw_sql("DELETE FROM unit_visit")
    kind = POSTGRES["float64"]
    listed = ", ".join("(NULL, 1)" if r is None else f"('{r!r}', 1)" for r in risks)
    backend.raw_sql(
        f"INSERT INTO unit_visit (risk, _order) SELECT CAST(r AS {kind}), o"
        f" FROM (VALUES {listed}) AS given (r, o)"
    )
    rows = [{"risk": risk, "_order": 1} for risk in risks if risk is None or abs(risk) <= 1e15]
    people = [{"unit_person": [], "unit_visit": rows}]
    assert list(aggregate(plan, backend).exact_values()) == naive_vector(plan, people)
