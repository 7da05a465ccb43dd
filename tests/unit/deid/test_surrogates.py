"""Surrogates: consistent per patient, different between patients, never the original."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.pseudonym import Keys
from deid.surrogates import SurrogateMaker, zip3_text
from policies.profile import profile

SAFE = profile("safe_harbor")
KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)


def maker(patient="a", keys=KEYS, rules=SAFE, own=frozenset()):
    return SurrogateMaker(keys, patient, rules, own)


VALUES = [
    ("NAME", "Vera Rasmussen"),
    ("NAME", "RASMUSSEN, VERA"),
    ("ID", "00482913"),
    ("ID", "S23-10442"),
    ("CONTACT", "(704) 555-0101"),
    ("CONTACT", "a.b@hospital.org"),
    ("CONTACT", "https://hospital.org/x"),
    ("CONTACT", "10.1.2.3"),
    ("LOCATION", "6516 Larkspur Ave, Quarry Bend, MN 78574"),
    ("LOCATION", "Larkspur"),
    ("ORG", "Larkspur General Hospital"),
]


@pytest.mark.parametrize(("category", "value"), VALUES)
def test_same_patient_same_surrogate_and_no_piece_of_the_original(category, value):
    first = maker()(category, value)
    assert first == maker()(category, value)
    pieces = re.findall(r"[^\W\d_]{4,}|\d{3,}", value)
    kept = {"https", "example", "Hospital"}
    assert [p for p in pieces if p in first and p not in kept and p != "555"] == []


def test_another_patient_or_key_gives_another_surrogate():
    other = Keys(b"p" * 32, b"d" * 32, b"t" * 32)
    names = {maker(f"p{n}")("NAME", "Rasmussen") for n in range(30)}
    assert len(names) > 15
    assert maker(keys=other)("ID", "00482913") != maker()("ID", "00482913")


def test_names_keep_order_case_and_possessive():
    make = maker()
    given_name, surname = make("NAME", "Vera Rasmussen").split()
    assert make("NAME", "RASMUSSEN, VERA") == f"{surname.upper()}, {given_name.upper()}"
    assert make("NAME", "Rasmussen's") == f"{surname}'s"
    assert make("NAME", "Dr. Rasmussen") == f"Dr. {surname}"


@given(st.text("abcdefgh", min_size=1, max_size=8))
def test_the_patients_own_names_are_never_drawn(salt):
    own = frozenset({"abernathy", "ackerman", "zimmerman"})
    drawn = maker(own=own)("NAME", f"X{salt}q")
    assert drawn.lower() not in own


@given(st.from_regex(r"\A[A-Z]{0,3}-?\d{4,12}\Z"))
def test_numbers_keep_their_shape_and_change(value):
    made = maker()("ID", value)
    assert len(made) == len(value)
    assert re.sub(r"\d", "9", re.sub(r"[A-Z]", "A", made)) == re.sub(
        r"\d", "9", re.sub(r"[A-Z]", "A", value)
    )
    assert made != value


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("(704) 731-8842", r"\(555\) 555-01\d\d"),
        ("731-8842", r"555-01\d\d"),
        ("a.b@hospital.org", r"contact\d{4}@example\.org"),
        ("http://x.hospital.org/a", r"https://www\.example\.org/\d{4}"),
        ("10.1.2.3", r"192\.0\.2\.\d{1,3}"),
    ],
)
def test_contacts_come_from_reserved_ranges(value, pattern):
    assert re.fullmatch(pattern, maker()("CONTACT", value))


def test_placeholders_and_removal():
    assert (
        maker(rules=SAFE.model_copy(update={"surrogates": "placeholder"}))("NAME", "Vera")
        == "[NAME]"
    )
    assert maker(rules=SAFE.model_copy(update={"surrogates": "remove"}))("NAME", "Vera") == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [("103 yo", "90+ yo"), ("92-year-old", "90+-year-old"), ("aged ninety-two", "aged 90+")],
)
def test_ages_read_90_plus(value, expected):
    assert maker()("AGE", value) == expected


def test_zip3_with_the_small_areas():
    assert zip3_text("78574", SAFE) == "785"
    assert zip3_text("03601", SAFE) == "000"
    assert zip3_text("03601", profile("limited_dataset")) == "03601"
