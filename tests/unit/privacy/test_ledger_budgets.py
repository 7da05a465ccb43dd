"""The ledger's budgets: whose they are, which period they hold for, and how they refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from federated.errors import BudgetExhausted
from federated.privacy.ledger import Spent
from tests.unit.privacy.ledgers import BUDGETS, charge


@pytest.mark.parametrize(
    ("nano", "spent_by", "reason"),
    [
        (900, "ada", "budget_researcher_year"),
        (1001, "ada", "budget_year"),
        (2501, "ada", "budget_life"),
    ],
)
def test_each_budget_refuses_by_name_and_charges_nothing(ledger, nano, spent_by, reason):
    with pytest.raises(BudgetExhausted) as refused:
        ledger.reserve(charge("q", nano, researcher=spent_by), BUDGETS)
    assert reason in refused.value.reasons
    assert ledger.spent() == Spent(0, 0)


def test_an_envelope_is_charged_at_most_what_it_allows_in_all(ledger):
    ledger.reserve(charge("q1", 100, most=150), BUDGETS)
    with pytest.raises(BudgetExhausted) as refused:
        ledger.reserve(charge("q2", 100, most=150), BUDGETS)
    assert refused.value.reasons == ("budget_envelope",)


def test_another_researchers_envelope_of_the_same_nonce_is_another_one(ledger):
    ledger.reserve(charge("q1", 100, researcher="eve", most=100), BUDGETS)
    assert ledger.reserve(charge("q2", 100, most=100), BUDGETS).new


def test_a_year_is_a_calendar_year_and_life_goes_on(ledger, clock):
    ledger.reserve(charge("q1", 800), BUDGETS)
    clock.now = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    ledger.reserve(charge("q2", 800), BUDGETS)
    clock.now = datetime(2028, 1, 1, tzinfo=UTC).timestamp()
    ledger.reserve(charge("q3", 800), BUDGETS)
    clock.now = datetime(2029, 1, 1, tzinfo=UTC).timestamp()
    with pytest.raises(BudgetExhausted) as refused:
        ledger.reserve(charge("q4", 800), BUDGETS)
    assert refused.value.reasons == ("budget_life",)


def test_a_clock_set_back_does_not_restore_the_lifetime(ledger, clock):
    ledger.reserve(charge("q1", 800), BUDGETS)
    clock.now = 0
    assert ledger.spent().life == 800


@pytest.mark.parametrize(
    ("limits", "first", "then", "reason"),
    [
        ({"project_year": 150}, {"project": "p"}, {"project": "p"}, "budget_project_year"),
        ({"project_life": 150}, {"project": "p"}, {"project": "p"}, "budget_project_life"),
        ({"researcher_life": 150}, {}, {}, "budget_researcher_life"),
        ({"researcher_year": 150}, {}, {}, "budget_researcher_year"),
    ],
)
def test_a_budget_counts_its_own_charges_only(ledger, limits, first, then, reason):
    budgets = replace(BUDGETS, **limits)
    ledger.reserve(replace(charge("q1"), **first), budgets)
    with pytest.raises(BudgetExhausted) as refused:
        ledger.reserve(replace(charge("q2"), **then), budgets)
    assert refused.value.reasons == (reason,)
    other = {"project": "other"} if "project" in reason else {"researcher": "bob"}
    assert ledger.reserve(replace(charge("q2"), **(then | other)), budgets).new


def test_periods_renew_at_new_year_and_lives_do_not(ledger, clock):
    budgets = replace(BUDGETS, project_year=100, researcher_life=10_000)
    for year in (2026, 2027):
        clock.now = datetime(year, 7, 1, tzinfo=UTC).timestamp()
        ledger.reserve(replace(charge(f"q{year}"), project="p"), budgets)
        with pytest.raises(BudgetExhausted) as refused:
            ledger.reserve(replace(charge("more"), project="p"), budgets)
        (short,) = refused.value.shortfalls
        assert (short.budget, short.left_nano_rho) == ("project_year", 0)
        assert datetime.fromtimestamp(short.renews_s, UTC) == datetime(year + 1, 1, 1, tzinfo=UTC)
        assert f"wait until {year + 1}-01-01" in refused.value.hint
    clock.now = datetime(2028, 7, 1, tzinfo=UTC).timestamp()
    budgets = replace(budgets, project_life=250)
    with pytest.raises(BudgetExhausted, match=r"life has ε .* does not renew") as refused:
        ledger.reserve(replace(charge("q2028"), project="p"), budgets)
    assert refused.value.shortfalls[0].left_nano_rho == 50
    assert ledger.summary().projects == {"p": Spent(year=0, life=200)}
