"""The worklists of the last load, encrypted: ``vault/worklists.sqlite``.

Blocks of lines are AES-256-GCM ciphertext (NIST SP 800-38D) under a key derived from the vault's;
list, place and the load are authenticated with each, so that none can be moved, swapped for one
of another load or cut off. Records and dates stand in it; names stay in the vault.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import StoreError
from gateway.registry.vault import Vault
from gateway.registry.worklist.due import Limits, Line, state

__all__ = ["Kept", "Listed", "SealedWorklists"]

_NONCE_BYTES = 12
_BLOCK_LINES = 1_000
_SCHEMA = """
CREATE TABLE sealed (
    list   TEXT NOT NULL,     -- name of the worklist; '' for the head
    number INTEGER NOT NULL,  -- place of the block in its list
    nonce  BLOB NOT NULL,     -- 12 bytes, fresh at every write
    body   BLOB NOT NULL,     -- AES-256-GCM of JSON; list, number and load are authenticated
    PRIMARY KEY (list, number)
);
CREATE TABLE load (digest TEXT NOT NULL)  -- of the load that made it
"""


@dataclass(frozen=True)
class Listed:
    """A list as it is given to :meth:`SealedWorklists.draft`."""

    name: str
    label: str
    limits: Limits
    lines: Iterable[Line]


@dataclass(frozen=True)
class Kept:
    """What stands of a list in the file; ``states`` counts its lines on the day of the load."""

    name: str
    label: str
    limits: Limits
    blocks: int
    states: dict[str, int]


class SealedWorklists:
    """The file in the vault's folder. It is whole or absent: a new one is drafted, then adopted."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.path = folder / "worklists.sqlite"
        self._draft = folder / ".worklists.new"
        self._cipher = AESGCM(vault.derived_key("worklists seal"))

    def draft(self, lists: Iterable[Listed], *, load: str, today: date) -> list[Kept]:
        """Write the lists beside the old ones. What nobody can do anything about any more on the
        day of the load is left out.
        """
        self._draft.unlink(missing_ok=True)
        os.close(os.open(self._draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(self._draft)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")  # a draft that was torn is not read
            connection.executescript(_SCHEMA)
            connection.execute("INSERT INTO load VALUES (?)", (load,))
            kept = [self._write(connection, one, load, today) for one in lists]
            head = {"today": today.isoformat(), "lists": [asdict(one) for one in kept]}
            self._seal(connection, load, "", 0, head)
            connection.commit()
        return kept

    def adopt(self) -> None:
        """Put the draft in place of what stands, durably."""
        handle = os.open(self._draft, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        self._draft.replace(self.path)

    def stands(self) -> bool:
        """Is there a file that this vault opens?"""
        try:
            self.head()
        except StoreError:
            return False
        return True

    def head(self) -> tuple[date, list[Kept]]:
        """Day of the load, and its lists. StoreError if there is none, or it does not open."""
        with closing(self._connected()) as connection:
            found = self._opened(connection, self._load(connection), "", 0)
        lists = [Kept(**{**one, "limits": Limits(**one["limits"])}) for one in found["lists"]]
        return date.fromisoformat(found["today"]), lists

    def lines(self, kept: Kept) -> Iterator[Line]:
        """The lines of a list that :meth:`head` named."""
        with closing(self._connected()) as connection:
            load = self._load(connection)
            for number in range(kept.blocks):
                for record, instance, what, since, due, late, step in self._opened(
                    connection, load, kept.name, number
                ):
                    yield Line(record, instance, what, _day(since), _day(due), _day(late), step)

    def _write(self, connection: sqlite3.Connection, one: Listed, load: str, today: date) -> Kept:
        states: dict[str, int] = {}
        blocks, lines = 0, iter(one.lines)
        while batch := list(islice(lines, _BLOCK_LINES)):
            block = []
            for line in batch:
                now = state(line, one.limits, today)
                if now is not None:
                    states[now] = states.get(now, 0) + 1
                if now is not None or (line.late is not None and line.late >= today):
                    block.append(_plain(line))
            if block:
                self._seal(connection, load, one.name, blocks, block)
                blocks += 1
        return Kept(one.name, one.label, one.limits, blocks, states)

    def _connected(self) -> sqlite3.Connection:
        if not self.path.is_file():
            raise StoreError(
                "there is no worklist yet",
                hint="load the export (again): osteon site ingest",
            )
        return sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)

    def _load(self, connection: sqlite3.Connection) -> str:
        try:
            return str(connection.execute("SELECT digest FROM load").fetchone()[0])
        except (sqlite3.DatabaseError, TypeError) as error:
            raise _damaged() from error

    def _seal(
        self, connection: sqlite3.Connection, load: str, name: str, number: int, plain: Any
    ) -> None:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        body = self._cipher.encrypt(nonce, text, _bound(load, name, number))
        connection.execute("INSERT INTO sealed VALUES (?, ?, ?, ?)", (name, number, nonce, body))

    def _opened(self, connection: sqlite3.Connection, load: str, name: str, number: int) -> Any:
        try:
            row = connection.execute(
                "SELECT nonce, body FROM sealed WHERE list = ? AND number = ?", (name, number)
            ).fetchone()
            if row is None:
                raise _damaged()
            return json.loads(self._cipher.decrypt(row[0], row[1], _bound(load, name, number)))
        except (sqlite3.DatabaseError, InvalidTag) as error:
            raise _damaged() from error


def _plain(line: Line) -> list[str | None]:
    # Not astuple(), which copies every part deeply: a large site has millions of lines.
    dates = (None if day is None else day.isoformat() for day in (line.since, line.due, line.late))
    return [line.record, line.instance, line.what, *dates, line.step]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _bound(load: str, name: str, number: int) -> bytes:
    return f"osteon-worklists-1\0{load}\0{name}\0{number}".encode()


def _damaged() -> StoreError:
    return StoreError(
        "the worklists do not open: another key, or the file was altered",
        hint="load the export again: osteon site ingest",
    )
