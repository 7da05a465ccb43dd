"""Month and day with a full stop: days only in a note that writes its dates so."""

import pytest

from deid.dates.find import find_dates


def found(text):
    return [text[match.start : match.end] for match in find_dates(text)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        (
            "Femur 9.30.24 → 10.4.24\nSpine 10.15, 10.17, 10.21\nLast line",
            ["10.15", "10.17", "10.21"],
        ),
        ("Seen 3.14.24, simulation 3.19; start on 3.26.", ["3.19", "3.26"]),
        ("Seen 3.14.24 and 3.28", ["3.28"]),
        ("Op 14.03.2024; drain out on 18.03.", ["18.03"]),
        ("Op 05.03.2024; seen on 18.03, well", ["18.03"]),
    ],
)
def test_days_are_found(text, days):
    assert [one for one in found(text) if one.count(".") == 1] == days


@pytest.mark.parametrize(
    "text",
    [
        "Hb 10.21 and CRP 12.10", "labs 10.21 g/dL", "CT 3.15 cm", "3.5 mm screw", "on 2.5 mg",
        "sizes 11.14, 11.12 and 10.20", "on 10.21 units", "grew ~ 1.12 a month", "Cr 1.12",
    ],
)  # fmt: skip
def test_measurements_of_such_a_note_are_none(text):
    assert found(f"Seen 3.14.24. {text}.") == ["3.14.24"]


def test_without_whole_dates_of_that_form_a_pair_is_none():
    assert found("Simulation 3.19, start on 3.26") == []
