"""Everything that a data key sealed, sealed again with another one, into new files.

Row by row, in bounded memory, as the very bytes that were sealed; then both files are read back
and compared, so that a disk that did not keep what it was given is noticed while the old files are
whole.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any

from gateway.errors import StoreError
from gateway.registry.quarantine import Quarantine
from gateway.registry.seal_count import count_seals
from gateway.registry.vault import Vault

__all__ = ["reseal_quarantine", "reseal_vault"]

Tell = Callable[[str, int, int], None]
_TOLD_ROWS = 500
_VAULT_TABLES = {"sealed", "people", "seals"}
_QUARANTINE_TABLES = {"withheld", "decisions", "sqlite_sequence", "seals"}


def reseal_vault(old: Vault, new: Vault, tell: Tell) -> int:
    """Fill the empty draft ``new`` with what ``old`` holds; how many patients.

    StoreError, and a draft that must not be used, if a row does not open.
    """
    with closing(old._connect()) as source, closing(new._connect()) as target, target:
        # Undoes what a killed writer left, and shows that nobody writes now.
        source.execute("BEGIN IMMEDIATE")
        _check_tables(source, _VAULT_TABLES, "the vault")
        target.execute("BEGIN IMMEDIATE")
        (total,) = source.execute("SELECT count(*) FROM sealed").fetchone()
        rows = source.execute("SELECT id, kind, nonce, body FROM sealed")
        for done, (row_id, kind, nonce, body) in enumerate(rows):
            plain = old.unsealed(kind, row_id, nonce, body)
            new.seal(target, kind, _new_id(new, kind, row_id, plain), plain)
            _tell(tell, "patients", done, total)
        new.keep_note_key(target, old.note_key())
        if "people" in _tables(source):
            new.keep_people(target, source.execute("SELECT print FROM people ORDER BY print"))
        (written,) = target.execute("SELECT count(*) FROM sealed").fetchone()
        count_seals(target, written)
    return _compared_vault(old, new, tell)


def _compared_vault(old: Vault, new: Vault, tell: Tell) -> int:
    patients = "SELECT count(*) FROM sealed WHERE kind = 'patient'"
    one = "SELECT nonce, body FROM sealed WHERE id = ? AND kind = ?"
    with closing(old._connect()) as source, closing(new._connect()) as target:
        (count,) = source.execute(patients).fetchone()
        same = count == target.execute(patients).fetchone()[0] and old.keys() == new.keys()
        same = same and old.note_key() == new.note_key() and old.met() == new.met()
        rows = target.execute("SELECT id, kind, nonce, body FROM sealed WHERE kind = 'patient'")
        for done, (row_id, kind, nonce, body) in enumerate(rows):
            plain = new.unsealed(kind, row_id, nonce, body)
            before = _new_id(old, kind, row_id, plain)
            found = source.execute(one, (before, kind)).fetchone()
            same = same and found is not None and old.unsealed(kind, before, *found) == plain
            _tell(tell, "compared", done, count)
    if not same:
        raise StoreError("the vault that was written is not the same as the old one")
    return int(count)


def reseal_quarantine(folder: Path, draft: Path, old: Vault, new: Vault, tell: Tell) -> int:
    """Write the quarantine in ``folder`` anew to ``draft``; how many notes. Nothing where there is
    none. QuarantineError if a record does not open.
    """
    before, after = Quarantine(folder, old), Quarantine(folder, new)
    if not before.path.exists():
        return 0
    after.path = draft
    with before.writing() as source, after.writing() as target:
        _check_tables(source, _QUARANTINE_TABLES, "the quarantine")
        (total,) = source.execute("SELECT count(*) FROM withheld").fetchone()
        rows = source.execute(
            "SELECT rowid, id, origin, reason, at, state, nonce, body FROM withheld ORDER BY rowid"
        )
        for done, (number, record_id, origin, reason, at, state, *sealed) in enumerate(rows):
            plain = before.unsealed(record_id, origin, state, *sealed)
            mark = after.patient_mark(json.loads(plain)["patient"]["patient_id"])
            nonce, body = after.seal(record_id, origin, state, plain)
            target.execute(
                "INSERT INTO withheld (rowid, id, origin, patient, reason, at, state, nonce, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (number, record_id, origin, mark, reason, at, state, nonce, body),
            )
            _tell(tell, "withheld notes", done, total)
        target.executemany(
            "INSERT INTO decisions (number, id, origin, who, at, what) VALUES (?, ?, ?, ?, ?, ?)",
            source.execute("SELECT number, id, origin, who, at, what FROM decisions"),
        )
        count_seals(target, total)
    _compare_quarantines(before, after)
    return int(total)


def _compare_quarantines(before: Quarantine, after: Quarantine) -> None:
    with before.writing() as source, after.writing() as target:
        clear = "SELECT rowid, id, origin, reason, at, state, nonce, body FROM withheld ORDER BY id"
        decided = "SELECT * FROM decisions ORDER BY number"
        same = source.execute(decided).fetchall() == target.execute(decided).fetchall()
        left, right = source.execute(clear), target.execute(clear)
        for old, new in zip_longest(left, right):
            same = same and None not in (old, new) and old[:6] == new[:6]
            same = same and before.unsealed(*_sealed(old)) == after.unsealed(*_sealed(new))
    if not same:
        raise StoreError("the quarantine that was written is not the same as the old one")


def _sealed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    _, record_id, origin, _, _, state, nonce, body = row
    return record_id, origin, state, nonce, body


def _new_id(vault: Vault, kind: str, row_id: str, plain: bytes) -> str:
    return vault.row_id(json.loads(plain)["patient_id"]) if kind == "patient" else row_id


def _tables(connection: sqlite3.Connection) -> set[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {str(name) for (name,) in found}


def _check_tables(connection: sqlite3.Connection, known: AbstractSet[str], what: str) -> None:
    strange = sorted(_tables(connection) - known)
    if strange:
        raise StoreError(
            f"{what} has tables that this version does not know: {', '.join(strange)}",
            hint="change the key with the newest version that has used this site",
        )


def _tell(tell: Tell, step: str, done: int, total: int) -> None:
    if done % _TOLD_ROWS == 0 or done + 1 == total:
        tell(step, done + 1, total)
