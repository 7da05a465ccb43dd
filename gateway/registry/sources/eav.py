"""Exports with one row per value, as REDCap's EAV exports and ODM projects: made into flat rows.

A row of the flat table is one record, event, form and instance, with one column per field. A field
with several choices comes as one row per ticked choice and becomes the columns ``field___code``,
as in a flat export.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from gateway.errors import SourceError
from gateway.registry.bench import Bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.about import About
from gateway.registry.sources.source import PlacedSource, cleaned
from policies.dictionary import Dictionary

__all__ = ["OWN_COLUMNS", "EavSource", "Value", "flat_header", "flat_name", "key_column", "several"]

OWN_COLUMNS = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
_BATCH_VALUES = 50_000


@dataclass(frozen=True, slots=True)
class Value:
    """One value with its place in the file. ``column`` is the flat table's."""

    line: int
    record: str
    event: str | None
    form: str | None
    instance: str | None
    column: str
    text: str | None


@dataclass(frozen=True)
class EavSource(PlacedSource, ABC):
    """Values as flat rows; ``header`` begins with the key's column and ``OWN_COLUMNS``."""

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
            "form VARCHAR, instance VARCHAR, field INTEGER, text VARCHAR)"
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
        bench.run("CREATE OR REPLACE TABLE places AS SELECT _at, _line AS line FROM raw")
        bench.run("ALTER TABLE raw DROP COLUMN _line")
        bench.run("DROP TABLE eav")

    def _refuse_twice(self, bench: Bench) -> None:
        twice = bench.run(
            "SELECT max(line), field FROM eav WHERE text IS NOT NULL "
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
            "field": pa.array([at[v.column] for v in batch], pa.int32()),
            "text": pa.array([v.text for v in batch], pa.string()),
        }
    )
    bench.connection.register("_values", table)
    texts = ", ".join(cleaned(name) for name in ("record", "event", "form", "instance"))
    bench.run(f"INSERT INTO eav SELECT line, {texts}, field, {cleaned('text')} FROM _values")
    bench.connection.unregister("_values")


def key_column(sitemap: SiteMap, dictionary: Dictionary) -> str:
    """What the column of the record's key is called: EAV exports call it ``record``."""
    given = sitemap.maps.get(dictionary.key)
    return given.from_ if given is not None and given.from_ is not None else dictionary.key


def several(sitemap: SiteMap, dictionary: Dictionary) -> frozenset[str]:
    """Fields that may have several values in one row: one for each ticked choice."""
    found = set()
    for name, element in dictionary.elements.items():
        given = sitemap.maps.get(name)
        if element.type == "multi" and (given is None or given.split is None):
            found.add(name if given is None or given.from_ is None else given.from_)
    return frozenset(found)


def flat_name(field: str, text: str | None, several: Collection[str]) -> tuple[str, str | None]:
    """The flat table's column for a value, and what stands there."""
    if field in several and text is not None:
        return f"{field}___{text.strip()}", "1"
    return field, text


def flat_header(key: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The key's column, those that name the row, and the fields in order of their appearance."""
    own = (key, *OWN_COLUMNS)
    return (*own, *(column for column in dict.fromkeys(columns) if column not in own))
