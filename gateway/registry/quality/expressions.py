"""The declared expressions of quality, computed for all rows of a unit at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from federated.aggregate.ibis_expression import compile_expression
from gateway.registry.bench import Bench, quoted
from gateway.registry.pick import base_view, without_picks
from policies.derivation import Derivations, unit_scopes
from policies.dictionary import Dictionary
from policies.expression import check, parse
from policies.quality_check import Expected, QualityChecks, expressions

__all__ = ["Computed", "compute", "compute_each"]


class Computed:
    """Where each declared expression stands: table by unit, column by unit and text."""

    def __init__(self, of: str, columns: Mapping[str, Mapping[str, str]]) -> None:
        self._of = of
        self._columns = columns

    def table(self, unit: str) -> str:
        """Name of the table as an SQL identifier; it also has ``_record`` and ``_instance``."""
        return quoted(f"{self._of}_{unit}")

    def column(self, unit: str, text: str) -> str:
        """Name of the column as an SQL identifier."""
        return quoted(self._columns[unit][text])

    def drop(self, bench: Bench) -> None:
        """Give the tables' memory back."""
        for unit in self._columns:
            bench.run(f"DROP TABLE {self.table(unit)}")


def compute(
    bench: Bench, checks: QualityChecks, dictionary: Dictionary, derivations: Derivations
) -> Computed:
    """Make one table per unit that the declaration names. Needs the derived units."""
    places = (
        (f"quality {checks.quality}: {place}", unit, text, expected)
        for place, unit, text, expected in expressions(checks)
    )
    return compute_each(bench, "quality", places, dictionary, derivations)


def compute_each(
    bench: Bench,
    of: str,
    asked: Iterable[tuple[str, str, str, Expected]],
    dictionary: Dictionary,
    derivations: Derivations,
) -> Computed:
    """One table per unit with the expressions ``asked`` for: place, unit, text and type of each.
    ``of`` begins the tables' names.
    """
    scopes = unit_scopes(dictionary, derivations)
    nodes: dict[str, dict[str, Any]] = {}
    for where, unit, text, expected in asked:
        node, _ = check(parse(text, where=where), scopes[unit], where=where, expect=expected)
        nodes.setdefault(unit, {})[text] = node
    columns: dict[str, dict[str, str]] = {}
    for unit, wanted in nodes.items():
        columns[unit] = {text: f"e{i}" for i, text in enumerate(wanted)}
        base, picks = base_view(bench, unit, list(wanted.values()), derivations, dictionary)
        values = {
            columns[unit][text]: compile_expression(without_picks(node, picks), base)
            for text, node in wanted.items()
        }
        table: Any = base
        bench.create(f"{of}_{unit}", table.select("_record", "_instance", **values))
    return Computed(of, columns)
