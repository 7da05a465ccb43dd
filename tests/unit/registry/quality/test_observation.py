"""Clark's C, windows and entry lags: by hand, and against a reading patient by patient."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.registry.quality.observation import (
    closings,
    entry_lags,
    follow_up,
    person_time,
    windows,
)
from tests.unit.registry.quality.beat import checks, derived, row

TODAY = date(2024, 12, 31)
BEGAN = "2024-01-01"


def patient(code, op=BEGAN, seen="", died="n"):
    rows = [row(code, sex="f"), row(code, "op", 1, op_date=op)]
    return [*rows, row(code, "seen", 1, seen_on=seen, died=died)] if seen or died == "y" else rows


def told(bench, tmp_path, *patients):
    computed = derived(bench, tmp_path, [r for rows in patients for r in rows])
    found = {one["name"]: one for one in follow_up(bench, computed, checks(), TODAY)}
    return found, {
        name: (c["patients"], c["observed_days"], c["days"])
        for name, one in found.items()
        for c in one["closings"]
        if c["until"] == TODAY.isoformat()
    }


def test_closing_dates_are_twelve_quarter_ends_and_today():
    found = closings(date(2024, 5, 17))
    assert len(found) == 13
    assert found[-3:] == (date(2023, 12, 31), date(2024, 3, 31), date(2024, 5, 17))
    assert found[0] == date(2021, 6, 30)
    assert len(set(closings(date(2024, 3, 31)))) == 13


def test_observed_over_possible_person_time(bench, tmp_path):
    # Of 365 days: seen to the end; seen for 100; dead after 100; never seen.
    _, at = told(
        bench,
        tmp_path,
        patient("1", seen="2024-12-31"),
        patient("2", seen="2024-04-10"),
        patient("3", seen="2024-04-10", died="y"),
        patient("4"),
    )
    assert at["all"] == (4, 365 + 100 + 100 + 0, 365 + 365 + 100 + 365)


def test_the_horizon_bounds_what_is_seen_and_what_could_be(bench, tmp_path):
    _, at = told(bench, tmp_path, patient("1", op="2020-01-01", seen="2022-01-01"))
    assert at["year"] == (1, 365, 365)
    assert at["all"] == (1, 731, 1826)


def test_an_earlier_closing_date_knows_nothing_later(bench, tmp_path):
    found, _ = told(
        bench, tmp_path, patient("1", seen="2024-12-01", died="y"), patient("2", op="2024-08-01")
    )
    by_day = {c["until"]: c for c in found["all"]["closings"]}
    march = by_day["2024-03-31"]
    assert (march["patients"], march["observed_days"], march["days"]) == (1, 90, 90)
    assert by_day["2023-12-31"]["patients"] == 0


def test_dates_that_make_no_sense_are_counted_and_left_out(bench, tmp_path):
    found, at = told(
        bench,
        tmp_path,
        patient("1", op="", seen="2024-02-01"),  # no beginning
        patient("2", seen="2023-12-01"),  # seen before it only
        patient("3", died="y"),  # dead on no day
        patient("4", seen="2024-12-31"),
    )
    assert found["all"]["unusable"] == 3
    assert at["all"] == (1, 365, 365)


def test_a_recent_status_is_asked_of_the_living(bench, tmp_path):
    found, _ = told(
        bench,
        tmp_path,
        patient("1", seen="2024-12-01"),
        patient("2", seen="2024-09-22"),  # 100 days ago
        patient("3", seen="2024-09-21"),
        patient("4"),
        patient("5", seen="2024-02-01", died="y"),
    )
    assert (found["all"]["living"], found["all"]["living_recent"]) == (4, 2)
    assert found["year"]["living_recent"] is None


days = st.integers(0, 800)
people = st.lists(st.tuples(days, st.none() | days, st.booleans()), max_size=12)


def clark(rows, closing, horizon):
    """Clark's sums, patient by patient, in days since a common start."""
    seen = possible = 0
    for began, ended_on, ended in rows:
        if began > closing:
            continue
        last = closing if ended_on is None or not ended or ended_on > closing else ended_on
        known = began if ended_on is None else min(ended_on, closing)
        seen += min(max(0, known - began), horizon)
        possible += min(last - began, horizon)
    return seen, possible


def usable(drawn):
    return [
        (began, None if more is None else began + more, ended and more is not None)
        for began, more, ended in drawn
    ]


