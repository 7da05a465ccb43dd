"""How many of a patient's rows a cohort can admit, from public structure alone."""

from __future__ import annotations

from federated.study.catalogue import Registry
from policies.expression import Name, Node, conjuncts

__all__ = ["index_path", "one_row_per_patient"]


def one_row_per_patient(registry: Registry, unit: str, cohort: Node) -> bool:
    """True if the cohort demands index rows all the way from ``unit`` up to the patient."""
    return index_path(registry, unit, cohort) is not None


def index_path(registry: Registry, unit: str, cohort: Node) -> tuple[str, ...] | None:
    """The index flags that lead from ``unit`` up to the patient's own unit, all demanded by the
    cohort; None if one is wanting.

    An index marks at most one row within each row of its holder, so a cohort that demands
    every index on the way admits at most one row per patient; and two cohorts with the same unit
    and path admit the same row of a patient, if any.
    """
    demanded = {node.name for node in conjuncts(cohort) if isinstance(node, Name)}
    derivations = registry.derivations
    path: list[str] = []
    reached = unit
    for holder in derivations.ancestors(unit):
        flags = sorted(
            name
            for name, derived in derivations.elements.items()
            if derived.unit == reached
            and derived.index is not None
            and derived.index.within == holder
            and name in demanded
        )
        if flags:
            path.append(flags[0])
            reached = holder
    own = derivations.units[reached].instrument == registry.dictionary.root
    return tuple(path) if own else None
