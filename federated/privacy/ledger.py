"""The ledger: check, record, act (DESIGN D6, D7).

A charge is *reserved* before any data is read, its head countersigned by the coordinator,
and *posted* in the same transaction that stores the release. States of a reservation::

    reserve ──► pending ──► posted (release stored)
                   └──────► void (only while no data was read)

A reservation found pending after a crash has leaked nothing: no reply leaves before the post.
It is completed once under the same charge. That this copy of the file is the one that was
posted to, and not a backup from before, is known only by asking: a release leaves once the
coordinator has countersigned a head that covers its post (:meth:`Ledger.covered`).

:mod:`federated.privacy.chain` keeps the entries.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from federated.errors import BudgetExhausted, LedgerError
from federated.privacy.chain import Chain
from federated.privacy.head import CONTEXT, Head
from federated.privacy.loss import epsilon_of
from federated.privacy.release import Release
from policies.errors import SignatureError
from policies.signing import Signed, verify

__all__ = ["Budgets", "Charge", "Ledger", "Reservation", "Spent", "Stored"]

_SEQ_MAX, _LIFE_MAX = 2**53, 2**60
"""No ledger counts or spends as much: JSON numbers end here, sums of a few such heads at 2⁶³."""


@dataclass(frozen=True)
class Charge:
    """What a question would cost: ``nano_rho`` for ``key``, asked by ``researcher``."""

    key: str
    envelope: str
    researcher: str
    nano_rho: int
    envelope_nano_rho_max: int


@dataclass(frozen=True)
class Budgets:
    """Limits in nano-rho, from the site's policy. A year is a calendar year in UTC."""

    year: int
    life: int
    researcher_year: int


@dataclass(frozen=True)
class Reservation:
    """A charge that is recorded and not yet posted; ``head`` is the ledger's head, which
    covers it.
    """

    seq: int
    charge: Charge
    head: Head
    new: bool


@dataclass(frozen=True)
class Stored:
    """A release that was posted; ``release`` is None where the site had failed to answer."""

    release: Release | None


@dataclass(frozen=True)
class Spent:
    """Losses so far in nano-rho: this calendar year and for life (pending ones included)."""

    year: int
    life: int


def _adopted(connection: sqlite3.Connection) -> int:
    """Seq of the last adoption. Of what was pending before it, nobody knows whether the lost
    original posted it: it stays charged, and is neither completed nor voided.
    """
    query = "SELECT COALESCE(MAX(seq), 0) FROM entry WHERE kind = 'adopt'"
    return int(connection.execute(query).fetchone()[0])


def _year_start(now_s: int) -> int:
    year = datetime.fromtimestamp(now_s, UTC).year
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


