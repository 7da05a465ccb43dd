"""Units of analysis and derived elements: what a load computes, patient by patient (D3).

A unit is a wide table: the rows of one instrument with their derived elements and those of
the units they lie within. Derived elements are computed in the declared order; each may use
the ones before it. Nothing here can look across patients: the language has no way to say it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration
from policies.dictionary.model import Dictionary, Slug
from policies.errors import DeclarationError
from policies.expression import Field, Node, Scope, check, parse
from policies.expression.interpret import Value

__all__ = [
    "Case",
    "Derivations",
    "Derived",
    "Index",
    "Unit",
    "every_form",
    "settle",
    "unit_scopes",
]


class Unit(Declaration):
    """A unit of analysis: one row per row of ``instrument``. ``within`` names the unit that
    holds it (the patient unit holds all).
    """

    instrument: Slug
    within: Slug | None = None


class Case(Declaration):
    """One line of a decision list: what it gives where ``when`` holds and no earlier line did,
    a constant (``value``) or an expression (``take``).
    """

    when: str
    value: str | int | float | bool | None = None
    take: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.value is None) == (self.take is None):
            raise ValueError("give exactly one of value and take")
        return self


class Index(Declaration):
    """Marks one row within each row of ``within``: the first by ``order`` among the rows that
    fulfil the earliest fulfilled condition of ``prefer``. No row fulfils any: none is marked.
    """

    within: Slug
    prefer: tuple[str, ...] = Declared(default=("true",), min_length=1)
    order: tuple[str, ...] = Declared(min_length=1)


class Derived(Declaration):
    """A derived element: exactly one of ``value`` (expression), ``cases`` (decision list) or
    ``index``. An integer is rounded down (an age is in completed years). ``bounds`` clip
    nothing: a value outside them becomes missing; see :func:`settle`. A derived date is
    de-identified as the entered dates are.
    """

    unit: Slug
    label: str
    type: str = Declared(pattern="^(boolean|integer|number|date|category)$")
    choices: dict[str, str] = Declared(default_factory=dict)
    bounds: tuple[float | None, float | None] = (None, None)
    unit_of_measure: str | None = None
    checks: Slug | None = Declared(
        default=None, description="the entered element that this one recomputes"
    )
    value: str | None = None
    cases: tuple[Case, ...] | None = None
    index: Index | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(x is not None for x in (self.value, self.cases, self.index)) != 1:
            raise ValueError("give exactly one of value, cases and index")
        if (self.type == "category") != bool(self.choices):
            raise ValueError("choices belong to type category, and it needs them")
        if self.index is not None and self.type != "boolean":
            raise ValueError("an index is of type boolean")
        for case in self.cases or ():
            if case.take is None and not self._fits(case.value):
                raise ValueError(f'"{case.value}" is not a {self.type} or not a choice')
        return self

    def _fits(self, value: str | float | None) -> bool:
        if self.type == "category":
            return str(value) in self.choices and not isinstance(value, bool)
        if self.type == "boolean":
            return isinstance(value, bool)
        return (
            self.type != "date" and isinstance(value, int | float) and not isinstance(value, bool)
        )

    @property
    def field(self) -> Field:
        """As expressions see it."""
        return Field(self.type, tuple(self.choices), *self.bounds)  # type: ignore[arg-type]


class Derivations(Declaration):
    """Units and derived elements of one dictionary."""

    derivations: Slug
    version: int = Declared(ge=1)
    dictionary: Slug
    units: dict[Slug, Unit]
    elements: dict[Slug, Derived] = Declared(default_factory=dict)

    @model_validator(mode="after")
    def _closed(self) -> Self:
        for name, unit in self.units.items():
            if unit.within is not None and unit.within not in self.units:
                raise ValueError(f'units.{name}: unknown unit "{unit.within}"')
            seen, holder = {name}, unit.within
            while holder is not None:
                if holder in seen:
                    raise ValueError(f"units.{name}: lies within itself")
                seen.add(holder)
                holder = self.units[holder].within
        for name, derived in self.elements.items():
            if derived.unit not in self.units:
                raise ValueError(f'elements.{name}: unknown unit "{derived.unit}"')
            if derived.index is not None and derived.index.within not in self.ancestors(
                derived.unit
            ):
                raise ValueError(f'elements.{name}: "{derived.index.within}" does not hold it')
        return self

    def ancestors(self, unit: str) -> tuple[str, ...]:
        """The units that hold ``unit``, nearest first."""
        found = []
        within = self.units[unit].within
        while within is not None:
            found.append(within)
            within = self.units[within].within
        return tuple(found)

    def check_against(self, dictionary: Dictionary, *, where: str) -> dict[str, dict[str, Node]]:
        """Type-check every derived element against the dictionary, in order.

        Returns checked expressions by element: ``{"value": …}``, ``{"when[0]": …}`` with
        ``"take[0]"`` where the line has one, ``{"prefer[0]": …, "order[0]": …}``.
        DeclarationError names the element.
        """
        for name, unit in self.units.items():
            if unit.instrument not in dictionary.instruments:
                raise DeclarationError(
                    f'unknown instrument "{unit.instrument}"',
                    where=f"{where}: units.{name}",
                )
        checked: dict[str, dict[str, Node]] = {}
        done: dict[str, Derived] = {}
        for name, derived in self.elements.items():
            place = f"{where}: elements.{name}"
            if name in dictionary.elements:
                raise DeclarationError("is already an element of the dictionary", where=place)
            scope = unit_scopes(dictionary, self, done)[derived.unit]
            _check_entered(derived, dictionary, scope, place)
            checked[name] = _check_one(derived, scope, place)
            done[name] = derived
        return checked


def every_form(dictionary: Dictionary, derivations: Derivations) -> Derivations:
    """The derivations with a unit for each form that has none, named like the form and within
    the unit it references (or else the patient): what validation rules are checked on.
    """
    units = dict(derivations.units)
    of = {unit.instrument: name for name, unit in derivations.units.items()}
    for form in dictionary.instruments:
        if form not in of:
            reference = dictionary.reference(form)
            above = of.get(reference[1]) if reference is not None else None
            units[form] = Unit(instrument=form, within=above or of.get(dictionary.root))
    return derivations.model_copy(update={"units": units})


def settle(derived: Derived, value: Value) -> Value:
    """A computed value as the element stores it: integers rounded down, categories as codes,
    missing where outside the bounds.
    """
    if value is None or derived.type in ("boolean", "date"):
        return value
    if derived.type == "category":
        return str(value)
    if not isinstance(value, int | float):
        raise TypeError(f"a {derived.type} cannot hold a {type(value).__name__}")
    number = math.floor(value) if derived.type == "integer" else float(value)
    low, high = derived.bounds
    inside = (low is None or low <= number) and (high is None or number <= high)
    return number if inside else None


def _check_entered(derived: Derived, dictionary: Dictionary, scope: Scope, where: str) -> None:
    """DeclarationError unless ``checks`` names one value that the unit's row holds."""
    entered = derived.checks
    if entered is None:
        return
    if entered not in dictionary.elements or entered not in scope.fields:
        raise DeclarationError(
            f'"{entered}" is no element of the dictionary that unit {derived.unit} holds',
            where=f"{where}.checks",
        )
    if scope.fields[entered].type == "multi":
        raise DeclarationError("has several choices at once", where=f"{where}.checks")


