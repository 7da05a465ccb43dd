"""Whether what is wrong may stand in another row than the one that a line of the fix list names.

A rule is reported on the row that it is about. What it reads may stand in others: of the form that
holds the row (a patient's birth), of forms it picks from (the margin is in the specimen's row), or
where a derived element is computed from. One cell of one row then does not mend it for sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.registry.pick import picks
from policies.derivation import Derivations, Derived
from policies.dictionary import Dictionary
from policies.expression import names, parse
from policies.rule import Rule, Rules

__all__ = ["elsewhere"]

_TWO_ROWS = frozenset({"reference", "key", "note"})
"""Lines that set a row against another: either may be the wrong one."""


def elsewhere(
    rules: Rules, dictionary: Dictionary, derivations: Derivations
) -> Callable[[str, str], bool]:
    """A test of a line by its rule and its (first) field."""
    found = {name for name, rule in rules.list.items() if _of_rule(rule, dictionary, derivations)}
    totals = {
        derived.checks
        for name, derived in derivations.elements.items()
        if derived.checks is not None
        and _reads_others(
            [name], dictionary.elements[derived.checks].instrument, dictionary, derivations
        )
    }
    return lambda rule, field: (
        rule in found or rule in _TWO_ROWS or (rule == "derived" and field in totals)
    )


def _of_rule(rule: Rule, dictionary: Dictionary, derivations: Derivations) -> bool:
    if rule.unique:
        return True
    unit = derivations.units.get(rule.on)
    form = rule.on if unit is None else unit.instrument
    texts = [rule.when, *([] if rule.holds is None else [rule.holds])]
    named = _reads_others(rule.elements, form, dictionary, derivations)
    return named or _read_others(texts, form, dictionary, derivations)


def _read_others(
    texts: list[str], form: str, dictionary: Dictionary, derivations: Derivations
) -> bool:
    """Whether expressions over a row of ``form`` read any other row."""
    nodes = [parse(text) for text in texts]
    if any(True for node in nodes for _ in picks(node)):
        return True
    read = [name for node in nodes for name in names(node)]
    return _reads_others(read, form, dictionary, derivations)


def _reads_others(
    read: list[str] | tuple[str, ...],
    form: str,
    dictionary: Dictionary,
    derivations: Derivations,
) -> bool:
    for name in read:
        element, derived = dictionary.elements.get(name), derivations.elements.get(name)
        if element is not None and element.instrument != form:
            return True
        if element is None and derived is not None:
            unit = derivations.units[derived.unit]
            if unit.instrument != form or derived.index is not None:
                return True
            if _read_others([*_texts(derived)], form, dictionary, derivations):
                return True
    return False


def _texts(derived: Derived) -> Iterator[str]:
    if derived.value is not None:
        yield derived.value
    for case in derived.cases or ():
        yield case.when
        if case.take is not None:
            yield case.take
