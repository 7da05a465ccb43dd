"""A source's rows as the table ``raw``, and where in the file they stand."""

from __future__ import annotations

import pyarrow as pa

from gateway.errors import SourceError
from gateway.registry.bench import Bench
from gateway.registry.sources.source import Source, readable

__all__ = ["line_of", "read_lines", "read_raw"]

_LISTED = (
    "(SELECT _at FROM fix UNION SELECT _first FROM fix WHERE _first IS NOT NULL) AS listed (_at)"
)


def read_raw(bench: Bench, source: Source) -> int:
    """Fill table ``raw`` and return the number of its rows; SourceError if there are none."""
    with readable(source.name):
        source.fill(bench)
    bench.run("CREATE OR REPLACE TABLE read AS SELECT count(*) AS n FROM raw")
    count = int(bench.value("SELECT n FROM read"))
    if count == 0:
        raise SourceError("holds a header and no rows", file=source.name)
    return count


def read_lines(bench: Bench, source: Source) -> None:
    """Fill table ``lines`` for the rows on the fix list: the place in the file of row ``_at``."""
    bench.run("CREATE OR REPLACE TABLE lines (_at BIGINT, line VARCHAR)")
    wanted = [row[0] for row in bench.run(f"SELECT _at FROM {_LISTED}") if row[0] is not None]
    if not wanted:
        return
    with readable(source.name):
        lines = source.lines(bench, wanted)
    found = pa.table(
        [pa.array(list(lines), pa.int64()), pa.array(map(str, lines.values()), pa.string())],
        names=["_at", "line"],
    )
    bench.connection.register("_lines", found)
    bench.run("INSERT INTO lines SELECT * FROM _lines")
    bench.connection.unregister("_lines")


def line_of(bench: Bench, source: Source, at: int) -> int | None:
    """The line of one row; None in a source with several files."""
    with readable(source.name):
        found = source.lines(bench, [at])[at]
    return found if isinstance(found, int) else None
