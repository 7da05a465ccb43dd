"""The vault of a site: direct identifiers and de-identification keys, encrypted at rest.

Apart from the registry store (DESIGN §2), which holds pseudonyms only. ``vault.sqlite`` contains
random-looking row ids and AES-256-GCM ciphertext (NIST SP 800-38D) with a fresh 96-bit nonce per
write; the row id is authenticated with the ciphertext, so that rows cannot be swapped. Beside them
stand keyed fingerprints of family names and numbers, which no surrogate may equal. The data
key lies in the file ``key`` (mode 0600) or, where a site keeps it elsewhere, comes base64-encoded
in the environment variable OSTEON_VAULT_KEY.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
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

__all__ = ["KEY_VARIABLE", "Vault"]

KEY_VARIABLE = "OSTEON_VAULT_KEY"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEYS_ROW = "keys"
_SCHEMA = """
CREATE TABLE sealed (
    id    TEXT PRIMARY KEY,  -- "keys", or HMAC of the patient id under the data key
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
    """Identifiers and keys of one site. Use :meth:`create` once and :meth:`open` afterwards."""

    def __init__(self, folder: Path, data_key: bytes) -> None:
        self._path = folder / "vault.sqlite"
        self._data_key = data_key
        self._cipher = AESGCM(data_key)
        self._index_key = hmac.new(data_key, b"osteon vault index", hashlib.sha256).digest()

    @classmethod
    def create(cls, folder: Path) -> Vault:
        """Make the folder with a data key (unless the environment holds one) and fresh keys.

        Raises :class:`SiteError` if a vault is there already.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if (folder / "vault.sqlite").exists() or (folder / "key").exists():
            raise SiteError(f"{folder}: a vault exists already")
        data_key = _environment_key()
        if data_key is None:
            data_key = secrets.token_bytes(_KEY_BYTES)
            _write_key(folder / "key", data_key)
        vault = cls(folder, data_key)
        # The database appears whole: a half-made vault would look like one that lost its keys.
        draft = folder / "vault.sqlite.new"
        draft.unlink(missing_ok=True)
        vault._path = draft
        with closing(vault._connect()) as connection, connection:
            connection.execute(_SCHEMA)
            vault._seal(
                connection, "keys", _KEYS_ROW, {"keys": _encode(Keys.generate().to_bytes())}
            )
        draft.chmod(0o600)
        draft.rename(folder / "vault.sqlite")
        return cls(folder, data_key)

    @classmethod
    def open(cls, folder: Path) -> Vault:
        """Open an existing vault; :class:`SiteError` if it or its key is missing,
        :class:`StoreError` if the key is not the one it was written with.
        """
        if not (folder / "vault.sqlite").is_file():
            raise SiteError(f"{folder}: no vault here", hint="osteon site init makes one")
        data_key = _environment_key()
        if data_key is None:
            data_key = _read_key(folder / "key")
        vault = cls(folder, data_key)
        vault.keys()
        return vault

    def keys(self) -> Keys:
        """The site's de-identification keys."""
        with closing(self._connect()) as connection:
            entry = self._opened(connection, "keys", _KEYS_ROW)
        if entry is None:
            raise StoreError("the vault holds no keys")
        return Keys.from_bytes(base64.b64decode(entry["keys"]))

    def derived_key(self, purpose: str) -> bytes:
        """32 bytes for another file of the site: HKDF-SHA256 (RFC 5869) of the data key."""
        info = f"osteon {purpose}".encode()
        return HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(self._data_key)

    def put_patients(self, patients: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
        """Add or replace the identifiers of patients, all or none; returns how many."""
        count = 0
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for patient_id, identifiers in patients:
                entry = {"patient_id": patient_id, "identifiers": dict(identifiers)}
                self._seal(connection, "patient", self._row_id(patient_id), entry)
                count += 1
        return count

    def patient(self, patient_id: str) -> dict[str, Any] | None:
        """The identifiers of one patient, None if the vault has none."""
        with closing(self._connect()) as connection:
            entry = self._opened(connection, "patient", self._row_id(patient_id))
        return None if entry is None else dict(entry["identifiers"])

    def patients(self, patient_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The identifiers of those of these patients whom the vault knows, by patient id."""
        found = {}
        with closing(self._connect()) as connection:
            for patient_id in patient_ids:
                entry = self._opened(connection, "patient", self._row_id(patient_id))
                if entry is not None:
                    found[patient_id] = dict(entry["identifiers"])
        return found

    def meet(self, patients: Iterable[Patient] = (), staff: Iterable[str] = ()) -> RealPeople:
        """Whom no surrogate may name: these people, kept as fingerprints from now on, and all
        whom the site has met before. Nobody is forgotten: a patient who opted out is still real.
        """
        people = RealPeople.of(self.keys(), patients, staff)
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_PEOPLE)
            connection.executemany(
                "INSERT OR IGNORE INTO people VALUES (?)", ((one,) for one in people.each())
            )
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
                entry = self._decrypt("patient", row_id, nonce, body)
                yield str(entry["patient_id"]), dict(entry["identifiers"])

    def __len__(self) -> int:
        with closing(self._connect()) as connection:
            found = connection.execute("SELECT count(*) FROM sealed WHERE kind = 'patient'")
            return int(found.fetchone()[0])

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    def _row_id(self, patient_id: str) -> str:
        return hmac.new(self._index_key, patient_id.encode("utf-8"), hashlib.sha256).hexdigest()

    def _seal(
        self, connection: sqlite3.Connection, kind: str, row_id: str, entry: Mapping[str, Any]
    ) -> None:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = json.dumps(entry, ensure_ascii=False).encode("utf-8")
        body = self._cipher.encrypt(nonce, plain, _bound(kind, row_id))
        connection.execute(
            "INSERT OR REPLACE INTO sealed (id, kind, nonce, body) VALUES (?, ?, ?, ?)",
            (row_id, kind, nonce, body),
        )

    def _opened(self, connection: sqlite3.Connection, kind: str, row_id: str) -> Any:
        try:
            row = connection.execute(
                "SELECT nonce, body FROM sealed WHERE id = ? AND kind = ?", (row_id, kind)
            ).fetchone()
        except sqlite3.DatabaseError as error:
            raise StoreError("the vault's database cannot be read") from error
        return None if row is None else self._decrypt(kind, row_id, *row)

    def _decrypt(self, kind: str, row_id: str, nonce: bytes, body: bytes) -> Any:
        try:
            plain = self._cipher.decrypt(nonce, body, _bound(kind, row_id))
        except InvalidTag as error:
            raise StoreError(
                "the vault does not open: wrong key, or its content was altered"
            ) from error
        return json.loads(plain)


def _bound(kind: str, row_id: str) -> bytes:
    return f"osteon-vault-1\0{kind}\0{row_id}".encode()


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decoded_key(text: str, *, where: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise SiteError(f"{where}: is not base64") from error
    if len(raw) != _KEY_BYTES:
        raise SiteError(f"{where}: a vault key has 32 bytes")
    return raw


def _environment_key() -> bytes | None:
    text = os.environ.get(KEY_VARIABLE)
    return _decoded_key(text, where=KEY_VARIABLE) if text else None


def _read_key(path: Path) -> bytes:
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise SiteError(
            f"{path}: no such file", hint=f"put the key there or into {KEY_VARIABLE}"
        ) from error
    except UnicodeDecodeError as error:
        raise SiteError(f"{path}: is not base64") from error
    if path.stat().st_mode & 0o077:
        raise SiteError(f"{path}: others may read the key", hint=f"chmod 600 {path}")
    return _decoded_key(text, where=str(path))


def _write_key(path: Path, key: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(_encode(key) + "\n")
        file.flush()
        os.fsync(file.fileno())
