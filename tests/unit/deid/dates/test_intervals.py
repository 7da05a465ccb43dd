"""Dates keep their intervals, moved or written as offsets from the anchor, and their style."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deid.dates.find import find_dates
from deid.dates.rewrite import offset_text, shift_text, year_text
from deid.own.patient import Patient

DAY = date(2021, 3, 4)


STYLES = [
    "{:%Y-%m-%d}",
    "{:%m/%d/%Y}",
    "{:%B %d, %Y}",
    "{:%d %b %Y}",
    "{:%A, %B %d, %Y}",
    "{:%Y%m%d}",
]
days = st.dates(date(1930, 1, 1), date(2029, 12, 31))
offsets = st.integers(-364, 364).filter(bool)


@given(days, days, offsets, st.sampled_from(STYLES), st.sampled_from(STYLES))
def test_shifting_preserves_every_interval_in_any_style(one, two, offset, style_one, style_two):
    moved = []
    for day, style in ((one, style_one), (two, style_two)):
        (match,) = find_dates(style.format(day))
        assert match.exact() == day
        (again,) = find_dates(shift_text(match, offset))
        moved.append(again.exact())
    assert moved[1] - moved[0] == two - one
    assert moved[0] == one + timedelta(days=offset)


@given(days, days, st.sampled_from(STYLES))
def test_offsets_from_the_anchor_are_exact_days(day, anchor, style):
    (match,) = find_dates(style.format(day))
    assert offset_text(match, anchor) == f"[day {(day - anchor).days:+d}]"


@given(days, offsets)
def test_a_shifted_weekday_fits_its_date(day, offset):
    (match,) = find_dates(f"{day:%A}, {day:%B} {day.day}, {day.year}")
    text = shift_text(match, offset)
    new = day + timedelta(days=offset)
    assert text.startswith(calendar.day_name[new.weekday()])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/4/21", "4/13/21"),
        ("03/04/2021", "04/13/2021"),
        ("4-MAR-2021", "13-APR-2021"),
        ("March 4th, 2021", "April 13th, 2021"),
        ("March 4", "April 13"),
        ("March 2021", "April 2021"),
        ("March 3-5, 2021", "April 12, 2021 to April 14, 2021"),
        ("'98", "1998"),
        ("spring of 2021", "2021"),
    ],
)
def test_shifting_keeps_the_style(text, expected):
    (match,) = find_dates(text)
    assert shift_text(match, 40, near=DAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("March 3-5, 2021", "[day +2 to +4]"),
        ("March 2021", "[day ~+14]"),
        ("March 4", "[day +3]"),
        ("December 30", "[day -61]"),
        ("spring of 2021", "2021"),
        ("Christmas", "[date]"),
    ],
)
def test_partial_dates_as_offsets(text, expected):
    (match,) = find_dates(text)
    assert offset_text(match, date(2021, 3, 1), near=DAY) == expected


def test_only_the_year_is_left_without_an_anchor():
    assert [year_text(match) for match in find_dates("March 4, 2021 and on March 4")] == [
        "2021",
        "[date]",
    ]


def test_a_range_in_figures_keeps_its_length():
    (match,) = find_dates("3/4-3/9/2021")
    assert offset_text(match, date(2021, 3, 1)) == "[day +3 to +8]"
    assert shift_text(match, 10) == "March 14, 2021 to March 19, 2021"


def test_days_that_cannot_be_placed_are_taken_out_whole():
    for text in ("from 3/4-9", "Friday the 3rd", "March 3 to 5"):
        (match,) = find_dates(text)
        near = date(2021, 6, 1)
        assert offset_text(match, date(2021, 3, 1), near=near) == "[date]"
        assert shift_text(match, 10, near=near) == "[date]"


DAY_OF_STAMP = ["{:%Y-%m-%d}", "{:%Y%m%d}", "{:%Y/%m/%d}"]
TIME_OF_STAMP = ["T{:%H:%M:%S}", "T{:%H:%M}", "T{:%H%M%S}", "T{:%H}", " {:%H:%M:%S}", " {:%H:%M}"]
ZONE = ["", "Z", "+01:00", "-0500", ".123Z", ".123456+00:00"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    days,
    st.times(),
    st.sampled_from(DAY_OF_STAMP),
    st.sampled_from(TIME_OF_STAMP),
    st.sampled_from(ZONE),
)
def test_a_time_stamp_is_a_day_and_no_record_number(
    shifting, engine, day, time, written, clock, zone
):
    if zone.startswith(".") and "%S" not in clock:
        zone = ""
    rest = clock.format(time) + zone
    text = f"Pathology signed {written.format(day)}{rest} by the laboratory."
    moved = day + timedelta(days=shifting.keys.date_offset_days("a"))
    expected = f"Pathology signed {written.format(moved)}{rest} by the laboratory."
    assert shifting.clean(text, Patient("a")).text == expected
    anchor = date(2029, 12, 31)
    safe = engine.clean(text, Patient("a", anchor=anchor)).text
    told = "over 89 years before" if (anchor - day).days > 32800 else None
    days_before = f"[day {(day - anchor).days:+d}]{rest}"
    assert days_before in safe or (told is not None and told in safe)


@pytest.mark.parametrize("code", ["RI-2021-03-04T14", "2021-03-04T14XZ7"])
def test_what_only_holds_a_stamp_is_a_record_number(shifting, code):
    (span,) = shifting.clean(f"Read as {code} here.", Patient("a")).spans
    assert span.category == "ID"


@pytest.mark.parametrize(
    "text", ["Lot 2021-03-04T14:30", "MRN: 2021-3-4T9:30", "x 2021-03-04T14:30Z/2021-03-05T14:30Z"]
)
def test_a_stamp_behind_a_label_is_a_day(shifting, text):
    found = shifting.clean(text, Patient("a")).spans
    assert {span.category for span in found} == {"DATE"}
