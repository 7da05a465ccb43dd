"""Budgets over a sequence of studies: this year, and over a registry's life."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from federated.privacy.loss import epsilon_of, nano_rho_for
from federated.study.catalogue import Catalogue
from federated.study.model import Study, StudyFile
from federated.study.resolve import resolve
from federated.study.simulate import BudgetRow, simulate
from policies.decode import decode, load
from policies.site import SitePolicy

TODAY = date(2026, 11, 1)
POLICY = load(SitePolicy, Path("policies/examples/site_policy.yaml"))


def study(title: str, nano_rho: int, measure: str = "r0_margin_rate", **given: str) -> Study:
    plain = {
        "title": title, "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "ask": [{"measure": measure}], "privacy": {"rho": 1.0},
    }  # fmt: skip
    found = resolve(decode(StudyFile, plain | given, where="t"), Catalogue())
    return found.model_copy(update={"nano_rho": nano_rho})


def asked(studies: list[Study], years: int = 1, **policy: object) -> tuple[BudgetRow, ...]:
    of = POLICY.model_copy(update={"projects": None, "researchers": None} | policy)
    return simulate(studies, Catalogue(), [of], researcher="ada", today=TODAY, years=years).rows


def budget(**epsilons: float) -> dict[str, object]:
    plain = {"year_epsilon": 3, "life_epsilon": 5, "study_epsilon": 3} | epsilons
    return {"budget": type(POLICY.budget)(**plain)}


def test_the_year_ends_where_the_next_charge_no_longer_fits() -> None:
    part = nano_rho_for(3) * 2 // 5
    rows = asked([study(f"s{i}", part + i) for i in range(4)], **budget())
    assert [row.reasons for row in rows] == [
        (), (), ("budget_researcher_year", "budget_year"), ("budget_researcher_year", "budget_year"),
    ]  # fmt: skip
    assert rows[1].left_year_epsilon == rows[3].left_year_epsilon
    assert rows[2].messages == (
        "the researcher's budget of this year has too little left",
        "the site's budget of this year has too little left",
    )


def test_the_same_question_is_free_within_a_year_and_costs_again_in_the_next() -> None:
    whole = nano_rho_for(3)
    rows = asked([study("a", whole), study("again", whole)], years=2, **budget(life_epsilon=10))
    assert [(row.year, row.reasons) for row in rows] == [
        (2026, ()), (2026, ()), (2027, ()), (2027, ()),
    ]  # fmt: skip
    assert rows[3].left_life_epsilon < rows[1].left_life_epsilon


def test_a_life_ends_after_years() -> None:
    whole = nano_rho_for(3)
    rows = asked([study("a", whole)], years=6, **budget(life_epsilon=5))
    years = nano_rho_for(5) // whole
    assert [row.year for row in rows if not row.reasons] == [2026 + i for i in range(years)]
    assert 1 < years < 6
    assert rows[-1].reasons == ("budget_life",)


def test_a_project_has_its_own_books() -> None:
    projects = {"small": {"year_epsilon": 1, "life_epsilon": 1.5}, "large": {}}
    one = nano_rho_for(1)
    rows = asked(
        [study("a", one, project="small"), study("b", one, project="large"),
         study("c", one, "limb_salvage", project="small")],
        years=3,
        projects=decode(SitePolicy, POLICY.model_dump(mode="json") | {"projects": projects},
                        where="t").projects,
        **budget(life_epsilon=20),
    )  # fmt: skip
    small = [row.reasons for row in rows if row.study == "a"]
    assert small[0] == ()
    assert small[-1] == ("budget_project_life",)
    assert all(row.reasons == () for row in rows if row.study == "b")
    third = [row.reasons for row in rows if row.study == "c"]
    assert third[0] == ("budget_project_year",)
    assert {(row.study, row.project) for row in rows} == {
        ("a", "small"),
        ("b", "large"),
        ("c", "small"),
    }
    first = {row.study: row for row in rows if row.year == 2026}
    # The charge of ε 1 leaves nothing of the year's 1, and of the life's what 1.5 has beyond it.
    assert first["a"].left_project_year_epsilon == 0
    beyond = nano_rho_for(1.5) - one
    assert first["a"].left_project_life_epsilon == epsilon_of(beyond)
    assert (first["b"].left_project_year_epsilon, first["b"].left_project_life_epsilon) == (
        None,
        None,
    )


def test_rows_say_who_asks_what_it_costs_and_what_is_left_of_their_own() -> None:
    one = nano_rho_for(1)
    mine = budget(researcher_year_epsilon=1.2, researcher_life_epsilon=2)
    paid, again, refused = asked(
        [study("a", one), study("again", one), study("b", one + 1)], **mine
    )
    assert {(row.researcher, row.project) for row in (paid, again, refused)} == {("ada", None)}
    assert [row.cost_epsilon for row in (paid, again, refused)] == [epsilon_of(one), 0, 0]
    assert refused.reasons == ("budget_researcher_year",)
    for row in (paid, again, refused):
        assert row.left_researcher_year_epsilon == epsilon_of(nano_rho_for(1.2) - one)
        assert row.left_researcher_life_epsilon == epsilon_of(nano_rho_for(2) - one)
        assert row.left_year_epsilon == epsilon_of(nano_rho_for(3) - one)
        assert row.left_project_year_epsilon is None
    (plain,) = asked([study("a", one)], **budget())
    assert plain.left_researcher_life_epsilon is None
