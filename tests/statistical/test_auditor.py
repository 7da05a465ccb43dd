"""A black-box auditor at the site's door, with shown power.

One answer is many trials (after Steinke, Nasr & Jagielski 2023): every ward of a hospital
holds one patient or none, by the toss of a coin (wards.py), and a statistic by ward gives each ward
its own noisy integers. For each patient the two kinds of store differ in that patient alone. The
auditor knows nothing of the mechanism. From some of the trials it learns which outputs speak for
presence; on the others it checks, with Clopper-Pearson bounds, that these outputs are no
likelier than (ε, δ) allows, for the δ that the Gaussian of the charge has at each ε (what its
values may lose).

It passes the true mechanism and catches the seven of broken_doors.py; with which power is told in
tests/attack/README.md (``python -m tests.statistical.audit_power``).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from federated.privacy.loss import NANO, gaussian_scale
from federated.privacy.release import Release
from federated.privacy.reply_time import values_share
from federated.study.catalogue import Catalogue
from tests.attack.world import Hub, Snapshot, ask, policy_of, site_of, study_of
from tests.statistical import broken_doors, wards

STORES = 4
EPSILONS = (0.1, 0.5, 1.0, 2.0, 3.0)
FALSE_ALARM = 1e-5


@dataclass(frozen=True)
class Audit:
    """What is asked of the stores, how often of each, and what is looked at.

    ``allowed``: δ at an ε and a ρ of the values; ``learn``: one trial in so many is learned from.
    """

    asks: dict[str, Any]
    rho: float
    read: Callable[[Release], Sequence[int]]
    allowed: Callable[[float, float], float]
    rounds: int = 1
    learn: int = 2


def of_count(epsilon: float, rho: float) -> float:
    """δ(ε) of the discrete Gaussian on a count, from its exact probabilities."""
    scale = gaussian_scale(1, round(rho * NANO))
    weight = {x: math.exp(-(x**2) / (2 * scale**2)) for x in range(-61, 62)}
    total = sum(weight.values())
    return sum(
        max(0.0, weight[x] - math.exp(epsilon) * weight[x - 1]) / total for x in range(-60, 61)
    )


def of_normal(epsilon: float, rho: float) -> float:
    """δ(ε) of normal noise (Balle & Wang 2018, theorem 8), which that on integers of thousands is
    to many digits.
    """
    mu = math.sqrt(2 * rho)
    ends = stats.norm.cdf([mu / 2 - epsilon / mu, -mu / 2 - epsilon / mu])
    return float(ends[0] - math.exp(epsilon) * ends[1])


def sums(release: Release) -> list[int]:
    """The first of each ward's three integers, in quarters of the noise."""
    return [math.floor(4 * value / release.scale) for value in release.values[::3]]


COUNTS = Audit({"count": True}, 0.5, lambda release: release.values, of_count)
MEANS = Audit({"mean": {"of": "risk"}}, 0.5, sums, of_normal)
# σ = ½ is where 5 % of it show soonest: they take a sixth off P(noise ≠ 0), which is .21; and few
# trials need be learned from to see that 1 and more speak for presence.
SHARP = replace(COUNTS, rho=32 / 15, rounds=10, learn=8)


@pytest.fixture(scope="module")
def declarations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("declarations")
    wards.declare(folder)
    return folder


@pytest.fixture(scope="module")
def hospitals(tmp_path_factory):
    return wards.hospitals(tmp_path_factory.mktemp("hospitals"), STORES)


Hospitals = list[tuple[Path, list[bool]]]


def answers(
    folder: Path, declarations: Path, hospitals: Hospitals, how: Audit
) -> Iterator[tuple[Release, list[bool]]]:
    """A site's answer on each store, and the store's coins."""
    budget = {"study_epsilon": 100.0, "year_epsilon": 100.0, "life_epsilon": 1000.0}
    site = site_of(folder, declarations, Snapshot(hospitals[0][0]))
    site = replace(
        site, policy=policy_of("wards", budget=budget), catalogue=Catalogue(declarations)
    )
    study = study_of(
        site,
        dictionary="wards",
        unit="visit",
        ask=[how.asks | {"by": ["leak"]}],
        privacy={"rho": how.rho},
    )
    hub = Hub()
    for number, (store, present) in enumerate(hospitals):
        here = replace(site, published=lambda s=store, n=number: Snapshot(s, f"s{n}"))
        outcome = ask(here, hub, study)
        assert outcome.release is not None, outcome
        yield outcome.release, present


