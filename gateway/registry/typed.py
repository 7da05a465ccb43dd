"""From a cell's text to a typed value, as SQL, and what can be wrong with it, as sentences.

A cell that is wrong has no value; nothing is guessed. The rules are those of the dictionary:
type, choices, bounds (in the dictionary's unit), pattern.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.registry.bench import literal
from gateway.registry.sitemap import EPIC_DAYS, Cell, SiteMap, conversion

__all__ = ["COLUMN_TYPES", "UNTICKED", "Fault", "Typed", "source_text", "typed", "typed_value"]

COLUMN_TYPES = {
    "text": "VARCHAR",
    "note": "VARCHAR",
    "category": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "multi": "BOOLEAN",
}
_WHOLE = r"[+-]?\d{1,15}(\.0*)?"
_DECIMAL = r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?"
_ISO = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"
_YEARS = (1850, 2150)
_TICKED, UNTICKED = ("1", "checked", "true", "yes"), ("0", "unchecked", "false", "no")


@dataclass(frozen=True)
class Fault:
    """``test`` is SQL, true where the cell is wrong; ``rule`` a stable word; ``says`` a sentence
    without the cell's value.
    """

    rule: str
    test: str
    says: str


@dataclass(frozen=True)
class Typed:
    """From text to value in three steps of SQL, so that none is written (and planned) over and
    over: ``clean`` is the text without missing-data codes, ``parsed`` what it reads as, and
    ``value`` the typed value or NULL. A cell has the first of ``faults`` whose test is true.
    """

    clean: str
    parsed: str
    value: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class _Names:
    """SQL that stands for the results of the first two steps."""

    clean: str
    parsed: str


def _listed(texts: object) -> str:
    return "(" + ", ".join(literal(str(text)) for text in texts) + ")"  # type: ignore[attr-defined]


def source_text(cell: Cell) -> str:
    """SQL over ``raw``: the cell's text with recoding applied, NULL where blank."""
    if cell.column is None:
        return literal(str(cell.map.const))
    column = f"c{cell.column}"
    return column if cell.map.split is not None else _recoded(cell, column)


def _recoded(cell: Cell, text: str) -> str:
    """SQL: a text by the map's recodes; those that it does not list pass unchanged."""
    if not cell.map.recode:
        return text
    fold = str.lower if cell.map.ignore_case else str
    cases = "".join(
        f" WHEN {literal(fold(given.strip()))} THEN "
        + ("NULL" if code is None else literal(str(code)))
        for given, code in cell.map.recode.items()
    )
    said = f"lower({text})" if cell.map.ignore_case else text
    return f"CASE {said}{cases} ELSE {text} END"


def typed(cell: Cell, text: str, sitemap: SiteMap, *, clean: str, parsed: str) -> Typed:
    """The steps of a cell whose source text is the SQL ``text``; ``clean`` and ``parsed`` name
    the columns of their results. Missing-data codes have no value.
    """
    codes = [c for c in sitemap.missing.codes if c not in cell.declared.choices]
    kept = f"CASE WHEN {text} IN {_listed(codes)} THEN NULL ELSE {text} END" if codes else text
    names, kind = _Names(clean, parsed), cell.declared.type
    if kind in ("integer", "number"):
        return _number(cell, kept, sitemap, codes, names)
    if kind == "date":
        return _date(cell, kept, names)
    if kind == "category":
        return _category(cell, kept, names)
    if kind == "multi":
        return _choice_of_many(cell, kept, names)
    if cell.declared.pattern is None:
        return Typed(kept, clean, parsed)
    fits = f"regexp_matches({clean}, {literal(cell.declared.pattern)})"
    fault = Fault("pattern", f"NOT {parsed}", "does not have the form that the dictionary asks for")
    return Typed(kept, fits, f"CASE WHEN {parsed} THEN {clean} END", (fault,))


def typed_value(cell: Cell, text: str, sitemap: SiteMap) -> str:
    """The typed value as one piece of SQL."""
    clean = typed(cell, text, sitemap, clean="", parsed="").clean
    parsed = typed(cell, text, sitemap, clean=f"({clean})", parsed="").parsed
    return typed(cell, text, sitemap, clean=f"({clean})", parsed=f"({parsed})").value


