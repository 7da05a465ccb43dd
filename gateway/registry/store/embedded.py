"""The embedded store: ``SITE_DIR/store/<version>.duckdb``, a file per version, and two pointers.

DuckDB allows no writer beside readers, so a version is written as a file of its own and gets its
name by a rename; readers open it read-only.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeGuard

import duckdb
import pyarrow as pa

from gateway.errors import StoreError
from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.store.store import (
    KEPT,
    Snapshot,
    Store,
    is_version_name,
    snapshot_of,
    spare,
    version_name,
)

__all__ = ["DuckDBStore", "DuckDBVersion"]

# Otherwise DuckDB may fetch extensions from the internet (D16). All connections of a process to
# one file must have the same settings.
_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


@dataclass(frozen=True)
class DuckDBVersion:
    """See :class:`~gateway.registry.store.store.Version`."""

    name: str
    path: Path

    def connect(self) -> Any:
        """See :class:`~gateway.registry.store.store.Version`."""
        import ibis

        return ibis.duckdb.connect(str(self.path), read_only=True, **_SETTINGS)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """See :class:`~gateway.registry.store.store.Version`."""
        with self._opened() as connection:
            found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return found

    def arrow(self, table: str, order: Iterable[str]) -> pa.Table:
        """See :class:`~gateway.registry.store.store.Version`."""
        by = ", ".join(quoted(column) for column in order)
        with self._opened() as connection:
            return connection.sql(f"SELECT * FROM {quoted(table)} ORDER BY {by}").to_arrow_table()

    def meta(self) -> dict[str, Any]:
        """See :class:`~gateway.registry.store.store.Version`."""
        try:
            found: dict[str, Any] = json.loads(self.rows("SELECT json FROM meta")[0][0])
        except (ValueError, IndexError) as error:
            raise self._unreadable() from error
        return found

    @contextmanager
    def _opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection, without Ibis."""
        try:
            with duckdb.connect(str(self.path), read_only=True, config=_SETTINGS) as connection:
                yield connection
        except duckdb.CatalogException:
            raise StoreError(f"the store's version {self.name} lacks a table asked for") from None
        except duckdb.Error as error:
            raise self._unreadable() from error

    def _unreadable(self) -> StoreError:
        return StoreError(
            f"the store's version {self.name} cannot be read",
            hint="load the last export again: osteon site ingest",
        )


@dataclass(frozen=True)
class _File:
    """A draft: a file without its name."""

    path: Path

    def fill(self, bench: Bench, tables: Iterable[str], meta: dict[str, Any]) -> None:
        bench.run(f"ATTACH {literal(str(self.path))} AS target")
        for table in tables:
            bench.run(f"CREATE TABLE target.{quoted(table)} AS SELECT * FROM {quoted(table)}")
        bench.run("CREATE TABLE target.meta (json VARCHAR)")
        bench.run("INSERT INTO target.meta VALUES (?)", [json.dumps(meta)])
        bench.run("CHECKPOINT target")
        bench.run("DETACH target")


class DuckDBStore(Store):
    """See :class:`~gateway.registry.store.store.Store`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> DuckDBVersion | None:
        """See :class:`Store`; StoreError if the pointer is damaged or names no file."""
        pointer = self._pointer("current")
        return None if pointer is None else self._version(pointer["version"])

    def published(self) -> Snapshot | None:
        """See :class:`Store`."""
        pointer = self._pointer("published")
        return None if pointer is None else snapshot_of(pointer, self._version(pointer["version"]))

    @contextmanager
    def writing(self) -> Iterator[_File]:
        """See :class:`Store`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            for left in self.folder.glob(".new-*"):
                left.unlink()
            path = self.folder / f".new-{secrets.token_hex(4)}.duckdb"
            try:
                yield _File(path)
            finally:
                path.unlink(missing_ok=True)

    def adopt(self, draft: _File, *, now: datetime) -> DuckDBVersion:
        """See :class:`Store`."""
        name = version_name(now)
        version = DuckDBVersion(name, self.folder / f"{name}.duckdb")
        draft.path.chmod(0o600)
        _flush(draft.path)
        draft.path.replace(version.path)
        _flush(self.folder)
        self._point("current", {"version": name})
        self._prune()
        return version

    def _version(self, name: str) -> DuckDBVersion:
        version = DuckDBVersion(name, self.folder / f"{name}.duckdb")
        if not version.path.is_file():
            raise StoreError(f"the store's version {name} is missing")
        return version

    def _pointer(self, name: str) -> dict[str, Any] | None:
        path = self.folder / f"{name}.json"
        try:
            found: object = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            found = None
        if _is_pointer(found, name):
            return found
        raise StoreError(f"the store's pointer {path.name} is damaged")

    def _point(self, name: str, content: dict[str, Any]) -> None:
        path = self.folder / f"{name}.json"
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(content), encoding="utf-8")
        _flush(temporary)
        temporary.replace(path)
        _flush(self.folder)

    def _prune(self, kept: int = KEPT) -> None:
        for old in self._spare(kept):
            (self.folder / f"{old}.duckdb").unlink(missing_ok=True)

    def _spare(self, kept: int) -> list[str]:
        names = (path.stem for path in self.folder.glob("*.duckdb"))
        return spare(names, (self._pointer("current"), self._pointer("published")), kept)

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


def _is_pointer(found: object, name: str) -> TypeGuard[dict[str, Any]]:
    """Is it what :meth:`DuckDBStore._point` wrote under that name?"""
    if not isinstance(found, dict):
        return False
    kinds = {"version": str} | ({"id": str, "at_s": int} if name == "published" else {})
    return all(isinstance(found.get(key), kind) for key, kind in kinds.items()) and (
        is_version_name(found["version"])
    )


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
