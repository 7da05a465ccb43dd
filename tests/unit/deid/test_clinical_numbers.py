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
    assert time.process_time() - started < 30


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Stem, cat# 71330016, size 4.", "71330016"),
        ("Femoral stem, REF 5517-F-302, size 4.", "5517-F-302"),
        ("Cat. No. 5517-F-302 was implanted.", "5517-F-302"),
        ("Catalogue number: 00-8757-052-02, cup.", "00-8757-052-02"),
        ("Liner REF 02.12.0023, inserted.", "02.12.0023"),
    ],
)
def test_a_catalogue_number_is_a_device_identifier(engine, text, value):
    note = engine.clean(text, Patient("P1"))
    assert value not in (note.text or value)
    assert {span.category for span in note.spans} <= {"ID", "CONTACT"}


@pytest.mark.parametrize(
    "text",
    [
        "Glucose 98 (REF 70-100), Na 140 REF 135-145, Ca REF 1.5-2.5.",
        "CAT scan in 2021, CAT 3000 units, CAT score 10, cat bite in 2019.",
        "Keep HR 60-100, MAP 65-100, SBP 90-140, PTT 60-100.",
        "Shift 1900-0700 uneventful.",
        "Worked shift 1900-0700.",
        "Shift: 0700-1900.",
        "Night shift (1900–0730).",
        "Hours 1900-2000, crew 0700-1900.",
    ],
)
def test_ranges_and_hours_stay(engine, text):
    assert engine.clean(text, Patient("P1")).text == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Shift 4471-0182 report.", "4471-0182"),
        ("voucher 1900-0700", "1900-0700"),
        ("S 23-104 received", "23-104"),
        ("CT 21-1044 read", "21-1044"),
        ("REF 2207-1136 of the payer", "2207-1136"),
    ],
)
def test_codes_that_look_like_ranges_go(engine, text, value):
    assert value not in (engine.clean(text, Patient("P1")).text or "")
