"""Checked expressions → Ibis, so that SQL engines compute what the interpreter defines.

The reference is :func:`policies.expression.evaluate`; ``tests/generative`` compares the two.
Columns follow the store: a category is its code, a date is a calendar date or an integer of
days relative to the patient's own origin, an element with several choices is one boolean
column per choice (``race___5``), all of them NULL where it was not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis

from policies.errors import ExpressionError
from policies.expression import (
    DIGITS_MAX,
    OPERAND_ENDS,
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
    evaluate,
    is_checked,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["compile_expression"]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b.nullif(ibis.literal(0.0)),
}
_DAYS_PER_YEAR = 365.25


def compile_expression(node: Node, table: ir.Table) -> ir.Value:
    """The value of a checked ``node`` per row of ``table``; NULL is missing. Never raises on data.

    ``Pick`` must have been computed into a column before (``gateway.registry``); it and a name
    that is no column raise :class:`~policies.errors.ExpressionError`.
    """
    match node:
        case Literal(value):
            return _literal(value)
        case Name(name):
            return _column(table, name)
        case Arithmetic() if _constant(node):
            result: Any = evaluate(node, {})
            return ibis.null("float64") if result is None else _number(result)
        case Arithmetic(op, left, right):
            return _ARITHMETIC[op](_operand(left, table), _operand(right, table))
        case Call(function, arguments):
            return _call(function, [compile_expression(a, table) for a in arguments])
        case _:
            return _test(node, table)


def _constant(node: Node) -> bool:
    match node:
        case Literal():
            return True
        case Arithmetic(_, left, right):
            return _constant(left) and _constant(right)
    return False


def _test(node: Node, table: ir.Table) -> Any:
    match node:
        case Not(item):
            # Not `~`: Ibis 12 writes (~x).isnull() as NOT (x) IS NULL, which SQL reads as
            # NOT (x IS NULL). A comparison with false has the same truth table.
            return _boolean(item, table) == ibis.literal(False)
        case And(items):
            return _balanced([_boolean(item, table) for item in items], lambda a, b: a & b)
        case Or(items):
            return _balanced([_boolean(item, table) for item in items], lambda a, b: a | b)
        case Compare(op, left, right):
            return _COMPARE[op](*_comparable(left, right, table))
        case In(item, options):
            tests = [_COMPARE["="](*_comparable(item, option, table)) for option in options]
            return _balanced(tests, lambda a, b: a | b)
        case Between(item, low, high):
            return _test(And((Compare(">=", item, low), Compare("<=", item, high))), table)
        case IsMissing(item):
            return _is_missing(item, table)
        case Has(code, name):
            return _column(table, f"{name}___{code}")
    raise ExpressionError("a picked value must be computed before it is compiled")


def _literal(value: bool | float | str | date) -> ir.Scalar:
    if isinstance(value, bool | str | date):
        return ibis.literal(value)
    return _number(value)


def _number(value: float) -> Any:
    # Written as text, and so a double from the start. DuckDB takes 5.0 for a decimal: what is
    # reckoned of such constants alone would raise for want of digits, and only if there is a row.
    return ibis.literal(repr(float(value))).cast("float64")


def _column(table: ir.Table, name: str) -> Any:
    if name not in table.columns:
        raise ExpressionError(f'the table has no column "{name}"')
    return table[name]


def _boolean(node: Node, table: ir.Table) -> Any:
    return compile_expression(node, table)


def _double(node: Node, table: ir.Table) -> Any:
    return compile_expression(node, table).cast("float64")


def _operand(node: Node, table: ir.Table) -> Any:
    value = _double(node, table)
    if not is_checked(node):
        return value
    ends = [ibis.literal(end, type="float64") for end in OPERAND_ENDS]
    return ibis.cases(((value == 0.0) | value.abs().between(*ends), value))


def _comparable(left: Node, right: Node, table: ir.Table) -> tuple[Any, Any]:
    # Numbers are doubles in the language: an integer column against 2.5 must not round it.
    a, b = (compile_expression(side, table) for side in (left, right))
    if a.type().is_numeric() and b.type().is_numeric() and a.type() != b.type():
        return a.cast("float64"), b.cast("float64")
    return a, b


def _balanced(parts: Sequence[Any], join: Callable[[Any, Any], Any]) -> Any:
    # A chain of a thousand alternatives would be a tree too deep for the SQL compiler.
    while len(parts) > 1:
        parts = [
            join(*pair) if len(pair) == 2 else pair[0]
            for pair in (parts[i : i + 2] for i in range(0, len(parts), 2))
        ]
    return parts[0]


def _is_missing(item: Node, table: ir.Table) -> Any:
    if isinstance(item, Name) and item.name not in table.columns:
        prefix = f"{item.name}___"
        for column in table.columns:
            if column.startswith(prefix):
                return table[column].isnull()
    value: Any = compile_expression(item, table)
    if value.type().is_floating() and not _constant(item):
        # On Spark Ibis takes NaN for missing too; what equals itself is unknown for NULL alone.
        value = value == value  # noqa: PLR0124
    return value.isnull()


def _call(function: str, values: list[Any]) -> Any:
    if function == "year":
        return values[0].year().cast("int64")
    if function == "abs":
        return values[0].cast("float64").abs()
    if function == "number":
        # Guarded: a code that slipped into the store must not raise, for a failure would tell.
        # No "$": Java's also matches before a last line break, and Spark's cast overlooks it.
        other = values[0].re_search("[^0-9]"), ibis.null("int64")
        whole = values[0].length().between(1, DIGITS_MAX), values[0].cast("int64")
        return ibis.cases(other, whole)
    start, end = values
    if function == "ends":
        return start.endswith(end)
    if start.type().is_date():
        days = end.delta(start, unit="day").cast("int64")
    else:
        days = (end.cast("int64") - start.cast("int64")).cast("int64")
    return days if function == "days" else days.cast("float64") / _DAYS_PER_YEAR
