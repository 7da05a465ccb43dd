"""The forms of a load: one typed table per instrument, made from the source's text.

``text_<form>`` holds what was entered, ``form_<form>`` its typed values: ``_at`` (record of the
file, the row's identity), ``_record`` (patient's record), ``_instance``, ``_seq`` (place within
the record) and one column per element, one per choice where it holds several. Of such an
element with nothing ticked nobody knows whether it was asked: it is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.registry import fixlist
from gateway.registry.bench import Bench, quoted
from gateway.registry.sitemap import Cell, SiteMap
from gateway.registry.sources.form import FormRows
from gateway.registry.typed import COLUMN_TYPES, Fault, source_text, typed
from policies.dictionary import Dictionary

__all__ = ["OWN", "blank_records", "build_form", "form_table", "text_table"]

OWN = ("_at", "_record", "_instance", "_seq")
_FIXES = {
    "type": "enter the value as the dictionary asks, or leave it blank",
    "choice": "enter one of the choice codes",
    "bounds": "check the value and its unit",
    "pattern": "check the spelling",
    "duplicate": "delete or merge one of the two",
    "record": "enter the record's identifier",
}


def form_table(instrument: str) -> str:
    """Name of the typed table."""
    return f"form_{instrument}"


def text_table(instrument: str) -> str:
    """Name of the table of entered text."""
    return f"text_{instrument}"


def _key_text(cells: Sequence[Cell], dictionary: Dictionary) -> str:
    return next(source_text(cell) for cell in cells if cell.element == dictionary.key)


def blank_records(bench: Bench, cells: Sequence[Cell], dictionary: Dictionary) -> None:
    """List rows that name no record; no form takes them."""
    key = _key_text(cells, dictionary)
    fixlist.add(
        bench,
        f"SELECT _at, NULL AS _record, NULL AS _instance FROM raw WHERE ({key}) IS NULL",
        instrument=dictionary.root,
        fields=dictionary.key,
        rule="record",
        severity="error",
        says="is blank: the row belongs to no record",
        fix=_FIXES["record"],
    )


def build_form(
    bench: Bench,
    rows: FormRows,
    cells: Sequence[Cell],
    dictionary: Dictionary,
    sitemap: SiteMap,
) -> None:
    """Make both tables of one form; what is wrong goes to the fix list and has no value."""
    mine = [c for c in cells if c.declared.instrument == rows.instrument]
    _text(bench, rows, mine, _key_text(cells, dictionary), dictionary)
    values: dict[str, str] = {}
    faults: list[tuple[Cell, Fault]] = []
    for cell in mine:
        found = typed(cell, quoted(cell.name), sitemap)
        values[cell.name] = found.value
        faults += [(cell, fault) for fault in found.faults]
    _report(bench, rows.instrument, faults)
    _typed(bench, rows.instrument, values, dictionary)


def _text(
    bench: Bench, rows: FormRows, cells: Sequence[Cell], key: str, dictionary: Dictionary
) -> None:
    repeats = dictionary.instruments[rows.instrument].repeats
    table = quoted(text_table(rows.instrument))
    columns = "".join(f", {source_text(c)} AS {quoted(c.name)}" for c in cells)
    instance = rows.instance if repeats and rows.instance is not None else "NULL::VARCHAR"
    apart = rows.apart or "NULL::VARCHAR"
    same = "_record, coalesce(_instance, _apart, 'at ' || _at)" if repeats else "_record"
    bench.run(
        f"CREATE OR REPLACE TABLE {table} AS "
        f"WITH picked AS (SELECT _at, {key} AS _record, {instance} AS _instance, "
        f"{apart} AS _apart, {rows.filled} AS _filled{columns} FROM raw WHERE {rows.where}) "
        f"SELECT * EXCLUDE (_apart), row_number() OVER same AS _n, first_value(_at) OVER same "
        f"AS _first FROM picked WHERE _record IS NOT NULL "
        f"WINDOW same AS (PARTITION BY {same} ORDER BY _filled DESC, _at)"
    )
    _duplicates(bench, rows, [c.name for c in cells if c.element != dictionary.key], repeats)
    bench.run(f"DELETE FROM {table} WHERE _n > 1")


def _duplicates(bench: Bench, rows: FormRows, names: Sequence[str], repeats: bool) -> None:
    table = quoted(text_table(rows.instrument))
    first = "NULL::BIGINT" if rows.key is None and rows.apart is None else "_first"
    again = f"SELECT _at, _record, _instance, {first} AS _first FROM {table} b WHERE _n > 1"
    if rows.shared and not repeats:
        differs = " OR ".join(f"a.{quoted(n)} IS DISTINCT FROM b.{quoted(n)}" for n in names)
        again += (
            f" AND _filled AND EXISTS (SELECT 1 FROM {table} a WHERE a._record = b._record "
            f"AND a._n = 1 AND ({differs or 'false'}))"
        )
    says = (
        "has the same row of this form twice"
        if repeats and rows.apart is not None
        else "has the same instance of this form twice"
        if repeats
        else "has this form twice, with different answers"
        if rows.shared
        else "has this form twice"
    )
    fixlist.add(
        bench,
        again,
        instrument=rows.instrument,
        fields=rows.key or rows.instrument,
        rule="duplicate",
        severity="error",
        says=f"the record {says}; the first is kept",
        fix=_FIXES["duplicate"],
        first="_first",
    )


def _report(bench: Bench, instrument: str, faults: Sequence[tuple[Cell, Fault]]) -> None:
    if not faults:
        return
    table = quoted(text_table(instrument))
    counts = bench.run(
        f"SELECT {', '.join(f'count_if({fault.test})' for _, fault in faults)} FROM {table}"
    )[0]
    for (cell, fault), count in zip(faults, counts, strict=True):
        if count:
            fixlist.add(
                bench,
                f"SELECT _at, _record, _instance FROM {table} WHERE {fault.test}",
                instrument=instrument,
                fields=cell.name,
                rule=fault.rule,
                severity="error",
                says=fault.says,
                fix=_FIXES[fault.rule],
            )


def _typed(
    bench: Bench, instrument: str, values: Mapping[str, str], dictionary: Dictionary
) -> None:
    inner, outer = [], []
    for name, element in dictionary.of(instrument).items():
        columns = dictionary.columns(name)
        for column in columns:
            value = values.get(column, "NULL")
            inner.append(f"CAST({value} AS {COLUMN_TYPES[element.type]}) AS {quoted(column)}")
        if element.type == "multi":
            ticked = " OR ".join(f"coalesce({quoted(c)}, false)" for c in columns)
            outer += [
                f"CASE WHEN {ticked} THEN coalesce({quoted(c)}, false) END AS {quoted(c)}"
                for c in columns
            ]
        else:
            outer.append(quoted(name))
    bench.run(
        f"CREATE OR REPLACE TABLE {quoted(form_table(instrument))} AS "
        f"SELECT _at, _record, coalesce(_instance, CAST(_seq AS VARCHAR)) AS _instance, _seq, "
        f"{', '.join(outer)} FROM (SELECT _at, _record, _instance, row_number() OVER ("
        f"PARTITION BY _record ORDER BY TRY_CAST(regexp_extract(_instance, '[0-9]+$') AS BIGINT) "
        f"NULLS LAST, _at) AS _seq, {', '.join(inner)} FROM {quoted(text_table(instrument))})"
    )
