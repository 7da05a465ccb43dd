"""A worklist as people read it: the lines of a day with who the patients are, from the vault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.errors import SiteError
from gateway.registry.vault import Vault
from gateway.registry.worklist.due import State, days_late, state, urgency
from gateway.registry.worklist.sealed import Kept, SealedWorklists
from gateway.site.config import SiteFolder

__all__ = ["Task", "Worklist", "read_worklists"]


@dataclass(frozen=True, slots=True)
class Task:
    """A line with its patient. ``who`` holds the declared identifiers by element; never logged."""

    list: str
    state: State
    days: int | None
    """Past the day it was due (of a window: its end); below zero, days that are left."""
    record: str = field(repr=False)
    who: Mapping[str, str] = field(repr=False)
    instance: str
    what: str
    since: date | None
    due: date | None
    until: date | None
    step: str


@dataclass(frozen=True)
class Worklist:
    """One list on one day, the most urgent first."""

    name: str
    label: str
    tasks: Sequence[Task] = field(repr=False)


def read_worklists(
    site: SiteFolder, today: date, only: str | None = None
) -> tuple[date, list[Worklist]]:
    """Day of the load, and its lists as they stand ``today``.

    Raises SiteError for an unknown list or a day before the load, StoreError where there is none
    or it does not open.
    """
    vault = Vault.open(site.vault_path)
    sealed = SealedWorklists(site.vault_path, vault)
    loaded, kept = sealed.head()
    if today < loaded:
        raise SiteError(
            f"{today} is before the last load ({loaded})",
            hint="give a later day: what was over by then is not kept",
        )
    names = [one.name for one in kept]
    if only is not None and only not in names:
        known = ", ".join(name.replace("_", "-") for name in names) or "none is declared"
        raise SiteError(f'no worklist "{only.replace("_", "-")}"', hint=f"worklists: {known}")
    shown = site.worklists().identifiers
    return loaded, [
        Worklist(one.name, one.label, list(_tasks(sealed, vault, one, shown, today)))
        for one in kept
        if only in (None, one.name)
    ]


def _tasks(
    sealed: SealedWorklists, vault: Vault, one: Kept, shown: Sequence[str], today: date
) -> Iterator[Task]:
    standing = [
        (now, line)
        for line in sealed.lines(one)
        if (now := state(line, one.limits, today)) is not None
    ]
    standing.sort(key=lambda each: urgency(each[1], each[0], one.limits))
    people = vault.patients({line.record for _, line in standing})
    for now, line in standing:
        known = people.get(line.record, {})
        yield Task(
            list=one.name,
            state=now,
            days=days_late(line, one.limits, today),
            record=line.record,
            who={name: known[name] for name in shown if name in known},
            instance=line.instance,
            what=line.what,
            since=line.since,
            due=line.due,
            until=line.late,
            step=line.step,
        )
