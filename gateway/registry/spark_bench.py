"""The workbench on Spark: the same declarations where the forms are larger than one machine.

Expressions are written by Ibis's own compiler for Spark; the few queries that the registry writes
itself are translated from DuckDB's SQL. Where the two engines would differ, Spark is told what
DuckDB does (:func:`_as_duckdb`). Tables are views of the session under names of their own, gone
when the bench closes; only what ``keep`` names is computed and held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from itertools import count
from typing import TYPE_CHECKING, Any

import sqlglot
import sqlglot.expressions as sge

from gateway.errors import StoreError
from gateway.registry.bench import Bench, quoted

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Keep", "SparkBench", "open_spark_bench"]

Keep = Callable[["DataFrame"], "DataFrame"]
"""Computes a table and gives it back with a short plan."""

_TYPES = {
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "double": "DOUBLE",
    "int": "INTEGER",
    "string": "VARCHAR",
}
_WHOLE_END = 9.2e18
"""Below the largest integer of eight bytes."""
_benches = count(1)


class SparkBench(Bench):
    """Tables of one run over a Spark session; only queries are asked of it as SQL."""

    def __init__(self, spark: SparkSession, keep: Keep) -> None:
        self.spark = spark
        self._keep = keep
        self._prefix = f"osteon_{next(_benches)}_"
        self._views: dict[str, str] = {}
        self._frames: dict[str, DataFrame] = {}
        self._appended: dict[str, list[DataFrame]] = {}

    def put(self, name: str, frame: DataFrame) -> None:
        """Name a data frame, in place of what had the name."""
        self._frames[name] = frame
        self._appended.pop(name, None)
        view = self._views.setdefault(name, f"{self._prefix}{len(self._views)}")
        frame.createOrReplaceTempView(view)

    def frame(self, name: str) -> DataFrame:
        """The table as a data frame."""
        added = self._appended.pop(name, [])
        if added:
            self.put(name, reduce(lambda a, b: a.union(b), added, self._frames[name]))
        return self._frames[name]

    def close(self) -> None:
        """Take the views out of the session; data frames stay what they are."""
        for view in self._views.values():
            self.spark.catalog.dropTempView(view)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Fetch all rows of a query. TypeError for any other statement, or with parameters."""
        if parameters:
            raise TypeError("queries of this bench take no parameters")
        return [tuple(row) for row in self._query(sql).collect()]

    def columns(self, table: str) -> dict[str, str]:
        """Names and types, as DuckDB calls them."""
        return {name: _TYPES.get(kind, kind) for name, kind in self.frame(table).dtypes}

    def view(self, name: str, sql: str, columns: Mapping[str, str]) -> None:
        """Define a view, in place of what was there."""
        self.put(name, self._query(sql).select(*(f"`{c}`" for c in columns)))

    def make(self, name: str, sql: str) -> None:
        """Define a table, in place of what was there."""
        self.put(name, self._query(sql))

    def empty(self, name: str, columns: Mapping[str, str]) -> None:
        """Make a table without rows."""
        cells = ", ".join(f"CAST(NULL AS {kind}) AS {c}" for c, kind in columns.items())
        self.make(name, f"SELECT {cells} WHERE false")

    def append(self, name: str, sql: str) -> None:
        """Add the rows of ``sql``, column by column in the table's order."""
        self._appended.setdefault(name, []).append(self._query(sql))

    def append_marked(self, name: str, marks: str, lines: Mapping[str, str]) -> None:
        """See the base class; one pass over ``marks``, however many lines there are."""
        if not lines:
            return
        types, cells = self.columns(name), []
        for mark, line in lines.items():
            values = sqlglot.parse_one(f"SELECT {line}", dialect="duckdb").expressions
            named: list[sge.Expression] = []
            for (column, kind), value in zip(types.items(), values, strict=True):
                named += [sge.Literal.string(column), sge.cast(value, kind, dialect="duckdb")]
            made = sge.Anonymous(this="named_struct", expressions=named)
            test = sge.column(mark, quoted=True)
            cells.append(sge.Case(ifs=[sge.If(this=test, true=made)]))
        every = sge.Anonymous(this="array", expressions=cells)
        one = sge.Anonymous(this="explode", expressions=[every])
        tree = sge.select(sge.alias_(one, "line")).from_(sge.to_table(marks))
        added = self._sql(tree).where("line IS NOT NULL").select("line.*")
        self._appended.setdefault(name, []).append(added)

    def change(self, name: str, column: str, sql: str, where: str) -> None:
        """Give ``column`` the value of ``sql`` in the rows that fulfil ``where``."""
        cells = [
            f"CASE WHEN {where} THEN {sql} ELSE {column} END AS {column}"
            if own == column
            else quoted(own)
            for own in self.columns(name)
        ]
        self.make(name, f"SELECT {', '.join(cells)} FROM {quoted(name)}")

    def blank(self, name: str, marks: str, columns: Mapping[str, Sequence[str]]) -> None:
        """Make cells of a table missing; see the base class."""
        if not columns:
            return
        marked = {c: mark for mark, blanked in columns.items() for c in blanked}
        cells = [
            f"CASE WHEN NOT coalesce(m.{quoted(marked[c])}, false) THEN f.{quoted(c)} END "
            f"AS {quoted(c)}"
            if c in marked
            else f"f.{quoted(c)}"
            for c in self.columns(name)
        ]
        self.make(
            name,
            f"SELECT {', '.join(cells)} FROM {quoted(name)} f "
            f"LEFT JOIN {quoted(marks)} m ON f._at = m._at",
        )

    def keep(self, name: str) -> None:
        """Compute a table now, so that plans of what is made from it start there."""
        self.put(name, self._keep(self.frame(name)))

    def create(self, name: str, table: ir.Table, *, given: Mapping[str, str] | None = None) -> None:
        """Define a table by an Ibis query; ``given`` is the SQL of tables of this query only."""
        for own, sql in (given or {}).items():
            self.make(own, sql)
        import ibis
        from ibis.backends.sql.compilers import pyspark

        _ = ibis.pyspark  # so that Ibis knows its options
        self.put(name, self._sql(pyspark.compiler.to_sqlglot(table)))

    def project(self, name: str, sql: str) -> None:
        """As ``make``."""
        self.make(name, sql)

    def _query(self, sql: str) -> DataFrame:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
        if not isinstance(tree, sge.Query):
            raise TypeError("this bench runs queries only")
        return self._sql(tree)

    def _sql(self, tree: sge.Query) -> DataFrame:
        own = {cte.alias for cte in tree.find_all(sge.CTE)}
        for table in list(tree.find_all(sge.Table)):
            if table.name not in own:
                self.frame(table.name)  # what was appended is in the view
                if not table.alias:
                    table.set("alias", sge.TableAlias(this=table.this.copy()))
                table.set("this", sge.to_identifier(self._views[table.name]))
        return self.spark.sql(tree.transform(_as_duckdb).sql(dialect="spark"))


