"""The tables of a ledger: made new, recognised, and brought from the first form to this one.

``PRAGMA user_version`` counts the forms: 0 until a ledger knew of projects, 1 until it kept the
draw of a reply's wait, 2 since. The steps from one to the next add columns, indices and a table in
one transaction; they change no entry, so that every head that was countersigned still stands.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

from federated.errors import LedgerError
from federated.privacy.trouble import RESTORE, damaged

__all__ = ["FORM", "make", "prepare"]

FORM = 2
_TABLES = {
    "site": "name behind policy_serial",
    "entry": ("seq at_s kind reservation release_key envelope researcher nano_rho previous hash"),
    "touched": "seq",
    "release": "release_key seq state body",
    "witness": "seq hash life_nano_rho signed",
}
"""Tables of the first form, with their columns in order."""
_FIRST_STEP = (
    "ALTER TABLE entry ADD COLUMN project TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entry ADD COLUMN vouches TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX entry_envelope ON entry (envelope)",
    "CREATE INDEX entry_adopted ON entry (previous) WHERE kind = 'adopt'",
    """CREATE TABLE checkpoint (
        id INTEGER PRIMARY KEY CHECK (id = 1), totals TEXT NOT NULL, digest TEXT NOT NULL
    ) STRICT""",
)
_SECOND_STEP = ("ALTER TABLE touched ADD COLUMN deviate REAL",)
_STEPS = (_FIRST_STEP, _SECOND_STEP)


def make(path: Path, site: str) -> None:
    """Write an empty ledger of this form."""
    schema = resources.files("federated.privacy").joinpath("ledger_schema.sql").read_text("utf-8")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(f"BEGIN; {schema}; PRAGMA user_version = {FORM};")
        connection.execute("INSERT INTO site (name) VALUES (?)", (site,))
        connection.execute("COMMIT")


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make sure that the file is a ledger of this form. LedgerError if it is something else, or
    was written by a later version.
    """
    form = _form(connection)
    if form > FORM:
        raise LedgerError(
            f"{path}: the ledger was written by a later version (form {form}), or is damaged",
            hint="run the version of osteon that wrote it",
        )
    _recognise(connection, path, form)
    if form < FORM:
        connection.execute("BEGIN IMMEDIATE")
        # Read again: another process may have been first.
        for step in _STEPS[_form(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORM}")
        connection.execute("COMMIT")


def _form(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _recognise(connection: sqlite3.Connection, path: Path, form: int) -> None:
    found = {
        table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for table in (*_TABLES, "checkpoint")
    }
    if not any(found.values()):
        raise LedgerError(f"{path}: the file is empty, or is no ledger", hint=RESTORE)
    wanted = {table: set(columns.split()) for table, columns in _TABLES.items()}
    if form >= 1:
        wanted["entry"] |= {"project", "vouches"}
        wanted["checkpoint"] = {"id", "totals", "digest"}
    if form >= 2:
        wanted["touched"] |= {"deviate"}
    for table, columns in wanted.items():
        if not columns <= found[table]:
            raise damaged(path, f"its table {table} is missing or another; or it is no ledger")
