"""How large the numbers of an arithmetic expression can become, from its shape alone.

An engine may refuse to reckon beyond the doubles (PostgreSQL raises an error where DuckDB goes on
with infinity), and whether a query fails must not tell of a row (DESIGN D2, D8). So every operand
that comes from data is 0 or of a size within :data:`OPERAND_ENDS`, or missing; then the sizes of
sums, products and quotients follow from the expression, and only where they could leave the doubles
after many multiplications is the value in between held to the same ends.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from policies.expression.nodes import Arithmetic, Literal, Node

__all__ = ["OPERAND_ENDS", "computable", "is_checked"]

OPERAND_ENDS = 1e-15, 1e15
"""Least and greatest size of an operand that is not 0."""

_ENDS = -15, 15
_DOUBLES = -290, 290  # decades; a double holds 1e-307 to 1e308 at full precision
_CANCELLED = 16  # decades that a difference of nearly equal doubles can lose


def computable(value: Any) -> bool:
    """May an operand be reckoned with?"""
    return value is not None and (value == 0 or OPERAND_ENDS[0] <= abs(value) <= OPERAND_ENDS[1])


@lru_cache(maxsize=4096)
def is_checked(operand: Node) -> bool:
    """Is the operand's value compared with the ends when the expression is evaluated?"""
    match operand:
        case Literal(value):
            return not computable(value)
        case Arithmetic():
            return not _within(_reach(operand))
    return True


def _within(reach: tuple[int, int]) -> bool:
    return reach[0] >= _DOUBLES[0] and reach[1] <= _DOUBLES[1]


def _reach(node: Arithmetic) -> tuple[int, int]:
    """Decades between which the size of a result other than 0 lies."""
    (a_low, a_high), (b_low, b_high) = _decades(node.left), _decades(node.right)
    if node.op == "*":
        return a_low + b_low, a_high + b_high
    if node.op == "/":
        return a_low - b_high, a_high - b_low
    return min(a_low, b_low) - _CANCELLED, max(a_high, b_high) + 1


def _decades(operand: Node) -> tuple[int, int]:
    """Decades of an operand once it is checked where it has to be."""
    if isinstance(operand, Arithmetic):
        reach = _reach(operand)
        return reach if _within(reach) else _ENDS
    if isinstance(operand, Literal) and isinstance(operand.value, int | float):
        size = abs(operand.value)
        if size == 0:
            return 0, 0
        if computable(size):
            return math.floor(math.log10(size)), math.ceil(math.log10(size))
    return _ENDS
