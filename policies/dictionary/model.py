"""What a registry records: instruments (forms) and their elements.

No element name appears in Osteon's code; everything the code needs to know of an element is
declared here (DESIGN D1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field as Declared
from pydantic import StringConstraints, model_validator

from policies.decode import Declaration
from policies.dictionary.hints import hint_fault
from policies.errors import DeclarationError
from policies.expression import Field, Node, Scope, check, names, parse

__all__ = ["Dictionary", "Element", "Instrument", "Slug", "UnitOfTime"]

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
UnitOfTime = Literal["days"]
Deid = Literal["drop", "pseudonymize", "to_age", "zip3", "shift", "hash", "nlp", "keep"]
Tier = Literal["essential", "core", "extended"]
Role = Literal[
    "anchor",
    "benchmark",
    "casemix",
    "governance",
    "key",
    "provider",
    "quasi_identifier",
    "rare_value_risk",
    "stratifier",
]


class Element(Declaration):
    """One element. ``bounds`` are public and inclusive, in ``unit``; numbers must have them
    to be summed. ``branch`` says when the element applies; where it is false the element must
    be empty. ``deid`` is what happens to it before it is stored.
    """

    instrument: Slug
    label: str
    type: Literal["text", "integer", "number", "date", "category", "multi", "note"]
    choices: dict[str, str] = Declared(default_factory=dict)
    bounds: tuple[float | None, float | None] = (None, None)
    unit: str | None = None
    pattern: str | None = None
    required: bool = False
    branch: str | None = None
    identifier: bool = False
    deid: Deid | None = None
    hipaa: str | None = None
    tier: Tier | None = None
    entered: Literal["provider"] | None = None
    derived: bool = False
    excludes: tuple[str, ...] = Declared(
        default=(),
        description="choices that keep the patient out of the registry (opt-out)",
    )
    references: str | None = Declared(default=None, pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
    roles: tuple[Role, ...] = ()
    mcode: str | None = None
    loinc: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.type in ("category", "multi")) != bool(self.choices):
            raise ValueError("choices belong to category and multi elements, and they need them")
        for code in self.choices:
            if not re.fullmatch(r"[A-Za-z0-9_.+-]{1,64}", code):
                raise ValueError("a choice code has letters, digits, . _ + - only")
        if not set(self.excludes) <= set(self.choices):
            raise ValueError("excludes lists a code that is not a choice")
        low, high = self.bounds
        if low is not None and high is not None and low > high:
            raise ValueError("the lower bound is above the upper bound")
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern is not a regular expression: {error}") from None
        fault = hint_fault(self.deid, self.type, self.identifier, self.pattern)
        if fault is not None:
            raise ValueError(fault)
        return self

    @property
    def field(self) -> Field:
        """The element as expressions see it. Free text has no public values."""
        kind: Any = "text" if self.type == "note" else self.type
        return Field(kind, tuple(self.choices), *self.bounds)


class Instrument(Declaration):
    """A form. A repeating instrument has many rows per patient."""

    label: str
    repeats: bool = False


class Dictionary(Declaration):
    """A registry's elements. ``key`` names the element that identifies the patient's record."""

    dictionary: Slug
    version: int = Declared(ge=1)
    title: str
    key: Slug
    instruments: dict[Slug, Instrument]
    elements: dict[Slug, Element]

    @model_validator(mode="after")
    def _closed(self) -> Self:
        for name, element in self.elements.items():
            if element.instrument not in self.instruments:
                raise ValueError(f'elements.{name}: unknown instrument "{element.instrument}"')
            if element.references is not None:
                target, _, key = element.references.partition(".")
                if key not in self.elements or self.elements[key].instrument != target:
                    raise ValueError(f'elements.{name}: references unknown "{element.references}"')
        keyed = self.elements.get(self.key)
        if keyed is None or self.instruments[keyed.instrument].repeats:
            raise ValueError(f'key "{self.key}" must be an element of a non-repeating instrument')
        for name, element in self.elements.items():
            if element.branch is not None:
                self._branch(name, element.branch)
        return self

    def _branch(self, name: str, text: str) -> Node:
        where = f"elements.{name}.branch"
        try:
            node, _ = check(parse(text, where=where), self.scope, where=where, expect="boolean")
        except DeclarationError as error:
            raise ValueError(str(error)) from None
        mine = self.elements[name].instrument
        for used in names(node):
            if self.elements[used].instrument not in (mine, self.root):
                raise ValueError(f'{where}: "{used}" is on another form')
        return node

    @property
    def root(self) -> str:
        """The instrument of the patient."""
        return self.elements[self.key].instrument

    @cached_property
    def scope(self) -> Scope:
        """All elements of all forms, as branching sees them."""
        return Scope({name: element.field for name, element in self.elements.items()})

    @cached_property
    def branches(self) -> Mapping[str, Node]:
        """Checked branch of every element that has one."""
        return {
            name: self._branch(name, element.branch)
            for name, element in self.elements.items()
            if element.branch is not None
        }

    def of(self, instrument: str) -> dict[str, Element]:
        """The elements of one instrument, in dictionary order."""
        return {n: e for n, e in self.elements.items() if e.instrument == instrument}

    def reference(self, instrument: str) -> tuple[str, str] | None:
        """``(element, target instrument)`` if the instrument's rows belong to another's row."""
        for name, element in self.of(instrument).items():
            if element.references is not None:
                return name, element.references.partition(".")[0]
        return None

    def columns(self, name: str) -> tuple[str, ...]:
        """Table columns of an element: one per choice (``race___1``) if it holds several."""
        element = self.elements[name]
        if element.type != "multi":
            return (name,)
        return tuple(f"{name}___{code}" for code in element.choices)
