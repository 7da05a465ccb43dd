"""Days without a year in other languages, in dictated words, in small letters and by their number."""

import pytest

from deid.dates.find import find_dates
from deid.dates.rewrite import shift_text
from deid.own.patient import Patient


def found(text):
    return [text[one.start : one.end] for one in find_dates(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("infusion last 15 agosto.", ["15 agosto"]),
        ("el 3 de marzo vino", ["3 de marzo"]),
        ("depuis le 4 février", ["4 février"]),
        ("am 4. März gesehen", ["4. März"]),
        ("agosto 15 control", ["agosto 15"]),
        ("Octubre 29, 2021 y Marzo 14 2021", ["Octubre 29, 2021", "Marzo 14 2021"]),
        ("noong Pebrero 9 siya", ["Pebrero 9"]),
        ("dolor desde enero, peor", ["enero"]),
        ("en agosto", ["agosto"]),
        ("c t on eight twenty nine shows", ["eight twenty nine"]),
        ("dated three fourteen twenty one period", ["three fourteen twenty one"]),
        ("fell on the curb feb, no harm", ["feb"]),
        ("base film sept. return then", ["sept."]),
        ("port out, Nov\nwell", ["Nov"]),
        ("Waited till the 19th but my", ["the 19th"]),
        ("Next meeting the 30th (not the 23rd, room).", ["the 30th", "the 23rd"]),
    ],
)
def test_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ate 2 Mars bars", "Mayo Clinic", "Julio Marzo", "eight twenty", "on two twenty milligrams",
        "on six thirty units", "OCT of the macula", "dec appetite", "s/p APR", "novolog",
        "on the 10th rib", "from the 9th, 10th and 11th ribs", "after the 12th cycle",
        "for the 19th time", "between the 11th and 12th ribs", "in the 25th percentile",
    ],
)  # fmt: skip
def test_other_words_and_numbers_stay(text):
    assert found(f"She had {text} then") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FAX Jun l2 2018", ["Jun l2 2018"]),
        ("Since Apri1 pain", ["Apri1"]),
        ("APRI1 3, 2O19", ["APRI1 3, 2O19"]),
        ("0ctober 3", ["0ctober 3"]),
        ("Ju1y I2, 2018", ["Ju1y I2, 2018"]),
        ("Xray 5/3O shows", ["5/3O"]),
        ("on l2/21 seen", ["l2/21"]),
        ("L5-S1, T10, 1/O, I/O, 10/l, May I come", []),
        ("pain 5/l0 at night", []),
    ],
)
def test_what_a_scanner_misread(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "stamp",
    ["20210304102233", "202103041022", "20210304102233.123-0600", "20210304102233+0000"],
)
def test_a_stamp_is_a_day_and_keeps_its_time_when_it_is_shifted(engine, shifting, stamp):
    (one,) = find_dates(f"OBX|{stamp}|F")
    assert shift_text(one, 12) == f"20210316{stamp[8:]}"
    assert engine.clean(f"OBX|{stamp}|F", Patient("x")).text == "OBX|2021|F"
    assert stamp[8:] in shifting.clean(f"OBX|{stamp}|F", Patient("a")).text


@pytest.mark.parametrize("number", ["20211304102233", "99210304102233"])
def test_digits_that_are_no_stamp(number):
    assert found(f"No. {number} held") == []
