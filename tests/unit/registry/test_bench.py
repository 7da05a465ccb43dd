"""The workbench of a load: what it may hold in memory, and what it knows of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import StoreError
from gateway.registry.bench import Bench, open_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as opened:
        yield opened


def test_what_is_more_than_its_memory_goes_to_files_that_nobody_can_read(tmp_path: Path) -> None:
    with open_bench(tmp_path, memory_mb=60) as bench:
        bench.run(
            "CREATE TABLE many AS SELECT range AS n, 'Quibbleworth ' || hash(range) AS text "
            "FROM range(2_000_000)"
        )
        held = bench.value("SELECT sum(memory_usage_bytes) FROM duckdb_memory()")
        spilled = list(tmp_path.iterdir())
        assert held < 70e6
        assert spilled
        assert not any(b"Quibbleworth" in path.read_bytes() for path in spilled)
        assert bench.value("SELECT count(DISTINCT text) FROM many") == 2_000_000
    assert not list(tmp_path.iterdir())


def test_too_little_memory_is_said_so(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match=r"stopped the load \(OutOfMemoryException\)"),
        open_bench(tmp_path, memory_mb=20) as bench,
    ):
        bench.run("SELECT list(range) FROM range(50_000_000)")


def test_columns_are_known_anew_when_a_table_changes(bench: Bench) -> None:
    bench.run("CREATE TABLE form (a BIGINT)")
    assert bench.columns("form") == {"a": "BIGINT"}
    bench.run('CREATE OR REPLACE TABLE "form" AS SELECT 1.5::DOUBLE AS b')
    assert bench.columns("form") == {"b": "DOUBLE"}
    bench.run("ALTER TABLE form ADD COLUMN c DATE")
    assert bench.columns("form") == {"b": "DOUBLE", "c": "DATE"}
    bench.columns("form").clear()
    assert bench.columns("form") == {"b": "DOUBLE", "c": "DATE"}


def test_a_view_has_the_columns_that_were_given(bench: Bench) -> None:
    bench.run("CREATE TABLE form AS SELECT 7::BIGINT AS a, 'x' AS b")
    bench.view("seen", "SELECT b, a + 1 AS next FROM form", {"b": "VARCHAR", "next": "BIGINT"})
    assert bench.columns("seen") == {"b": "VARCHAR", "next": "BIGINT"}
    bench.create("again", bench.table("seen").select("next"))
    assert bench.run("SELECT * FROM again") == [(8,)]


def test_a_table_is_made_from_itself_and_from_what_is_given(bench: Bench) -> None:
    bench.run("CREATE TABLE form AS SELECT 7::BIGINT AS a")
    form = bench.table("form")
    bench.create("form", form.select("a", b=form.a + 1))
    assert bench.run("SELECT * FROM form") == [(7, 8)]
    given = bench.table("given", {"b": "BIGINT"})
    bench.create("more", given.mutate(c=given.b * 2), given={"given": "SELECT b FROM form"})
    assert bench.run("SELECT * FROM more") == [(8, 16)]


def test_a_projection_leaves_the_optimiser_on(bench: Bench) -> None:
    bench.project("one", "SELECT 1 AS a")
    assert bench.run("SELECT * FROM one") == [(1,)]
    plan = bench.run("EXPLAIN SELECT a FROM one WHERE a = 1 AND a = 1")
    bench.run("PRAGMA disable_optimizer")
    assert bench.run("EXPLAIN SELECT a FROM one WHERE a = 1 AND a = 1") != plan
