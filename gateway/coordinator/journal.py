"""The coordinator's journal: every question, offer, outcome and countersigned head.

SQLite in WAL mode with synchronous FULL: what a method returned from survives kill -9. Each
method is one named transaction. They take a few milliseconds and are called straight from the
event loop, which makes them the only interleaving points of the coordinator: whatever was
decided from the journal still holds when it is written.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from federated.privacy.budgets import Shortfall
from federated.privacy.head import Head
from federated.study.outcome import State
from gateway.errors import JournalError
from gateway.wire.frames import StudyState
from policies.signing import Signed

__all__ = ["Journal", "OfferRow", "OutcomeRow", "SiteRow", "StudyRow"]


@dataclass(frozen=True)
class StudyRow:
    """A study as journalled."""

    id: str
    envelope: Signed
    researcher: str
    min_sites: int
    deadline_s: int
    state: StudyState
    result: bytes | None


@dataclass(frozen=True)
class OfferRow:
    """One site's open part in a study."""

    id: str
    study: str
    site: str
    envelope: Signed
    deadline_s: int


@dataclass(frozen=True)
class OutcomeRow:
    """What became of one offer; ``state`` is None while it is open."""

    site: str
    state: State | None
    reasons: tuple[str, ...] = ()
    release: Signed | None = None
    charged: bool = False
    shortfalls: tuple[Shortfall, ...] = ()


@dataclass(frozen=True)
class SiteRow:
    """A site as last seen."""

    name: str
    policy: Signed | None
    policy_serial: int
    last_seen_s: int


