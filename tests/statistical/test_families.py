"""Shares told through their cohort's count are covered by the real combination of what the real
noise leaves; and the test can tell when the noise of that count is left out.
"""

from __future__ import annotations

from pathlib import Path

import ibis
import numpy as np
import pytest

from federated.combine import combine
from federated.privacy.measurement import ExactAggregate, release_values
from federated.study.plan import Plan
from tests.attack.mutants import TOLD, mutated
from tests.generative.interpreter import naive_vector
from tests.generative.visits import sql_vector
from tests.statistical.families import TRUE_SHARES, drawn, family, kinds
from tests.unit.combine.layouts import answer

STUDIES, SITES, PATIENTS, RHO = 500, 2, 20_000, 0.002
"""Two shares in nine strata and in all, of every study: 10,000 intervals. Their coverage has a
standard deviation of .0033 (measured: those of one study share counts and noise).
"""


def noisy(plan: Plan, exact: list[int]) -> tuple[int, ...]:
    aggregate = ExactAggregate(exact)
    return release_values(
        aggregate, scale=plan.scale, l2_squared=plan.l2_squared, nano_rho=plan.nano_rho
    )


def coverage(heart: Path) -> float:
    """Of every share, pooled, in each stratum and in all."""
    plan = family(heart, RHO)
    assert [block.parent for block in plan.blocks] == [2, 2, None]
    exact = drawn(np.random.default_rng(20), plan, PATIENTS, STUDIES * SITES).tolist()
    hits = []
    for at in range(0, len(exact), SITES):
        each = enumerate(exact[at : at + SITES])
        outcomes = [answer(plan, f"site {i}", noisy(plan, one)) for i, one in each]
        hits += [
            row.lower <= TRUE_SHARES[row.statistic] <= row.upper
            for row in combine(plan, outcomes).pooled
            if row.statistic in TRUE_SHARES
        ]
    assert len(hits) == STUDIES * 2 * 10
    return float(np.mean(hits))


def test_a_family_is_covered(heart: Path) -> None:
    assert 0.935 <= coverage(heart) <= 0.965


@pytest.mark.parametrize("bug", TOLD)
def test_noise_that_is_left_out_is_found(
    heart: Path, monkeypatch: pytest.MonkeyPatch, bug: str
) -> None:
    owner, name, changes = TOLD[bug]
    mutated(monkeypatch, owner, name, *changes)
    assert coverage(heart) < 0.935


def test_what_is_drawn_is_what_an_engine_counts(heart: Path) -> None:
    plan, people = family(heart, RHO), kinds()
    of_one = [naive_vector(plan, [patient]) for patient in people]
    assert sql_vector(plan, people, ibis.duckdb.connect()) == np.sum(of_one, axis=0).tolist()
