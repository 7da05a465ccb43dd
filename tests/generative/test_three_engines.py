"""DuckDB, PostgreSQL and Spark give the same integers, and the naive interpreter gives them too.

Registries hold what no load lets through as well: NaN, infinities, numbers beyond every bound,
empty codes and codes that are no choices, rows without an order. Spark runs as it comes (ANSI)
and as older set-ups have it, where arithmetic wraps and casts give NULL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import ibis
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from federated.aggregate.exact import aggregate
from federated.study.plan import Plan
from tests.generative.dirty import DIRTY_ASKS, NAN, dirty_patients, one
from tests.generative.interpreter import naive_vector
from tests.generative.visits import SCHEMA, Patient, plan_of, sql_vector, tables_of
from tests.spark import backend, put

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


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


EVERY = range(len(DIRTY_ASKS))
# A question takes a tenth of a second on Spark: an example asks some, and none is made smaller.
some = st.sets(st.sampled_from(EVERY), min_size=8, max_size=12)


@settings(max_examples=24, phases=(Phase.explicit, Phase.generate))
@given(people=dirty_patients(), rows_max=st.integers(1, 4), ansi=st.booleans(), asked=some)
@example(people=[], rows_max=1, ansi=True, asked=EVERY)
@example(people=one(risk=NAN, died="1\n", sex="1"), rows_max=2, ansi=False, asked=EVERY)
@example(people=one(risk=5e-324, follow_days=-(2**63)), rows_max=2, ansi=True, asked=EVERY)
@example(
    people=one(risk=50.0, died="0", sex="1", follow_days=4000), rows_max=2, ansi=True, asked=EVERY
)
def test_three_engines_and_the_interpreter_agree(
    heart: Any,
    server: Any,
    spark: Any,
    people: list[Patient],
    rows_max: int,
    ansi: bool,
    asked: Collection[int],
) -> None:
    plan = plan_of(heart, [DIRTY_ASKS[i] for i in sorted(asked)], rows_max)
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
