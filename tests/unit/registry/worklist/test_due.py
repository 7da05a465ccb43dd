"""How a line stands depends on the day on which somebody looks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.registry.worklist.due import Limits, Line, days_late, state, urgency

DUE, LATE = date(2024, 6, 1), date(2024, 6, 11)
VISITS = Limits(soon_days=5, keep_days=None, windows=False)
WINDOWS = Limits(soon_days=5, keep_days=30, windows=True)


def line(due: date | None = DUE, late: date | None = LATE, record: str = "1") -> Line:
    return Line(record, "", "what", due, due, late, "step")


@pytest.mark.parametrize(
    ("day", "visit", "window"),
    [
        (date(2024, 5, 26), None, None),
        (date(2024, 5, 27), "coming", None),
        (date(2024, 5, 31), "coming", None),
        (date(2024, 6, 1), "due", "due"),
        (date(2024, 6, 5), "due", "due"),
        (date(2024, 6, 6), "due", "closing soon"),
        (date(2024, 6, 11), "due", "closing soon"),
        (date(2024, 6, 12), "overdue", "overdue"),
        (date(2024, 7, 11), "overdue", "overdue"),
        (date(2024, 7, 12), "overdue", None),
        (date(2034, 7, 12), "overdue", None),
    ],
)
def test_states_by_day(day, visit, window):
    assert state(line(), VISITS, day) == visit
    assert state(line(), WINDOWS, day) == window


def test_without_dates_it_is_overdue_and_comes_first():
    unknown = line(None, None)
    assert state(unknown, VISITS, DUE) == "overdue"
    assert days_late(unknown, VISITS, DUE) is None
    old = line(DUE - timedelta(days=900), LATE - timedelta(days=900))
    assert urgency(unknown, "overdue", VISITS) < urgency(old, "overdue", VISITS)


def test_days_count_from_when_it_was_due_and_of_windows_from_the_end():
    assert days_late(line(), VISITS, date(2024, 6, 3)) == 2
    assert days_late(line(), WINDOWS, date(2024, 6, 3)) == -8


def test_what_can_still_be_answered_comes_before_what_cannot():
    later = line(DUE + timedelta(days=1), LATE + timedelta(days=1))
    assert urgency(later, "closing soon", WINDOWS) < urgency(line(), "due", WINDOWS)
    assert urgency(later, "due", WINDOWS) < urgency(line(), "overdue", WINDOWS)
    assert urgency(line(), "overdue", VISITS) < urgency(line(), "due", VISITS)
    assert urgency(line(), "overdue", VISITS) < urgency(later, "overdue", VISITS)
