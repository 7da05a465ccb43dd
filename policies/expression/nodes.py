"""The expression tree: frozen values with a canonical text and no behaviour.

Semantics (the reference is :mod:`policies.expression.interpret`):

- A missing value makes a comparison or arithmetic missing; ``and``, ``or`` and ``not`` follow
  Kleene's three-valued logic, as SQL does. Where a yes or no is needed, missing means no.
- Categories compare by choice code; numbers are doubles; dates are whole days.
- Division by zero is missing, never an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal as OneOf

__all__ = [
    "And",
    "Arithmetic",
    "Between",
    "Call",
    "Compare",
    "Has",
    "In",
    "IsMissing",
    "Literal",
    "Name",
    "Node",
    "Not",
    "Or",
    "Pick",
    "PickKind",
]


@dataclass(frozen=True)
class Literal:
    """A constant: true/false, a number, or text (also a choice code); a date after checking."""

    value: bool | int | float | str | date


@dataclass(frozen=True)
class Name:
    """An element, or a derived element, of the row or of the instrument picked from."""

    name: str


@dataclass(frozen=True)
class Not:
    """Logical negation; missing stays missing."""

    item: Node


@dataclass(frozen=True)
class And:
    """Conjunction of two or more; false wins over missing."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """Disjunction of two or more; true wins over missing."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Compare:
    """``=  !=  <  <=  >  >=``."""

    op: OneOf["=", "!=", "<", "<=", ">", ">="]
    left: Node
    right: Node


@dataclass(frozen=True)
class In:
    """``item in [a, b, …]`` over constants."""

    item: Node
    options: tuple[Literal, ...]


@dataclass(frozen=True)
class Between:
    """``item between low and high``, both ends included."""

    item: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class IsMissing:
    """``item is missing``: always true or false."""

    item: Node


@dataclass(frozen=True)
class Has:
    """``code in element`` for an element that holds several choices."""

    code: str
    name: str


@dataclass(frozen=True)
class Arithmetic:
    """``+ - * /``; the quotient by 0 is missing, and an operand other than 0 whose size is beyond
    10^±15 counts as missing (:mod:`policies.expression.reach`).
    """

    op: OneOf["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True)
class Call:
    """``days(a, b)`` = b − a in days; ``years(a, b)`` = days / 365.25; ``year(a)``; ``abs(x)``;
    ``number(c)`` reads the choice code of a category, all of whose codes are digits;
    ``ends(t, 'x')`` tests how a text ends.
    """

    function: OneOf["days", "years", "year", "abs", "number", "ends"]
    arguments: tuple[Node, ...]


PickKind = OneOf["first", "last", "any", "count", "min", "max"]


@dataclass(frozen=True)
class Pick:
    """A summary of the same patient's rows of another instrument or unit.

    ``first(pathology.grade where … by path_date)``: the element of the first row in order;
    rows with a missing order value come last, ties go by the row's place in the record.
    ``any`` and ``count`` take the instrument alone, ``min`` and ``max`` an element.
    Inside, a name means the picked row's element first and the outer row's second. Rows are
    related by patient, and by tumour where both rows belong to one.
    """

    kind: PickKind
    source: str
    element: str | None
    where: Node | None = None
    by: tuple[Node, ...] = ()


Node = (
    Literal
    | Name
    | Not
    | And
    | Or
    | Compare
    | In
    | Between
    | IsMissing
    | Has
    | Arithmetic
    | Call
    | Pick
)
