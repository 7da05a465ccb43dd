"""What is wrong with a ledger's file, in one sentence with the next step.

SQLite's own codes tell most of it. None of the sentences holds a value from the file.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from federated.errors import LedgerError

__all__ = ["RESTORE", "damaged", "missing", "trouble"]

RESTORE = (
    "stop the node, keep the file with its -wal and -shm, restore the last backup, then: osteon"
    " ledger verify; the node will find it behind, then the officer: osteon ledger resolve"
)
"""After a restore nothing is spent anew until the coordinator's head was adopted (D6)."""
_FREE = "free some space on this disk, then ask again; nothing was charged, nothing has left"
_RIGHTS = "give the node's account the right to write this file and its folder, then ask again"
_SENTENCES = {
    "SQLITE_FULL": ("the disk is full, so nothing can be charged or answered", _FREE),
    "SQLITE_READONLY": ("cannot be written, so nothing can be charged or answered", _RIGHTS),
    "SQLITE_PERM": ("cannot be written, so nothing can be charged or answered", _RIGHTS),
    "SQLITE_CANTOPEN": ("cannot be opened for writing", _RIGHTS),
    "SQLITE_BUSY": (
        "another process has held it for too long",
        "look for a second node or a backup that hangs, end it, then ask again",
    ),
    "SQLITE_IOERR": (
        "the disk failed to read or write it",
        f"look at the system's log and replace the disk if it is failing; else {RESTORE}",
    ),
    "SQLITE_NOTADB": ("the file is damaged, or is no ledger", RESTORE),
    "SQLITE_CORRUPT": ("the ledger is damaged", RESTORE),
}


def trouble(path: Path, error: sqlite3.Error) -> LedgerError:
    """An error of SQLite as ours; whatever it does not name is damage."""
    name = getattr(error, "sqlite_errorname", None) or ""
    # Extended codes begin with their primary code: SQLITE_IOERR_WRITE, SQLITE_READONLY_DBMOVED.
    primary = "_".join(name.split("_")[:2])
    says, hint = _SENTENCES.get(primary, _SENTENCES["SQLITE_CORRUPT"])
    return LedgerError(f"{path}: {says}", hint=hint)


def damaged(path: Path, what: str) -> LedgerError:
    """The file can be read and is not what was written."""
    return LedgerError(f"{path}: the ledger is damaged: {what}", hint=RESTORE)


def missing(path: Path) -> LedgerError:
    """There is no file."""
    return LedgerError(
        f"{path}: no ledger here",
        hint="osteon site init makes one in a new folder; in an old one put the last backup back",
    )
