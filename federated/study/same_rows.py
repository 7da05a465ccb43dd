"""Which statistics of a study count the same rows, divided differently.

Two blocks tell the same of every row where nothing but their strata, their steps and what is read
off them differs. That follows from the plan, so from public structure alone; expressions are
compared by their canonical texts and cohorts by what they demand of a row. Every row is in one
stratum of each of them, missing levels being levels, so their tables add up to the same totals.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from federated.study.bound import demands
from federated.study.plan import RATIOS, Block, Plan
from policies.expression import Literal, Node, canonical_text

__all__ = ["same_rows"]

_FINE = 1000
"""Values are rounded to a block's steps, so the sums of two blocks differ by up to half a step of
each a row. Coarser ones than this are read apart.
"""
_EVERYONE = Literal(True)


def same_rows(plan: Plan) -> tuple[tuple[int, ...], ...]:
    """The plan's blocks by their places: one tuple for those that tell the same of the same rows,
    in the plan's order. Noise of any two of a tuple is independent.
    """
    found: dict[Hashable, list[int]] = {}
    for i, block in enumerate(plan.blocks):
        of = _told(block)
        # Two that read their rows through one parent share its noise.
        shared = block.parent is not None and any(
            plan.blocks[j].parent == block.parent for j in found.get(of, ())
        )
        found.setdefault(i if shared or _coarse(block) else of, []).append(i)
    return tuple(map(tuple, found.values()))


def _told(block: Block) -> Hashable:
    """What is told of a row, and of which rows; all that a block has but its division."""
    parts = block.numerator, block.known, block.event, block.competing, block.value
    rest = replace(
        block,
        name="",
        title="",
        cohort=_EVERYONE,
        inside=None,
        by=(),
        strata=(),
        start=0,
        steps=(),
        parent=None,
        read_at=(),
        levels=(),
        references=(),
        per=1.0,
    )
    cohort = block.cohort if block.inside is None else block.inside
    # Events less so much of the sum: another share of it is another reading.
    lean = block.lean if block.kind in RATIOS else 0.0
    return rest, frozenset(demands(cohort)), tuple(map(_text, parts)), lean


def _text(part: Node | None) -> str | None:
    return None if part is None else canonical_text(part)


def _coarse(block: Block) -> bool:
    if block.kind == "mean":
        value, square, _ = block.steps
        return min(value, square) < _FINE
    return block.kind in RATIOS and block.steps[1] < _FINE
