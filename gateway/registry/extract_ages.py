"""The ages of an extract: which columns they are, and what the days beside them would tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from deid.rare.ages import open_ages
from policies.derivation import Derivations, Derived
from policies.dictionary import Dictionary, Element
from policies.expression import names
from policies.extract import Extracts

__all__ = ["age_columns", "opened_ages"]

_NUMBERS = ("integer", "number")
_DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375}
"""Days in one unit of a duration; 30.4375 is the mean length of a month."""


def age_columns(
    dictionary: Dictionary, derivations: Derivations, extracts: Extracts
) -> frozenset[str]:
    """Elements that hold an age: by their hint, as numbers derived from a birth date, or named."""
    aged = {name for name, e in dictionary.elements.items() if e.deid == "to_age"}
    entered = {name for name in aged if dictionary.elements[name].type in _NUMBERS}
    derived = set()
    checked = derivations.check_against(dictionary, where=derivations.derivations)
    for name, parts in checked.items():
        used = {n.rpartition(".")[2] for node in parts.values() for n in names(node)}
        if derivations.elements[name].type in _NUMBERS and used & aged:
            derived.add(name)
    return frozenset({*entered, *derived, *extracts.ages})


def opened_ages(
    table: Any,
    ages: frozenset[str],
    declared: Mapping[str, Element | Derived],
    patient: str,
    cap: int | None,
) -> tuple[Any, dict[str, NDArray[np.bool_]]]:
    """The table with open classes for ages that its days would tell, and where they are, by
    column. An age at the cap reads ``90+``. Nothing happens without a cap.
    """
    if cap is None:
        return table, {}
    days = _days_known(table, ages, declared, patient)
    where: dict[str, NDArray[np.bool_]] = {}
    for name in table.column_names:
        if name not in ages:
            continue
        said, opened = open_ages(table.column(name).to_pylist(), days, cap)
        if any(label is not None and label.endswith("+") for label in said) or any(opened):
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, pa.array(said, pa.string()))
        where[name] = np.array(opened, dtype=bool)
    return table, where


def _days_known(
    table: Any, ages: frozenset[str], declared: Mapping[str, Element | Derived], patient: str
) -> list[float]:
    """Per row, the days between the first and the last thing known of the patient in this table:
    all rows of a patient have the same pseudonym, so that one tells of the other.

    An age is of some day in between; that day need not be known to bound what is told.
    """
    people = table.column(patient).to_pylist()
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for name in table.column_names:
        scale = _days_in(declared.get(name)) if name not in ages else None
        if scale is None:
            continue
        for person, value in zip(people, table.column(name).to_pylist(), strict=True):
            if value is not None:
                first[person] = min(first.get(person, 0.0), value * scale)
                last[person] = max(last.get(person, 0.0), value * scale)
    return [last.get(person, 0.0) - first.get(person, 0.0) for person in people]


def _days_in(element: Element | Derived | None) -> float | None:
    """Days in one unit of the column, None if it is no time."""
    if element is None:
        return None
    if element.type == "date":
        return 1.0
    unit = element.unit if isinstance(element, Element) else element.unit_of_measure
    return _DAYS.get(unit or "") if element.type in _NUMBERS else None
