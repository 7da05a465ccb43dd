"""Countersigned heads: how a ledger learns that it is an old copy, and goes on (D6).

The coordinator signs each head once and none that goes back. A head that it signed and that
this file does not hold means that the file is older than what was spent: a backup was
restored, or the newest transactions were lost with the -wal file. From then on only stored
releases are given, until an officer adopts the head.
"""

from __future__ import annotations

import sqlite3

from federated.errors import LedgerError
from federated.privacy.chain import Chain
from federated.privacy.head import CONTEXT, Head
from federated.privacy.trouble import damaged
from policies.errors import SignatureError
from policies.signing import Signed, verify

__all__ = ["Witnessed"]

_SEQ_MAX, _LIFE_MAX = 2**53, 2**60
"""No ledger counts or spends as much: JSON numbers end here, sums of a few such heads at 2⁶³."""
_RESOLVE = "osteon ledger resolve, by the officer"
# An adoption continues the head it names, though its entries are lost here.
_HELD = (
    "SELECT 1 FROM entry WHERE seq = ? AND hash = ?"
    " UNION ALL SELECT 1 FROM entry WHERE kind = 'adopt' AND previous = ?"
)


class Witnessed(Chain):
    """A chain with the coordinator's countersignatures beside it."""

    def witnessed(self) -> Head | None:
        """The last countersigned head."""
        with self._connect() as connection:
            row = self._last_witness(connection)
            return None if row is None else Head(self._site(connection)[0], *row)

    def _last_witness(self, connection: sqlite3.Connection) -> tuple[int, str, int] | None:
        query = "SELECT seq, hash, life_nano_rho FROM witness ORDER BY seq DESC LIMIT 1"
        row: tuple[int, str, int] | None = connection.execute(query).fetchone()
        if row is not None and not (isinstance(row[1], str) and isinstance(row[2], int)):
            raise damaged(self.path, "a countersigned head cannot be read")
        return row

    @staticmethod
    def _holds(connection: sqlite3.Connection, seq: int, digest: str) -> bool:
        return connection.execute(_HELD, (seq, digest, digest)).fetchone() is not None

    def _is_behind(self, connection: sqlite3.Connection) -> bool:
        """Not by the mark alone: the last countersigned head must be held."""
        last = self._last_witness(connection)
        return self._site(connection)[1] or (
            last is not None and not self._holds(connection, last[0], last[1])
        )

    def covered(self, key: str) -> bool:
        """True if a countersigned head of this ledger covers the post of the question's release.
        Before that it must not leave: were this file replaced by a backup from between reserve
        and post, the coordinator's head could not tell, and the question would be drawn again.
        """
        with self._connect() as connection:
            query = "SELECT seq FROM release WHERE release_key = ?"
            row = connection.execute(query, (key,)).fetchone()
            return row is not None and self._is_covered(connection, row[0])

    def covers(self, head: Head) -> bool:
        """True if this ledger's entry at ``head`` is covered by a head countersigned since, which
        another process asked for; the coordinator signs no head that is older than its last.
        """
        with self._connect() as connection:
            return (
                self._entry(connection, head.seq).hash == head.hash
                and self._is_covered(connection, head.seq)
                and not self._is_behind(connection)
            )

    @staticmethod
    def _is_covered(connection: sqlite3.Connection, seq: int) -> bool:
        query = (
            "SELECT 1 FROM witness AS w JOIN entry AS e ON e.seq = w.seq AND e.hash = w.hash"
            " WHERE w.seq >= ?"
        )
        return connection.execute(query, (seq,)).fetchone() is not None

    def witness(self, head: Head, signed: Signed, coordinator_key: str) -> None:
        """Keep a countersigned head. If this ledger does not contain it, the file is an old
        copy: from then on only stored releases are given (LedgerError, and on every reserve)
        until an officer adopts the head.
        """
        if not (1 <= head.seq < _SEQ_MAX and 0 <= head.life_nano_rho < _LIFE_MAX):
            raise LedgerError("the coordinator countersigned what no ledger's head can be")
        if verify(signed, coordinator_key, CONTEXT) != head.to_bytes():
            raise SignatureError("the countersignature is for another head")
        with self._write() as connection:
            if head.site != self._site(connection)[0]:
                raise SignatureError("the countersignature is for another site")
            behind = not self._holds(connection, head.seq, head.hash)
            connection.execute(
                "INSERT OR REPLACE INTO witness VALUES (?, ?, ?, ?)",
                (head.seq, head.hash, head.life_nano_rho, signed.to_bytes()),
            )
            if behind:
                connection.execute("UPDATE site SET behind = 1")
        if behind:
            raise LedgerError(
                "the ledger is behind its countersigned head: an old copy was restored, or its"
                " last entries were lost",
                hint=_RESOLVE,
            )

    @property
    def behind(self) -> bool:
        """True while a countersigned head is missing here."""
        with self._connect() as connection:
            return self._is_behind(connection)

    def adopt(self) -> Head:
        """Transaction *adopt*, by the officer: continue from the countersigned head, charging
        what it had spent and this copy has not, so that a backup restores no budget.
        """
        with self._write() as connection:
            if not self._is_behind(connection):
                raise LedgerError("the ledger is not behind; there is nothing to resolve")
            last = self._last_witness(connection)
            if last is None:
                raise damaged(self.path, "the head that it is behind is missing")
            seq, digest, life = last
            # Net of what this copy voided since: the lost original may have posted it.
            missing = max(0, life - self._net(connection, self._agreed(connection)))
            self._append(
                connection,
                "adopt",
                seq=max(seq, self.totals.seq) + 1,
                previous=digest,
                nano_rho=missing,
                vouches=self.totals.hash,
            )
            connection.execute("UPDATE site SET behind = 0")
            head = self._head(connection)
            if head is None:
                raise LedgerError("the adoption was not written")
            return head

    @staticmethod
    def _agreed(connection: sqlite3.Connection) -> int:
        """What both sides agree on ends at the last countersigned head that is held here.
        Entries after it, pending ones of this copy, must not pass for the lost ones.
        """
        query = (
            "SELECT COALESCE(MAX(e.seq), 0) FROM witness AS w JOIN entry AS e"
            " ON (e.seq = w.seq AND e.hash = w.hash)"
            " OR (e.kind = 'adopt' AND e.previous = w.hash)"
        )
        return int(connection.execute(query).fetchone()[0])

    @staticmethod
    def _net(connection: sqlite3.Connection, seq: int) -> int:
        """Charges up to an entry, without what was voided at any time. Exact: SQLite sums
        integers as 64-bit integers and raises on overflow.
        """
        query = (
            "SELECT COALESCE(SUM(nano_rho), 0) FROM entry AS e WHERE kind IN ('reserve', 'adopt')"
            " AND NOT EXISTS (SELECT 1 FROM entry AS v WHERE v.reservation = e.seq"
            " AND v.kind = 'void') AND seq <= ?"
        )
        return int(connection.execute(query, (seq,)).fetchone()[0])
