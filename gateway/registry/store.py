"""The registry store: immutable versions, one pointer to the current, one to the published.

``SITE_DIR/store/<version>.duckdb`` holds a table ``unit_<name>`` per unit, ``notes``, and
``meta`` (one row of JSON). Nobody writes to a version after it has its name; readers open it
read-only. Queries read the published snapshot, whose id is random and says nothing (D7).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import duckdb

from gateway.errors import PublishRefused, StoreError

__all__ = ["DuckDBStore", "Snapshot", "Store", "Version"]

_KEPT = 2
# Otherwise DuckDB may fetch extensions from the internet (D16). All connections of a process to
# one file must have the same settings.
_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_SNAPSHOT_BYTES = 16


@dataclass(frozen=True)
class Version:
    """One load's result."""

    name: str
    path: Path

    def connect(self) -> Any:
        """A read-only Ibis backend on this version."""
        import ibis

        return ibis.duckdb.connect(str(self.path), read_only=True, **_SETTINGS)

    def open(self) -> duckdb.DuckDBPyConnection:
        """A read-only connection, without Ibis."""
        return duckdb.connect(str(self.path), read_only=True, config=_SETTINGS)

    def meta(self) -> dict[str, Any]:
        """What the load recorded: digests, source, counts, time."""
        with self.open() as connection:
            rows = connection.execute("SELECT json FROM meta").fetchall()
        found: dict[str, Any] = json.loads(rows[0][0])
        return found


@dataclass(frozen=True)
class Snapshot:
    """A published version. ``id`` is random: a new one is a new charge on the same patients."""

    id: str
    version: Version
    published_at: datetime

    @property
    def path(self) -> Path:
        """The version's file."""
        return self.version.path

    def connect(self) -> Any:
        """A read-only Ibis backend on the published version."""
        return self.version.connect()


class Store(Protocol):
    """What the rest of a site needs of its store."""

    def current(self) -> Version | None:
        """The last load's version; None before the first."""
        ...

    def published(self) -> Snapshot | None:
        """The snapshot that queries read; None before the first publish."""
        ...

    def publish(self, *, every_days: int, force: bool, now: datetime) -> Snapshot:
        """Make the current version the published snapshot."""
        ...


class DuckDBStore:
    """The embedded store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Version | None:
        """See :class:`Store`; StoreError if the pointer names a file that is not there."""
        pointer = self._pointer("current")
        return None if pointer is None else self._version(pointer["version"])

    def published(self) -> Snapshot | None:
        """See :class:`Store`."""
        pointer = self._pointer("published")
        if pointer is None:
            return None
        at = datetime.fromtimestamp(pointer["at_s"], UTC)
        return Snapshot(pointer["id"], self._version(pointer["version"]), at)

    def publish(self, *, every_days: int, force: bool, now: datetime) -> Snapshot:
        """Point at the current version under a fresh random id; the same version twice is one.

        Raises :class:`PublishRefused` when less than ``every_days`` have passed since the last
        publish of another version, unless ``force``.
        """
        with self._locked():
            version, last = self.current(), self.published()
            if version is None:
                raise StoreError("nothing to publish", hint="osteon site ingest")
            if last is not None and last.version == version:
                return last
            if last is not None and not force:
                due = last.published_at + timedelta(days=every_days)
                if now < due:
                    raise PublishRefused(
                        f"the policy publishes every {every_days} days; the next is due on "
                        f"{due.date().isoformat()}",
                        hint="each snapshot is a new charge on nearly the same patients; "
                        "--force publishes all the same",
                    )
            snapshot = Snapshot(
                secrets.token_hex(_SNAPSHOT_BYTES), version, now.replace(microsecond=0)
            )
            content = {"id": snapshot.id, "version": version.name, "at_s": int(now.timestamp())}
            self._point("published", content)
            self._prune()
            return snapshot

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A path for a new version's file, under the store's lock; what a killed load left there
        is removed first. StoreError if another load is running.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            for left in self.folder.glob(".new-*"):
                left.unlink()
            path = self.folder / f".new-{secrets.token_hex(4)}.duckdb"
            try:
                yield path
            finally:
                path.unlink(missing_ok=True)

    def adopt(self, finished: Path, *, now: datetime) -> Version:
        """Make a finished file the current version: all of it, durably, or nothing.

        Call it within :meth:`writing`.
        """
        name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        version = Version(name, self.folder / f"{name}.duckdb")
        finished.chmod(0o600)
        _flush(finished)
        finished.replace(version.path)
        _flush(self.folder)
        self._point("current", {"version": name})
        self._prune()
        return version

    def _version(self, name: str) -> Version:
        version = Version(name, self.folder / f"{name}.duckdb")
        if not version.path.is_file():
            raise StoreError(f"the store's version {name} is missing")
        return version

    def _pointer(self, name: str) -> dict[str, Any] | None:
        path = self.folder / f"{name}.json"
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise StoreError(f"the store's pointer {path.name} is damaged") from error
        return found

    def _point(self, name: str, content: Mapping[str, Any]) -> None:
        path = self.folder / f"{name}.json"
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(content), encoding="utf-8")
        _flush(temporary)
        temporary.replace(path)
        _flush(self.folder)

    def _prune(self) -> None:
        current, published = self.current(), self.published()
        kept = {version.path for version in (current, published and published.version) if version}
        others = sorted(set(self.folder.glob("[0-9]*.duckdb")) - kept)
        for old in others[:-_KEPT]:
            old.unlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self.folder.is_dir():
            raise StoreError("the site has no store", hint="osteon site init")
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError("another load or publish is running at this site") from None
            yield


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
