"""What a study is charged and how its statistics share it: by ε, by ρ, or by wanted precision."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from federated.errors import StudyError
from federated.privacy.loss import nano_rho_for
from federated.study.catalogue import Catalogue, Registry
from federated.study.model import Privacy, Statistic, Study
from federated.study.regression import public_levels
from federated.study.strategy import Want, share_out
from federated.study.within import told_within
from policies.expression import Node, Scope, canonical_text, check, parse

__all__ = ["added_parents", "charged", "free_name"]

_NANO = 10**9
_ADDED = "Rows of the common cohort"


def charged(
    fields: Mapping[str, Any],
    statistics: Sequence[Mapping[str, Any]],
    weights: Sequence[float],
    privacy: Privacy,
    catalogue: Catalogue,
    *,
    where: str,
) -> Study:
    """The study of ``fields`` with its statistics, whose share alone is wanting, and its charge."""
    registry = catalogue.registry(fields["dictionary"])
    wants = [_want(one, weight, registry) for one, weight in zip(statistics, weights, strict=True)]

    def shared(of: Sequence[float], nano_rho: int) -> Study:
        weighted = [replace(want, weight=w) for want, w in zip(wants, of, strict=True)]
        told = _with_steps(statistics, share_out(registry, weighted))
        return Study(**fields, statistics=told, nano_rho=nano_rho)

    if privacy.within is None:
        return shared(weights, _nano_rho(privacy, where))
    return told_within(
        shared, [one["name"] for one in statistics], weights, privacy, catalogue, where
    )


def _want(fields: Mapping[str, Any], weight: float, registry: Registry) -> Want:
    survival, quantiles = fields["survival"], fields["quantiles"]
    scope = registry.scopes[fields["unit"]]
    levels = [public_levels(scope.fields[name]) or () for name in fields["by"]]
    bins = 1 if survival is None else len(survival.grid) + 1
    return Want(
        kind=fields["kind"],
        unit=fields["unit"],
        cohort=_settled(fields["cohort"], scope),
        by=fields["by"],
        rows_max=fields["rows_max"],
        weight=weight,
        bins=bins if quantiles is None else quantiles.bins,
        strata=math.prod(max(len(of), 1) for of in levels),
    )


def _settled(text: str, scope: Scope) -> Node:
    return check(parse(text), scope, expect="boolean")[0]


def _with_steps(
    statistics: Sequence[Mapping[str, Any]], shared: Sequence[Want]
) -> tuple[Statistic, ...]:
    """The statistics with their steps, and the counts that they need as parents."""
    names = [fields["name"] for fields in statistics]
    everything = [*statistics]
    for want in shared[len(statistics) :]:
        names.append(free_name("cohort", names))
        added = {"name": names[-1], "title": _ADDED, "kind": want.kind}
        added |= {"unit": want.unit, "cohort": canonical_text(want.cohort), "by": want.by}
        everything.append(added | {"rows_max": want.rows_max})
    return tuple(
        Statistic(
            **fields,
            steps=want.steps,
            parent=None if want.parent is None else names[want.parent],
        )
        for fields, want in zip(everything, shared, strict=True)
    )


def added_parents(study: Study) -> frozenset[str]:
    """Names of the counts that were added to what was asked, as parents of others."""
    parents = {statistic.parent for statistic in study.statistics}
    return frozenset(
        statistic.name
        for statistic in study.statistics
        if statistic.name in parents and statistic.title == _ADDED
    )


def free_name(name: str, taken: Sequence[str]) -> str:
    """``name``, or with the first number at which it is not ``taken``."""
    numbered = (f"{name}_{i}" for i in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in taken)


def _nano_rho(privacy: Privacy, where: str) -> int:
    if privacy.epsilon is not None:
        nano = nano_rho_for(privacy.epsilon)
    else:
        nano = int((privacy.rho or 0) * _NANO)
    if nano < 1:
        raise StudyError(
            "too small to answer anything",
            where=f"{where}: privacy",
            hint="epsilon of 0.1 to 3 is usual; osteon study preview shows what it tells",
        )
    return nano
