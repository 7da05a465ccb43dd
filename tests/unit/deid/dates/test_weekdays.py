"""Weekdays apart from a date move with the dates of a note, so that they do not tell the shift."""

import calendar
import re
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deid.dates.weekdays import find_weekdays, is_weekday, moved_weekday
from deid.own.patient import Patient

PATIENT = Patient("a")
BESIDE = [
    "Seen {0:%A} ({0:%m/%d/%Y})",
    "{0:%m/%d/%Y} was a {0:%A}",
    "{0:%A} - {0:%B} {0.day}, {0.year}",
    "{0:%a}: {0:%Y-%m-%d}",
    "{0:%Y-%m-%d} ({0:%a})",
    "{0:%A}, {0:%B} {0.day}, {0.year}",
    "came on a {0:%A}, as she does, and left on {0.day} {0:%B %Y}",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dates(date(2000, 1, 1), date(2026, 12, 31)), st.sampled_from(BESIDE))
def test_the_weekday_beside_a_shifted_date_is_that_of_the_date(shifting, day, style):
    moved = day + timedelta(days=shifting.keys.date_offset_days("a"))
    assert shifting.clean(style.format(day), PATIENT).text == style.format(moved)


@given(st.dates(), st.integers(-364, 364), st.sampled_from(["{:%A}", "{:%a}"]))
def test_a_weekday_moves_in_its_style(day, days, style):
    moved = calendar.weekday(day.year, day.month, day.day) + days
    new = moved_weekday(style.format(day), days)
    full = calendar.day_name[moved % 7]
    assert new == (full if style == "{:%A}" else full[:3])
    assert moved_weekday(style.format(day).upper(), days) == new.upper()
    assert moved_weekday(style.format(day).lower(), days) == new.lower()


@pytest.mark.parametrize(
    ("old", "days", "new"),
    [("jueves", 1, "viernes"), ("Freitag", 2, "Sonntag"), ("LUNDI", 7, "LUNDI"), ("Th", -1, "We")],
)
def test_weekdays_move_in_their_language_and_as_short(old, days, new):
    assert is_weekday(old)
    assert moved_weekday(old, days) == new


def found(text, *dates):
    places = [match.span() for one in dates for match in re.finditer(re.escape(one), text)]
    return [text[start:end] for start, end in find_weekdays(text, sorted(places))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on Monday; TUESDAY's; and next friday", ["Monday", "TUESDAY", "friday"]),
        ("Sat (3/4/2021) or Thu - 3/4/2021, Fri.", ["Sat", "Thu", "Fri"]),
        ("O2 Sat 98% on 3/4/2021. He sat in the Sun", []),
        ("Mon amour, Sunderland, Mondayish, Wed", []),
        ("Monday 3/4/2021", ["Monday"]),
        ("Th 3/4/2021, 14 Fr 3/4/2021", ["Th"]),
        ("3/4/2021 (We). 3/4/2021? We leave", ["We"]),
        ("over the weekend of 3/4/2021; seen.\nWeekend calls", ["weekend"]),
        ("over the weekend. On Tuesday", ["Tuesday"]),
        ("on thu, came 3/4/2021", ["thu"]),
        ("Sat clinic 3/4/2021; O2 Sat today 3/4/2021", ["Sat"]),
        ("jueves 3/4/2021, el lunes", ["jueves", "lunes"]),
        ("Freitag 3/4/2021; then Freitag and Domingo Roe", ["Freitag"]),
    ],
)
def test_names_are_found_anywhere_and_abbreviations_beside_a_date(text, expected):
    assert found(text, "3/4/2021") == expected


def test_what_belongs_to_a_date_is_left_to_it():
    assert found("Good Friday, Monday", "Good Friday") == ["Monday"]
    assert not is_weekday("Friday the 3rd")


def test_weekdays_stay_where_no_date_is_shifted(engine):
    text = "Seen Thursday, and on Fridays."
    assert engine.clean(text, PATIENT).text == text


def test_a_person_called_like_a_weekday_gets_a_surrogate(shifting):
    (span,) = shifting.clean("Seen by Dr. Friday.", PATIENT).spans
    assert span.category == "NAME"


def test_a_feast_keeps_no_weekday_that_would_move(shifting):
    text = shifting.clean("Good Friday 4/2/2021", PATIENT).text
    assert text.startswith("[date] ")
    assert "day" not in text
