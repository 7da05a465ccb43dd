"""The vault of a site: direct identifiers and de-identification keys, encrypted at rest.

Apart from the registry store (DESIGN §2), which holds pseudonyms only. ``vault.sqlite`` contains
random-looking row ids and AES-256-GCM ciphertext (NIST SP 800-38D) with a fresh 96-bit nonce per
write; the row id is authenticated with the ciphertext, so that rows cannot be swapped, and the
writes of one key are counted (:mod:`gateway.registry.seal_count`). Beside them stand keyed
fingerprints of family names and numbers, which no surrogate may equal.

What depends on the data key, which a rotation replaces, is: every sealed row, the row ids, and keys
derived for other files. What does not, since it must stay the same for a patient: the
de-identification keys and the key of the ids of withheld notes, which are sealed contents like any
other, and the fingerprints, whose key follows from those. Whoever learns an old data key and has
no old file learns nothing of the new ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.surrogates import RealPeople
from gateway.errors import SiteError, StoreError
from gateway.registry.seal_count import count_seals
from gateway.registry.vault_key import (
    HOLDERS,
    KEY_VARIABLE,
    NEW_KEY_VARIABLE,
    Place,
    fresh_key,
    read_key,
    variable_key,
    write_key,
)
from gateway.registry.vault_lock import Hold
from gateway.registry.vault_switch import settled

__all__ = ["KEY_VARIABLE", "Vault"]

_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEYS_ROW = "keys"
_NOTES_ROW = "note ids"
_SCHEMA = """
CREATE TABLE sealed (
    id    TEXT PRIMARY KEY,  -- a name of keys, or HMAC of the patient id under the data key
    kind  TEXT NOT NULL CHECK (kind IN ('keys', 'patient')),
    nonce BLOB NOT NULL,     -- 12 bytes, fresh at every write
    body  BLOB NOT NULL      -- AES-256-GCM of JSON, with kind and id authenticated
) WITHOUT ROWID
"""
_PEOPLE = """
CREATE TABLE IF NOT EXISTS people (
    print BLOB PRIMARY KEY  -- 8 bytes: keyed fingerprint of a family name or a number
) WITHOUT ROWID
"""


class Vault:
    """Identifiers and keys of one site. Use :meth:`create` once and :meth:`open` afterwards; as
    long as the object lives, or until :meth:`close`, nobody changes the key.
    """

    def __init__(self, folder: Path, data_key: bytes) -> None:
        self._path = folder / "vault.sqlite"
        self.data_key = data_key
        self._cipher = AESGCM(data_key)
        self._index_key = hmac.new(data_key, b"osteon vault index", hashlib.sha256).digest()
        self._hold: Hold | None = None

    @classmethod
    def create(cls, folder: Path) -> Vault:
        """Make the folder with a data key (unless the environment holds one) and fresh keys.

        Raises :class:`SiteError` if a vault is there already.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if any((folder / name).exists() for name in ("vault.sqlite", *HOLDERS.values())):
            raise SiteError(f"{folder}: a vault exists already")
        data_key = variable_key(KEY_VARIABLE)
        if data_key is None:
            data_key = fresh_key()
            write_key(folder / HOLDERS["file"], "file", data_key)
        # The database appears whole: a half-made vault would look like one that lost its keys.
        draft = cls.draft(folder / "vault.sqlite.new", data_key)
        with closing(draft._connect()) as connection, connection:
            draft.seal(connection, "keys", _KEYS_ROW, _plain_key(Keys.generate().to_bytes()))
            draft.keep_note_key(connection, fresh_key())
            count_seals(connection, 2)
        (folder / "vault.sqlite.new").rename(folder / "vault.sqlite")
        return cls.open(folder)

    @classmethod
    def draft(cls, path: Path, data_key: bytes) -> Vault:
        """A new database without rows, under a name of its own, not yet a vault."""
        path.unlink(missing_ok=True)
        vault = cls(path.parent, data_key)
        vault._path = path
        with closing(vault._connect()) as connection:
            connection.execute(_SCHEMA)
        path.chmod(0o600)
        return vault

    @classmethod
    def open(cls, folder: Path) -> Vault:
        """Open an existing vault; :class:`SiteError` if it or its key is missing,
        :class:`StoreError` if the key is not the one it was written with, or is being changed.

        A rotation that was cut short is finished first, or undone where it had not counted yet.
        """
        if not (folder / "vault.sqlite").is_file():
            raise SiteError(f"{folder}: no vault here", hint="osteon site init makes one")
        hold = settled(folder)
        try:
            vault = cls.unheld(folder)[1]
        except BaseException:
            hold.close()  # an error that is kept somewhere would keep it too
            raise
        vault._hold = hold
        return vault

    @classmethod
    def unheld(cls, folder: Path) -> tuple[Place, Vault]:
        """The place of the key, and the vault, for who holds it already."""
        place, data_key = read_key(folder)
        vault = cls(folder, data_key)
        try:
            vault.keys()
        except StoreError as error:
            error.hint = error.hint or _right_key(vault, place)
            raise
        return place, vault

    def close(self) -> None:
        """Let others change the key; this object must not be used any more."""
        if self._hold is not None:
            self._hold.close()

    def keys(self) -> Keys:
        """The site's de-identification keys."""
        with closing(self._connect()) as connection:
            return self._keys(connection)

    def note_key(self) -> bytes:
        """The key of the ids of withheld notes. They stand in the store like pseudonyms, and stay
        the same when the data key changes. In a vault from before this key was kept, the ids
        follow from its first data key, and go on to: who knows that one may test a guess of a
        patient's whole note against them.
        """
        with closing(self._connect()) as connection:
            entry = self._opened(connection, "keys", _NOTES_ROW)
        if entry is None:
            return self.derived_key("quarantine index")
        return base64.b64decode(entry["keys"])

    def derived_key(self, purpose: str) -> bytes:
        """32 bytes for another file of the site: HKDF-SHA256 (RFC 5869) of the data key."""
        info = f"osteon {purpose}".encode()
        return HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(self.data_key)

    def put_patients(self, patients: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
        """Add or replace the identifiers of patients, all or none; returns how many."""
        count = 0
        with self._writing() as connection:
            count_seals(connection, 0)
            for patient_id, identifiers in patients:
                entry = {"patient_id": patient_id, "identifiers": dict(identifiers)}
                plain = json.dumps(entry, ensure_ascii=False).encode("utf-8")
                self.seal(connection, "patient", self.row_id(patient_id), plain)
                count += 1
            if count:
                count_seals(connection, count)
        return count

    def patient(self, patient_id: str) -> dict[str, Any] | None:
        """The identifiers of one patient, None if the vault has none."""
        with closing(self._connect()) as connection:
            entry = self._opened(connection, "patient", self.row_id(patient_id))
        return None if entry is None else dict(entry["identifiers"])

    def patients(self, patient_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The identifiers of those of these patients whom the vault knows, by patient id."""
        found = {}
        with closing(self._connect()) as connection:
            for patient_id in patient_ids:
                entry = self._opened(connection, "patient", self.row_id(patient_id))
                if entry is not None:
                    found[patient_id] = dict(entry["identifiers"])
        return found

    def meet(self, patients: Iterable[Patient] = (), staff: Iterable[str] = ()) -> RealPeople:
        """Whom no surrogate may name: these people, kept as fingerprints from now on, and all
        whom the site has met before. Nobody is forgotten: a patient who opted out is still real.
        """
        people = RealPeople.of(self.keys(), patients, staff)
        with self._writing() as connection:
            self.keep_people(connection, ((one,) for one in people.each()))
            known = connection.execute("SELECT print FROM people ORDER BY print").fetchall()
        return people.joined(b"".join(one for (one,) in known))

    def met(self) -> RealPeople:
        """Whom the site has met before; writes nothing."""
        people = RealPeople.of(self.keys())
        with closing(self._connect()) as connection:
            there = "SELECT count(*) FROM sqlite_master WHERE name = 'people'"
            if not connection.execute(there).fetchone()[0]:
                return people
            known = connection.execute("SELECT print FROM people ORDER BY print").fetchall()
        return people.joined(b"".join(one for (one,) in known))

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(patient id, identifiers) of every patient, in no telling order."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT id, nonce, body FROM sealed WHERE kind = 'patient' ORDER BY id"
            )
            for row_id, nonce, body in rows:
                entry = json.loads(self.unsealed("patient", row_id, nonce, body))
                yield str(entry["patient_id"]), dict(entry["identifiers"])

    def __len__(self) -> int:
        with closing(self._connect()) as connection:
            found = connection.execute("SELECT count(*) FROM sealed WHERE kind = 'patient'")
            return int(found.fetchone()[0])

    def row_id(self, patient_id: str) -> str:
        """Where the patient's row stands: HMAC of the id, under the data key."""
        return hmac.new(self._index_key, patient_id.encode("utf-8"), hashlib.sha256).hexdigest()

    def seal(self, connection: sqlite3.Connection, kind: str, row_id: str, plain: bytes) -> None:
        """Write one row within the caller's transaction; the caller counts it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = self._cipher.encrypt(nonce, plain, _bound(kind, row_id))
        connection.execute(
            "INSERT OR REPLACE INTO sealed (id, kind, nonce, body) VALUES (?, ?, ?, ?)",
            (row_id, kind, nonce, body),
        )

    def unsealed(self, kind: str, row_id: str, nonce: bytes, body: bytes) -> bytes:
        """What a row says; StoreError if it is not as this key wrote it."""
        try:
            return self._cipher.decrypt(nonce, body, _bound(kind, row_id))
        except (InvalidTag, ValueError, TypeError) as error:  # altered: even the nonce may be
            raise StoreError(
                "the vault does not open: wrong key, or its content was altered"
            ) from error

    def keep_note_key(self, connection: sqlite3.Connection, key: bytes) -> None:
        """Seal the key of the ids of withheld notes, within the caller's transaction."""
        self.seal(connection, "keys", _NOTES_ROW, _plain_key(key))

    def keep_people(self, connection: sqlite3.Connection, prints: Iterable[tuple[bytes]]) -> None:
        """Add fingerprints made with the same keys, within the caller's transaction."""
        connection.execute(_PEOPLE)
        connection.executemany("INSERT OR IGNORE INTO people VALUES (?)", prints)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction on a database that this key opens: nothing is sealed with another one."""
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            self._keys(connection)
            yield connection

    def _keys(self, connection: sqlite3.Connection) -> Keys:
        entry = self._opened(connection, "keys", _KEYS_ROW)
        if entry is None:
            raise StoreError("the vault holds no keys")
        return Keys.from_bytes(base64.b64decode(entry["keys"]))

    def _opened(self, connection: sqlite3.Connection, kind: str, row_id: str) -> Any:
        try:
            row = connection.execute(
                "SELECT nonce, body FROM sealed WHERE id = ? AND kind = ?", (row_id, kind)
            ).fetchone()
        except sqlite3.DatabaseError as error:
            raise StoreError("the vault's database cannot be read") from error
        return None if row is None else json.loads(self.unsealed(kind, row_id, *row))


def _bound(kind: str, row_id: str) -> bytes:
    return f"osteon-vault-1\0{kind}\0{row_id}".encode()


def _plain_key(raw: bytes) -> bytes:
    return json.dumps({"keys": base64.b64encode(raw).decode("ascii")}).encode("ascii")


def _right_key(vault: Vault, place: Place) -> str:
    """The next step where the key at this place does not open the vault."""
    if place == "environment":
        new = variable_key(NEW_KEY_VARIABLE)
        if new is not None and _opens(Vault(vault._path.parent, new)):
            return f"the vault was rotated: put the key of {NEW_KEY_VARIABLE} into {KEY_VARIABLE}"
        return (
            f"{KEY_VARIABLE} counts before a key file or a keyring: correct it, or unset it to use "
            f"those; after a rotation the key is the one that was in {NEW_KEY_VARIABLE}"
        )
    return "put the key, or a backup of the whole vault folder with its own key, back"


def _opens(vault: Vault) -> bool:
    try:
        vault.keys()
    except StoreError:
        return False
    return True
