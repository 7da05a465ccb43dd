"""Source file → typed forms: the first steps of a load, up to where the dictionary takes over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from gateway.errors import SourceError
from gateway.registry import also_known, fixlist
from gateway.registry.bench import Bench, Parts, literal, quoted
from gateway.registry.export_rights import vanished, vanished_warnings
from gateway.registry.forms import blank_records, build_form, form_table, text_table
from gateway.registry.load_hints import load_hints
from gateway.registry.missing_codes import with_codes
from gateway.registry.sitemap import Cell, SiteMap, bind
from gateway.registry.sources import redcap, smartdata, table
from gateway.registry.sources.labels import check_headers, codes_for_labels, refuse_labels
from gateway.registry.sources.raw import read_raw
from gateway.registry.sources.smartdata_contexts import settle
from gateway.registry.sources.source import Source
from policies.dictionary import Dictionary
from policies.errors import DeclarationError

__all__ = ["Staged", "exclude_patients", "required_without", "stage"]

_LABELLED = (
    "by the site map the export holds labels, not codes; the dictionary's labels were read. "
    'Better export "raw data"'
)


@dataclass(frozen=True)
class Staged:
    """What was read. The forms are on the bench."""

    source: Source
    rows: int
    patients: int
    excluded: tuple[str, ...]
    """Records kept out because the patient opted out. Never printed."""
    vanished: tuple[str, ...] = ()
    """Elements of the dictionary that a REDCap export does not hold."""
    warnings: tuple[str, ...] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    """What the source holds and nothing reads, by name and count."""
    mapped: tuple[str, ...] = ()
    """Elements that the source has a place for, whoever is in it; in the dictionary's order."""


def stage(
    bench: Bench,
    source: Source,
    sitemap: SiteMap,
    dictionary: Dictionary,
    *,
    where: str,
    accept_bad_values: bool,
    refused: Path | None = None,
    told: Parts = lambda *_: None,
) -> Staged:
    """Read ``source`` into one typed table per form. ``where`` names the map in messages;
    ``refused`` is where all faults of a refused load are listed; ``told`` learns how many parts
    are done, the file and each form, and of how many.

    Raises SourceError, DeclarationError (the map does not fit the file) and, unless
    ``accept_bad_values``, LoadRefused.
    """
    sitemap, warnings = with_codes(sitemap, source.about.codes)
    of_redcap = source.shape == "redcap" and source.kind != "fhir"
    if sitemap.labels is not None and not of_redcap:
        raise DeclarationError(
            "is for REDCap exports", where=f"{where}: labels", hint="use recode of the elements"
        )
    if source.kind != "fhir":
        check_headers(source, sitemap, plain=not of_redcap)
    own = _own_columns(source, dictionary, sitemap)
    if source.kind == "smartdata":
        sitemap = smartdata.adapted(sitemap, dictionary, source.header)
    _check_patterns(bench, dictionary)
    _check_withheld(source, sitemap)
    cells = bind(sitemap, dictionary, source.header, where=where, file=source.name, known=own)
    gone, sought = vanished(dictionary, sitemap, cells) if of_redcap else ((), ())
    noted = any(cell.declared.type == "note" for cell in cells)
    lacking = vanished_warnings(source.about, gone, sought, noted=noted)
    warnings += source.about.told + lacking
    _check_required(source, sitemap, dictionary, cells, lacking)
    fixlist.create(bench)
    also_known.create(bench)
    rows = read_raw(bench, source)
    source.report(bench)
    if source.kind == "smartdata":
        settle(bench, source.header, cells, dictionary)
    if source.shape == "redcap":
        codes = source.about.codes or {}
        if of_redcap and sitemap.labels:
            codes_for_labels(bench, source, dictionary, cells, codes)
            warnings += (_LABELLED,)
        elif of_redcap and sitemap.labels is None:
            refuse_labels(bench, source, dictionary, cells, codes)
        redcap.keep_places(bench, source)
        redcap.check_rows(bench, source, dictionary, cells, sitemap)
        redcap.check_instances(bench, source, dictionary, cells)
        forms = redcap.form_rows(source, dictionary, cells)
    else:
        forms = table.form_rows(source, sitemap, dictionary, cells, where=where)
    blank_records(bench, cells, dictionary)
    for done, form in enumerate(forms, start=1):
        told(done, len(forms) + 1)
        build_form(bench, form, cells, dictionary, sitemap)
    told(len(forms) + 1, len(forms) + 1)
    bench.run("DROP TABLE raw")
    excluded = exclude_patients(bench, dictionary)
    hints = load_hints(bench, source, cells, dictionary, sitemap)
    warnings += hints
    if not accept_bad_values:
        fixlist.refuse_if_wrong(bench, source, refused, hints)
    _complete_root(bench, dictionary)
    patients = int(bench.value(f"SELECT count(*) FROM {quoted(form_table(dictionary.root))}"))
    mapped = _mapped(source, sitemap, dictionary, cells)
    return Staged(source, rows, patients, excluded, gone, warnings, source.unread(bench), mapped)


def _mapped(
    source: Source, sitemap: SiteMap, dictionary: Dictionary, cells: Sequence[Cell]
) -> tuple[str, ...]:
    """What an officer is proposed to declare absent follows from this, so no patient may decide
    it (D8): of formats that leave out what nobody answered, the map alone tells.
    """
    told = {cell.element for cell in cells}
    if source.about.sparse or source.kind in ("smartdata", "fhir"):
        told = set(sitemap.maps)
        if sitemap.others == "same":
            told = set(dictionary.elements) - set(sitemap.absent)
    return tuple(name for name in dictionary.elements if name in told)


