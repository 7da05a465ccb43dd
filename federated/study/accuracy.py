"""How far noise alone may carry what people read, from public structure (D9)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from federated.study.coding import of_half, of_rank
from federated.study.plan import RATIOS, Block, Plan

__all__ = ["ASSUMED_ROWS", "Z", "charge_within", "plus_minus"]

Z = 1.959963984540054
ASSUMED_ROWS = 60
"""Cohort rows per site and stratum for which ratios are told."""


def plus_minus(plan: Plan, block: Block, *, sites: int, rows: int) -> float:
    """± (95 %, noise alone) over ``sites`` that answer, in one stratum with ``rows`` at each.

    Of the statistic alone: others that count the same rows make it sharper (combine/tables.py).

    In rows for a count, in fractions (0–1) for proportions and survival, in the value's unit for
    means, in ranks (0–1) for quantiles: .05 is a median that may be told as what lies between the
    quantiles .45 and .55; for rates and observed/expected in events as a share of all rows: .02 is
    two events in a hundred rows more or fewer than there are, or than are expected.
    """
    variances = plan.unit_variances(block)
    if block.kind == "count":
        return Z * plan.scale * math.sqrt(variances[0] * sites)
    widest = 1.0
    if block.kind == "survival":
        spread = variances[0] * of_half(block.steps, block.bins)
    elif block.kind == "proportion":
        # Of 0 or 1, where the noise of the number known matters most (PROOFS.md).
        spread = (variances[0] + variances[1]) / 4
    elif block.kind == "mean":
        # Half way from the middle to an end.
        widest = (block.bounds[1] - block.bounds[0]) / 2
        spread = widest**2 * (variances[0] + variances[2] / 4)
    elif block.kind in RATIOS:
        # Of events less λ times the sum, for λ of 0 or 1 between the bounds, whichever is worse.
        spread = variances[0] + max(block.lean, 1 - block.lean) ** 2 * variances[1]
    else:
        widest, spread = 0.5, variances[0] * of_rank(block.steps, block.bins)
    return min(Z * plan.scale * math.sqrt(spread / sites) / rows, widest)


def charge_within(plan: Plan, wanted: Mapping[str, float], *, sites: int, rows: int) -> int:
    """The charge in nano-rho at which every statistic in ``wanted`` is told that exactly, shared
    out as in ``plan``. The noise of a plan goes with one over the root of its charge.
    """
    blocks = {block.name: block for block in plan.blocks}
    # No reading is off by more than its range: far above its own charge a plan tells the slope.
    ample = plan.at_charge(10**15)
    worst = max(
        plus_minus(ample, blocks[name], sites=sites, rows=rows) / most
        for name, most in wanted.items()
    )
    return math.ceil(10**15 * worst * worst * (1 + 1e-12))
