"""The quarantine as the pages show it: what waits, for how long, what was decided. No key is
needed for any of it, and nothing of a note is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.console import words
from gateway.registry.quarantine_file import Decision, QuarantineFile, Waiting
from gateway.site.config import SiteFolder

__all__ = ["AGES", "Decided", "Reason", "Review", "read_review"]

AGES = {
    "≤ 1 day": timedelta(days=1),
    "≤ 7 days": timedelta(days=7),
    "≤ 30 days": timedelta(days=30),
    "> 30 days": timedelta.max,
}
"""For how long notes wait: name and upper end of each class."""
_SHOWN = 50  # decisions on the page
_SHOWN_ID = 12  # characters, as osteon deid review shows them


@dataclass(frozen=True)
class Reason:
    """Notes that wait for one reason; ``by_age`` has a count for each of :data:`AGES`."""

    code: str
    says: str
    by_age: tuple[int, ...]
    oldest: datetime

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_age)


@dataclass(frozen=True)
class Decided:
    """One decision; ``now`` says how the note stands today."""

    at: datetime
    who: str
    says: str
    id: str
    now: str


@dataclass(frozen=True)
class Review:
    """``of_loads`` of the waiting notes were withheld by a load, the others by osteon deid notes.
    ``decisions`` are the newest; ``decided`` counts them all.
    """

    waiting: int
    of_loads: int
    oldest: datetime | None
    released: int
    kept: int
    reasons: tuple[Reason, ...]
    decided: int
    decisions: tuple[Decided, ...]


def read_review(site: SiteFolder, now: Callable[[], datetime]) -> Review | None:
    """The quarantine today; None where no note was ever withheld. QuarantineError if it cannot
    be read.
    """
    queue = QuarantineFile(site.quarantine_path)
    if not queue.path.exists():
        return None
    waiting, states, decisions = queue.waiting(), queue.states(), queue.decisions()
    return Review(
        waiting=len(waiting),
        of_loads=sum(one.origin == "load" for one in waiting),
        oldest=min((one.since for one in waiting), default=None),
        released=states["released"],
        kept=states["kept"],
        reasons=_reasons(waiting, now()),
        decided=len(decisions),
        decisions=tuple(_decided(one) for one in reversed(decisions[-_SHOWN:])),
    )


def _reasons(waiting: Sequence[Waiting], now: datetime) -> tuple[Reason, ...]:
    by_code: dict[str, list[datetime]] = {}
    for one in waiting:
        by_code.setdefault(one.reason, []).append(one.since)
    found = [
        Reason(code, words.withheld(code), _by_age(since, now), min(since))
        for code, since in by_code.items()
    ]
    return tuple(sorted(found, key=lambda reason: (-reason.total, reason.code)))


def _by_age(since: Sequence[datetime], now: datetime) -> tuple[int, ...]:
    ends = list(AGES.values())
    counts = [0] * len(ends)
    for moment in since:
        counts[next(i for i, most in enumerate(ends) if now - moment <= most)] += 1
    return tuple(counts)


def _decided(one: Decision) -> Decided:
    return Decided(
        at=one.at,
        who=one.who,
        says=words.ACTS.get(one.what, one.what),
        id=one.id[:_SHOWN_ID],
        now="gone since" if one.state is None else words.STATES[one.state],
    )
