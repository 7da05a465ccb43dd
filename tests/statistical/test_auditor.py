"""A black-box auditor at the site's door, with shown power.

One answer is many trials (after Steinke, Nasr & Jagielski 2023): every ward of a hospital
holds one patient or none, by the toss of a coin, and a count by ward gives each ward its own
noisy integer. For each patient the two kinds of store differ in that patient alone. The auditor
knows nothing of the mechanism. From half of the trials it learns which outputs speak for
presence; on the other half it checks, with Clopper-Pearson bounds, that these outputs are no
likelier than (ε, δ) allows, for the δ that the discrete Gaussian of the charge has at each ε (what its values may lose).

It passes the true mechanism and catches five broken ones.
"""

from __future__ import annotations

import math
import random
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from scipy import stats

from federated.aggregate import exact
from federated.privacy import measurement
from federated.privacy.loss import NANO, gaussian_scale
from federated.privacy.reply_time import values_share
from federated.study.catalogue import Catalogue
from tests.attack.world import Hub, Snapshot, ask, people, policy_of, site_of, study_of, write_store

WARDS, STORES, VISITS = 250, 16, 3
RHO = 0.5
EPSILONS = (0.1, 0.5, 1.0, 2.0, 3.0)
FALSE_ALARM = 1e-5
DICTIONARY = """
dictionary: wards
version: 1
title: Wards
key: case_no
instruments:
  person: {label: Person}
  visit: {label: Visit, repeats: true}
elements:
  case_no: {instrument: person, label: Record, type: text, identifier: true, deid: pseudonymize}
  visit_no: {instrument: visit, label: Visit, type: integer, bounds: [1, 99], required: true}
  leak: {instrument: visit, label: Ward, type: category, choices: {CHOICES}}
"""
DERIVATIONS = """
derivations: wards
version: 1
dictionary: wards
units:
  person: {instrument: person}
  visit: {instrument: visit, within: person}
"""


@pytest.fixture(scope="module")
def declarations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("declarations")
    choices = ", ".join(f'"w{i}": Ward {i}' for i in range(WARDS))
    for shelf, text in (
        ("dictionaries", DICTIONARY.replace("CHOICES", choices)),
        ("derivations", DERIVATIONS),
    ):
        (folder / shelf).mkdir()
        (folder / shelf / "wards.yaml").write_text(textwrap.dedent(text))
    return folder


@pytest.fixture(scope="module")
def hospitals(tmp_path_factory):
    """Stores, each with the coins that say which wards hold a patient (of three visits)."""
    folder, chance = tmp_path_factory.mktemp("hospitals"), random.Random(20260501)
    found = []
    for number in range(STORES):
        present = [chance.random() < 0.5 for _ in range(WARDS)]
        rows = [
            people(1)[0]
            | {"_patient": f"p{ward}", "_row": VISITS * ward + j, "_order": j + 1}
            | {"visit_no": j + 1, "valve": "a", "leak": f"w{ward}", "first_visit": j == 0}
            for ward, here in enumerate(present)
            if here
            for j in range(VISITS)
        ]
        found.append((write_store(folder / f"{number}.duckdb", people(1), rows), present))
    return found


def trials(tmp_path, declarations, hospitals) -> tuple[list[int], list[int]]:
    """What the site says of wards with their patient, and of wards without."""
    inside: list[int] = []
    outside: list[int] = []
    budget = {"study_epsilon": 100.0, "year_epsilon": 100.0, "life_epsilon": 1000.0}
    site = site_of(tmp_path, declarations, Snapshot(hospitals[0][0]))
    site = replace(
        site, policy=policy_of("wards", budget=budget), catalogue=Catalogue(declarations)
    )
    study = study_of(
        site,
        dictionary="wards",
        unit="visit",
        ask=[{"count": True, "by": ["leak"]}],
        privacy={"rho": RHO},
    )
    hub = Hub()
    for number, (store, present) in enumerate(hospitals):
        here = replace(site, published=lambda s=store, n=number: Snapshot(s, f"s{n}"))
        outcome = ask(here, hub, study)
        assert outcome.release is not None, outcome
        for ward, held in enumerate(present):
            (inside if held else outside).append(outcome.release.values[ward])
    return inside, outside


