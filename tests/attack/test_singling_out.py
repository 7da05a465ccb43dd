"""One patient between two answers, alone in a cohort, or in the last bits of what is released."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from federated.privacy.loss import NANO
from federated.privacy.reply_time import values_share
from federated.study.model import Study
from policies.decode import decode
from tests.attack.world import Hub, Snapshot, ask, people, policy_of, site_of, study_of, write_store

WIDE = policy_of(
    budget={"study_epsilon": 100.0, "year_epsilon": 100.0, "life_epsilon": 1000.0},
    limits={"cells_max": 20_000},
)
RHO = 0.05
REPEATS = 25


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """A registry, and the same without its last patient, who is the only one of 79 points."""
    folder = tmp_path_factory.mktemp("neighbours")
    rows = people(50)
    assert sum(row["risk"] == 79.0 for row in rows) == 1
    return (
        write_store(folder / "with.duckdb", rows),
        write_store(folder / "without.duckdb", rows[:-1]),
    )


def counts(tmp_path, heart, store, cohorts):
    """What the site says of each cohort, one noisy number; with σ, a row's step and what was spent."""
    folder = tmp_path / store.stem
    folder.mkdir()
    site = replace(site_of(folder, heart, Snapshot(store)), policy=WIDE)
    hub, values = Hub(), []
    for cohort in cohorts:
        study = study_of(site, cohort=cohort, ask=[{"count": True}], privacy={"rho": RHO})
        release = ask(site, hub, study).release
        values.append(release.values[0])
    return np.array(values), release.scale, study.statistics[0].steps[0], site.ledger.spent().life


def test_the_difference_of_two_cohorts_is_as_noisy_as_the_two_charges_say(tmp_path, heart, stores):
    """All, and all but one: every question is charged, and the difference has the noise of both.
    Only many charges bring the patient out of it (what they buy: tests/statistical/test_auditor).
    """
    limits = range(-REPEATS, 0)
    cohorts = [f"risk > {i}" for i in limits] + [f"risk > {i} and risk < 79" for i in limits]
    for store, here in zip(stores, (1, 0), strict=True):
        values, scale, step, spent = counts(tmp_path, heart, store, cohorts)
        assert spent == len(values) * round(RHO * NANO)
        differences = values[:REPEATS] - values[REPEATS:]
        assert stats.kstest((differences - step * here) / scale, "norm", (0, 2**0.5)).pvalue > 1e-5
        # The noise of one question is that of the values' share: (Δ/σ)²/2.
        share = step**2 / (2 * scale**2) * NANO
        assert share == pytest.approx(values_share(round(RHO * NANO)))


@pytest.mark.parametrize(
    "asked",
    [
        {"count": True, "by": ["sex"]},
        {"mean": {"of": "risk"}, "by": ["sex"]},
        {"mean": {"of": "risk / 7", "bounds": [0.1, 0.3]}},
        {"rate": {"events": "died = 1", "time": "follow_days", "bounds": [0, 1826]}},
        {"quantiles": {"of": "risk", "bins": 16, "at": [0.5]}},
    ],
    ids=str,
)
def test_no_release_has_a_bit_that_its_noise_did_not_make(tmp_path, heart, stores, asked):
    """Mironov's attack reads the low bits of doubles. What is released are whole numbers, every
    one of them possible with a patient and without; what is a double beside is public.
    """
    shapes = []
    for store in stores:
        folder = tmp_path / store.stem
        folder.mkdir()
        site = replace(site_of(folder, heart, Snapshot(store)), policy=WIDE)
        outcome = ask(site, Hub(), study_of(site, ask=[asked], privacy={"rho": RHO}))
        plain = json.loads(outcome.release.to_bytes())
        values = plain.pop("values")
        assert all(re.fullmatch(r"0|-?[1-9]\d*", value) for value in values)
        assert all(type(value) is int for value in outcome.release.values)
        shapes.append((plain, len(values)))
    # All that is not noisy is the same: key, scale, charge, number of values.
    assert shapes[0] == shapes[1]


def test_the_lattice_of_released_values_is_that_of_every_table(tmp_path, heart, stores):
    """Steps of a count are larger than 1, so exact values lie on a lattice; noise must not."""
    site = replace(site_of(tmp_path, heart, Snapshot(stores[0])), policy=WIDE)
    study = study_of(site, ask=[{"count": True}], privacy={"rho": RHO}).model_dump(mode="json")
    step = 3
    hub, remainders = Hub(), set()
    for i in range(40):
        cohort = f"risk > {i}"
        study["statistics"][0] |= {"cohort": cohort, "steps": [step]}
        release = ask(site, hub, decode(Study, study, where="study")).release
        remainders.add(release.values[0] % step)
    assert remainders == set(range(step))
