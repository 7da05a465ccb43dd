"""The audit log: a chain that shows every change, and no way to change it by accident."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import AuditError
from gateway.site.audit import AuditEntry, AuditLog


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    log = AuditLog(tmp_path / "audit.sqlite", clock=lambda: 1_700_000_000)
    log.append(AuditEntry("answer", "answered", actor="rita", question="ab", nano_rho=5))
    log.append(AuditEntry("answer", "refused", reasons=("budget_year",)))
    log.append(AuditEntry("publish", "done", actor="officer"))
    return log


def test_entries_come_back_in_order(log: AuditLog) -> None:
    assert log.verify() == 3
    found = list(log.entries())
    assert [(entry.seq, entry.decision) for entry in found] == [
        (1, "answered"),
        (2, "refused"),
        (3, "done"),
    ]
    assert found[0].nano_rho == 5
    assert found[1].reasons == ("budget_year",)
    assert log.head() == (3, found[2].hash)


def test_it_goes_on_after_reopening(log: AuditLog) -> None:
    again = AuditLog(log.path)
    assert again.append(AuditEntry("answer", "failed")) == 4
    assert again.verify() == 4


@pytest.mark.parametrize(
    "change",
    ["UPDATE entry SET nano_rho = 0 WHERE seq = 1", "DELETE FROM entry WHERE seq = 2"],
)
def test_the_table_refuses_changes(log: AuditLog, change: str) -> None:
    with closing(sqlite3.connect(log.path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(change)


@pytest.mark.parametrize(
    ("change", "bad"),
    [
        ("UPDATE entry SET nano_rho = 0 WHERE seq = 1", 1),
        ("UPDATE entry SET actor = 'nobody' WHERE seq = 3", 3),
        ("DELETE FROM entry WHERE seq = 2", 2),
        ("DELETE FROM entry WHERE seq = 1", 1),
    ],
)
def test_a_change_made_past_the_table_is_found(log: AuditLog, change: str, bad: int) -> None:
    with closing(sqlite3.connect(log.path)) as db:
        db.execute("DROP TRIGGER entry_is_never_changed")
        db.execute("DROP TRIGGER entry_is_never_deleted")
        db.execute(change)
        db.commit()
    with pytest.raises(AuditError, match=f"entry {bad} "):
        log.verify()
