"""How many lines each worklist had when it was made: no name, no record, and no key is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.console.load import current_recorded
from gateway.site.config import SiteFolder

__all__ = ["STATES", "Counted", "WorklistCounts", "read_worklist_counts"]

STATES = ("overdue", "closing soon", "due", "coming")
"""Of lines, as :mod:`gateway.registry.worklist.due` names them; nothing here knows more of it."""


@dataclass(frozen=True)
class Counted:
    """One list. ``name`` is what the command takes, ``states`` its lines by state."""

    name: str
    label: str
    states: dict[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.states.values())


@dataclass(frozen=True)
class WorklistCounts:
    """The lists of the current load, as of its day."""

    at: datetime
    lists: tuple[Counted, ...]

    @property
    def total(self) -> int:
        """All lines of all lists."""
        return sum(one.total for one in self.lists)


def read_worklist_counts(site: SiteFolder) -> WorklistCounts | None:
    """None before the first load, and where an earlier version of the software made it."""
    recorded = current_recorded(site)
    if recorded is None or "worklists" not in recorded.meta:
        return None
    return WorklistCounts(
        at=datetime.fromtimestamp(recorded.meta["created_s"], UTC),
        lists=tuple(
            Counted(one["name"].replace("_", "-"), one["label"], one["states"])
            for one in recorded.meta["worklists"]
        ),
    )
