"""Days that have the shape of record numbers are days, with a prefix of letters too."""

import re

import pytest

from deid.dates.find import find_dates
from deid.notes import NoteEngine
from deid.own.patient import Patient


@pytest.fixture(scope="module")
def engine(model, safe_harbor, keys):
    return NoteEngine(safe_harbor, keys, model=model)


def found(engine, text):
    """The categories of what was found, and the text that leaves."""
    note = engine.clean(text, Patient("P1"))
    return {span.category for span in note.spans}, note.text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("MRI-2021-03-04 was read.", "MRI-2021 was read."),
        ("CT-2021-03-04T14:30:00", "CT-2021T14:30:00"),
        ("Visits 2000-JAN-01; 2000-FEB-15", "Visits 2000; 2000"),
        ("2000-jan-01, 2000-feb-15 and 2001-mar-09", "2000, 2000 and 2001"),
        ("Seen 2000JAN01.", "Seen 2000."),
    ],
)
def test_a_day_is_no_code(engine, text, written):
    assert found(engine, text) == ({"DATE"}, written)


@pytest.mark.parametrize(
    "code", ["RI-2021-03-04T14", "RI2021-03-04T14:30:00", "JQX-2021-03-04", "RI-2021-MAR-04"]
)
def test_a_prefix_of_letters_is_a_code_and_its_day_a_day(engine, code):
    categories, left = found(engine, f"Image {code} stored.")
    assert categories == {"ID", "DATE"}
    assert "2021" in left
    assert not re.search("RI|JQX|03-04", left, re.IGNORECASE)


@pytest.mark.parametrize(
    "code",
    ["RI-2021-03-0442", "S-2021-03-04-17", "TDS-2021-0304", "INSTITUTION-2021-03-04-A"],
)
def test_more_than_a_day_is_a_code(engine, code):
    _, left = found(engine, f"Specimen {code} received.")
    assert code not in left


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Visits 2000-Jan-01, 2000-Feb-15 and 2001-Mar-09.", 3),
        ("Visits 2000 Jan 01, 2000 Feb 15.", 2),
        ("2000 Jan 01 2000 Feb 15", 2),
        ("2000Jan01, 2000Feb15", 2),
        ("2000JAN01/2000FEB15", 2),
        ("2000 Jan 1, 2000", 1),  # a number, and a day with its year behind
    ],
)
def test_days_with_the_year_first_are_found_in_lists(text, days):
    dates = list(find_dates(text))
    assert [one.exact() is not None for one in dates] == [True] * days
