"""A block of survival read off: numbers at the asked days, the curve to draw."""

from __future__ import annotations

from collections.abc import Iterator

from federated.combine.cell_noise import CellNoise
from federated.combine.estimate import Estimate
from federated.combine.projection import Floats
from federated.combine.result import Curve, Quantity
from federated.combine.survival import SurvivalEstimate, estimate_survival
from federated.study.plan import Block

__all__ = ["curve", "numbers", "read_curves"]


def read_curves(
    block: Block, cells: Floats, noise: CellNoise, *, seed: int, confidence: float
) -> SurvivalEstimate:
    """Estimate from the noisy cells of one stratum."""
    return estimate_survival(
        cells,
        noise,
        block.grid,
        block.read_at,
        causes=block.causes,
        confidence=confidence,
        seed=seed,
    )


def numbers(block: Block, found: SurvivalEstimate) -> Iterator[tuple[Quantity, Estimate, int]]:
    """What is reported and at which day: the curves at the days read (else at the last edge),
    incidences first, then the restricted mean.
    """
    for day in block.read_at or block.grid[-1:]:
        j = block.grid.index(day)
        if found.incidence:
            event, competing = found.incidence
            yield "incidence", event[j], day
            yield "competing_incidence", competing[j], day
        yield "survival", found.curve[j], day
    yield "rmst", found.rmst, block.grid[-1]


def curve(block: Block, stratum: dict[str, str], found: SurvivalEstimate) -> Curve:
    """The curve drawn: survival, or the event's cumulative incidence where another competes."""
    points = found.incidence[0] if found.incidence else found.curve
    start = 0.0 if found.incidence else 1.0
    return Curve(
        statistic=block.name,
        title=block.title,
        quantity="incidence" if found.incidence else "survival",
        stratum=stratum,
        time_days=(0, *block.grid),
        estimate=(start, *(point.estimate for point in points)),
        lower=(start, *(point.lower for point in points)),
        upper=(start, *(point.upper for point in points)),
        at_risk=found.at_risk,
        uninformative=all(point.uninformative for point in points),
    )
