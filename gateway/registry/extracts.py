"""A de-identified table of one unit with its codebook, for use outside the query gateway.

An extract is another door than queries: it needs an agreement of its own, and nothing here
makes it private. Rare combinations are counted as a warning, not removed.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from federated.study.plan import unit_table
from gateway.errors import SiteError, StoreError
from gateway.registry.bench import literal, quoted
from gateway.registry.store import Version
from policies.derivation import Derivations
from policies.dictionary import Dictionary, Element

__all__ = ["Extract", "extract"]

_RARE_BELOW = 5
_REVEALING = ("quasi_identifier", "rare_value_risk", "stratifier")


@dataclass(frozen=True)
class Extract:
    """What was written. ``rare_rows`` share their combination of ``revealing`` elements with
    fewer than five patients.
    """

    rows: int
    path: Path
    codebook: Path
    revealing: tuple[str, ...]
    rare_rows: int


def extract(
    version: Version, unit: str, path: Path, dictionary: Dictionary, derivations: Derivations
) -> Extract:
    """Write ``path`` (CSV; dates as days from the patient's anchor) and ``<path>.codebook.csv``.

    Raises SiteError for an unknown unit or a file that exists.
    """
    if unit not in derivations.units:
        known = ", ".join(derivations.units)
        raise SiteError(f'no unit "{unit}"', hint=f"units: {known}")
    codebook = path.with_name(f"{path.name}.codebook.csv")
    for target in (path, codebook):
        if target.exists():
            raise SiteError(f"{target} exists", hint="choose another file")
    table = quoted(unit_table(unit))
    with version.open() as connection:
        try:
            described = connection.execute(f"DESCRIBE {table}").fetchall()
        except duckdb.Error as error:
            raise StoreError(f"the store's version {version.name} lacks the unit {unit}") from error
        columns = [row[0] for row in described if row[0] != "_order"]
        names = {column.partition("___")[0] for column in columns}
        revealing = tuple(
            name
            for name, element in dictionary.elements.items()
            if name in columns and name in names and set(element.roles) & set(_REVEALING)
        )
        keys = ", ".join(quoted(name) for name in revealing)
        rare = (
            f"SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {table} GROUP BY {keys} "
            f"HAVING count(DISTINCT _patient) < {_RARE_BELOW})"
        )
        rare_rows = int(connection.execute(rare).fetchall()[0][0]) if revealing else 0
        rows = int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
        listed = ", ".join(quoted(column) for column in columns)
        # A table of patients: readable by its owner only, also while it is being written.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection.execute(
            f"COPY (SELECT {listed} FROM {table} ORDER BY _patient, _order) "
            f"TO {literal(str(path))} (HEADER, USE_TMP_FILE false)"
        )
    _write_codebook(codebook, columns, dictionary, derivations)
    return Extract(rows, path, codebook, revealing, rare_rows)


def _write_codebook(
    path: Path, columns: list[str], dictionary: Dictionary, derivations: Derivations
) -> None:
    with path.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["column", "element", "label", "type", "unit", "choices"])
        for column in columns:
            name, _, code = column.partition("___")
            found = dictionary.elements.get(name) or derivations.elements.get(name)
            if found is None:
                writer.writerow([column, "", "patient's pseudonym", "text", "", ""])
                continue
            of = found.unit if isinstance(found, Element) else found.unit_of_measure
            kind = "days from the patient's anchor" if found.type == "date" else found.type
            label = f"{found.label}: {found.choices[code]}" if code else found.label
            choices = "" if code else " | ".join(f"{k}, {v}" for k, v in found.choices.items())
            writer.writerow([column, name, label, kind, of or "", choices])
