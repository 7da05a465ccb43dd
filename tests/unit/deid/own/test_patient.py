"""The patient's own data is found in every form it is written in."""

import time
from datetime import date

import pytest

from deid.dates.find import find_dates
from deid.own.patient import Patient, PatientMatcher
from deid.span import flatten, joined


def covered(patient, text):
    spans = PatientMatcher(patient).find(text, list(find_dates(text)))
    return [text[span.start : span.end] for span in joined(text, flatten(text, spans))]


@pytest.mark.parametrize(
    "form",
    [
        "Vera Hänninen-Roe",
        "VERA HÄNNINEN-ROE",
        "vera hanninen roe",
        "Hanninen-Roe, Vera",
        "HANNINEN-ROE, VERA",
        "Hänninen",
        "Ha\u0308nninen",
        "V. Hänninen-Roe",
        "Hänninen-Roe V.",
        "hanninenroe",
        "Hannninen",
        "Hanninne",
        "Vera H.",
    ],
)
def test_name_forms(patient, form):
    (found,) = covered(patient, f"Today {form} came.")
    assert found == form


@pytest.mark.parametrize(
    "form",
    [
        "00482913",
        "482913",
        "0048-2913",
        "00 48 29 13",
        "704-555-0101",
        "704.555.0101",
        "7045550101",
        "555-0101",
    ],
)
def test_number_forms(patient, form):
    assert covered(patient, f"number {form} on file") == [form]


@pytest.mark.parametrize(
    "form",
    [
        "9/9/1950",
        "1950-09-09",
        "September 9, 1950",
        "9 Sep 1950",
        "09-SEP-1950",
        "9/9/50",
        "19500909",
    ],
)
def test_birth_date_forms(patient, form):
    spans = PatientMatcher(patient).find(f"born {form}", list(find_dates(f"born {form}")))
    assert [span.source for span in spans] == ["patient:birth"]


def test_addresses_and_towns_of_further_columns(patient):
    assert covered(patient, "in Larkspur, at 12 Oak St") == ["Larkspur", "12 Oak St"]


def test_nicknames():
    assert covered(Patient("x", "Elizabeth", "Ott"), "Liz said") == ["Liz"]


@pytest.mark.parametrize(
    "text", ["Overall the rest was fine.", "A severe reaction.", "Veracity of the report."]
)
def test_names_inside_other_words_stay(patient, text):
    assert covered(patient, text) == []


@pytest.mark.parametrize(
    ("first", "last", "text", "expected"),
    [
        ("Wei", "Li", "Mr. Li is well. LI-RADS 4, lithium.", ["Li"]),
        ("Will", "Long", "Will follow up. Long head of biceps. Will Long agrees.", ["Will Long"]),
        ("Mai", "Do", "Do not resuscitate. Ms. Do agrees.", ["Do"]),
        ("Ann", "Young", "A young woman. Young, Ann.", ["Young, Ann"]),
    ],
)
def test_names_that_are_words_need_company(first, last, text, expected):
    assert covered(Patient("x", first, last), text) == expected


def test_values_that_are_ordinary_words_are_not_identifiers():
    patient = Patient("x", "Vera", "Roe", other=(("sex", "female"), ("status", "alive")))
    assert covered(patient, "A female, alive and well.") == []


def test_a_row_gives_the_anchor_and_further_identifiers():
    row = {
        "patient_id": "7",
        "first_name": " Vera ",
        "last_name": "Roe",
        "mrn": "",
        "birth_date": "9/9/1950",
        "dx_date": "2021-03-01",
        "diagnosis_date": "",
        "employer": "Acme Rail",
    }
    patient = Patient.from_row(row, ["diagnosis_date", "dx_date"])
    assert patient.first_name == "Vera"
    assert patient.birth_date == date(1950, 9, 9)
    assert patient.anchor == date(2021, 3, 1)
    assert patient.other == (("employer", "Acme Rail"),)


def test_a_patient_is_never_printed(patient):
    assert "Vera" not in repr(patient)
    assert "482913" not in repr(patient)


def test_a_note_full_of_the_name_is_read_in_linear_time():
    matcher = PatientMatcher(Patient("P1", first_name="Bernd", last_name="Weber"))
    started = time.process_time()
    matcher.find("Weber B " * 16_000, [])
    # A second on one slow core; five minutes when each occurrence looked at all others.
    assert time.process_time() - started < 30


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("and Cal, Page said", ["Cal, Page"]),
        ("cal_page", ["cal_page"]),
        ("Cal Q. Page", ["Cal Q. Page"]),
        ("one cal diet.     Next page", []),
    ],
)
def test_names_that_are_words_need_each_other_near(text, found):
    assert covered(Patient("P1", first_name="Cal", last_name="Page"), text) == found
