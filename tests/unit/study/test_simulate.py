"""Budgets over a sequence of studies: this year, and over a registry's life."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from federated.privacy.loss import epsilon_of, nano_rho_for
from federated.study.catalogue import Catalogue
from federated.study.model import Study, StudyFile
from federated.study.resolve import resolve
from federated.study.simulate import BudgetRow, Simulation, simulate
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


def simulated(
    studies: list[Study], years: int = 1, every: int | None = None, **policy: object
) -> Simulation:
    of = POLICY.model_copy(update={"projects": None, "researchers": None} | policy)
    return simulate(
        studies, Catalogue(), [of], researcher="ada", today=TODAY, years=years,
        asked_every_days=every,
    )  # fmt: skip


def asked(studies: list[Study], years: int = 1, **policy: object) -> tuple[BudgetRow, ...]:
    return simulated(studies, years, **policy).rows


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


def test_the_same_question_is_free_on_one_day_and_costs_again_in_the_next_year() -> None:
    whole = nano_rho_for(3)
    rows = asked([study("a", whole), study("again", whole)], years=2, **budget(life_epsilon=10))
    assert [(row.year, row.reasons) for row in rows] == [
        (2026, ()), (2026, ()), (2027, ()), (2027, ()),
    ]  # fmt: skip
    assert rows[3].left_life_epsilon < rows[1].left_life_epsilon


def test_a_question_costs_once_for_each_snapshot_that_it_is_put_to() -> None:
    one = study("a", nano_rho_for(0.5))
    ample = budget(year_epsilon=9, life_epsilon=9)
    rows = simulated([one], every=45, publish_every_days=90, **ample).rows
    # Nov 1, Dec 16, Jan 30, …: two askings of each snapshot.
    assert [row.snapshot for row in rows] == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert [row.cost_epsilon > 0 for row in rows] == [True, False] * 4 + [True]
    assert [row.asked_on for row in rows][:3] == ["2026-11-01", "2026-12-16", "2027-01-30"]
    assert [row.year for row in rows] == [2026] * 2 + [2027] * 7
    daily = simulated([one], every=45, publish_every_days=0, **ample).rows
    assert all(row.cost_epsilon > 0 for row in daily)
    never = simulated([one], years=3, publish_every_days=3650, **ample).rows
    assert [row.cost_epsilon > 0 for row in never] == [True, False, False]


def test_a_year_s_budget_is_new_in_january_within_the_list() -> None:
    whole = study("a", nano_rho_for(3))
    rows = simulated([whole], every=30, publish_every_days=30, **budget(life_epsilon=90)).rows
    answered = [row.asked_on for row in rows if not row.reasons]
    assert answered == ["2026-11-01", "2027-01-30"]


def test_what_is_assumed_is_said_with_the_rows() -> None:
    found = simulated([study("a", nano_rho_for(0.5))], every=90, publish_every_days=30)
    said = found.to_json()
    assert said["assumed"] == list(found.assumed())
    assert said["asked_on"] == tuple(row.asked_on for row in found.rows)
    assert (said["asked_every_days"], said["publish_every_days"]) == (90, {POLICY.site: 30})
    assert "every 90 days, 5 times from 2026-11-01 to 2027-10-27" in found.assumed()[0]
    assert f"every 30 days ({POLICY.site})" in found.assumed()[1]


@pytest.mark.parametrize(("years", "every"), [(0, None), (1, 6), (1, 0)])
def test_no_time_at_all_is_refused(years: int, every: int | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        simulated([study("a", 1)], years, every)


def test_a_leap_day_is_the_28th_in_other_years() -> None:
    of = POLICY.model_copy(update={"projects": None, "researchers": None})
    found = simulate(
        [study("a", 1)], Catalogue(), [of], researcher="ada", today=date(2028, 2, 29), years=2
    )
    assert found.asked_on == ("2028-02-29", "2029-02-28")


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
