"""What a load did, as the version's meta has it and a person is told it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.registry.quarantine import Quarantine
from gateway.registry.store.store import Version

__all__ = ["LoadReport", "report_of"]


@dataclass(frozen=True)
class LoadReport:
    """What a load did. Counts are the site's own business and are not sent anywhere.

    ``problems`` counts fix list lines by rule, ``notes_waiting`` the notes in the quarantine that
    nobody has decided on. ``withdrawn`` patients are in the published snapshot and have opted out
    since; ``published`` says that a new snapshot replaced it. ``vanished`` are elements of the
    dictionary that a REDCap export does not hold, ``warnings`` sentences to read before publishing.
    ``unread`` counts what the source holds and the site map does not ask for, by name.
    """

    version: str
    changed: bool
    source: str
    kind: str
    rows: int
    patients: int
    excluded: int
    units: dict[str, int]
    problems: dict[str, int] = field(default_factory=dict)
    notes_stored: int = 0
    notes_withheld: dict[str, int] = field(default_factory=dict)
    notes_waiting: int = 0
    withdrawn: int = 0
    published: bool = False
    vanished: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unread: dict[str, int] = field(default_factory=dict)


def report_of(
    meta: dict[str, Any], version: Version, queue: Quarantine, *, changed: bool
) -> LoadReport:
    """The report of a version; ``changed``: this load made it."""
    return LoadReport(
        version=version.name,
        changed=changed,
        source=meta["source"]["file"],
        kind=meta["source"]["kind"],
        rows=meta["rows"],
        patients=meta["patients"],
        excluded=meta["excluded"],
        units=meta["units"],
        problems=meta["problems"],
        notes_stored=meta["notes"]["stored"],
        notes_withheld=meta["notes"]["withheld"],
        notes_waiting=queue.states()["waiting"],
        vanished=tuple(meta["vanished"]),
        warnings=tuple(meta["warnings"]),
        unread=meta.get("unread", {}),
    )