class Journal:
    """The journal of one coordinator. A lock file keeps a second process out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise JournalError(f"{path}: another coordinator is running on this journal") from error
        self._db = sqlite3.connect(path, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            if self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                schema = resources.files("gateway.coordinator").joinpath("journal_schema.sql")
                self._db.executescript(f"BEGIN; {schema.read_text('utf-8')} COMMIT;")
            columns = {row[1] for row in self._db.execute("PRAGMA table_info(outcome)")}
            if "shortfalls" not in columns:  # a journal from before refusals told what is left
                self._db.execute(
                    "ALTER TABLE outcome ADD COLUMN shortfalls TEXT NOT NULL DEFAULT '[]'"
                )
            if self._db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise JournalError(f"{self.path}: the journal is damaged", hint="restore a backup")
        except sqlite3.DatabaseError as error:
            raise JournalError(
                f"{self.path}: the journal cannot be read", hint="restore a backup"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let the next process in."""
        self._db.close()
        self._lock.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise JournalError(f"{self.path}: the journal cannot be written") from error

    # -- studies -----------------------------------------------------------------------------

    def submit(
        self,
        study_id: str,
        envelope: Signed,
        *,
        researcher: str,
        sites: tuple[str, ...],
        min_sites: int,
        deadline_s: int,
        now_s: int,
    ) -> bool:
        """Transaction *submit*: the study and its offers; False if it was there already."""
        with self._transaction() as db:
            known = db.execute("SELECT 1 FROM study WHERE id = ?", (study_id,)).fetchone()
            if known is not None:
                return False
            db.execute(
                "INSERT INTO study VALUES (?, ?, ?, ?, ?, ?, 'open', NULL, NULL)",
                (study_id, envelope.to_bytes(), researcher, min_sites, now_s, deadline_s),
            )
            db.executemany(
                "INSERT INTO offer VALUES (?, ?, ?, NULL)",
                [(secrets.token_hex(16), study_id, site) for site in sites],
            )
        return True

    def study(self, study_id: str) -> StudyRow | None:
        """One study."""
        row = self._db.execute(f"{_STUDY} WHERE id = ?", (study_id,)).fetchone()
        return None if row is None else _study(row)

    def open_studies(self) -> list[StudyRow]:
        """All that are not finished."""
        return [_study(row) for row in self._db.execute(f"{_STUDY} WHERE state = 'open'")]

    def outcomes(self, study_id: str) -> list[OutcomeRow]:
        """One row per offered site, in the order of names."""
        rows = self._db.execute(
            "SELECT offer.site, outcome.state, outcome.reasons, outcome.release, outcome.charged,"
            " outcome.shortfalls FROM offer LEFT JOIN outcome ON outcome.offer = offer.id"
            " WHERE offer.study = ? ORDER BY offer.site",
            (study_id,),
        )
        return [
            OutcomeRow(
                site=site,
                state=state,
                reasons=tuple(json.loads(reasons or "[]")),
                release=Signed.from_bytes(release) if release is not None else None,
                charged=bool(charged),
                shortfalls=tuple(Shortfall(*one) for one in json.loads(shortfalls or "[]")),
            )
            for site, state, reasons, release, charged, shortfalls in rows
        ]

    def finish(self, study_id: str, state: StudyState, *, result: bytes | None, now_s: int) -> None:
        """Transaction *finish*: leave the state open, once; the result is stored with it."""
        with self._transaction() as db:
            db.execute(
                "UPDATE study SET state = ?, result = ?, finished_s = ?"
                " WHERE id = ? AND state = 'open'",
                (state, result, now_s, study_id),
            )

    # -- offers ------------------------------------------------------------------------------

    def open_offers(self, site: str) -> list[OfferRow]:
        """What a site still owes: no outcome yet, study open; oldest first."""
        rows = self._db.execute(
            "SELECT offer.id, offer.study, offer.site, study.envelope, study.deadline_s"
            " FROM offer JOIN study ON study.id = offer.study"
            " LEFT JOIN outcome ON outcome.offer = offer.id"
            " WHERE offer.site = ? AND study.state = 'open' AND outcome.offer IS NULL"
            " ORDER BY study.created_s, study.rowid",
            (site,),
        )
        return [
            OfferRow(identifier, study, name, Signed.from_bytes(envelope), deadline_s)
            for identifier, study, name, envelope, deadline_s in rows
        ]

    def sent(self, offer_id: str, *, now_s: int) -> None:
        """Transaction *sent*: the offer was put on a stream."""
        with self._transaction() as db:
            db.execute("UPDATE offer SET sent_s = ? WHERE id = ?", (now_s, offer_id))

    def offer_owner(self, offer_id: str) -> tuple[str, str] | None:
        """``(study id, site)`` of an offer."""
        row = self._db.execute("SELECT study, site FROM offer WHERE id = ?", (offer_id,)).fetchone()
        return None if row is None else (str(row[0]), str(row[1]))

    def record(self, offer_id: str, outcome: OutcomeRow, *, now_s: int) -> bool:
        """Transaction *record*: the first outcome of an offer stands; False for a later one."""
        with self._transaction() as db:
            cursor = db.execute(
                "INSERT OR IGNORE INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    offer_id,
                    outcome.state,
                    json.dumps(outcome.reasons),
                    outcome.release.to_bytes() if outcome.release is not None else None,
                    int(outcome.charged),
                    now_s,
                    json.dumps([astuple(one) for one in outcome.shortfalls]),
                ),
            )
        return cursor.rowcount == 1

    def set_aside(self, study_id: str, site: str, reason: str) -> None:
        """Transaction *set aside*: an answer that does not fit is a failure. Its release stays in
        the site's ledger, which gives it again to the same question.
        """
        with self._transaction() as db:
            db.execute(
                "UPDATE outcome SET state = 'failed', release = NULL, reasons = ?"
                " WHERE state = 'answered'"
                " AND offer = (SELECT id FROM offer WHERE study = ? AND site = ?)",
                (json.dumps([reason]), study_id, site),
            )

    def give_up(self, study_id: str, *, now_s: int) -> None:
        """Transaction *give up*: sites without an outcome count as no_reply."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO outcome SELECT id, 'no_reply', '[]', NULL, 0, ?, '[]'"
                " FROM offer WHERE study = ?",
                (now_s, study_id),
            )

    # -- heads -------------------------------------------------------------------------------

    def last_head(self, site: str) -> tuple[Head, Signed] | None:
        """The last head countersigned for a site."""
        row = self._db.execute(
            "SELECT seq, hash, life_nano_rho, signed FROM head WHERE site = ?"
            " ORDER BY seq DESC LIMIT 1",
            (site,),
        ).fetchone()
        if row is None:
            return None
        return Head(site, row[0], row[1], row[2]), Signed.from_bytes(row[3])

    def countersigned(self, head: Head, signed: Signed, *, now_s: int) -> None:
        """Transaction *countersigned*: keep our signature before it is sent."""
        values: tuple[Any, ...] = (
            head.site,
            head.seq,
            head.hash,
            head.life_nano_rho,
            signed.to_bytes(),
            now_s,
        )
        with self._transaction() as db:
            db.execute("INSERT INTO head VALUES (?, ?, ?, ?, ?, ?)", values)

    # -- sites -------------------------------------------------------------------------------

    def site(self, name: str) -> SiteRow | None:
        """A site as last seen, None if never."""
        row = self._db.execute(
            "SELECT name, policy, policy_serial, last_seen_s FROM site WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            return None
        return SiteRow(row[0], Signed.from_bytes(row[1]) if row[1] else None, row[2], row[3])

    def seen(self, name: str, *, now_s: int, policy: Signed | None = None, serial: int = 0) -> None:
        """Transaction *seen*: a sign of life, and the policy if a newer one was shown."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO site VALUES (?, NULL, 0, ?)"
                " ON CONFLICT (name) DO UPDATE SET last_seen_s = excluded.last_seen_s",
                (name, now_s),
            )
            if policy is not None:
                db.execute(
                    "UPDATE site SET policy = ?, policy_serial = ?"
                    " WHERE name = ? AND policy_serial <= ?",
                    (policy.to_bytes(), serial, name, serial),
                )


_STUDY = "SELECT id, envelope, researcher, min_sites, deadline_s, state, result FROM study"


def _study(row: tuple[Any, ...]) -> StudyRow:
    identifier, envelope, researcher, min_sites, deadline_s, state, result = row
    return StudyRow(
        id=identifier,
        envelope=Signed.from_bytes(envelope),
        researcher=researcher,
        min_sites=min_sites,
        deadline_s=deadline_s,
        state=state,
        result=result,
    )
