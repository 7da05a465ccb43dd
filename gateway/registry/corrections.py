"""The fix list as a file that REDCap imports: blank cells to fill in, row by row.

REDCap's import template names a row by record, event, repeat instrument and instance, and ignores
blank cells unless told to overwrite. So what nobody fills in changes nothing. A line of the list
that is no cell of such a row (a form entered twice, a computed field, an answer to be cleared) is
left to the fix list and counted; so is one whose mistake may stand in another row
(:mod:`gateway.registry.elsewhere`) and, of a CSV, a line of a record whose name a spreadsheet
would run as a formula (:mod:`gateway.registry.formulas`). The list is worked on a bench, so that
its length does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from gateway.errors import SiteError, StoreError
from gateway.registry.bench import Bench
from gateway.registry.corrections_file import Rows, write_rows
from gateway.registry.elsewhere import elsewhere
from gateway.registry.fixes import open_listed
from gateway.registry.fixlist import PLACE_COLUMNS
from gateway.registry.formulas import is_formula, is_formula_sql, unprintable_sql
from gateway.registry.sitemap import SiteMap, redcap_code
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder
from policies.decode import digest, load
from policies.dictionary import Dictionary
from policies.library import find

__all__ = ["Corrections", "write_corrections"]

_FOREIGN = ("fhir", "smartdata")
_NO_CELL = frozenset({"record", "duplicate", "patient", "branch"})
"""Rules whose fix is to delete, merge or clear, not to enter a value."""
_PLACE = ("record", *PLACE_COLUMNS)
_FETCHED = 2_000


@dataclass(frozen=True)
class Corrections:
    """What was written. ``left`` counts lines of ``listed`` that REDCap's import cannot mend;
    ``elsewhere`` are those of them, by rule, whose mistake may stand in another row than theirs.
    ``unsafe`` counts lines of records whose names a spreadsheet would run, or a workbook cannot
    hold.
    """

    listed: str
    rows: int
    cells: int
    left: int
    unsafe: int
    elsewhere: Mapping[str, int]


def write_corrections(
    site: SiteFolder,
    out: Path,
    sitemap: str | None = None,
    *,
    only: Collection[str] = (),
    missing: bool = False,
) -> Corrections:
    """Write the cells of the last load's fix list, or of the list of why it was refused, or of its
    ``missing`` answers, as CSV or as a workbook (``.xlsx``); of ``only`` these elements, each as
    form.element, if any are given.

    ``out`` is complete or absent, and its owner's only. It is not written when no line is a cell.
    ``sitemap`` is the map of that load (default: that of ``site.yaml``, or else the file that the
    load was given): it names the project's fields. StoreError without a list; SiteError if ``out``
    exists, there is no map or it is not the load's, or the load was of no REDCap export or of
    labels.
    """
    refused = site.path / "refused.csv"
    listed = refused if refused.is_file() else site.fixlist_path
    listed = site.missing_path if missing else listed
    if not listed.is_file():
        raise StoreError("nothing is loaded yet", hint=f"osteon site ingest {site.path} SOURCE")
    if out.exists():
        raise SiteError(f"{out} exists", hint="choose a new file")
    given = sitemap or site.config.map or _map_of_load(site, refused=listed == refused)
    if given is None:
        raise SiteError("no site map", hint="give --map, or name one in site.yaml")
    mapping, dictionary = load(SiteMap, find("examples", given)), site.dictionary()
    chosen = _chosen(only, dictionary)
    _check_source(site, mapping, given, refused=listed == refused)
    other = elsewhere(site.rules(), dictionary, site.derivations())
    with open_listed(listed) as bench:
        fields, beyond = _ask(bench, mapping, dictionary, chosen, other)
        rows, cells, left, unsafe = _count(
            bench, is_formula_sql if out.suffix != ".xlsx" else unprintable_sql
        )
        _check_events(bench)
        if rows:
            key = next(_named(dictionary.key, mapping, [], "text"), dictionary.key)
            write_rows(out, _rows(bench, key, fields, rows, beyond))
    return Corrections(listed.name, rows, cells, left, unsafe, beyond)


def _chosen(only: Collection[str], dictionary: Dictionary) -> frozenset[str]:
    """The elements; SiteError for one that its form does not hold."""
    found = set()
    for one in only:
        form, _, name = one.partition(".")
        element = dictionary.elements.get(name)
        if element is None or element.instrument != form:
            raise SiteError(
                f'"{one}" is no element of the dictionary',
                hint="name it as form.element, e.g. "
                + next(f"{e.instrument}.{n}" for n, e in dictionary.elements.items()),
            )
        found.add(name)
    return frozenset(found)


def _map_of_load(site: SiteFolder, *, refused: bool) -> str | None:
    """The file that the last load was given as its map; a refused load has left no note of it."""
    version = None if refused else open_store(site).current()
    return None if version is None else version.meta().get("map_file")


def _check_source(site: SiteFolder, sitemap: SiteMap, given: str, *, refused: bool) -> None:
    """SiteError unless the list may be of a REDCap export, read through this map. A project without
    events and repeating forms exports a plain table; of a refused load only the map tells.
    """
    version = None if refused else open_store(site).current()
    meta = {} if version is None else version.meta()
    foreign = sitemap.source not in (None, "redcap") or bool(sitemap.rows)
    if foreign or meta.get("source", {}).get("kind") in _FOREIGN:
        raise SiteError(
            "the load was of no REDCap export: there is nothing to import corrections into",
            hint="osteon site fixes writes the fix list as CSV or Excel",
        )
    if meta.get("map", digest(sitemap)) != digest(sitemap):
        raise SiteError(
            f"{given}: the last load had another site map", hint="give the one that it had"
        )


def _check_events(bench: Bench) -> None:
    """SiteError where events are named by labels: REDCap's import knows unique names only."""
    events = [row[0] for row in bench.run("SELECT DISTINCT redcap_event_name FROM wanted")]
    if not all(re.fullmatch(r"[a-z0-9_]*", event) for event in events):
        raise SiteError(
            "the load was of a labelled export, whose events have no names that REDCap imports",
            hint='export "raw data", not "labels", load it, and write the corrections again',
        )


