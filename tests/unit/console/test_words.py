"""Every code that can reach a page has a sentence; numbers are rounded the safe way."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import gateway.registry
from federated.admission import REASONS as ADMISSION
from federated.privacy.budgets import OWNERS
from federated.privacy.loss import epsilon_of, nano_rho_for
from federated.reasons import REASONS, in_sentences
from gateway.console.words import FAULTS, age, epsilon, percent, percent_of
from gateway.site import answer, member

STATES = {"answered", "refused", "failed"}


def told(module):
    """Words given to ``Outcome(…)`` and ``_refused(…)`` in the module's source."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            if call.func.id not in ("Outcome", "_refused"):
                continue
            for node in ast.walk(call):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_every_reason_of_the_site_has_words():
    found = {*told(answer), *told(member)} - STATES - {"digests"}
    assert {"envelope_not_valid", "could_not_answer", "internal_error"} <= found
    assert found <= set(REASONS)
    assert set(ADMISSION) <= set(REASONS)


@pytest.mark.parametrize("budget", list(OWNERS))
def test_every_budget_has_words(budget):
    assert f"budget_{budget}" in REASONS


def test_a_code_of_a_newer_version_is_shown_as_it_is():
    assert in_sentences(["moon_is_full", "budget_year", "moon_is_full"]) == (
        f"moon is full; {REASONS['budget_year']}"
    )


def test_every_fault_that_a_load_lists_has_words():
    folder = Path(gateway.registry.__file__).parent
    source = "".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    listed = set(re.findall(r'\brule="([a-z]+)"', source))
    assert {"branch", "derived", "duplicate", "record"} <= listed
    assert listed <= set(FAULTS)


@pytest.mark.parametrize("nano_rho", [1, 1000, 999_999, nano_rho_for(1.0), nano_rho_for(3.0)])
def test_epsilon_is_never_less_than_was_spent(nano_rho):
    assert epsilon_of(nano_rho) <= float(epsilon(nano_rho)) < epsilon_of(nano_rho) + 0.01


def test_no_loss_is_none():
    assert epsilon(0) == "0.00"


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(999, 1000, "99 %"), (5, 5, "100 %"), (0, 9, "0 %"), (0, 0, "–")]
)
def test_all_means_all(part, whole, shown):
    assert percent(part, whole) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7199, "119 minutes ago"),
        (7200, "2 hours ago"),
        (2 * 86_400 - 1, "47 hours ago"),
        (2 * 86_400, "2 days ago"),
    ],
)
def test_age_in_the_unit_people_use(seconds, shown):
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert age(now - timedelta(seconds=seconds), now) == shown


def test_a_fraction_rounds_as_its_counts_do():
    for whole in (1, 3, 7, 29, 100, 200, 1000):
        for part in range(whole + 1):
            assert percent_of(part / whole) == percent(part, whole)
