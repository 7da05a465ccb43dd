"""The latest values of a SmartData extract, one row per context record and a column per element.

The engine sorts, and rows are put together here: to pick each column out of all values takes it
columns times values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from gateway.registry.bench import Bench

__all__ = ["fill_rows"]

_CELLS = 1 << 20
"""Of the rows that are put together at a time."""
_READ_ROWS = 50_000


def fill_rows(bench: Bench, own: Sequence[str], elements: Sequence[str]) -> None:
    """Tables ``raw`` and ``places`` of the table ``latest``, whose columns ``own`` name a row.

    A row's place is the first of its elements' in the file; rows stand in that order.
    """
    names = [f"c{i}" for i in range(len(own) + len(elements))]
    columns = "".join(f", {name} VARCHAR" for name in names)
    bench.run("DROP TABLE IF EXISTS raw")
    bench.run(f"CREATE TABLE raw (_at BIGINT{columns})")
    bench.run("CREATE OR REPLACE TABLE places (_at BIGINT, line BIGINT)")
    at_once = max(1, _CELLS // len(names))
    done, batch = 0, list[tuple[int, list[str | None]]]()
    for row in _rows(bench, own, elements):
        batch.append(row)
        if len(batch) == at_once:
            done = _append(bench, names, batch, done)
            batch = []
    if batch:
        _append(bench, names, batch, done)


def _rows(
    bench: Bench, own: Sequence[str], elements: Sequence[str]
) -> Iterator[tuple[int, list[str | None]]]:
    """Every row with its place."""
    at = {element: i for i, element in enumerate(elements, start=len(own))}
    key = ", ".join(own)
    # Rows are written while this is read: that needs a connection of its own.
    with bench.connection.cursor() as reading:
        batches = reading.sql(
            f"SELECT min(place) OVER (PARTITION BY {key}) AS first, element, "
            f"nullif(trim(text, ' \n'), '') AS text, {key} FROM latest ORDER BY first, place"
        ).to_arrow_reader(_READ_ROWS)
        place, row = 0, list[str | None]()
        for batch in batches:
            columns = [column.to_pylist() for column in batch.columns]
            for first, element, text, *named in zip(*columns, strict=True):
                if first != place:
                    if place:
                        yield place, row
                    place, row = first, [*named, *(None for _ in elements)]
                row[at[element]] = text
        if place:
            yield place, row


def _append(
    bench: Bench, names: Sequence[str], batch: Sequence[tuple[int, list[str | None]]], done: int
) -> int:
    ats = pa.array(range(done + 1, done + len(batch) + 1), pa.int64())
    places = pa.array([place for place, _ in batch], pa.int64())
    cells = [pa.array(c, pa.string()) for c in zip(*(row for _, row in batch), strict=True)]
    bench.connection.register("_batch", pa.table([ats, places, *cells], ["_at", "_line", *names]))
    bench.run("INSERT INTO raw SELECT * EXCLUDE (_line) FROM _batch")
    bench.run("INSERT INTO places SELECT _at, _line FROM _batch")
    bench.connection.unregister("_batch")
    return done + len(batch)
