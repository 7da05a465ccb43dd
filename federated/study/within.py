"""Asking by precision: the charge that it takes, and how it is shared out.

Statistics that count the same rows are told put together (agreement.py), so what one of them needs
of its own depends on what the others lend it: an overall number may need next to nothing where its
parts are told finely.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from federated.errors import StudyError
from federated.privacy.loss import epsilon_of
from federated.study.accuracy import charge_within, spread_of, spread_within
from federated.study.agreement import Part, Shape, parts_of, read_variances, shape_of
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import NANO_RHO_MAX, WEIGHT_MAX, Privacy, Study
from federated.study.plan import Block, Plan
from federated.study.same_rows import same_rows

__all__ = ["told_within"]

_ROUNDS = 5
"""Of shares, until they hardly cost less; two or three are enough nearly always."""
_HARDLY = 0.999
_SWEEPS = 3
"""Over statistics of the same rows, each set after what the others have."""
_HALVINGS = 40


def told_within(
    shared: Callable[[Sequence[float], int], Study],
    names: Sequence[str],
    weights: Sequence[float],
    privacy: Privacy,
    catalogue: Catalogue,
    where: str,
) -> Study:
    """The study at the least charge found at which every named statistic is told as exactly as
    wanted; ``shared`` makes it of weights and a charge.

    Noise goes with one over the weight, so weights follow from how much of its own noise each may
    have; a statistic that nobody named goes with the least demanding of those that are.
    """
    wanted = dict(privacy.within or {})
    for name in wanted:
        if name not in names:
            raise StudyError(
                f'no statistic is called "{name}"',
                where=f"{where}: privacy.within",
                hint=f"statistics: {', '.join(names)}",
            )
    found: list[tuple[int, Study]] = []
    for _ in range(_ROUNDS):
        study = shared(weights, NANO_RHO_MAX)
        plan = compile_study(study, catalogue)
        charge = charge_within(plan, wanted, sites=privacy.sites, rows=privacy.rows)
        found.append((charge, study))
        if len(found) > 1 and charge > found[-2][0] * _HARDLY:
            break
        weights = _weighed(plan, wanted, names, weights, privacy)
    nano_rho, study = min(found, key=lambda one: one[0])
    if nano_rho > NANO_RHO_MAX:
        raise StudyError(
            "no budget is large enough for that",
            where=f"{where}: privacy.within",
            hint=f"it would cost ε = {epsilon_of(nano_rho):.3g}; ask for less precision",
        )
    return study.model_copy(update={"nano_rho": max(nano_rho, 1)})


def _weighed(
    plan: Plan,
    wanted: Mapping[str, float],
    names: Sequence[str],
    weights: Sequence[float],
    privacy: Privacy,
) -> list[float]:
    room, most = _room(plan, wanted, privacy)
    least = max((room[name] for name in wanted if room[name] < most), default=most)
    raised = [
        weight / math.sqrt(room[name] if name in wanted else least)
        for name, weight in zip(names, weights, strict=True)
    ]
    # As far apart as weights that are asked for: beyond that, what is told better than wanted
    # costs next to nothing.
    return [max(weight / max(raised), 1 / WEIGHT_MAX) for weight in raised]


def _room(
    plan: Plan, wanted: Mapping[str, float], privacy: Privacy
) -> tuple[dict[str, float], float]:
    """How many times as large each noise variance alone may be for all that is wanted to be told
    just so; and the most that counts, where others tell it anyway.
    """
    blocks, together = plan.blocks, read_variances(plan)
    need = {
        i: spread_within(plan, block, wanted[block.name], sites=privacy.sites, rows=privacy.rows)
        for i, block in enumerate(blocks)
        if block.name in wanted
    }
    alike = min(of / spread_of(blocks[i], together[i]) for i, of in need.items())
    most = alike * WEIGHT_MAX**2
    room = {block.name: alike for block in blocks}
    for places in same_rows(plan):
        group = [blocks[i] for i in places]
        needs = {t: need[i] for t, i in enumerate(places) if i in need}
        for block, of in zip(group, _room_within(plan, group, needs, alike, most), strict=True):
            room[block.name] = of
    return room, most


def _room_within(
    plan: Plan, group: Sequence[Block], needs: Mapping[int, float], alike: float, most: float
) -> list[float]:
    """The room of each block of a ``group`` that counts the same rows; ``alike`` of those that need
    nothing.
    """
    shapes = [shape_of(plan, block) for block in group]
    parts = parts_of(shapes)
    room = [alike] * len(group)
    # The finest first: it has little from coarser ones, and they have much from it.
    order = sorted(needs, key=lambda t: -len(group[t].strata))
    for _ in range(_SWEEPS if len(group) > 1 else 1):
        for t in order:
            lent = [_Lent.of(part, shapes[t], t, room) for part in parts if t in part.tables]
            room[t] = min(_own_room(group[t], lent, needs[t]), most)
    return room


@dataclass(frozen=True)
class _Lent:
    """Of one part: its share in a cell; of each reading the noise variance that the table has
    itself, and one over that which the others have together.
    """

    share: float
    alone: tuple[float, ...]
    held: tuple[float, ...]

    @classmethod
    def of(cls, part: Part, shape: Shape, own: int, room: Sequence[float]) -> _Lent:
        mine = part.tables.index(own)
        others = [
            [1 / (room[t] * variance) for variance in alone]
            for t, alone in zip(part.tables, part.alone, strict=True)
            if t != own
        ]
        held = tuple(map(math.fsum, zip(*others, strict=True))) or (0.0,) * len(shape.variance)
        return cls(shape.share_of(part.elements), part.alone[mine], held)


def _own_room(block: Block, lent: Sequence[_Lent], need: float) -> float:
    """The room of one table that is told just so, the others having theirs."""

    def told(precision: float) -> float:
        """With one over ``precision`` as the room; without bound where a part is not told."""
        variances = [0.0] * len(lent[0].alone)
        for part in lent:
            for r, (variance, held) in enumerate(zip(part.alone, part.held, strict=True)):
                known = held + precision / variance
                variances[r] += part.share / known if known > 0 else math.inf
        return spread_of(block, variances)

    if told(0.0) <= need:
        return math.inf
    of_own = [
        math.fsum(part.share * part.alone[r] for part in lent) for r in range(len(lent[0].alone))
    ]
    # Without the others it needs the larger of these.
    low, high = 0.0, spread_of(block, of_own) / need
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if told(middle) <= need else (middle, high)
    return 1 / high
