"""How many rows an observed over expected is of, where another statistic of the study counts them.

Its two integers do not tell. A count of the same unit does, noisily, if it holds all those rows:
of a cohort that demands no more, where all rows of the cohort are counted, or of the same cohort
if both keep the first so many rows of a patient. It may be too large (a wider cohort; rows whose
event or risk is missing), which the interval of a ratio bears (:mod:`federated.combine.ratio`).
Which counts these are follows from the plan, and so does which of several is read: a choice by what
was told would take the ones that noise made small. Its noise is independent of that of the ratio,
being that of other integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from federated.combine.scopes import Scope
from federated.study.bound import demands
from federated.study.plan import Block, Plan, Stratum

__all__ = ["Counts", "row_counts"]

Counts: TypeAlias = Mapping[tuple[Stratum | None, str | None], tuple[float, float]]
"""The noisy number of rows and the variance of its noise, by stratum and site (None: all)."""


def row_counts(plan: Plan, block: Block, every: Sequence[Sequence[Scope]]) -> Counts:
    """Of a ``block`` of the plan; ``every`` are the scopes of all its blocks. None but for observed
    over expected.

    Of several counts the one of the narrowest cohort, then the one with the least noise.
    """
    if block.kind != "observed_expected":
        return {}
    holding = [
        (-len(demands(count.cohort)), count, its)
        for count, its in zip(plan.blocks, every, strict=True)
        if _holds_rows_of(count, block)
    ]
    found: dict[tuple[Stratum | None, str | None], tuple[float, float]] = {}
    best: dict[tuple[Stratum | None, str | None], tuple[int, float]] = {}
    for wider, count, its in holding:
        for scope in its:
            if scope.stratum is not None and count.by != block.by:
                continue
            place, variance = (scope.stratum, scope.site), float(scope.variances[0])
            if place not in found or (wider, variance) < best[place]:
                found[place], best[place] = (float(scope.cells[0]), variance), (wider, variance)
    return found


def _holds_rows_of(count: Block, block: Block) -> bool:
    if count.kind != "count" or count.unit != block.unit:
        return False
    wider, narrower = demands(count.cohort), demands(block.cohort)
    if not count.by_order:
        return wider <= narrower
    return block.by_order and count.rows_max == block.rows_max and wider == narrower
