"""Days named by feasts and customs of many communities, with what belongs to their names."""

import pytest

from deid.dates.find import find_dates
from deid.dates.rewrite import shift_text, year_text
from deid.own.patient import Patient


def found(text):
    return [text[one.start : one.end] for one in find_dates(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Super Bowl", "the Wednesday before Super Bowl Sunday", "three days before Christmas",
        "the weekend after Thanksgiving", "Christmas wk", "labor day weekend", "Nowruz", "NOWROOZ",
        "All Souls' Day, 2022", "All Saints’ Day", "Holy Saturday", "Holy Thursday", "Shrove Tuesday",
        "Ascension Day", "Lunar New Year", "Tết", "Juneteenth", "Yom Kippur",
        "the day after Indep. Day", "Día de los Muertos", "Obon", "Chuseok", "Seollal", "Songkran",
        "Vesak", "Losar", "Holi", "Deepavali", "Vaisakhi", "Purim", "Sukkot", "Rosh Hashanah",
        "Eid al-Fitr", "Eid ul-Adha", "Ashura", "Mardi Gras", "Cinco de Mayo", "Canada Day",
        "St. Joseph's Day", "St Lucia Day", "Feast of the Assumption", "Feast of Our Lady of Sorrows",
        "Indigenous Peoples Day", "winter solstice", "New Years Eve", "NEW YEAR'S", "MLK Day",
        "Hmong New Year", "mother’s day", "Kwanzaa", "the night of Diwali", "Memorial Day 2021",
        "4th of July", "Cyber Monday", "Timkat", "Semana Santa",
    ],
)  # fmt: skip
def test_a_named_day_is_found_with_what_belongs_to_it(text):
    sentence = f"She was well since {text}, then fell."
    assert found(sentence) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PAIN SINCE EID LAST YEAR", ["EID"]),
        ("fasting for Ramadan", ["Ramadan"]),
        ("gave up sweets for Lent.", ["Lent"]),
        ("home for Tet", ["Tet"]),
        ("grill on the Fourth, burned", ["the Fourth"]),
        ("back in the new year", ["the new year"]),
        ("Holy Saturday, 4/3/2021", ["Holy Saturday", "4/3/2021"]),
        ("Christmas Day, December 25, 2020", ["Christmas Day", "December 25, 2020"]),
    ],
)
def test_behind_a_word_and_beside_a_date(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Christmas tree rash", "mother's day care", "All Saints Hospital", "Ascension Seton",
        "lent a cane", "the advent of MRI", "tet spells", "before tet shot", "Dr. Holiday", "Easterly",
        "Mr. Ramadan Ali", "St. Mary's Day Surgery", "the fourth, fifth and sixth ribs", "a pass over",
        "on the fourth toe", "at ascension",
    ],
)  # fmt: skip
def test_other_things_called_so_stay(text):
    assert found(f"She had {text} there.") == []


def test_a_named_day_keeps_its_year_and_no_more():
    (one,) = find_dates("Seen All Souls' Day, 2022.")
    assert year_text(one) == "2022"
    (one,) = find_dates("Seen on Nowruz.")
    assert year_text(one) == shift_text(one, 10) == "[date]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NYE 12/31", ["NYE", "12/31"]),
        ("DST change on 3/14/2021", ["DST change", "3/14/2021"]),
        ("The election, 11/3/2020", ["The election", "11/3/2020"]),
        ("1/1/2000 (Y2K)", ["1/1/2000", "Y2K"]),
        ("COVID lockdown 3/15/2020", ["COVID lockdown", "3/15/2020"]),
        ("Ramadan began 4/13/2021", ["Ramadan", "4/13/2021"]),
        ("week 9 of 2021, wk 09/2021, W10/2021", ["week 9 of 2021", "wk 09/2021", "W10/2021"]),
        ("Fears the election. Seen 3/4/2021", ["3/4/2021"]),
        ("lockdown brace", []),
        ("Ramadan fast", []),
        ("postop week 6 in 2021", []),
    ],
)
def test_public_events_beside_a_day_go_with_it(text, expected):
    assert found(text) == expected


def test_an_iso_week_is_no_record_number(shifting):
    text = shifting.clean("Seen in ISO week 2021-W09.", Patient("a")).text
    assert text == "Seen in ISO week 2021."
