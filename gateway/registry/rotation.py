"""A fresh data key for a vault, and its move from one place to another.

The same patients, de-identification keys and withheld notes are there before and after, whatever
happens in between: both databases are written anew beside the old ones, compared with them row by
row, and count only from the commit (:mod:`gateway.registry.vault_switch`). A row that the old key
does not open, or a table that is not known, ends the rotation before that: what cannot be carried
over must not be lost. Pseudonyms, date offsets and surrogates stay, since the keys behind them are
contents. Those are not rotated: every patient would get another pseudonym, and each published
snapshot would be a new charge on the same people. Who needs that founds a new site.

What a rotation is worth: the old key opens no file that is written from then on. It still opens
what others may have copied before, and every backup; if key and vault were copied together, their
contents are known, and only a new site helps.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import SiteError, StoreError
from gateway.registry.reseal import reseal_quarantine, reseal_vault
from gateway.registry.vault import Vault
from gateway.registry.vault_key import (
    HOLDERS,
    KEY_VARIABLE,
    NEW_KEY_VARIABLE,
    Place,
    destroy,
    flush,
    fresh_key,
    held_key,
    key_place,
    variable_key,
    write_key,
)
from gateway.registry.vault_lock import Hold
from gateway.registry.vault_switch import (
    commit,
    discard,
    finish,
    next_of,
    quarantine_of,
)

__all__ = ["Rotated", "move_key", "rotate"]


@dataclass(frozen=True)
class Rotated:
    """What a rotation did: ``place`` of the key, sealed rows of ``patients`` and withheld
    ``notes``. ``finished`` says that it was one that had been cut short behind its commit; no
    further key was made then, and nothing sealed again.
    """

    place: Place
    patients: int
    notes: int
    finished: bool = False


def rotate(folder: Path, tell: Callable[[str, int, int], None] = lambda *_: None) -> Rotated:
    """Give the vault in ``folder`` and its quarantine a fresh data key, kept where the old one is.

    Raises StoreError, SiteError or QuarantineError; the vault is then as before. StoreError if
    anybody uses the vault.
    """
    _check_there(folder)
    with Hold(folder, alone=True):
        if finish(folder):
            return Rotated(key_place(folder), 0, 0, finished=True)
        discard(folder)
        place, old = Vault.unheld(folder)
        _check_one_place(folder, place)
        new_key = _new_key(place)
        if secrets.compare_digest(new_key, old.data_key):
            raise SiteError(f"{NEW_KEY_VARIABLE} is the key that the vault has already")
        try:
            patients, notes = _prepared(folder, place, old, new_key, tell)
            commit(folder)
        except (sqlite3.Error, OSError) as error:
            discard(folder)
            raise StoreError(
                f"{folder}: the new files cannot be written ({type(error).__name__})",
                hint="make room for a second vault and quarantine, and give the command again",
            ) from error
        except BaseException:
            discard(folder)
            raise
        finish(folder)
        return Rotated(place, patients, notes)


def _prepared(
    folder: Path,
    place: Place,
    old: Vault,
    new_key: bytes,
    tell: Callable[[str, int, int], None],
) -> tuple[int, int]:
    """The drafts of everything; the key first, so that nothing is ever sealed with one that could
    be lost.
    """
    if place != "environment":
        write_key(next_of(folder / HOLDERS[place]), place, new_key)
    new = Vault.draft(next_of(folder / "vault.sqlite"), new_key)
    patients = reseal_vault(old, new, tell)
    queue = quarantine_of(folder)
    notes = reseal_quarantine(queue, next_of(queue / "quarantine.sqlite"), old, new, tell)
    return patients, notes


def _new_key(place: Place) -> bytes:
    given = variable_key(NEW_KEY_VARIABLE)
    if place == "environment":
        if given is None:
            raise SiteError(
                f"the vault's key is in {KEY_VARIABLE}: the new one must be in {NEW_KEY_VARIABLE}",
                hint="32 random bytes in base64, put there from where you keep secrets "
                "(openssl rand -base64 32 makes them)",
            )
        return given
    if given is not None:
        raise SiteError(
            f"{NEW_KEY_VARIABLE} is set, but the vault's key is not in the environment",
            hint=f"unset {NEW_KEY_VARIABLE}: the new key is made here",
        )
    return fresh_key()


def _check_there(folder: Path) -> None:
    if not (folder / "vault.sqlite").is_file():
        raise SiteError(f"{folder}: no vault here", hint="osteon site init makes one")


def _check_one_place(folder: Path, place: Place) -> None:
    """A second copy of the old key would outlive it."""
    others = [folder / name for other, name in HOLDERS.items() if other != place]
    if any(path.exists() for path in others):
        raise SiteError(
            f"the vault's key is in two places: {place}, and {' or '.join(map(str, others))}",
            hint=f"osteon site vault key SITE_DIR --to {place} removes the other one",
        )


def move_key(folder: Path, to: Place) -> Place:
    """Keep the vault's key in another place and destroy it where it was; returns that place.

    The new place holds the key, and gives it again, before the old one loses it. Into the
    environment a key is put by the operator: then the variable must hold it already.
    """
    _check_there(folder)
    with Hold(folder, alone=True):
        if not finish(folder):
            discard(folder)
        place, vault = Vault.unheld(folder)
        if to == "environment" and place != to:
            raise SiteError(
                f"{KEY_VARIABLE} is not set here",
                hint=f"put the vault's key into {KEY_VARIABLE}, from {folder / HOLDERS['file']} "
                "(--to file brings it there), and give the command again",
            )
        held = {p: folder / name for p, name in HOLDERS.items() if (folder / name).exists()}
        for other, holder in held.items():
            _check_same(holder, other, vault)
        if to != "environment" and to not in held:
            _written(folder / HOLDERS[to], to, vault.data_key)
        for other, holder in held.items():
            if other != to:
                _gone(holder, other)
        return place


def _written(holder: Path, place: Place, key: bytes) -> None:
    """The holder appears whole: half of one would count before the place that has the key."""
    draft = next_of(holder)
    try:
        write_key(draft, place, key)
        draft.replace(holder)
    except BaseException:
        discard(holder.parent)
        raise
    flush(holder.parent)


def _gone(holder: Path, place: Place) -> None:
    """Destroy a key. First it loses its name: half destroyed, it would still count."""
    draft = next_of(holder)
    holder.replace(draft)
    flush(holder.parent)
    destroy(draft, place)
    draft.unlink()


def _check_same(holder: Path, place: Place, vault: Vault) -> None:
    """A key of something else is not ours to destroy, nor to take for the vault's."""
    if not secrets.compare_digest(held_key(holder, place), vault.data_key):
        raise SiteError(
            f"{holder}: holds another key than this vault's", hint="move it to where it belongs"
        )
