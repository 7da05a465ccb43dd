"""The ledger: reserve and post. A question is charged once and answered the same, whoever races."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from federated.errors import BudgetExhausted, LedgerError
from federated.privacy.ledger import Budgets, Ledger, Reservation, Spent, Stored
from federated.privacy.release import Release
from tests.unit.privacy.ledgers import BUDGETS, charge, release


def test_a_question_is_charged_once_and_answered_the_same(ledger):
    reserved = ledger.reserve(charge("q"), BUDGETS)
    assert ledger.post(reserved, release("q")) == Stored(release("q"))
    again = ledger.reserve(charge("q"), BUDGETS)
    assert again == Stored(release("q"))
    assert ledger.spent() == Spent(year=100, life=100)


def test_a_pending_reservation_is_completed_under_the_same_charge(ledger, clock):
    first = ledger.reserve(charge("q"), BUDGETS)
    reopened = Ledger(ledger.path, clock)  # as after a crash
    second = reopened.reserve(charge("q"), BUDGETS)
    assert isinstance(second, Reservation)
    assert (second.seq, second.new) == (first.seq, False)
    reopened.post(second, release("q"))
    assert reopened.spent().life == 100
    assert reopened.pending() == []


def test_a_pending_reservation_fits_even_when_the_budget_is_used_up(ledger):
    ledger.reserve(charge("q", 800), BUDGETS)
    assert not ledger.reserve(charge("q", 800), BUDGETS).new


def test_the_first_of_two_posts_wins(ledger):
    one = ledger.reserve(charge("q"), BUDGETS)
    two = ledger.reserve(charge("q"), BUDGETS)
    first = ledger.post(one, release("q"))
    other = Release("q", "d" * 64, "north", "s1", (9, 9, 9), 4.5, 100)
    assert ledger.post(two, other) == first


def test_a_failure_after_reading_is_charged_and_stays(ledger):
    reserved = ledger.reserve(charge("q"), BUDGETS)
    ledger.touch(reserved)
    ledger.post(reserved, None)
    assert ledger.reserve(charge("q"), BUDGETS) == Stored(None)
    assert ledger.spent().life == 100


def test_void_gives_back_only_what_was_never_read(ledger):
    reserved = ledger.reserve(charge("q"), BUDGETS)
    ledger.void(reserved.seq)
    assert ledger.spent() == Spent(0, 0)
    again = ledger.reserve(charge("q"), BUDGETS)
    assert again.new
    ledger.touch(again)
    with pytest.raises(LedgerError, match="data was read"):
        ledger.void(again.seq)
    with pytest.raises(LedgerError):
        ledger.void(reserved.seq)


def test_a_charge_succeeds_while_others_read(ledger):
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            ledger.summary()

    with ThreadPoolExecutor(3) as pool:
        looking = [pool.submit(look) for _ in range(3)]
        try:
            for n in range(100):
                assert isinstance(ledger.reserve(charge(f"q{n}", 1), BUDGETS), Reservation)
        finally:
            done.set()
    for one in looking:
        one.result()
    assert ledger.spent().life == 100


def test_threads_never_overspend(ledger):
    budgets = Budgets(year=500, life=500, researcher_year=500)
    barrier = threading.Barrier(8)

    def spend(worker):
        barrier.wait()
        granted = 0
        for i in range(10):
            try:
                ledger.reserve(charge(f"{worker}-{i}", 10), budgets)
                granted += 1
            except BudgetExhausted:
                pass
        return granted

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(8))) == 50
    assert ledger.spent().life == 500
    assert ledger.verify() == 50
