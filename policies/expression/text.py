"""The canonical text of an expression: what is hashed, shown and re-parsed.

``parse(canonical(node)) == canonicalise(node)``: conjunctions and disjunctions are flattened,
sorted and freed of repeats, so that two spellings of one question are one question.
"""

from __future__ import annotations

import re
from datetime import date

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

__all__ = ["canonical_text"]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _literal(value: bool | float | str | date) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value)


def _flat(kind: type[And | Or], items: tuple[Node, ...]) -> set[str]:
    texts: set[str] = set()
    for item in items:
        if isinstance(item, kind):
            texts |= _flat(kind, item.items)
        else:
            texts.add(canonical_text(item))
    return texts


def _join(kind: type[And | Or], items: tuple[Node, ...], word: str) -> str:
    texts = sorted(_flat(kind, items))
    return texts[0] if len(texts) == 1 else "(" + f" {word} ".join(texts) + ")"


def _pick(node: Pick) -> str:
    text = node.source if node.element is None else f"{node.source}.{node.element}"
    if node.where is not None:
        text += f" where {canonical_text(node.where)}"
    if node.by:
        text += " by " + ", ".join(canonical_text(key) for key in node.by)
    return f"{node.kind}({text})"


def canonical_text(node: Node) -> str:
    """The one spelling of ``node``."""
    match node:
        case Literal(value):
            return _literal(value)
        case Name(name):
            return name
        case And(items):
            return _join(And, items, "and")
        case Or(items):
            return _join(Or, items, "or")
        case Not(item):
            return f"(not {canonical_text(item)})"
        case Compare(op, left, right):
            return f"({canonical_text(left)} {op} {canonical_text(right)})"
        case In(item, options):
            listed = ", ".join(sorted({_literal(option.value) for option in options}))
            return f"({canonical_text(item)} in [{listed}])"
        case Between(item, low, high):
            low_text, high_text = canonical_text(low), canonical_text(high)
            return f"({canonical_text(item)} between {low_text} and {high_text})"
        case IsMissing(item):
            return f"({canonical_text(item)} is missing)"
        case Has(code, name):
            return f"({_literal(code)} in {name})"
        case Arithmetic(op, left, right):
            return f"({canonical_text(left)} {op} {canonical_text(right)})"
        case Call(function, arguments):
            return f"{function}({', '.join(canonical_text(a) for a in arguments)})"
        case Pick():
            return _pick(node)
