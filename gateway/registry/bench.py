"""The workbench of a load: a private DuckDB in memory, gone when the load ends.

Identified rows exist here only. What does not fit into memory spills to files encrypted with
a key that never leaves this process, inside the site folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis

from gateway.errors import StoreError

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Bench", "Parts", "file_literal", "literal", "open_bench", "quoted"]

Parts = Callable[[int, int], None]
"""Who hears how many parts of a step are done, and of how many."""

_MADE = re.compile(
    r"(?:CREATE OR REPLACE|CREATE|DROP|ALTER) (?:TABLE|VIEW) (?:IF EXISTS )?"
    r'("(?:[^"]|"")+"|\w+)'
)
_TYPES = {
    "BIGINT": "int64",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "float64",
    "INTEGER": "int32",
    "VARCHAR": "string",
}


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def literal(text: str) -> str:
    """A text as an SQL constant."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """The name of a file to read as an SQL constant. The engine takes names for patterns: without
    care "export [1].csv" would read "export 1.csv".
    """
    return literal(re.sub(r"([\[*?])", r"[\1]", str(path.absolute())))


@lru_cache(maxsize=1024)
def _sql(query: Any) -> str:
    """SQL of an Ibis operation. Sites of one dictionary ask the same of the same columns, and
    writing the SQL takes longer than running it on a hospital's data.
    """
    return str(ibis.to_sql(query.to_expr(), dialect="duckdb", pretty=False))


@lru_cache(maxsize=256)
def _table(name: str, columns: tuple[tuple[str, str], ...]) -> ir.Table:
    return ibis.table({column: _TYPES[kind] for column, kind in columns}, name=name)


class Bench:
    """Tables of one load. SQL comes from declarations; cells travel as parameters or not at all."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._columns: dict[str, dict[str, str]] = {}

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Execute and fetch all rows."""
        made = _MADE.match(sql)
        if made:
            self._columns.pop(_unquoted(made[1]), None)
        rows: list[tuple[Any, ...]] = self.connection.execute(sql, list(parameters)).fetchall()
        return rows

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The one value that the query gives."""
        return self.run(sql, parameters)[0][0]

    def columns(self, table: str) -> dict[str, str]:
        """Names and DuckDB types."""
        if table not in self._columns:
            self._columns[table] = {r[0]: r[1] for r in self.run(f"DESCRIBE {quoted(table)}")}
        return dict(self._columns[table])

    def view(self, name: str, sql: str, columns: Mapping[str, str]) -> None:
        """Define a view, in place of what was there. ``columns`` are those of ``sql``: to ask the
        engine for them takes as long as a query.
        """
        self.run(f"CREATE OR REPLACE VIEW {quoted(name)} AS {sql}")
        self._columns[name] = dict(columns)

    def table(self, name: str, columns: Mapping[str, str] | None = None) -> ir.Table:
        """The table as Ibis sees it, for compiling expressions; ``columns`` if it is none yet."""
        known = self.columns(name) if columns is None else columns
        return _table(name, tuple(known.items()))

    def make(self, name: str, sql: str) -> None:
        """Materialise the rows of ``sql`` under ``name``, in place of what was there."""
        self.run(f"CREATE OR REPLACE TABLE {quoted(name)} AS {sql}")

    def empty(self, name: str, columns: Mapping[str, str]) -> None:
        """Make a table without rows."""
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self.run(f"CREATE OR REPLACE TABLE {name} ({declared})")

    def append(self, name: str, sql: str) -> None:
        """Add the rows of ``sql``, column by column in the table's order."""
        self.run(f"INSERT INTO {name} {sql}")

    def append_marked(self, name: str, marks: str, lines: Mapping[str, str]) -> None:
        """Add, for each column of the table ``marks`` that is a key of ``lines``, the rows in which
        it is true, as the cells that are its value (SQL).
        """
        for mark, cells in lines.items():
            self.append(name, f"SELECT {cells} FROM {quoted(marks)} WHERE {quoted(mark)}")

    def change(self, name: str, column: str, sql: str, where: str) -> None:
        """Give ``column`` the value of ``sql`` in the rows of a table that fulfil ``where``."""
        self.run(f"UPDATE {name} SET {column} = {sql} WHERE {where}")

    def blank(self, name: str, marks: str, columns: Mapping[str, Sequence[str]]) -> None:
        """Make cells of a table missing: ``columns`` by the column of the table ``marks`` that is
        true for the rows (by ``_at``) in which they are blanked.
        """
        for mark, blanked in columns.items():
            values = ", ".join(f"{quoted(c)} = NULL" for c in blanked)
            self.run(
                f"UPDATE {quoted(name)} SET {values} "
                f"WHERE _at IN (SELECT _at FROM {quoted(marks)} WHERE {quoted(mark)})"
            )

    def keep(self, name: str) -> None:
        """Let what is made from a table start from its rows; here every table has them."""

    def create(self, name: str, table: ir.Table, *, given: Mapping[str, str] | None = None) -> None:
        """Materialise an Ibis query under ``name``, in place of what was there. ``given`` is the
        SQL of tables that exist for this query only.
        """
        parts = ", ".join(f"{quoted(n)} AS ({sql})" for n, sql in (given or {}).items())
        query = _sql(table.op())
        if parts:
            query = f"WITH {parts} SELECT * FROM ({query})"
        self.make(name, query)

    def project(self, name: str, sql: str) -> None:
        """Make a table of rows that ``sql`` computes one by one from another's, unoptimised: over
        hundreds of cells planning takes longer than computing.
        """
        self.run("PRAGMA disable_optimizer")
        try:
            self.make(name, sql)
        finally:
            self.run("PRAGMA enable_optimizer")


@contextmanager
def open_bench(spill: Path, *, memory_mb: int = 2000) -> Iterator[Bench]:
    """A workbench that spills into the folder ``spill`` what is more than ``memory_mb``."""
    connection = duckdb.connect(":memory:")
    try:
        for setting in (
            f"memory_limit = '{memory_mb}MB'",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "preserve_insertion_order = true",
            # The bundled cipher's random source is called unsafe for files that are kept; the
            # key of a spill file is made here and dies with the process.
            "force_mbedtls_unsafe = true",
            "temp_file_encryption = true",
            f"temp_directory = {literal(str(spill))}",
        ):
            connection.execute(f"SET {setting}")
        yield Bench(connection)
    except duckdb.Error as error:
        # The engine's messages quote cells; its kind of error says what can be said.
        raise StoreError(
            f"the database stopped the load ({type(error).__name__})",
            hint="is there room in memory and on disk? Nothing was changed",
        ) from None
    finally:
        connection.close()
