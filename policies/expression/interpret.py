"""Row-by-row meaning of a checked expression: the reference that the SQL engines must match.

It also explains single records in messages. Values: None (missing), bool, int, float, str,
datetime.date, and frozenset of codes for an element with several choices; a relative date is
an int of days. No load gives NaN; in a store that has it, it equals itself, is above every other
number and is not missing, as the SQL engines have it, and it cannot be reckoned with.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cmp_to_key
from typing import Any

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
from policies.expression.reach import DIGITS_MAX, computable, is_checked

__all__ = ["Children", "Row", "Value", "evaluate", "holds"]

Value = None | bool | int | float | str | date | frozenset[str]
Row = Mapping[str, Value]
Children = Callable[[str], Sequence[Row]]
"""Related rows of an instrument or unit, in record order."""

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def _no_children(source: str) -> Sequence[Row]:
    raise LookupError(source)


def holds(node: Node, row: Row, children: Children = _no_children) -> bool:
    """True where the expression is true; missing counts as no."""
    return evaluate(node, row, children) is True


def evaluate(node: Node, row: Row, children: Children = _no_children) -> Value:
    """The value of ``node`` for one row."""
    match node:
        case Literal(value):
            return value
        case Name(name):
            return row.get(name)
        case Arithmetic(op, left, right):
            return _arithmetic(op, _operand(left, row, children), _operand(right, row, children))
        case Call(function, arguments):
            return _call(function, [evaluate(a, row, children) for a in arguments])
        case Pick():
            return _pick(node, row, children)
        case _:
            return _test(node, row, children)


def _test(node: Node, row: Row, children: Children) -> bool | None:
    match node:
        case Not(item):
            value = evaluate(item, row, children)
            return None if value is None else not value
        case And(items):
            values = [evaluate(item, row, children) for item in items]
            return False if False in values else None if None in values else True
        case Or(items):
            values = [evaluate(item, row, children) for item in items]
            return True if True in values else None if None in values else False
        case Compare(op, left, right):
            a, b = evaluate(left, row, children), evaluate(right, row, children)
            return None if a is None or b is None else _COMPARE[op](_placed(a), _placed(b))
        case In(item, options):
            value = evaluate(item, row, children)
            return None if value is None else any(value == option.value for option in options)
        case Between(item, low, high):
            ends = (Compare(">=", item, low), Compare("<=", item, high))
            return _test(And(ends), row, children)
        case IsMissing(item):
            return evaluate(item, row, children) is None
        case Has(code, name):
            held = row.get(name)
            return None if held is None else code in held  # type: ignore[operator]
    raise TypeError(type(node).__name__)


def _placed(value: Any) -> Any:
    # Of one kind on both sides, so that pairs compare as their parts do; only NaN differs from
    # itself.
    return (True, 0) if value != value else (False, value)  # noqa: PLR0124


def _arithmetic(op: str, left: Any, right: Any) -> float | None:
    if left is None or right is None or (op == "/" and right == 0):
        return None
    return _ARITHMETIC[op](float(left), float(right))


def _operand(node: Node, row: Row, children: Children) -> Value:
    value = evaluate(node, row, children)
    return None if is_checked(node) and not computable(value) else value


def _days(start: Any, end: Any) -> int:
    return (end - start).days if isinstance(start, date) else int(end - start)


def _call(function: str, values: list[Any]) -> float | int | None:
    if any(value is None for value in values):
        return None
    if function == "year":
        return int(values[0].year)
    if function == "abs":
        return abs(float(values[0]))
    if function == "number":
        text = str(values[0])
        digits = text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
        return int(text) if digits else None
    if function == "ends":
        return str(values[0]).endswith(values[1])
    days = _days(*values)
    return days if function == "days" else days / 365.25


def _pick(node: Pick, row: Row, children: Children) -> Value:
    rows = [
        {**row, **child}
        for child in children(node.source)
        if node.where is None or holds(node.where, {**row, **child}, children)
    ]
    if node.kind == "any":
        return bool(rows)
    if node.kind == "count":
        return len(rows)
    element = str(node.element)
    if node.kind in ("min", "max"):
        values: list[Any] = [r[element] for r in rows if r.get(element) is not None]
        return (min if node.kind == "min" else max)(values) if values else None
    if not rows:
        return None
    sign = 1 if node.kind == "first" else -1
    keys = [[evaluate(key, r, children) for key in node.by] for r in rows]

    def order(i: int, j: int) -> int:
        for a, b in zip(keys[i], keys[j], strict=True):
            if a is None or b is None:
                if (a is None) != (b is None):
                    return 1 if a is None else -1
            elif a != b:
                return sign if a > b else -sign  # type: ignore[operator]
        return sign * (i - j)

    best = min(range(len(rows)), key=cmp_to_key(order))
    return rows[best].get(element)
