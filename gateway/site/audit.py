"""The audit log: append-only, hash-chained, free of data.

The chain shows any change to an entry or a gap between entries. It cannot show that the newest
entries were cut off; compare :meth:`AuditLog.head` with a copy kept elsewhere for that.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from gateway.errors import AuditError
from policies.decode import canonical

__all__ = ["AuditEntry", "AuditLog", "record"]

_GENESIS = "0" * 64
_COLUMNS = (
    "seq, at_s, action, actor, envelope, question, purpose, decision, reasons, nano_rho, previous"
)


@dataclass(frozen=True)
class AuditEntry:
    """One act. ``seq``, ``at_s`` and ``hash`` are given by the log."""

    action: str
    decision: str
    actor: str = ""
    envelope: str = ""
    question: str = ""
    purpose: str = ""
    reasons: tuple[str, ...] = ()
    nano_rho: int = 0
    seq: int = 0
    at_s: int = 0
    hash: str = ""


class AuditLog:
    """One site's log file, made when first opened. Safe for several threads and processes."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        with self._connect() as db:
            # Two processes may open a new log at once: the first one in makes the table.
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                schema = resources.files("gateway.site").joinpath("audit_schema.sql")
                for statement in _statements(schema.read_text("utf-8")):
                    db.execute(statement)
            db.execute("COMMIT")

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        except sqlite3.Error as error:
            raise AuditError(f"{self.path}: cannot be opened") from error
        try:
            db.execute("PRAGMA synchronous = FULL")
            yield db
        except sqlite3.DatabaseError as error:
            raise AuditError(f"{self.path}: the audit log is damaged or read-only") from error
        finally:
            db.close()

    def append(self, entry: AuditEntry) -> int:
        """Add an entry; returns its ``seq`` once it is on disk."""
        with self._connect() as db:
            db.execute("BEGIN IMMEDIATE")
            last = db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous = (last[0] + 1, last[1]) if last else (1, _GENESIS)
            row = (
                seq,
                int(self._clock()),
                entry.action,
                entry.actor,
                entry.envelope,
                entry.question,
                entry.purpose,
                entry.decision,
                json.dumps(list(entry.reasons)),
                entry.nano_rho,
                previous,
            )
            db.execute(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, _hash(row))
            )
            db.execute("COMMIT")
        return seq

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        with self._connect() as db:
            yield from db.execute(f"SELECT {_COLUMNS}, hash FROM entry ORDER BY seq")

    def entries(self) -> Iterator[AuditEntry]:
        """All entries, oldest first."""
        for row in self._rows():
            seq, at_s, action, actor, envelope, question, purpose, decision, reasons, nano_rho = (
                row[:10]
            )
            yield AuditEntry(
                action=action,
                decision=decision,
                actor=actor,
                envelope=envelope,
                question=question,
                purpose=purpose,
                reasons=tuple(json.loads(reasons)),
                nano_rho=nano_rho,
                seq=seq,
                at_s=at_s,
                hash=row[11],
            )

    def head(self) -> tuple[int, str]:
        """``(seq, hash)`` of the newest entry; (0, 64 zeros) for an empty log."""
        with self._connect() as db:
            row = db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, _GENESIS)

    def verify(self) -> int:
        """Check the whole chain; returns the number of entries, AuditError names the first bad."""
        previous, count = _GENESIS, 0
        for row in self._rows():
            if row[0] != count + 1 or row[10] != previous or _hash(row[:11]) != row[11]:
                raise AuditError(f"{self.path}: entry {count + 1} was altered or removed")
            previous, count = row[11], count + 1
        return count


def _hash(row: tuple[Any, ...]) -> str:
    return hashlib.sha256(canonical([str(value) for value in row])).hexdigest()


def _statements(script: str) -> Iterator[str]:
    """The script's statements: ``executescript`` would commit our transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def record(site_dir: Path, action: str) -> None:
    """Write down an act of the site's own people: ingest, publish, extract, policy, ledger …"""
    AuditLog(site_dir / "audit.sqlite").append(AuditEntry(action, "done"))
