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

__all__ = ["COLUMN_TYPES", "UNTICKED", "Fault", "Typed", "source_text", "typed"]

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
    """``value`` is SQL giving the typed value or NULL."""

    value: str
    faults: tuple[Fault, ...] = ()


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


def typed(cell: Cell, text: str, sitemap: SiteMap) -> Typed:
    """The value of a cell whose source text is the SQL ``text``. Missing-data codes are NULL."""
    codes = [c for c in sitemap.missing.codes if c not in cell.declared.choices]
    if codes:
        text = f"CASE WHEN {text} IN {_listed(codes)} THEN NULL ELSE {text} END"
    kind = cell.declared.type
    if kind in ("integer", "number"):
        return _number(cell, text, sitemap, codes)
    if kind == "date":
        return _date(cell, text)
    if kind == "category":
        return _category(cell, text)
    if kind == "multi":
        return _choice_of_many(cell, text)
    if cell.declared.pattern is None:
        return Typed(text)
    fits = f"regexp_matches({text}, {literal(cell.declared.pattern)})"
    fault = Fault("pattern", f"NOT {fits}", "does not have the form that the dictionary asks for")
    return Typed(f"CASE WHEN {fits} THEN {text} END", (fault,))


def _number(cell: Cell, text: str, sitemap: SiteMap, codes: Sequence[str]) -> Typed:
    declared = cell.declared
    comma = (cell.map.decimal or sitemap.decimal) == ","
    if comma:
        # "150.125" may be thousands: with a decimal comma a point is no part of a number.
        text = f"CASE WHEN contains({text}, '.') THEN 'point' ELSE replace({text}, ',', '.') END"
    numeric = [code for code in codes if re.fullmatch(r"[+-]?\d{1,15}(\.\d*)?", code)]
    if numeric:
        # Data frames write the code -99 as -99.0.
        listed = ", ".join(str(float(code)) for code in numeric)
        text = f"CASE WHEN TRY_CAST({text} AS DOUBLE) IN ({listed}) THEN NULL ELSE {text} END"
    value = f"CASE WHEN regexp_full_match({text}, '{_DECIMAL}') THEN TRY_CAST({text} AS DOUBLE) END"
    ratio = conversion(cell.map.unit, declared.unit) if cell.map.unit and declared.unit else None
    if ratio is not None and ratio[0] != ratio[1]:
        value = f"({value} * {ratio[0]} / {ratio[1]})"
    says = "is not a number"
    if declared.type == "integer":
        whole = f"abs({value}) < 1e15 AND {value} = floor({value})"
        value = f"CASE WHEN {whole} THEN CAST({value} AS BIGINT) END"
        says = "is not a whole number"
    says += ", written with a decimal comma" if comma else ""
    faults = [Fault("type", f"{text} IS NOT NULL AND ({value}) IS NULL", says)]
    low, high = declared.bounds
    tests = [f"({value}) < {low}"] if low is not None else []
    tests += [f"({value}) > {high}"] if high is not None else []
    if tests:
        unit = f" {declared.unit}" if declared.unit else ""
        ends = f"{'…' if low is None else f'{low:g}'} to {'…' if high is None else f'{high:g}'}"
        outside = " OR ".join(tests)
        faults.append(Fault("bounds", outside, f"is outside its bounds, {ends}{unit}"))
        value = f"CASE WHEN NOT ({outside}) THEN {value} END"
    return Typed(value, tuple(faults))


def _date(cell: Cell, text: str) -> Typed:
    low, high = _YEARS
    if cell.map.format == EPIC_DAYS:
        # Days since 1840-12-31, as M counts them.
        whole = f"CASE WHEN regexp_full_match({text}, '[0-9]{{1,6}}(\\.0*)?') THEN {text} END"
        parsed = f"DATE '1840-12-31' + CAST(CAST({whole} AS DOUBLE) AS INTEGER)"
        says = "is not a day number of Epic"
    elif cell.map.format is None:
        parsed = (
            f"CASE WHEN regexp_full_match({text}, '{_ISO}') "
            f"THEN TRY_CAST(left({text}, 10) AS DATE) END"
        )
        says = "is not a date written YYYY-MM-DD"
    else:
        parsed = f"CAST(try_strptime({text}, {literal(cell.map.format)}) AS DATE)"
        says = f"is not a date written {cell.map.format}"
    # A day's grace: the database's day may end before the hospital's.
    future = f"{parsed} > current_date + 1"
    inside = f"year({parsed}) BETWEEN {low} AND {high} AND NOT ({future})"
    value = f"CASE WHEN {inside} THEN {parsed} END"
    known = f"{text} IS NOT NULL"
    return Typed(
        value,
        (
            Fault("type", f"{known} AND ({parsed}) IS NULL", says),
            Fault(
                "bounds",
                f"year({parsed}) NOT BETWEEN {low} AND {high}",
                f"is a date outside the years {low} to {high}",
            ),
            Fault(
                "bounds",
                f"year({parsed}) BETWEEN {low} AND {high} AND {future}",
                "is a date in the future",
            ),
        ),
    )


def _category(cell: Cell, text: str) -> Typed:
    # Spreadsheets and data frames write the code 2 as 2.0.
    plain = (
        f"CASE WHEN {text} SIMILAR TO '[0-9]+\\.0+' THEN split_part({text}, '.', 1) ELSE {text} END"
    )
    fits = f"{plain} IN {_listed(cell.declared.choices)}"
    return Typed(
        f"CASE WHEN {fits} THEN {plain} END",
        (Fault("choice", f"NOT ({fits})", "is not one of its choices"),),
    )


def _choice_of_many(cell: Cell, text: str) -> Typed:
    code = literal(str(cell.code))
    if cell.map.split is None and cell.column is not None:
        lower = f"lower({text})"
        return Typed(
            f"CASE WHEN {lower} IN {_listed(_TICKED)} THEN true "
            f"WHEN {lower} IN {_listed(UNTICKED)} THEN false END",
            (
                Fault(
                    "type",
                    f"{lower} NOT IN {_listed((*_TICKED, *UNTICKED))}",
                    "is not 1 (ticked) or 0",
                ),
            ),
        )
    separator = literal(cell.map.split or ";")
    parts = f"list_transform(str_split({text}, {separator}), lambda x: trim(x))"
    if cell.map.recode:
        parts = f"list_transform({parts}, lambda x: {_recoded(cell, 'x')})"
    parts = f"list_filter({parts}, lambda x: x IS NOT NULL AND x != '')"
    choices = f"[{', '.join(literal(c) for c in cell.declared.choices)}]"
    first = next(iter(cell.declared.choices))
    faults = (
        (Fault("choice", f"NOT list_has_all({choices}, {parts})", "names an unknown choice"),)
        if cell.code == first
        else ()
    )
    return Typed(f"list_contains({parts}, {code})", faults)
