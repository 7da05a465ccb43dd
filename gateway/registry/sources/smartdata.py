"""Epic SmartData: the extract tables SMRTDTA_ELEM_DATA and SMRTDTA_ELEM_VALUE as rows of a table.

One row is one patient's context record (an encounter, an episode, the patient), with a column per
``ELEMENT_ID``, whose spellings differ in blanks and case only. Where an element was written more
than once in a context, the latest value counts, also if it is blank (``CUR_VALUE_DATETIME``: see
:mod:`gateway.registry.sources.smartdata_times`; none is the oldest; ties by HLV_ID). The lines of
a value are put together: choices of an element with several, paragraphs of a text. The columns of
the extract are those of Epic's data dictionary; both tables may also come joined in one file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from gateway.errors import SourceError
from gateway.registry import fixlist
from gateway.registry.bench import Bench, literal
from gateway.registry.sitemap import ElementMap, SiteMap
from gateway.registry.sources.about import About
from gateway.registry.sources.delimited import Delimited
from gateway.registry.sources.smartdata_contexts import keep_latest
from gateway.registry.sources.smartdata_rows import fill_rows
from gateway.registry.sources.smartdata_times import (
    MIXED,
    WRITTEN,
    ZONED,
    is_zoned,
    likely,
    written,
)
from gateway.registry.sources.source import Shape, check_header
from policies.dictionary import Dictionary

__all__ = ["OWN_COLUMNS", "SmartData", "adapted", "is_smartdata", "open_smartdata"]

OWN_COLUMNS = ("PAT_LINK_ID", "CONTEXT_NAME", "CONTEXT_RECORD")
"""The columns that name a row."""
_LINES = "\n"
"""Between the lines of one value."""
_CUT_LENGTH = 3_000
"""Longer values are cut by Epic's extract."""
_CUT_BLANKS = 50
"""Blanks at the end of a value are gone by the time that it is measured."""
_WHEN = "CUR_VALUE_DATETIME"
_DATA = ("HLV_ID", "ELEMENT_ID", "CUR_VALUE_DATETIME", "CONTEXT_NAME", "PAT_LINK_ID")
_VALUE = ("HLV_ID", "LINE", "SMRTDTA_ELEM_VALUE")
_RECORD = ("RECORD_ID_VARCHAR", "RECORD_ID_NUMERIC", "CONTACT_SERIAL_NUM")


@dataclass(frozen=True)
class SmartData:
    """An extract of elements and their values, of which one file may be both. ``labels`` name
    elements for people.
    """

    name: str
    sha256: str
    header: tuple[str, ...]
    data: Delimited
    value: Delimited
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: str = "smartdata"
    shape: Shape = "table"

    @property
    def about(self) -> About:
        """See :class:`~gateway.registry.sources.source.Source`."""
        return About()

    def fill(self, bench: Bench) -> None:
        """See :class:`~gateway.registry.sources.source.Source`. A row's place is the line of its
        first element in the file of elements.
        """
        _read(bench, self.data, self.value, self.header)
        _latest(bench)
        keep_latest(bench)
        fill_rows(bench, ("patient", "context", "record"), self.header[len(OWN_COLUMNS) :])
        _tell_cut(bench)
        for table in ("smart_data", "smart_value", "latest", "cut"):
            bench.run(f"DROP TABLE {table}")

    def report(self, bench: Bench) -> None:
        """See :class:`~gateway.registry.sources.source.Source`; what there is to tell is told."""

    def unread(self, bench: Bench) -> Mapping[str, int]:  # noqa: ARG002 - of the protocol
        """Elements that nothing reads are refused or ignored by the map."""
        return {}

    def lines(self, bench: Bench, wanted: Iterable[int]) -> Mapping[int, int | str]:
        """See :class:`~gateway.registry.sources.source.Source`."""
        listed = pa.table({"_at": pa.array(wanted, pa.int64())})
        bench.connection.register("_wanted", listed)
        places = dict(bench.run("SELECT _at, line FROM places WHERE _at IN (FROM _wanted)"))
        bench.connection.unregister("_wanted")
        found = self.data.lines(bench, set(places.values()))
        return {at: found[place] for at, place in places.items()}


def is_smartdata(header: Collection[str]) -> bool:
    """Whether a file has the columns of one of the two tables."""
    columns = {column.upper() for column in header}
    return columns >= set(_DATA[:2]) or columns >= set(_VALUE)


def open_smartdata(files: Sequence[Delimited], name: str) -> SmartData:
    """The elements of an extract; ``files`` are those of a folder, or one file and its neighbours.

    SourceError where a table or one of its columns is missing or there twice.
    """
    data = _one(files, _DATA[:2], "elements (SMRTDTA_ELEM_DATA)", name)
    value = _one(files, _VALUE, "values (SMRTDTA_ELEM_VALUE)", name)
    columns = {column.upper() for column in data.header}
    for column in _DATA:
        if column not in columns:
            raise SourceError("the column is missing", file=data.name, row=1, field=column)
    if not columns & set(_RECORD):
        raise SourceError(
            "the column is missing, and so are others that name a context's record",
            file=data.name,
            row=1,
            field=_RECORD[0],
        )
    at = [column.upper() for column in data.header].index("ELEMENT_ID")
    own = {_folded(column): column for column in OWN_COLUMNS}
    elements: dict[str, str] = {}
    for _, cells in data.rows():
        folded = _folded(cells[at])
        elements.setdefault(folded, own.get(folded, " ".join(cells[at].split())))
    elements.pop("", None)
    header = check_header((*OWN_COLUMNS, *elements.values()), data.name, row=None)
    digest = hashlib.sha256(f"{data.sha256} {value.sha256}".encode()).hexdigest()
    return SmartData(name, digest, header, data, value)


