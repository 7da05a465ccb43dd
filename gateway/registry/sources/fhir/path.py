"""The path language of site maps for FHIR: a small part of FHIRPath, with filters in brackets.

::

    Patient.birthDate
    Condition.code.coding[system=http://snomed.info/sct].code
    Observation[code.coding.code=21889-1].component[code.coding.code=33728-7].valueQuantity.value
    Procedure.performedDateTime|Procedure.performedPeriod.start      the first that has a value
    Observation[code.coding.code=399504009,21905-5]                  any of these codes
    Condition[category.coding.code=problem-list-item and onsetDateTime]    both; a bare path: exists
    number()          the instance's number within its patient and form (1 = the earliest)
    number(tumor)     the number of the instance of the form "tumor" that this one belongs to

A name steps into a field and, where the field is a list, into every item. A filter keeps the items
for which each condition holds: ``path=values``, ``path!=values`` or a path alone. Values with
brackets, commas or ``and`` stand in single quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.registry.sources.fhir.resource_types import RESOURCE_TYPES

__all__ = ["Condition", "Number", "Path", "PathError", "Step", "parse_form", "parse_from"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BARE = re.compile(r"(?:(?! and )[^\]\[,'])+")
_QUOTED = re.compile(r"'([^']*)'")
_NUMBER = re.compile(r"number\(([a-z0-9_]*)\)")
_DEPTH_MAX = 8


class PathError(ValueError):
    """A path that cannot be read; the message says where in it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Some value of ``steps`` is (``equal``: False, none is) among ``values``; without values,
    there is one.
    """

    steps: tuple[Step, ...]
    values: tuple[str, ...] = ()
    equal: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """Into the field ``name``, keeping what fulfils every filter."""

    name: str
    filters: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """From a resource of a type that fulfils the filters, along the steps."""

    resource: str
    filters: tuple[Condition, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """The number of the instance itself, or of the one of ``form`` that it belongs to."""

    form: str | None = None


def parse_from(text: str) -> tuple[Path, ...] | Number:
    """What an element's ``from`` says; PathError if it is no path."""
    numbered = _NUMBER.fullmatch(text.strip())
    if numbered:
        return Number(numbered[1] or None)
    reader = _Reader(text)
    found = [reader.path()]
    while reader.take("|"):
        found.append(reader.path())
    reader.end()
    for path in found:
        if not path.steps:
            raise PathError(f'"{path.resource}" names a resource and no field of it')
    return tuple(found)


def parse_form(text: str) -> Path:
    """A resource type with filters, as under ``forms``; PathError if it is none."""
    reader = _Reader(text)
    found = reader.path()
    reader.end()
    if found.steps:
        raise PathError("a form is a type of resource, with filters in brackets and no field")
    return found


class _Reader:
    """One text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def path(self) -> Path:
        start = self._at
        resource = self._name("a type of resource")
        if resource not in RESOURCE_TYPES:
            self._at = start
            raise self._fault(f'"{resource}" is no resource of FHIR R4')
        filters = self._filters()
        return Path(resource, filters, self._steps() if self.take(".") else ())

    def take(self, sign: str) -> bool:
        self._blanks()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def end(self) -> None:
        self._blanks()
        if self._at < len(self._text):
            raise self._fault("this is not expected")

    def _steps(self) -> tuple[Step, ...]:
        found = [Step(self._name("a field's name"), self._filters())]
        while self.take("."):
            found.append(Step(self._name("a field's name"), self._filters()))
        return tuple(found)

    def _filters(self) -> tuple[Condition, ...]:
        found: list[Condition] = []
        while self.take("["):
            self._depth += 1
            if self._depth > _DEPTH_MAX:
                raise self._fault("brackets are nested too deeply")
            found.append(self._condition())
            while self.take("and "):
                found.append(self._condition())
            if not self.take("]"):
                raise self._fault('"]" or "and" is expected')
            self._depth -= 1
        return tuple(found)

    def _condition(self) -> Condition:
        steps = self._steps()
        equal = not self.take("!=")
        if equal and not self.take("="):
            return Condition(steps)
        values = [self._value()]
        while self.take(","):
            values.append(self._value())
        return Condition(steps, tuple(values), equal)

    def _value(self) -> str:
        self._blanks()
        quoted = _QUOTED.match(self._text, self._at)
        found = quoted or _BARE.match(self._text, self._at)
        value = "" if found is None else quoted[1] if quoted else found[0].strip()
        if found is None or not (value or quoted):
            raise self._fault("a value is expected")
        self._at = found.end()
        return value

    def _name(self, wanted: str) -> str:
        self._blanks()
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise self._fault(f"{wanted} is expected")
        self._at = found.end()
        return found[0]

    def _blanks(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _fault(self, says: str) -> PathError:
        return PathError(f"{says} (character {self._at + 1} of the path)")
