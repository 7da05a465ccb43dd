"""Exports with one row per value, as REDCap's EAV exports and ODM projects: made into flat rows.

A row of the flat table is one record, event, form and instance, with one column per field. A field
with several choices comes as one row per ticked choice and becomes the columns ``field___code``,
as in a flat export. A value that is no choice becomes no column: it is a fault of its row.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from gateway.errors import SourceError
from gateway.registry import fixlist
from gateway.registry.bench import Bench, literal
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.about import About
from gateway.registry.sources.choices import Boxes
from gateway.registry.sources.source import PlacedSource, cleaned
from policies.dictionary import Dictionary

__all__ = ["OWN_COLUMNS", "EavSource", "Value", "flat_header", "flat_name", "key_column"]

OWN_COLUMNS = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
_BATCH_VALUES = 50_000
_NO_FIELD = -1


@dataclass(frozen=True, slots=True)
class Value:
    """One value with its place in the file. ``column`` is the flat table's; None where it ticks no
    box, and ``wrong`` is the field of which it is no choice.
    """

    line: int
    record: str
    event: str | None
    form: str | None
    instance: str | None
    column: str | None
    text: str | None
    wrong: str | None = None


@dataclass(frozen=True)
class EavSource(PlacedSource, ABC):
    """Values as flat rows; ``header`` begins with the key's column and ``OWN_COLUMNS``. ``several``
    are the fields with several choices.
    """

    several: Mapping[str, Boxes]

    @property
    def about(self) -> About:
        """See :class:`~gateway.registry.sources.source.Source`. Blank values are left out."""
        return About(sparse=True)

    @abstractmethod
    def values(self) -> Iterator[Value]:
        """Every value in the order of the file."""

    def fill(self, bench: Bench) -> None:
        """See :class:`~gateway.registry.sources.source.Source`. A row's place is that of its
        first value. SourceError for a field that has two values in one row.
        """
        bench.run(
            "CREATE OR REPLACE TABLE eav (line BIGINT, record VARCHAR, event VARCHAR, "
            "form VARCHAR, instance VARCHAR, field INTEGER, text VARCHAR, wrong VARCHAR)"
        )
        at = {column: i for i, column in enumerate(self.header)}
        batch: list[Value] = []
        for value in self.values():
            batch.append(value)
            if len(batch) == _BATCH_VALUES:
                _insert(bench, batch, at)
                batch = []
        _insert(bench, batch, at)
        self._refuse_twice(bench)
        first = 1 + len(OWN_COLUMNS)
        cells = "".join(
            f", any_value(text) FILTER (field = {i}) AS c{i}"
            for i in range(first, len(self.header))
        )
        bench.run("DROP TABLE IF EXISTS raw")
        bench.run(
            f"CREATE TABLE raw AS SELECT row_number() OVER (ORDER BY line) AS _at, line AS _line, "
            f"* EXCLUDE (line) FROM (SELECT min(line) AS line, record AS c0, event AS c1, "
            f"form AS c2, instance AS c3{cells} FROM eav GROUP BY record, event, form, instance)"
        )
        same = " AND ".join(
            f"eav.{name} IS NOT DISTINCT FROM raw.c{i}"
            for i, name in enumerate(("record", "event", "form", "instance"))
        )
        bench.run(
            "CREATE OR REPLACE TABLE wrong_choices AS SELECT DISTINCT _at, record, "
            "nullif(concat_ws(':', event, instance), '') AS instance, wrong "
            f"FROM (SELECT * FROM eav WHERE wrong IS NOT NULL) eav JOIN raw ON {same}"
        )
        bench.run("CREATE OR REPLACE TABLE places AS SELECT _at, _line AS line FROM raw")
        bench.run("ALTER TABLE raw DROP COLUMN _line")
        bench.run("DROP TABLE eav")

    def report(self, bench: Bench) -> None:
        """See :class:`~gateway.registry.sources.source.Source`: values that are no choice."""
        for (field,) in bench.run("SELECT DISTINCT wrong FROM wrong_choices ORDER BY wrong"):
            boxes = self.several[field]
            fixlist.add(
                bench,
                "SELECT _at, record AS _record, instance AS _instance FROM wrong_choices "
                f"WHERE wrong = {literal(field)}",
                instrument=boxes.instrument,
                fields=boxes.element,
                rule="choice",
                severity="error",
                says="is not one of its choices",
                fix="enter one of the choice codes",
            )

    def _refuse_twice(self, bench: Bench) -> None:
        twice = bench.run(
            "SELECT max(line), field FROM eav WHERE text IS NOT NULL AND field >= 0 "
            "GROUP BY record, event, form, instance, field "
            "HAVING count(DISTINCT text) > 1 ORDER BY 1 LIMIT 1"
        )
        if twice:
            raise SourceError(
                "has another value already in this record, event, form and instance",
                file=self.name,
                row=twice[0][0],
                field=self.header[twice[0][1]],
            )


def _insert(bench: Bench, batch: list[Value], at: Mapping[str, int]) -> None:
    if not batch:
        return
    table = pa.table(
        {
            "line": pa.array([v.line for v in batch], pa.int64()),
            "record": pa.array([v.record for v in batch], pa.string()),
            "event": pa.array([v.event for v in batch], pa.string()),
            "form": pa.array([v.form for v in batch], pa.string()),
            "instance": pa.array([v.instance for v in batch], pa.string()),
            "field": pa.array(
                [_NO_FIELD if v.column is None else at[v.column] for v in batch], pa.int32()
            ),
            "text": pa.array([v.text for v in batch], pa.string()),
            "wrong": pa.array([v.wrong for v in batch], pa.string()),
        }
    )
    bench.connection.register("_values", table)
    texts = ", ".join(cleaned(name) for name in ("record", "event", "form", "instance"))
    bench.run(f"INSERT INTO eav SELECT line, {texts}, field, {cleaned('text')}, wrong FROM _values")
    bench.connection.unregister("_values")


def key_column(sitemap: SiteMap, dictionary: Dictionary) -> str:
    """What the column of the record's key is called: EAV exports call it ``record``."""
    given = sitemap.maps.get(dictionary.key)
    return given.from_ if given is not None and given.from_ is not None else dictionary.key


def flat_name(
    field: str,
    text: str | None,
    several: Mapping[str, Boxes],
    project_codes: Collection[str] = (),
) -> tuple[str | None, str | None, str | None]:
    """The flat table's column for a value, what stands there, and the field of which the value is
    no choice. ``project_codes`` are missing-data codes that the project says.
    """
    boxes = several.get(field)
    if boxes is None or text is None or not text.strip():
        # A blank value of boxes ticks none, and no column is called by the field alone.
        return (field, text, None) if boxes is None else (None, None, None)
    known, code = boxes.ticked(text, project_codes)
    if code is None:
        return None, None, None if known else field
    return f"{field}___{code}", "1", None


def flat_header(key: str, columns: Iterable[str | None]) -> tuple[str, ...]:
    """The key's column, those that name the row, and the fields in order of their appearance."""
    own = (key, *OWN_COLUMNS)
    return (*own, *(column for column in dict.fromkeys(columns) if column and column not in own))
