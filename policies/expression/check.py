"""Type check: every name known, every comparison between like things, every code a choice.

Checking also settles constants: ``grade = 2`` on a category becomes the code ``'2'``, an ISO
text compared with a date becomes a date. Later stages (SQL, interpreter) see checked trees.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal as OneOf

from policies.errors import ExpressionError
from policies.expression.nodes import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Has,
    In,
    IsMissing,
    Literal,
    Name,
    Node,
    Not,
    Or,
    Pick,
)

__all__ = ["Field", "FieldType", "Scope", "check", "conjuncts", "names"]

FieldType = OneOf["boolean", "integer", "number", "date", "category", "multi", "text"]
_NUMERIC = ("integer", "number")


@dataclass(frozen=True)
class Field:
    """What an expression may know of an element: its type, choices and public bounds."""

    type: FieldType
    codes: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    relative: bool = False
    """A date known only relative to other dates of the patient (no calendar dates)."""


@dataclass(frozen=True)
class Scope:
    """Names an expression may use: the row's own fields, and what it may pick from."""

    fields: Mapping[str, Field]
    sources: Mapping[str, Mapping[str, Field]] = field(default_factory=dict)

    @staticmethod
    def relative(known: Field) -> Field:
        """The field as a de-identified store holds it: dates only relative to each other."""
        return replace(known, relative=True) if known.type == "date" else known


@dataclass(frozen=True)
class _Typed:
    node: Node
    field: Field


_DIGITS = re.compile("[0-9]{1,15}")
_BOOLEAN = Field("boolean")
_NUMBER = Field("number")


class _Checker:
    def __init__(self, scope: Scope, where: str) -> None:
        self.scope = scope
        self.where = where

    def fail(self, message: str) -> ExpressionError:
        return ExpressionError(message, where=self.where)

    def lookup(self, name: str) -> Field:
        known = self.scope.fields.get(name)
        if known is None:
            near = difflib.get_close_matches(name, self.scope.fields, n=1)
            more = f'; did you mean "{near[0]}"?' if near else ""
            raise self.fail(f'unknown element "{name}"{more}')
        return known

    def boolean(self, node: Node) -> Node:
        typed = self.visit(node)
        if typed.field.type != "boolean":
            raise self.fail(f"expected yes or no, found a {typed.field.type}")
        return typed.node

    def number(self, node: Node) -> Node:
        typed = self.visit(node)
        if typed.field.type not in _NUMERIC:
            raise self.fail(f"expected a number, found a {typed.field.type}")
        return typed.node

    def day(self, node: Node) -> _Typed:
        typed = self.visit(node)
        if isinstance(typed.node, Literal) and typed.field.type == "text":
            typed = _Typed(self.settle(typed.node, Field("date")), Field("date"))
        if typed.field.type != "date":
            raise self.fail(f"expected a date, found a {typed.field.type}")
        return typed

    def settle(self, literal: Literal, against: Field) -> Literal:
        """The constant as the type it is compared with."""
        value = literal.value
        if against.type in ("category", "multi"):
            code = str(int(value)) if isinstance(value, float) and value.is_integer() else value
            code = str(code)
            if code not in against.codes:
                raise self.fail(f'"{code}" is not a choice of this element')
            return Literal(code)
        if against.type == "date":
            if against.relative:
                raise self.fail("dates are relative here; compare days(a, b) instead")
            try:
                return Literal(date.fromisoformat(str(value)))
            except ValueError:
                raise self.fail("expected a date as 'YYYY-MM-DD'") from None
        fits: dict[str, tuple[type, ...]] = {
            "boolean": (bool,),
            "text": (str,),
            "integer": (int, float),
            "number": (int, float),
        }
        if not isinstance(value, fits[against.type]) or (
            against.type in _NUMERIC and isinstance(value, bool)
        ):
            raise self.fail(f"a {against.type} cannot be compared with this constant")
        return literal

    def pair(self, left: Node, right: Node, *, ordered: bool) -> tuple[Node, Node]:
        a, b = self.visit(left), self.visit(right)
        if isinstance(b.node, Literal) and not isinstance(a.node, Literal):
            b = _Typed(self.settle(b.node, a.field), a.field)
        elif isinstance(a.node, Literal) and not isinstance(b.node, Literal):
            a = _Typed(self.settle(a.node, b.field), b.field)
        kinds = {("number" if t.field.type in _NUMERIC else t.field.type) for t in (a, b)}
        if len(kinds) != 1 or "multi" in kinds:
            raise self.fail(f"cannot compare a {a.field.type} with a {b.field.type}")
        if ordered and kinds & {"category", "boolean", "text"}:
            raise self.fail(f"a {kinds.pop()} has no order; list its values with in [...]")
        return a.node, b.node

    def visit(self, node: Node) -> _Typed:
        match node:
            case Literal(value):
                kind: FieldType = (
                    "boolean"
                    if isinstance(value, bool)
                    else "date"
                    if isinstance(value, date)
                    else "text"
                    if isinstance(value, str)
                    else "number"
                )
                return _Typed(node, Field(kind))
            case Name(name):
                return _Typed(node, self.lookup(name))
            case Arithmetic(op, left, right):
                return _Typed(Arithmetic(op, self.number(left), self.number(right)), _NUMBER)
            case Call():
                return self.call(node)
            case Pick():
                return self.pick(node)
            case _:
                return _Typed(self.test(node), _BOOLEAN)

    def test(self, node: Node) -> Node:
        match node:
            case Not(item):
                return Not(self.boolean(item))
            case And(items):
                return And(tuple(self.boolean(item) for item in items))
            case Or(items):
                return Or(tuple(self.boolean(item) for item in items))
            case Compare(op, left, right):
                return Compare(op, *self.pair(left, right, ordered=op not in ("=", "!=")))
            case In(item, options):
                typed = self.visit(item)
                if typed.field.type == "multi":
                    raise self.fail("an element with several choices: write  code in element")
                return In(typed.node, tuple(self.settle(o, typed.field) for o in options))
            case Between(item, low, high):
                value, bottom = self.pair(item, low, ordered=True)
                return Between(value, bottom, self.pair(item, high, ordered=True)[1])
            case IsMissing(item):
                return IsMissing(self.visit(item).node)
            case Has(code, name):
                known = self.lookup(name)
                if known.type != "multi":
                    raise self.fail(f'"{name}" does not hold several choices')
                return Has(str(self.settle(Literal(code), known).value), name)
        raise self.fail("not a test")

    def call(self, node: Call) -> _Typed:
        if node.function == "abs":
            return _Typed(Call("abs", (self.number(node.arguments[0]),)), _NUMBER)
        if node.function == "number":
            coded = self.visit(node.arguments[0])
            # ASCII and short: what every engine and the interpreter read as the same number.
            plain = all(_DIGITS.fullmatch(code) for code in coded.field.codes)
            if coded.field.type != "category" or not plain:
                raise self.fail(
                    "number() needs an element whose choice codes are all digits, 15 at most"
                )
            return _Typed(Call("number", (coded.node,)), Field("integer"))
        if node.function == "ends":
            text, end = (self.visit(argument) for argument in node.arguments)
            given = end.node.value if isinstance(end.node, Literal) else None
            if text.field.type != "text" or not isinstance(given, str) or not given:
                raise self.fail("ends() needs a text element and how it should end, in quotes")
            return _Typed(Call("ends", (text.node, end.node)), _BOOLEAN)
        days = tuple(self.day(argument) for argument in node.arguments)
        if node.function == "year" and days[0].field.relative:
            raise self.fail("dates are relative here; the dictionary may hold a year instead")
        if len({day.field.relative for day in days}) > 1:
            raise self.fail("dates are relative here; a calendar date says nothing beside them")
        kind: FieldType = "number" if node.function == "years" else "integer"
        return _Typed(Call(node.function, tuple(day.node for day in days)), Field(kind))

    def pick(self, node: Pick) -> _Typed:
        source = self.scope.sources.get(node.source)
        if source is None and not self.scope.sources:
            raise ExpressionError(
                f"{node.kind}(…) looks into other rows: derivations and rules may, but no pick",
                where=self.where,
                hint="make it a derived element of the derivations, and use that by its name",
            )
        if source is None:
            raise self.fail(f'cannot pick from "{node.source}" here')
        inner = _Checker(Scope({**self.scope.fields, **source}), self.where)
        result = _BOOLEAN if node.kind == "any" else Field("integer")
        if node.element is not None:
            if node.element not in source:
                raise self.fail(f'unknown element "{node.element}" of {node.source}')
            result = source[node.element]
            if node.kind in ("min", "max") and result.type not in (*_NUMERIC, "date"):
                raise self.fail(f"{node.kind}() needs a number or a date")
            if result.type == "multi":
                raise self.fail("an element with several choices cannot be picked")
        where = inner.boolean(node.where) if node.where is not None else None
        by = tuple(inner.visit(key).node for key in node.by)
        return _Typed(replace(node, where=where, by=by), result)


