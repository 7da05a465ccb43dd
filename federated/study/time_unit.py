"""In which unit a rate's time is, as the dictionary declares it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from federated.study.catalogue import Registry
from policies.expression import Arithmetic, Call, Literal, Name, Node, Pick

__all__ = ["time_unit"]

_DAYS_A_YEAR: Final = 365.25
_SPELT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("day", "days", "d"), "days"),
    **dict.fromkeys(("week", "weeks", "wk"), "weeks"),
    **dict.fromkeys(("month", "months", "mo"), "months"),
    **dict.fromkeys(("year", "years", "yr", "yrs", "a"), "years"),
    **dict.fromkeys(("hour", "hours", "h"), "hours"),
}
"""Units of time as dictionaries spell them (UCUM's among them)."""


def time_unit(node: Node, registry: Registry) -> str | None:
    """``days``, ``weeks``, ``months``, ``years`` or ``hours``; None where the dictionary does not
    say, or the expression is no time.
    """
    match node:
        case Name(name):
            return _declared(name, registry)
        case Pick(element=str(element), kind="first" | "last" | "min" | "max"):
            return _declared(element, registry)
        case Call("days" | "years" as unit):
            return unit
        case Call("abs", (item,)):
            return time_unit(item, registry)
        case Arithmetic("/", days, Literal(value)) if value == _DAYS_A_YEAR:
            return "years" if time_unit(days, registry) == "days" else None
        case Arithmetic("+" | "-", left, right):
            # A number beside a time is meant in its unit.
            of = {time_unit(side, registry) for side in (left, right) if not _number(side)}
            return of.pop() if len(of) == 1 else None
    return None


def _number(node: Node) -> bool:
    return isinstance(node, Literal)


def _declared(name: str, registry: Registry) -> str | None:
    entered = registry.dictionary.elements.get(name)
    derived = registry.derivations.elements.get(name)
    unit = (entered and entered.unit) or (derived and derived.unit_of_measure) or ""
    return _SPELT.get(unit.strip().lower())
