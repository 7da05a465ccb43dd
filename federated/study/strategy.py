"""How a study's one charge is shared out among its statistics (DESIGN D18).

Every integer of a release carries the same noise, so the steps by which rows move an integer decide
how sharp it is; and the steps of all statistics that one patient can be in add up, squared, to the
sensitivity. Three things are chosen here, from public structure alone, by the client; they travel
in the study as plain integers, from which every site proves the sensitivity itself.

*Parents.* A proportion needs the number m of rows that are known. Told by itself, (±1, t) a row,
it costs 1 + t². Where several proportions lie within one cohort, that is counted once (P), and
each row of it says of each proportion ±1, or that it does not count there: three points, (1, b·t),
(−1, b·t) and (0, −c·t) with b + c = 1, whose middle may lie anywhere. Then m = k/t + c·P, at the
cost max(1 + b²t², c²t²), which is hardly more than that of the answer alone.

*Shapes.* t and c are those of least Σ√(cost·error) on a grid.

*Shares.* With error E at cost 1, the sum of Eᵢ/costᵢ is least under a bound on the costs that meet
in one patient where costᵢ = √(Eᵢ/λᵢ), λᵢ being the price of the sets of cohorts that hold
statistic i: for statistics that all meet, costs go with √E. Errors are those of what people read
(a share, a mean, a point of a curve), relative to the doubt that sampling alone leaves, since noise
far below that buys nothing. That of K strata, each with a K-th of the rows, is K times as large
relative to it, in each of them as in their sum. More than eight count as eight: in a registry of a
rare disease so few rows are in each that no share would make them sharp, and all else would pay for
the attempt. A weight w divides the noise by w beside equals.

Only sums, products, quotients and square roots of doubles are used, in a fixed order: two clients
share out alike, and the same study file stays the same question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from federated.study.bound import demands, index_path
from federated.study.catalogue import Registry
from federated.study.coding import fading, of_half, of_rank
from federated.study.plan import LEAN, RATIOS, Kind
from federated.study.together import Together, together
from policies.expression import And, Node, canonical_text, conjuncts, parse

__all__ = ["Want", "share_out"]

STEPS_MAX = 4096
"""The largest step; finer shares than one part in this many do not matter."""

STRATA_WEIGHED = 8
"""More strata than this count as so many."""

_FINE = 64
# The steps of a ratio tell how finely times and risks are told, and small risks want to be.
_FINEST = 2**15
_ROUNDS = 200
# Rows of a mean tell s, q and their number as 2 : 1 : 1. A value near the middle is the common
# case: there the noise of the number matters little, and half the step serves it.
_MEAN_SHAPE = (1.0, 0.5, 0.5)
# Events and sums of a ratio: with these all of (a, 0), (−3b, 5b) and (a − 3b, 5b) are as long, but
# for a thirtieth, so noise is least whichever the ratio turns out to be.
_RATIO_SHAPE = (1.0, 1 / (2 * LEAN[0]))
# A share of .85 or .15 is the common case: (½ − p)², and p(1 − p), the variance of a row.
_OFF_HALF, _OF_ROW = 0.1225, 0.1275
_TILTS = [i / 20 for i in range(6, 61)]
_CENTRES = [i / 40 for i in range(41)]


@dataclass(frozen=True)
class Want:
    """A statistic to share out to: ``weight`` as asked; ``bins`` of a histogram, else 1;
    ``strata`` that it is divided into, those with a missing level aside.
    """

    kind: Kind
    unit: str
    cohort: Node
    by: tuple[str, ...]
    rows_max: int
    weight: float = 1.0
    bins: int = 1
    strata: int = 1
    steps: tuple[int, ...] = ()
    parent: int | None = None
    """Place of the parent among the statistics."""

    @property
    def cells(self) -> tuple[str, tuple[str, ...], int]:
        """What two statistics share whose rows fall into the same strata."""
        return self.unit, self.by, self.rows_max

    @property
    def importance(self) -> float:
        """What its error counts for. Costs go with the root of it, and noise with one over the
        root of the cost: a weight divides the noise.
        """
        return _fourth(self.weight) * min(self.strata, STRATA_WEIGHED)


@dataclass(frozen=True)
class _Shape:
    """Steps of one row at cost 1, and the error at that cost."""

    steps: tuple[float, ...]
    error: float
    through_parent: float = 0.0
    """Error that the parent's count adds, for a step of 1 there."""


