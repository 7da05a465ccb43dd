"""The one moment at which a vault changes to another key, and what follows it.

A rotation writes everything anew beside what is there, in files ending in ``.next``: the vault,
the quarantine, and the key itself where a file or a keyring keeps it. Until :func:`commit` they
mean nothing, and the old key opens everything. The commit is one rename, of ``rotated``; from then
on the new files are the vault, even though they do not have their names yet. :func:`finish` gives
them their names and destroys the old key; every step may be repeated, so that after a process
that was killed anywhere the next one that opens the vault finishes first. No key is needed for
that, but the keyring where it holds the key. All of it is for who holds the vault alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gateway.errors import SiteError, StoreError, VaultInUse
from gateway.registry.vault_key import HOLDERS, Place, destroy, flush
from gateway.registry.vault_lock import Hold

__all__ = [
    "NEXT",
    "commit",
    "discard",
    "finish",
    "next_of",
    "quarantine_of",
    "settled",
]

NEXT = ".next"
_COMMITTED = "rotated"
_WAIT_SECONDS = 5.0
_STEP_SECONDS = 0.02


def next_of(path: Path) -> Path:
    """The draft of a file."""
    return path.with_name(path.name + NEXT)


def quarantine_of(folder: Path) -> Path:
    """The quarantine that belongs to the vault in ``folder``."""
    return folder.parent / "quarantine"


def unfinished(folder: Path) -> bool:
    """Is there anything of a rotation that was cut short?"""
    drafts = (next_of(path) for path in _replaced(folder))
    return (folder / _COMMITTED).exists() or any(path.exists() for path in drafts)


def settled(folder: Path) -> Hold:
    """A hold on the vault, shared with others, once nothing of a rotation is left to do.

    Whoever comes first finishes; the others wait a little. VaultInUse if it takes longer, as under
    a rotation that runs.
    """
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        hold = Hold(folder, wait_seconds=max(0.0, until - time.monotonic()))
        if not unfinished(folder):
            return hold
        hold.close()
        try:
            with Hold(folder, alone=True):
                if not finish(folder):
                    discard(folder)
        except VaultInUse:
            if time.monotonic() >= until:
                raise
            time.sleep(_STEP_SECONDS)


def discard(folder: Path) -> None:
    """Remove the drafts of a rotation that did not come to its commit; after it, do nothing."""
    if (folder / _COMMITTED).exists():
        return
    for place, holder in _holders(folder):
        if next_of(holder).exists():
            # A keyring that cannot be reached must not keep a vault shut whose key is elsewhere.
            with suppress(SiteError):
                destroy(next_of(holder), place)
    for path in _replaced(folder):
        draft = next_of(path)
        for left in (draft, draft.with_name(draft.name + "-journal")):
            left.unlink(missing_ok=True)
    (folder / f"{_COMMITTED}.new").unlink(missing_ok=True)


def commit(folder: Path) -> None:
    """From here on the drafts count. They must be whole, and open with the new key.

    Raises StoreError if a write into an old file was left half done: its journal would be taken
    for one of the new file.
    """
    for path in _replaced(folder):
        for kind in ("-journal", "-wal"):
            if path.with_name(path.name + kind).exists():
                raise StoreError(f"{path}: another program writes to it", hint="end that program")
        if next_of(path).exists():
            flush(next_of(path))
            flush(path.parent)
    draft = folder / f"{_COMMITTED}.new"
    draft.write_text("the files ending in .next are this vault\n", encoding="ascii")
    draft.chmod(0o600)
    flush(draft)
    draft.rename(folder / _COMMITTED)
    flush(folder)


def finish(folder: Path) -> bool:
    """Give the new files their names and destroy the old key; False if nothing was committed."""
    committed = folder / _COMMITTED
    if not committed.exists():
        return False
    for path in _databases(folder):
        if next_of(path).exists():
            next_of(path).replace(path)
            flush(path.parent)
    # Only now: as long as an old database had its name, its key was the last thing to lose.
    for place, holder in _holders(folder):
        if next_of(holder).exists():
            if holder.exists():
                destroy(holder, place)
            next_of(holder).replace(holder)
    flush(folder)
    _write_down(folder)
    committed.unlink()
    flush(folder)
    return True


def _write_down(folder: Path) -> None:
    """In the audit log, once at least: before the mark goes. Here, so that a rotation which another
    command finished is written down as well.
    """
    from gateway.site.audit import record

    if (folder.parent / "site.yaml").is_file():
        record(folder.parent, "vault rotate")


def _databases(folder: Path) -> tuple[Path, ...]:
    return quarantine_of(folder) / "quarantine.sqlite", folder / "vault.sqlite"


def _holders(folder: Path) -> Iterator[tuple[Place, Path]]:
    for place, name in HOLDERS.items():
        yield place, folder / name


def _replaced(folder: Path) -> tuple[Path, ...]:
    return (*_databases(folder), *(holder for _, holder in _holders(folder)))
