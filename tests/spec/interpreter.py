"""A naive reading of derivations: one patient's record in, rows of every unit out.

It shares nothing with the engine that loads data but the expression interpreter, so the two
can be compared. A record maps an instrument to its rows (a list, also for the patient).

Rows belong together by tumour: an instrument that references another belongs to the row whose
key it names; a row that names none belongs to the patient only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cmp_to_key
from typing import Any

from policies.derivation import Derivations, Derived, settle
from policies.dictionary import Dictionary
from policies.expression import Node, evaluate, holds
from policies.expression.interpret import Row, Value

__all__ = ["Interpreter", "Patient", "Record"]

Record = Mapping[str, Sequence[Mapping[str, Value]]]
Table = list[dict[str, Value]]


class Interpreter:
    """Checked once, used for many records."""

    def __init__(self, dictionary: Dictionary, derivations: Derivations) -> None:
        self.dictionary = dictionary
        self.derivations = derivations
        self.checked = derivations.check_against(dictionary, where=derivations.derivations)

    def derive(self, record: Record) -> dict[str, Table]:
        """Every unit's rows with derived elements and those of the units that hold them."""
        patient = self.patient(record)
        return {
            unit: [patient.wide(unit, row) for row in rows] for unit, rows in patient.own.items()
        }

    def patient(self, record: Record) -> Patient:
        """The record with everything derived, for questions about single rows."""
        patient = Patient(self.dictionary, self.derivations, record)
        for name, derived in self.derivations.elements.items():
            patient.add(name, derived, self.checked[name])
        return patient


class Patient:
    """One patient's rows, by form and by unit."""

    def __init__(self, dictionary: Dictionary, derivations: Derivations, record: Record) -> None:
        self.dictionary = dictionary
        self.derivations = derivations
        self.rows = {i: [dict(r) for r in record.get(i, ())] for i in dictionary.instruments}
        self.own = {name: self.rows[unit.instrument] for name, unit in derivations.units.items()}

    def belongs(self, instrument: str, row: Row) -> Value:
        """The key of the row's tumour (of what its instrument references), None for none."""
        reference = self.dictionary.reference(instrument)
        if reference is not None:
            return row.get(reference[0])
        for element in self.dictionary.elements.values():
            target, _, key = (element.references or "").partition(".")
            if target == instrument:
                return row.get(key)
        return None

    def holder(self, unit: str, row: Row) -> dict[str, Value] | None:
        """The row of the unit that holds this one."""
        within = self.derivations.units[unit].within
        if within is None:
            return None
        instrument = self.derivations.units[within].instrument
        if instrument == self.dictionary.root:
            return self.own[within][0]
        mine = self.belongs(self.derivations.units[unit].instrument, row)
        matching = [r for r in self.own[within] if self.belongs(instrument, r) == mine]
        return matching[0] if mine is not None and matching else None

    def wide(self, unit: str, row: dict[str, Value]) -> dict[str, Value]:
        """The row with the elements of its holders."""
        holder = self.holder(unit, row)
        if holder is None:
            return dict(row)
        return {**self.wide(str(self.derivations.units[unit].within), holder), **row}

    def children(self, unit: str, row: Row, source: str) -> Table:
        """Rows of the source that belong to the same patient, and tumour if both have one."""
        units = self.derivations.units
        of = units[source].instrument if source in units else source
        rows = self.own.get(source, self.rows[of])
        instrument = units[unit].instrument
        if self.dictionary.root in (instrument, of):
            return rows
        mine = self.belongs(instrument, row)
        return [r for r in rows if mine is not None and self.belongs(of, r) == mine]

    def add(self, name: str, derived: Derived, parts: Mapping[str, Node]) -> None:
        """Compute one derived element for every row of its unit."""
        unit = derived.unit
        values = (
            self.marks(derived, parts)
            if derived.index is not None
            else [settle(derived, self.value(derived, parts, row)) for row in self.own[unit]]
        )
        for row, value in zip(self.own[unit], values, strict=True):
            row[name] = value

    def value(self, derived: Derived, parts: Mapping[str, Node], row: dict[str, Value]) -> Value:
        wide = self.wide(derived.unit, row)

        def children(source: str) -> Table:
            return self.children(derived.unit, row, source)

        if derived.value is not None:
            return evaluate(parts["value"], wide, children)
        for i, case in enumerate(derived.cases or ()):
            if holds(parts[f"when[{i}]"], wide, children):
                taken = parts.get(f"take[{i}]")
                return case.value if taken is None else evaluate(taken, wide, children)
        return None

    def marks(self, derived: Derived, parts: Mapping[str, Node]) -> list[Value]:
        """The marked row of each holder: first by order among those preferred."""
        unit, index = derived.unit, derived.index
        assert index is not None
        rows = self.own[unit]
        wides = [self.wide(unit, row) for row in rows]

        def children(i: int) -> Any:
            return lambda source: self.children(unit, rows[i], source)

        groups: dict[int, list[int]] = {}
        for i, row in enumerate(rows):
            current, at = row, unit
            while at != index.within:
                above = self.holder(at, current)
                if above is None:
                    break
                current, at = above, str(self.derivations.units[at].within)
            else:
                groups.setdefault(id(current), []).append(i)
        marked: set[int] = set()
        for members in groups.values():
            for n in range(len(index.prefer)):
                fit = [i for i in members if holds(parts[f"prefer[{n}]"], wides[i], children(i))]
                if fit:
                    keys = {
                        i: [
                            evaluate(parts[f"order[{k}]"], wides[i], children(i))
                            for k in range(len(index.order))
                        ]
                        for i in fit
                    }
                    marked.add(_first(keys))
                    break
        return [i in marked for i in range(len(rows))]


def _first(keys: Mapping[int, Sequence[Any]]) -> int:
    def compare(a: int, b: int) -> int:
        return _order(keys[a], keys[b])

    return min(keys, key=cmp_to_key(compare))


def _order(left: Sequence[Any], right: Sequence[Any]) -> int:
    """Missing comes last; equal keys keep the rows' order (min is stable)."""
    for a, b in zip(left, right, strict=True):
        if a is None or b is None:
            if (a is None) != (b is None):
                return 1 if a is None else -1
        elif a != b:
            return 1 if a > b else -1
    return 0
