"""Schedules of weekdays in letters: found, told from sexes and abbreviations, taken out."""

from datetime import date, timedelta

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
        ("Tues/Thurs or Sat & Sun", ["Tues/Thurs or Sat & Sun"]),
        ("every Mon, next Tues, q Fri, on Sat.", ["every Mon", "Tues", "q Fri", "Sat"]),
        ("Mon Wed Fri; mon-fri; M thru F", ["Mon Wed Fri", "mon-fri", "M thru F"]),
        ("Mondays; iHD on TTS", ["Mondays", "TTS"]),
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


@pytest.mark.parametrize("days", [0, 1, 7])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        *((one, "[days]") for one in ("MWF", "TTh", "M/W/F", "mwf", "TTS", "Mon-Fri", "weekend")),
        *((one, "[days]") for one in ("Monday through Friday", "M through F", "Fridays")),
        ("every other Thu", "every other [days]"),
        ("each Friday", "each [days]"),
        ("Friday 8-12", "[days] 8-12"),
        ("Mon 9am to 5pm", "[days] 9am to 5pm"),
        ("lunes, miércoles y viernes", "[days]"),
        ("lundi et jeudi", "[days]"),
        ("every Monday, Wednesday, and Friday", "every [days]"),
    ],
)
def test_nothing_of_a_schedule_tells_by_how_much_dates_moved(old, days, new):
    assert is_weekday(old)
    assert moved_weekday(old, days) == new


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/4/2021: dialysis MWF, PT Tu/Th.", "{:%-m/%-d/%Y}: dialysis [days], PT [days]."),
        ("3/4/2021. Clinic M-F 8-5", "{:%-m/%-d/%Y}. Clinic [days] 8-5"),
        ("3/4/2021, Mon through Fri", "{:%-m/%-d/%Y}, [days]"),
        ("open Mon through Fri, 3/4/2021", "open [days] through {:%a, %-m/%-d/%Y}"),
        ("3/4/2021: closed Sat and Sun, the weekend", "{:%-m/%-d/%Y}: closed [days], the [days]"),
        ("3/4/2021, every other Thu", "{:%-m/%-d/%Y}, every other [days]"),
        ("3/4/2021, Tu Th Sa or mon-fri", "{:%-m/%-d/%Y}, [days] or [days]"),
        ("weekend clinic Saturday, 3/4/2021", "[days] clinic {0:%A}, {0:%-m/%-d/%Y}"),
    ],
)
def test_a_shifted_note_tells_no_shift_by_its_schedule(shifting, text, expected):
    moved = date(2021, 3, 4) + timedelta(days=shifting.keys.date_offset_days("a"))
    assert shifting.clean(text, Patient("a")).text == expected.format(moved)


@pytest.mark.parametrize(
    "text",
    ["Dialysis went well. Fentanyl TTS 25.", "A long weekend", "M-F transgender", "wed and sat"],
)
def test_what_is_no_schedule_stays(text):
    assert found(text) == []


def test_schedules_stay_where_no_date_is_shifted(engine):
    text = "Dialysis MWF and M/W/F."
    assert engine.clean(text, Patient("a")).text == text