def check(
    node: Node,
    scope: Scope,
    *,
    where: str = "expression",
    expect: FieldType | None = None,
) -> tuple[Node, Field]:
    """Return the settled tree and its type; ExpressionError names what is wrong.

    ``expect`` demands a type (integer fits number).
    """
    typed = _Checker(scope, where).visit(node)
    got = typed.field.type
    if expect is not None and got != expect and not (expect in _NUMERIC and got in _NUMERIC):
        raise ExpressionError(f"must be a {expect}, is a {got}", where=where)
    return typed.node, typed.field


def conjuncts(node: Node) -> Iterator[Node]:
    """The parts that must all hold for ``node`` to hold."""
    if isinstance(node, And):
        for item in node.items:
            yield from conjuncts(item)
    else:
        yield node


def names(node: Node) -> Iterator[str]:
    """Every element name in the tree; ``source.element`` for what is picked."""
    match node:
        case Name(name) | Has(_, name):
            yield name
        case Not(item) | IsMissing(item) | In(item, _):
            yield from names(item)
        case And(items) | Or(items):
            for item in items:
                yield from names(item)
        case Compare(_, left, right) | Arithmetic(_, left, right):
            yield from names(left)
            yield from names(right)
        case Between(item, low, high):
            for part in (item, low, high):
                yield from names(part)
        case Call(_, arguments):
            for argument in arguments:
                yield from names(argument)
        case Pick(_, source, element, condition, by):
            if element is not None:
                yield f"{source}.{element}"
            for part in (*((condition,) if condition is not None else ()), *by):
                yield from names(part)
        case Literal():
            return