def engine(rows, closing_dates, horizon):
    start = date(2020, 1, 1)

    def day(number):
        return "NULL::DATE" if number is None else f"DATE '{start + timedelta(number)}'"

    listed = [f"({day(b)}, {day(e)}, {str(d).lower()})" for b, e, d in rows]
    listed = listed or ["(NULL::DATE, NULL::DATE, false)"]
    sql = f"SELECT * FROM (VALUES {', '.join(listed)}) r(began, ended_on, ended)"
    when = tuple(start + timedelta(c) for c in closing_dates)
    with duckdb.connect() as connection:
        found = connection.execute(person_time(sql, when, horizon)).fetchall()
    return [(seen, possible) for _, _, seen, possible in found]


@settings(max_examples=60, deadline=None)
@given(people, st.lists(days, min_size=1, max_size=3, unique=True).map(sorted), st.integers(1, 900))
def test_the_engine_agrees_with_a_reading_patient_by_patient(drawn, closing_dates, horizon):
    rows = usable(drawn)
    found = engine(rows, closing_dates, horizon)
    assert found == [clark(rows, closing, horizon) for closing in closing_dates]
    assert all(0 <= seen <= possible for seen, possible in found)


@settings(max_examples=40, deadline=None)
@given(people.filter(bool), days, st.integers(1, 300))
def test_a_later_contact_never_lowers_c(drawn, closing, more):
    rows = usable(drawn)
    later = [
        (began, end if ended else (began if end is None else end) + more, ended)
        for began, end, ended in rows
    ]
    [(seen, possible)] = engine(rows, [closing], None)
    [(seen_later, possible_later)] = engine(later, [closing], None)
    assert possible_later == possible
    assert seen_later >= seen


def captured(bench, tmp_path, *patients):
    computed = derived(bench, tmp_path, [r for rows in patients for r in rows])
    [one] = windows(bench, computed, checks(), TODAY)
    return {t["name"]: (t["due"], t["captured"]) for t in one["times"]}


def asked(code, *on, **more):
    return [
        *patient(code, **more),
        *(row(code, "form", i, form_on=d, score=5) for i, d in enumerate(on, 1)),
    ]


def test_a_window_counts_those_who_were_due(bench, tmp_path):
    found = captured(
        bench,
        tmp_path,
        asked("1", "2024-03-01", seen="2024-03-01"),  # day 60
        asked("2", "2024-04-30"),  # day 120
        asked("3", "2024-02-29", "2024-05-01"),  # days 59 and 121
        asked("4"),
    )
    assert found == {"early": (4, 2), "late": (0, 0)}


def test_a_window_that_is_open_or_that_death_closed_asks_nobody(bench, tmp_path):
    found = captured(
        bench,
        tmp_path,
        asked("1", "2024-11-15", op="2024-09-03"),  # day 119 is today
        asked("2", op="2024-09-02"),  # day 120 is today
        asked("3", "2024-03-10", seen="2024-04-30", died="y"),  # died on day 120
        asked("4", seen="2024-05-01", died="y"),  # died a day later
        asked("5", died="y"),  # on no day
        asked("6", op=""),
    )
    assert found["early"] == (2, 0)


def test_a_row_without_what_the_window_asks_for_is_none(bench, tmp_path):
    blank = [*patient("1"), row("1", "form", 1, form_on="2024-03-10")]
    assert captured(bench, tmp_path, blank)["early"] == (1, 0)


def test_entry_lags(bench, tmp_path):
    lags = [("2024-01-01", "2024-01-11"), ("2024-01-01", "2024-01-31"), ("2024-01-01", "2024-03-01"),
            ("2024-01-10", "2024-01-01"), ("2024-01-01", ""), ("", "2024-01-01")]  # fmt: skip
    rows = [row(str(i), "op", 1, op_date=a, op_entered=b) for i, (a, b) in enumerate(lags)]
    computed = derived(bench, tmp_path, rows)
    [lag] = entry_lags(bench, computed, checks())
    assert (lag["events"], lag["known"], lag["before_event"], lag["in_time"]) == (5, 4, 1, 2)
    assert (lag["median_days"], lag["ninetieth_days"]) == (30, 60)


@pytest.mark.parametrize("part", ["timeliness", "follow_up", "windows"])
def test_nothing_declared_is_nothing_told(bench, tmp_path, part):
    text = "quality: beat\nversion: 1\ndictionary: beat\n"
    computed = derived(bench, tmp_path, patient("1"), text)
    tell = {
        "timeliness": lambda: entry_lags(bench, computed, checks(text)),
        "follow_up": lambda: follow_up(bench, computed, checks(text), TODAY),
        "windows": lambda: windows(bench, computed, checks(text), TODAY),
    }
    assert tell[part]() == []