def _number(cell: Cell, kept: str, sitemap: SiteMap, codes: Sequence[str], names: _Names) -> Typed:
    declared, clean, parsed = cell.declared, names.clean, names.parsed
    comma = (cell.map.decimal or sitemap.decimal) == ","
    text = clean
    if comma:
        # "150.125" may be thousands: with a decimal comma a point is no part of a number.
        text = f"CASE WHEN contains({clean}, '.') THEN NULL ELSE replace({clean}, ',', '.') END"
    read = f"CASE WHEN regexp_full_match({text}, '{_DECIMAL}') THEN TRY_CAST({text} AS DOUBLE) END"
    ratio = conversion(cell.map.unit, declared.unit) if cell.map.unit and declared.unit else None
    value = parsed
    if ratio is not None and ratio[0] != ratio[1]:
        value = f"({parsed} * {ratio[0]} / {ratio[1]})"
    says, fits = "is not a number", f"{parsed} IS NOT NULL"
    if declared.type == "integer":
        fits = f"abs({value}) < 1e15 AND {value} = floor({value})"
        says = "is not a whole number"
    says += ", written with a decimal comma" if comma else ""
    wrong = f"{clean} IS NOT NULL AND NOT coalesce({fits}, false)"
    numeric = [code for code in codes if re.fullmatch(r"[+-]?\d{1,15}(\.\d*)?", code)]
    if numeric:
        # Data frames write the code -99 as -99.0.
        coded = f"coalesce({parsed} IN ({', '.join(str(float(code)) for code in numeric)}), false)"
        fits, wrong = f"NOT {coded} AND {fits}", f"NOT {coded} AND {wrong}"
    faults = [Fault("type", wrong, says)]
    low, high = declared.bounds
    tests = [f"{value} < {low}"] if low is not None else []
    tests += [f"{value} > {high}"] if high is not None else []
    if tests:
        unit = f" {declared.unit}" if declared.unit else ""
        ends = f"{'…' if low is None else f'{low:g}'} to {'…' if high is None else f'{high:g}'}"
        outside = f"({' OR '.join(tests)})"
        faults.append(
            Fault("bounds", f"{fits} AND {outside}", f"is outside its bounds, {ends}{unit}")
        )
        fits = f"{fits} AND NOT {outside}"
    if declared.type == "integer":
        value = f"CAST({value} AS BIGINT)"
    return Typed(kept, read, f"CASE WHEN {fits} THEN {value} END", tuple(faults))


def _date(cell: Cell, kept: str, names: _Names) -> Typed:
    low, high = _YEARS
    clean, parsed = names.clean, names.parsed
    if cell.map.format == EPIC_DAYS:
        # Days since 1840-12-31, as M counts them.
        whole = f"CASE WHEN regexp_full_match({clean}, '[0-9]{{1,6}}(\\.0*)?') THEN {clean} END"
        read = f"DATE '1840-12-31' + CAST(CAST({whole} AS DOUBLE) AS INTEGER)"
        says = "is not a day number of Epic"
    elif cell.map.format is None:
        read = (
            f"CASE WHEN regexp_full_match({clean}, '{_ISO}') "
            f"THEN TRY_CAST(left({clean}, 10) AS DATE) END"
        )
        says = "is not a date written YYYY-MM-DD"
    else:
        read = f"CAST(try_strptime({clean}, {literal(cell.map.format)}) AS DATE)"
        says = f"is not a date written {cell.map.format}"
    # A day's grace: the database's day may end before the hospital's.
    future = f"{parsed} > current_date + 1"
    years = f"BETWEEN {low} AND {high}"
    return Typed(
        kept,
        read,
        f"CASE WHEN year({parsed}) {years} AND NOT ({future}) THEN {parsed} END",
        (
            Fault("type", f"{clean} IS NOT NULL AND {parsed} IS NULL", says),
            Fault(
                "bounds",
                f"year({parsed}) NOT {years}",
                f"is a date outside the years {low} to {high}",
            ),
            Fault("bounds", future, "is a date in the future"),
        ),
    )


def _category(cell: Cell, kept: str, names: _Names) -> Typed:
    clean, parsed = names.clean, names.parsed
    choices = _listed(cell.declared.choices)
    # Spreadsheets and data frames write the code 2 as 2.0.
    plain = (
        f"CASE WHEN {clean} IN {choices} THEN {clean} "
        f"WHEN {clean} SIMILAR TO '[0-9]+\\.0+' THEN split_part({clean}, '.', 1) ELSE {clean} END"
    )
    fits = f"{parsed} IN {choices}"
    return Typed(
        kept,
        plain,
        f"CASE WHEN {fits} THEN {parsed} END",
        (Fault("choice", f"NOT ({fits})", "is not one of its choices"),),
    )


def _choice_of_many(cell: Cell, kept: str, names: _Names) -> Typed:
    clean, parsed = names.clean, names.parsed
    if cell.map.split is None and cell.column is not None:
        return Typed(
            kept,
            f"lower({clean})",
            f"CASE WHEN {parsed} IN {_listed(_TICKED)} THEN true "
            f"WHEN {parsed} IN {_listed(UNTICKED)} THEN false END",
            (
                Fault(
                    "type",
                    f"{parsed} NOT IN {_listed((*_TICKED, *UNTICKED))}",
                    "is not 1 (ticked) or 0",
                ),
            ),
        )
    separator = literal(cell.map.split or ";")
    parts = f"list_transform(str_split({clean}, {separator}), lambda x: trim(x))"
    if cell.map.recode:
        parts = f"list_transform({parts}, lambda x: {_recoded(cell, 'x')})"
    parts = f"list_filter({parts}, lambda x: x IS NOT NULL AND x != '')"
    choices = f"[{', '.join(literal(c) for c in cell.declared.choices)}]"
    first = next(iter(cell.declared.choices))
    faults = (
        (Fault("choice", f"NOT list_has_all({choices}, {parsed})", "names an unknown choice"),)
        if cell.code == first
        else ()
    )
    return Typed(kept, parts, f"list_contains({parsed}, {literal(str(cell.code))})", faults)
