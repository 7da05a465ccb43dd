"""Flat REDCap exports: which rows belong to which form.

One row per record, event, form and instance; a cell outside the row's form is blank. Forms
that do not repeat share the row without a repeat instrument. A checkbox box that is not ticked
is exported as 0, also where nobody looked at the form, so 0 counts as blank.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.errors import SourceError
from gateway.registry import fixlist
from gateway.registry.bench import Bench, literal
from gateway.registry.sitemap import Cell, SiteMap, redcap_code
from gateway.registry.sources.form import FormRows, filled
from gateway.registry.sources.raw import line_of
from gateway.registry.sources.source import Source
from gateway.registry.typed import source_text
from policies.dictionary import Dictionary

__all__ = [
    "REDCAP_COLUMNS",
    "check_instances",
    "check_rows",
    "form_rows",
    "format_columns",
    "keep_places",
]

REDCAP_COLUMNS = (
    *fixlist.PLACE_COLUMNS,
    "redcap_data_access_group",
    "redcap_survey_identifier",
)


def format_columns(
    header: Sequence[str],
    dictionary: Dictionary,
    sitemap: SiteMap,
    project_codes: Collection[str] = (),
) -> set[str]:
    """Columns that REDCap adds by itself, and boxes for missing-data codes (``race___nask``): those
    of the map, and those that the project itself says.
    """
    own = set(REDCAP_COLUMNS)
    for instrument in dictionary.instruments:
        own |= {f"{instrument}_complete", f"{instrument}_timestamp"}
    codes = {redcap_code(code) for code in (*sitemap.missing.codes, *project_codes)}
    stems = {given.from_ for given in sitemap.maps.values()} | set(dictionary.elements)
    for column in header:
        stem, boxed, code = column.partition("___")
        if boxed and stem in stems and code.lower() in codes:
            own.add(column)
    return own & set(header)


def keep_places(bench: Bench, source: Source) -> None:
    """Keep event, repeat instrument and instance of every row, as REDCap takes them back.

    Few rows differ in them, so a row keeps a number only (``redcap_rows``, ``redcap_names``).
    """
    if not set(fixlist.PLACE_COLUMNS) & set(source.header):
        return
    given = {name: _column(source, name) or "NULL::VARCHAR" for name in fixlist.PLACE_COLUMNS}
    named = ", ".join(f"{sql} AS {name}" for name, sql in given.items())
    bench.run(
        "CREATE OR REPLACE TABLE redcap_names AS SELECT CAST(row_number() OVER () AS INTEGER) "
        f"AS _place, * FROM (SELECT DISTINCT {named} FROM raw)"
    )
    same = " AND ".join(f"n.{name} IS NOT DISTINCT FROM r.{name}" for name in given)
    bench.run(
        "CREATE OR REPLACE TABLE redcap_rows AS SELECT _at, _place "
        f"FROM (SELECT _at, {named} FROM raw) r JOIN redcap_names n ON {same}"
    )


def _column(source: Source, name: str) -> str | None:
    return f"c{source.header.index(name)}" if name in source.header else None


def _misnumbered(number: str) -> str:
    return f"coalesce(NOT regexp_full_match({number}, '0*[1-9][0-9]{{0,8}}(\\.0*)?'), false)"


def form_rows(source: Source, dictionary: Dictionary, cells: Sequence[Cell]) -> list[FormRows]:
    """For every instrument of the dictionary, its rows of the table ``raw``."""
    repeat = _column(source, "redcap_repeat_instrument")
    number = _column(source, "redcap_repeat_instance")
    event = _column(source, "redcap_event_name")
    found = []
    for name, instrument in dictionary.instruments.items():
        mine = [c for c in cells if c.declared.instrument == name and c.element != dictionary.key]
        any_filled = filled(mine)
        if name == dictionary.root:
            where = "true" if repeat is None else f"{repeat} IS NULL"
        elif repeat is None:
            where = any_filled
        elif instrument.repeats:
            where = f"({repeat} = {literal(name)} OR ({repeat} IS NULL AND {any_filled}))"
        else:
            where = f"({repeat} IS NULL AND {any_filled})"
        parts = [column for column in (event, number) if column is not None]
        instance = f"nullif(concat_ws(':', {', '.join(parts)}), '')" if parts else "NULL::VARCHAR"
        if number is not None:
            instance = f"CASE WHEN {_misnumbered(number)} THEN NULL ELSE {instance} END"
        found.append(FormRows(name, where, instance, any_filled, shared=event is not None))
    return found


def check_instances(
    bench: Bench, source: Source, dictionary: Dictionary, cells: Sequence[Cell]
) -> None:
    """List rows whose instance is no number from 1; they count as rows without one."""
    repeat = _column(source, "redcap_repeat_instrument")
    number = _column(source, "redcap_repeat_instance")
    if number is None:
        return
    key = next(source_text(cell) for cell in cells if cell.element == dictionary.key)
    for name, form in dictionary.instruments.items():
        if form.repeats and repeat is not None:
            mine = f"{repeat} = {literal(name)}"
        elif name == dictionary.root:
            mine = "true" if repeat is None else f"{repeat} IS NULL"
        else:
            continue
        fixlist.add(
            bench,
            f"SELECT _at, {key} AS _record, NULL AS _instance FROM raw "
            f"WHERE {mine} AND {_misnumbered(number)}",
            instrument=name,
            fields="redcap_repeat_instance",
            rule="type",
            severity="error",
            says="is not a whole number from 1",
            fix="export the project again, without editing the file",
        )


def check_rows(
    bench: Bench,
    source: Source,
    dictionary: Dictionary,
    cells: Sequence[Cell],
    sitemap: SiteMap,
) -> None:
    """Refuse rows of unknown forms and cells outside their row's form; SourceError names them.

    Forms that the map ignores are no error; no form of the dictionary takes their rows.
    """
    repeat = _column(source, "redcap_repeat_instrument")
    if repeat is None:
        return
    known = [name for name, form in dictionary.instruments.items() if form.repeats]
    listed = ", ".join(literal(name) for name in (*known, *sitemap.ignore)) or "''"
    bad = bench.run(
        f"SELECT _at, {repeat} FROM raw WHERE {repeat} NOT IN ({listed}) ORDER BY _at LIMIT 1"
    )
    if bad and not sitemap.ignore_unmapped:
        form = bad[0][1]
        once = (
            "if it repeats, osteon dictionary import DICTIONARY.csv OUT.yaml --name NAME "
            f"--repeats {form}"
        )
        raise SourceError(
            "is not a repeating form of the dictionary",
            file=source.name,
            row=line_of(bench, source, bad[0][0]),
            field="redcap_repeat_instrument",
            hint=f"{once}; or list the form under ignore"
            if form in dictionary.instruments
            else "export raw data (codes, not labels), or list the form under ignore",
        )
    by_column: dict[int, list[Cell]] = {}
    for cell in cells:
        if cell.column is not None and cell.element != dictionary.key:
            by_column.setdefault(cell.column, []).append(cell)
    if not by_column:
        return
    stray = {}
    for column, readers in by_column.items():
        forms = ", ".join(sorted({literal(cell.declared.instrument) for cell in readers}))
        stray[column] = f"{filled(readers)} AND {repeat} NOT IN ({forms})"
    counts = bench.run(
        f"SELECT {', '.join(f'count_if({test})' for test in stray.values())} "
        f"FROM raw WHERE {repeat} IS NOT NULL"
    )[0]
    for (column, test), count in zip(stray.items(), counts, strict=True):
        if count:
            at = bench.value(f"SELECT min(_at) FROM raw WHERE {test}")
            raise SourceError(
                "is filled in a row of another form",
                file=source.name,
                row=line_of(bench, source, at),
                field=source.header[column],
            )
