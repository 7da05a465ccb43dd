"""Labelled exports of REDCap: "Female" where the raw export has 2.

Whether an export is labelled its choices tell: some cells hold a label that is no code, and none
holds a code that is no label. Labels are then made codes by the dictionary, as far as an element's
labels differ; where two are the same nobody can tell which choice was meant, and the file is
refused. A cell that is neither label nor code stays as it is and is a wrong cell like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.errors import SourceError
from gateway.registry.bench import Bench, literal
from gateway.registry.sitemap import Cell, SiteMap
from gateway.registry.sources.source import Source
from policies.dictionary import Dictionary

__all__ = ["LABEL_HEADERS", "check_headers", "codes_for_labels", "mixed"]

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
) -> bool:
    """Make codes of the labels in ``raw``, if the export is labelled; whether it was.

    ``codes`` are missing-data codes with their labels. SourceError where a label is not unique.
    """
    choices = _choices(source, dictionary, cells, codes)
    if not choices or not _is_labelled(bench, choices):
        return False
    for column, listed in choices.items():
        named = source.header[int(column[1:])]
        _check_unique(bench, source, column, named, listed)
        bench.run(f"UPDATE raw SET {column} = {_recoded(column, listed)}")
    _tick_labelled_boxes(bench, cells)
    _missing_labels(bench, cells, codes, set(choices))
    return True


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


def mixed(
    bench: Bench, cells: Sequence[Cell], dictionary: Dictionary, source: Source
) -> tuple[str, ...]:
    """What to tell of an export that is not labelled and holds labels all the same; before it is
    read as codes, for which the labels are wrong cells.
    """
    choices = _choices(source, dictionary, cells, {})
    if not choices:
        return ()
    labels, known = [], []
    for column, listed in choices.items():
        named = sorted({_same(label) for label in listed.values()})
        labels.append(f"count_if({_only_label(column, named, listed)})")
        known.append(f"count({column})")
    counted = f"SELECT {' + '.join(labels)}, {' + '.join(known)} FROM raw"
    [(n, m)] = bench.run(counted)
    if not n:
        return ()
    return (f"{n} of {m} cells with choices hold labels: is it a mixed export? {_RAW}",)


def _same(text: str) -> str:
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


def _is_labelled(bench: Bench, choices: Mapping[str, Mapping[str, str]]) -> bool:
    """No cell is a code that is no label, and some cell is a label that is no code."""
    codes, labels = [], []
    for column, listed in choices.items():
        named = {_same(label) for label in listed.values()}
        # Of a raw export some cell says so at once, and the dearer question is not asked.
        codes.append(
            f"bool_or({column} IN {_listed([c for c in listed if _same(c) not in named])})"
        )
        labels.append(f"bool_or({_only_label(column, sorted(named), listed)})")
    if any(bench.run(f"SELECT {', '.join(codes)} FROM raw")[0]):
        return False
    return any(bench.run(f"SELECT {', '.join(labels)} FROM raw")[0])


def _check_unique(
    bench: Bench, source: Source, column: str, named: str, listed: Mapping[str, str]
) -> None:
    labels = [_same(label) for label in listed.values()]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if not twice:
        return
    used = bench.value(f"SELECT bool_or({_plain(column)} IN {_listed(twice)}) FROM raw")
    if used:
        raise SourceError(
            "is exported as labels, and two of its choices have the same label",
            file=source.name,
            field=named,
            hint=_RAW,
        )


def _recoded(column: str, listed: Mapping[str, str]) -> str:
    cases = "".join(
        f" WHEN {literal(_same(label))} THEN {literal(code)}" for code, label in listed.items()
    )
    return f"CASE {_plain(column)}{cases} ELSE {column} END"


def _tick_labelled_boxes(bench: Bench, cells: Sequence[Cell]) -> None:
    """Boxes say Checked or Unchecked (read elsewhere), or the choice's label or nothing."""
    for cell in cells:
        if cell.code is None or cell.column is None or cell.map.split is not None:
            continue
        column, label = f"c{cell.column}", _same(cell.declared.choices[cell.code])
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
