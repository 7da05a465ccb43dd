"""The codebook of an extract: what each column holds, and how it was generalised."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from deid.rare.generalise import Cost
from gateway.registry.formulas import harmless
from policies.derivation import Derivations
from policies.dictionary import Dictionary, Element

__all__ = ["write_codebook"]

_HEADER = ("column", "element", "label", "type", "unit", "choices", "generalised")


def write_codebook(
    path: Path,
    columns: list[str],
    dictionary: Dictionary,
    derivations: Derivations,
    cost: Cost,
    opened: Mapping[str, int],
    renamed: Mapping[str, str],
) -> None:
    """Write the CSV; ``path`` must not exist. ``opened`` counts ages that read an open class;
    ``renamed`` are columns that bear another name in the file.
    """
    with path.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_HEADER)
        for column in columns:
            name, _, code = column.partition("___")
            found = dictionary.elements.get(name) or derivations.elements.get(name)
            if found is None:
                writer.writerow(
                    [
                        renamed.get(column, column),
                        "",
                        "patient's pseudonym in this extract",
                        "text",
                        "",
                        "",
                        "",
                    ]
                )
                continue
            of = found.unit if isinstance(found, Element) else found.unit_of_measure
            kind = "days from the patient's anchor" if found.type == "date" else found.type
            label = f"{found.label}: {found.choices[code]}" if code else found.label
            choices = "" if code else " | ".join(f"{k}, {v}" for k, v in found.choices.items())
            coarser = _generalised(cost, name)
            if name in opened:
                told = f"open class because of days: {opened[name]} rows"
                coarser = f"{coarser} | {told}" if coarser else told
            named = renamed.get(column, column)
            texts = (named, name, label, kind, of or "", choices, coarser)
            writer.writerow([harmless(text) for text in texts])


def _generalised(cost: Cost, name: str) -> str:
    column = cost.columns.get(name)
    if column is None or not column.changed:
        return ""
    return " | ".join(f"{rung}: {rows} rows" for rung, rows in column.rungs.items())
