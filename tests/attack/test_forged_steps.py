"""Steps that no client would choose: what is claimed of them holds, is reached and can be read.

A study written by hand may carry any steps. With those of the strategy some terms of a claim are
never the largest; here each is.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federated.combine import combine
from federated.privacy.release import Release, release_key
from federated.study.catalogue import Catalogue
from federated.study.coding import inverse
from federated.study.compile import compile_study
from federated.study.model import Study, StudyFile
from federated.study.outcome import Outcome
from federated.study.plan import Plan
from federated.study.resolve import resolve
from policies.decode import decode
from tests.attack.mutants import FLAG, corners
from tests.attack.test_mutants import cut

FORMS = (("a", "m", None), ("0", "1", "9", None), (0.0, 60.0, 1e12, None), (1, 999), (1, 3))
GRID = list(range(91, 91 * 9, 91))
CURVE = {"time": "follow_days", "event": "died = 1"}
ASKS: dict[str, dict[str, Any]] = {
    "count": {"count": True},
    "proportion": {"proportion": {"numerator": "leak = 1"}},
    "mean": {"mean": {"of": "risk"}},
    "survival": {"survival": CURVE | {"grid": GRID}},
    "competing": {"survival": CURVE | {"competing": "leak = 9", "grid": GRID}},
    "quantiles": {"quantiles": {"of": "risk", "bins": 9}},
    "rate": {"rate": {"events": "leak = 1", "time": "risk", "bounds": [0, 60]}},
    "observed_expected": {"observed_expected": {"observed": "died = 1", "expected": "risk"}},
}
STEP = st.sampled_from([1, 2, 65535, 65536]) | st.integers(1, 65536)
LENGTHS = {"count": 1, "mean": 3, "rate": 2, "observed_expected": 2}
ANY = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def steps_of(kind: str) -> st.SearchStrategy[list[int]]:
    if kind == "proportion":
        return st.tuples(STEP, STEP).map(lambda two: [*two, 0])
    if kind in LENGTHS:
        return st.lists(STEP, min_size=LENGTHS[kind], max_size=LENGTHS[kind])
    falling = st.lists(STEP | st.just(0), max_size=8)
    return st.tuples(STEP, falling).map(lambda of: sorted([of[0], *of[1]], reverse=True))


def forged(heart: Path, ask: dict[str, Any], steps: list[int], rows_max: int = 1) -> Plan:
    catalogue = Catalogue(heart)
    study = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "ask": [ask], "privacy": {"epsilon": 1.0}, "rows_max": rows_max,
    }  # fmt: skip
    plain = resolve(decode(StudyFile, study, where="t"), catalogue).model_dump(mode="json")
    plain["statistics"][0]["steps"] = steps
    return compile_study(decode(Study, plain, where="t"), catalogue)


def told(plan: Plan) -> dict[int, list[list[int]]]:
    """By the number of visits: every vector that one patient can be."""
    found: dict[int, set[tuple[int, ...]]] = {}
    for people in corners(FORMS):
        found.setdefault(len(people[0]["unit_visit"]), set()).add(tuple(cut(plan, people)))
    return {visits: [list(vector) for vector in vectors] for visits, vectors in found.items()}


def farthest(plan: Plan) -> tuple[int, int]:
    """Squared norm that removal takes away at most, and squared change of values at most; a row
    that leaves the cohort among them.
    """
    of = told(plan)
    nothing = [0] * plan.length
    norms = [_apart(vector, nothing) for vectors in of.values() for vector in vectors]
    changes = [
        _apart(one, other)
        for vectors in of.values()
        for one, other in itertools.combinations([*vectors, nothing], 2)
    ]
    return max(norms), max(changes)


def _apart(one: list[int], other: list[int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


@ANY
@given(data=st.data())
@pytest.mark.parametrize("kind", ASKS)
@pytest.mark.parametrize("by", [[], ["valve"]], ids=["whole", "strata"])
def test_the_claim_is_what_the_farthest_patient_does(
    heart: Path, kind: str, by: list[str], data: st.DataObject
) -> None:
    steps = data.draw(steps_of(kind))
    plan = forged(heart, ASKS[kind] | {"where": FLAG, "by": by}, steps)
    removed, changed = farthest(plan)
    assert removed == plan.l2_squared
    if kind == "mean" or (kind == "quantiles" and not by):
        # s and q do not both change from end to end; bins of one stratum overlap.
        assert changed <= plan.l2_squared_substitution
    else:
        assert changed == plan.l2_squared_substitution


@ANY
@given(data=st.data(), rows_max=st.integers(1, 3))
@pytest.mark.parametrize("kind", ASKS)
def test_so_it_is_for_several_rows(
    heart: Path, kind: str, rows_max: int, data: st.DataObject
) -> None:
    plan = forged(heart, ASKS[kind], data.draw(steps_of(kind)), rows_max)
    removed, changed = farthest(plan)
    assert removed == plan.l2_squared
    assert changed <= plan.l2_squared_substitution


@given(steps=steps_of("quantiles"), bins=st.integers(9, 256))
def test_sums_of_bins_carry_no_more_noise_than_bins_told_one_by_one(
    steps: list[int], bins: int
) -> None:
    series = inverse(steps, bins)
    assert all(abs(term) <= (1 + 1e-9) / steps[0] for term in series)
    sums = list(itertools.accumulate(series))
    assert all(-1e-9 <= sum_ * steps[0] <= 1 + 1e-9 for sum_ in sums)


@settings(ANY, max_examples=8)
@given(data=st.data(), seed=st.integers(0, 2**32))
@pytest.mark.parametrize("kind", ASKS)
def test_what_is_charged_can_be_read(
    heart: Path, kind: str, data: st.DataObject, seed: int
) -> None:
    plan = forged(heart, ASKS[kind] | {"where": FLAG}, data.draw(steps_of(kind)))
    noise = np.random.default_rng(seed).normal(0, plan.scale, plan.length)
    values = tuple(int(value) for value in noise)
    plan = replace(plan, scale=0.0)
    key = release_key(plan.study_digest, "s1", plan.mode)
    release = Release(key, plan.study_digest, "north", "s1", values, 0.0, plan.nano_rho)
    rows = combine(plan, [Outcome("north", "answered", release=release)]).pooled
    estimates = [row.estimate for row in rows if row.estimate is not None]
    assert estimates
    assert all(map(math.isfinite, estimates))
