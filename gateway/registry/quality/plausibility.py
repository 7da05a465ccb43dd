"""Plausibility (Kahn 2016): how often the registry's rules fail. A rule that compares dates is
temporal, any other atemporal; which one it is follows from its expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from gateway.registry.bench import Bench, quoted
from gateway.registry.forms import form_table
from gateway.registry.validate import rule_unit
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.expression import Between, Call, Compare, Name, Pick, parse
from policies.rule import Rules

__all__ = ["compares_dates", "plausibility"]


def plausibility(
    bench: Bench, rules: Rules, dictionary: Dictionary, derivations: Derivations
) -> list[dict[str, Any]]:
    """Per rule: rows of its form, rows that fail, and patients with such a row. Needs the fix
    list after the rules were checked; ``derivations`` have a unit for every form.
    """
    failed = {
        rule: (lines, records)
        for rule, lines, records in bench.run(
            "SELECT rule, count(*), count(DISTINCT record) FROM fix GROUP BY rule"
        )
    }
    dates = {n for n, e in dictionary.elements.items() if e.type == "date"}
    dates |= {n for n, d in derivations.elements.items() if d.type == "date"}
    rows: dict[str, int] = {}
    found = []
    for identifier, rule in rules.list.items():
        if rule.kept_by is not None:
            continue  # no row is looked at for it
        form = derivations.units[rule_unit(rule, derivations)].instrument
        if form not in rows:
            rows[form] = int(bench.value(f"SELECT count(*) FROM {quoted(form_table(form))}"))
        lines, records = failed.get(identifier, (0, 0))
        found.append(
            {
                "rule": identifier,
                "severity": rule.severity,
                "temporal": rule.holds is not None and compares_dates(rule.holds, dates),
                "rows": rows[form],
                "failed": lines,
                "records": records,
            }
        )
    return found


def compares_dates(text: str, dates: set[str]) -> bool:
    """Does the expression set dates against each other, or against a day?"""
    return any(
        node.function in ("days", "years")
        if isinstance(node, Call)
        else any(_is_date(part, dates) for part in _parts(node))
        for node in _walk(parse(text, where="rule"))
        if isinstance(node, Call | Compare | Between)
    )


def _is_date(node: Any, dates: set[str]) -> bool:
    if isinstance(node, Name):
        return node.name.rpartition(".")[2] in dates
    return isinstance(node, Pick) and node.element in dates and node.kind not in ("any", "count")


def _parts(node: Any) -> Iterator[Any]:
    for part in fields(node):
        value = getattr(node, part.name)
        for item in value if isinstance(value, tuple) else (value,):
            if is_dataclass(item) and not isinstance(item, type):
                yield item


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for part in _parts(node):
        yield from _walk(part)
