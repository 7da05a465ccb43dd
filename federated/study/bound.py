"""How many of a patient's rows a cohort can admit, from public structure alone."""

from __future__ import annotations

from federated.study.catalogue import Registry
from policies.expression import Name, Node, conjuncts

__all__ = ["one_row_per_patient"]


def one_row_per_patient(registry: Registry, unit: str, cohort: Node) -> bool:
    """True if the cohort demands index rows all the way from ``unit`` up to the patient.

    An index marks at most one row within each row of its holder, so a cohort that demands
    every index on the way to the patient's own unit admits at most one row per patient.
    """
    demanded = {node.name for node in conjuncts(cohort) if isinstance(node, Name)}
    derivations = registry.derivations
    reached = unit
    for holder in derivations.ancestors(unit):
        if any(
            derived.unit == reached
            and derived.index is not None
            and derived.index.within == holder
            and name in demanded
            for name, derived in derivations.elements.items()
        ):
            reached = holder
    return derivations.units[reached].instrument == registry.dictionary.root
