"""Text → expression tree: a small recursive-descent parser with places in its messages.

Grammar, loosest first::

    or      := and {"or" and}
    and     := not {"and" not}
    not     := "not" not | test
    test    := sum [("="|"=="|"!="|"<>"|"<"|"<="|">"|">=") sum
                   | ["not"] "in" ("[" constant {"," constant} "]" | element)
                   | ["not"] "between" sum "and" sum | "is" ["not"] "missing"]
    sum     := product {("+"|"-") product}
    product := unary {("*"|"/") unary}
    unary   := "-" unary | atom
    atom    := constant | call | pick | element | "(" or ")"
    call    := ("days"|"years"|"year"|"abs"|"number"|"ends") "(" or {"," or} ")"
    pick    := ("first"|"last"|"any"|"count"|"min"|"max")
               "(" source ["." element] ["where" or] ["by" sum {"," sum}] ")"
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

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

__all__ = ["parse", "size"]

DEPTH_MAX = 60
OPERATORS_MAX = 100
LENGTH_MAX = 8_000
DIGITS_MAX = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<op><=|>=|!=|<>|==|[=<>+\-*/().,\[\]]))"
)
_RESERVED = frozenset(
    ["and", "or", "not", "in", "between", "is", "missing", "where", "by", "true", "false"]
)
_PICKS = frozenset(["first", "last", "any", "count", "min", "max"])
_CALLS = {"days": 2, "years": 2, "year": 1, "abs": 1, "number": 1, "ends": 2}
_COMPARE = {"=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(text: str, where: str) -> list[_Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(
                f"cannot read the character at position {start + 1}", where=where, position=start
            )
        kind = str(match.lastgroup)
        found.append(_Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


class _Parser:
    def __init__(self, text: str, where: str) -> None:
        self.where = where
        self.tokens = _tokens(text, where)
        self.at = 0
        self.depth = 0
        self.operators = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def fail(self, expected: str) -> ExpressionError:
        got = f'"{self.token.text}"' if self.token.kind != "end" else "the end"
        position = self.token.position
        return ExpressionError(
            f"expected {expected} at position {position + 1}, found {got}",
            where=self.where,
            position=position,
        )

    def take(self, *texts: str) -> str | None:
        if self.token.kind in ("op", "word") and self.token.text in texts:
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def need(self, text: str) -> None:
        if self.take(text) is None:
            raise self.fail(f'"{text}"')

    def word(self, what: str) -> str:
        if self.token.kind != "word" or self.token.text in _RESERVED:
            raise self.fail(what)
        self.at += 1
        return self.tokens[self.at - 1].text

    def operator(self) -> None:
        # Chains nest to the left; the limit keeps every later walk within the stack.
        self.operators += 1
        if self.operators > OPERATORS_MAX:
            raise ExpressionError(f"more than {OPERATORS_MAX} operators", where=self.where)

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise ExpressionError("nested too deeply", where=self.where)
        items = [self.both()]
        while self.take("or"):
            items.append(self.both())
        self.depth -= 1
        return items[0] if len(items) == 1 else Or(tuple(items))

    def both(self) -> Node:
        items = [self.negation()]
        while self.take("and"):
            items.append(self.negation())
        return items[0] if len(items) == 1 else And(tuple(items))

    def negation(self) -> Node:
        count = 0
        while self.take("not"):
            self.operator()
            count += 1
        node = self.test()
        for _ in range(count):
            node = Not(node)
        return node

    def test(self) -> Node:
        left = self.sum()
        op = self.take(*_COMPARE)
        if op is not None:
            return Compare(cast("Any", _COMPARE[op]), left, self.sum())
        if self.take("is"):
            negated = self.take("not") is not None
            self.need("missing")
            return Not(IsMissing(left)) if negated else IsMissing(left)
        negated = self.take("not") is not None
        if self.take("between"):
            low = self.sum()
            self.need("and")
            node: Node = Between(left, low, self.sum())
        elif self.take("in"):
            node = self.member(left)
        elif negated:
            raise self.fail('"in" or "between"')
        else:
            return left
        return Not(node) if negated else node

    def member(self, left: Node) -> Node:
        if self.take("["):
            options = [self.constant()]
            while self.take(","):
                options.append(self.constant())
            self.need("]")
            return In(left, tuple(options))
        if not isinstance(left, Literal):
            raise self.fail('"[" with a list of constants')
        return Has(_code(left.value), self.word("an element that holds several choices"))

    def constant(self) -> Literal:
        sign = -1 if self.take("-") else 1
        token = self.token
        if token.kind == "number":
            if len(token.text) > DIGITS_MAX or not math.isfinite(float(token.text)):
                raise self.fail("a number that a double can hold")
            self.at += 1
            return Literal(sign * _number(token.text))
        if sign == 1 and token.kind == "text":
            self.at += 1
            return Literal(re.sub(r"\\(.)", r"\1", token.text[1:-1]))
        if sign == 1 and token.kind == "word" and token.text not in _RESERVED:
            # A bare word in a list is a choice code, as in ``ajcc_stage in [ia, ib]``.
            self.at += 1
            return Literal(token.text)
        raise self.fail("a constant")

    def sum(self) -> Node:
        node = self.product()
        while op := self.take("+", "-"):
            self.operator()
            node = Arithmetic(cast("Any", op), node, self.product())
        return node

    def product(self) -> Node:
        node = self.unary()
        while op := self.take("*", "/"):
            self.operator()
            node = Arithmetic(cast("Any", op), node, self.unary())
        return node

    def unary(self) -> Node:
        if not self.take("-"):
            return self.atom()
        node = self.atom()
        if isinstance(node, Literal) and type(node.value) in (int, float):
            return Literal(-cast("float", node.value))
        return Arithmetic("-", Literal(0), node)

    def atom(self) -> Node:
        token = self.token
        if self.take("("):
            node = self.either()
            self.need(")")
            return node
        if token.kind in ("number", "text"):
            return self.constant()
        if flag := self.take("true", "false"):
            return Literal(flag == "true")
        name = self.word("an element, a number or a bracket")
        if self.token.text != "(" or self.token.kind != "op":
            return Name(name)
        self.need("(")
        node = self.pick(name) if name in _PICKS else self.call(name)
        self.need(")")
        return node

    def call(self, name: str) -> Node:
        if name not in _CALLS:
            self.at -= 2
            raise self.fail(f"one of the functions {', '.join(sorted([*_CALLS, *_PICKS]))}")
        arguments = [self.either()]
        while self.take(","):
            arguments.append(self.either())
        if len(arguments) != _CALLS[name]:
            raise self.fail(f"{_CALLS[name]} argument(s) for {name}()")
        return Call(cast("Any", name), tuple(arguments))

    def pick(self, kind: str) -> Node:
        source = self.word("an instrument")
        element = self.word("an element") if self.take(".") else None
        where = self.either() if self.take("where") else None
        by: list[Node] = []
        if self.take("by"):
            by.append(self.sum())
            while self.take(","):
                by.append(self.sum())
        if (element is None) != (kind in ("any", "count")):
            need = "an instrument alone" if kind in ("any", "count") else "instrument.element"
            raise ExpressionError(f"{kind}() takes {need}", where=self.where)
        if by and kind not in ("first", "last"):
            raise ExpressionError(f"{kind}() takes no order", where=self.where)
        return Pick(cast("Any", kind), source, element, where, tuple(by))


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def _code(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _too_deep(node: Node) -> bool:
    """A bracket can hold several nodes, one within the other, and later walks (the check, SQL)
    take up to ten frames for each. The canonical text has a bracket for each: what is parsed
    once can be parsed again.
    """
    layer: list[Node] = [node]
    for _ in range(DEPTH_MAX):
        layer = [child for parent in layer for child in _children(parent)]
    return bool(layer)


def _children(node: Node) -> Iterator[Node]:
    for part in vars(node).values():
        for item in part if isinstance(part, tuple) else (part,):
            if isinstance(item, Node):
                yield item


def size(node: Node) -> int:
    """Number of nodes in the tree, the root among them."""
    return 1 + sum(map(size, _children(node)))


def parse(text: str, *, where: str = "expression") -> Node:
    """Parse ``text``; :class:`ExpressionError` names the position (``where`` says the file)."""
    if len(text) > LENGTH_MAX:
        raise ExpressionError(f"longer than {LENGTH_MAX} characters", where=where)
    parser = _Parser(text, where)
    node = parser.either()
    if parser.token.kind != "end":
        raise parser.fail("the end")
    if _too_deep(node):
        raise ExpressionError("nested too deeply", where=where)
    return node
