"""A delimited file as one table of text, and the file lines of its records."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from gateway.errors import SourceError
from gateway.registry.bench import Bench, literal
from gateway.registry.sources.detect import Source, records

__all__ = ["line_of", "read_lines", "read_raw"]

_BATCH_ROWS = 5_000
_LINE_BYTES_MAX = 33_554_432
_LISTED = (
    "(SELECT _at FROM fix UNION SELECT _first FROM fix WHERE _first IS NOT NULL) AS listed (_at)"
)


def read_raw(bench: Bench, source: Source) -> int:
    """Fill table ``raw``: ``_at`` (1 = first record) and ``c0`` … as text, blank is NULL.

    Returns the number of records. SourceError names the row that is not well-formed.
    """
    names = [f"c{i}" for i in range(len(source.header))]
    cells = ", ".join(f"nullif(trim({name}, ' \t\r\n\u00a0'), '') AS {name}" for name in names)
    bench.run("DROP TABLE IF EXISTS raw")
    if source.encoding == "utf-8-sig":
        declared = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
        reader = (
            f"read_csv({literal(str(source.path))}, auto_detect = false, header = true, "
            f"delim = {literal(source.delimiter)}, quote = '\"', escape = '\"', "
            f"max_line_size = {_LINE_BYTES_MAX}, columns = {{{declared}}})"
        )
        try:
            bench.run(
                f"CREATE TABLE raw AS SELECT row_number() OVER () AS _at, {cells} FROM {reader}"
            )
        except duckdb.Error:
            # DuckDB's message quotes the line; the exact reader names the row instead.
            for _ in records(source):
                pass
            raise SourceError(
                "cannot be read as delimited text (mixed line ends or stray quotes)",
                file=source.name,
            ) from None
    else:
        columns = ", ".join(f"{name} VARCHAR" for name in names)
        bench.run(f"CREATE TABLE raw (_at BIGINT, {columns})")
        for batch in _batches(source, names):
            bench.connection.register("_batch", batch)
            bench.run(f"INSERT INTO raw SELECT _at, {cells} FROM _batch")
            bench.connection.unregister("_batch")
    bench.run("CREATE OR REPLACE TABLE read AS SELECT count(*) AS n FROM raw")
    count = source_records(bench)
    if count == 0:
        raise SourceError("holds a header and no rows", file=source.name)
    return count


def _batches(source: Source, names: list[str]) -> Iterator[pa.Table]:
    rows: list[list[str]] = []
    done = 0
    for _, record in records(source):
        rows.append(record)
        if len(rows) == _BATCH_ROWS:
            yield _batch(rows, names, done)
            done += len(rows)
            rows = []
    if rows:
        yield _batch(rows, names, done)


def _batch(rows: list[list[str]], names: list[str], done: int) -> pa.Table:
    arrays = [pa.array(range(done + 1, done + len(rows) + 1), pa.int64())]
    arrays += [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.table(arrays, names=["_at", *names])


def read_lines(bench: Bench, source: Source) -> None:
    """Fill table ``lines`` for the rows on the fix list: the file line (1 = header) on which
    record ``_at`` starts.

    Where no cell holds a line break and no line is blank, it follows from the record's number.
    """
    bench.run("CREATE OR REPLACE TABLE lines (_at BIGINT, line BIGINT)")
    wanted = {row[0] for row in bench.run(f"SELECT _at FROM {_LISTED}")}
    if not wanted:
        return
    if source.encoding == "utf-8-sig" and _breaks(source) == source_records(bench):
        bench.run(f"INSERT INTO lines SELECT _at, _at + 1 FROM {_LISTED}")
        return
    starts = {at: line for at, (line, _) in enumerate(records(source), start=1) if at in wanted}
    found = pa.table(
        {"_at": pa.array(list(starts), pa.int64()), "line": pa.array(list(starts.values()))}
    )
    bench.connection.register("_lines", found)
    bench.run("INSERT INTO lines SELECT * FROM _lines")
    bench.connection.unregister("_lines")


def line_of(bench: Bench, source: Source, at: int) -> int:
    """The file line on which one record starts."""
    if source.encoding == "utf-8-sig" and _breaks(source) == source_records(bench):
        return at + 1
    return next(line for i, (line, _) in enumerate(records(source), start=1) if i == at)


def source_records(bench: Bench) -> int:
    """Number of records that were read."""
    return int(bench.value("SELECT n FROM read"))


def _breaks(source: Source) -> int:
    """Line breaks in the file after the header's, a missing last one included."""
    last, breaks = b"\n", 0
    with source.path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            breaks += chunk.count(b"\n")
            last = chunk[-1:]
    return breaks + (last != b"\n") - 1
