"""Conformance (Kahn 2016): do cells fit the type, choices, pattern and bounds of their element
(value conformance), and rows one another (relational)?

A value that does not fit is never shown; only how many there are is kept.
"""

from __future__ import annotations

from typing import Any

from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.forms import text_table
from policies.dictionary import Dictionary

__all__ = ["RELATIONAL", "VALUE", "conformance"]

VALUE = ("type", "choice", "pattern", "bounds")
RELATIONAL = ("record", "patient", "duplicate", "key", "reference", "branch")


def conformance(bench: Bench, dictionary: Dictionary) -> dict[str, Any]:
    """Needs the forms' text and the fix list. ``cells`` counts what was filled in,
    ``unmapped_codes`` the different texts that are none of an element's choices.
    """
    total, elements = 0, []
    for instrument in dictionary.instruments:
        faults = _faults(bench, instrument)
        for name, cells in _cells(bench, dictionary, instrument).items():
            total += cells
            wrong = faults.get(name)
            if wrong is None:
                continue
            element: dict[str, Any] = {"instrument": instrument, "element": name, "cells": cells}
            element |= {rule: wrong.get(rule, 0) for rule in VALUE}
            element["unmapped_codes"] = _unmapped(bench, dictionary, instrument, name, wrong)
            elements.append(element)
    listed = ", ".join(literal(rule) for rule in RELATIONAL)
    counts = dict(
        bench.run(f"SELECT rule, count(*) FROM fix WHERE rule IN ({listed}) GROUP BY rule")
    )
    return {
        "cells": total,
        "value": {rule: sum(e[rule] for e in elements) for rule in VALUE},
        "relational": {rule: counts.get(rule, 0) for rule in RELATIONAL},
        "elements": elements,
    }


def _cells(bench: Bench, dictionary: Dictionary, instrument: str) -> dict[str, int]:
    """Filled cells by element."""
    given = bench.columns(text_table(instrument))
    columns = {
        name: [c for c in dictionary.columns(name) if c in given]
        for name in dictionary.of(instrument)
        if name != dictionary.key
    }
    counts = {
        name: " + ".join(f"count({quoted(c)})" for c in listed)
        for name, listed in columns.items()
        if listed
    }
    if not counts:
        return {}
    row = bench.run(f"SELECT {', '.join(counts.values())} FROM {quoted(text_table(instrument))}")[0]
    return dict(zip(counts, row, strict=True))


def _faults(bench: Bench, instrument: str) -> dict[str, dict[str, int]]:
    """Cells that do not fit, by element and rule; a choice of several is its element's."""
    listed = ", ".join(literal(rule) for rule in VALUE)
    found: dict[str, dict[str, int]] = {}
    for field, rule, count in bench.run(
        f"SELECT fields, rule, count(*) FROM fix WHERE rule IN ({listed}) "
        f"AND instrument = {literal(instrument)} GROUP BY fields, rule"
    ):
        by_rule = found.setdefault(field.partition("___")[0], {})
        by_rule[rule] = by_rule.get(rule, 0) + count
    return found


def _unmapped(
    bench: Bench, dictionary: Dictionary, instrument: str, name: str, wrong: dict[str, int]
) -> int:
    if "choice" not in wrong:
        return 0
    column = dictionary.columns(name)[0]
    return int(
        bench.value(
            f"SELECT count(DISTINCT {quoted(column)}) FROM {quoted(text_table(instrument))} "
            f"WHERE _at IN (SELECT _at FROM fix WHERE rule = 'choice' "
            f"AND instrument = {literal(instrument)} AND fields = {literal(column)})"
        )
    )
