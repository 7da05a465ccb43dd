"""What a column holds, as far as a draft needs it: counts, a bounded sample, forms, boxes.

The source is read into a workbench that spills to disk, so memory is bounded whatever the file's
size. Of a column at most a few hundred distinct values are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from gateway.registry.bench import Bench
from gateway.registry.sources.source import Source, readable
from gateway.registry.suggest.dates import Dates, read_dates

__all__ = ["Column", "Told", "missing_codes", "read_columns", "without"]

Told = Callable[[str, int, int], None]

_SAMPLE_ROWS = 3_000
_VALUES_MAX = 400
_LENGTH_MAX = 200
_FEW = 1_000
"""Columns with more distinct values than this are looked at by sample."""
_NUMBER = re.compile(r"[+-]?(\d{1,15}([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,2})?")
_CODED_COLUMNS_MIN = 3


@dataclass(frozen=True)
class Column:
    """One column, or the boxes ``name___code`` of one field with several choices (``boxes``: the
    file's column by code; ``ticks``: what their cells hold, blank ones aside). ``values`` are
    distinct values with how often they were seen, the most frequent first; ``distinct`` is
    approximate; ``forms`` the forms in whose rows it is filled. ``key``: every row has it, and in a
    plain table no two the same (``unique``). ``smartdata``: of Epic's extract, where dates may be
    day numbers and the choices of an answer stand on lines.
    """

    name: str
    label: str | None = None
    rows: int = 0
    filled: int = 0
    distinct: int = 0
    values: Mapping[str, int] = field(default_factory=dict)
    length: float = 0
    forms: frozenset[str | None] = frozenset()
    boxes: Mapping[str, str] = field(default_factory=dict)
    ticks: frozenset[str] = frozenset()
    unique: bool = False
    smartdata: bool = False
    coded: int = 0
    """Cells that hold a missing-data code."""

    @property
    def always(self) -> bool:
        """Filled in every row."""
        return self.rows > 0 and self.filled == self.rows

    @cached_property
    def dates(self) -> Dates | None:
        """How its dates are written, if they are dates."""
        return None if self.boxes else read_dates(self.values, epic=self.smartdata)

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """Its distinct numbers; empty unless nearly all values are numbers."""
        texts = [value for value in self.values if _NUMBER.fullmatch(value)]
        seen = sum(self.values[value] for value in texts)
        if not texts or seen < 0.95 * sum(self.values.values()):
            return ()
        return tuple(float(text.replace(",", ".")) for text in texts)

    @property
    def comma(self) -> bool:
        """Are its decimals written with a comma?"""
        marks = "".join(self.values) if self.numbers else ""
        return "," in marks and "." not in marks


def read_columns(
    bench: Bench, source: Source, own: Collection[str], labels: Mapping[str, str], told: Told
) -> list[Column]:
    """Every column of the source but those that the format adds (``own``)."""
    with readable(source.name):
        source.fill(bench)
    rows = int(bench.value("SELECT count(*) FROM raw"))
    at = {name: i for i, name in enumerate(source.header)}
    repeat = at.get("redcap_repeat_instrument")
    found: list[Column] = []
    groups = _boxes(source.header, own)
    boxed = {column for boxes in groups.values() for column in boxes.values()}
    for done, name in enumerate(source.header):
        told("columns", done, len(source.header))
        if name not in own and name not in boxed:
            column = _column(bench, at[name], name, rows, repeat)
            smart = source.kind == "smartdata"
            found.append(replace(column, label=labels.get(name), smartdata=smart))
    for stem, boxes in groups.items():
        places = [at[column] for column in boxes.values()]
        ticked = " OR ".join(f"c{i} NOT IN ('0', 'Unchecked')" for i in places)
        filled = int(bench.value(f"SELECT count(*) FILTER (WHERE {ticked}) FROM raw"))
        forms = _forms(bench, f"({ticked})", repeat) if filled else frozenset()
        label = labels.get(next(iter(boxes.values())))
        ticks = _ticks(bench, places)
        found.append(Column(stem, label, rows, filled, 2, {}, 1, forms, boxes, ticks))
    return found


def _column(bench: Bench, at: int, name: str, rows: int, repeat: int | None) -> Column:
    cell = f"c{at}"
    filled, distinct, length = bench.run(
        f"SELECT count({cell}), approx_count_distinct({cell}), "
        f"coalesce(avg(length({cell})), 0) FROM raw"
    )[0]
    given = f"SELECT {cell} FROM raw WHERE {cell} IS NOT NULL"
    if distinct > _FEW:
        given = (
            f"SELECT * FROM ({given}) USING SAMPLE reservoir({_SAMPLE_ROWS} ROWS) REPEATABLE (1)"
        )
    values = dict(
        bench.run(
            f"SELECT left({cell}, {_LENGTH_MAX}) AS v, count(*) FROM ({given}) GROUP BY v "
            f"ORDER BY 2 DESC, 1 LIMIT {_VALUES_MAX}"
        )
    )
    unique = False
    if filled == rows and distinct >= 0.8 * rows:
        unique = int(bench.value(f"SELECT count(DISTINCT {cell}) FROM raw")) == rows
    forms = _forms(bench, f"{cell} IS NOT NULL", repeat) if filled else frozenset()
    return Column(name, None, rows, filled, distinct, values, length, forms, unique=unique)


def _ticks(bench: Bench, places: Sequence[int]) -> frozenset[str]:
    cells = " UNION ALL ".join(f"SELECT left(c{i}, {_LENGTH_MAX}) AS v FROM raw" for i in places)
    found = bench.run(f"SELECT DISTINCT v FROM ({cells}) WHERE v IS NOT NULL LIMIT {_VALUES_MAX}")
    return frozenset(row[0] for row in found)


def _forms(bench: Bench, test: str, repeat: int | None) -> frozenset[str | None]:
    if repeat is None:
        return frozenset()
    return frozenset(
        row[0] for row in bench.run(f"SELECT DISTINCT c{repeat} FROM raw WHERE {test} LIMIT 100")
    )


def _boxes(header: Collection[str], own: Collection[str]) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    for column in header:
        stem, marked, code = column.partition("___")
        if marked and stem and code and column not in own:
            groups.setdefault(stem, {})[code] = column
    return groups


def _looks_missing(value: str, words: Collection[str]) -> bool:
    return re.fullmatch(r"-9{1,4}|-[1-9]\d{2,3}", value) is not None or value in words


def missing_codes(columns: Collection[Column], words: Collection[str]) -> dict[str, int]:
    """Values that mean 'missing' and stand in several columns, with in how many."""
    counts: dict[str, int] = {}
    for column in columns:
        for value in column.values:
            if _looks_missing(value, words):
                counts[value] = counts.get(value, 0) + 1
    lowest = min(_CODED_COLUMNS_MIN, max(1, len(columns) // 4))
    return {code: n for code, n in counts.items() if n >= lowest}


def without(column: Column, codes: Collection[str]) -> Column:
    """The column without its missing-data codes."""
    coded = sum(n for value, n in column.values.items() if value in codes)
    if not coded:
        return column
    kept = {value: n for value, n in column.values.items() if value not in codes}
    return replace(column, values=kept, coded=coded)
