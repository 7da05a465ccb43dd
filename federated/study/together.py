"""Which cohorts of a study one patient can be in at once, from public structure alone.

Where two cohorts admit the same one row of a patient (the same unit and index path), and one
demands a category to be this and the other that, no patient is in both. What a patient adds to the
vector is then bounded by the heaviest set of cohorts that can hold one row, not by all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TypeAlias

from federated.study.bound import index_path
from federated.study.catalogue import Registry
from policies.expression import Arithmetic, Call, Field, Node, conjuncts, evaluate, names
from policies.expression.interpret import Value

__all__ = ["Together", "together"]

_COMBINATIONS_MAX = 64
"""Sets that are looked at together; elements that would make more are taken to exclude nothing.
All pairs of them are gone through before anything is charged.
"""
_ELSE = "\ufffe"
"""Stands for a stored value that is none of the dictionary's."""

Members: TypeAlias = frozenset[int]


@dataclass(frozen=True)
class Together:
    """Statistics by their place: ``always`` may meet all others; of each group in ``groups`` a
    patient is in the members of one of its sets at most.
    """

    always: Members
    groups: tuple[tuple[Members, ...], ...]

    def heaviest(self, sizes: Sequence[int]) -> int:
        """The largest sum of ``sizes``, one for each statistic, that one patient can reach; that of
        any statistic alone at least, though its cohort can hold nobody.
        """
        reached = sum(sizes[i] for i in self.always) + sum(
            max(sum(sizes[i] for i in members) for members in sets) for sets in self.groups
        )
        return max(reached, *sizes)

    def heaviest_change(self, stays: Sequence[int], leaves: Sequence[int]) -> int:
        """The same where a patient's values change: ``stays`` counts for a statistic whose cohort
        may hold the row before and after (and is the larger), ``leaves`` where it may do so once.
        """
        total = sum(stays[i] for i in self.always)
        for sets in self.groups:
            total += max(
                sum(stays[i] for i in one & other) + sum(leaves[i] for i in one ^ other)
                for one, other in itertools.combinations_with_replacement(sets, 2)
            )
        return max(total, *stays)


def together(registry: Registry, cohorts: Sequence[tuple[str, Node]]) -> Together:
    """For (unit, settled cohort) of each statistic."""
    always: set[int] = set()
    grouped: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for i, (unit, cohort) in enumerate(cohorts):
        path = index_path(registry, unit, cohort)
        if path is None:
            always.add(i)  # several rows of a patient may count, each in another cohort
        else:
            grouped.setdefault((unit, path), []).append(i)
    groups = []
    for (unit, _), members in grouped.items():
        known = registry.scopes[unit].fields
        groups.append(_sets({i: cohorts[i][1] for i in members}, known))
    return Together(frozenset(always), tuple(groups))


def _sets(cohorts: Mapping[int, Node], known: Mapping[str, Field]) -> tuple[Members, ...]:
    """The largest sets of cohorts that one row can be in."""
    combined = {frozenset(cohorts)}
    classes = [_largest(sets) for sets in _classes(cohorts, known)]
    for found in sorted(classes, key=lambda sets: (len(sets), sorted(map(sorted, sets)))):
        if len(combined) * len(found) <= _COMBINATIONS_MAX:
            combined = _largest({one & other for one in combined for other in found})
    return tuple(sorted(combined, key=sorted))


def _largest(sets: set[Members]) -> set[Members]:
    """Without those within another: they are never the heavier ones, and what they have in common
    with a third lies within what the other has in common with it.
    """
    return {one for one in sets if not any(one < other for other in sets)}


def _classes(cohorts: Mapping[int, Node], known: Mapping[str, Field]) -> list[set[Members]]:
    """For each element on which alone a demand of some cohort rests: the sets of cohorts that its
    levels leave possible.
    """
    demands: dict[str, dict[int, list[Node]]] = {}
    for i, cohort in cohorts.items():
        for demand in conjuncts(cohort):
            used = set(names(demand))
            element = next(iter(used), "")
            if len(used) == 1 and known[element].type in ("category", "boolean"):
                demands.setdefault(element, {}).setdefault(i, []).append(demand)
    return [
        {
            frozenset(
                i
                for i in cohorts
                if all(_may_hold(demand, element, level) for demand in of.get(i, ()))
            )
            for level in _levels(known[element])
        }
        for element, of in sorted(demands.items())
    ]


def _levels(field: Field) -> tuple[Value, ...]:
    return (True, False, None) if field.type == "boolean" else (*field.codes, _ELSE, None)


def _may_hold(demand: Node, element: str, level: Value) -> bool:
    if level == _ELSE and _reckons(demand):
        return True  # a stored value that is no choice may be any number
    return evaluate(demand, {element: level}) is True


def _reckons(part: object) -> bool:
    """Is anything computed from the element, which codes alone do not show?"""
    if isinstance(part, tuple):
        return any(map(_reckons, part))
    if isinstance(part, Call | Arithmetic):
        return True
    return is_dataclass(part) and any(_reckons(getattr(part, f.name)) for f in fields(part))
