"""Entered next to computed: which pairs a rule compares, and how a person reads their values."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.registry.bench import literal, quoted
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.expression import Node, names

__all__ = ["compared", "shown"]


def compared(holds: Node, derivations: Derivations) -> tuple[tuple[str, str], ...]:
    """``(entered, derived)`` for each element that the rule reads beside the one that recomputes
    it (``checks``), in the order of the derivations. ``holds`` has no picks: what they read stands
    in other rows.
    """
    read = set(names(holds))
    return tuple(
        (derived.checks, name)
        for name, derived in derivations.elements.items()
        if derived.checks in read and name in read
    )


def shown(cells: Mapping[str, str], dictionary: Dictionary, derivations: Derivations) -> str:
    """SQL: the values of elements, each in the column that ``cells`` names: codes with the label
    of their choice, numbers to two decimals; of several elements with a semicolon between.
    """
    parts = (_text(quoted(cell), name, dictionary, derivations) for name, cell in cells.items())
    return " || '; ' || ".join(f"coalesce({part}, '')" for part in parts)


def _text(cell: str, name: str, dictionary: Dictionary, derivations: Derivations) -> str:
    declared = dictionary.elements.get(name) or derivations.elements[name]
    plain = f"CAST({cell} AS VARCHAR)"
    if declared.type == "number":
        whole = f"TRY_CAST({cell} AS BIGINT)"
        return (
            f"CASE WHEN {whole} = {cell} THEN CAST({whole} AS VARCHAR) "
            f"ELSE CAST(round({cell}, 2) AS VARCHAR) END"
        )
    labels = {c: label for c, label in declared.choices.items() if c.lower() != label.lower()}
    if not labels:
        return plain
    told = "".join(
        f" WHEN {literal(code)} THEN {literal(f'{code} ({label})')}"
        for code, label in labels.items()
    )
    return f"CASE {plain}{told} ELSE {plain} END"
