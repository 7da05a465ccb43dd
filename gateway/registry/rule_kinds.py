"""Rules that are no question to one row: doubles, what something else keeps, what is recomputed."""

from __future__ import annotations

from gateway.registry import fixlist
from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.forms import form_table
from policies.dictionary import Dictionary
from policies.errors import DeclarationError
from policies.expression import names, parse
from policies.rule import UNDECIDED, Rule, Rules

__all__ = ["check_unique", "recomputed", "say_undecided"]

_KEPT = {"references": ("reference", "key"), "stated": ("note",)}
"""Lines of the fix list by what keeps a rule."""


def check_unique(
    bench: Bench, identifier: str, rule: Rule, dictionary: Dictionary, *, where: str
) -> None:
    """List rows that an earlier one, of this record or another, is alike in all of ``unique``.

    For a person to look at: nothing is merged, left out or queried by it.
    """
    elements = dictionary.of(rule.on)
    for name in rule.unique:
        if name not in elements or elements[name].type in ("multi", "note"):
            raise DeclarationError(f'"{name}" is no single answer of form {rule.on}', where=where)
    parts = [f"lower(trim(CAST({quoted(name)} AS VARCHAR)))" for name in rule.unique]
    fixlist.add(
        bench,
        f"SELECT * FROM (SELECT _at, _record, _instance, first_value(_at) OVER ("
        f"PARTITION BY {', '.join(parts)} ORDER BY _at) AS _first "
        f"FROM {quoted(form_table(rule.on))} "
        f"WHERE {' AND '.join(f'{quoted(name)} IS NOT NULL' for name in rule.unique)}) "
        f"WHERE _at != _first",
        instrument=rule.on,
        fields=" ".join(rule.elements),
        rule=identifier,
        severity=rule.severity,
        says=rule.sentence,
        fix=rule.fix or "",
        first="_first",
    )


def say_undecided(bench: Bench, rules: Rules) -> None:
    """Say it on the lines of what keeps a rule (``kept_by``) on which a committee has to decide."""
    for identifier, rule in rules.list.items():
        if rule.check and rule.kept_by in _KEPT:
            lines = ", ".join(literal(line) for line in _KEPT[rule.kept_by])
            bench.change(
                "fix",
                "says",
                f"says || {literal(f' ({identifier}: {UNDECIDED})')}",
                f"rule IN ({lines}) AND fields IN ({', '.join(map(literal, rule.elements))})",
            )


def recomputed(rules: Rules) -> frozenset[str]:
    """Names that the rules read: of derived elements among them they list the disagreements."""
    texts = [rule.holds for rule in rules.list.values() if rule.holds is not None]
    return frozenset(name for text in texts for name in names(parse(text)))
