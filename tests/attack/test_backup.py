"""An old copy of the ledger is put back: no budget returns, and no question is drawn again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from federated.errors import LedgerError
from federated.privacy.ledger import Ledger
from gateway.cli.main import main
from tests.attack.world import NOW, ask, policy_of, study_of


def copied(ledger, path):
    """A consistent backup, as an administrator takes it while the node runs."""
    with closing(sqlite3.connect(ledger.path)) as live, closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
    return path


def restored(site, path):
    return replace(site, ledger=Ledger(path, NOW.timestamp))


@pytest.fixture
def backups(site, hub, monkeypatch, tmp_path):
    """Backups from between all transactions of one answer, and that answer."""
    taken = [copied(site.ledger, tmp_path / "before.sqlite")]
    write = Ledger._write

    def copying(ledger):
        manager = write(ledger)

        class Copying:
            def __enter__(self):
                return manager.__enter__()

            def __exit__(self, *failure):
                left = manager.__exit__(*failure)
                taken.append(copied(ledger, tmp_path / f"backup_{len(taken)}.sqlite"))
                return left

        return Copying()

    monkeypatch.setattr(Ledger, "_write", copying)
    first = ask(site, hub, study_of(site))
    monkeypatch.undo()
    assert first.state == "answered"
    assert len(taken) == 6  # nothing, reserve, witness, touch, post, witness
    return taken, first.release


def test_no_backup_makes_a_site_draw_a_question_again(site, hub, backups):
    taken, first = backups
    outcomes = [ask(restored(site, path), hub, study_of(site)) for path in taken]
    assert all(outcome.release in (None, first) for outcome in outcomes), outcomes
    assert [outcome.state for outcome in outcomes[:4]] == ["failed"] * 4
    assert outcomes[-1].release == first


def test_a_backup_that_met_its_coordinator_stays_closed_until_the_officer_resolves_it(
    site, hub, backups, store
):
    taken, _ = backups
    old = restored(site, taken[1])
    study = study_of(site)
    assert ask(old, hub, study).reasons == ("ledger_not_ready",)
    assert old.ledger.behind
    reads = old.published().opened
    assert ask(old, hub, study_of(site, cohort="risk > 50")).reasons == ("ledger_not_ready",)
    assert old.published().opened == reads
    assert old.ledger.spent().life == study.nano_rho


def test_verify_does_not_call_a_restored_ledger_whole(site, hub, backups, capsys):
    taken, _ = backups
    old = restored(site, taken[1])
    ask(old, hub, study_of(site))
    taken[1].rename(taken[1].with_name("ledger.sqlite"))
    with pytest.raises(SystemExit) as stopped:
        main(["ledger", "verify", str(taken[1].parent), "--json"])
    assert stopped.value.code == LedgerError.exit_code
    assert "behind" in json.loads(capsys.readouterr().err)["message"]


def test_a_resolved_ledger_is_not_behind_again_at_the_next_welcome(site, hub, backups):
    taken, _ = backups
    old = restored(site, taken[0])
    ask(old, hub, study_of(site))
    old.ledger.adopt()
    spent = old.ledger.spent().life
    for _ in range(2):  # the node connects, twice; the coordinator still holds the lost head
        old.ledger.witness(*hub.heads["north"], hub.key.public_key)
    assert not old.ledger.behind
    outcome = ask(old, hub, study_of(site, cohort="risk > 50"))
    assert outcome.state == "answered"
    assert spent >= study_of(site).nano_rho
    assert old.ledger.verify() >= 3


def test_restoring_again_and_again_spends_no_more_than_the_budget(site, hub, tmp_path):
    tight = policy_of(budget={"study_epsilon": 1.0, "year_epsilon": 1.0, "life_epsilon": 1.0})
    site = replace(site, policy=tight)
    empty = copied(site.ledger, tmp_path / "empty.sqlite")
    answered = 0
    for i in range(6):
        path = tmp_path / f"again_{i}.sqlite"
        with closing(sqlite3.connect(empty)) as one, closing(sqlite3.connect(path)) as two:
            one.backup(two)
        old = restored(site, path)
        if "north" in hub.heads:
            with pytest.raises(LedgerError, match="behind"):
                old.ledger.witness(*hub.heads["north"], hub.key.public_key)
            old.ledger.adopt()
        outcome = ask(old, hub, study_of(site, cohort=f"risk > {i}", privacy={"epsilon": 0.45}))
        answered += outcome.state == "answered"
    limit = study_of(site, privacy={"epsilon": 1.0}).nano_rho
    assert 0 < answered * study_of(site, privacy={"epsilon": 0.45}).nano_rho <= limit
    assert answered < 6
