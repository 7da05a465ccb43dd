"""What does not fit together: branching, references, rules, entered against derived.

All of it goes to the fix list and none of it stops a load; only what branching hides is taken
out, since the dictionary says that it must be empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import ibis

from federated.aggregate.ibis_expression import compile_expression
from gateway.registry import fixlist
from gateway.registry.bench import Bench, Parts, quoted
from gateway.registry.compared import compared, shown
from gateway.registry.forms import form_table
from gateway.registry.pick import base_view, without_picks
from gateway.registry.related import wide_view
from gateway.registry.rule_kinds import check_unique
from policies.derivation import Derivations, unit_scopes
from policies.dictionary import Dictionary
from policies.expression import Node, check, parse
from policies.rule import TODAY, Rule, Rules, rule_scope

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = [
    "Contradictions",
    "blank_hidden",
    "branch_table",
    "check_references",
    "check_rules",
    "check_totals",
    "rule_unit",
]

_TOLERANCE_RELATIVE, _TOLERANCE = 0.01, 0.05
"""Entered totals are rounded by hand: differences within them are no disagreement."""


def branch_table(
    bench: Bench, instrument: str, dictionary: Dictionary, *, today: date | None = None
) -> ir.Table:
    """The form's rows with the patient's elements beside them, as branching sees them; with
    ``today`` they know the day, as rules do.
    """
    form, root = form_table(instrument), form_table(dictionary.root)
    mine = bench.columns(form)
    theirs = {c: t for c, t in bench.columns(root).items() if c not in mine}
    cells = "".join(f", r.{quoted(c)}" for c in theirs)
    view, columns = f"branch_{instrument}", mine | theirs
    if today is not None and TODAY not in columns:
        cells += f", DATE '{today}' AS {quoted(TODAY)}"
        columns[TODAY] = "DATE"
    sql = f"SELECT f.*{cells} FROM {quoted(form)} f LEFT JOIN {quoted(root)} r"
    bench.view(view, f"{sql} ON f._record = r._record", columns)
    return bench.table(view)


Contradictions = Mapping[str, Sequence[tuple[Node, Node]]]
"""Condition and demand of rules, by a hidden element that they name."""


def blank_hidden(
    bench: Bench,
    dictionary: Dictionary,
    contradictions: Contradictions | None = None,
    today: date | None = None,
) -> None:
    """Make missing what branching hides for certain, and list it; but for answers on which one
    of ``contradictions`` fails (:mod:`gateway.registry.contradictions`): those stay as they are.
    """
    against, day = contradictions or {}, _day(today)
    for instrument in dictionary.instruments:
        hidden = {n: b for n, b in dictionary.branches.items() if n in dictionary.of(instrument)}
        if not hidden:
            continue
        table: Any = branch_table(bench, instrument, dictionary, today=day)
        tests = {
            name: (compile_expression(branch, table) == ibis.literal(False))
            & table[dictionary.columns(name)[0]].notnull()
            for name, branch in hidden.items()
        }
        for name in tests.keys() & against.keys():
            fails = [_fails(when, holds, table) for when, holds in against[name]]
            tests[name] &= ~ibis.or_(*fails).fill_null(False)
        bench.create("_hidden", table.select("_at", "_record", "_instance", **tests))
        bench.keep("_hidden")
        counts = bench.run(
            f"SELECT {', '.join(f'count_if({quoted(n)})' for n in tests)} FROM _hidden"
        )[0]
        filled = [name for name, count in zip(tests, counts, strict=True) if count]
        says = "is filled where the form does not ask for it; it was left out"
        fix = "delete it, or correct the answer that hides it"
        lines = {
            name: fixlist.Line(
                instrument, name, rule="branch", severity="warning", says=says, fix=fix
            )
            for name in filled
        }
        fixlist.add_marked(bench, "_hidden", lines)
        columns = {name: dictionary.columns(name) for name in filled}
        bench.blank(form_table(instrument), "_hidden", columns)


def _fails(when: Node, holds: Node, table: Any) -> Any:
    return compile_expression(when, table) & (
        compile_expression(holds, table) == ibis.literal(False)
    )


def _day(today: date | None) -> date:
    return today or datetime.now(UTC).date()


def check_references(bench: Bench, dictionary: Dictionary) -> None:
    """List rows that name a row which does not exist, and keys given twice."""
    for name, element in dictionary.elements.items():
        target, _, key = (element.references or "").partition(".")
        if not target:
            continue
        mine, theirs = quoted(form_table(element.instrument)), quoted(form_table(target))
        fixlist.add(
            bench,
            f"SELECT _at, _record, _instance FROM {mine} a WHERE {quoted(name)} IS NOT NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {theirs} b WHERE a._record = b._record "
            f"AND a.{quoted(name)} = b.{quoted(key)})",
            instrument=element.instrument,
            fields=name,
            rule="reference",
            severity="error",
            says=f"names no row of the form {target}",
            fix=f"correct it, or enter the missing {target}",
        )
    targets = {e.references for e in dictionary.elements.values() if e.references}
    for reference in sorted(targets):
        target, _, key = reference.partition(".")
        fixlist.add(
            bench,
            f"SELECT _at, _record, _instance FROM (SELECT *, row_number() OVER ("
            f"PARTITION BY _record, {quoted(key)} ORDER BY _seq) AS _n "
            f"FROM {quoted(form_table(target))} WHERE {quoted(key)} IS NOT NULL) WHERE _n > 1",
            instrument=target,
            fields=key,
            rule="key",
            severity="error",
            says="is given to two rows of the record; others that name it belong to the first",
            fix="number the rows differently",
        )


def rule_unit(rule: Rule, derivations: Derivations) -> str:
    """The unit whose rows a rule is checked on; ``derivations`` have a unit for every form."""
    if rule.on in derivations.units:
        return rule.on
    return next(name for name, unit in derivations.units.items() if unit.instrument == rule.on)


def check_rules(
    bench: Bench,
    rules: Rules,
    dictionary: Dictionary,
    derivations: Derivations,
    today: date | None = None,
    told: Parts = lambda *_: None,
) -> None:
    """List every row on which a rule fails; ``today`` is the day of the load, in UTC if it is not
    given; ``told`` learns how many units are checked, and of how many. DeclarationError for a rule
    that does not fit.
    """
    day = _day(today)
    scopes = {n: rule_scope(s) for n, s in unit_scopes(dictionary, derivations).items()}
    by_unit: dict[str, dict[str, tuple[Node, Node]]] = {}
    for identifier, rule in rules.list.items():
        where = f"rules {rules.rules}: list.{identifier}"
        if rule.unique:
            check_unique(bench, identifier, rule, dictionary, where=where)
        if rule.holds is None:
            continue
        unit = rule_unit(rule, derivations)
        parts = tuple(
            check(parse(text, where=where), scopes[unit], where=where, expect="boolean")[0]
            for text in (rule.when, rule.holds)
        )
        by_unit.setdefault(unit, {})[identifier] = (parts[0], parts[1])
    for done, (unit, tests) in enumerate(by_unit.items()):
        told(done, len(by_unit))
        _check_unit(bench, unit, tests, rules, dictionary, derivations, day)


def _check_unit(
    bench: Bench,
    unit: str,
    tests: Mapping[str, tuple[Node, Node]],
    rules: Rules,
    dictionary: Dictionary,
    derivations: Derivations,
    today: date,
) -> None:
    nodes = [node for pair in tests.values() for node in pair]
    base, computed = base_view(bench, unit, nodes, derivations, dictionary, today=today)

    def compiled(node: Node) -> Any:
        return compile_expression(without_picks(node, computed), base)

    failed = {
        name: compiled(when) & (compiled(holds) == ibis.literal(False))
        for name, (when, holds) in tests.items()
    }
    table: Any = base
    pairs = {
        name: compared(without_picks(holds, computed), derivations)
        for name, (_, holds) in tests.items()
    }
    values = {n for pair in pairs.values() for both in pair for n in both}
    cells = {name: f"_value_{i}" for i, name in enumerate(sorted(values))}
    failed |= {cell: table[name] for name, cell in cells.items()}
    bench.create("_failed", table.select("_at", "_record", "_instance", **failed))
    bench.keep("_failed")
    counts = bench.run(f"SELECT {', '.join(f'count_if({quoted(n)})' for n in tests)} FROM _failed")[
        0
    ]
    lines, instrument = {}, derivations.units[unit].instrument
    for name, count in zip(tests, counts, strict=True):
        rule = rules.list[name]
        if count:
            fields, says = " ".join(rule.elements), rule.sentence
            both = [
                shown({one: cells[one] for one in side}, dictionary, derivations)
                for side in zip(*pairs[name], strict=True)
            ]
            lines[name] = fixlist.Line(
                instrument, fields, name, rule.severity, says, rule.fix or "", *both
            )
    fixlist.add_marked(bench, "_failed", lines)


def check_totals(
    bench: Bench,
    dictionary: Dictionary,
    derivations: Derivations,
    *,
    ruled: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Entered values against those recomputed: lists the rows, returns counts by element. Rules
    list those of ``ruled`` (:func:`recomputed`).
    """
    found = []
    for name, derived in derivations.elements.items():
        entered = derived.checks
        if entered is None:
            continue
        view = quoted(wide_view(derived.unit))
        both = f"{quoted(name)} IS NOT NULL AND {quoted(entered)} IS NOT NULL"
        numeric = {derived.type, dictionary.elements[entered].type} <= {"integer", "number"}
        differs = (
            f"abs({quoted(name)} - {quoted(entered)}) > "
            f"{_TOLERANCE_RELATIVE} * abs({quoted(entered)}) + {_TOLERANCE}"
            if numeric
            else f"CAST({quoted(name)} AS VARCHAR) != CAST({quoted(entered)} AS VARCHAR)"
        )
        compared, disagree = bench.run(
            f"SELECT count_if({both}), count_if({both} AND {differs}) FROM {view}"
        )[0]
        found.append(
            {"element": entered, "derived": name, "compared": compared, "differ": disagree}
        )
        if disagree and name not in ruled:
            fixlist.add(
                bench,
                f"SELECT _at, _record, _instance, {quoted(entered)} AS _entered, "
                f"{quoted(name)} AS _computed FROM {view} WHERE {both} AND {differs}",
                instrument=derivations.units[derived.unit].instrument,
                fields=entered,
                rule="derived",
                severity="warning",
                says=f"differs from {name}, computed from the other answers",
                fix="check the entered value and its parts; studies read the computed one",
                entered=shown({entered: "_entered"}, dictionary, derivations),
                computed=shown({name: "_computed"}, dictionary, derivations),
            )
    return found
