"""A line of a worklist, and how it stands on a given day.

What is due does not depend on the day of the load, so a load keeps dates and the day on which
somebody looks decides what is overdue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

__all__ = ["STATES", "Limits", "Line", "State", "days_late", "state", "urgency"]

State = Literal["overdue", "closing soon", "due", "coming"]
STATES: tuple[State, ...] = ("overdue", "closing soon", "due", "coming")
_OF_WINDOWS: tuple[State, ...] = ("closing soon", "due", "overdue", "coming")
"""What can still be answered comes before what cannot."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``soon_days`` before something is due (of windows: before it closes) it says so;
    ``keep_days`` after it was too late a line goes, None: never.
    """

    soon_days: int
    keep_days: int | None
    windows: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do for one patient. ``since`` is what it counts from (the last contact, the
    operation, the opening of a window), ``due`` the first day on which it is due, ``late`` the
    last before it is overdue; None where the record has no date that would tell. Names a record.
    """

    record: str
    instance: str
    what: str
    since: date | None
    due: date | None
    late: date | None
    step: str


def state(line: Line, limits: Limits, today: date) -> State | None:
    """How the line stands; None if nothing is to be done today."""
    if line.due is None or line.late is None:
        return "overdue"
    if today > line.late:
        gone = limits.keep_days is not None and (today - line.late).days > limits.keep_days
        return None if gone else "overdue"
    soon = timedelta(days=limits.soon_days)
    if today >= line.due:
        return "closing soon" if limits.windows and line.late - today <= soon else "due"
    return "coming" if not limits.windows and line.due - today <= soon else None


def days_late(line: Line, limits: Limits, today: date) -> int | None:
    """Days past the day it was due; of a window, past its end. Below zero: days that are left."""
    end = line.late if limits.windows else line.due
    return None if end is None else (today - end).days


def urgency(line: Line, is_in: State, limits: Limits) -> tuple[int, date, str, str]:
    """Sort key: the most urgent first, of those the longest due."""
    order = _OF_WINDOWS if limits.windows else STATES
    end = line.late if limits.windows else line.due
    return order.index(is_in), end or date.min, line.record, line.instance