def _as_duckdb(node: sge.Expression) -> sge.Expression:
    """An expression whose value on Spark is the one on DuckDB, and which never raises on data."""
    if type(node) is sge.Cast:
        # A row on which a cast fails would stop the run, and so tell of itself.
        return sge.TryCast(**node.args)
    if isinstance(node, sge.Floor):
        # Spark's floor is an integer: beyond eight bytes it would be the largest or smallest.
        inside = sge.LT(this=sge.Abs(this=node.this.copy()), expression=_number(_WHOLE_END))
        return sge.Case(ifs=[sge.If(this=inside, true=node.copy())]) if not _guarded(node) else node
    if isinstance(node, sge.RegexpLike) and isinstance(node.expression, sge.Literal):
        pattern = node.expression.name
        if pattern.endswith("$"):
            # Java's "$" matches before a last line break too.
            node.set("expression", sge.Literal.string(pattern[:-1] + r"\z"))
    return node


def _guarded(node: sge.Expression) -> bool:
    return isinstance(node.parent, sge.If)


def _number(value: float) -> sge.Expression:
    return sge.Literal.number(repr(value))


@contextmanager
def open_spark_bench(spark: SparkSession, keep: Keep) -> Iterator[SparkBench]:
    """A bench over ``spark``; StoreError where Spark stops, without what it says about cells."""
    from pyspark.errors import PySparkException

    bench = SparkBench(spark, keep)
    try:
        yield bench
    except PySparkException as error:
        kind = error.getCondition() or type(error).__name__
        raise StoreError(
            f"Spark stopped the run ({kind})", hint="see Spark's own log; nothing was changed"
        ) from None
    finally:
        bench.close()
