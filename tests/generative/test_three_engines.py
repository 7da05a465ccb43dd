"""DuckDB, PostgreSQL and Spark give the same integers, and the naive interpreter gives them too.

Registries hold what no load lets through as well: NaN, infinities, numbers beyond every bound,
empty codes and codes that are no choices, rows without an order. Spark runs as it comes (ANSI)
and as older set-ups have it, where arithmetic wraps and casts give NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ibis
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from federated.aggregate.exact import aggregate
from federated.study.plan import Plan
from tests.generative.interpreter import naive_vector
from tests.generative.visits import (
    ASKS,
    SCHEMA,
    Patient,
    Row,
    plan_of,
    sql_vector,
    tables_of,
)
from tests.spark import backend, put

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
NAN, INFINITY = float("nan"), float("inf")
QUARTERS = list(range(33, 33 * 121, 33))

DIRTY_ASKS = [
    *ASKS,
    # NaN in comparisons, and beside what is missing.
    {"count": True, "name": "above", "where": "risk >= 50"},
    {"count": True, "name": "not_below", "where": "not (risk < 50)", "by": ["first_visit"]},
    {"count": True, "name": "equal", "where": "risk = risk and not (risk != risk)"},
    {"count": True, "name": "missing", "where": "risk is missing or leak is missing"},
    {"count": True, "name": "every", "by": ["sex", "risk_band", "died", "leak"], "weight": 64},
    {"proportion": {"numerator": "risk > 10 and number(died) = 1"}, "name": "both", "by": ["sex"]},
    {"proportion": {"numerator": "number(died) + number(sex) = 2", "known": "risk > 0"},
     "name": "read", "where": "first_visit"},
    {"proportion": {"numerator": "1 / (risk - 50) > 0"}, "name": "pole"},
    # The longest grid: 242 cells do not fit into a byte.
    {"survival": {"time": "follow_days", "event": "number(died) = 1", "grid": QUARTERS},
     "name": "fine", "by": ["sex"]},
    # Bounds that no double holds exactly, and some too near each other for doubles to tell apart.
    {"mean": {"of": "risk", "bounds": [0.1, 0.7]}, "name": "third", "by": ["sex"]},
    {"mean": {"of": "risk", "bounds": [-1e9, 1e9]}, "name": "wide"},
    {"mean": {"of": "risk", "bounds": [999999999.9999999, 1e9]}, "name": "narrow"},
    {"mean": {"of": "risk", "bounds": [0, 1e-9]}, "name": "small"},
    {"mean": {"of": "abs(risk) * risk / follow_days", "bounds": [-1, 1]}, "name": "long"},
    {"mean": {"of": "number(died)", "bounds": [0, 1]}, "name": "coded", "where": "first_visit"},
    {"rate": {"events": "number(died) = 1", "time": "follow_days"}, "name": "days", "by": ["sex"]},
    {"rate": {"events": "risk >= 50", "time": "risk", "bounds": [0, 1e-9]}, "name": "short"},
    {"rate": {"events": "not (risk < 50)", "time": "abs(risk) * risk", "bounds": [0, 1e9]},
     "name": "far"},
    {"observed_expected": {"observed": "1 / (risk - 50) > 0", "expected": "risk"}, "name": "risky"},
]  # fmt: skip

risks = (
    st.sampled_from([0.0, -0.0, 49.9, 50.0, 50.00000000000001, 100.0, 0.1, 0.4, 0.7, 1e9])
    | st.sampled_from([NAN, INFINITY, -INFINITY, 1.7976931348623157e308, 5e-324, 1e15, 1.1e15])
    | st.floats(-1, 101)
    | st.floats()
    | st.none()
)
days = st.sampled_from([0, 90, 91, 92, 365, 3999, -5, 10**16, 2**63 - 1, -(2**63), None])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "sex": st.sampled_from(["1", "2", "", "1 ", "x", None]),
    "risk": risks,
    "follow_days": days | st.integers(-1, 4000),
    "died": st.sampled_from(["0", "1", "", "1\n", " 1", "٣", "9" * 19, None]),
    "risk_band": st.sampled_from(["low", "high", "Low", "", None]),
}
VISIT: dict[str, st.SearchStrategy[Any]] = {
    "visit_no": st.sampled_from([1, 2, 99, 100, -(2**63), None]),
    "valve": st.sampled_from(["a", "m", "", None]),
    "leak": st.sampled_from(["0", "1", "9", "", None]),
}


@st.composite
def dirty_patients(draw: Callable[..., Any]) -> list[Patient]:
    """Up to a dozen patients of up to four visits; few of them draw everything."""
    found = []
    for i in range(draw(st.integers(0, 12))):
        person = {"_patient": f"p{i}", "_order": 1, **draw(st.fixed_dictionaries(VALUES))}
        count = draw(st.integers(0, 4))
        order = draw(st.permutations([1, 2, 3, 4, None]))
        first = draw(st.integers(0, 4))
        visits: list[Row] = [
            person | draw(st.fixed_dictionaries(VISIT)) | {
                "_order": order[j],
                "first_visit": True if j == first else draw(st.sampled_from([False, None])),
            }
            for j in range(count)
        ]  # fmt: skip
        found.append({"unit_person": [person], "unit_visit": visits})
    return found


def of_postgres(server: Any, people: list[Patient], plan: Plan) -> list[int]:
    for table, columns in SCHEMA.items():
        server.con.execute(f"TRUNCATE {table}")
        with server.con.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in (row for person in people for row in person[table]):
                copy.write_row([row[c] for c in columns])
    return list(aggregate(plan, server).exact_values())


def of_spark(spark: Any, people: list[Patient], plan: Plan) -> list[int]:
    put(spark, tables_of(people))
    return list(aggregate(plan, spark).exact_values())


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with backend("test_three_engines") as made:
        yield made


def one(**values: Any) -> list[Patient]:
    """A patient with one visit, the first, of the given values."""
    row = dict.fromkeys(SCHEMA["unit_visit"]) | {"_order": 1, "first_visit": True} | values
    return [{"unit_person": [row], "unit_visit": [row]}]


# An example takes seconds on Spark: none is made smaller.
@settings(max_examples=6, phases=(Phase.explicit, Phase.generate))
@given(people=dirty_patients(), rows_max=st.integers(1, 4), ansi=st.booleans())
@example(people=[], rows_max=1, ansi=True)
@example(people=one(risk=NAN, died="1\n", sex="1"), rows_max=2, ansi=False)
@example(people=one(risk=5e-324, follow_days=-(2**63)), rows_max=2, ansi=True)
@example(people=one(risk=50.0, died="0", sex="1", follow_days=4000), rows_max=2, ansi=True)
def test_three_engines_and_the_interpreter_agree(
    heart: Any, server: Any, spark: Any, people: list[Patient], rows_max: int, ansi: bool
) -> None:
    plan = plan_of(heart, DIRTY_ASKS, rows_max)
    spark._session.conf.set("spark.sql.ansi.enabled", str(ansi).lower())
    expected = naive_vector(plan, people)
    found = {
        "duckdb": sql_vector(plan, people, ibis.duckdb.connect()),
        "postgres": of_postgres(server, people, plan),
        "spark": of_spark(spark, people, plan),
    }
    for engine, vector in found.items():
        for block in plan.blocks:
            place = slice(block.start, block.start + block.length)
            assert vector[place] == expected[place], (engine, block.name)
