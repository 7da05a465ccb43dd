"""Where the data key of a vault is kept: in the environment, in a file, or in a keyring.

The environment (OSTEON_VAULT_KEY) counts first, then the file ``key`` (mode 0600), then the
operating system's keyring, in which ``keyring``, a file without a secret, names the entry. So a key
that is being moved always has a place that counts. 32 random bytes, base64; they are in no
argument, log or message. A key is destroyed by overwriting its file: on a disk that writes in
place it is gone; an SSD, a journal or snapshot of the file system, and every backup may keep it.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Literal

from gateway.errors import SiteError
from gateway.registry.keyring_entry import delete_entry, get_entry, set_entry

__all__ = [
    "HOLDERS",
    "KEY_VARIABLE",
    "NEW_KEY_VARIABLE",
    "Place",
    "destroy",
    "flush",
    "fresh_key",
    "held_key",
    "key_place",
    "read_key",
    "variable_key",
    "write_key",
]

Place = Literal["environment", "file", "keyring"]
KEY_VARIABLE = "OSTEON_VAULT_KEY"
NEW_KEY_VARIABLE = "OSTEON_VAULT_NEW_KEY"
"""The key that a rotation changes to, where the key is in the environment."""
HOLDERS: dict[Place, str] = {"file": "key", "keyring": "keyring"}
"""The file in the vault's folder that is, or names, the key's place."""

_KEY_BYTES = 32
_ENTRY_BYTES = 16
_TEXT_MAX = 1_024  # characters read of a file that is to hold one line


def fresh_key() -> bytes:
    """32 bytes of the operating system's random source."""
    return secrets.token_bytes(_KEY_BYTES)


def key_place(folder: Path) -> Place:
    """Where the key of this vault is; SiteError if it is nowhere."""
    if os.environ.get(KEY_VARIABLE):
        return "environment"
    for place, name in HOLDERS.items():
        if (folder / name).exists():
            return place
    raise SiteError(
        f"{folder}: the vault's key is missing",
        hint=f"put it into {KEY_VARIABLE}, or its file back to {folder / 'key'} (mode 600)",
    )


def read_key(folder: Path) -> tuple[Place, bytes]:
    """The place of the key, and the key; SiteError names what is wrong with the place."""
    place = key_place(folder)
    if place == "environment":
        key = variable_key(KEY_VARIABLE)
        if key is not None:
            return place, key
    return place, held_key(folder / HOLDERS[place], place)


def variable_key(name: str) -> bytes | None:
    """The key in an environment variable, None if it is not set."""
    text = os.environ.get(name)
    return _decoded(text, where=name) if text else None


def held_key(holder: Path, place: Place) -> bytes:
    """The key in a file, or in the keyring's entry that a file names."""
    if place == "file":
        text = _line(holder)
        if holder.stat().st_mode & 0o077:
            raise SiteError(f"{holder}: others may read the key", hint=f"chmod 600 {holder}")
        return _decoded(text, where=str(holder))
    entry = _entry(holder)
    found = None if entry is None else get_entry(entry)
    if found is None:
        raise SiteError(
            f"{holder}: the keyring has no such entry",
            hint="log in as the user who put the key there, or put it into "
            f"{KEY_VARIABLE} from a backup",
        )
    return _decoded(found, where="the keyring's entry")


def write_key(holder: Path, place: Place, key: bytes) -> None:
    """Keep the key in a new holder, and read it back; SiteError if it is not the same."""
    text = base64.b64encode(key).decode("ascii")
    if place == "file":
        _write(holder, text)
    else:
        entry = secrets.token_hex(_ENTRY_BYTES)
        _write(holder, entry)  # first: an entry that nothing names could never be removed
        set_entry(entry, text)
    flush(holder.parent)
    if not secrets.compare_digest(held_key(holder, place), key):
        raise SiteError(f"{holder}: the key that was written does not come back")


def destroy(holder: Path, place: Place) -> None:
    """Overwrite the key in a file, or delete the keyring's entry; the holder stays, and is empty
    of secrets.
    """
    if place == "keyring":
        entry = _entry(holder)
        if entry is not None:  # else it was killed before it named one
            delete_entry(entry)
        return
    with holder.open("r+b") as file:
        file.write(b"\0" * holder.stat().st_size)
        file.flush()
        os.fsync(file.fileno())


def flush(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _line(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            return file.read(_TEXT_MAX)
    except UnicodeDecodeError:
        raise SiteError(f"{path}: is not base64") from None
    except OSError:
        raise SiteError(f"{path}: cannot be read", hint="it is there for its owner alone") from None


def _entry(holder: Path) -> str | None:
    entry = _line(holder).strip()
    return entry if len(entry) == 2 * _ENTRY_BYTES and entry.isalnum() else None


def _decoded(text: str, *, where: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raise SiteError(f"{where}: is not base64") from None
    if len(raw) != _KEY_BYTES:
        raise SiteError(f"{where}: a vault key has 32 bytes")
    return raw
