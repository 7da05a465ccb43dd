"""Numbers put together from statistics of the same rows: intervals hold as often as they say, for
each stratum, for all, and for differences; and the tests can tell when not.
"""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

from federated.combine.differences import gap
from federated.combine.estimate import Estimate
from federated.combine.rows import read_rows, set_apart
from federated.combine.scopes import Scope, scopes
from federated.study.plan import Block, Plan
from federated.study.same_rows import same_rows
from tests.unit.combine.layouts import answer, plan, proportion

STUDIES = 1500
SHARES, ROWS, SCALE = np.array([0.8, 0.6, 0.7]), np.array([90, 60, 20]), 12.0
CONFIDENCE = 0.95


def layout() -> Plan:
    """A share of all told three times as exactly as those of the stages."""
    return plan(
        proportion("all", weight=3), proportion("stages", start=2, strata=True), scale=SCALE
    )


@functools.cache
def drawn() -> list[tuple[Block, tuple[Scope, ...]]]:
    """The stages' scopes of every study."""
    rng = np.random.default_rng(5)
    of = layout()
    found = []
    for _ in range(STUDIES):
        rows = rng.multinomial(ROWS.sum(), ROWS / ROWS.sum())
        yes = rng.binomial(rows, SHARES)
        exact = np.stack([2 * yes - rows, rows], axis=1)
        values = np.concatenate([3 * exact.sum(axis=0), exact.ravel()])
        noisy = values + np.rint(rng.normal(0, SCALE, values.size)).astype(int)
        release = answer(of, "a", noisy.tolist()).release
        assert release is not None
        found.append((of.blocks[1], scopes(of, [release], same_rows(of))[1]))
    return found


def coverage(place: int, truth: float) -> float:
    hits = 0
    for block, of in drawn():
        (row,) = read_rows(block, of[place], {"stage": ""}, CONFIDENCE)
        hits += row.lower <= truth <= row.upper
    return hits / STUDIES


@pytest.mark.parametrize(("place", "truth"), [*enumerate(SHARES[:2]), (3, SHARES @ ROWS / 170)])
def test_shares_are_covered(place: int, truth: float) -> None:
    assert 0.935 <= coverage(place, truth) <= 0.975


def test_noise_is_what_it_is_told_to_be() -> None:
    """Of the readings themselves, over studies of rows that never change."""
    rng = np.random.default_rng(6)
    of, exact = layout(), np.array([240, 480, 60, 90, -10, 40, 0, 5])
    told = []
    for _ in range(STUDIES):
        noisy = exact + np.rint(rng.normal(0, SCALE, 8)).astype(int)
        release = answer(of, "a", noisy.tolist()).release
        assert release is not None
        told.append(scopes(of, [release], same_rows(of))[1][:4])
    for place in range(4):
        seen = np.var([each[place].cells for each in told], axis=0)
        assert told[0][place].variances == pytest.approx(seen, rel=0.15)
    assert (told[0][0].variances < 0.8 * told[0][0].alone.variances).all()


def difference_coverage(read) -> float:  # type: ignore[no-untyped-def]
    hits = 0
    for block, of in drawn():
        apart = gap(read(block, of[0]), read(block, of[1]))
        hits += apart.lower <= SHARES[0] - SHARES[1] <= apart.upper
    return hits / STUDIES


def test_differences_are_covered() -> None:
    found = difference_coverage(lambda block, scope: set_apart(block, scope, CONFIDENCE))
    assert 0.935 <= found <= 0.985


def test_differences_of_numbers_with_the_noise_of_each_are_found_out() -> None:
    def careless(block: Block, scope: Scope) -> Estimate:
        reduced = replace(scope, alone=replace(scope.alone, variances=scope.variances))
        return set_apart(block, reduced, CONFIDENCE)

    assert difference_coverage(careless) < 0.93
