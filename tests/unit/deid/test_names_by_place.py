"""Names made of words, told by where they stand: heads, relatives, small notes, duty, closings."""

import pytest

from deid.recognizers.acting_words import acting_words
from deid.recognizers.finders import find_names
from deid.recognizers.kin_names import kin_names
from deid.recognizers.page_heads import page_heads
from deid.recognizers.small_names import small_names
from tests.unit.deid.test_recognizers import covered


def found(finder, text):
    return [text[start:end] for start, end in finder(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Pt: KNEE, ZORNA  (F, 47)", "KNEE, ZORNA"),
        ("REF: KNEE, ZORNA MD", "KNEE, ZORNA"),
        ("2) Perthes, Wilma → correct spelling", "Perthes, Wilma"),
        ("PERTHES, Q. D.    #3187720", "PERTHES, Q. D."),
        ("f/u  - banks, rob   mrn 60-41", "banks, rob"),
        ("Sharp, Pat 5E-14 2209914 - 77M", "Sharp, Pat"),
        ("Requesting: Lobe Zorniak     Seen:", "Lobe Zorniak"),
        ("Re: Gia Zornucc1   B: 03/22/1995", "Gia Zornucc1"),
        ("Pt Dawn June Winters, 24, single", "Dawn June Winters"),
        ("SURG: CHASE / MBEKI-LAWSON (RES)", "CHASE"),
        ("Requesting: Lung, T.", "Lung, T."),
        ("Name: Zornak-Roe, Baby Girl", "Zornak-Roe"),
    ],
)
def test_whose_page_it_is(text, name):
    assert name in found(page_heads, text)


@pytest.mark.parametrize(
    "text",
    [
        "Pt: Alert, Oriented   no distress",
        "ANES: GETA, DR BLOCK",
        "Lungs clear, BM yesterday 45 M",
        "2.  Mild cardiomyopathy, EF of 52%",
        "Name: Hip, left 45M",
        "Attending: Present",
    ],
)
def test_what_heads_no_page(text):
    assert found(page_heads, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ride home: husband Zornu Hip (works", "Zornu Hip"),
        ("with auntie Zorna Two Stars and cousin", "Zorna Two Stars"),
        ("Father Zong Her on phone", "Zong Her"),
        ("cc: sister's file (Faith Marrow)", "Faith Marrow"),
        ("on his wife Dawn and on son Will Jr. is", "Will Jr"),
        ("Spoke with Chip (son)", "Chip"),
        ("grandson named Ace.", "Ace"),
    ],
)
def test_whole_names_of_relatives(text, name):
    assert name in found(kin_names, text)


@pytest.mark.parametrize(
    "text",
    ["Apparently, her husband came", "Mother Breast cancer", "dad Will return", "Her (mother)"],
)
def test_what_is_no_relative(text):
    assert found(kin_names, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("fertility: saw dr zok", "zok"),
        ("thoracic (dr grant page no relation)", "grant page"),
        ("s/o from zimo overnight: tachy", "zimo"),
        ("2 flap - plastics (zah you) happy", "zah you"),
        ("zupe o.r. 45F L thigh", "zupe o.r."),
        ("attending dr. m. bone", "m. bone"),
        ("ms long c/o pain", "long"),
    ],
)
def test_names_in_small_letters(text, name):
    assert name in found(small_names, text)


@pytest.mark.parametrize(
    "text",
    [
        "the dr will call",
        "mr angiogram shows",
        "plastics (flap) happy",
        "rash all over 45F",
        "ms contin",
    ],
)
def test_small_words_that_are_none(text):
    assert found(small_names, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sharp. \n\nWill reports avg 5/10", "Will"),
        ("Comments: hope wants a cast", "hope"),
        ("Wt 29 kg. Max pivots and hops", "Max"),
        ("Consult: Ng in ED, 60F", "Ng"),
        ("Off: Zavita. On call", "Zavita"),
        ("left word w/ Peg.", "Peg"),
        ("(spelled Z-E-R)", "Z-E-R"),
        ("so mail is fine.\n\nRob\n(612) 555-0140", "Rob"),
        ("d/w Sharp, agrees", "Sharp"),
        ("Baby boy Sharp born at term", "Sharp"),
    ],
)
def test_words_that_do_what_people_do(text, name):
    assert name in found(acting_words, text)


@pytest.mark.parametrize(
    "text",
    [
        "the hope says nothing, WILL RETURN",
        "Max dose given. Peg tube placed, PEG.",
        "Consult: Ortho. On call: none",
        "done.\n\nPlan\n\nRest",
        "Art therapy. Will return",
        "d/w family, agrees",
    ],
)
def test_words_that_are_words(text):
    assert found(acting_words, text) == []


def test_a_name_before_credentials_is_found_whole():
    text = "Reply from Tess Zornjo, RN, 2/12"
    assert "Tess Zornjo" in covered(find_names, text)
