"""The ledger: check, record, act (DESIGN D6, D7).

A charge is *reserved* before any data is read, its head countersigned by the coordinator,
and *posted* in the same transaction that stores the release. States of a reservation::

    reserve ──► pending ──► posted (release stored)
                   └──────► void (only while no data was read)

A reservation found pending after a crash has leaked nothing: no reply leaves before the post.
It is completed once under the same charge. That this copy of the file is the one that was
posted to, and not a backup from before, is known only by asking: a release leaves once the
coordinator has countersigned a head that covers its post (:meth:`Ledger.covered`).

:mod:`federated.privacy.chain` keeps the entries, :mod:`federated.privacy.witness` the
countersigned heads, :mod:`federated.privacy.budgets` says what fits.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
from dataclasses import dataclass

from federated.errors import LedgerError
from federated.privacy.budgets import Budgets, Charge, Spending, exhausted, shortfalls
from federated.privacy.entry import year_of
from federated.privacy.head import Head
from federated.privacy.release import Release
from federated.privacy.reply_time import deviate
from federated.privacy.totals import Spent
from federated.privacy.trouble import damaged
from federated.privacy.witness import Witnessed

__all__ = ["Budgets", "Charge", "Ledger", "Reservation", "Spent", "Stored", "Summary"]


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
class Summary:
    """What was spent, by whom: the whole site, each researcher, each project (by name). What
    adoptions charged (``lost``) is in each of them, as it is where budgets are checked; who was
    never charged has that much spent.
    """

    site: Spent
    lost: Spent
    researchers: dict[str, Spent]
    projects: dict[str, Spent]


class Ledger(Witnessed):
    """One site's ledger. Safe for several threads and processes at once."""

    # -- reading -----------------------------------------------------------------------------

    def spent(self) -> Spent:
        """Losses this year and for life."""
        with self._read():
            return self.totals.of_site(self._year())

    def summary(self) -> Summary:
        """Losses this year and for life: of the site, and by researcher and project."""
        with self._read():
            totals, year = self.totals, self._year()
            return Summary(
                totals.of_site(year),
                totals.of_lost(year),
                {name: totals.of_researcher(name, year) for name in sorted(totals.researchers)},
                {name: totals.of_project(name, year) for name in sorted(totals.projects)},
            )

    def _year(self) -> int:
        return year_of(int(self._clock()))

    def stored(self, key: str) -> Stored | None:
        """The posted release of a question, if there is one."""
        with self._connect() as connection:
            return self._stored(connection, key)

    def _stored(self, connection: sqlite3.Connection, key: str) -> Stored | None:
        query = "SELECT state, body, seq FROM release WHERE release_key = ?"
        row = connection.execute(query, (key,)).fetchone()
        if row is None:
            query = "SELECT 1 FROM entry WHERE release_key = ? AND kind = 'post'"
            if connection.execute(query, (key,)).fetchone() is not None:
                raise damaged(self.path, "a release that was posted is missing")
            return None
        state, body, seq = row
        if not isinstance(body, bytes) or (state == "failed") != (body == b""):
            raise damaged(self.path, "a stored release cannot be read")
        post = self._entry(connection, seq)
        vouched = post.vouches in ("", _digest(body))  # entries of the first form vouch for none
        if not (vouched and post.kind == "post" and post.release_key == key):
            raise damaged(self.path, "a stored release is not the one that was posted")
        if not body:
            return Stored(None)
        try:
            release = Release.from_bytes(body)
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(self.path, "a stored release cannot be read") from error
        if release.key != key:
            raise damaged(self.path, "a stored release is of another question")
        return Stored(release)

    def _check_releases(self, connection: sqlite3.Connection) -> None:
        query = (
            "SELECT e.release_key, e.vouches, r.body FROM entry AS e LEFT JOIN release AS r"
            " ON r.release_key = e.release_key AND r.seq = e.seq WHERE e.kind = 'post'"
        )
        posts = 0
        for key, vouches, body in connection.execute(query):
            posts += 1
            if not (isinstance(body, bytes) and vouches == _digest(body)):
                self._stored(connection, key)  # of the first form, or it says what is wrong
        if connection.execute("SELECT COUNT(*) FROM release").fetchone()[0] != posts:
            raise damaged(self.path, "a stored release was never posted")

    def pending(self) -> list[tuple[int, str, int]]:
        """Open reservations: ``(seq, release key, nano-rho)``."""
        with self._read():
            return [(seq, one.key, one.nano_rho) for seq, one in self.totals.pending()]

    # -- named transactions ------------------------------------------------------------------

    def reserve(self, charge: Charge, budgets: Budgets) -> Reservation | Stored:
        """Transaction *reserve*: the stored release if there is one, the pending reservation
        of the same question if there is one (no second charge), else a new reservation. Every
        budget is checked in this one transaction.

        Raises BudgetExhausted (naming each budget that ended, what is left of it and when it
        is new) or LedgerError when the ledger is behind a countersigned head.
        """
        if charge.nano_rho < 1:
            raise LedgerError("a charge is at least 1 nano-rho")
        with self._write() as connection:
            stored = self._stored(connection, charge.key)
            if stored is not None:
                return stored
            if self._is_behind(connection):
                raise LedgerError(
                    "the ledger is behind its countersigned head", hint="osteon ledger resolve"
                )
            pending = self.totals.pending(charge.key)
            if pending and pending[0][1].nano_rho != charge.nano_rho:
                raise LedgerError("a pending reservation of this question has another charge")
            if pending:
                seq = pending[0][0]
            else:
                self._check(connection, charge, budgets)
                seq = self._append(
                    connection,
                    "reserve",
                    release_key=charge.key,
                    envelope=charge.envelope,
                    researcher=charge.researcher,
                    project=charge.project,
                    nano_rho=charge.nano_rho,
                )
            # Not the head at `seq`: for a pending one, later heads may be countersigned by now.
            head = self._head(connection)
            if head is None:
                raise LedgerError("the reservation was not written")
            return Reservation(seq, charge, head, not pending)

    def _check(self, connection: sqlite3.Connection, charge: Charge, budgets: Budgets) -> None:
        totals, year = self.totals, self._year()
        envelope = self._of_envelope(connection, charge)
        if charge.envelope_created_s is not None and charge.envelope_created_s < totals.adopted_s:
            # It may have been charged by the entries that were lost.
            envelope = max(envelope, charge.envelope_nano_rho_max)
        spending = Spending(
            site=totals.of_site(year),
            researcher=totals.of_researcher(charge.researcher, year),
            project=totals.of_project(charge.project, year),
            envelope=envelope,
        )
        short = shortfalls(
            charge.nano_rho, charge.envelope_nano_rho_max, budgets, spending, int(self._clock())
        )
        if short:
            raise exhausted(charge.nano_rho, short)

    def _of_envelope(self, connection: sqlite3.Connection, charge: Charge) -> int:
        """What an envelope was charged, ever. Envelopes are as many as questions: they are not
        among the totals, and each has few entries. Another researcher's of the same nonce is
        another envelope, or one could use up what another one's may cost.
        """
        with self._naming_the_file():
            found = self._entries(connection, "envelope = ?", charge.envelope)
            entries = [entry for entry in found if entry.researcher == charge.researcher]
        void = {entry.reservation for entry in entries if entry.kind == "void"}
        return sum(entry.nano_rho for entry in entries if entry.seq not in void)

    def touch(self, reservation: Reservation) -> float:
        """Transaction *touch*: from here on data may have been read, so no void. Returns the
        normal deviate that the reply's wait is drawn with: the same however often the reservation
        is taken up, or the time of reading could be averaged. LedgerError if the reservation was
        voided meanwhile.
        """
        with self._write() as connection:
            query = "SELECT 1 FROM entry WHERE reservation = ? AND kind = 'void'"
            if connection.execute(query, (reservation.seq,)).fetchone() is not None:
                raise LedgerError("the reservation was voided")
            # One of the form before has a mark without a draw.
            connection.execute(
                "INSERT INTO touched VALUES (?, ?) ON CONFLICT (seq)"
                " DO UPDATE SET deviate = COALESCE(deviate, excluded.deviate)",
                (reservation.seq, deviate()),
            )
            query = "SELECT deviate FROM touched WHERE seq = ?"
            drawn = connection.execute(query, (reservation.seq,)).fetchone()[0]
            if not (isinstance(drawn, float) and math.isfinite(drawn)):
                raise damaged(self.path, "the draw of a wait cannot be read")
            return drawn

    def post(self, reservation: Reservation, release: Release | None) -> Stored:
        """Transaction *post*: end the reservation and store its release (None: the site
        failed after reading data; charged, and the same on every retry). A release posted
        meanwhile by another process wins; the caller must send what is returned.
        """
        body = b"" if release is None else release.to_bytes()
        with self._write() as connection:
            stored = self._stored(connection, reservation.charge.key)
            if stored is not None:
                return stored
            reserved = self.totals.open.get(reservation.seq)
            if reserved is None or reserved.key != reservation.charge.key:
                raise LedgerError("the reservation has ended already")
            seq = self._append(
                connection,
                "post",
                # A head is a hash: of a post's own date the coordinator could find, by trying,
                # when the data had been read.
                at_s=self._entry(connection, reservation.seq).at_s,
                reservation=reservation.seq,
                release_key=reservation.charge.key,
                envelope=reservation.charge.envelope,
                researcher=reservation.charge.researcher,
                vouches=_digest(body),
            )
            state = "failed" if release is None else "answered"
            connection.execute(
                "INSERT INTO release VALUES (?, ?, ?, ?)",
                (reservation.charge.key, seq, state, body),
            )
            return Stored(release)

    def void(self, seq: int) -> None:
        """Transaction *void*: give a reservation back; refused once data may have been read."""
        with self._write() as connection:
            read = connection.execute("SELECT 1 FROM touched WHERE seq = ?", (seq,)).fetchone()
            pending = dict(self.totals.pending())
            if seq not in pending or read:
                raise LedgerError(f"entry {seq} cannot be voided: not pending, or data was read")
            reserved = self._entry(connection, seq)
            self._append(
                connection,
                "void",
                reservation=seq,
                release_key=reserved.release_key,
                envelope=reserved.envelope,
                researcher=reserved.researcher,
            )

    def accept_policy(self, serial: int) -> None:
        """Transaction *policy*: note that the policy of this serial is in force. LedgerError if
        a later one was: an old signed policy must not undo a budget that was lowered since.
        """
        with self._write() as connection:
            held = self._site(connection)[2]
            if serial < held:
                raise LedgerError(
                    f"policy {serial} is older than policy {held}, which was in force",
                    hint="raise the serial in policy.yaml and let the officer sign again",
                )
            if serial > held:
                connection.execute("UPDATE site SET policy_serial = ?", (serial,))


def _digest(body: bytes) -> str:
    """SHA-256 of a stored release. That it failed is told by an empty body."""
    return hashlib.sha256(body).hexdigest()
