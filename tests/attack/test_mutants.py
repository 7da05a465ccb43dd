"""Bugs put into the lines that bound a patient, one by one: the neighbour test must find each.

A bug is a change of source text. A patient with few visits is looked at in every extreme form; what
the vector holds of that patient alone is what removal takes away, and the difference of two such
vectors is what a change of values does. Both are compared with the plan's claims.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pytest

from federated.aggregate import exact
from federated.study.plan import Plan
from tests.attack.mutants import (
    CLAIMS,
    EXTREMES,
    FEWER,
    MISSES,
    ROWS,
    STUDIES,
    People,
    corners,
    mutated,
)
from tests.generative.interpreter import naive_vector
from tests.generative.visits import plan_of, sql_vector


def exceeded(
    made: Plan,
    vector: Callable[[Any], list[int]],
    extremes: tuple[tuple[Any, ...], ...] = EXTREMES,
) -> bool:
    """Does a corner exceed the plan's claims?"""
    found: dict[int, list[list[int]]] = {}
    for people in corners(extremes):
        told = vector(people)
        if sum(v * v for v in told) > made.l2_squared:
            return True
        found.setdefault(len(people[0]["unit_visit"]), []).append(told)
    return any(
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) > made.l2_squared_substitution
        for same in found.values()
        for one, other in itertools.combinations([list(v) for v in {tuple(v) for v in same}], 2)
    )


def naive(heart: Path, names: list[str]) -> bool:
    plans = (plan_of(heart, STUDIES[name], 2) for name in names)
    return any(exceeded(made, lambda people, made=made: cut(made, people)) for made in plans)


def cut(made: Plan, people: People) -> list[int]:
    # A value that the dictionary does not have is in no stratum.
    people = [
        {unit: [r for r in rows if _placed(made, r)] for unit, rows in person.items()}
        for person in people
    ]
    return naive_vector(made, people)


def _placed(made: Plan, row: dict[str, Any]) -> bool:
    return not any("valve" in block.by for block in made.blocks) or row["valve"] != "x"


@pytest.mark.parametrize("name", STUDIES)
def test_the_claims_hold_for_every_corner(heart: Path, name: str) -> None:
    assert not naive(heart, [name])


@pytest.mark.parametrize("bug", CLAIMS)
def test_a_claim_that_is_too_small_is_found(
    heart: Path, monkeypatch: pytest.MonkeyPatch, bug: str
) -> None:
    owner, name, changes, studies = CLAIMS[bug]
    mutated(monkeypatch, owner, name, *changes)
    assert naive(heart, studies)


def in_sql(heart: Path, names: list[str]) -> bool:
    backend = ibis.duckdb.connect()
    plans = [plan_of(heart, STUDIES[name], 2) for name in names]
    return any(
        exceeded(made, lambda people, made=made: sql_vector(made, people, backend), FEWER)
        for made in plans
    )


@pytest.mark.parametrize("bug", [None, *ROWS])
def test_a_row_that_counts_for_more_is_found(
    heart: Path, monkeypatch: pytest.MonkeyPatch, bug: str | None
) -> None:
    if bug is None:
        told = ["mean", "not index", "share", "family", "histogram", "curve", "rate"]
        assert not in_sql(heart, told)
        return
    name, changes, studies = ROWS[bug]
    mutated(monkeypatch, exact, name, *changes)
    assert in_sql(heart, studies)


@pytest.mark.parametrize("bug", MISSES)
def test_either_clamp_alone_holds_every_patient(
    heart: Path, monkeypatch: pytest.MonkeyPatch, bug: str
) -> None:
    """What is missed, and why (README.md here): the other clamp bounds what a row counts."""
    name, changes, studies = MISSES[bug]
    mutated(monkeypatch, exact, name, *changes)
    assert not in_sql(heart, studies)
