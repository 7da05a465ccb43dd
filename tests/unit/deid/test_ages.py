"""Ages over 89 in the forms that notes and forms use, and numbers that are none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.notes import NoteEngine
from deid.patient import Patient
from deid.recognizers import find_ages
from deid.recognizers.ages import _LANDMARK
from deid.span import flatten


def covered(text):
    return [text[span.start : span.end] for span in flatten(text, find_ages(text, 90))]


@pytest.mark.parametrize(
    "text",
    [
        "95th birthday", "ninety-first birthday", "just turned 95", "nonagenarian", "centenarian",
        "Age/Sex: 95/F", "Sex/Age: F/95", "in her nineties", "in her late 90s",
        "95 years and 3 months old", "age: ninety-five", "age ~95", "died at 97",
        "passed away at about 92", "ninety-five-year-old", "95 yr F", "y.o. 95", "95/F", "95yoF",
        "hundred-year-old", "aged ninety-two",
    ],
)  # fmt: skip
def test_odd_forms_are_found_whole(text):
    assert covered(f"She: {text}, well") == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sisters aged 91 and 92", ["aged 91", "92"]),
        ("aged 88 and 92", ["92"]),
        ("ages 70, 91 and 95", ["91", "95"]),
    ],
)
def test_each_of_several_ages(text, expected):
    assert covered(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "table turned 90 degrees", "he turned 90 degrees", "34 y.o. 95 kg", "sats in the 90s",
        "temp 98 F", "died at 79", "in her 80s", "blood pressure 95/60", "HR 95/min", "95 Fr",
        "one hundred patients", "ninety percent",
    ],
)  # fmt: skip
def test_other_numbers_are_none(text):
    assert covered(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a nonagenarian", "a 90+"),
        ("her ninety-first birthday", "her 90+ birthday"),
        ("Age/Sex: 95/F", "Age/Sex: 90+/F"),
        ("just turned 95", "just turned 90+"),
    ],
)
def test_what_is_written_tells_no_age(engine: NoteEngine, text, expected):
    assert engine.clean(text, Patient("x")).text == expected


PIECES = ("9", "12", "1", "nine", "NINET", "inet", "ni", "nonag", "cent", "enarian", "Hundred", "y")


@given(st.lists(st.sampled_from(PIECES)))
def test_ages_are_looked_for_at_each_number_or_word_that_can_be_one(pieces):
    plain = re.compile(r"(?<!\d)\d{2,3}(?!\d)|(?i:ninet|hundred|nonagenarian|centenarian)")
    for text in (" ".join(pieces), "".join(pieces)):
        assert [match.span() for match in _LANDMARK.finditer(text)] == [
            match.span() for match in plain.finditer(text)
        ]
