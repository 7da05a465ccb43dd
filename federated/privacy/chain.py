"""The chain: an append-only file of hash-linked entries, the ground that the ledger stands on.

SQLite in WAL mode with synchronous FULL; every write is one BEGIN IMMEDIATE transaction;
triggers refuse to change or remove an entry, and each entry's hash covers the one before.

What is spent is never read from a sum in the file alone. A process folds the entries into
:class:`~federated.privacy.totals.Totals` in its memory, checking every link, and before each
transaction folds those that other processes added. ``checkpoint`` keeps the totals for the
next process: it names the entry up to which they count, so that they are believed only where
that entry still stands.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from federated.errors import LedgerError
from federated.privacy.entry import COLUMNS, Entry, entry_of, hash_of
from federated.privacy.head import Head
from federated.privacy.schema import make, prepare
from federated.privacy.totals import Totals
from federated.privacy.trouble import RESTORE, damaged, missing, trouble

__all__ = ["Chain"]

CHECKPOINT_EVERY = 256
"""Entries between two checkpoints: as many as a new process may have to fold."""
_BUSY_S = 30


class Chain:
    """One site's file of entries, see ``ledger_schema.sql``."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Open the file and fold what its checkpoint does not cover (:meth:`verify` reads all).

        LedgerError, with the next step, if it is no ledger, damaged, or cannot be written.
        """
        if not path.is_file():
            raise missing(path)
        self.path = path
        self._clock = clock
        self._lock = threading.RLock()
        self._totals: Totals | None = None
        with self._connect() as connection:
            prepare(connection, path)
        with self._read():
            pass

    @classmethod
    def create(cls, path: Path, site: str) -> None:
        """Make an empty ledger; an existing file is never touched."""
        if path.exists():
            raise LedgerError(f"{path}: a ledger is already here")
        try:
            make(path, site)
        except sqlite3.Error as error:
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            raise trouble(path, error) from error

    # -- connections -------------------------------------------------------------------------

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                timeout=_BUSY_S,
            )
        except sqlite3.Error as error:
            raise trouble(self.path, error) from error
        try:
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        except sqlite3.Error as error:
            raise trouble(self.path, error) from error
        except UnicodeError as error:
            # Also from the sqlite3 module, where damage is in the text of its own message.
            raise damaged(self.path, "its text cannot be read") from error
        finally:
            connection.close()

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """A snapshot of the file, with the totals that belong to it."""
        with self._connect() as connection, self._lock:
            # Under the lock, or another thread could fold what this snapshot does not hold.
            connection.execute("BEGIN")
            self._fold_new(connection)
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                # To its end: another thread's fold must not empty the totals under this one.
                with self._lock:
                    self._fold_new(connection)
                    yield connection
            except BaseException:
                if connection.in_transaction:  # SQLite itself may have rolled back already
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    # -- folding -----------------------------------------------------------------------------

    @property
    def totals(self) -> Totals:
        """The totals as of the transaction that is open, or the last one."""
        if self._totals is None:
            raise LedgerError(f"{self.path}: the ledger is damaged", hint=RESTORE)
        return self._totals

    def _fold_new(self, connection: sqlite3.Connection) -> None:
        totals = self._totals
        if totals is None:
            totals = self._checkpoint(connection) or Totals()
        elif totals.seq and self._entry(connection, totals.seq).hash != totals.hash:
            raise LedgerError(
                f"{self.path}: an older or another ledger was put here while it was in use",
                hint="start the node again; it will ask for: osteon ledger resolve",
            )
        self._totals = None  # until all of it holds
        self._totals = self._folded(connection, totals)

    def _folded(self, connection: sqlite3.Connection, totals: Totals) -> Totals:
        with self._naming_the_file():
            for entry in self._entries(connection, "seq > ? ORDER BY seq", totals.seq):
                totals.add(entry)
        return totals

    def _entries(
        self, connection: sqlite3.Connection, condition: str, *values: Any
    ) -> Iterator[Entry]:
        """Entries, each with its own hash checked; LedgerError on one that was altered."""
        for row in connection.execute(f"SELECT {COLUMNS} FROM entry WHERE {condition}", values):
            yield entry_of(row)

    @contextmanager
    def _naming_the_file(self) -> Iterator[None]:
        try:
            yield
        except LedgerError as error:
            raise LedgerError(f"{self.path}: {error.message}", hint=RESTORE) from error

    def _checkpoint(self, connection: sqlite3.Connection) -> Totals | None:
        """The kept totals, if they are whole and the entry that they name still stands."""
        row = connection.execute("SELECT totals, digest FROM checkpoint").fetchone()
        totals = None if row is None else Totals.from_text(str(row[0]), str(row[1]))
        if totals is None or self._entry(connection, totals.seq).hash != totals.hash:
            return None
        return totals

    def _entry(self, connection: sqlite3.Connection, seq: int) -> Entry:
        """One entry, its own hash checked. LedgerError if it is missing or altered."""
        with self._naming_the_file():
            for entry in self._entries(connection, "seq = ?", seq):
                return entry
        raise damaged(self.path, f"entry {seq} is missing")

    def verify(self) -> int:
        """Check the whole chain from its first entry, what the checkpoint says of it, and that
        every post has its release; returns the number of entries. LedgerError names the first
        fault.
        """
        with self._connect() as connection:
            connection.execute("BEGIN")
            whole = self._folded(connection, Totals())
            kept = self._checkpoint(connection)
            if kept is not None and self._folded(connection, kept) != whole:
                raise damaged(self.path, "the sums it keeps are not those of its entries")
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise damaged(self.path, "its tables and indices do not agree")
            self._check_releases(connection)
            return whole.count

    def _check_releases(self, connection: sqlite3.Connection) -> None:
        """Every post has its release (the ledger knows how to read one)."""

    # -- entries -----------------------------------------------------------------------------

    @property
    def site(self) -> str:
        """The site this ledger belongs to."""
        with self._connect() as connection:
            return str(self._site(connection)[0])

    def _site(self, connection: sqlite3.Connection) -> tuple[str, bool, int]:
        """Name, whether the ledger was found behind, and the highest policy ever in force."""
        rows = connection.execute("SELECT name, behind, policy_serial FROM site").fetchall()
        if len(rows) != 1:
            raise damaged(self.path, "it does not name one site")
        name, behind, serial = rows[0]
        if not (isinstance(name, str) and isinstance(serial, int)):
            raise damaged(self.path, "it does not name its site")
        return name, behind != 0, serial

    def head(self) -> Head | None:
        """The last entry, None for an empty ledger."""
        with self._read() as connection:
            return self._head(connection)

    def _head(self, connection: sqlite3.Connection) -> Head | None:
        query = "SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1"
        row = connection.execute(query).fetchone()
        if row is None:
            return None
        # With what was voided: a head never changes, and the coordinator lets none fall.
        query = "SELECT COALESCE(SUM(nano_rho), 0) FROM entry WHERE seq > ?"
        new = connection.execute(query, (self.totals.seq,)).fetchone()[0]
        return Head(self._site(connection)[0], row[0], row[1], self.totals.raised + int(new))

    def _append(self, connection: sqlite3.Connection, kind: str, **columns: Any) -> int:
        totals = self.totals  # of what is committed: a transaction appends one entry
        values = {
            "seq": totals.seq + 1,
            "at_s": int(self._clock()),
            "kind": kind,
            "reservation": None,
            "release_key": "",
            "envelope": "",
            "researcher": "",
            "nano_rho": 0,
            "previous": totals.hash,
            "project": "",
            "vouches": "",
        } | columns
        ordered = tuple(values[name] for name in Entry._fields[:-1])
        marks = ", ".join("?" * len(Entry._fields))
        connection.execute(
            f"INSERT INTO entry ({COLUMNS}) VALUES ({marks})", (*ordered, hash_of(ordered))
        )
        if totals.seq and totals.count % CHECKPOINT_EVERY == 0:
            connection.execute(
                "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?)", totals.to_text()
            )
        return int(str(values["seq"]))
