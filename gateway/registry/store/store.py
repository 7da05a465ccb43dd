"""What a registry store is: immutable versions, one pointer to the current, one to the published.

A version holds a table ``unit_<name>`` per unit, ``notes``, ``stated`` and, where a profile has
one, ``calendar``; what the load recorded is its meta. Nobody writes to a version after it has its
name. Queries read the published snapshot, whose id is random and says nothing (D7).

``tests/store_contract.py`` says in tests what every store promises.
"""

from __future__ import annotations

import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pyarrow as pa

from gateway.errors import PublishRefused, StoreError
from gateway.registry.bench import Bench

__all__ = [
    "KEPT",
    "Draft",
    "Snapshot",
    "Store",
    "Version",
    "is_version_name",
    "snapshot_of",
    "spare",
    "version_name",
]

KEPT = 2
"""Versions that stay beside the current and the published one."""

_SNAPSHOT_BYTES = 16


class Version(Protocol):
    """One load's result. Two are equal if they are the same version of the same store."""

    @property
    def name(self) -> str:
        """When it was made, and a random end."""
        ...

    def connect(self) -> Any:
        """A read-only Ibis backend on this version; the caller closes it with ``disconnect``."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query gives that every engine understands. StoreError where it cannot be run."""
        ...

    def arrow(self, table: str, order: Iterable[str]) -> pa.Table:
        """A whole table in the order of some columns. StoreError where the version lacks it."""
        ...

    def meta(self) -> dict[str, Any]:
        """What the load recorded: digests, source, counts, time. StoreError if unreadable."""
        ...


@dataclass(frozen=True)
class Snapshot:
    """A published version. ``id`` is random: a new one is a new charge on the same patients."""

    id: str
    version: Version
    published_at: datetime

    def connect(self) -> Any:
        """A read-only Ibis backend on the published version."""
        return self.version.connect()


class Draft(Protocol):
    """A version that is being written and has no name yet."""

    def fill(self, bench: Bench, tables: Iterable[str], meta: dict[str, Any]) -> None:
        """Copy these tables of the workbench, and record ``meta``. Once."""
        ...


class Store(ABC):
    """The versions of a site's registry, and the two pointers."""

    @abstractmethod
    def current(self) -> Version | None:
        """The last load's version; None before the first. StoreError if it is missing."""

    @abstractmethod
    def published(self) -> Snapshot | None:
        """The snapshot that queries read; None before the first publish."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Draft]:
        """A draft under the store's lock; what a killed load left is removed first, and what
        this one leaves at the end. StoreError if another load or publish is running.
        """

    @abstractmethod
    def adopt(self, draft: Any, *, now: datetime) -> Version:
        """Make a filled draft the current version: all of it, durably, or nothing.

        Call it within :meth:`writing`.
        """

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
            self._point(
                "published",
                {
                    "id": snapshot.id,
                    "version": version.name,
                    "at_s": int(now.timestamp()),
                    # An answer that has been charged for it may only be about to open it.
                    "before": None if last is None else last.version.name,
                },
            )
            self._prune()
            return snapshot

    def forget(self) -> None:
        """Remove every version but the current and the published one: somebody who is in the
        others has opted out.
        """
        if self._spare(0):
            with self._locked():
                self._prune(0)

    @abstractmethod
    def _locked(self) -> AbstractContextManager[Any]:
        """One load or publish at a time; StoreError for the second."""

    @abstractmethod
    def _point(self, name: str, content: dict[str, Any]) -> None:
        """Move a pointer, durably, under the lock."""

    @abstractmethod
    def _prune(self, kept: int = KEPT) -> None:
        """Remove the versions that can be spared."""

    @abstractmethod
    def _spare(self, kept: int) -> list[str]:
        """Names of versions that are neither current nor published, but for the latest ``kept``
        and the one that was published before; with 0, all.
        """


def spare(
    names: Iterable[str], pointers: Iterable[Mapping[str, Any] | None], kept: int
) -> list[str]:
    """Of these versions those that can be spared: see :meth:`Store._spare`."""
    needed: set[Any] = set()
    for pointer in filter(None, pointers):
        needed |= {pointer["version"], pointer.get("before") if kept else None}
    others = sorted(name for name in names if is_version_name(name) and name not in needed)
    return others[: len(others) - kept] if kept < len(others) else []


def snapshot_of(pointer: dict[str, Any], version: Version) -> Snapshot:
    """The snapshot that a stored pointer means."""
    return Snapshot(pointer["id"], version, datetime.fromtimestamp(pointer["at_s"], UTC))


def version_name(now: datetime) -> str:
    """A name that sorts by time and is not taken: ``20260101T000000Z-9f86d081``."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def is_version_name(text: str) -> bool:
    """Is ``text`` a name as :func:`version_name` gives it?"""
    return re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", text, re.ASCII) is not None
