"""How far noise alone may carry what people read, from public structure (D9)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from federated.study.agreement import read_variances
from federated.study.plan import RATIOS, Block, Plan

__all__ = ["ASSUMED_ROWS", "Z", "charge_within", "plus_minus", "spread_of", "spread_within"]

Z = 1.959963984540054
ASSUMED_ROWS = 60
"""Cohort rows per site and stratum for which ratios are told."""


def plus_minus(plan: Plan, *, sites: int, rows: int) -> dict[str, float]:
    """± (95 %, noise alone) of every statistic by its name, over ``sites`` that answer, in one
    stratum with ``rows`` at each; put together with those that count the same rows, as it will be
    told (agreement.py).

    In rows for a count, in fractions (0–1) for proportions and survival, in the value's unit for
    means, in ranks (0–1) for quantiles: .05 is a median that may be told as what lies between the
    quantiles .45 and .55; for rates and observed/expected in events as a share of all rows: .02 is
    two events in a hundred rows more or fewer than there are, or than are expected.
    """
    return {
        block.name: _told(plan.scale, block, variances, sites, rows)
        for block, variances in zip(plan.blocks, read_variances(plan), strict=True)
    }


def _told(scale: float, block: Block, variances: Sequence[float], sites: int, rows: int) -> float:
    spread = spread_of(block, variances)
    if block.kind == "count":
        return Z * scale * math.sqrt(spread * sites)
    widest = 0.5 if block.kind == "quantiles" else 1.0
    if block.kind == "mean":
        widest = (block.bounds[1] - block.bounds[0]) / 2
    # No reading is off by more than its range.
    return min(Z * scale * math.sqrt(spread / sites) / rows, widest)


def spread_of(block: Block, variances: Sequence[float]) -> float:
    """Noise variance, for σ = 1, of what people read of ``block``, times the rows it is divided by.
    ``variances`` are those of its readings; it goes in proportion to each.
    """
    if block.kind == "proportion":
        # Of 0 or 1, where the noise of the number known matters most (PROOFS.md).
        return (variances[0] + variances[1]) / 4
    if block.kind == "mean":
        # Half way from the middle to an end.
        return ((block.bounds[1] - block.bounds[0]) / 2) ** 2 * (variances[0] + variances[2] / 4)
    if block.kind in RATIOS:
        # Of events less λ times the sum, for λ of 0 or 1 between the bounds, whichever is worse.
        return variances[0] + max(block.lean, 1 - block.lean) ** 2 * variances[1]
    return variances[0]


def spread_within(plan: Plan, block: Block, most: float, *, sites: int, rows: int) -> float:
    """The :func:`spread_of` at which ``block`` is told to ± ``most``."""
    root = most / (Z * plan.scale)
    return root * root / sites if block.kind == "count" else root * root * sites * rows * rows


def charge_within(plan: Plan, wanted: Mapping[str, float], *, sites: int, rows: int) -> int:
    """The charge in nano-rho at which every statistic in ``wanted`` is told that exactly, shared
    out as in ``plan``. The noise of a plan goes with one over the root of its charge.
    """
    # No reading is off by more than its range: far above its own charge a plan tells the slope.
    ample = plan.at_charge(10**15)
    told = plus_minus(ample, sites=sites, rows=rows)
    worst = max(told[name] / most for name, most in wanted.items())
    return math.ceil(10**15 * worst * worst * (1 + 1e-12))