def delta_allowed(epsilon: float) -> float:
    """δ(ε) of the discrete Gaussian of the values' share, from its exact probabilities."""
    scale = gaussian_scale(1, values_share(int(RHO * NANO)))
    support = range(-60, 61)
    weight = {x: math.exp(-(x**2) / (2 * scale**2)) for x in range(-61, 62)}
    total = sum(weight.values())
    return sum(
        max(0.0, weight[x] - math.exp(epsilon) * weight.get(x - 1, 0.0)) / total for x in support
    )


def violations(one: Sequence[int], other: Sequence[int]) -> list[float]:
    """The ε at which ``one`` is told from ``other`` better than the claim allows."""
    tests = 4 * len(EPSILONS)
    learn, learn_other = Counter(one[::2]), Counter(other[::2])
    check, check_other = one[1::2], other[1::2]
    found = []
    for epsilon in EPSILONS:
        event = {
            value
            for value in learn
            if learn[value] / len(one[::2])
            > math.exp(epsilon) * learn_other[value] / len(other[::2])
        }
        low = bound(sum(v in event for v in check), len(check), FALSE_ALARM / tests)
        high = 1 - bound(
            sum(v not in event for v in check_other), len(check_other), FALSE_ALARM / tests
        )
        if low > math.exp(epsilon) * high + delta_allowed(epsilon):
            found.append(epsilon)
    return found


def bound(hits: int, of: int, miss: float) -> float:
    """Clopper-Pearson: the true rate lies above this, but for a chance of ``miss``."""
    return 0.0 if hits == 0 else float(stats.beta.ppf(miss, hits, of - hits + 1))


def audit(tmp_path, declarations, hospitals) -> list[float]:
    inside, outside = trials(tmp_path, declarations, hospitals)
    return violations(inside, outside) + violations(outside, inside)


def test_the_true_mechanism_passes(tmp_path, declarations, hospitals):
    inside, outside = trials(tmp_path, declarations, hospitals)
    assert violations(inside, outside) + violations(outside, inside) == []
    # It is no empty pass: presence shows, by as much as was paid for.
    shift = sum(inside) / len(inside) - sum(outside) / len(outside)
    assert 0.8 < shift < 1.2


def half_the_noise(monkeypatch):
    """As a sensitivity that is taken for half of what it is."""
    real = measurement._gaussian
    monkeypatch.setattr(measurement, "_gaussian", lambda scale: real(scale / 2))
    monkeypatch.setattr(measurement, "gaussian_loss", lambda *_: 0)


def keys_from_data(monkeypatch):
    """Strata that nobody fell into get no noise, as if they were not there."""
    real = measurement.release_values

    def release(aggregate, **limits):
        noisy = real(aggregate, **limits)
        return tuple(n if e else 0 for n, e in zip(noisy, aggregate.exact_values(), strict=True))

    monkeypatch.setattr(measurement, "release_values", release)


def unbounded_rows(monkeypatch):
    """All rows of a patient are counted and one is charged."""
    monkeypatch.setattr("federated.study.compile.one_row_per_patient", lambda *_: True)


def exact_low_bit(monkeypatch):
    """Noise on all but the last bit: no mean and no spread shows it."""
    real = measurement.release_values

    def release(aggregate, **limits):
        noisy = real(aggregate, **limits)
        return tuple(n - (n - e) % 2 for n, e in zip(noisy, aggregate.exact_values(), strict=True))

    monkeypatch.setattr(measurement, "release_values", release)


def exact_for_some(monkeypatch):
    """Three counts in ten leave as they are, marked by their size alone."""
    real = exact.aggregate
    chance = random.Random(7)
    counted: list[int] = []

    def aggregate(plan, backend):
        counts = real(plan, backend)
        counted[:] = counts.exact_values()
        return counts

    noise = measurement.release_values

    def release(counts, **limits):
        return tuple(
            1000 + e if chance.random() < 0.3 else n
            for n, e in zip(noise(counts, **limits), counted, strict=True)
        )

    monkeypatch.setattr(exact, "aggregate", aggregate)
    monkeypatch.setattr(measurement, "release_values", release)


@pytest.mark.parametrize(
    "bug", [half_the_noise, keys_from_data, unbounded_rows, exact_low_bit, exact_for_some]
)
def test_a_broken_mechanism_is_caught(tmp_path, declarations, hospitals, monkeypatch, bug):
    bug(monkeypatch)
    assert audit(tmp_path, declarations, hospitals) != []
