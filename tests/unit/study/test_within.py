"""Asking by precision: as exact as wanted, for hardly more than that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from federated.errors import StudyError
from federated.study.accuracy import plus_minus
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import Study, StudyFile
from federated.study.plan import Plan
from federated.study.resolve import resolve
from policies.decode import decode
from policies.errors import DeclarationError

ASKS = [
    {"count": True},
    {"proportion": {"numerator": "leak = 1"}, "name": "leaks"},
    {"proportion": {"numerator": "sex = 1"}, "name": "men"},
    {"survival": {"time": "follow_days", "event": "died = 1", "grid": [91, 183, 365]}},
    {"mean": {"of": "risk"}},
    {"rate": {"events": "died = 1", "time": "follow_days"}},
]


# Statistics that count the same rows, divided differently.
COUNTS = [
    {"count": True, "name": "all"},
    {"count": True, "name": "men", "by": ["sex"]},
    {"count": True, "name": "bands", "by": ["risk_band"]},
    {"count": True, "name": "both", "by": ["sex", "risk_band"]},
]
SHARES = [
    {"proportion": {"numerator": "leak = 1"}, "name": "all"},
    {"proportion": {"numerator": "leak = 1"}, "name": "men", "by": ["sex"]},
]


def study_of(
    heart: Path, asks: Sequence[Mapping[str, object]] = ASKS, **privacy: object
) -> tuple[Study, Plan]:
    catalogue = Catalogue(heart)
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "cohort": "first_visit", "ask": list(asks), "privacy": privacy,
    }  # fmt: skip
    study = resolve(decode(StudyFile, plain, where="t"), catalogue)
    return study, compile_study(study, catalogue)


def told(plan: Plan, sites: int, rows: int) -> dict[str, float]:
    return plus_minus(plan, sites=sites, rows=rows)


@pytest.mark.parametrize(
    ("asks", "wanted"),
    [
        (COUNTS[:2], {"all": 5.0, "men": 5.0}),
        (COUNTS, {"all": 3.0, "men": 4.0, "bands": 6.0, "both": 5.0}),
        (SHARES, {"all": 0.05, "men": 0.1}),
    ],
)
def test_what_statistics_lend_each_other_is_not_charged(
    heart: Path,
    asks: list[dict[str, object]],
    wanted: dict[str, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study, plan = study_of(heart, asks, within=wanted)
    found = told(plan, 1, 60)
    less = told(plan.at_charge(study.nano_rho * 98 // 100), 1, 60)
    for name, most in wanted.items():
        assert 0.97 * most <= found[name] <= most, name
    assert any(less[name] > most for name, most in wanted.items())
    for module in ("agreement", "within"):
        monkeypatch.setattr(
            f"federated.study.{module}.same_rows", lambda of: [(i,) for i in range(len(of.blocks))]
        )
    assert study.nano_rho < 0.93 * study_of(heart, asks, within=wanted)[0].nano_rho


@pytest.mark.parametrize(("of_all", "of_each"), [(5.0, 5.0), (2.0, 6.0), (7.0, 4.0)])
def test_the_charge_is_the_least_there_is(heart: Path, of_all: float, of_each: float) -> None:
    """All and K strata: with c and d as one over the noise variances, that of a stratum is
    (1 − 1/K)/d + 1/(c + d/K)/K², and all cost c + d.
    """
    study, plan = study_of(heart, COUNTS[:2], within={"all": of_all, "men": of_each})
    strata = len(plan.blocks[1].strata)
    square = of_all * of_all
    d = (1 - 1 / strata) / (of_each * of_each - square / strata**2)
    c = 1 / square - d / strata
    if c < 0:  # the strata tell all of it
        c, d = 0.0, 1 / (of_each * of_each)
    # ρ of the values is half of Δ²/σ², and fifteen sixteenths of all.
    least = 1.959963984540054**2 * (c + d) / 2 * 16 / 15
    assert least <= study.nano_rho / 1e9 <= 1.002 * least


def test_who_is_told_by_others_costs_next_to_nothing(heart: Path) -> None:
    _, plan = study_of(heart, COUNTS, within={"all": 50.0, "men": 50.0, "bands": 50.0, "both": 3.0})
    steps = [block.steps[0] for block in plan.blocks]
    assert max(steps[:3]) * 40 < steps[3]
    assert told(plan, 1, 60)["all"] < 50


@pytest.mark.parametrize(
    ("wanted", "sites", "rows"),
    [
        ({"leaks": 0.05}, 1, 60),
        ({"count": 3.0}, 9, 60),
        ({"mean": 4.0, "survival": 0.1}, 5, 200),
        ({"rate": 0.02, "count": 5.0}, 9, 100),
        ({"count": 10, "leaks": 0.1, "men": 0.02, "survival": 0.2, "mean": 10}, 9, 40),
    ],
)
def test_every_named_statistic_is_told_as_exactly_as_wanted(
    heart: Path, wanted: dict[str, float], sites: int, rows: int
) -> None:
    study, plan = study_of(heart, within=wanted, sites=sites, rows=rows)
    found = told(plan, sites, rows)
    for name, most in wanted.items():
        assert 0.97 * most <= found[name] <= most, name
    # Hardly anything is left over: a hundredth less would miss one of them.
    less = told(plan.at_charge(study.nano_rho * 98 // 100), sites, rows)
    assert any(less[name] > most for name, most in wanted.items())


def test_twice_as_exact_costs_four_times_as_much(heart: Path) -> None:
    one, _ = study_of(heart, within={"leaks": 0.1})
    two, _ = study_of(heart, within={"leaks": 0.05})
    assert two.nano_rho == pytest.approx(4 * one.nano_rho, rel=1e-6)
    four, _ = study_of(heart, within={"leaks": 0.1}, sites=4)
    assert four.nano_rho == pytest.approx(one.nano_rho / 4, rel=1e-6)


def test_the_same_file_is_the_same_question(heart: Path) -> None:
    wanted = {"leaks": 0.07, "count": 5.0}
    assert study_of(heart, within=wanted)[0] == study_of(heart, within=wanted)[0]


@pytest.mark.parametrize(
    ("privacy", "said"),
    [
        ({"within": {"leak": 0.1}}, 'no statistic is called "leak"'),
        ({"within": {"leaks": 1e-6}}, "no budget is large enough"),
        ({"within": {"leaks": 1e-300}}, "greater than or equal to"),
        ({"within": {}}, "at least one entry"),
        ({"within": {"leaks": 0}}, "greater than or equal to"),
        ({"within": {"leaks": 0.1}, "epsilon": 1}, "exactly one of"),
        ({"epsilon": 1, "sites": 9}, "go with within only"),
        ({}, "exactly one of"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    heart: Path, privacy: dict[str, object], said: str
) -> None:
    with pytest.raises((StudyError, DeclarationError), match=said):
        study_of(heart, **privacy)


def test_what_cannot_be_answered_says_what_to_do(heart: Path) -> None:
    with pytest.raises(StudyError, match="too small to answer") as small:
        study_of(heart, rho=1e-10)
    assert small.value.hint
    plain = {"title": "t", "purpose": "DUO:0000006", "unit": "visit", "privacy": {"epsilon": 1}}
    file = decode(StudyFile, plain | {"ask": [{"count": True}]}, where="t")
    with pytest.raises(StudyError, match="say which dictionary") as which:
        resolve(file, Catalogue(heart))
    assert "heart" in str(which.value.hint)


def test_wishes_far_apart_are_met(heart: Path) -> None:
    _, plan = study_of(heart, within={"count": 1e9, "leaks": 0.01, "mean": 49.0})
    found = told(plan, 1, 60)
    assert found["leaks"] <= 0.01
    assert found["mean"] <= 49
