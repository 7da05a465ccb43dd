"""A ledger of many releases: whoever fills it does not make the site slow, or dead at a restart."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from federated.privacy.chain import CHECKPOINT_EVERY
from federated.privacy.ledger import Budgets, Charge, Ledger
from federated.privacy.release import Release
from tests.attack.world import NOW, ask, study_of

MANY = 300
LIMITS = Budgets(10**12, 10**12, 10**12)


@pytest.fixture
def full(site, monkeypatch):
    """The site's ledger after many answers to others; the disk need not be waited for."""
    connect = sqlite3.connect

    def careless(*args, **options):
        connection = connect(*args, **options)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    ledger = site.ledger
    with monkeypatch.context() as quick:
        quick.setattr(sqlite3, "connect", careless)
        for i in range(MANY):
            charge = Charge(f"{i:064x}", f"{i:032x}", f"r{i % 5}", 100, 100)
            reserved = ledger.reserve(charge, LIMITS)
            ledger.touch(reserved)
            release = Release(charge.key, "d" * 64, "north", "s1", (1, 2), 4.5, 100)
            ledger.post(reserved, release)
    return ledger


@pytest.fixture
def folded(full, monkeypatch):
    """Numbers of the entries that were read since: what counts, however fast the machine is."""
    seen = []
    add = type(full.totals).add

    def counted(totals, entry):
        seen.append(entry.seq)
        add(totals, entry)

    monkeypatch.setattr(type(full.totals), "add", counted)
    return seen


def test_a_full_ledger_is_opened_from_its_checkpoint_and_answers(site, hub, full, folded):
    again = Ledger(full.path, NOW.timestamp)
    assert len(folded) <= CHECKPOINT_EVERY + 2
    assert again.spent().life == 100 * MANY
    outcome = ask(replace(site, ledger=again), hub, study_of(site))
    assert outcome.state == "answered"
    assert again.spent().life == 100 * MANY + study_of(site).nano_rho


def test_a_transaction_on_a_full_ledger_reads_what_is_new_alone(site, hub, folded):
    assert ask(site, hub, study_of(site)).state == "answered"
    assert len(folded) <= 3
