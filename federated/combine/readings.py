"""What the integers of a release say in rows, before anything is clamped."""

from __future__ import annotations

import numpy as np

from federated.combine.cell_noise import decoded
from federated.combine.projection import Floats
from federated.privacy.release import Release
from federated.study.plan import Block, Plan

__all__ = ["readings"]


def readings(plan: Plan, block: Block, release: Release) -> Floats:
    """Shape (strata, readings): count [n]; proportion [d, m]; mean [Σ z, Σ (2z² − 1), n]; rate and
    observed/expected [events − τ·Σ z, Σ z], as :meth:`Plan.unit_variances` has them; survival and
    quantiles [cells], whose noise :class:`CellNoise` tells.
    """
    integers = _integers(block, release)
    if block.kind in ("survival", "quantiles"):
        return decoded(integers, block.steps, block.bins)
    if block.kind != "proportion":
        return integers / np.asarray(block.whole, dtype=np.float64)
    answer, known, unknown = block.steps
    held = integers[:, 1]
    if block.parent is not None:
        # k = known·m − unknown·(P − m), with P the parent's count of the same stratum.
        parent = plan.blocks[block.parent]
        held = held + unknown * readings(plan, parent, release)[:, 0]
    told: Floats = np.stack([integers[:, 0] / answer, held / (known + unknown)], axis=1)
    return told


def _integers(block: Block, release: Release) -> Floats:
    # One by one: a release may hold integers beyond what numpy takes.
    values = [float(value) for value in release.values[block.start : block.start + block.length]]
    return np.asarray(values).reshape(len(block.strata), block.width)