def _ask(
    bench: Bench,
    sitemap: SiteMap,
    dictionary: Dictionary,
    chosen: Collection[str],
    other: Callable[[str, str], bool],
) -> tuple[list[str], dict[str, int]]:
    """Make the tables ``lines``, each with its kind (what decides its columns), and ``asked``, the
    project's columns of each kind. Lines about nothing that is chosen are left out. The columns
    come back in the dictionary's order, and by rule the number of lines that ``other`` says may be
    mended in another row: they have no columns.
    """
    texts = ", ".join(
        f"coalesce({c}, '') AS {c}" for c in (*_PLACE, "instrument", "rule", "fields")
    )
    bench.run(f"CREATE VIEW plain AS SELECT _n, {texts} FROM listed")
    decides = f"instrument, rule, fields, {_PLACE[1]} || {_PLACE[3]} <> '' AS placed"
    bench.run(
        "CREATE TABLE kinds AS SELECT row_number() OVER () AS kind, * "
        f"FROM (SELECT DISTINCT {decides} FROM plain)"
    )
    kinds, columns, beyond = [], [], []
    for kind, form, rule, fields, placed in bench.run("FROM kinds"):
        named = fields.split()
        if chosen and not any(field.partition("___")[0] in chosen for field in named):
            bench.run("DELETE FROM kinds WHERE kind = ?", [kind])
        elif named and other(rule, named[0]):
            beyond.append(int(kind))
        elif rule not in _NO_CELL and form in dictionary.instruments:
            if dictionary.instruments[form].repeats and not placed:
                continue
            found = dict.fromkeys(_columns(form, named, sitemap, dictionary, chosen))
            kinds += [kind] * len(found)
            columns += list(found)
    asked = pa.table({"kind": pa.array(kinds, pa.int64()), "col": pa.array(columns, pa.string())})
    bench.connection.register("_asked", asked)
    bench.run("CREATE TABLE asked AS FROM _asked")
    bench.connection.unregister("_asked")
    bench.run(
        f"CREATE TABLE lines AS SELECT _n, kind, {', '.join(_PLACE)} "
        f"FROM (SELECT *, {decides.rpartition(', ')[2]} FROM plain) "
        "JOIN kinds USING (instrument, rule, fields, placed)"
    )
    every = (
        column
        for name, element in dictionary.elements.items()
        for column in _named(name, sitemap, element.choices, element.type)
    )
    counted = bench.run(
        "SELECT rule, count(*) FROM lines JOIN kinds USING (kind) "
        f"WHERE list_contains({beyond}::BIGINT[], kind) GROUP BY rule ORDER BY 2 DESC, 1"
    )
    return [column for column in dict.fromkeys(every) if column in set(columns)], dict(counted)