class Ledger(Chain):
    """One site's ledger. Safe for several threads and processes at once."""

    # -- reading -----------------------------------------------------------------------------

    def spent(self) -> Spent:
        """Losses this year and for life."""
        with self._connect() as connection:
            return self._spent(connection)

    def _spent(self, connection: sqlite3.Connection) -> Spent:
        start = _year_start(int(self._clock()))
        return Spent(self._sum(connection, "AND at_s >= ?", start), self._sum(connection, ""))

    def stored(self, key: str) -> Stored | None:
        """The posted release of a question, if there is one."""
        with self._connect() as connection:
            return self._stored(connection, key)

    @staticmethod
    def _stored(connection: sqlite3.Connection, key: str) -> Stored | None:
        query = "SELECT state, body FROM release WHERE release_key = ?"
        row = connection.execute(query, (key,)).fetchone()
        if row is None:
            return None
        try:
            return Stored(Release.from_bytes(row[1]) if row[0] == "answered" else None)
        except (ValueError, KeyError, TypeError) as error:
            raise LedgerError("a stored release is damaged") from error

    def pending(self) -> list[tuple[int, str, int]]:
        """Open reservations: ``(seq, release key, nano-rho)``."""
        query = (
            "SELECT seq, release_key, nano_rho FROM entry AS e WHERE kind = 'reserve' AND NOT"
            " EXISTS (SELECT 1 FROM entry AS p WHERE p.reservation = e.seq) AND seq > ?"
            " ORDER BY seq"
        )
        with self._connect() as connection:
            found = connection.execute(query, (_adopted(connection),))
            return [(int(a), str(b), int(c)) for a, b, c in found]

    # -- named transactions ------------------------------------------------------------------

    def reserve(self, charge: Charge, budgets: Budgets) -> Reservation | Stored:
        """Transaction *reserve*: the stored release if there is one, the pending reservation
        of the same question if there is one (no second charge), else a new reservation.

        Raises BudgetExhausted (reason code names the budget) or LedgerError when the ledger
        is behind a countersigned head.
        """
        if charge.nano_rho < 1:
            raise LedgerError("a charge is at least 1 nano-rho")
        with self._write() as connection:
            stored = self._stored(connection, charge.key)
            if stored is not None:
                return stored
            if connection.execute("SELECT behind FROM site").fetchone()[0]:
                raise LedgerError(
                    "the ledger is behind its countersigned head",
                    hint="osteon ledger resolve",
                )
            query = (
                "SELECT seq, nano_rho FROM entry AS e WHERE kind = 'reserve' AND release_key = ?"
                " AND NOT EXISTS (SELECT 1 FROM entry AS p WHERE p.reservation = e.seq)"
                " AND seq > ?"
            )
            row = connection.execute(query, (charge.key, _adopted(connection))).fetchone()
            if row is not None and row[1] != charge.nano_rho:
                raise LedgerError("a pending reservation of this question has another charge")
            new = row is None
            if new:
                self._check(connection, charge, budgets)
            seq = (
                self._append(
                    connection,
                    "reserve",
                    release_key=charge.key,
                    envelope=charge.envelope,
                    researcher=charge.researcher,
                    nano_rho=charge.nano_rho,
                )
                if new
                else int(row[0])
            )
            # Not the head at `seq`: for a pending one, later heads may be countersigned by now.
            head = self._head(connection)
            if head is None:
                raise LedgerError("the reservation was not written")
            return Reservation(seq, charge, head, new)

    def _check(self, connection: sqlite3.Connection, charge: Charge, budgets: Budgets) -> None:
        spent = self._spent(connection)
        start = _year_start(int(self._clock()))
        mine = self._sum(connection, "AND researcher = ? AND at_s >= ?", charge.researcher, start)
        envelope = self._sum(connection, "AND envelope = ?", charge.envelope)
        checks = (
            ("envelope", envelope, charge.envelope_nano_rho_max),
            ("researcher_year", mine, budgets.researcher_year),
            ("year", spent.year, budgets.year),
            ("life", spent.life, budgets.life),
        )
        short = [name for name, used, limit in checks if used + charge.nano_rho > limit]
        if short:
            asked = epsilon_of(charge.nano_rho)
            raise BudgetExhausted(
                f"the charge (ε {asked:.2f}) does not fit the budget: {', '.join(short)}",
                reasons=[f"budget_{name}" for name in short],
                hint="ask with less precision, or wait for the next period",
            )

    def touch(self, reservation: Reservation) -> None:
        """Transaction *touch*: from here on data may have been read, so no void. LedgerError if
        the reservation was voided meanwhile.
        """
        with self._write() as connection:
            query = "SELECT 1 FROM entry WHERE reservation = ? AND kind = 'void'"
            if connection.execute(query, (reservation.seq,)).fetchone() is not None:
                raise LedgerError("the reservation was voided")
            connection.execute("INSERT OR IGNORE INTO touched VALUES (?)", (reservation.seq,))

    def post(self, reservation: Reservation, release: Release | None) -> Stored:
        """Transaction *post*: end the reservation and store its release (None: the site
        failed after reading data; charged, and the same on every retry). A release posted
        meanwhile by another process wins; the caller must send what is returned.
        """
        with self._write() as connection:
            stored = self._stored(connection, reservation.charge.key)
            if stored is not None:
                return stored
            query = "SELECT kind FROM entry WHERE reservation = ?"
            if connection.execute(query, (reservation.seq,)).fetchone() is not None:
                raise LedgerError("the reservation has ended already")
            seq = self._append(
                connection,
                "post",
                reservation=reservation.seq,
                release_key=reservation.charge.key,
                envelope=reservation.charge.envelope,
                researcher=reservation.charge.researcher,
            )
            connection.execute(
                "INSERT INTO release VALUES (?, ?, ?, ?)",
                (
                    reservation.charge.key,
                    seq,
                    "failed" if release is None else "answered",
                    b"" if release is None else release.to_bytes(),
                ),
            )
            return Stored(release)

    def void(self, seq: int) -> None:
        """Transaction *void*: give a reservation back; refused once data may have been read."""
        with self._write() as connection:
            query = (
                "SELECT release_key, envelope, researcher FROM entry"
                " WHERE seq = ? AND kind = 'reserve'"
            )
            row = connection.execute(query, (seq,)).fetchone()
            ended = connection.execute(
                "SELECT 1 FROM entry WHERE reservation = ?", (seq,)
            ).fetchone()
            read = connection.execute("SELECT 1 FROM touched WHERE seq = ?", (seq,)).fetchone()
            if row is None or ended or read or seq <= _adopted(connection):
                raise LedgerError(f"entry {seq} cannot be voided: not pending, or data was read")
            self._append(
                connection,
                "void",
                reservation=seq,
                release_key=row[0],
                envelope=row[1],
                researcher=row[2],
            )

    def accept_policy(self, serial: int) -> None:
        """Transaction *policy*: note that the policy of this serial is in force. LedgerError if
        a later one was: an old signed policy must not undo a budget that was lowered since.
        """
        with self._write() as connection:
            held = int(connection.execute("SELECT policy_serial FROM site").fetchone()[0])
            if serial < held:
                raise LedgerError(
                    f"policy {serial} is older than policy {held}, which was in force",
                    hint="raise the serial in policy.yaml and let the officer sign again",
                )
            if serial > held:
                connection.execute("UPDATE site SET policy_serial = ?", (serial,))

    # -- countersignatures -------------------------------------------------------------------

    def witnessed(self) -> Head | None:
        """The last countersigned head."""
        with self._connect() as connection:
            query = "SELECT seq, hash, life_nano_rho FROM witness ORDER BY seq DESC LIMIT 1"
            row = connection.execute(query).fetchone()
            name = connection.execute("SELECT name FROM site").fetchone()[0]
            return None if row is None else Head(name, *row)

    def covered(self, key: str) -> bool:
        """True if a countersigned head of this ledger covers the post of the question's release.
        Before that it must not leave: were this file replaced by a backup from between reserve
        and post, the coordinator's head could not tell, and the question would be drawn again.
        """
        query = (
            "SELECT 1 FROM release AS r WHERE release_key = ? AND EXISTS (SELECT 1 FROM witness"
            " AS w JOIN entry AS e ON e.seq = w.seq AND e.hash = w.hash WHERE w.seq >= r.seq)"
        )
        with self._connect() as connection:
            return connection.execute(query, (key,)).fetchone() is not None

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
            if head.site != connection.execute("SELECT name FROM site").fetchone()[0]:
                raise SignatureError("the countersignature is for another site")
            # An adoption continues the head it names, though its entries are lost here.
            query = (
                "SELECT 1 FROM entry WHERE seq = ? AND hash = ?"
                " UNION ALL SELECT 1 FROM entry WHERE kind = 'adopt' AND previous = ?"
            )
            held = connection.execute(query, (head.seq, head.hash, head.hash)).fetchone()
            connection.execute(
                "INSERT OR REPLACE INTO witness VALUES (?, ?, ?, ?)",
                (head.seq, head.hash, head.life_nano_rho, signed.to_bytes()),
            )
            behind = held is None
            if behind:
                connection.execute("UPDATE site SET behind = 1")
        if behind:
            raise LedgerError(
                "the ledger is behind its countersigned head: an old copy was restored",
                hint="osteon ledger resolve, by the officer",
            )

    @property
    def behind(self) -> bool:
        """True while a countersigned head is missing here."""
        with self._connect() as connection:
            return bool(connection.execute("SELECT behind FROM site").fetchone()[0])

    def adopt(self) -> Head:
        """Transaction *adopt*, by the officer: continue from the countersigned head, charging
        what it had spent and this copy has not, so that a backup restores no budget.
        """
        with self._write() as connection:
            if not connection.execute("SELECT behind FROM site").fetchone()[0]:
                raise LedgerError("the ledger is not behind; there is nothing to resolve")
            query = "SELECT seq, hash, life_nano_rho FROM witness ORDER BY seq DESC LIMIT 1"
            seq, digest, life = connection.execute(query).fetchone()
            own = self._head(connection)
            if own is not None and own.seq > seq:
                seq = own.seq
            # What both sides agree on ends at the last countersigned head that is held here.
            # Entries after it, pending ones of this copy, must not pass for the lost ones.
            query = (
                "SELECT COALESCE(MAX(e.seq), 0) FROM witness AS w JOIN entry AS e"
                " ON (e.seq = w.seq AND e.hash = w.hash)"
                " OR (e.kind = 'adopt' AND e.previous = w.hash)"
            )
            agreed = connection.execute(query).fetchone()[0]
            # Net of what this copy voided since: the lost original may have posted it.
            missing = max(0, life - self._sum(connection, "AND seq <= ?", agreed))
            entry = self._append(
                connection, "adopt", seq=seq + 1, previous=digest, nano_rho=missing
            )
            connection.execute("UPDATE site SET behind = 0")
            head = self._head(connection, entry)
            if head is None:
                raise LedgerError("the adoption was not written")
            return head
