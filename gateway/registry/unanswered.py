"""Required elements without an answer, row by row: what somebody could still fill in.

Rules and completeness do not name these rows: a rule holds where something is missing, and
completeness counts. The list has the fix list's columns, a line per row of a form. It names
records, no values, and stays at the site.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.fixlist import PLACE_COLUMNS
from gateway.registry.forms import form_table, text_table
from gateway.registry.formulas import guarded_sql
from gateway.registry.private_file import replacing
from gateway.registry.typed import UNTICKED
from gateway.registry.validate import branch_table
from policies.dictionary import Dictionary

__all__ = ["find_unanswered", "write_unanswered"]

_TABLE = "unanswered"
_SAYS, _FIX = "required, and without an answer", "enter it, or a missing-data code"


def find_unanswered(bench: Bench, dictionary: Dictionary) -> None:
    """Fill the table of rows that lack an answer, while the text of the forms is on the bench.

    A missing-data code is an answer. Asked is where branching says so for certain: where it cannot
    be told, the answer that decides is what is missing. What is computed is not asked, nor is what
    the source has no column for (``osteon policy availability`` tells that).
    """
    bench.run(
        f"CREATE OR REPLACE TABLE {_TABLE} (_at BIGINT, record VARCHAR, instrument VARCHAR, "
        "instance VARCHAR, fields VARCHAR)"
    )
    for instrument in dictionary.instruments:
        there = bench.columns(text_table(instrument))
        columns = {
            name: [c for c in dictionary.columns(name) if c in there]
            for name, element in dictionary.of(instrument).items()
            if element.required and not element.derived and name != dictionary.key
        }
        columns = {name: given for name, given in columns.items() if given}
        if columns:
            _add(bench, dictionary, instrument, columns)


def _add(
    bench: Bench, dictionary: Dictionary, instrument: str, columns: dict[str, list[str]]
) -> None:
    table: Any = branch_table(bench, instrument, dictionary)
    asked = {
        f"asked_{i}": compile_expression(dictionary.branches[name], table)
        if name in dictionary.branches
        else ibis.literal(True)
        for i, name in enumerate(columns)
    }
    bench.create("_asked_rows", table.select("_at", **asked))
    lacking = ", ".join(
        f"CASE WHEN a.asked_{i} AND NOT ({_answered(given, dictionary, name)}) "
        f"THEN {literal(name)} END"
        for i, (name, given) in enumerate(columns.items())
    )
    bench.run(
        f"INSERT INTO {_TABLE} SELECT * FROM (SELECT f._at, f._record, {literal(instrument)}, "
        f"f._instance, concat_ws(' ', {lacking}) AS fields "
        f"FROM {quoted(form_table(instrument))} f "
        f"JOIN {quoted(text_table(instrument))} t USING (_at) JOIN _asked_rows a USING (_at)) "
        "WHERE fields <> ''"
    )
    bench.run("DROP TABLE _asked_rows")


def _answered(given: Sequence[str], dictionary: Dictionary, name: str) -> str:
    """SQL: whether the text of an element says anything."""
    if dictionary.elements[name].type != "multi":
        return " OR ".join(f"t.{quoted(column)} IS NOT NULL" for column in given)
    unticked = ", ".join(literal(word) for word in UNTICKED)
    return " OR ".join(
        f"coalesce(lower(t.{quoted(column)}) NOT IN ({unticked}), false)" for column in given
    )


def write_unanswered(bench: Bench, path: Path) -> None:
    """Write the list as CSV, in file order, complete or not at all; its owner's only."""
    names = ("record", "instrument", "instance", "fields")
    texts = ", ".join(f"{guarded_sql(f'u.{name}')} AS {name}" for name in names)
    places = ", ".join(f"{guarded_sql(name)} AS {name}" for name in PLACE_COLUMNS)
    with replacing(path) as draft:
        bench.run(
            f"COPY (SELECT NULL AS row, {texts}, 'missing' AS rule, 'warning' AS severity, "
            f"{literal(_SAYS)} AS says, {literal(_FIX)} AS fix, {places} FROM {_TABLE} AS u "
            "LEFT JOIN redcap_rows USING (_at) LEFT JOIN redcap_names USING (_place) "
            f"ORDER BY u._at, u.instrument) TO {literal(str(draft))} "
            "(FORMAT csv, HEADER, DELIMITER ',', USE_TMP_FILE false)"
        )
