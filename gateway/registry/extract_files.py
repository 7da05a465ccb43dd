"""An extract as the file that a statistics program opens, with the dictionary's labels inside.

CSV, Parquet, SPSS (.sav), Stata (.dta) and SAS transport (.xpt, version 8), told by the name's
ending. SPSS and Stata get labels of columns and of choices; SAS transport holds labels of columns
only, Parquet and CSV none: the codebook beside the file has them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from gateway.errors import SiteError
from gateway.registry.bench import literal
from policies.derivation import Derivations, Derived
from policies.dictionary import Dictionary, Element

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENDINGS", "check_ending", "write_table"]

ENDINGS = (".csv", ".parquet", ".sav", ".dta", ".xpt")
_NAME_LENGTH_MAX = 32
"""Of Stata and SAS; SPSS allows 64."""
_LABEL_LENGTH_MAX = 80
_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def check_ending(path: Path) -> None:
    """SiteError for a file that would be of no known format."""
    if path.suffix.lower() not in ENDINGS:
        raise SiteError(
            f'"{path.suffix or path.name}" names no format', hint=f"use {', '.join(ENDINGS)}"
        )


def write_table(
    table: Any, path: Path, dictionary: Dictionary, derivations: Derivations
) -> Mapping[str, str]:
    """Write ``path``, which must not exist, readable by its owner only, also while it is being
    written. Returns the columns whose names had to change, with their new ones.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if path.suffix.lower() in (".csv", ".parquet"):
            _by_database(table, path)
            return {}
        declared: dict[str, Element | Derived] = {**dictionary.elements, **derivations.elements}
        return _by_readstat(table, path, declared)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _by_database(table: Any, path: Path) -> None:
    form = "HEADER" if path.suffix.lower() == ".csv" else "FORMAT parquet"
    with duckdb.connect(":memory:", config=_SETTINGS) as connection:
        connection.register("_extract", table)
        connection.execute(
            f"COPY (SELECT * FROM _extract) TO {literal(str(path))} ({form}, USE_TMP_FILE false)"
        )


def _by_readstat(
    table: Any, path: Path, declared: Mapping[str, Element | Derived]
) -> Mapping[str, str]:
    import pyreadstat

    new = _names(table.column_names)
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=False)
    labels, choices = {}, {}
    for column in table.column_names:
        name, _, code = column.partition("___")
        found = declared.get(name)
        if found is None:
            labels[new[column]] = "patient's pseudonym in this extract"
            continue
        label = f"{found.label}: {found.choices[code]}" if code else found.label
        labels[new[column]] = label[:_LABEL_LENGTH_MAX]
        if found.choices and not code:
            frame[column], choices[new[column]] = _coded(frame[column], found.choices)
        elif frame[column].dtype == bool or found.type in ("multi", "boolean"):
            frame[column] = frame[column].astype("float64")
            choices[new[column]] = {0.0: "no", 1.0: "yes"}
    frame = frame.rename(columns=new)
    shown = {name: given for name, given in choices.items() if given}
    match path.suffix.lower():
        case ".sav":
            pyreadstat.write_sav(
                frame, str(path), column_labels=labels, variable_value_labels=shown
            )
        case ".dta":
            numeric = {n: g for n, g in shown.items() if all(isinstance(k, float) for k in g)}
            whole = {n: {int(k): v for k, v in g.items()} for n, g in numeric.items()}
            pyreadstat.write_dta(
                frame, str(path), column_labels=labels, variable_value_labels=whole
            )
        case _:
            pyreadstat.write_xport(frame, str(path), column_labels=labels, file_format_version=8)
    return {column: name for column, name in new.items() if column != name}


def _coded(
    column: pd.Series[Any], choices: Mapping[str, str]
) -> tuple[pd.Series[Any], dict[Any, str]]:
    """Codes as numbers where all are, with their labels: a generalised column may hold groups."""
    held = set(column.dropna().unique())
    if all(code.isdecimal() for code in {*held, *choices}):
        return column.astype("float64"), {float(code): text for code, text in choices.items()}
    return column, {code: text for code, text in choices.items() if len(code) <= 8}


def _names(columns: list[str]) -> dict[str, str]:
    """Names that all three programs take: they begin with a letter and are not too long."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        name = stem = column.lstrip("_")[:_NAME_LENGTH_MAX]
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{stem[: _NAME_LENGTH_MAX - len(str(number)) - 1]}_{number}"
        taken.add(name.lower())
        found[column] = name
    return found
