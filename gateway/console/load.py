"""The current load and the published snapshot, from the store's pointers and meta."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.registry.quality.recorded import Recorded, read_recorded
from gateway.registry.store.opening import open_store
from gateway.registry.store.store import Version
from gateway.site.config import SiteFolder

__all__ = ["Load", "Published", "current_recorded", "read_load", "read_published"]


@dataclass(frozen=True)
class Load:
    """The current load, in exact counts."""

    version: str
    at: datetime
    kind: str
    rows: int
    patients: int
    excluded: int
    units: dict[str, int]
    problems: int


@dataclass(frozen=True)
class Published:
    """What queries read. ``newer_load`` says that a later load waits to be published."""

    at: datetime
    patients: int
    next_due: datetime | None
    newer_load: bool


def current_recorded(site: SiteFolder) -> Recorded | None:
    """What the current load recorded; None before the first. StoreError if it cannot be read."""
    version = open_store(site).current()
    return None if version is None else read_recorded(version)


def _meta(version: Version) -> dict[str, Any]:
    return read_recorded(version).meta


def read_load(site: SiteFolder) -> Load | None:
    """The current load; None before the first."""
    version = open_store(site).current()
    if version is None:
        return None
    meta = _meta(version)
    return Load(
        version=version.name,
        at=datetime.fromtimestamp(meta["created_s"], UTC),
        kind=meta["source"]["kind"],
        rows=meta["rows"],
        patients=meta["patients"],
        excluded=meta["excluded"],
        units=meta["units"],
        problems=sum(meta["problems"].values()),
    )


def read_published(site: SiteFolder, every_days: int | None) -> Published | None:
    """The published snapshot; None before the first publish. ``every_days`` is the policy's
    time between snapshots, None where no policy can be read.
    """
    store = open_store(site)
    snapshot = store.published()
    if snapshot is None:
        return None
    due = None if every_days is None else snapshot.published_at + timedelta(days=every_days)
    return Published(
        at=snapshot.published_at,
        patients=_meta(snapshot.version)["patients"],
        next_due=due,
        newer_load=store.current() != snapshot.version,
    )
