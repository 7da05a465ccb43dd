"""Surrogates of numbers, contacts and places: their form stays, nobody real stands behind them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.surrogates import zip3_text
from deid.surrogates.places import _NEAR_TOWNS, _VOWELS, _all_towns, _states, _towns
from deid.surrogates.pools import by_length
from policies.profile import profile
from tests.unit.deid.surrogates import SAFE, maker


@given(st.from_regex(r"\A[A-Z]{0,3}-?\d{4,12}\Z"))
def test_numbers_keep_their_shape_and_change(value):
    made = maker()("ID", value)
    if not value.strip("0-"):
        assert made == "[ID]"
        return
    assert len(made) == len(value)
    assert re.sub(r"\d", "9", re.sub(r"[A-Z]", "A", made)) == re.sub(
        r"\d", "9", re.sub(r"[A-Z]", "A", value)
    )
    assert made != value


def test_a_number_agrees_with_and_without_zeros_and_separators():
    make = maker()
    made = make("ID", "00482913")
    assert make("ID", "482913") == made.lstrip("0")
    assert re.sub("-", "", make("ID", "00-48-29-13")) == made
    assert re.fullmatch(
        r"\(01\)\d{14}\(17\)\d{6}\(10\)\d{4}[A-Z]",
        make("ID", "(01)10844588003288(17)141120(10)7654D"),
    )
    assert len(make("ID", "7" * 300)) == 300


@given(st.from_regex(r"\A[1-9]\d{8}\Z"))
def test_nine_digits_without_hyphens_are_never_issued_either(value):
    made = maker()("ID", value)
    assert re.fullmatch(r"9\d\d(?:0[1-9]|[1-4]\d)\d{4}", made)
    assert maker()("ID", f"{value[:3]}-{value[3:5]}-{value[5:]}").replace("-", "") == made
    assert maker()("ID", f"{value[:2]}-{value[2:]}").replace("-", "") == made
    assert maker()("ID", f"00{value}") == f"00{made}"


@given(st.from_regex(r"\A\d{3}-\d{2}-\d{4}\Z"))
def test_social_security_numbers_come_from_what_is_never_issued(value):
    area, group, _ = map(int, maker()("ID", value).split("-"))
    assert area >= 900
    assert 0 < group < 50


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("(704) 731-8842", r"\([2-9]\d\d\) 555-01\d\d"),
        ("704.731.8842", r"[2-9]\d\d\.555\.01\d\d"),
        ("7047318842", r"[2-9]\d\d55501\d\d"),
        ("+1 704 731 8842", r"\+1 [2-9]\d\d 555 01\d\d"),
        ("731-8842", r"555-01\d\d"),
        ("704-731-8842 ext. 123", r"[2-9]\d\d-555-01\d\d ext\. \d{3}"),
        ("+44 20 7946 0958", r"\+44 \d\d \d{4} \d{4}"),
        ("x4471", r"x\d{4}"),
        ("a.b@hospital.org", r"contact\d{4}@example\.org"),
        ("@janeroe", r"@contact\d{4}"),
        ("http://x.hospital.org/a", r"https://www\.example\.org/\d{4}"),
        ("www.hospital.org", r"www\.example\.org/\d{4}"),
        ("10.1.2.3", r"192\.0\.2\.\d{1,3}"),
        ("10.1.2.3:8080", r"192\.0\.2\.\d{1,3}:\d{4}"),
        ("00:1B:44:11:3A:B7", r"02(?::[0-9A-F]{2}){5}"),
        ("fe80::1", r"2001:db8::[0-9a-f]{1,4}"),
    ],
)
def test_contacts_keep_their_layout_and_come_from_reserved_ranges(value, pattern):
    made = maker()("CONTACT", value)
    assert re.fullmatch(pattern, made)
    assert made != value


def test_the_local_part_of_a_telephone_number_agrees():
    make = maker()
    assert make("ID", "(704) 731-8842") == make("CONTACT", "(704) 731-8842")
    assert make("CONTACT", "(704) 731-8842").endswith(make("CONTACT", "731-8842"))


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("6516 Larkspur Ave, Quarry Bend, MN 78574", r"[1-9]\d{3} \w+ Ave, \w+, [A-Z]{2} 785"),
        ("12 Oak St, Apt 4B\nLarkspur", r"\d\d \w+ St, Apt \d[A-H]\n\w+"),
        ("P.O. Box 123, Erie, PA 03601", r"P\.O\. Box \d{3}, \w+, [A-Z]{2} 000"),
        ("W. 42nd Street", r"W\. \d\d?(?:st|nd|rd|th) Street"),
        ("Minnesota", r"(?!Minnesota)[A-Z][a-z]+(?: [A-Z][a-z]+| of Columbia)?"),
        ("MN", r"(?!MN)[A-Z]{2}"),
        ("Mexico", r"(?!Mexico)[A-Z][a-z]+"),
        ("Fort Worth", r"Fort (?!Worth)[A-Z][a-z]+"),
        ("LARKSPUR", r"[A-Z]+"),
        ("78574", "785"),
        ("78574-1234", "785"),
    ],
)
def test_places_keep_their_structure(value, pattern):
    assert re.fullmatch(pattern, maker()("LOCATION", value))


def test_a_state_is_the_same_as_a_code_and_by_name():
    make = maker()
    code, dotted = make("LOCATION", "MN"), make("LOCATION", "Ulm, M.N.")
    assert dotted.endswith(f", {code[0]}.{code[1]}.")
    assert _states()[code] == make("LOCATION", "Minnesota")
    assert make("LOCATION", "MINNESOTA") == _states()[code].upper()


def test_a_town_is_the_same_in_an_address_and_in_a_hospital():
    make = maker()
    town = make("LOCATION", "Larkspur")
    assert town in make("LOCATION", "12 Oak St, Larkspur, MN")
    assert make("ORG", "Larkspur General Hospital") == f"{town} General Hospital"
    assert make("ORG", "University of Larkspur") == f"University of {town}"


@pytest.mark.parametrize("town", ["Oakland", "Erie", "Ulm", "Nashua", "Boston"])
def test_the_article_before_a_town_still_fits(town):
    for n in range(10):
        made = maker(f"p{n}")("LOCATION", town)
        assert (made[0] in "AEIOU") is (town[0] in "AEIOU")


def test_zip3_with_the_small_areas():
    assert zip3_text("78574", SAFE) == "785"
    assert zip3_text("03601", SAFE) == "000"
    assert zip3_text("03601", profile("limited_dataset")) == "03601"


@pytest.mark.parametrize("vowel", [True, False])
def test_the_nearest_towns_are_those_of_all_towns_in_order(vowel):
    alike = [town for town in _all_towns() if town.lower().startswith(_VOWELS) is vowel]
    for length in range(1, 31):
        assert _towns(length, vowel=vowel) == by_length(alike, length)[:_NEAR_TOWNS]
