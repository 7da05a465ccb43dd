"""The fix list as people work it: grouped, what pays most first, filtered.

The list of the last load (``fixlist.csv``) or of a refused one is read into a workbench, so that
its length does not matter. It names records and stays at the site.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb

from gateway.errors import StoreError
from gateway.registry.bench import Bench, file_literal, literal, open_bench
from gateway.registry.fixlist import PLACE_COLUMNS, TEXT_COLUMNS
from gateway.registry.formulas import bare_sql

__all__ = ["By", "Fix", "FixList", "Group", "is_listed", "open_fixes", "open_listed"]

By = Literal["rule", "record", "form"]
_COLUMNS = ("row", *TEXT_COLUMNS)
_NOT_IN_ALL = frozenset({"entered", "computed", *PLACE_COLUMNS})
"""Lists of what is missing, and of older loads, do without."""
_GROUPED = {"rule": "rule", "record": "record", "form": "instrument"}
_SEVERITY = "CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END"
_NUMBER = "TRY_CAST(regexp_extract(instance, '[0-9]+$') AS BIGINT)"
_FETCHED = 2_000
_MEMORY = "512MB"
"""For the list; what is beyond it goes to a file, encrypted, that goes with the process."""
_TOLD = (
    "CASE WHEN count(DISTINCT says) = 1 THEN min(says) ELSE count(DISTINCT fields) || "
    "' fields, among them ' || list_aggregate(list_sort(list(DISTINCT fields))[:5], "
    "'string_agg', ', ') END"
)
"""One sentence for all lines of a rule, or the fields where each has a sentence of its own."""


@dataclass(frozen=True)
class Fix:
    """One thing to correct: the list's columns, in their order. ``row`` is a line of the source
    file; None where there is none. ``entered`` and ``computed`` are values, where a rule compares
    the two.
    """

    row: int | None
    record: str
    form: str
    instance: str
    fields: str
    entered: str
    computed: str
    rule: str
    severity: str
    says: str
    fix: str


@dataclass(frozen=True)
class Group:
    """Lines with a rule, a record or a form in common. ``says`` and ``fix`` belong to rules."""

    name: str
    severity: str
    records: int
    lines: int
    says: str = ""
    fix: str = ""


class FixList:
    """The lines of one list, those with ``severity`` alone if one is given."""

    def __init__(self, bench: Bench, severity: str | None) -> None:
        self._bench = bench
        self._where = "true" if severity is None else f"severity = {literal(severity)}"

    @property
    def total(self) -> tuple[int, int]:
        """Lines and records."""
        lines, records = self._bench.run(
            f"SELECT count(*), count(DISTINCT record) FROM listed WHERE {self._where}"
        )[0]
        return int(lines), int(records)

    def groups(self, by: By, *, limit: int | None = None) -> Iterator[Group]:
        """Those with most records first: one correction of habit mends them all. Of records, those
        with most lines.
        """
        of = _GROUPED[by]
        worst = f"arg_min(severity, {_SEVERITY})"
        # A rule may suggest nothing.
        told = f"coalesce({_TOLD}, ''), coalesce(min(fix), '')" if by == "rule" else "'', ''"
        found = self._fetched(
            f"SELECT coalesce({of}, ''), {worst}, count(DISTINCT record), count(*), {told} "
            f"FROM listed WHERE {self._where} GROUP BY {of} "
            f"ORDER BY 3 DESC, 4 DESC, min({_SEVERITY}), 1{_most(limit)}"
        )
        yield from (Group(*row) for row in found)

    def lines(self, by: By, *, form: str | None = None, limit: int | None = None) -> Iterator[Fix]:
        """Every line, group after group in the order of ``groups``, then by record and instance."""
        of = _GROUPED[by]
        where = self._where if form is None else f"{self._where} AND instrument = {literal(form)}"
        found = self._fetched(
            f"SELECT {', '.join(_COLUMNS)} FROM listed JOIN ("
            f"SELECT {of} AS _of, count(DISTINCT record) AS _records, count(*) AS _lines, "
            f"min({_SEVERITY}) AS _severity FROM listed WHERE {self._where} GROUP BY {of}) "
            f"ON {of} IS NOT DISTINCT FROM _of WHERE {where} "
            f"ORDER BY _records DESC, _lines DESC, _severity, _of, record, instrument, "
            f"{_NUMBER} NULLS FIRST, rule, row{_most(limit)}"
        )
        for row, *texts in found:
            yield Fix(None if row is None else int(row), *(text or "" for text in texts))

    def _fetched(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Some thousands at a time, by a cursor of its own: groups may be asked for while lines are
        being written.
        """
        cursor = self._bench.connection.cursor()
        cursor.execute(sql)
        while batch := cursor.fetchmany(_FETCHED):
            yield from batch


def _most(limit: int | None) -> str:
    return "" if limit is None else f" LIMIT {limit}"


@contextmanager
def open_fixes(path: Path, *, severity: str | None = None) -> Iterator[FixList]:
    """The list in ``path``; StoreError if there is none."""
    with open_listed(path) as bench:
        yield FixList(bench, severity)


@contextmanager
def open_listed(path: Path) -> Iterator[Bench]:
    """A workbench with the list in its table ``listed``, in file order by ``_n``; what names a row
    in REDCap is NULL in a list without. StoreError if there is none.
    """
    if not path.is_file():
        raise StoreError(
            f"{path}: there is no such list",
            hint=f"osteon site ingest {path.parent} SOURCE writes it",
        )
    spill = Path(tempfile.mkdtemp(prefix=".fixes-", dir=path.parent))
    try:
        with open_bench(spill) as bench:
            bench.run(f"SET memory_limit = '{_MEMORY}'")
            _read(bench, path)
            yield bench
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def is_listed(path: Path) -> bool:
    """Whether the list is there, as a load writes it: a spreadsheet that saves it may not."""
    try:
        with open_listed(path):
            return True
    except StoreError:
        return False


def _read(bench: Bench, path: Path) -> None:
    known = (*_COLUMNS, *PLACE_COLUMNS)
    with path.open("rb") as file:
        held = file.readline().rstrip(b"\r\n").decode("utf-8", "replace").split(",")
    if not set(known) - _NOT_IN_ALL <= set(held) <= set(known):
        raise _damaged(path)
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in held)
    texts = ", ".join(
        f"coalesce({bare_sql(name)}, '') AS {name}"
        if name in ("entered", "computed")
        else f"{bare_sql(name)} AS {name}"
        for name in held
        if name != "row"
    )
    empty = {name: "NULL::VARCHAR" if name in PLACE_COLUMNS else "''" for name in known}
    lacking = "".join(f", {empty[name]} AS {name}" for name in known if name not in held)
    try:
        bench.run(
            f"CREATE TABLE listed AS SELECT row_number() OVER () AS _n, "
            f"TRY_CAST(row AS BIGINT) AS row, {texts}{lacking} "
            f"FROM read_csv({file_literal(path)}, auto_detect = false, header = true, "
            "hive_partitioning = false, compression = 'none', "
            f"delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})"
        )
    except duckdb.Error:
        raise _damaged(path) from None


def _damaged(path: Path) -> StoreError:
    return StoreError(f"{path}: is not as a load writes it", hint="load the export again")
