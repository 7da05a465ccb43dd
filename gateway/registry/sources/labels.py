"""Labelled exports of REDCap: "Female" where the raw export has 2.

Whether an export is labelled the site map says (``labels``) and no cell does: what all patients'
cells together decided, one patient could turn for all others. With ``labels: true`` labels are
made codes by the dictionary, as far as an element's labels differ; where two are the same nobody
can tell which choice was meant, and the file is refused. A cell that is neither label nor code
stays as it is and is a wrong cell like any other. A file that speaks against the map, or with a
map that says nothing holds labels, is refused: refusing changes no table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.errors import SourceError
from gateway.registry.bench import Bench, literal
from gateway.registry.sitemap import Cell, SiteMap
from gateway.registry.sources.raw import line_of
from gateway.registry.sources.source import Source
from policies.dictionary import Dictionary

__all__ = ["LABEL_HEADERS", "check_headers", "codes_for_labels", "refuse_labels", "same_label"]

_FORM = "redcap_repeat_instrument"
LABEL_HEADERS = frozenset(
    {"Repeat Instrument", "Repeat Instance", "Event Name", "Data Access Group", "Survey Identifier"}
)
_REPEATS = frozenset({"Repeat Instrument", "Repeat Instance"})
_RAW = 'export "raw data", not "labels"'


def check_headers(source: Source, sitemap: SiteMap, *, plain: bool = False) -> None:
    """SourceError for an export whose columns are named by labels: a label names no field.

    ``plain``: nothing says that the file is of REDCap, so the columns of repeating forms must be
    among them, and the map not read or ignore them.
    """
    read = {given.from_ for given in sitemap.maps.values()} | set(sitemap.ignore)
    found = sorted((LABEL_HEADERS & set(source.header)) - (read if plain else set()))
    if found and not (plain and _REPEATS.isdisjoint(found)):
        raise SourceError(
            f'the columns are named by labels, as "{found[0]}"',
            file=source.name,
            row=1,
            hint=_RAW,
        )


def codes_for_labels(
    bench: Bench,
    source: Source,
    dictionary: Dictionary,
    cells: Sequence[Cell],
    codes: Mapping[str, str],
) -> None:
    """Make codes of the labels in ``raw``, of an export that the map calls labelled.

    ``codes`` are missing-data codes with their labels. SourceError where a label is not unique, and
    for a cell that is a code and no label.
    """
    choices = _choices(source, dictionary, cells, codes)
    tests = {}
    for column, listed in choices.items():
        named = {same_label(label) for label in listed.values()}
        only_codes = _listed([code for code in listed if same_label(code) not in named])
        tests[column] = f"{column} IN {only_codes}"
    _refuse(
        bench,
        source,
        tests,
        "holds a code, and the site map says labels: true",
        f"{_RAW}, and take labels out of the site map",
    )
    _check_unique(bench, source, choices)
    for column, listed in choices.items():
        bench.run(f"UPDATE raw SET {column} = {_recoded(column, listed)}")
    _tick_labelled_boxes(bench, cells)
    _missing_labels(bench, cells, codes, set(choices))


def refuse_labels(
    bench: Bench,
    source: Source,
    dictionary: Dictionary,
    cells: Sequence[Cell],
    codes: Mapping[str, str],
) -> None:
    """SourceError for a cell that is a label and no code, where the map does not say which of the
    two the export holds.
    """
    tests = {
        column: _only_label(
            column, sorted({same_label(label) for label in listed.values()}), listed
        )
        for column, listed in _choices(source, dictionary, cells, codes).items()
    }
    _refuse(
        bench,
        source,
        tests,
        "holds a label, not a code",
        f"{_RAW}; or, if the whole file holds labels, say labels: true in the site map "
        "(labels: false: it holds codes, and labels are wrong cells)",
    )


def _refuse(bench: Bench, source: Source, tests: Mapping[str, str], says: str, hint: str) -> None:
    """SourceError for the first row in which the test of a column, in SQL, is true."""
    if not tests:
        return
    firsts = ", ".join(f"min(_at) FILTER (WHERE {test})" for test in tests.values())
    found = zip(bench.run(f"SELECT {firsts} FROM raw")[0], tests, strict=True)
    rows = [(at, column) for at, column in found if at is not None]
    if rows:
        at, column = min(rows)
        raise SourceError(
            says,
            file=source.name,
            row=line_of(bench, source, at),
            field=source.header[int(column[1:])],
            hint=hint,
        )


def _choices(
    source: Source, dictionary: Dictionary, cells: Sequence[Cell], codes: Mapping[str, str]
) -> dict[str, Mapping[str, str]]:
    """Columns that hold choices or the name of a form, with their codes and labels."""
    chosen = {
        f"c{cell.column}": cell
        for cell in cells
        if cell.declared.type == "category" and cell.column is not None and not cell.map.recode
    }
    choices: dict[str, Mapping[str, str]] = {
        column: dict(cell.declared.choices) | {c: label for c, label in codes.items() if label}
        for column, cell in chosen.items()
    }
    if _FORM in source.header:
        forms = {name: form.label for name, form in dictionary.instruments.items() if form.repeats}
        choices[f"c{source.header.index(_FORM)}"] = forms
    return choices


def same_label(text: str) -> str:
    """Labels compare without case and with any white space as one blank."""
    return " ".join(text.split()).lower()


def _plain(column: str) -> str:
    return f"lower(trim(regexp_replace({column}, '\\s+', ' ', 'g')))"


def _only_label(column: str, named: Sequence[str], listed: Iterable[str]) -> str:
    """SQL: the cell is a label and no code. Codes are known first: they are quick to find."""
    return (
        f"CASE WHEN {column} NOT IN {_listed([*listed])} "
        f"THEN {_plain(column)} IN {_listed(named)} ELSE false END"
    )


def _listed(texts: Sequence[str]) -> str:
    return f"({', '.join(literal(text) for text in texts) or 'NULL'})"


def _check_unique(bench: Bench, source: Source, choices: Mapping[str, Mapping[str, str]]) -> None:
    tests = {}
    for column, listed in choices.items():
        labels = [same_label(label) for label in listed.values()]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            tests[column] = f"{_plain(column)} IN {_listed(twice)}"
    says = "is exported as labels, and two of its choices have the same label"
    _refuse(bench, source, tests, says, _RAW)


def _recoded(column: str, listed: Mapping[str, str]) -> str:
    cases = "".join(
        f" WHEN {literal(same_label(label))} THEN {literal(code)}" for code, label in listed.items()
    )
    return f"CASE {_plain(column)}{cases} ELSE {column} END"


def _tick_labelled_boxes(bench: Bench, cells: Sequence[Cell]) -> None:
    """Boxes say Checked or Unchecked (read elsewhere), or the choice's label or nothing."""
    for cell in cells:
        if cell.code is None or cell.column is None or cell.map.split is not None:
            continue
        column, label = f"c{cell.column}", same_label(cell.declared.choices[cell.code])
        bench.run(
            f"UPDATE raw SET {column} = CASE {_plain(column)} WHEN {literal(label)} THEN '1' "
            f"WHEN 'checked' THEN '1' WHEN 'unchecked' THEN '0' ELSE {column} END"
        )


def _missing_labels(
    bench: Bench, cells: Sequence[Cell], codes: Mapping[str, str], done: set[str]
) -> None:
    labelled = {code: label for code, label in codes.items() if label}
    columns = {f"c{c.column}" for c in cells if c.column is not None and c.code is None} - done
    if labelled and columns:
        sets = ", ".join(f"{c} = {_recoded(c, labelled)}" for c in sorted(columns))
        bench.run(f"UPDATE raw SET {sets}")