def _count(bench: Bench, odd: Callable[[str], str]) -> tuple[int, int, int, int]:
    """Make the table ``wanted`` of rows to write; count its rows, their cells, the lines that give
    none, and those that give none because the SQL ``odd`` is true of a name of theirs.
    """
    place = ", ".join(_PLACE)
    unsafe = " OR ".join(odd(name) for name in _PLACE)
    bench.run(
        f"CREATE TABLE mended AS SELECT *, {unsafe} AS unsafe FROM lines "
        "WHERE record <> '' AND kind IN (SELECT kind FROM asked)"
    )
    bench.run(
        f"CREATE TABLE wanted AS SELECT {place}, min(_n) AS _n FROM mended WHERE NOT unsafe "
        f"GROUP BY {place}"
    )
    cells = f"SELECT DISTINCT {place}, col FROM mended JOIN asked USING (kind) WHERE NOT unsafe"
    counted: tuple[int, int, int, int] = bench.run(
        f"SELECT (SELECT count(*) FROM wanted), (SELECT count(*) FROM ({cells})), "
        "(SELECT count(*) FROM lines) - (SELECT count(*) FROM mended), "
        "(SELECT count_if(unsafe) FROM mended)"
    )[0]
    return counted


def _columns(
    form: str,
    fields: Sequence[str],
    sitemap: SiteMap,
    dictionary: Dictionary,
    chosen: Collection[str],
) -> Iterator[str]:
    """The project's columns that a line is about, in the row that it names."""
    for field in fields:
        name, boxed, code = field.partition("___")
        element = dictionary.elements.get(name)
        if element is None or element.instrument != form or element.derived:
            continue
        if name != dictionary.key and (not chosen or name in chosen):
            yield from _named(name, sitemap, [code] if boxed else element.choices, element.type)


def _named(
    name: str, sitemap: SiteMap, codes: Sequence[str] | Mapping[str, str], kind: str
) -> Iterator[str]:
    given = sitemap.maps.get(name)
    if given is not None and given.from_ is None:
        return
    column = name if given is None or given.from_ is None else given.from_
    if kind == "multi" and (given is None or given.split is None):
        yield from (f"{column}___{redcap_code(code)}" for code in codes)
    else:
        yield column


def _rows(
    bench: Bench, key: str, fields: Sequence[str], count: int, beyond: Mapping[str, int]
) -> Rows:
    """The rows in the order of the list, with the parts of a place that some row has; REDCap wants
    both parts of a repeating row.
    """
    held = ", ".join(f"bool_or({name} <> '')" for name in PLACE_COLUMNS)
    [(event, *repeat)] = bench.run(f"SELECT {held} FROM wanted")
    used = [*PLACE_COLUMNS[: 1 if event else 0], *(PLACE_COLUMNS[1:] if any(repeat) else ())]
    header = (key, *used, *fields)
    odd = [name for name in header if is_formula(name)]
    if odd:
        raise SiteError(
            f'"{odd[0]}" is no name that a field of REDCap has',
            hint="name the project's own field in the site map",
        )

    def cells() -> Iterator[tuple[str, ...]]:
        cursor = bench.connection.cursor()
        cursor.execute(f"SELECT {', '.join(['record', *used])} FROM wanted ORDER BY _n")
        while batch := cursor.fetchmany(_FETCHED):
            yield from batch

    return Rows(header, 1 + len(used), count, cells(), beyond)
