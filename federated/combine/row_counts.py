"""How many rows an observed over expected is of, where another statistic of the study counts them.

Its two integers do not tell. A count of the same unit, cohort and rows of a patient does, noisily:
rows whose event or risk is missing are counted as well, so it may only be too large, which the
interval of a ratio bears (:mod:`federated.combine.ratio`). Which counts these are follows from the
plan; their noise is independent of that of the ratio, being that of other integers.
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


def row_counts(plan: Plan, every: Sequence[Sequence[Scope]]) -> list[Counts]:
    """Of each block of the plan, whose scopes are ``every``; none but for observed over expected.

    Of several counts the one with the least noise.
    """
    return [
        _of(block, plan.blocks, every) if block.kind == "observed_expected" else {}
        for block in plan.blocks
    ]


def _of(block: Block, others: Sequence[Block], every: Sequence[Sequence[Scope]]) -> Counts:
    found: dict[tuple[Stratum | None, str | None], tuple[float, float]] = {}
    for other, its in zip(others, every, strict=True):
        if not _counts_rows_of(other, block):
            continue
        for scope in its:
            if scope.stratum is not None and other.by != block.by:
                continue
            place = scope.stratum, scope.site
            told = float(scope.cells[0]), float(scope.variances[0])
            if place not in found or told[1] < found[place][1]:
                found[place] = told
    return found


def _counts_rows_of(count: Block, block: Block) -> bool:
    return (
        count.kind == "count"
        and (count.unit, count.rows_max, count.by_order)
        == (block.unit, block.rows_max, block.by_order)
        and demands(count.cohort) == demands(block.cohort)
    )
