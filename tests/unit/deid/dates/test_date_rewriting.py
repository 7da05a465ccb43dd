"""Dates as the engine writes them: both ends of a range, no age over 89, no ambiguous day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.dates.find import find_dates
from deid.dates.match import today
from deid.dates.rewrite import era_of, shift_text
from deid.own.patient import Patient

ANCHOR = date(2021, 3, 1)
AT_DIAGNOSIS = Patient("a", anchor=ANCHOR)
UNKNOWN = Patient("u")
OLD = Patient("o", birth_date=date(1925, 5, 5), anchor=ANCHOR)
OVER = "[over 89 years before]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Admitted 3/4/2021-3/9/2021.", "Admitted [day +3]-[day +8]."),
        ("3-4-2021-3-9-2021", "[day +3]-[day +8]"),
        ("2021-03-04-2021-03-09", "[day +3]-[day +8]"),
        ("3/4/2021/3/9/2021", "[day +3]/[day +8]"),
        ("March 2021-April 2021", "[day ~+14]-[day ~+45]"),
        ("March to April 2021", "[day ~+14 to ~+45]"),
        ("December 30 to January 2, 2022", "[day +304 to +307]"),
        ("2021 March 4th", "[day +3]"),
        ("March 4 (2021)", "[day +3]"),
        ("4 March (2021) (here)", "[day +3] (here)"),
        ("(March 4, 2021)", "([day +3])"),
        ("on 3/4 2021 she", "on [day +3] she"),
        ("on 3/4 (2021) she", "on [day +3] she"),
        ("on 3/4 2045 she", "on [day +3] 2045 she"),
        ("on 3/4, 2021 mL out", "on [day +3], 2021 mL out"),
        ("power 4/5 2021-03-04", "power 4/5 [day +3]"),
        ("3/4/2021 3/4/21 03-04-21", "[day +3] [day +3] [day +3]"),
        ("3/4: wound clean", "[day +3]: wound clean"),
    ],
)
def test_both_ends_of_a_range_are_written(engine, text, expected):
    assert engine.clean(text, AT_DIAGNOSIS).text == expected


@pytest.mark.parametrize(
    "text", ["3/4/2021-3/9/2021", "2021-03-04-2021-03-09", "3-4-2021-3-9-2021"]
)
def test_no_end_of_a_range_reveals_the_shift(shifting, text):
    days = shifting.keys.date_offset_days("a")
    moved = [one.exact() for one in find_dates(shifting.clean(text, AT_DIAGNOSIS).text)]
    wanted = [date(2021, 3, 4), date(2021, 3, 9)]
    assert moved == [day + timedelta(days=days) for day in wanted]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He was born in March 1925.", f"He was born in {OVER}."),
        ("Born 5/1925.", f"Born {OVER}."),
        ("born on a farm in 1925", f"born on a farm in {OVER}"),
        ("b. 1925", f"b. {OVER}"),
        ("b.1925", f"b.{OVER}"),
        ("Born around 1925", f"Born around {OVER}"),
        ("born in the spring of 1925", f"born in the {OVER}"),
        ("Seen 3/4/2021. Mother born 5/5/25.", f"Seen [day +3]. Mother born {OVER}."),
        ("mother born 6/1/1931, seen 7/1/2021", f"mother born {OVER}, seen [day +122]"),
        ("mother born 6/1/1931, seen 5/1/2021", "mother born [day -32781], seen [day +61]"),
        ("born in 1940, seen 5/1/2021", "born in 1940, seen [day +61]"),
        ("first described in 1921", "first described in 1921"),
    ],
)
def test_no_day_month_or_year_tells_an_age_over_89(engine, text, expected):
    assert engine.clean(text, AT_DIAGNOSIS).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Her mother was born May 5, 1925. Seen June 3, 2021.", f"Her mother was born {OVER}. Seen 2021."),
        ("DOB 5/5/1925. Born in 1925, seen 3/4/2021.", f"DOB {OVER}. Born in {OVER}, seen 2021."),
        ("spring 1925", OVER),
    ],
)  # fmt: skip
def test_nor_without_an_anchor(engine, text, expected):
    assert engine.clean(text, UNKNOWN).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DOB 5/5/1925. Born in 1925, seen 3/4/2021.", f"DOB [birth date]. Born in {OVER}, seen [day +3]."),
        ("DOB 5/5/25", "DOB [birth date]"),
        ("A 1925 baby (1925-2021).", "A [birth date] baby ([birth date]-90+)."),
        ("It was '25 then.", f"It was {OVER} then."),
        ("Given 1925 mL at 1925.", "Given 1925 mL at 1925."),
    ],
)  # fmt: skip
def test_the_birth_year_of_a_patient_over_89_goes_wherever_it_is_a_year(engine, text, expected):
    assert engine.clean(text, OLD).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Seen 3/4/2021. Scan planned '23.", "Seen [day +3]. Scan planned 2023."),
        ("Seen 3/4/2021. Revision planned '26.", "Seen [day +3]. Revision planned 2026."),
        ("Seen 3/4/2021. Recheck Jan '23.", "Seen [day +3]. Recheck [day ~+685]."),
        ("Seen 3/4/2021. Recheck Jan-23.", "Seen [day +3]. Recheck [day ~+685]."),
        ("Seen 3/4/2021. Recheck spring '24.", "Seen [day +3]. Recheck 2024."),
        ("Seen 3/4/2021. Recheck Jan to March '23.", "Seen [day +3]. Recheck [day ~+685 to ~+744]."),
        # not ahead
        ("Seen 3/4/2021. Polio '27.", f"Seen [day +3]. Polio {OVER}."),
        ("Seen 3/4/2021. Here since '23.", f"Seen [day +3]. Here since {OVER}."),
        ("Seen 3/4/2021. Born '23.", f"Seen [day +3]. Born {OVER}."),
        ("Seen 3/4/2021. Mother born Jan '23.", f"Seen [day +3]. Mother born {OVER}."),
        ("Seen 3/4/2021. Fell in '19.", "Seen [day +3]. Fell in 2019."),
    ],
)  # fmt: skip
def test_a_year_of_two_digits_lies_ahead_if_it_is_near(engine, text, expected):
    assert engine.clean(text, AT_DIAGNOSIS).text == expected


def test_what_is_too_far_ahead_is_written_with_the_century_it_has(engine):
    assert engine.clean("Seen 3/4/2019. Polio '30.", UNKNOWN).text == "Seen 2019. Polio 1930."


def test_the_birth_year_of_a_patient_over_89_is_not_ahead(engine):
    text = "Seen 3/4/2021. It was '25 then, and Jan '25."
    assert engine.clean(text, OLD).text == f"Seen [day +3]. It was {OVER} then, and {OVER}."


def test_years_ahead_of_today_are_of_this_century():
    year = today().year + 3
    (one,) = find_dates(f"planned '{year % 100:02}")
    assert one.year == year


def test_the_birth_year_of_a_younger_patient_stays(engine):
    young = Patient("y", birth_date=date(1960, 5, 5), anchor=ANCHOR)
    assert engine.clean("A 1960 baby, born in 1960.", young).text == "A 1960 baby, born in 1960."


def test_the_era_of_a_note_is_neither_birth_nor_expiry_nor_old_history():
    text = "DOB 5/5/1925. Polio 6/1/1940. Seen 3/4/2021, and 3/9/2021. Lot expires 2095-01-01."
    era = era_of(list(find_dates(text)), birth=date(1925, 5, 5), anchor=None)
    assert (era.near, era.last) == (date(2021, 3, 4), date(2021, 3, 9))


@pytest.mark.parametrize(
    ("text", "days", "expected"),
    [
        ("25/12/2020", 10, "2021/01/04"),
        ("25-12-2020", 10, "2021-01-04"),
        ("25.12.20", 10, "2021.01.04"),
        ("25/12/2020", 3, "28/12/2020"),
        ("25/12", 10, "January 4"),
        ("4/III/2021", 10, "14/III/2021"),
        ("4/iii/2021", 40, "13/iv/2021"),
        ("March fourth, 2021", 40, "April 13th, 2021"),
        ("March 14, 2021", -10, "March 4, 2021"),
        ("March to April 2021", 40, "April 2021 to May 2021"),
        ("December 30 to January 2, 2022", 10, "January 9, 2022 to January 12, 2022"),
        ("3/4/2021", 1, "3/5/2021"),
        ("4 März 2021", 40, "13 April 2021"),
        ("1er mars 2021", 3, "4 mars 2021"),
        ("2021:03:04", 40, "2021:04:13"),
        ("III/2021", 40, "IV/2021"),
        ("2021 March 4th", -3, "2021 March 1st"),
        ("March 4 (2021)", 40, "April 13 (2021)"),
        ("3/4 2021", 40, "4/13 2021"),
        ("Febuary 4, 2021", 40, "March 16, 2021"),
        ("3–4–2021", 1, "3–5–2021"),
        ("25∕12∕2020", 10, "2021∕01∕04"),
        ("O3/O4/2O2l", 1, "03/05/2021"),
    ],
)
def test_what_is_shifted_reads_back_as_the_day_it_is(text, days, expected):
    (match,) = find_dates(f"on {text}")
    assert shift_text(match, days, near=ANCHOR) == expected


@pytest.mark.parametrize(
    "style",
    [
        "DOS: {:%m%d%Y}",
        "date {:%m%d%Y}",
        "date {:%y%m%d}",
        "seen {:%m-%d-%y}",
        "3/4/2021 {:%m-%d-%y}",
    ],
)
def test_digits_behind_a_date_cue_are_a_date_and_no_number(shifting, style):
    moved = date(2021, 3, 4) + timedelta(days=shifting.keys.date_offset_days("a"))
    new = shifting.clean(style.format(date(2021, 3, 4)), AT_DIAGNOSIS)
    assert new.text is not None
    assert new.text.endswith(style.format(moved)[-8:])
    assert {span.category for span in new.spans} == {"DATE"}


@pytest.mark.parametrize(
    "text", ["MRN: 03042021", "MRN 03-04-21", "acct # 03042021", "phone 03-04-21"]
)
def test_behind_a_number_cue_they_are_a_number(engine, text):
    (span,) = engine.clean(text, AT_DIAGNOSIS).spans
    assert span.category in ("ID", "CONTACT")


@given(
    st.dates(date(1930, 1, 1), date(2029, 12, 31)).filter(lambda day: day.day > 12),
    st.integers(-364, 364),
    st.sampled_from(["{0.day}/{0.month}/{0.year}", "{0:%d-%m-%Y}", "{0:%d.%m.%Y}"]),
)
def test_day_first_dates_keep_their_intervals(day, days, style):
    (match,) = find_dates(style.format(day))
    assert match.exact() == day
    (again,) = find_dates(shift_text(match, days))
    assert again.exact() == day + timedelta(days=days)
