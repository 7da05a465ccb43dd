"""Dates that run into each other are found whole."""

import calendar
import re
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from deid.dates.find import find_dates

DAY = date(2021, 3, 4)


# Every form with a year, of one date; a year of four digits, so that nothing else can hold it.
def written(day):
    month, name, short = day.month, calendar.month_name[day.month], calendar.month_abbr[day.month]
    roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"][month - 1]
    weekday = calendar.day_name[day.weekday()]
    return [
        *(f"{month}/{day.day}/{day.year}", f"{day:%m-%d-%Y}", f"{day:%m.%d.%Y}", f"{day:%m %d %Y}"),
        *(f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day:%Y.%m.%d}", f"{day:%Y%m%d}"),
        *(f"{name} {day.day}, {day.year}", f"{short} {day.day} {day.year}"),
        *(f"{name}, {day.day} {day.year}", f"{name} the {day.day}th, {day.year}"),
        *(f"{name.lower()} {day.day} {day.year}", f"{weekday}, {name} {day.day}, {day.year}"),
        *(f"{day.day} {name} {day.year}", f"{day.day}th of {name}, {day.year}"),
        *(f"{day.day}-{short.upper()}-{day.year}", f"{day:%d}{short.upper()}{day.year}"),
        *(f"{day.day}/{roman}/{day.year}", f"{day.year}-{short}-{day:%d}"),
        *(f"{name} {day.year}", f"{month}/{day.year}", f"{day:%Y-%m}", f"{day:%Y/%m}"),
        *(f"{short}-{day.year}", f"{short}. {day.year}"),
    ]


def rest(text):
    """What is left outside the dates found."""
    left = list(text)
    for match in find_dates(text):
        left[match.start : match.end] = " " * (match.end - match.start)
    return "".join(left)


FORM_COUNT = len(written(date(2021, 3, 4)))
some_days = st.lists(st.dates(date(1930, 1, 1), date(2029, 12, 31)), min_size=1, max_size=3)
before = st.sampled_from(["", "Admitted ", "(", "on ", "x-", "note_", "Seen: "])
behind = st.sampled_from(["", ".", ")", " he", " 0800", "; then", "\n"])


@settings(max_examples=500, deadline=None)
@example([DAY.replace(month=1, day=1)] * 3, FORM_COUNT - 15, "/", "", "")
@given(
    some_days,
    st.integers(0, FORM_COUNT - 1),
    st.sampled_from(
        ["-", "–", "/", "&", ", ", ",", " - ", " to ", " through ", " and ", "\n", "to"]
    ),
    before,
    behind,
)
def test_no_part_of_a_date_with_a_year_is_left_however_they_are_joined(
    dates, form, join, start, end
):
    text = start + join.join(written(day)[form] for day in dates) + end
    assert not re.search(r"\d", rest(text).replace("0800", "")), text


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.tuples(st.dates(date(1930, 1, 1), date(2029, 12, 31)), st.integers(0, FORM_COUNT - 1)),
        min_size=2,
        max_size=3,
    ),
    st.sampled_from([" – ", "–", " to ", " through ", " and ", " & ", ", ", "; ", "\n"]),
    before,
    behind,
)
def test_nor_where_the_forms_are_mixed(dates, join, start, end):
    text = start + join.join(written(day)[form] for day, form in dates) + end
    assert not re.search(r"\d", rest(text).replace("0800", "")), text
