"""The quarantine's database, and what stands in it in clear: reasons, times, states, decisions.

No key is needed for any of it, and no text of a note is among it. Decisions are append-only: one
that is changed gets a new entry, and the last one on a note counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from gateway.errors import QuarantineError

__all__ = ["STATES", "Act", "Decision", "Origin", "QuarantineFile", "State", "Waiting"]

State = Literal["waiting", "released", "kept"]
STATES: tuple[State, ...] = ("waiting", "released", "kept")
Origin = Literal["file", "load"]
"""From a run of ``osteon deid notes``, or from a load of the registry."""
Act = Literal[
    "release", "keep", "mark", "unmark", "term", "staff", "facility", "reopen", "return", "discard"
]
"""``return`` is no person's: a load found the patient in a note that had been released."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS withheld (
    id      TEXT PRIMARY KEY,  -- HMAC of what names the note, and of its text
    origin  TEXT NOT NULL CHECK (origin IN ('file', 'load')),
    patient TEXT NOT NULL,     -- HMAC of the patient's id, to drop who has withdrawn
    reason  TEXT NOT NULL,     -- why it was withheld, e.g. residual_name
    at      TEXT NOT NULL,     -- UTC, ISO 8601: when it first came
    state   TEXT NOT NULL CHECK (state IN ('waiting', 'released', 'kept')),
    nonce   BLOB NOT NULL,     -- 12 bytes, fresh at every write
    body    BLOB NOT NULL      -- AES-256-GCM of JSON; id, origin and state are authenticated
);
CREATE TABLE IF NOT EXISTS decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id     TEXT NOT NULL,      -- of the note, also of one that has gone since
    origin TEXT NOT NULL,
    who    TEXT NOT NULL,      -- login name
    at     TEXT NOT NULL,      -- UTC, ISO 8601
    what   TEXT NOT NULL       -- release, keep, mark, unmark, term, staff, facility, reopen …
);
CREATE TRIGGER IF NOT EXISTS decisions_stay BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER IF NOT EXISTS decisions_last BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
"""


@dataclass(frozen=True)
class Waiting:
    """A note that nobody has decided on, without its text."""

    reason: str
    since: datetime
    origin: Origin


@dataclass(frozen=True)
class Decision:
    """One entry. ``state`` is the note's state today, None once the note has gone."""

    id: str
    origin: Origin
    who: str
    at: datetime
    what: Act
    reason: str | None
    state: State | None


class QuarantineFile:
    """``quarantine.sqlite`` (mode 0600) in ``folder``, made when the first note comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "quarantine.sqlite"

    def states(self) -> dict[State, int]:
        """How many notes are in each state."""
        found = dict(self._read("SELECT state, count(*) FROM withheld GROUP BY state"))
        return {state: int(found.get(state, 0)) for state in STATES}

    def waiting(self) -> list[Waiting]:
        """The notes that wait, in the order in which they came."""
        rows = self._read(
            "SELECT reason, at, origin FROM withheld WHERE state = 'waiting' ORDER BY rowid"
        )
        return [Waiting(reason, _moment(at), origin) for reason, at, origin in rows]

    def waiting_by_reason(self) -> dict[str, int]:
        """How many notes wait, by reason."""
        return dict(
            self._read(
                "SELECT reason, count(*) FROM withheld WHERE state = 'waiting' "
                "GROUP BY reason ORDER BY reason"
            )
        )

    def ids(self, *states: State) -> list[str]:
        """Ids of the notes in these states (none given: in any), in the order they came in."""
        wanted = states or STATES
        rows = self._read("SELECT id, state FROM withheld ORDER BY rowid")
        return [str(row[0]) for row in rows if row[1] in wanted]

    def decisions(self) -> list[Decision]:
        """Every decision, oldest first."""
        rows = self._read(
            "SELECT d.id, d.origin, d.who, d.at, d.what, w.reason, w.state "
            "FROM decisions d LEFT JOIN withheld w USING (id) ORDER BY d.number"
        )
        return [
            Decision(id_, origin, who, _moment(at), what, reason, state)
            for id_, origin, who, at, what, reason, state in rows
        ]

    def decided(self) -> str:
        """SHA-256 of what people decided on notes of loads: a load that finds another one than
        the last load did has to be done again. What a load itself wrote does not count.
        """
        rows = self._read(
            "SELECT number, id, what, at FROM decisions "
            "WHERE origin = 'load' AND what <> 'return' ORDER BY number"
        )
        return hashlib.sha256(json.dumps(rows).encode("ascii")).hexdigest()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction on the database, which is made if it is not there."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._connected() as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def _read(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        with self._connected() as connection:
            # Not opened read-only: what a killed writer left must be undone first.
            connection.execute("PRAGMA query_only = ON")
            if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                return []  # killed before the tables were made
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            raise QuarantineError(f"{self.path}: the database cannot be used ({error})") from error
        finally:
            connection.close()  # what was not committed is undone


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)
