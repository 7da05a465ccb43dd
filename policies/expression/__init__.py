"""The one expression language (DESIGN: branching, rules, derivations, measures, cohorts)."""

from policies.expression.check import Field, FieldType, Scope, check, conjuncts, names
from policies.expression.interpret import evaluate, holds
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
from policies.expression.parse import parse, size
from policies.expression.reach import DIGITS_MAX, OPERAND_ENDS, is_checked
from policies.expression.text import canonical_text

__all__ = [
    "DIGITS_MAX",
    "OPERAND_ENDS",
    "And",
    "Arithmetic",
    "Between",
    "Call",
    "Compare",
    "Field",
    "FieldType",
    "Has",
    "In",
    "IsMissing",
    "Literal",
    "Name",
    "Node",
    "Not",
    "Or",
    "Pick",
    "Scope",
    "canonical_text",
    "check",
    "conjuncts",
    "evaluate",
    "holds",
    "is_checked",
    "names",
    "parse",
    "size",
]
