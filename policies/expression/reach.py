"""How large the numbers of an arithmetic expression can become, from its shape alone.

An engine may refuse to reckon beyond the doubles (PostgreSQL raises an error where DuckDB goes on
with infinity), and whether a query fails must not tell of a row (DESIGN D2, D8). So every operand
that comes from data is 0 or of a size within :data:`OPERAND_ENDS`, or missing; then the sizes of
sums, products and quotients follow from the expression, and only where they could leave the doubles
after many multiplications is the value in between held to the same ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from policies.expression.nodes import Arithmetic, Literal, Node

__all__ = ["DIGITS_MAX", "OPERAND_ENDS", "computable", "is_checked"]

OPERAND_ENDS = 1e-15, 1e15
"""Least and greatest size of an operand that is not 0."""
DIGITS_MAX = 18
"""What ``number`` reads: so many digits fit into eight bytes; any other text is no number."""

_DOUBLES = -290, 290  # decades; a double holds 1e-307 to 1e308 at full precision
_DIGITS = 16  # decades between a double and its last bit


@dataclass(frozen=True)
class _Reach:
    """Decades of the least and the greatest size other than 0, and of what all values are
    multiples of: two doubles that nearly cancel leave at least that.
    """

    low: int
    high: int
    grain: int


_CHECKED = _Reach(-15, 15, -15 - _DIGITS)


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


def _within(reach: _Reach) -> bool:
    return reach.low >= _DOUBLES[0] and reach.high <= _DOUBLES[1]


def _reach(node: Arithmetic) -> _Reach:
    a, b = _after_check(node.left), _after_check(node.right)
    if node.op in "+-":
        grain = min(a.grain, b.grain)
        return _Reach(grain, max(a.high, b.high) + 1, grain)
    low, high = (
        (a.low + b.low, a.high + b.high) if node.op == "*" else (a.low - b.high, a.high - b.low)
    )
    return _Reach(low, high, low - _DIGITS)


def _after_check(operand: Node) -> _Reach:
    if isinstance(operand, Arithmetic):
        reach = _reach(operand)
        return reach if _within(reach) else _CHECKED
    if isinstance(operand, Literal) and isinstance(operand.value, int | float):
        size = abs(operand.value)
        if size == 0:
            return _Reach(0, 0, 0)
        if computable(size):
            low = math.floor(math.log10(size))
            return _Reach(low, low + 1, low - _DIGITS)
    return _CHECKED