def _check_withheld(source: Source, sitemap: SiteMap) -> None:
    """SourceError for a field that the map reads and the token's right takes out."""
    read = [given.from_ for given in sitemap.maps.values() if given.from_ in source.about.withheld]
    if read:
        raise SourceError(
            "is read by the site map, and the export right of the token takes it out",
            file=source.name,
            field=read[0],
            hint='ask for the export right "Full Data Set", or take it out of the site map',
        )


def _own_columns(source: Source, dictionary: Dictionary, sitemap: SiteMap) -> frozenset[str]:
    """Columns that a format adds by itself."""
    if source.kind == "smartdata":
        return frozenset(smartdata.OWN_COLUMNS)
    if source.shape == "redcap":
        codes = source.about.codes or {}
        return frozenset(redcap.format_columns(source.header, dictionary, sitemap, codes))
    return frozenset()


def _check_required(
    source: Source,
    sitemap: SiteMap,
    dictionary: Dictionary,
    cells: Sequence[Cell],
    warnings: Sequence[str],
) -> None:
    """SourceError for required elements that the file has no column for; ``warnings`` say why.

    An export that lost a column would otherwise load as one in which nobody answered. What is
    computed or dropped is not needed; nor are forms that the map's ``rows`` or ``forms`` leave out.
    """
    given = {cell.element for cell in cells} | set(sitemap.absent)
    lacking = required_without(sitemap, dictionary, given)
    if lacking:
        others = f"; so are {', '.join(lacking[1:])}" if lacking[1:] else ""
        raise SourceError(
            f"is required and has no column{others}",
            file=source.name,
            field=lacking[0],
            hint="; ".join(
                ["add it to the export, or list it under `absent:` in the site map", *warnings]
            ),
        )


def required_without(sitemap: SiteMap, dictionary: Dictionary, given: Collection[str]) -> list[str]:
    """Required elements that a load of the forms of ``rows`` or ``forms`` needs and that are not
    ``given``.
    """
    feeds = {*sitemap.rows, *sitemap.forms, *([dictionary.root] if sitemap.forms else [])}
    return [
        name
        for name, element in dictionary.elements.items()
        if element.required
        and name not in given
        and not element.derived
        and not (element.identifier and element.deid == "drop")
        and (not feeds or element.instrument in feeds)
    ]


def _check_patterns(bench: Bench, dictionary: Dictionary) -> None:
    # The dictionary accepts Python's expressions; the engine knows neither look-around nor
    # back-references.
    for name, element in dictionary.elements.items():
        if element.pattern is not None:
            try:
                bench.run(f"SELECT regexp_matches('', {literal(element.pattern)})")
            except duckdb.Error:
                raise DeclarationError(
                    "the pattern uses what the engine does not know (RE2 syntax)",
                    where=f"dictionary: elements.{name}.pattern",
                ) from None


def exclude_patients(bench: Bench, dictionary: Dictionary) -> tuple[str, ...]:
    """Remove every row of patients whose choice excludes them, from forms and fix list."""
    tests = []
    for name, element in dictionary.elements.items():
        if not element.excludes:
            continue
        test = (
            " OR ".join(quoted(f"{name}___{code}") for code in element.excludes)
            if element.type == "multi"
            else f"{quoted(name)} IN ({', '.join(literal(c) for c in element.excludes)})"
        )
        tests.append(f"SELECT _record FROM {quoted(form_table(element.instrument))} WHERE {test}")
    if not tests:
        return ()
    bench.run(f"CREATE OR REPLACE TABLE excluded AS {' UNION '.join(tests)}")
    out = "IN (SELECT _record FROM excluded)"
    for instrument in dictionary.instruments:
        bench.run(f"DELETE FROM {quoted(form_table(instrument))} WHERE _record {out}")
        bench.run(f"DELETE FROM {quoted(text_table(instrument))} WHERE _record {out}")
    bench.run(f"DELETE FROM fix WHERE record {out}")
    bench.run(f"DELETE FROM also_known WHERE record {out}")
    return tuple(row[0] for row in bench.run("SELECT _record FROM excluded ORDER BY 1"))


def _complete_root(bench: Bench, dictionary: Dictionary) -> None:
    """Every record has a row of the patient's form, if only an empty one."""
    root = quoted(form_table(dictionary.root))
    others = " UNION ALL ".join(
        f"SELECT _record, _at FROM {quoted(form_table(name))}"
        for name in dictionary.instruments
        if name != dictionary.root
    )
    if not others:
        return
    lacking = (
        f"SELECT min(_at) AS _at, _record, '1' AS _instance FROM ({others}) "
        f"WHERE _record NOT IN (SELECT _record FROM {root}) GROUP BY _record"
    )
    fixlist.add(
        bench,
        lacking,
        instrument=dictionary.root,
        fields=dictionary.key,
        rule="patient",
        severity="error",
        says="the record has other forms but not the patient's",
        fix="export the patient's form too",
    )
    bench.run(
        f"INSERT INTO {root} BY NAME SELECT _at, _record, _instance, 1 AS _seq, "
        f"_record AS {quoted(dictionary.key)} FROM ({lacking})"
    )
