"""The fix list: what a data manager should look at, with record, form, instance and field.

It names patients' records and stays at the site. Of cells it holds those only that the software
recomputes, beside what it gets: nobody can compare the two otherwise. Its sentences hold none.
People open the file in a spreadsheet, so no text in it runs there
(:mod:`gateway.registry.formulas`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import LoadRefused
from gateway.registry.bench import Bench, literal
from gateway.registry.formulas import guarded_sql
from gateway.registry.private_file import replacing
from gateway.registry.sources.raw import read_lines
from gateway.registry.sources.source import Source

__all__ = [
    "BLOCKING",
    "PLACE_COLUMNS",
    "TEXT_COLUMNS",
    "Line",
    "add",
    "add_marked",
    "create",
    "refuse_if_wrong",
    "tally",
    "write",
]

BLOCKING = ("record", "duplicate", "type", "choice", "bounds", "pattern")
"""Faults of the file itself: without --accept-bad-values they refuse the load."""

PLACE_COLUMNS = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
"""What names a row in REDCap beside its record; blank where the source has no such column."""

TEXT_COLUMNS = (
    "record",
    "instrument",
    "instance",
    "fields",
    "entered",
    "computed",
    "rule",
    "severity",
    "says",
    "fix",
)
"""What a line says; the file has the row's number before them and its place behind."""

_LISTED_MAX = 20
_PLACED = (
    "(SELECT fix.* REPLACE (says || coalesce(' (row ' || earlier.line || ')', '') AS says), "
    "lines.line, redcap_names.* EXCLUDE (_place) FROM fix LEFT JOIN lines USING (_at) "
    "LEFT JOIN redcap_rows USING (_at) LEFT JOIN redcap_names USING (_place) "
    "LEFT JOIN lines earlier ON earlier._at = fix._first)"
)
"""The list with the lines of its rows; a row that repeats another names that one too."""
_COLUMNS = ", ".join(f"{guarded_sql(name)} AS {name}" for name in (*TEXT_COLUMNS, *PLACE_COLUMNS))


@dataclass(frozen=True)
class Line:
    """What a line says beside the row that it is about. ``entered`` and ``computed`` are SQL over
    the row: a value that the software recomputes, and what it gets.
    """

    instrument: str
    fields: str
    rule: str
    severity: str
    says: str
    fix: str
    entered: str = "NULL"
    computed: str = "NULL"

    def cells(self, first: str = "NULL") -> str:
        """The line as SQL over rows with _at, _record and _instance."""
        texts = (self.rule, self.severity, self.says, self.fix)
        return (
            f"_at, _record, {literal(self.instrument)}, _instance, {literal(self.fields)}, "
            f"{self.entered}, {self.computed}, {', '.join(map(literal, texts))}, {first}"
        )


def create(bench: Bench) -> None:
    """An empty fix list."""
    texts = dict.fromkeys(TEXT_COLUMNS, "VARCHAR")
    bench.empty("fix", {"_at": "BIGINT"} | texts | {"_first": "BIGINT"})
    places = dict.fromkeys(PLACE_COLUMNS, "VARCHAR")
    bench.empty("redcap_rows", {"_at": "BIGINT", "_place": "INTEGER"})
    bench.empty("redcap_names", {"_place": "INTEGER"} | places)


def add(
    bench: Bench,
    rows: str,
    *,
    instrument: str,
    fields: str,
    rule: str,
    severity: str,
    says: str,
    fix: str = "",
    first: str = "NULL",
    entered: str = "NULL",
    computed: str = "NULL",
) -> None:
    """Append one line per row of the SQL query ``rows``, which gives _at, _record, _instance.
    ``first`` is SQL for the ``_at`` of the row that this one repeats; for the other two see
    :class:`Line`.
    """
    line = Line(instrument, fields, rule, severity, says, fix, entered, computed)
    bench.append("fix", f"SELECT {line.cells(first)} FROM ({rows})")


def add_marked(bench: Bench, marks: str, lines: Mapping[str, Line]) -> None:
    """Append one line per row of the table ``marks`` and column of it that is true there."""
    bench.append_marked("fix", marks, {mark: line.cells() for mark, line in lines.items()})


def refuse_if_wrong(
    bench: Bench, source: Source, path: Path | None = None, hints: Sequence[str] = ()
) -> None:
    """LoadRefused with the first problems, by row, if the file itself has faults; all of them
    are written to ``path``, in the fix list's columns. ``hints`` may explain them.
    """
    rules = ", ".join(literal(rule) for rule in BLOCKING)
    count = int(bench.value(f"SELECT count(*) FROM fix WHERE rule IN ({rules})"))
    if count == 0:
        return
    if path is None:
        read_lines(bench, source)
    else:
        write(bench, path, source, only=BLOCKING)
    first = bench.run(
        f"SELECT line, fields, says FROM {_PLACED} WHERE rule IN ({rules}) "
        f"ORDER BY _at, fields LIMIT {_LISTED_MAX}"
    )
    raise LoadRefused(
        [f"row {line}: field '{field}' {says}" for line, field, says in first],
        file=source.name,
        count=count,
        listed=None if path is None else path.name,
        hints=hints,
    )


def tally(bench: Bench) -> dict[str, int]:
    """Number of lines by rule."""
    return dict(bench.run("SELECT rule, count(*) FROM fix GROUP BY rule ORDER BY rule"))


def write(bench: Bench, path: Path, source: Source, *, only: Sequence[str] = ()) -> None:
    """Write the list (``only`` these rules) as CSV, in file order, complete or not at all;
    readable by its owner only.
    """
    chosen = f"WHERE rule IN ({', '.join(map(literal, only))}) " if only else ""
    read_lines(bench, source)
    with replacing(path) as draft:
        bench.run(
            f"COPY (SELECT line AS row, {_COLUMNS} FROM {_PLACED} AS p {chosen}"
            f"ORDER BY p._at, p.instrument, p.fields, p.rule) TO {literal(str(draft))} "
            "(FORMAT csv, HEADER, DELIMITER ',', USE_TMP_FILE false)"
        )