def share_out(registry: Registry, wants: Sequence[Want]) -> tuple[Want, ...]:
    """The statistics with their steps, then the parents that were added, as counts."""
    everyone, families = _families(registry, wants)
    shapes: dict[int, _Shape] = {i: _alone(want) for i, want in enumerate(everyone)}
    needed: set[int] = set()
    for parent, members in families.items():
        weights = [everyone[i].weight for i in members]
        tilt, centre = _best(weights)
        if centre == 0.0:
            continue
        needed.add(parent)
        for i in members:
            shapes[i] = _within_parent(tilt, centre, everyone[i].importance)
            everyone[i] = replace(everyone[i], parent=parent)
        through = math.fsum(shapes[i].through_parent for i in members)
        own = shapes[parent].error if parent < len(wants) else 0.0
        shapes[parent] = _Shape((1.0,), own + through)
    kept = [i for i in range(len(everyone)) if i < len(wants) or i in needed]
    places = {old: new for new, old in enumerate(kept)}
    chosen = [everyone[i] for i in kept]
    met = together(registry, [_counted(want, everyone) for want in chosen])
    costs = _shares([shapes[i].error for i in kept], [want.rows_max for want in chosen], met)
    steps = _whole(
        chosen,
        [
            tuple(step * math.sqrt(cost) for step in shapes[i].steps)
            for i, cost in zip(kept, costs, strict=True)
        ],
    )
    return tuple(
        replace(want, steps=of, parent=None if want.parent is None else places[want.parent])
        for want, of in zip(chosen, steps, strict=True)
    )


def _counted(want: Want, everyone: Sequence[Want]) -> tuple[str, Node]:
    return want.unit, (want if want.parent is None else everyone[want.parent]).cohort


def _families(registry: Registry, wants: Sequence[Want]) -> tuple[list[Want], dict[int, list[int]]]:
    """The statistics and the counts that could be parents, by place; and each parent's members:
    proportions over the same strata that the same patients can be in.
    """
    met = together(registry, [(want.unit, want.cohort) for want in wants])
    seats = {
        i: tuple(n for n, members in enumerate(sets) if i in members)
        for sets in met.groups
        for i in frozenset().union(*sets)
    }
    alike: dict[object, list[int]] = {}
    for i, want in enumerate(wants):
        if want.kind == "proportion":
            path = index_path(registry, want.unit, want.cohort)
            alike.setdefault((want.cells, path, seats.get(i)), []).append(i)
    everyone, families = list(wants), dict[int, list[int]]()
    # Large families first: one that stands alone may fit into the cohort of one before it.
    for members in sorted(alike.values(), key=len, reverse=True):
        first = wants[members[0]]
        cohort = _common([wants[i].cohort for i in members])
        parent = _held(registry, cohort, first, everyone, families) if len(members) == 1 else None
        if parent is None:
            parent = next(
                (i for i, want in enumerate(wants) if _is_count(want, first, cohort)), len(everyone)
            )
        if parent == len(everyone):
            if len(members) == 1:
                continue  # a count for one proportion alone buys next to nothing
            everyone.append(
                Want("count", first.unit, cohort, first.by, first.rows_max, strata=first.strata)
            )
        families.setdefault(parent, []).extend(members)
    return everyone, families


def _is_count(want: Want, of: Want, cohort: Node) -> bool:
    return (want.kind, want.cells) == ("count", of.cells) and demands(want.cohort) == demands(
        cohort
    )


def _held(
    registry: Registry,
    cohort: Node,
    of: Want,
    everyone: Sequence[Want],
    families: dict[int, list[int]],
) -> int | None:
    """The first family whose parent's cohort holds this one, by the same rows of a patient."""
    demanded, path = demands(cohort), index_path(registry, of.unit, cohort)
    for parent in families:
        over = everyone[parent]
        same_rows = over.cells == of.cells and path == index_path(registry, over.unit, over.cohort)
        if same_rows and demands(over.cohort) <= demanded:
            return parent
    return None


def _common(cohorts: Sequence[Node]) -> Node:
    """What all cohorts demand: the smallest cohort of this form that holds them all."""
    shared = set.intersection(*(demands(cohort) for cohort in cohorts))
    kept = {
        canonical_text(demand): demand
        for demand in conjuncts(cohorts[0])
        if canonical_text(demand) in shared
    }
    return And(tuple(kept.values())) if kept else parse("true")


def _fourth(weight: float) -> float:
    return weight * weight * weight * weight


