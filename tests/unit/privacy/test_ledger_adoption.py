"""Old copies of a ledger: they restore no budget, and an adoption charges what was lost."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from federated.errors import BudgetExhausted, LedgerError
from federated.privacy.head import CONTEXT
from federated.privacy.ledger import Ledger, Stored
from policies.errors import SignatureError
from policies.signing import SigningKey
from tests.unit.privacy.ledgers import (
    BUDGETS,
    COORDINATOR,
    charge,
    checkpoint,
    countersigned,
    execute,
    release,
)


def test_a_restored_backup_restores_no_budget(ledger, clock, tmp_path):
    ledger.post(ledger.reserve(charge("q0"), BUDGETS), release("q0"))
    head = ledger.head()
    ledger.witness(head, countersigned(head), COORDINATOR.public_key)
    backup = tmp_path / "backup.sqlite"
    checkpoint(ledger.path)
    shutil.copy(ledger.path, backup)

    reserved = ledger.reserve(charge("q1", 700), BUDGETS)
    ledger.witness(reserved.head, countersigned(reserved.head), COORDINATOR.public_key)
    ledger.post(reserved, release("q1", 700))

    restored = Ledger(backup, clock)
    with pytest.raises(LedgerError, match="behind"):
        restored.witness(reserved.head, countersigned(reserved.head), COORDINATOR.public_key)
    # Stored releases are still given; nothing new is charged.
    assert restored.reserve(charge("q0"), BUDGETS) == Stored(release("q0"))
    with pytest.raises(LedgerError, match="behind"):
        restored.reserve(charge("q2"), BUDGETS)

    head = restored.adopt()
    assert head.seq > reserved.head.seq
    assert restored.spent().life == 800
    with pytest.raises(BudgetExhausted):
        restored.reserve(charge("q3", 300), BUDGETS)
    assert restored.verify() == 3
    assert Ledger(backup, clock).spent().life == 800


def test_what_an_old_copy_reserved_alone_does_not_pass_for_what_was_lost(ledger, clock, tmp_path):
    """The copy reserves while the coordinator is out of reach; the lost release was as dear."""
    backup = tmp_path / "backup.sqlite"
    shutil.copy(ledger.path, backup)
    lost = ledger.reserve(charge("lost", 300), BUDGETS)
    ledger.witness(lost.head, countersigned(lost.head), COORDINATOR.public_key)
    ledger.post(lost, release("lost", 300))

    restored = Ledger(backup, clock)
    alone = restored.reserve(charge("alone", 300), BUDGETS)
    with pytest.raises(LedgerError, match="behind"):
        restored.witness(lost.head, countersigned(lost.head), COORDINATOR.public_key)
    restored.adopt()
    assert restored.spent().life == 600
    # What was pending before the adoption is never completed: it may have been seen already.
    again = restored.reserve(charge("alone", 100), BUDGETS)
    assert (again.new, again.seq > alone.seq) == (True, True)
    assert restored.spent().life == 700


def test_an_old_copy_from_between_reserve_and_post_cannot_draw_or_void_again(
    ledger, clock, tmp_path
):
    seen = ledger.reserve(charge("q", 300), BUDGETS)
    ledger.witness(seen.head, countersigned(seen.head), COORDINATOR.public_key)
    backup, other = tmp_path / "backup.sqlite", tmp_path / "other.sqlite"
    checkpoint(ledger.path)
    shutil.copy(ledger.path, backup)
    shutil.copy(ledger.path, other)
    ledger.touch(seen)
    ledger.post(seen, release("q", 300))
    head = ledger.head()

    restored = Ledger(backup, clock)
    with pytest.raises(LedgerError, match="behind"):
        restored.witness(head, countersigned(head), COORDINATOR.public_key)
    restored.adopt()
    with pytest.raises(LedgerError, match="cannot be voided"):
        restored.void(seen.seq)
    assert restored.reserve(charge("q", 300), BUDGETS).new
    assert restored.spent().life == 600

    # Voided before anybody noticed that the copy is old: the adoption charges it again.
    hasty = Ledger(other, clock)
    hasty.void(seen.seq)
    with pytest.raises(LedgerError, match="behind"):
        hasty.witness(head, countersigned(head), COORDINATOR.public_key)
    hasty.adopt()
    assert hasty.spent().life == 300


def test_a_countersignature_of_someone_else_is_refused(ledger):
    reserved = ledger.reserve(charge("q"), BUDGETS)
    with pytest.raises(SignatureError):
        ledger.witness(
            reserved.head,
            SigningKey.generate().sign(reserved.head.to_bytes(), CONTEXT),
            COORDINATOR.public_key,
        )
    assert ledger.witnessed() is None


def test_nothing_to_resolve_is_an_error(ledger):
    with pytest.raises(LedgerError, match="not behind"):
        ledger.adopt()


def test_an_old_policy_does_not_come_back(ledger, clock):
    ledger.accept_policy(3)
    ledger.accept_policy(3)
    ledger.accept_policy(4)
    with pytest.raises(LedgerError, match="older than policy 4"):
        Ledger(ledger.path, clock).accept_policy(3)


def test_what_was_lost_counts_against_everybody(ledger, clock, tmp_path):
    backup = tmp_path / "backup.sqlite"
    shutil.copy(ledger.path, backup)
    lost = ledger.reserve(charge("lost", 300), BUDGETS)
    old = Ledger(backup, clock)
    with pytest.raises(LedgerError, match="behind"):
        old.witness(lost.head, countersigned(lost.head), COORDINATOR.public_key)
    clock.now += 10
    old.adopt()
    for who in ("ada", "bob"):
        budgets = replace(BUDGETS, researcher_year=350, project_year=400)
        with pytest.raises(BudgetExhausted) as refused:
            old.reserve(replace(charge("new", researcher=who), project="p"), budgets)
        assert refused.value.reasons == ("budget_researcher_year",)
    # An envelope from before may have been charged by what was lost; one from after was not.
    made = replace(charge("new", envelope="e9"), envelope_created_s=int(clock.now) - 5)
    with pytest.raises(BudgetExhausted) as refused:
        old.reserve(made, BUDGETS)
    assert refused.value.reasons == ("budget_envelope",)
    assert "sign a new envelope" in refused.value.hint
    assert old.reserve(replace(made, envelope_created_s=int(clock.now)), BUDGETS).new


def test_an_adoption_vouches_for_the_entries_of_this_copy(ledger, clock, tmp_path):
    backup = tmp_path / "backup.sqlite"
    shutil.copy(ledger.path, backup)
    lost = ledger.reserve(charge("lost", 300), BUDGETS)
    old = Ledger(backup, clock)
    for key in ("q1", "q2"):
        old.reserve(charge(key), BUDGETS)
    with pytest.raises(LedgerError, match="behind"):
        old.witness(lost.head, countersigned(lost.head), COORDINATOR.public_key)
    old.adopt()
    execute(backup, "DROP TRIGGER entry_stays")
    execute(backup, "DELETE FROM entry WHERE seq = 2")
    with pytest.raises(LedgerError, match="one before it is missing"):
        Ledger(backup, clock)
