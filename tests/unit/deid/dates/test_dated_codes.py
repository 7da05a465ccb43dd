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


@pytest.mark.parametrize(
    "text",
    [
        "BIRTHDATE: 11-MAY-1979", "COLLECTED: 06-MAR-2024  REPORTED: 13-MAR-2024", "PATH: 3/11/24",
        "Telephone encounter\n4/2/25 4:47p", "RN  11/03/24 0718", "Outpatient   02-27-2025",
        "Clinic   01.18.24   seen", "DATE DX|20240311", "DOB.....: 19720303", "PID|F||20101103|F",
        "LAST CONTACT 20241202", "the US form says 07-30-90", "Item | Lot | Exp\nstem | n/a | 2028-03",
    ],
)  # fmt: skip
def test_a_day_behind_a_label_or_in_a_field_is_a_day(engine, text):
    categories, left = found(engine, text)
    assert categories == {"DATE"}
    assert not re.search(
        r"MAY|MAR|3/11|4/2|11/03|02-27|01\.18|0311|0303|1103|1202", left.split(":")[-1]
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("MRN 20240311", "20240311"),
        ("Acct #: 20110415", "20110415"),
        ("accession|20240311", "20240311"),
        ("MRN 07-30-90", "07-30-90"),
        ("chart: 07-30-90", "07-30-90"),
        ("REPORTED 3/11/24 4471220", "4471220"),
    ],
)
def test_a_number_behind_its_label_or_behind_a_day_is_a_number(engine, text, code):
    note = engine.clean(text, Patient("P1"))
    assert ("ID", code) in {(one.category, text[one.start : one.end]) for one in note.spans}
