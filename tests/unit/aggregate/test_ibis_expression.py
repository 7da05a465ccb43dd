"""Expressions on a small table of each engine: the corners that a person would ask about."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import pytest

from federated.aggregate.ibis_expression import compile_expression
from policies.errors import ExpressionError
from policies.expression import Field, Scope, check, evaluate, parse

SCOPE = Scope(
    {
        "grade": Field("category", ("1", "2", "3")),
        "size": Field("number", (), 0, 60),
        "seq": Field("integer", (), 1, 9),
        "alive": Field("boolean"),
        "dx": Field("date"),
        "seen": Field("date"),
        "day": Field("date", relative=True),
        "last": Field("date", relative=True),
        "race": Field("multi", ("1", "5")),
    },
    {"visit": {"fu": Field("integer")}},
)
TABLE = pa.table(
    {
        "grade": pa.array(["2", None], pa.string()),
        "size": pa.array([8.0, None], pa.float64()),
        "seq": pa.array([2, None], pa.int64()),
        "alive": pa.array([True, None], pa.bool_()),
        "dx": pa.array([date(2020, 2, 28), None], pa.date32()),
        "seen": pa.array([date(2020, 3, 1), None], pa.date32()),
        "day": pa.array([0, None], pa.int32()),
        "last": pa.array([-3, None], pa.int32()),
        "race___1": pa.array([False, None], pa.bool_()),
        "race___5": pa.array([True, None], pa.bool_()),
    }
)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "duckdb":
        yield ibis.duckdb.connect()
        return
    with psycopg.connect(request.getfixturevalue("postgres").database(), autocommit=True) as made:
        yield ibis.postgres.from_connection(made)


def values(engine: Any, text: str, table: pa.Table = TABLE) -> list[Any]:
    """The expression on the known row and on the row where all is missing."""
    node, _ = check(parse(text), SCOPE)
    known = ibis.memtable(table)
    answer = known.select(v=compile_expression(node, known))
    return list(engine.to_pyarrow(answer)["v"].to_pylist())


@pytest.mark.parametrize(
    ("text", "known", "missing"),
    [
        ("grade = 2", True, None),
        ("grade != 2", False, None),
        ("grade in [1, 3]", False, None),
        ("grade not in [1, 3]", True, None),
        ("size / 0", None, None),
        ("size / (seq - 2)", None, None),
        ("seq / 4", 0.5, None),
        ("seq < 2.5", True, None),
        ("seq between 1 and size", True, None),
        ("size between 9 and seq", False, None),
        ("alive or seq = 7", True, None),
        ("grade is missing or alive", True, True),
        ("(not alive) is missing", False, True),
        ("(not alive) = (grade = 1)", True, None),
        ("not grade is missing and size > 1", True, False),
        ("days(dx, seen)", 2, None),
        ("days(dx, '2020-02-29')", 1, None),
        ("days(day, last)", -3, None),
        ("abs(days(day, last))", 3.0, None),
        ("years(day, last)", -3 / 365.25, None),
        ("year(dx)", 2020, None),
        ("dx < '2020-03-01'", True, None),
        ("'5' in race", True, None),
        ("'1' in race", False, None),
        ("race is missing", False, True),
        ("true or grade = 1", True, True),
        ("0.1 + 0.2 = 0.3", False, False),
        ("1 / 0 is missing", True, True),
        ("-size + 1", -7.0, None),
    ],
)
def test_value_on_a_known_and_a_missing_row(
    engine: Any, text: str, known: object, missing: object
) -> None:
    assert values(engine, text) == [known, missing]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1e16, "size + 1"),
        (1e-16, "size + 1"),
        (1e200, "size * size"),
        (1e200, "0 - size + size"),
        (1e-200, "size * size"),
        (1e-200, "seq / size"),
        (1e200, "size * size * size * size * size"),
        (math.inf, "size + 1"),
        (math.inf, "0 / size"),
        (math.nan, "size + 1"),
        (5e-324, "size / 2"),
        (1.7976931348623157e308, "size + size"),
    ],
)
def test_what_leaves_the_doubles_is_missing_and_raises_nowhere(
    engine: Any, size: float, text: str
) -> None:
    """Whether a query fails must not tell of a row (DESIGN D2, D8)."""
    table = TABLE.set_column(
        TABLE.schema.get_field_index("size"), "size", pa.array([size, 0.0], pa.float64())
    )
    node, _ = check(parse(text), SCOPE)
    assert values(engine, text, table)[0] is None
    assert evaluate(node, {"size": size, "seq": 2}) is None


def test_products_of_what_is_in_range_are_reckoned(engine: Any) -> None:
    table = TABLE.set_column(
        TABLE.schema.get_field_index("size"), "size", pa.array([1e15, 0.0], pa.float64())
    )
    assert values(engine, "size * size * size", table) == [1e15 * 1e15 * 1e15, 0.0]
    assert values(engine, "size * size + size", table) == [1e30 + 1e15, 0.0]


def test_a_long_product_is_held_to_the_ends_in_between(engine: Any) -> None:
    """25 times 10^15 leaves the doubles; so does a quotient of as many."""
    table = TABLE.set_column(
        TABLE.schema.get_field_index("size"), "size", pa.array([1e15, 1.0], pa.float64())
    )
    for text in (" * ".join(["size"] * 25), "1 / (" + " * ".join(["size"] * 25) + ")"):
        assert values(engine, text, table) == [None, 1.0]
        node, _ = check(parse(text), SCOPE)
        assert evaluate(node, {"size": 1e15}) is None


def test_a_long_sum_is_no_long_query() -> None:
    node, _ = check(parse(" + ".join(["size"] * 40)), SCOPE)
    answer = compile_expression(node, ibis.table({"size": "float64"}, name="t"))
    assert str(ibis.to_sql(answer, dialect="duckdb")).count('"size"') == 3 * 40


def test_a_long_list_of_alternatives_compiles(engine: Any) -> None:
    text = " or ".join(f"seq = {i}" for i in range(600))
    assert values(engine, text) == [True, None]


def test_a_pick_must_be_computed_before() -> None:
    node, _ = check(parse("count(visit) = 1"), SCOPE)
    with pytest.raises(ExpressionError, match="computed before"):
        compile_expression(node, ibis.table({"seq": "int64"}, name="t"))


def test_an_unknown_column_is_named() -> None:
    node, _ = check(parse("grade = 1"), SCOPE)
    with pytest.raises(ExpressionError, match='"grade"'):
        compile_expression(node, ibis.table({"seq": "int64"}, name="t"))
