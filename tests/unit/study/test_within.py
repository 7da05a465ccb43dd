"""Asking by precision: as exact as wanted, for hardly more than that takes."""

from __future__ import annotations

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


def study_of(heart: Path, **privacy: object) -> tuple[Study, Plan]:
    catalogue = Catalogue(heart)
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "cohort": "first_visit", "ask": ASKS, "privacy": privacy,
    }  # fmt: skip
    study = resolve(decode(StudyFile, plain, where="t"), catalogue)
    return study, compile_study(study, catalogue)


def told(plan: Plan, sites: int, rows: int) -> dict[str, float]:
    return {block.name: plus_minus(plan, block, sites=sites, rows=rows) for block in plan.blocks}


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
