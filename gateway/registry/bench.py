"""The workbench of a load: a private DuckDB in memory, gone when the load ends.

Identified rows exist here only. What does not fit into memory spills to files encrypted with
a key that never leaves this process, inside the site folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis

from gateway.errors import StoreError

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Bench", "file_literal", "literal", "open_bench", "quoted"]

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
    return str(ibis.to_sql(query.to_expr(), dialect="duckdb"))


class Bench:
    """Tables of one load. SQL comes from declarations; cells travel as parameters or not at all."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Execute and fetch all rows."""
        rows: list[tuple[Any, ...]] = self.connection.execute(sql, list(parameters)).fetchall()
        return rows

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The one value that the query gives."""
        return self.run(sql, parameters)[0][0]

    def columns(self, table: str) -> dict[str, str]:
        """Names and DuckDB types."""
        return {row[0]: row[1] for row in self.run(f"DESCRIBE {quoted(table)}")}

    def table(self, name: str) -> ir.Table:
        """The table as Ibis sees it, for compiling expressions."""
        return ibis.table({c: _TYPES[t] for c, t in self.columns(name).items()}, name=name)

    def create(self, name: str, table: ir.Table) -> None:
        """Materialise an Ibis query under ``name``, in place of what was there."""
        self.run(f"CREATE TABLE _new AS {_sql(table.op())}")
        self.run(f"DROP TABLE IF EXISTS {quoted(name)}")
        self.run(f"ALTER TABLE _new RENAME TO {quoted(name)}")


@contextmanager
def open_bench(spill: Path) -> Iterator[Bench]:
    """A workbench that spills into the folder ``spill`` when memory does not do."""
    connection = duckdb.connect(":memory:")
    try:
        for setting in (
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
