"""Tests of difference of one statistic, all sites together: which levels, which test, in words.

Between the levels of one stratifying element: proportions, means, rates and survival. Of a count
by two elements: whether they are independent. Rows where an element is missing are no level.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from federated.combine.equal_ratios import equal_ratios
from federated.combine.estimate import Estimate
from federated.combine.independence import independence
from federated.combine.laws import Law, Means, Rates, Shares
from federated.combine.log_rank import log_rank
from federated.combine.projection import Floats
from federated.combine.result import Difference, Gap, Test
from federated.study.plan import Block, Kind

__all__ = ["difference", "gap"]

_TESTS: Mapping[Kind, Test] = {
    "proportion": "proportions",
    "mean": "means",
    "rate": "rates",
    "observed_expected": "rates",
}
"""Of kinds whose readings are a sum and what it is the sum of."""
_APART = ("proportion", "mean")
"""Kinds of which two levels are told apart by a difference; rates are by their ratio."""


def difference(
    block: Block,
    words: Sequence[Sequence[str]],
    readings: Floats,
    noise: Floats,
    read: Callable[[int], Estimate],
    *,
    seed: int,
    confidence: float,
) -> Difference | None:
    """The test of a statistic; None where there is none, or nothing to compare.

    ``words`` are the labels of each element's levels in the block's order, missing last;
    ``readings`` those of all strata, pooled over sites, shape (strata, k), with noise of the
    variances ``noise``, (k,); ``read`` tells the number of a stratum by its place.
    """
    if any(len(levels) < 3 for levels in words):
        return None  # with one level beside missing there is nothing to compare
    if block.kind == "count" and len(words) == 2:
        return _table(block, words, readings[:, 0], float(noise[0]), seed, confidence)
    if len(words) != 1:
        return None
    labels, told = words[0][:-1], readings[:-1]
    if block.kind == "survival":
        return _survival(block, labels, told, float(noise[0]), seed, confidence)
    if block.kind not in _TESTS:
        return None
    found = equal_ratios(told, noise, _law(block), confidence=confidence, seed=seed)
    strata = tuple(labels[i] for i in found.levels)
    return Difference(
        statistic=block.name,
        kind=_TESTS[block.kind],
        strata=strata,
        chi_squared=found.chi_squared,
        degrees=found.degrees,
        p_value=found.p_value,
        uninformative=found.uninformative,
        gap=gap(*map(read, found.levels)) if len(strata) == 2 and block.kind in _APART else None,
    )


def _law(block: Block) -> Law:
    if block.kind == "proportion":
        return Shares()
    return Means() if block.kind == "mean" else Rates(block.lean)


def gap(one: Estimate, two: Estimate) -> Gap:
    """``one`` less ``two``, its interval from theirs (Newcombe's tenth method, Stat Med 1998;
    Zou & Donner, Stat Med 2008): of independent numbers, with noise of their own.
    """
    apart = one.estimate - two.estimate
    below = math.hypot(one.estimate - one.lower, two.upper - two.estimate)
    above = math.hypot(one.upper - one.estimate, two.estimate - two.lower)
    return Gap(estimate=apart, lower=apart - below, upper=apart + above)


def _survival(
    block: Block,
    labels: Sequence[str],
    cells: Floats,
    variance: float,
    seed: int,
    confidence: float,
) -> Difference:
    found = log_rank(
        cells,
        variance,
        block.grid,
        block.read_at,
        steps=block.steps,
        causes=block.causes,
        confidence=confidence,
        seed=seed,
    )
    return Difference(
        statistic=block.name,
        kind="log_rank",
        strata=tuple(labels[i] for i in found.compared),
        chi_squared=found.chi_squared,
        degrees=found.degrees,
        p_value=found.p_value,
        uninformative=found.uninformative,
    )


def _table(
    block: Block,
    words: Sequence[Sequence[str]],
    counts: Floats,
    variance: float,
    seed: int,
    confidence: float,
) -> Difference:
    across, down = words
    cells = np.reshape(counts, (len(across), len(down)))[:-1, :-1]
    found = independence(cells, variance, confidence=confidence, seed=seed)
    return Difference(
        statistic=block.name,
        kind="independence",
        strata=tuple(across[i] for i in found.rows),
        against=tuple(down[i] for i in found.columns),
        chi_squared=found.chi_squared,
        degrees=found.degrees,
        p_value=found.p_value,
        uninformative=found.uninformative,
    )
