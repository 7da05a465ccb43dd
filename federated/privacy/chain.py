"""The chain: an append-only file of hash-linked entries, the ground that the ledger stands on.

SQLite in WAL mode with synchronous FULL; every write is one BEGIN IMMEDIATE transaction;
triggers refuse to change or remove an entry, and each entry's hash covers the one before.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from federated.errors import LedgerError
from federated.privacy.head import Head
from policies.decode import canonical

__all__ = ["Chain"]

GENESIS = "0" * 64
_CHAINED = (
    "seq",
    "at_s",
    "kind",
    "reservation",
    "release_key",
    "envelope",
    "researcher",
    "nano_rho",
    "previous",
)


def _hash(values: tuple[Any, ...]) -> str:
    return hashlib.sha256(canonical([str(value) for value in values])).hexdigest()


class Chain:
    """One site's file of entries, see ``ledger_schema.sql``."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        if not path.is_file():
            raise LedgerError(f"{path}: no ledger here", hint="osteon site init makes one")
        self.path = path
        self._clock = clock
        self.verify()

    @classmethod
    def create(cls, path: Path, site: str) -> None:
        """Make an empty ledger; an existing file is never touched."""
        if path.exists():
            raise LedgerError(f"{path}: a ledger is already here")
        schema = resources.files("federated.privacy").joinpath("ledger_schema.sql").read_text()
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {schema}")
            connection.execute("INSERT INTO site (name) VALUES (?)", (site,))
            connection.execute("COMMIT")
        finally:
            connection.close()

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                timeout=30,
            )
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path}: cannot be opened") from error
        try:
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        except sqlite3.DatabaseError as error:
            raise LedgerError(
                f"{self.path}: the ledger is damaged or cannot be written",
                hint="keep the file, restore the last backup, then: osteon ledger verify",
            ) from error
        finally:
            connection.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @property
    def site(self) -> str:
        """The site this ledger belongs to."""
        with self._connect() as connection:
            return str(connection.execute("SELECT name FROM site").fetchone()[0])

    def verify(self) -> int:
        """Check the whole chain; returns the number of entries, LedgerError names the first
        that does not fit.
        """
        with self._connect() as connection:
            previous, count = GENESIS, 0
            columns = ", ".join((*_CHAINED, "hash"))
            for row in connection.execute(f"SELECT {columns} FROM entry ORDER BY seq"):
                if row[2] == "adopt":
                    previous = row[8]
                if row[8] != previous or _hash(row[:-1]) != row[-1]:
                    raise LedgerError(
                        f"{self.path}: entry {row[0]} was altered",
                        hint="restore the last backup; the coordinator knows the true head",
                    )
                previous, count = row[-1], count + 1
            return count

    def head(self) -> Head | None:
        """The last entry, None for an empty ledger."""
        with self._connect() as connection:
            return self._head(connection)

    @staticmethod
    def _sum(connection: sqlite3.Connection, condition: str, *values: Any) -> int:
        # Exact: SQLite sums integers as 64-bit integers and raises on overflow.
        query = (
            "SELECT COALESCE(SUM(nano_rho), 0) FROM entry AS e WHERE kind IN ('reserve', 'adopt')"
            " AND NOT EXISTS (SELECT 1 FROM entry AS v WHERE v.reservation = e.seq"
            f" AND v.kind = 'void') {condition}"
        )
        return int(connection.execute(query, values).fetchone()[0])

    def _head(self, connection: sqlite3.Connection, seq: int | None = None) -> Head | None:
        query = "SELECT seq, hash FROM entry WHERE seq = COALESCE(?, (SELECT MAX(seq) FROM entry))"
        row = connection.execute(query, (seq,)).fetchone()
        if row is None:
            return None
        name = connection.execute("SELECT name FROM site").fetchone()[0]
        # With what was voided: a head never changes, and the coordinator lets none fall.
        query = "SELECT COALESCE(SUM(nano_rho), 0) FROM entry WHERE seq <= ?"
        return Head(name, row[0], row[1], int(connection.execute(query, (row[0],)).fetchone()[0]))

    def _append(self, connection: sqlite3.Connection, kind: str, **columns: Any) -> int:
        row = connection.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        last_seq, last_hash = row if row is not None else (0, GENESIS)
        values = {
            "seq": last_seq + 1,
            "at_s": int(self._clock()),
            "kind": kind,
            "reservation": None,
            "release_key": "",
            "envelope": "",
            "researcher": "",
            "nano_rho": 0,
            "previous": last_hash,
        } | columns
        ordered = tuple(values[name] for name in _CHAINED)
        marks = ", ".join("?" * (len(_CHAINED) + 1))
        connection.execute(
            f"INSERT INTO entry ({', '.join(_CHAINED)}, hash) VALUES ({marks})",
            (*ordered, _hash(ordered)),
        )
        return int(str(values["seq"]))
