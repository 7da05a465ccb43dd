"""Parts of the row's numbers and e-mail addresses, and bare initials of the patient."""

from __future__ import annotations

import pytest

from deid.own.patient import PatientMatcher
from deid.residual import residual
from tests.unit.deid.own.test_own_identifiers import VERA, gone, person

_T = "The patient is a man of 64 with pain. "


@pytest.mark.parametrize(
    "text",
    [
        "xxx-xx-9999",
        "XXX-XX-9999",
        "***-**-9999",
        "last four 9999",
        "Last 4 of SSN: 9999",
        "SSN ends 9999",
        "SSN ending in 9999",
        "SSN xxx-xx-9999",
    ],
)
def test_the_last_digits_of_a_listed_number(engine, text):
    patient = person(*VERA, ssn="219-09-9999")
    assert gone(engine, _T + text, patient, "9999")
    assert residual(_T + text, [], PatientMatcher(patient)) == "residual_identifier"


def test_the_same_digits_elsewhere_stay():
    matcher = PatientMatcher(person(*VERA, ssn="219-09-9999"))
    text = "Platelets 9999. Paid 9999. The last four weeks, 9999 steps. xx-9998"
    assert matcher.find(text) == []
    assert residual(text, [], matcher) is None


@pytest.mark.parametrize(
    "text",
    [
        "gracie.l@fastmail",
        "GRACIE.L @ FASTMAIL . COM",
        "gracie.l@fastmail.co.uk",
        "gracie . l@fastmail.com",
        "gracie.l (at) fastmail (dot) com",
        "gracie dot l at fastmail dot com",
    ],
)
def test_a_cut_email_address(engine, text):
    patient = person(*VERA, email="gracie.l@fastmail.com")
    assert gone(engine, f"{_T}Mail {text} now.", patient, "gracie", "fastmail")


def test_the_words_of_an_email_address_stay():
    matcher = PatientMatcher(person(*VERA, email="gracie.l@fastmail.com"))
    assert matcher.find("Sent at fastmail com. Works @fastmail.") == []


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (("Grace", "Long"), "GL seen today.", "GL"),
        (("Grace", "Long"), "Pain. GL is doing well.", "GL"),
        (("Grace", "Long"), "GL was seen again.", "GL"),
        (("Grace", "Long"), "GL's knee", "GL"),
        (("Grace", "Long"), "Discussed with GL at length.", "GL"),
        (("Åsa-Märta", "O'Brien-Wrześniewska"), "A.-M. O'B.-W. came.", "O'B"),
        (("Åsa-Märta", "O'Brien-Wrześniewska"), "Signed AMOBW.", "AMOB"),
        (("Wilhelmina", "van der Linden"), "W.v.d.L. is doing well.", "W.v."),
        (("Wilhelmina", "van der Linden"), "Seen by team; WvdL is well.", "WvdL"),
        (("Conor", "O'Shea"), "C.O'S. is doing well.", "O'S"),
        (("Ana María", "Ruiz"), "A.M.R. came.", "A.M."),
        (("Ana", "Kowalczyk"), "Pain ok. AK, 45F, presented.", "AK"),
        (("Ana", "Kowalczyk"), "Pain ok. AK, a 45-year-old woman.", "AK"),
        (("Robert J", "Kowalczyk"), "Pt RJK seen.", "RJK"),
        (("Robert J", "Kowalczyk"), "Patient RJK, 45M, presented.", "RJK"),
        (("Mai", "Le"), "Pt ML tolerated it.", "ML"),
    ],
)
def test_initials_that_stand_for_the_patient(engine, name, text, value):
    assert gone(engine, text, person(*name), value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (("Carl", "Kent"), "CK was 80. CK is normal. A CK of 90. CK rose."),
        (("Carl", "Tuttle"), "CT was seen in 2020. CT is stable."),
        (("Ana María", "Ruiz"), "An AMR panel was sent."),
        (("Diana", "Marsh"), "Pt DM well controlled. Patient DM type 2."),
    ],
)
def test_abbreviations_that_are_no_initials(name, text):
    assert PatientMatcher(person(*name)).find(text) == []
