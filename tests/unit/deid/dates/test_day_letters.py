"""Schedules of weekdays in letters: found, told from sexes and abbreviations, moved with the dates."""

import pytest

from deid.dates.weekdays import find_weekdays, is_weekday, moved_weekday
from deid.own.patient import Patient


def found(text):
    return [text[start:end] for start, end in find_weekdays(text, [])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HD MWF at", ["MWF"]),
        ("dialysis TTS.", ["TTS"]),
        ("HD TTS", ["TTS"]),
        ("runs M/W/F, or T/Th/S", ["M/W/F", "T/Th/S"]),
        ("PT TTh and Tu/Th/Sa", ["TTh", "Tu/Th/Sa"]),
        ("TuThSa, TThS, mwf", ["TuThSa", "TThS", "mwf"]),
        ("M-W-F; M, W, F; M, W & F", ["M-W-F", "M, W, F", "M, W & F"]),
        ("clinic Mon-Fri 8-5", ["Mon-Fri"]),
        ("clinic M-F 8-5, M-Th", ["M-F", "M-Th"]),
        ("works Mon, Wed and Fri.", ["Mon, Wed and Fri"]),
        ("Tues/Thurs or Sat & Sun", ["Tues/Thurs", "Sat & Sun"]),
        ("every Mon, next Tues, q Fri, on Sat.", ["Mon", "Tues", "Fri", "Sat"]),
        ("came thurs and on Wednesday", ["thurs", "Wednesday"]),
    ],
)
def test_schedules_are_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "M/F", "WF, 60", "W/F", "M, F", "T/F", "MTF", "TTS of the ear", "F/S", "O2 sat and pulse",
        "T/S 3", "we sat, then", "T4/T8", "TTE", "S/T changes", "M-Form", "grades S, M, L", "S-F",
        "Mo Farah", "M or F", "to the W", "MTX",
    ],
)  # fmt: skip
def test_other_letters_are_none(text):
    assert found(f"There {text} there") == []


@pytest.mark.parametrize(
    ("old", "days", "new"),
    [
        ("MWF", 1, "TThSa"),
        ("MWF", 7, "MWF"),
        ("TTh", -1, "MW"),
        ("M/W/F", 2, "W/F/Su"),
        ("Tu/Th/Sa", 1, "W/F/Su"),
        ("mwf", 3, "thsam"),
        ("Mon, Wed and Fri", 1, "T, Th and Sa"),
        ("Mon-Fri", -3, "F-T"),
        ("TTS", 1, "WFSu"),
    ],
)
def test_a_schedule_moves_as_the_dates_do(old, days, new):
    assert is_weekday(old)
    assert moved_weekday(old, days) == new


def test_a_shifted_note_tells_no_shift_by_its_schedule(shifting):
    days = shifting.keys.date_offset_days("a")
    text = shifting.clean("3/4/2021: dialysis MWF, clinic Tu/Th.", Patient("a")).text
    assert moved_weekday("MWF", days) in text
    assert moved_weekday("Tu/Th", days) in text


def test_schedules_stay_where_no_date_is_shifted(engine):
    text = "Dialysis MWF and M/W/F."
    assert engine.clean(text, Patient("a")).text == text
