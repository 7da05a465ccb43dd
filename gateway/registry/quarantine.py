"""The quarantine of a site: notes that de-identification withheld, until a person has decided.

Each record is AES-256-GCM ciphertext under a key derived from the vault's; its id, origin and
state are authenticated with it, so that records cannot be swapped and no state be altered. What
stands beside it in clear is :mod:`gateway.registry.quarantine_file`'s. An id stands in the store
too, and in what people decided, so its key is one that the vault keeps; the patient's mark is made
with the data key and changes with it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deid.own.patient import Patient
from deid.runs.workers import Answer, Task
from gateway.errors import QuarantineError, UnknownNote
from gateway.registry.quarantine_file import Act, Origin, QuarantineFile, State
from gateway.registry.seal_count import count_seals
from gateway.registry.vault import Vault
from policies.profile import Profile

__all__ = ["SHOWN_ID", "Quarantine", "Record", "Verdict"]

SHOWN_ID = 12
"""Characters of a record's id that people see and give."""
_NONCE_BYTES = 12
_GIVEN_ID_MIN = 6  # characters; fewer may be meant as a note's own id
_LOADER = "osteon"  # who decided, where it was a load and no person
_ROW = "SELECT id, origin, state, nonce, body FROM withheld"


@dataclass(slots=True)
class Record:
    """A withheld note. ``marks`` are (category, words) of the person who reads it; ``released`` is
    its line of the output once it may leave. Never printed.
    """

    id: str
    origin: Origin
    note_id: str | int = field(repr=False)
    patient: Patient = field(repr=False)
    profile: dict[str, Any] = field(repr=False)
    text: str = field(repr=False)
    reason: str
    spans: list[dict[str, Any]] = field(repr=False)
    marks: list[tuple[str, str]] = field(repr=False, default_factory=list)
    released: dict[str, Any] | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands in the quarantine about one note of a load."""

    state: State
    marks: tuple[tuple[str, str], ...] = field(repr=False)


class Quarantine(QuarantineFile):
    """The queue in ``folder``, with the key that opens its records."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        super().__init__(folder)
        self._vault = vault  # as long as the queue lives, nobody changes the key
        self._cipher = AESGCM(vault.derived_key("quarantine seal"))
        self._index_key = vault.derived_key("quarantine index")
        self._note_key = vault.note_key()

    def keeper(self, profile: Profile) -> Callable[[Task, Answer], None]:
        """What :func:`deid.runs.batch.clean_file` calls with each withheld note."""
        plain = profile.model_dump(mode="json")

        def keep(task: Task, answer: Answer) -> None:
            self.put([self.of_file(task, answer, plain)])

        return keep

    def of_file(self, task: Task, answer: Answer, profile: dict[str, Any]) -> Record:
        """The record of a note of ``osteon deid notes``. Under another profile it is another one:
        what was decided about one output says nothing about the other.
        """
        under = _sha256(json.dumps(profile, sort_keys=True))
        return Record(
            id=self._keyed(task.note_id, _sha256(task.text), under),
            origin="file",
            note_id=task.note_id,
            patient=task.patient,
            profile=profile,
            text=task.text,
            reason=str(answer.withheld),
            spans=[
                {"start": start, "end": end, "category": category, "source": source}
                for (start, end, category), source in zip(answer.spans, answer.sources, strict=True)
            ],
        )

    def load_id(self, patient_id: str, element: str, text: str) -> str:
        """Id of a note of a load: the same as long as patient, element and text are, wherever
        the row stands in the export.
        """
        return self._keyed("load", patient_id, element, _sha256(text))

    def put(self, records: Iterable[Record]) -> None:
        """Keep notes, all or none. One that is there takes the new patient, reason and spans and
        keeps its state and marks; one of a file that was decided stays as it is.
        """
        with self.writing() as connection:
            for record in records:
                found = connection.execute(f"{_ROW} WHERE id = ?", (record.id,)).fetchone()
                if found is None:
                    self._insert(connection, record)
                    continue
                old, state = self._opened(*found), found[2]
                if state == "waiting" or record.origin == "load":
                    record.marks, record.released = old.marks, old.released
                    self._update(connection, record, state)

    def decide(
        self,
        record: Record,
        what: Act,
        *,
        who: str,
        state: State = "waiting",
        before: State = "waiting",
    ) -> None:
        """Store the record with its new state, and who decided what, in one transaction.

        Raises QuarantineError if it is no longer in the state ``before``.
        """
        with self.writing() as connection:
            found = connection.execute(
                "SELECT state FROM withheld WHERE id = ?", (record.id,)
            ).fetchone()
            if found != (before,):
                raise QuarantineError(f"record {record.id[:SHOWN_ID]} was decided meanwhile")
            self._update(connection, record, state)
            self._note(connection, record, what, who)

    def discard(self, record_id: str, *, who: str) -> None:
        """Give up a record that does not open; UnknownNote if it does."""
        if record_id not in self.closed():
            raise UnknownNote(
                f"record {record_id[:SHOWN_ID]} opens, and is not thrown away",
                hint="read it, and keep it withheld (k) if it must not leave",
            )
        with self.writing() as connection:
            connection.execute(
                "INSERT INTO decisions (id, origin, who, at, what) "
                "SELECT id, origin, ?, ?, 'discard' FROM withheld WHERE id = ?",
                (who, _now(), record_id),
            )
            connection.execute("DELETE FROM withheld WHERE id = ?", (record_id,))

    def verdicts(self) -> dict[str, Verdict]:
        """What stands about notes of loads, by id; QuarantineError if a record does not open."""
        rows = self._read(
            "SELECT id, origin, state, nonce, body FROM withheld WHERE origin = 'load'"
        )
        return {row[0]: Verdict(row[2], tuple(self._opened(*row).marks)) for row in rows}

    def settle(
        self, *, withheld: AbstractSet[str], stored: AbstractSet[str], returned: AbstractSet[str]
    ) -> None:
        """Bring the records of notes of loads in line with the version that is current: those of
        notes that it has no more go, and those of notes that it ``stored`` and nobody has read;
        of the ``withheld``, those ``returned`` had been released before, and wait again.
        """
        if not self.path.exists():
            return
        with self.writing() as connection:
            states = connection.execute("SELECT id, state FROM withheld WHERE origin = 'load'")
            for record_id, state in states.fetchall():
                again = state == "released" and record_id in returned
                unread = state == "waiting" and record_id in stored - withheld
                gone = record_id not in withheld and record_id not in stored
                record = self._held(connection, record_id) if again or unread else None
                if record is not None and again:
                    record.released = None
                    self._update(connection, record, "waiting")
                    self._note(connection, record, "return", _LOADER)
                elif gone or (record is not None and not record.marks):
                    connection.execute("DELETE FROM withheld WHERE id = ?", (record_id,))

    def _held(self, connection: sqlite3.Connection, record_id: str) -> Record:
        return self._opened(*connection.execute(f"{_ROW} WHERE id = ?", (record_id,)).fetchone())

    def drop_patients(self, patient_ids: Iterable[str]) -> None:
        """Drop every note of these patients, decided or not, of loads and of files."""
        gone = [(self.patient_mark(one),) for one in patient_ids]
        if gone and self.path.exists():
            with self.writing() as connection:
                connection.executemany("DELETE FROM withheld WHERE patient = ?", gone)

    def record(self, record_id: str) -> Record:
        """Open one record; QuarantineError if it is missing or does not open."""
        found = self._read(f"{_ROW} WHERE id = ?", record_id)
        if not found:
            raise UnknownNote(f"{self.path}: no record {record_id[:SHOWN_ID]}")
        return self._opened(*found[0])

    def closed(self) -> list[str]:
        """Ids of the records that do not open: another key, or altered."""
        ids: list[str] = []
        for record_id in self.ids():
            try:
                self.record(record_id)
            except QuarantineError:
                ids.append(record_id)
        return ids

    def find(self, name: str) -> str:
        """The id of the one record whose id begins with ``name`` (six characters or more), or
        whose note has it as its own id. UnknownNote if there is none, or more than one.
        """
        ids = self.ids()
        found = [one for one in ids if len(name) >= _GIVEN_ID_MIN and one.startswith(name)]
        if not found:
            closed = set(self.closed())
            opened = (self.record(one) for one in ids if one not in closed)
            found = [record.id for record in opened if str(record.note_id) == name]
        if len(found) == 1:
            return found[0]
        raise UnknownNote(
            f"{len(found)} withheld notes have this id"
            if found
            else "no withheld note has this id",
            hint="osteon deid review SITE_DIR --decisions shows ids",
        )

    def _keyed(self, *parts: str | int) -> str:
        return _hmac(self._note_key, *parts)

    def patient_mark(self, patient_id: str) -> str:
        """What stands for the patient beside a record."""
        return _hmac(self._index_key, "patient", patient_id)

    def _insert(self, connection: sqlite3.Connection, record: Record) -> None:
        patient = self.patient_mark(record.patient.patient_id)
        sealed = self._sealed(connection, record, "waiting")
        connection.execute(
            "INSERT INTO withheld VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)",
            (record.id, record.origin, patient, record.reason, _now(), *sealed),
        )

    def _update(self, connection: sqlite3.Connection, record: Record, state: State) -> None:
        connection.execute(
            "UPDATE withheld SET reason = ?, state = ?, nonce = ?, body = ? WHERE id = ?",
            (record.reason, state, *self._sealed(connection, record, state), record.id),
        )

    def _note(self, connection: sqlite3.Connection, record: Record, what: Act, who: str) -> None:
        connection.execute(
            "INSERT INTO decisions (id, origin, who, at, what) VALUES (?, ?, ?, ?, ?)",
            (record.id, record.origin, who, _now(), what),
        )

    def _sealed(
        self, connection: sqlite3.Connection, record: Record, state: State
    ) -> tuple[bytes, bytes]:
        count_seals(connection, 1)
        plain = json.dumps(asdict(record), default=date.isoformat).encode("ascii")
        return self.seal(record.id, record.origin, state, plain)

    def seal(
        self, record_id: str, origin: Origin, state: State, plain: bytes
    ) -> tuple[bytes, bytes]:
        """Nonce and ciphertext of a record; the caller counts it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce, self._cipher.encrypt(nonce, plain, _bound(record_id, origin, state))

    def unsealed(
        self, record_id: str, origin: Origin, state: State, nonce: bytes, body: bytes
    ) -> bytes:
        """What a record says; QuarantineError if it is not as this key wrote it."""
        try:
            return self._cipher.decrypt(nonce, body, _bound(record_id, origin, state))
        except (InvalidTag, ValueError, TypeError) as error:
            shown = record_id[:SHOWN_ID]
            raise QuarantineError(
                f"{self.path}: record {shown} does not open: wrong key or altered",
                hint="put the vault's key, or the file's backup, back; nothing was changed. Or "
                f"give the record up: osteon deid review SITE_DIR --discard {shown}",
            ) from error

    def _opened(
        self, record_id: str, origin: Origin, state: State, nonce: bytes, body: bytes
    ) -> Record:
        plain = json.loads(self.unsealed(record_id, origin, state, nonce, body))
        who = plain["patient"]
        for name in ("birth_date", "anchor"):
            who[name] = date.fromisoformat(who[name]) if who[name] else None
        who["other"] = tuple((key, value) for key, value in who["other"])
        marks = [(category, words) for category, words in plain["marks"]]
        return Record(**(plain | {"patient": Patient(**who), "marks": marks}))


def _hmac(key: bytes, *parts: str | int) -> str:
    return hmac.new(key, json.dumps(list(parts)).encode("ascii"), hashlib.sha256).hexdigest()


def _bound(record_id: str, origin: Origin, state: State) -> bytes:
    return f"osteon-quarantine-1\0{record_id}\0{origin}\0{state}".encode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