def adapted(sitemap: SiteMap, dictionary: Dictionary, header: Sequence[str]) -> SiteMap:
    """The map as SmartData needs it: choices of one element stand on lines of their own, and
    spellings, also of the elements' ids, differ in blanks and case from form to form.
    """
    spelt = {_folded(column): column for column in header}
    changed: dict[str, ElementMap] = {}
    for name, given in sitemap.maps.items():
        update: dict[str, object] = {"ignore_case": True}
        if given.from_ is not None:
            update["from_"] = spelt.get(_folded(given.from_), given.from_)
        element = dictionary.elements.get(name)
        if element is not None and element.type == "multi" and given.split is None:
            update["split"] = _LINES
        changed[name] = given.model_copy(update=update)
    ignored = tuple(spelt.get(_folded(column), column) for column in sitemap.ignore)
    return sitemap.model_copy(update={"elements": changed, "ignore": ignored})


def _folded(element: str) -> str:
    """One element under every spelling of its id."""
    return " ".join(element.split()).casefold()


def _one(files: Sequence[Delimited], columns: Sequence[str], what: str, name: str) -> Delimited:
    found = [f for f in files if {column.upper() for column in f.header} >= set(columns)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = " and ".join(one.name for one in found)
        raise SourceError(
            f"has several tables of {what}: {listed}",
            file=name,
            hint="put the parts of one extract together in one file, and other extracts elsewhere",
        )
    raise SourceError(
        f"is a SmartData extract without its table of {what}",
        file=name,
        hint="put both tables in one folder and name the folder",
    )


def _column(file: Delimited, name: str) -> str:
    return f"c{[column.upper() for column in file.header].index(name)}"


def _id(file: Delimited) -> str:
    """SQL: a value's id. Data frames write the number 7 as 7.0."""
    return f"regexp_replace({_column(file, 'HLV_ID')}, '^([0-9]+)\\.0+$', '\\1')"


def _spell(bench: Bench, header: Sequence[str]) -> None:
    """Give every element of ``smart_data`` the spelling that it has in the header."""
    spelt = {_folded(column): column for column in header}
    given = [row[0] for row in bench.run("SELECT DISTINCT element FROM smart_data")]
    names = pa.table({"given": given, "name": [spelt[_folded(text)] for text in given]})
    bench.connection.register("_names", names)
    bench.run(
        "CREATE OR REPLACE TABLE smart_data AS SELECT d.* REPLACE (n.name AS element) "
        "FROM smart_data d JOIN _names n ON n.given = d.element"
    )
    bench.connection.unregister("_names")


def _read(bench: Bench, data: Delimited, value: Delimited, header: Sequence[str]) -> None:
    """Tables ``smart_data`` and ``smart_value``."""
    data.fill(bench)
    columns = {column.upper() for column in data.header}
    record = ", ".join(_column(data, column) for column in _RECORD if column in columns)
    when = _column(data, _WHEN)
    bench.run(
        f"CREATE OR REPLACE TABLE smart_data AS SELECT * EXCLUDE (moment), "
        f"CASE WHEN {likely('moment')} THEN moment END AS written FROM ("
        f"SELECT _at AS place, {_id(data)} AS hlv, "
        f"{_column(data, 'ELEMENT_ID')} AS element, "
        f"upper({_column(data, 'CONTEXT_NAME')}) AS context, "
        f"{_column(data, 'PAT_LINK_ID')} AS patient, coalesce({record}) AS record, "
        f"{when} AS given, {is_zoned(when)} AS zoned, {written(when)} AS moment FROM raw)"
    )
    for test, column, says, hint in (
        ("hlv IS NULL", "HLV_ID", "is blank", None),
        ("element IS NULL", "ELEMENT_ID", "is blank", None),
        ("given IS NOT NULL AND written IS NULL", _WHEN, "is no date and time", f"as {WRITTEN}"),
    ):
        at = bench.value(f"SELECT min(place) FROM smart_data WHERE {test}")
        _refuse(bench, data, at, column, says, hint)
    zoned, naive = bench.run(
        "SELECT min(place) FILTER (zoned), min(place) FILTER (NOT zoned) "
        "FROM smart_data WHERE given IS NOT NULL"
    )[0]
    if zoned and naive:
        hint = "extract the times all in one way: which came first is not to be told"
        _refuse(bench, data, max(zoned, naive), _WHEN, ZONED if zoned > naive else MIXED, hint)
    _spell(bench, header)
    _refuse(
        bench,
        data,
        # Otherwise the lines of the one would be given to the other patient too.
        bench.value(
            "SELECT min(last) FROM (SELECT max(place) AS last FROM smart_data WHERE hlv IN "
            "(SELECT hlv FROM smart_data GROUP BY hlv HAVING count(*) > 1) GROUP BY hlv "
            "HAVING count(DISTINCT row(patient, context, record, element)) > 1)"
        ),
        "HLV_ID",
        "names a value of another patient, context or element already",
    )
    if value is not data:
        value.fill(bench)
    bench.run(
        f"CREATE OR REPLACE TABLE smart_value AS SELECT min(_at) AS place, "
        f"{_id(value)} AS hlv, "
        f"TRY_CAST({_column(value, 'LINE')} AS BIGINT) AS line, "
        f"{_column(value, 'LINE')} AS given, "
        f"{_column(value, 'SMRTDTA_ELEM_VALUE')} AS text FROM raw GROUP BY ALL"
    )
    for test, column, says in (
        ("hlv IS NULL", "HLV_ID", "is blank"),
        ("given IS NOT NULL AND line IS NULL", "LINE", "is no number"),
    ):
        at = bench.value(f"SELECT min(place) FROM smart_value WHERE {test}")
        _refuse(bench, value, at, column, says)
    twice = bench.value(
        "SELECT min(last) FROM (SELECT max(place) AS last FROM smart_value GROUP BY hlv, line "
        "HAVING count(DISTINCT text) > 1)"
    )
    says = "has another value already for this HLV_ID and line"
    _refuse(bench, value, twice, "SMRTDTA_ELEM_VALUE", says)


def _refuse(
    bench: Bench, file: Delimited, at: int | None, field: str, says: str, hint: str | None = None
) -> None:
    """SourceError for the row ``at`` of the file that was read last; None is no fault."""
    if at is None:
        return
    bench.run("CREATE OR REPLACE TABLE read AS SELECT count(*) AS n FROM raw")
    row = int(file.lines(bench, [at])[at])
    raise SourceError(says, file=file.name, row=row, field=field, hint=hint)


def _latest(bench: Bench) -> None:
    """Table ``latest``: of each patient's context and element the last value that was written."""
    bench.run(
        "CREATE OR REPLACE TABLE latest AS "
        "SELECT d.place, d.hlv, written, patient, context, record, element, text "
        "FROM (SELECT *, row_number() OVER (PARTITION BY patient, context, record, element "
        "ORDER BY written DESC NULLS LAST, TRY_CAST(hlv AS BIGINT) DESC, hlv DESC, place) AS n "
        "FROM smart_data) d LEFT JOIN (SELECT hlv, "
        f"string_agg(coalesce(text, ''), {literal(_LINES)} ORDER BY line NULLS LAST, place) "
        "AS text FROM smart_value GROUP BY hlv) v USING (hlv) WHERE n = 1"
    )
    orphans = int(
        bench.value("SELECT count(DISTINCT hlv) FROM smart_value ANTI JOIN smart_data USING (hlv)")
    )
    if orphans:
        fixlist.add(
            bench,
            "SELECT NULL AS _at, NULL AS _record, NULL AS _instance",
            instrument="",
            fields="HLV_ID",
            rule="unread",
            severity="warning",
            says=f"{orphans} values belong to no element of the extract and are not read",
            fix="extract both tables with the same filter",
        )
    listed, empty = bench.run(
        "SELECT count(DISTINCT hlv), count(DISTINCT hlv) FILTER (hlv NOT IN "
        "(SELECT hlv FROM smart_value WHERE hlv IS NOT NULL)) FROM smart_data"
    )[0]
    if empty:
        fixlist.add(
            bench,
            "SELECT NULL AS _at, NULL AS _record, NULL AS _instance",
            instrument="",
            fields="HLV_ID",
            rule="unread",
            severity="warning",
            says=f"{empty} of {listed} values have no line in the table of values: they are blank",
            fix="is that table whole? Extract both tables with the same filter",
        )


def _tell_cut(bench: Bench) -> None:
    cut = (
        f"list_max(list_transform(str_split(text, {literal(_LINES)}), lambda x: length(x))) "
        f">= {_CUT_LENGTH - _CUT_BLANKS}"
    )
    bench.run(f"CREATE OR REPLACE TABLE cut AS SELECT * FROM latest WHERE {cut}")
    for (element,) in bench.run("SELECT DISTINCT element FROM cut ORDER BY 1"):
        rows = (
            f"SELECT r._at, r.c0 AS _record, NULL AS _instance FROM cut l JOIN raw r ON "
            f"r.c0 IS NOT DISTINCT FROM l.patient AND r.c1 IS NOT DISTINCT FROM l.context "
            f"AND r.c2 IS NOT DISTINCT FROM l.record WHERE l.element = {literal(element)}"
        )
        fixlist.add(
            bench,
            rows,
            instrument="",
            fields=element,
            rule="cut",
            severity="warning",
            says=f"may be cut: the extract gives {_CUT_LENGTH} characters of a value",
            fix="load long texts from another source",
        )
