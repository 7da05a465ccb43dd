"""Which answers contradict each other by an error rule, before branching takes one of them out.

Where branching hides an answer and an error rule names the two as a contradiction (a date of death
of somebody alive), it is not known which is wrong: nothing is taken out, and the rule lists it.
"""

from __future__ import annotations

from gateway.registry.pick import picks
from gateway.registry.validate import Contradictions, rule_unit
from policies.derivation import Derivations, unit_scopes
from policies.dictionary import Dictionary
from policies.expression import Node, check, names, parse
from policies.rule import TODAY, Rules, rule_scope

__all__ = ["contradictions"]


def contradictions(
    rules: Rules, dictionary: Dictionary, derivations: Derivations
) -> Contradictions:
    """Condition and demand of the error rules that name a hidden element, by that element.

    Only rules that a row of the element's form and its patient decide alone: branching sees no
    more. DeclarationError for a rule that does not fit.
    """
    scopes = {n: rule_scope(s) for n, s in unit_scopes(dictionary, derivations).items()}
    found: dict[str, list[tuple[Node, Node]]] = {}
    for identifier, rule in rules.list.items():
        if rule.holds is None or rule.severity != "error":
            continue
        unit = rule_unit(rule, derivations)
        form = derivations.units[unit].instrument
        hidden = [e for e in rule.elements if e in dictionary.branches and e in dictionary.of(form)]
        if not hidden:
            continue
        where = f"rules {rules.rules}: list.{identifier}"
        when, holds = (
            check(parse(text, where=where), scopes[unit], where=where, expect="boolean")[0]
            for text in (rule.when, rule.holds)
        )
        asked = {*names(when), *names(holds)}
        if [*picks(when), *picks(holds)] or not asked <= _seen(form, dictionary):
            continue
        for element in hidden:
            found.setdefault(element, []).append((when, holds))
    return found


def _seen(form: str, dictionary: Dictionary) -> set[str]:
    return {*dictionary.of(form), *dictionary.of(dictionary.root), TODAY}
