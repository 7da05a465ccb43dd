"""The SQL engines and the interpreter agree on every expression and row that Hypothesis finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federated.aggregate.ibis_expression import compile_expression
from policies.expression import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Field,
    Has,
    In,
    IsMissing,
    Literal,
    Name,
    Node,
    Not,
    Or,
    Scope,
    canonical_text,
    check,
    evaluate,
    names,
    parse,
)

CODES = ("1", "2", "x_9")
DIGITS = ("0", "2", "07")
FIELDS = {
    "cat": Field("category", CODES),
    "other": Field("category", CODES),
    "coded": Field("category", DIGITS),
    "flag": Field("boolean"),
    "sign": Field("boolean"),
    "n": Field("integer", (), -5, 5),
    "m": Field("integer", (), -5, 5),
    "x": Field("number", (), -10, 10),
    "y": Field("number", (), -10, 10),
    "on": Field("date"),
    "off": Field("date"),
    "start": Field("date", relative=True),
    "stop": Field("date", relative=True),
    "many": Field("multi", CODES),
}
SCOPE = Scope(FIELDS)
DAY = date(2020, 2, 27)
ARROW: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "category": pa.string(),
}

days = st.integers(-3, 3).map(lambda n: DAY + timedelta(days=n))
small = st.sampled_from([-2.5, -1.0, 0.0, 0.5, 1.0, 3.0])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-3, 3),
    "number": small,
    "category": st.sampled_from(CODES),
    "multi": st.frozensets(st.sampled_from(CODES)),
    "date": days,
}


def value_of(known: Field) -> st.SearchStrategy[Any]:
    relative = known.type == "date" and known.relative
    if known.codes == DIGITS:
        return st.none() | st.sampled_from(DIGITS)
    return st.none() | (VALUES["integer"] if relative else VALUES[known.type])


rows = st.fixed_dictionaries({name: value_of(known) for name, known in FIELDS.items()})
numbers = st.deferred(
    lambda: (
        st.sampled_from([Name(n) for n in ("n", "m", "x", "y")])
        | small.map(Literal)
        | st.just(Call("number", (Name("coded"),)))
        | st.builds(Arithmetic, st.sampled_from("+-*/"), numbers, numbers)
        | st.builds(lambda x: Call("abs", (x,)), numbers)
        | st.builds(
            lambda f, a, b: Call(f, (a, b)), st.sampled_from(["days", "years"]), dated, dated
        )
        | st.builds(
            lambda f, a, b: Call(f, (Name(a), Name(b))),
            st.sampled_from(["days", "years"]),
            st.sampled_from(["start", "stop"]),
            st.sampled_from(["start", "stop"]),
        )
        | st.builds(lambda a: Call("year", (a,)), st.sampled_from([Name("on"), Name("off")]))
    )
)
dated = st.sampled_from([Name("on"), Name("off")]) | days.map(lambda d: Literal(d.isoformat()))
categories = st.sampled_from([Name("cat"), Name("other")])
tests: st.SearchStrategy[Node] = st.deferred(
    lambda: (
        st.sampled_from([Name("flag"), Name("sign")])
        | st.builds(Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), numbers, numbers)
        | st.builds(Compare, st.sampled_from(["=", "<", ">="]), st.just(Name("on")), dated)
        | st.builds(Compare, st.sampled_from(["=", "!="]), categories, categories)
        | st.builds(Compare, st.sampled_from(["=", "!="]), tests, tests)
        | st.builds(
            In, categories, st.lists(st.sampled_from(CODES).map(Literal), min_size=1).map(tuple)
        )
        | st.builds(In, numbers, st.lists(small.map(Literal), min_size=1).map(tuple))
        | st.builds(Between, numbers, numbers, numbers)
        | st.builds(Has, st.sampled_from(CODES), st.just("many"))
        | st.builds(IsMissing, numbers | categories | tests | st.just(Name("many")))
        | st.builds(Not, tests)
        | st.builds(And, st.lists(tests, min_size=2, max_size=4).map(tuple))
        | st.builds(Or, st.lists(tests, min_size=2, max_size=4).map(tuple))
    )
)


def has_names(tree: Node) -> bool:
    return any(True for _ in names(tree))


def arrow(found: list[dict[str, Any]]) -> pa.Table:
    columns: dict[str, pa.Array] = {"_at": pa.array(range(len(found)), pa.int64())}
    for name, known in FIELDS.items():
        values = [row[name] for row in found]
        if known.type == "multi":
            for code in CODES:
                held = [None if v is None else code in v for v in values]
                columns[f"{name}___{code}"] = pa.array(held, pa.bool_())
        elif known.type == "date":
            columns[name] = pa.array(values, pa.int32() if known.relative else pa.date32())
        else:
            columns[name] = pa.array(values, ARROW[known.type])
    return pa.table(columns)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "duckdb":
        yield ibis.duckdb.connect()
        return
    with psycopg.connect(request.getfixturevalue("postgres").database(), autocommit=True) as made:
        yield ibis.postgres.from_connection(made)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    found=st.lists(rows, min_size=1, max_size=6),
    # A constant alone is a decimal to PostgreSQL; beside data it is a double.
    trees=st.lists((tests | numbers).filter(has_names), min_size=1, max_size=4),
)
def test_sql_and_interpreter_agree(
    connection: Any, found: list[dict[str, Any]], trees: list[Node]
) -> None:
    nodes = [check(parse(canonical_text(tree)), SCOPE)[0] for tree in trees]
    table = ibis.memtable(arrow(found))
    query = table.order_by("_at").select(
        **{f"v{i}": compile_expression(node, table) for i, node in enumerate(nodes)}
    )
    answers = connection.to_pyarrow(query).to_pydict()
    for i, node in enumerate(nodes):
        expected = [evaluate(node, row) for row in found]
        got = answers[f"v{i}"]
        assert [v is None for v in got] == [v is None for v in expected], canonical_text(node)
        for a, b in zip(got, expected, strict=True):
            assert a == (pytest.approx(b) if isinstance(b, float) else b), canonical_text(node)