def _alone(want: Want) -> _Shape:
    """The shape of a statistic without a parent."""
    importance = want.importance
    if want.kind == "proportion":
        tilt, _ = _best([want.weight], centres=[0.0])
        return _within_parent(tilt, 0.0, importance)
    if want.kind == "mean":
        # Of a mean half way to an end, whose values spread over a third of the way.
        size = math.sqrt(math.fsum(step * step for step in _MEAN_SHAPE))
        value, _, number = _MEAN_SHAPE
        error = (1 / (value * value) + 0.25 / (number * number)) / 0.1
        return _Shape(tuple(step / size for step in _MEAN_SHAPE), importance * error * size * size)
    if want.kind in RATIOS:
        # Events less λ times the sum, for λ of 0 or 1 between the bounds; events are as common.
        error = (1 + 0.25 / (LEAN[1] * _RATIO_SHAPE[1]) ** 2) / _OF_ROW
        return _Shape(_RATIO_SHAPE, importance * error)
    if want.kind == "survival":
        # A point of the curve adds up half the event cells; it is .2 of a row's variance.
        steps = fading(want.bins)
        return _Shape(steps, importance * of_half(steps, want.bins) / 0.2)
    if want.kind == "quantiles":
        # The rank of a median, beside the ¼ of a row. Others than the median weigh one side more
        # and the other less. The levels asked for do not matter: they can be read without charge.
        steps = fading(want.bins)
        return _Shape(steps, importance * of_rank(steps, want.bins) / 0.25)
    return _Shape((1.0,), importance)


def _terms(tilt: float, centre: float) -> tuple[float, float]:
    """Cost and error of a proportion for an answer of ±1, its parent's count aside."""
    known, unknown = (1 - centre) * tilt, centre * tilt
    cost = max(1 + known * known, unknown * unknown)
    return cost, (0.25 + _OFF_HALF / (tilt * tilt)) / _OF_ROW


def _best(weights: Sequence[float], centres: Sequence[float] = _CENTRES) -> tuple[float, float]:
    """Tilt and centre with the least Σ√(cost·error) of the members and their parent together."""
    squares = math.fsum(weight * weight for weight in weights)
    fourths = math.fsum(_fourth(weight) for weight in weights)

    def total(tilt: float, centre: float) -> float:
        cost, error = _terms(tilt, centre)
        return math.sqrt(cost * error) * squares + centre * math.sqrt(_OFF_HALF / _OF_ROW * fourths)

    return min(((tilt, centre) for centre in centres for tilt in _TILTS), key=lambda at: total(*at))


def _within_parent(tilt: float, centre: float, importance: float) -> _Shape:
    cost, error = _terms(tilt, centre)
    size = math.sqrt(cost)
    return _Shape(
        (1 / size, (1 - centre) * tilt / size, centre * tilt / size),
        importance * error * cost,
        importance * centre * centre * _OFF_HALF / _OF_ROW,
    )


def _shares(errors: Sequence[float], rows_max: Sequence[int], met: Together) -> list[float]:
    """The squared norm that a row of each statistic may have, up to a common factor."""
    # A patient's rows multiply the norm: the bound is on rows²·cost.
    wanted = [math.sqrt(error * rows * rows) for error, rows in zip(errors, rows_max, strict=True)]
    prices = [[1 / len(sets)] * len(sets) for sets in met.groups]
    costs = list(wanted)
    for _ in range(_ROUNDS):
        for sets, price in zip(met.groups, prices, strict=True):
            for i in frozenset().union(*sets):
                paid = math.fsum(p for p, members in zip(price, sets, strict=True) if i in members)
                costs[i] = wanted[i] / math.sqrt(max(paid, 1e-9))
            loads = [math.fsum(costs[i] for i in sorted(members)) for members in sets]
            # Sets that are full rise in price until all that matter are equally full.
            raised = [p * math.sqrt(load) for p, load in zip(price, loads, strict=True)]
            price[:] = [p / math.fsum(raised) for p in raised]
    return [cost / (rows * rows) for cost, rows in zip(costs, rows_max, strict=True)]


def _whole(wants: Sequence[Want], shapes: Sequence[tuple[float, ...]]) -> list[tuple[int, ...]]:
    """Whole steps in the proportions of the given ones, the largest STEPS_MAX or a little more;
    _FINEST where there is a ratio.
    """
    ratio = any(want.kind in RATIOS for want in wants)
    unit = (_FINEST if ratio else STEPS_MAX) / max(max(steps) for steps in shapes)
    # The steps of a mean are also how finely its values are told.
    told = [steps[0] for want, steps in zip(wants, shapes, strict=True) if want.kind == "mean"]
    unit = max([unit, *(_FINE / step for step in told)])
    whole = [_rounded(want, steps, unit) for want, steps in zip(wants, shapes, strict=True)]
    if told or ratio:
        return whole
    common = math.gcd(*(step for steps in whole for step in steps))
    return [tuple(step // common for step in steps) for steps in whole]


def _rounded(want: Want, steps: tuple[float, ...], unit: float) -> tuple[int, ...]:
    if want.kind in RATIOS:
        # One to another as the shape has them, so that all ratios of a study are told alike.
        most = max(1, round(steps[1] * unit))
        return 2 * LEAN[0] * most, most
    if want.kind not in ("survival", "quantiles"):
        return tuple(max(1, round(step * unit)) if step > 0 else 0 for step in steps)
    first, *rest = (round(step * unit) for step in steps)
    while rest and not rest[-1]:
        del rest[-1]
    return max(1, first), *rest