def trials(
    tmp_path: Path, declarations: Path, hospitals: Hospitals, how: Audit
) -> tuple[list[int], list[int]]:
    """What the site says of wards with their patient, and of wards without."""
    inside: list[int] = []
    outside: list[int] = []
    for again in range(how.rounds):
        # A year's budget for each.
        (tmp_path / str(again)).mkdir()
        for release, present in answers(tmp_path / str(again), declarations, hospitals, how):
            told = how.read(release)[: wards.WARDS]
            for held, value in zip(present, told, strict=True):
                (inside if held else outside).append(value)
    return inside, outside


def violations(one: Sequence[int], other: Sequence[int], how: Audit) -> list[float]:
    """The ε at which ``one`` is told from ``other`` better than the claim allows."""
    tests = 4 * len(EPSILONS)
    (learned, check), (learned_other, check_other) = (parted(of, how.learn) for of in (one, other))
    learn, learn_other = Counter(learned), Counter(learned_other)
    rho = values_share(int(how.rho * NANO)) / NANO
    found = []
    for epsilon in EPSILONS:
        event = {
            value
            for value in learn
            if learn[value] / len(learned)
            > math.exp(epsilon) * learn_other[value] / len(learned_other)
        }
        low = bound(sum(v in event for v in check), len(check), FALSE_ALARM / tests)
        high = 1 - bound(
            sum(v not in event for v in check_other), len(check_other), FALSE_ALARM / tests
        )
        if low > math.exp(epsilon) * high + how.allowed(epsilon, rho):
            found.append(epsilon)
    return found


def parted(trials: Sequence[int], learn: int) -> tuple[list[int], list[int]]:
    """Every ``learn``-th, and the others."""
    return list(trials[::learn]), [v for i, v in enumerate(trials) if i % learn]


def bound(hits: int, of: int, miss: float) -> float:
    """Clopper-Pearson: the true rate lies above this, but for a chance of ``miss``."""
    return 0.0 if hits == 0 else float(stats.beta.ppf(miss, hits, of - hits + 1))


def audit(tmp_path: Path, declarations: Path, hospitals: Hospitals, how: Audit) -> list[float]:
    inside, outside = trials(tmp_path, declarations, hospitals, how)
    return violations(inside, outside, how) + violations(outside, inside, how)


@pytest.mark.parametrize("how", [COUNTS, MEANS, SHARP], ids=["counts", "means", "sharp"])
def test_the_true_mechanism_passes(tmp_path, declarations, hospitals, how):
    inside, outside = trials(tmp_path, declarations, hospitals, how)
    assert violations(inside, outside, how) + violations(outside, inside, how) == []
    # It is no empty pass: presence shows, by as much as was paid for.
    shift = sum(inside) / len(inside) - sum(outside) / len(outside)
    if how is MEANS:
        # In quarters of σ; a sum is told with S of the √(S² + Q² + K²) that a patient moves.
        paid = 4 * math.sqrt(2 * how.rho * 15 / 16 / 1.5)
        assert 0.8 * paid < shift < 1.2 * paid
    else:
        assert 0.8 < shift < 1.2


BUGS = {
    broken_doors.half_the_noise: COUNTS,
    broken_doors.a_twentieth_short: SHARP,
    broken_doors.keys_from_data: COUNTS,
    broken_doors.unbounded_rows: COUNTS,
    broken_doors.exact_low_bit: COUNTS,
    broken_doors.exact_for_some: COUNTS,
    broken_doors.clamps_dropped: MEANS,
}


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_broken_mechanism_is_caught(tmp_path, declarations, hospitals, monkeypatch, bug):
    bug(monkeypatch)
    assert audit(tmp_path, declarations, hospitals, BUGS[bug]) != []
