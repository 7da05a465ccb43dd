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
from gateway.registry.typed import COLUMN_TYPES, Typed, source_text, typed
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
_TWICE = (
    "delete or merge one of the two; if the form is filled in at several events, it repeats: "
    "import the dictionary with --repeats and its name"
)


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
    repeats = dictionary.instruments[rows.instrument].repeats
    _place(bench, rows, _key_text(cells, dictionary), repeats=repeats)
    own = [c for c in mine if c.element != dictionary.key]
    may_repeat = rows.shared and not repeats and rows.instrument != dictionary.root
    _duplicates(bench, rows, own, repeats=repeats, may_repeat=may_repeat)
    columns = "".join(f", {source_text(c)} AS {quoted(c.name)}" for c in mine)
    bench.run(
        f"CREATE OR REPLACE TABLE {quoted(text_table(rows.instrument))} AS SELECT p._at, "
        f"p._record, p._instance, p._seq{columns} FROM raw JOIN _places p USING (_at) "
        f"WHERE p._n = 1"
    )
    bench.run("DROP TABLE _places")
    steps = {
        c.name: typed(
            c, quoted(c.name), sitemap, clean=quoted(c.name), parsed=quoted(_parsed(c.name))
        )
        for c in mine
    }
    _cells(bench, rows.instrument, steps)
    _report(bench, rows.instrument, steps)
    _typed(bench, rows.instrument, steps, dictionary)
    bench.run("DROP TABLE _cells")


def _parsed(name: str) -> str:
    return f"{name}~"


def _fault(name: str) -> str:
    return f"{name}!"


def _place(bench: Bench, rows: FormRows, key: str, *, repeats: bool) -> None:
    """Make ``_places``: whose each row is, which of rows that are one it is (``_n``, ``_first``)
    and its place among the record's (``_seq``). Apart from the cells: to sort these is dear.
    """
    instance = rows.instance if repeats and rows.instance is not None else "NULL::VARCHAR"
    apart = rows.apart or "NULL::VARCHAR"
    same = "_record, coalesce(_instance, _apart, 'at ' || _at)" if repeats else "_record"
    bench.run(
        f"CREATE OR REPLACE TABLE _places AS "
        f"WITH picked AS (SELECT _at, {key} AS _record, {instance} AS _instance, "
        f"{apart} AS _apart, {rows.filled} AS _filled FROM raw WHERE {rows.where}), "
        f"numbered AS (SELECT * EXCLUDE (_apart), row_number() OVER same AS _n, "
        f"first_value(_at) OVER same AS _first FROM picked WHERE _record IS NOT NULL "
        f"WINDOW same AS (PARTITION BY {same} ORDER BY _filled DESC, _at)) "
        f"SELECT *, row_number() OVER (PARTITION BY _record, _n = 1 ORDER BY "
        f"TRY_CAST(regexp_extract(_instance, '[0-9]+$') AS BIGINT) NULLS LAST, _at) AS _seq "
        f"FROM numbered"
    )


def _duplicates(
    bench: Bench, rows: FormRows, cells: Sequence[Cell], *, repeats: bool, may_repeat: bool
) -> None:
    first = "NULL::BIGINT" if rows.key is None and rows.apart is None else "_first"
    again = f"SELECT _at, _record, _instance, {first} AS _first FROM _places WHERE _n > 1"
    if rows.shared and not repeats:
        columns = "".join(f", {source_text(c)} AS {quoted(c.name)}" for c in cells)
        names = (quoted(c.name) for c in cells)
        differs = " OR ".join(f"a.{n} IS DISTINCT FROM b.{n}" for n in names) or "false"
        again = (
            f"WITH b AS (SELECT _at{columns} FROM raw) "
            f"SELECT _at, _record, _instance, {first} AS _first FROM _places p JOIN b USING (_at) "
            f"JOIN b a ON a._at = p._first WHERE p._n > 1 AND p._filled AND ({differs})"
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
        fix=_TWICE if may_repeat else _FIXES["duplicate"],
        first="_first",
    )


def _cells(bench: Bench, instrument: str, steps: Mapping[str, Typed]) -> None:
    """Make ``_cells``: typed values, and beside those that can be wrong the number of their
    fault, from 1. Each step of a cell is computed once.
    """
    own = ", ".join(OWN)
    clean = "".join(f", {step.clean} AS {quoted(n)}" for n, step in steps.items())
    parsed = "".join(f", {step.parsed} AS {quoted(_parsed(n))}" for n, step in steps.items())
    values = []
    for name, step in steps.items():
        values.append(f", {step.value} AS {quoted(name)}")
        if step.faults:
            tests = " ".join(f"WHEN {f.test} THEN {i}" for i, f in enumerate(step.faults, start=1))
            values.append(f", CAST(CASE {tests} END AS UTINYINT) AS {quoted(_fault(name))}")
    bench.project(
        "_cells",
        f"SELECT {own}{''.join(values)} FROM (SELECT *{parsed} FROM ("
        f"SELECT {own}{clean} FROM {quoted(text_table(instrument))}))",
    )


def _report(bench: Bench, instrument: str, steps: Mapping[str, Typed]) -> None:
    tests = [
        (name, fault, f"{quoted(_fault(name))} = {i}")
        for name, step in steps.items()
        for i, fault in enumerate(step.faults, start=1)
    ]
    if not tests:
        return
    counts = bench.run(f"SELECT {', '.join(f'count_if({t})' for *_, t in tests)} FROM _cells")[0]
    for (name, fault, test), count in zip(tests, counts, strict=True):
        if count:
            fixlist.add(
                bench,
                f"SELECT _at, _record, _instance FROM _cells WHERE {test}",
                instrument=instrument,
                fields=name,
                rule=fault.rule,
                severity="error",
                says=fault.says,
                fix=_FIXES[fault.rule],
            )


def _typed(
    bench: Bench, instrument: str, steps: Mapping[str, Typed], dictionary: Dictionary
) -> None:
    columns = []
    for name, element in dictionary.of(instrument).items():
        sql = COLUMN_TYPES[element.type]
        parts = dictionary.columns(name)
        given = [quoted(c) if c in steps else "NULL" for c in parts]
        if element.type == "multi":
            ticked = " OR ".join(f"coalesce({c}, false)" for c in given)
            given = [f"CASE WHEN {ticked} THEN coalesce({c}, false) END" for c in given]
        columns += [
            f"CAST({c} AS {sql}) AS {quoted(part)}" for c, part in zip(given, parts, strict=True)
        ]
    bench.run(
        f"CREATE OR REPLACE TABLE {quoted(form_table(instrument))} AS SELECT _at, _record, "
        f"coalesce(_instance, CAST(_seq AS VARCHAR)) AS _instance, _seq, {', '.join(columns)} "
        f"FROM _cells"
    )
