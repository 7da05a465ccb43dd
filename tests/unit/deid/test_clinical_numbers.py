"""Numbers and codes of clinical language that stay, beside those that look alike and go."""

from __future__ import annotations

import time

import pytest

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.recognizers.contact import find_contacts
from deid.recognizers.hospitals import find_hospitals


@pytest.fixture(scope="module")
def engine(model, safe_harbor, keys):
    return NoteEngine(safe_harbor, keys, model=model)


@pytest.mark.parametrize(
    "text",
    [
        "BP 128/76, HR 88, RR 16, T 37.2",
        "Vitals: RR 20, Temp 98.6",
        "The patient's RR 12.",
        "A 65 mm stem 13 mm x 127 mm.",
        "A 10 mm x 360 mm nail.",
        "The nail, 130 deg x 380 mm, was locked.",
        "Exercises x 120 reps.",
        "He is enrolled in SARC028.",
        "Pt enrolled in COG AOST1321.",
        "Trial NCT03618381.",
        "Enrolled in NCT03618381.",
        "Stem, cat# 71330016, size 4.",
        "Head, part no. 71330016.",
    ],
)
def test_stays(engine, text):
    assert engine.clean(text, Patient("P1")).text == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("She lives at RR 2, Box 88, Dunholt, OH 43050.", "RR 2, Box 88"),
        ("Mail: RR 3, Dunholt, OH 43050", "RR 3, Dunholt"),
        ("Call 704-555-0182 x 127.", "127"),
        ("Reach me at ext 4471 or x4482.", "4482"),
        ("MRN 71330016", "71330016"),
        ("Student, enrolled at Dunholt Elementary.", "Dunholt"),
        ("Employer: VANDERCO", "VANDERCO"),
    ],
)
def test_goes(engine, text, value):
    assert value not in (engine.clean(text, Patient("P1")).text or "")


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (find_contacts, "at " * 20_000),
        (find_hospitals, "I'" * 30_000),
        (find_hospitals, "O'" * 30_000),
    ],
)
def test_long_runs_take_no_time(find, text):
    started = time.process_time()
    list(find(text))
    assert time.process_time() - started < 4
