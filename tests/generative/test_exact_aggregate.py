"""The exact aggregate against a naive interpreter, and its sensitivity against the plan.

Two independent implementations of one vector: SQL counts rows per cell; here every row is
looked at in plain Python. Then: take any one patient out, or change one patient's values, and
the vector moves no further than the plan claims (PROOFS.md §2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federated.aggregate.exact import aggregate
from federated.combine import combine
from federated.privacy.release import Release
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.outcome import Outcome
from federated.study.plan import Block, Plan
from federated.study.resolve import resolve
from policies.decode import decode
from policies.expression import evaluate, holds

SCHEMA = {
    "unit_person": {
        "_patient": "string", "_order": "int32", "sex": "string",
        "risk": "float64", "follow_days": "int64", "died": "string", "risk_band": "string",
    },
    "unit_visit": {
        "_patient": "string", "_order": "int32", "sex": "string",
        "risk": "float64", "follow_days": "int64", "died": "string", "risk_band": "string",
        "visit_no": "int64", "valve": "string", "leak": "string", "first_visit": "bool",
    },
}  # fmt: skip
Row = dict[str, Any]
Patient = dict[str, list[Row]]


@st.composite
def patients(draw, at_least: int = 0) -> list[Patient]:
    """Patients with 0 to 4 visits; anything may be missing."""
    found = []
    for i in range(draw(st.integers(at_least, 6))):
        person = {
            "_patient": f"p{i}", "_order": 1,
            "sex": draw(st.sampled_from(["1", "2", None])),
            "risk": draw(st.sampled_from([0.0, 49.9, 50.0, 100.0, None])),
            "follow_days": draw(st.sampled_from([0, 90, 91, 92, 365, 3999, None])),
            "died": draw(st.sampled_from(["0", "1", None])),
            "risk_band": draw(st.sampled_from(["low", "high", None])),
        }  # fmt: skip
        count = draw(st.integers(0, 4))
        order = draw(st.permutations(range(1, count + 1)))
        first = draw(st.integers(0, 4))
        visits = [
            person | {
                "_order": order[j], "visit_no": j + 1,
                "valve": draw(st.sampled_from(["a", "m", None])),
                "leak": draw(st.sampled_from(["0", "1", "9", None])),
                "first_visit": j == first,
            }
            for j in range(count)
        ]  # fmt: skip
        found.append({"unit_person": [person], "unit_visit": visits})
    return found


ASKS = [
    {"count": True},
    {"count": True, "name": "by_two", "by": ["valve", "sex"], "weight": 3},
    {"measure": "no_leak", "by": ["valve"]},
    {"proportion": {"numerator": "leak = 1"}, "where": "first_visit", "weight": 2},
    {"proportion": {"numerator": "leak = 1 or valve = 'a'"}, "name": "any_row"},
    {"proportion": {"numerator": "first_visit"}, "name": "a_column"},
    {"survival": {"time": "follow_days", "event": "died = 1", "grid": [91, 183, 365]},
     "where": "first_visit", "by": ["risk_band"], "weight": 2},
    {"survival": {"time": "follow_days", "event": "died = 1", "grid": [91]}, "name": "rows"},
    {"survival": {"time": "follow_days", "event": "leak = 1", "competing": "died = 1", "grid": [91, 365]},
     "name": "risks", "by": ["valve"], "where": "first_visit", "weight": 2},
    {"mean": {"of": "risk"}, "by": ["valve"], "where": "first_visit", "weight": 2},
    {"mean": {"of": "risk * 2 - follow_days / 3", "bounds": [-30.5, 90]}, "name": "reckoned"},
    {"mean": {"of": "visit_no"}, "name": "whole"},
    {"quantiles": {"of": "risk", "bins": 4}, "by": ["valve"], "where": "first_visit", "weight": 2},
    {"quantiles": {"of": "risk * 2 - follow_days / 3", "bounds": [-30.5, 90], "bins": 7},
     "name": "binned"},
    {"quantiles": {"of": "visit_no", "at": [0.9]}, "name": "visits"},
    {"rate": {"events": "died = 1", "time": "follow_days", "bounds": [0, 365.25]},
     "by": ["valve"], "where": "first_visit", "weight": 2},
    {"rate": {"events": "leak = 1", "time": "risk * 2 - follow_days / 3", "bounds": [0, 90]},
     "name": "of_rows"},
    {"observed_expected": {"observed": "died = 1", "expected": "risk / 80 - visit_no / 9"},
     "where": "first_visit", "by": ["sex"]},
    # Constants: an engine that takes them for decimals raises, for want of digits, if there is a row.
    {"rate": {"events": "leak = 1", "time": "5", "bounds": [0, 365.25]}, "name": "each"},
    {"mean": {"of": "abs(-5.1) / 3", "bounds": [-1 / 3, 1e9 / 7]}, "name": "alike"},
    {"quantiles": {"of": "abs(0.1) * abs(0.7) + 2", "bounds": [0, 4.14], "bins": 2}, "name": "level"},
    {"observed_expected": {"observed": "true", "expected": "0.012345678901234567"}, "name": "even"},
    {"count": True, "name": "digits",
     "where": "leak = 1 and abs(123456789012345.6) * abs(123456789012.34567) * abs(1.2345678) > 0"},
    {"count": True, "name": "aortic", "where": "first_visit and valve = 'a'", "weight": 3},
    {"mean": {"of": "risk"}, "name": "mitral", "where": "first_visit and valve = 'm'", "weight": 3},
    {"proportion": {"numerator": "sex = 1"}, "name": "other", "where": "first_visit and not valve = 'a'"},
]  # fmt: skip


def plan_of(heart, asks, rows_max=2) -> Plan:
    catalogue = Catalogue(heart)
    study = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "ask": asks, "privacy": {"epsilon": 1.0}, "rows_max": rows_max,
    }  # fmt: skip
    return compile_study(resolve(decode(StudyFile, study, where="t"), catalogue), catalogue)


ARROW = {"string": pa.string(), "int64": pa.int64(), "int32": pa.int32(),
         "float64": pa.float64(), "bool": pa.bool_()}  # fmt: skip


def tables_of(people: list[Patient]) -> dict[str, pa.Table]:
    return {
        table: pa.table(
            {
                c: pa.array([row[c] for person in people for row in person[table]], ARROW[kind])
                for c, kind in columns.items()
            }
        )
        for table, columns in SCHEMA.items()
    }


def sql_vector(plan: Plan, people: list[Patient], backend: Any) -> list[int]:
    for name, table in tables_of(people).items():
        backend.con.register("incoming", table)
        backend.con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
        backend.con.unregister("incoming")
    return list(aggregate(plan, backend).exact_values())


def naive_block(block: Block, people: list[Patient]) -> list[int]:
    values = [0] * block.length
    for person in people:
        rows = [r for r in person[f"unit_{block.unit}"] if holds(block.cohort, r)]
        if block.by_order:
            rows = [r for r in rows if (r["_order"] or math.inf) <= block.rows_max]
        for row in rows:
            stratum = tuple(level(row[name]) for name in block.by)
            if stratum not in block.strata:
                continue  # no public stratum: nothing can be shown of it
            start = block.strata.index(stratum) * block.width
            if block.kind == "count":
                values[start] += block.steps[0]
            elif block.kind == "proportion":
                answer, known, unknown = block.steps
                told = evaluate(block.numerator, row)
                inside = block.inside is None or holds(block.inside, row)
                if inside and holds(block.known, row) and told is not None:
                    values[start] += answer if told else -answer
                    values[start + 1] += known
                else:
                    values[start + 1] -= unknown
            elif block.kind == "mean":
                for i, value in enumerate(naive_moments(block, row)):
                    values[start + i] += value
            elif block.kind in ("rate", "observed_expected"):
                for i, value in enumerate(naive_ratio(block, row)):
                    values[start + i] += value
            elif block.kind == "quantiles":
                value = evaluate(block.value, row)
                if value is not None and abs(value) <= 1e15:
                    place = naive_bin(block, value)
                    for step in block.steps:
                        if place < block.bins:
                            values[start + place] += step
                        place += 1
            else:
                time, status = row[block.time], naive_status(block, row)
                if time is not None and status is not None:
                    place = sum(time > edge for edge in block.grid)
                    for step in block.steps:
                        if place < block.bins:
                            values[start + status * block.bins + place] += step
                        place += 1
    return values


def level(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else value


def naive_status(block: Block, row: Row) -> int | None:
    """Event, competing event (if there is one), censored: by number; None where not known."""
    ends = [end for end in (block.event, block.competing) if end is not None]
    for i, end in enumerate(ends):
        held = evaluate(end, row)
        if held is None or held:
            return None if held is None else i
    return len(ends)


def naive_moments(block: Block, row: Row) -> tuple[int, int, int]:
    value = evaluate(block.value, row)
    if value is None or not abs(value) <= 1e15:
        return 0, 0, 0
    low, high = block.bounds
    middle, half = (low + high) / 2, (high - low) / 2
    most, square, number = block.steps
    held = min(max(float(value), low), high)
    # Counted from the middle; from below where the middle is 0 (see exact._scale).
    origin, shift = (middle, 0.5) if middle else (low, 0.5 - most)
    s = math.floor((held - origin) * (most / half) + shift)
    s = min(max(s, -most), most)
    q = math.floor(Fraction(2 * square * s**2, most**2) + Fraction(1, 2)) - square
    return s, q, number


def naive_ratio(block: Block, row: Row) -> tuple[int, int]:
    value, event = evaluate(block.value, row), evaluate(block.event, row)
    if value is None or not abs(value) <= 1e15 or event is None:
        return 0, 0
    step, most = block.steps
    longest = block.bounds[1]
    held = min(max(float(value), 0.0), longest)
    # Counted from the upper end (see exact.events_and_sums).
    s = math.floor((held - longest) * (most / longest) + (most + 0.5))
    s = min(max(s, 0), most)
    return (step if event else 0) - 3 * s, 5 * s


def naive_bin(block: Block, value: float) -> int:
    low, high = block.bounds
    edges = [low + (high - low) * i / block.width for i in range(1, block.width)]
    return sum(value > edge for edge in edges)


def naive_vector(plan: Plan, people: list[Patient]) -> list[int]:
    return [value for block in plan.blocks for value in naive_block(block, people)]


SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(people=patients())
def test_sql_and_interpreter_agree(heart, people):
    plan = plan_of(heart, ASKS)
    assert sql_vector(plan, people, ibis.duckdb.connect()) == naive_vector(plan, people)


POSTGRES = {"string": 'text COLLATE "C"', "int64": "bigint", "int32": "integer",
            "float64": "double precision", "bool": "boolean"}  # fmt: skip


@pytest.fixture(scope="module")
def server(postgres):
    """An Ibis backend on a server, with the tables and no rows."""
    with psycopg.connect(postgres.database(), autocommit=True) as connection:
        for table, columns in SCHEMA.items():
            listed = ", ".join(f"{name} {POSTGRES[kind]}" for name, kind in columns.items())
            connection.execute(f"CREATE TABLE {table} ({listed})")
        yield ibis.postgres.from_connection(connection)


def server_vector(plan: Plan, people: list[Patient], server: Any) -> list[int]:
    for table, columns in SCHEMA.items():
        server.con.execute(f"TRUNCATE {table}")
        rows = [[row[c] for c in columns] for person in people for row in person[table]]
        with server.con.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    return list(aggregate(plan, server).exact_values())


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
    release = Release("k", plan.study_digest, "north", "s1", tuple(vector), 0.0, plan.nano_rho)
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
