"""Dates are found in every form."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.dates.find import find_dates, parse_date
from deid.dates.forms import FORMS, MONTH_WORDS
from deid.dates.rewrite import shift_text
from deid.dates.signs import plain_signs
from deid.scan import around, finditer
from tests.unit.deid.dates.test_joined_dates import written

DAY = date(2021, 3, 4)


def found(text):
    return [text[match.start : match.end] for match in find_dates(text)]


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-04",
        "2021/3/4",
        "2021.03.04",
        "20210304",
        "3/4/2021",
        "03-04-2021",
        "3.4.2021",
        "3/4/21",
        "3/4/'21",
        "Thursday, 3/4/2021",
        "March 4, 2021",
        "March 4th, 2021",
        "MARCH 4 2021",
        "Mar 4 '21",
        "Mar. 4, 2021",
        "march 4th 2021".replace("march", "March"),
        "4 March 2021",
        "4th of March, 2021",
        "04-MAR-21",
        "04Mar2021".replace("04Mar2021", "04 Mar 2021"),
        "2021-Mar-04", "2021-MAR-04", "2021-mar-04", "2021MAR04",
        "March, 4 2021",
        "March the 4th, 2021",
        "Mar/04/2021",
        "03 04 2021",
        "2021 03 04",
        "4/III/2021",
        "4-iii-21",
        "March fourth, 2021",
        "the fourth of March, twenty twenty-one",
        "March 4, two thousand and twenty-one",
        # As Word and OCR write them.
        "3–4–2021", "3 – 4 – 2021", "2021–03–04", "3∕4∕2021", "3⁄4⁄2021", "3․4․2021", "3/4∕2021",
        "4–MAR–21", "3\\4\\2021", "03/04/202l", "O3/O4/2O21", "03/O4/2l", "3-4-2O21", "2O21-O3-04",
    ],
)  # fmt: skip
def test_full_dates_are_read(text):
    (match,) = find_dates(f"Seen on {text}.")
    assert match.exact() == DAY
    assert found(f"Seen on {text}.") == [text]
    assert found(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("since March 2021 she", "March 2021"),
        ("in 03/2021", "03/2021"),
        ("Social Work March\nMet with her", "March"),
        ("last filled May. Trough 14.8", "May"),
        ("NURSING NOTE May 0730", "May"),
        ("the form by the 14th, fax", "the 14th"),
        ("(not the 23rd, room in use)", "the 23rd"),
        ("at Harlan on the 26th by an urgent care", "the 26th"),
        ("in 2021-03", "2021-03"),
        ("since '98 or so", "'98"),
        ("on March 4 she", "March 4"),
        ("on the 4th of March", "the 4th of March"),
        ("seen Tue 3/4 again", "Tue 3/4"),
        ("on Friday the 3rd she", "Friday the 3rd"),
        ("from 3/4-9 at home", "3/4-9"),
        ("3/4-3/9/2021", "3/4-3/9/2021"),
        ("away March 3 to 5 for", "March 3 to 5"),
        ("stamped 12MAR2021.", "12MAR2021"),
        ("her September visit", "September"),
        ("seen on 3/4 again", "3/4"),
        ("in spring of 2021", "spring of 2021"),
        ("Q3 2021", "Q3 2021"),
        ("in March she", "March"),
        ("March 3-5, 2021", "March 3-5, 2021"),
        ("March 30 to April 2, 2021", "March 30 to April 2, 2021"),
        ("before Thanksgiving", "Thanksgiving"),
        ("13/4/2021", "13/4/2021"),
        ("2021-03-04T12:33:10Z", "2021-03-04"),
        ("Aug 10, '23", "Aug 10, '23"),
        ("in 2021/03 she", "2021/03"),
        ("since Mar'21 she", "Mar'21"),
        ("in 03/'21 she", "03/'21"),
        ("in March twenty twenty-one", "March twenty twenty-one"),
        ("stamped 04MAR at", "04MAR"),
        ("on March the 4th she", "March the 4th"),
        ("on May nineteenth she", "May nineteenth"),
        ("the twenty-first of May", "the twenty-first of May"),
        ("on Friday the third", "Friday the third"),
        ("on the 15th.", "the 15th"),
        ("on march 4 she", "march 4"),
        ("in march she", "march"),
        ("from March to May 2021 she", "March to May 2021"),
        ("March 4, 5 and 6, 2021", "March 4, 5 and 6, 2021"),
        ("third quarter of 2021", "third quarter of 2021"),
        ("DOB 03041961", "03041961"),
        ("file x_2021-03-04.pdf", "2021-03-04"),
        ("MARCH 4 2021/x", "MARCH 4 2021"),
        # Seen to leak in invented notes.
        ("due May", "May"),
        ("on November 0730 labs", "November"),
        # Glued, by machines, and from abroad.
        ("scan_03042021.dcm", "03042021"),
        ("see 03042021.pdf", "03042021"),
        ("scan_25122020.jpg", "25122020"),
        ("x_20210304.pdf", "20210304"),
        ("Date 210304", "210304"),
        ("DOS: 03042021", "03042021"),
        ("born 25121960", "25121960"),
        ("since 03.2021", "03.2021"),
        ("in III/2021 she", "III/2021"),
        ("on 3,4,2021", "3,4,2021"),
        ("2021:03:04 10:10:10", "2021:03:04"),
        ("of day 063 of 2021", "day 063 of 2021"),
        ("2021-W09-4", "2021-W09-4"),
        ("in 2021-W09", "2021-W09"),
        ("away 4-9 March", "4-9 March"),
        ("stamped MAR21", "MAR21"),
        ("seen march 4", "march 4"),
        ("due may 4, then", "may 4"),
    ],
)
def test_partial_dates_and_ranges_are_found(text, expected):
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "MSTS score 26/30",
        "strength 4/5 throughout",
        "BP 120/80",
        "pain 3/10",
        "L4-5 and T10-12",
        "1/2-inch drill",
        "she may 5 mg",
        "May need a brace. March fracture. She May walk",
        "in 2019",
        "version 1.2.3.4",
        "grade 2-3",
        "5/5 strength",
        "T2N0M0",
        "ratio 1/3",
        "13/13/2021",
        "2021-02-30",
        "acc 03042021", "0304202155.pdf", "scan_99042021.pdf", "level 03.2021 mg",
        "grade II/2010", "13,4,2021,5", "12:2021:03:04", "day 400 of 2021", "2021-W60-1",
        "2-3 May be needed", "he may 4 times", "for may 2 weeks", "visit may 5 mg", "MAR212",
        "4 marginal 2021", "4 mark 2021", "date 219904",
    ],
)  # fmt: skip
def test_scores_levels_and_impossible_days_are_no_dates(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("slip", "month"),
    [
        ("Janurary", 1), ("Febuary", 2), ("Feburary", 2), ("Februrary", 2), ("Arpil", 4),
        ("Agust", 8), ("Septmber", 9), ("Setember", 9), ("Ocotber", 10), ("Novmber", 11),
        ("Decmber", 12),
    ],
)  # fmt: skip
def test_a_misspelt_month_is_read_wherever_a_month_may_stand(slip, month):
    for text in (f"{slip} 14, 2021", f"14 {slip.lower()} 2021", f"2021-{slip.upper()}-14"):
        (match,) = find_dates(f"Seen {text}.")
        assert match.exact() == date(2021, month, 14)
        assert found(f"Seen {text}.") == [text]
    for text in (f"{slip} 2021", f"{slip} 14th", f"{slip}", f"{slip} 3-5"):
        (match,) = find_dates(f"since {text} she")
        assert (match.month, found(f"since {text} she")) == (month, [text])
    assert found("Agustin decembers septembral janus") == []


@pytest.mark.parametrize(
    "text",
    [
        "4 mars 2021", "4 marca 2021", "4 marzo 2021", "4 März 2021", "4. maart 2021",
        "4 de março de 2021", "4-MARZO-2021",
    ],
)  # fmt: skip
def test_months_of_other_languages_stand_between_day_and_year(text):
    (match,) = find_dates(f"Seen {text} here.")
    assert (match.exact(), found(f"Seen {text} here.")) == (DAY, [text])
    (again,) = find_dates(shift_text(match, 40))
    assert again.exact() == DAY + timedelta(days=40)


@given(st.dates(date(1930, 1, 1), date(2029, 12, 31)), st.integers(-364, 364))
def test_days_counted_by_year_or_week_keep_their_intervals(day, days):
    iso = day.isocalendar()
    for text in (f"{iso.year}-W{iso.week:02d}-{iso.weekday}", f"day {day:%j} of {day.year}"):
        (match,) = find_dates(text)
        (again,) = find_dates(shift_text(match, days))
        assert (match.exact(), again.exact()) == (day, day + timedelta(days=days))


@pytest.mark.parametrize(
    "text",
    [
        "MLK Day", "Martin Luther King Day", "Martin Luther King Jr. Day", "Xmas", "xmas eve",
        "Veterans Day", "Veterans’ Day", "Boxing Day", "New Year", "New Year's Day", "Eid al-Fitr",
        "Eid", "Passover", "Presidents' Day", "Groundhog Day", "Tax Day", "Election Day",
        "leap day", "Good Friday", "Palm Sunday", "Ash Wednesday", "Pentecost", "Hanukkah",
        "Diwali", "Ramadan", "Yom Kippur", "Rosh Hashanah", "Cinco de Mayo", "Juneteenth",
        "Columbus Day", "St. Patrick's Day", "April Fools", "April Fools' Day", "Chinese New Year",
        "Lunar New Year", "Mardi Gras", "Kwanzaa", "Super Bowl Sunday", "christmas", "EASTER SUNDAY",
    ],
)  # fmt: skip
def test_feasts_are_dates(text):
    assert found(f"well since {text}, then") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Christmas disease", "Dr. Eid", "Ramadan Ali", "a good day", "palm of the hand",
        "ash on Wednesdays", "new years ahead", "St. Patrick's Hospital", "boxing daily", "a leap",
        "Pentecostal", "lent her a cane", "election of day surgery",
    ],
)  # fmt: skip
def test_what_looks_like_a_feast_is_none(text):
    assert found(f"She, {text}, then") == []


@pytest.mark.parametrize("day", ["4/2/2021", "April 2, 2021", "4/2", "2 April 2021"])
def test_the_weekday_of_a_feast_does_not_move_with_the_date_behind_it(day):
    assert found(f"Seen Good Friday {day}") == ["Good Friday", day]
    assert found(f"Seen on Friday {day}") == [f"Friday {day}"]


def test_what_is_misread_is_a_date_only_in_the_shape_of_one():
    assert found("|03/O4/2O21|4/5/2l|") == ["03/O4/2O21", "4/5/2l"]
    (match,) = find_dates("Seen 4/II/2021.")
    assert match.exact() == date(2021, 2, 4)
    for text in (
        "I/O/12", "mg/l/24", "lot IO-22-1234", "pain 3∕10 today", "0.5–1.0–1.5", "L4–5–S1",
        "C:\\temp\\12\\x", "LO/03/Il", "1·2·70 min",
    ):  # fmt: skip
        assert found(text) == []


@given(st.text(alphabet="03l1IO|/-–∕. x\\", max_size=40))
def test_the_text_that_is_searched_keeps_every_place(text):
    searched = plain_signs(text)
    assert len(searched) == len(text)
    same = [a == b for a, b in zip(text, searched, strict=True)]
    assert all(is_same or char in "lIO|–∕\\" for is_same, char in zip(same, text, strict=True))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2021-03-04", DAY),
        (" 3/4/2021 ", DAY),
        ("2021-03-04 00:00:00", DAY),
        ("2021-03-04T00:00:00Z", DAY),
        ("March 2021", None),
        ("see 2021-03-04", None),
        ("", None),
        ("2021-13-04", None),
    ],
)
def test_a_cell_holds_one_full_date_or_none(cell, expected):
    assert parse_date(cell) == expected


@pytest.mark.parametrize(
    "text", ["power 4/5-5/5 throughout", "grade 3 to 5 mm", "T 3/4-9 sagittal"]
)
def test_scores_that_look_like_ranges_are_no_dates(text):
    assert found(text) == []


def test_forms_with_a_name_are_found_around_names_alone():
    filler = "She had 12 sessions at 0900 and 14 units, 5 mg, of that drug, without an effect. "
    days = [date(2021, month, 14) for month in range(1, 13)]
    text = (filler * 3).join(form for day in days for form in written(day)[8:])
    windows = around(text, MONTH_WORDS, 60, 80)
    for pattern in (pattern for _, pattern, beside in FORMS if beside == "month"):
        run = [match.span() for match in finditer(pattern, text, windows)]
        assert run == [match.span() for match in pattern.finditer(text)]


def test_a_note_full_of_bare_years_takes_no_longer_than_another():
    text = "on 3/4 and in 2019 she had 4/5 strength in the left leg, born on " * 1500
    before = time.process_time()
    assert len(list(find_dates(text))) == 1500
    assert time.process_time() - before < 60
