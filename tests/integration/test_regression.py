"""A regression from rows in a database to odds ratios: aggregate, noise, release, combination."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from federated.aggregate.exact import aggregate
from federated.combine import Result, combine
from federated.privacy.measurement import release_values
from federated.privacy.release import Release, release_key
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.outcome import Outcome
from federated.study.plan import Plan
from federated.study.resolve import resolve
from policies.decode import decode

# Enough proportions of one cohort that they share a count of it, as a parent.
ASKS = [
    {
        "proportion": {"numerator": "leak = 1", "known": "leak in [0, 1]"},
        "name": "leaks", "by": ["valve", "sex"], "regression": {"reference": {"sex": 2}},
    },
    {"mean": {"of": "risk"}, "by": ["valve", "sex"], "regression": {"reference": {"valve": "m"}}},
    {
        "rate": {"events": "leak = 1", "time": "follow_days", "bounds": [0, 1000], "per": 100},
        "by": ["valve", "sex"], "regression": {},
    },
    *(
        {"proportion": {"numerator": f"risk > {at}"}, "name": f"over_{at}", "by": ["valve", "sex"]}
        for at in (20, 40, 60, 80)
    ),
]  # fmt: skip
SITES = 4


@pytest.fixture(scope="module")
def plan(heart: Path) -> Plan:
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "cohort": "first_visit", "ask": ASKS, "privacy": {"epsilon": 3.0},
    }  # fmt: skip
    catalogue = Catalogue(heart)
    return compile_study(resolve(decode(StudyFile, plain, where="t"), catalogue), catalogue)


def visits(site: int) -> list[dict[str, Any]]:
    """400 people of one visit: leaks are four times as likely, in odds, with a mitral valve."""
    rng = np.random.default_rng(site)
    rows = []
    for i in range(400):
        valve, sex = rng.choice(["a", "m"], p=[0.6, 0.4]), rng.choice(["1", "2"])
        eta = -0.7 + math.log(4) * (valve == "m") - 0.3 * (sex == "1")
        risk = 40 + 8 * (valve == "a") + rng.normal(0, 12)
        rows.append(
            {
                "_patient": f"p{i}", "_order": 1, "first_visit": True,
                "valve": None if rng.random() < 0.05 else str(valve), "sex": str(sex),
                "leak": "9" if rng.random() < 0.1 else str(int(rng.random() < 1 / (1 + math.exp(-eta)))),
                "follow_days": int(rng.integers(100, 1000)),
                "risk": None if rng.random() < 0.05 else float(np.clip(risk, 0, 100)),
            }
        )  # fmt: skip
    return rows


def answers(plan: Plan, *, noise: bool) -> list[Outcome]:
    outcomes = []
    for site in range(SITES):
        backend = ibis.duckdb.connect()
        backend.con.register("incoming", pa.Table.from_pylist(visits(site)))
        backend.con.execute("CREATE TABLE unit_visit AS SELECT * FROM incoming")
        exact = aggregate(plan, backend)
        values = (
            release_values(
                exact, scale=plan.scale, l2_squared=plan.l2_squared, nano_rho=plan.nano_rho
            )
            if noise
            else exact.exact_values()
        )
        scale = plan.scale if noise else 0.0
        snapshot = f"snapshot {site}"
        key = release_key(plan.study_digest, snapshot, plan.mode)
        release = Release(
            key, plan.study_digest, f"site {site}", snapshot, values, scale, plan.nano_rho
        )
        outcomes.append(Outcome(f"site {site}", "answered", release=release, charged=True))
    return outcomes


def told(result: Result, statistic: str) -> list[tuple[str, float, float]]:
    """Element with level, estimate and standard error (of a ratio: in logarithms)."""
    (found,) = (each for each in result.regressions if each.statistic == statistic)
    return [
        (
            f"{factor.element} {effect.level}",
            (float if found.model == "linear" else math.log)(effect.estimate or 0.0),
            effect.standard_error or 0.0,
        )
        for factor in found.factors
        for effect in factor.effects
    ]


def people() -> list[dict[str, Any]]:
    every = itertools.chain.from_iterable(visits(site) for site in range(SITES))
    return [row for row in every if row["valve"] is not None]


def test_without_noise_it_is_the_fit_of_the_rows(plan: Plan) -> None:
    from scipy.optimize import minimize

    assert plan.blocks[0].parent is not None
    result = combine(replace(plan, scale=0.0), answers(plan, noise=False))
    known = [row for row in people() if row["leak"] != "9"]
    design = np.array([[1, row["valve"] == "m", row["sex"] == "1"] for row in known], dtype=float)
    y = np.array([row["leak"] == "1" for row in known], dtype=float)

    def loss(beta: np.ndarray) -> float:
        eta = design @ beta
        return float((np.logaddexp(0, eta) - y * eta).sum())

    best = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-8}).x
    leaks = told(result, "leaks")
    assert [name for name, _, _ in leaks] == ["valve m", "sex 1"]
    assert [value for _, value, _ in leaks] == pytest.approx(best[1:].tolist(), abs=1e-5)

    valued = [row for row in people() if row["risk"] is not None]
    design = np.array([[1, row["valve"] == "a", row["sex"] == "2"] for row in valued], dtype=float)
    of = np.array([row["risk"] for row in valued])
    straight = np.linalg.lstsq(design, of, rcond=None)[0]
    risks = told(result, "mean")
    assert [name for name, _, _ in risks] == ["valve a", "sex 2"]
    # Values are told to a thousandth of the bounds or so.
    assert [value for _, value, _ in risks] == pytest.approx(straight[1:].tolist(), abs=0.02)
    # Here an unknown leak is none: leak = 1 is false of it.
    every = people()
    days = np.array([row["follow_days"] for row in every], dtype=float)
    leak = np.array([row["leak"] == "1" for row in every], dtype=float)
    design = np.array([[1, row["valve"] == "m", row["sex"] == "2"] for row in every], dtype=float)

    def poisson_loss(beta: np.ndarray) -> float:
        eta = design @ beta
        return float((days / 1000 * np.exp(eta) - leak * eta).sum())

    best = minimize(poisson_loss, np.zeros(3), method="BFGS", options={"gtol": 1e-7}).x
    rates = told(result, "rate")
    assert [name for name, _, _ in rates] == ["valve m", "sex 2"]
    # Times are told to some hundredth of the longest.
    assert [value for _, value, _ in rates] == pytest.approx(best[1:].tolist(), abs=0.01)
    assert result.regressions[2].n == pytest.approx(days.sum(), rel=0.01)
    assert result.regressions[0].n == len(known)
    everybody = SITES * 400
    missing = sum(row["leak"] == "9" for site in range(SITES) for row in visits(site))
    assert result.regressions[0].left_out == everybody - missing - len(known)


def test_with_noise_it_is_near_and_says_how_near(plan: Plan) -> None:
    exact = combine(replace(plan, scale=0.0), answers(plan, noise=False))
    noisy = combine(plan, answers(plan, noise=True))
    assert Result.from_json(noisy.to_json()) == noisy
    for one, other in zip(exact.regressions, noisy.regressions, strict=True):
        for true, seen in zip(told(exact, one.statistic), told(noisy, one.statistic), strict=True):
            effects = [effect for factor in other.factors for effect in factor.effects]
            assert all((effect.noise_sd or 0) > 0 for effect in effects)
            # The rows are the same: noise alone sets them apart. 5 SD.
            of_noise = max(effect.noise_sd or 0 for effect in effects)
            assert abs(true[1] - seen[1]) < 5 * of_noise
            assert seen[2] > true[2] * 0.9
    valve = noisy.regressions[0].factors[0]
    assert (valve.p_value or 1) < 0.001
