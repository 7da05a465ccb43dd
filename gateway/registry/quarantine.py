"""The quarantine of a site: notes that de-identification withheld, until a person has decided.

``quarantine.sqlite`` (mode 0600) holds AES-256-GCM ciphertext under a key derived from the
vault's; the record's id is authenticated with it, so that records cannot be swapped. In clear
stand the reason, times and states, and an append-only table of who decided what: never text.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deid.patient import Patient
from deid.workers import Answer, Task
from gateway.errors import QuarantineError
from gateway.registry.vault import Vault
from policies.profile import Profile

__all__ = ["Quarantine", "Record", "State"]

State = Literal["waiting", "released", "kept"]
_NONCE_BYTES = 12
_SCHEMA = """
CREATE TABLE IF NOT EXISTS withheld (
    id     TEXT PRIMARY KEY,  -- HMAC of note id and SHA-256 of its text
    reason TEXT NOT NULL,     -- why it was withheld, e.g. residual_name
    at     TEXT NOT NULL,     -- UTC, ISO 8601: when it first came
    state  TEXT NOT NULL CHECK (state IN ('waiting', 'released', 'kept')),
    nonce  BLOB NOT NULL,     -- 12 bytes, fresh at every write
    body   BLOB NOT NULL      -- AES-256-GCM of JSON, with the id authenticated
);
CREATE TABLE IF NOT EXISTS decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id     TEXT NOT NULL REFERENCES withheld (id),
    who    TEXT NOT NULL,     -- login name
    at     TEXT NOT NULL,     -- UTC, ISO 8601
    what   TEXT NOT NULL      -- release, keep, mark, term, staff, facility
);
CREATE TRIGGER IF NOT EXISTS decisions_stay BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER IF NOT EXISTS decisions_last BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
"""


@dataclass(slots=True)
class Record:
    """A withheld note. ``marks`` are (category, words) of the person who reads it; ``released`` is
    its line of the output once it may leave. Never printed.
    """

    id: str
    note_id: str | int = field(repr=False)
    patient: Patient = field(repr=False)
    profile: dict[str, Any] = field(repr=False)
    text: str = field(repr=False)
    reason: str
    spans: list[dict[str, Any]] = field(repr=False)
    marks: list[tuple[str, str]] = field(repr=False, default_factory=list)
    released: dict[str, Any] | None = field(repr=False, default=None)


class Quarantine:
    """The queue in ``folder``, made when the first note comes."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._path = folder / "quarantine.sqlite"
        self._cipher = AESGCM(vault.derived_key("quarantine seal"))
        self._index_key = vault.derived_key("quarantine index")

    def keeper(self, profile: Profile) -> Callable[[Task, Answer], None]:
        """What :func:`deid.batch.clean_file` calls with each withheld note."""
        plain = profile.model_dump(mode="json")

        def keep(task: Task, answer: Answer) -> None:
            self.put(task, answer, plain)

        return keep

    def put(self, task: Task, answer: Answer, profile: dict[str, Any]) -> str:
        """Keep a note; its record's id. One that waits already takes the new reason and spans and
        keeps its marks; one that was decided stays as it is.
        """
        record_id = self._id(task.note_id, task.text)
        spans = [
            {"start": start, "end": end, "category": category, "source": source}
            for (start, end, category), source in zip(answer.spans, answer.sources, strict=True)
        ]
        record = Record(
            id=record_id,
            note_id=task.note_id,
            patient=task.patient,
            profile=profile,
            text=task.text,
            reason=str(answer.withheld),
            spans=spans,
        )
        with self._connect() as connection:
            found = connection.execute(
                "SELECT state, nonce, body FROM withheld WHERE id = ?", (record_id,)
            ).fetchone()
            if found is None:
                connection.execute(
                    "INSERT INTO withheld VALUES (?, ?, ?, 'waiting', ?, ?)",
                    (record_id, record.reason, _now(), *self._sealed(record)),
                )
            elif found[0] == "waiting":
                record.marks = self._opened(record_id, *found[1:]).marks
                self._update(connection, record, "waiting")
        return record_id

    def decide(self, record: Record, what: str, *, who: str, state: State = "waiting") -> None:
        """Store the record with its new state, and who decided what, in one transaction.

        Raises QuarantineError if somebody else decided meanwhile.
        """
        with self._connect() as connection:
            found = connection.execute(
                "SELECT state FROM withheld WHERE id = ?", (record.id,)
            ).fetchone()
            if found != ("waiting",):
                raise QuarantineError(f"record {record.id[:12]} was decided meanwhile")
            self._update(connection, record, state)
            connection.execute(
                "INSERT INTO decisions (id, who, at, what) VALUES (?, ?, ?, ?)",
                (record.id, who, _now(), what),
            )

    def decisions(self) -> list[tuple[str, str, str, str]]:
        """(record id, who, when, what), oldest first."""
        if not self._path.exists():
            return []
        with self._connect() as connection:
            return list(
                connection.execute("SELECT id, who, at, what FROM decisions ORDER BY number")
            )

    def waiting_by_reason(self) -> dict[str, int]:
        """How many notes wait, by reason."""
        if not self._path.exists():
            return {}
        with self._connect() as connection:
            return dict(
                connection.execute(
                    "SELECT reason, count(*) FROM withheld WHERE state = 'waiting' "
                    "GROUP BY reason ORDER BY reason"
                )
            )

    def ids(self, state: State) -> list[str]:
        """Ids of the records in a state, in the order in which they came."""
        if not self._path.exists():
            return []
        with self._connect() as connection:
            rows = connection.execute(
                "SELECT id FROM withheld WHERE state = ? ORDER BY rowid", (state,)
            )
            return [str(row[0]) for row in rows]

    def record(self, record_id: str) -> Record:
        """Open one record; QuarantineError if it is missing or does not open."""
        with self._connect() as connection:
            found = connection.execute(
                "SELECT nonce, body FROM withheld WHERE id = ?", (record_id,)
            ).fetchone()
        if found is None:
            raise QuarantineError(f"{self._path}: no record {record_id[:12]}")
        return self._opened(record_id, *found)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """A transaction on the database, which is made if it is not there."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise QuarantineError(f"{self._path}: the database cannot be used ({error})") from error
        finally:
            connection.close()  # what was not committed is undone

    def _id(self, note_id: str | int, text: str) -> str:
        plain = json.dumps([note_id, hashlib.sha256(_utf8(text)).hexdigest()])
        return hmac.new(self._index_key, plain.encode("ascii"), hashlib.sha256).hexdigest()

    def _update(self, connection: sqlite3.Connection, record: Record, state: State) -> None:
        connection.execute(
            "UPDATE withheld SET reason = ?, state = ?, nonce = ?, body = ? WHERE id = ?",
            (record.reason, state, *self._sealed(record), record.id),
        )

    def _sealed(self, record: Record) -> tuple[bytes, bytes]:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = json.dumps(asdict(record), default=date.isoformat).encode("ascii")
        return nonce, self._cipher.encrypt(nonce, plain, _bound(record.id))

    def _opened(self, record_id: str, nonce: bytes, body: bytes) -> Record:
        try:
            plain = json.loads(self._cipher.decrypt(nonce, body, _bound(record_id)))
        except (InvalidTag, ValueError) as error:
            raise QuarantineError(
                f"{self._path}: record {record_id[:12]} does not open: wrong key or altered",
                hint="put the vault's key, or the file's backup, back; nothing was changed",
            ) from error
        who = plain["patient"]
        for name in ("birth_date", "anchor"):
            who[name] = date.fromisoformat(who[name]) if who[name] else None
        who["other"] = tuple((key, value) for key, value in who["other"])
        marks = [(category, words) for category, words in plain["marks"]]
        return Record(**(plain | {"patient": Patient(**who), "marks": marks}))


def _bound(record_id: str) -> bytes:
    return f"osteon-quarantine-1\0{record_id}".encode()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