def _check_one(derived: Derived, scope: Scope, where: str) -> dict[str, Node]:
    parts: dict[str, Node] = {}

    def add(part: str, text: str, expect: str | None) -> None:
        place = f"{where}.{part}"
        node, field = check(parse(text, where=place), scope, where=place)
        numeric = {"integer", "number"}
        if expect is not None and field.type != expect and not {field.type, expect} <= numeric:
            raise DeclarationError(f"must be a {expect}, is a {field.type}", where=place)
        if expect == "category" and not set(field.codes) <= set(derived.choices):
            raise DeclarationError("its choices do not cover the picked element's", where=place)
        parts[part] = node

    if derived.value is not None:
        add("value", derived.value, derived.type)
    for i, case in enumerate(derived.cases or ()):
        add(f"when[{i}]", case.when, "boolean")
        if case.take is not None:
            add(f"take[{i}]", case.take, derived.type)
    if derived.index is not None:
        for i, text in enumerate(derived.index.prefer):
            add(f"prefer[{i}]", text, "boolean")
        for i, text in enumerate(derived.index.order):
            add(f"order[{i}]", text, None)
    return parts


def unit_scopes(
    dictionary: Dictionary,
    derivations: Derivations,
    derived: Mapping[str, Derived] | None = None,
) -> dict[str, Scope]:
    """What expressions may use in each unit: its own, its holders' and derived elements, and
    every repeating instrument or other unit to pick from. ``derived`` defaults to all.
    """
    done = derivations.elements if derived is None else derived
    own: dict[str, dict[str, Field]] = {}
    for name, unit in derivations.units.items():
        own[name] = {n: e.field for n, e in dictionary.of(unit.instrument).items()}
        own[name] |= {n: d.field for n, d in done.items() if d.unit == name}
    sources: dict[str, dict[str, Field]] = {
        instrument: {n: e.field for n, e in dictionary.of(instrument).items()}
        for instrument, declared in dictionary.instruments.items()
        if declared.repeats
    }
    scopes = {}
    for name in derivations.units:
        fields: dict[str, Field] = {}
        for holder in reversed(derivations.ancestors(name)):
            fields |= own[holder]
        related = {n: f for n, f in own.items() if n != name}
        scopes[name] = Scope(fields | own[name], sources | related)
    return scopes
