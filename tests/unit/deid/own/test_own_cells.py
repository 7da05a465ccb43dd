"""Relatives, towns, ZIP codes and further columns of the patients file, in a text."""

from __future__ import annotations

import re

import pytest

from tests.unit.deid.own.test_own_identifiers import VERA, gone, kept, person


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        ("Hope Young 612-555-2211", "Hope Young came.", "Young"),
        ("Hope Young 612-555-2211", "We called Hope again.", "Hope"),
        ("(612) 555-2211 Hope Young", "Hope Young came.", "Young"),
        ("Hope Young, cell 612-555-2211 ext. 4", "Hope Young came.", "Hope"),
        ("Walter Quintrell, 12 Larkspur Lane", "Mr. Quintrell came.", "Quintrell"),
    ],
)
def test_a_relative_with_a_number_in_the_cell(engine, cell, text, value):
    assert gone(engine, text, person(*VERA, emergency_contact=cell), value)


def test_words_behind_a_house_number_are_no_names(engine):
    patient = person(*VERA, emergency_contact="Hope Young, 12 Long Street")
    assert kept(engine, "The street is long. The Long Street sign.", patient)


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        ("children", "Tom, Dick and Harry", "The patient and sister are well."),
        ("kin_name", "Joy (sister)", "The patient and sister are well."),
        ("spouse", "none", "There is none. None of the nodes is positive."),
        ("next_of_kin", "self", "She lives by herself; none of it is unknown."),
    ],
)
def test_what_stands_beside_a_relative_s_name_is_no_name(engine, column, cell, text):
    assert kept(engine, text, person(*VERA, **{column: cell}))


@pytest.mark.parametrize(
    ("column", "cell", "text", "value"),
    [
        ("children", "Tom, Dick and Harry", "Dick came with Harry.", "Dick"),
        ("kin_name", "Joy (sister)", "We spoke with Joy today.", "Joy"),
    ],
)
def test_a_relative_s_name_that_is_a_word(engine, column, cell, text, value):
    assert gone(engine, text, person(*VERA, **{column: cell}), value)


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        ("diagnosis", "Ewing sarcoma", "Ewing sarcoma of the femur. An ewing sarcoma."),
        ("histology", "Clear cell chondrosarcoma", "Clear cell chondrosarcoma of the femur."),
        ("histology", "9180/3", "Morphology 9180/3."),
        ("remark", "Ewing sarcoma", "Ewing sarcoma of the femur."),
        ("remark", "Clear cell chondrosarcoma", "Clear cell chondrosarcoma of the femur."),
        ("drug_name", "Pazopanib", "Started on pazopanib."),
    ],
)
def test_a_clinical_column_names_nobody(engine, column, cell, text):
    assert kept(engine, text, person(*VERA, **{column: cell}))


@pytest.mark.parametrize(
    ("column", "cell", "text", "value"),
    [
        ("occupation", "Welder at Quintrell", "He is with quintrell now.", "quintrell"),
        ("specimen_number", "S21-90417", "Slides S21-90417.", "90417"),
        ("surgeon", "Ewing", "I saw Dr. Ewing today.", "Ewing"),
    ],
)
def test_other_columns_still_name(engine, column, cell, text, value):
    assert gone(engine, text, person(*VERA, **{column: cell}), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Address: ELY NV 89301", "ely"),
        ("He comes from ely.", "ely"),
        ("Lives in Ely.", "ely"),
        ("Ely is far.", "ely"),
    ],
)
def test_a_town_of_three_letters(engine, text, value):
    assert gone(engine, text, person(*VERA, city="Ely"), value)


def test_a_town_that_is_a_word_needs_its_place(engine):
    patient = person(*VERA, city="Reading")
    assert gone(engine, "She lives in Reading. Sent to Reading, PA.", patient, "Reading")
    assert kept(engine, "Reading glasses. She was reading in bed.", patient)


def test_small_letters_of_a_short_town_alone_stay(engine):
    assert kept(engine, "The ELY score; a word like ely.", person(*VERA, city="Ely"))


@pytest.mark.parametrize("cell", ["55123", "55123-1234", "551231234", "55123.0"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [("MN 55123", "[A-Z]{2} 551"), ("ZIP 55123-1234 now", "ZIP 551 now"), ("(55123)", r"\(551\)")],
)
def test_the_own_zip_becomes_its_area(engine, cell, text, expected):
    out = engine.clean(text, person(*VERA, zip=cell))
    assert re.fullmatch(expected, out.text)  # a state beside it gets a surrogate
    assert {span.category for span in out.spans} == {"LOCATION"}


def test_a_zip_of_few_people_becomes_000(engine):
    text = engine.clean("WY 82190-0001", person(*VERA, postal_code="82190")).text
    assert re.fullmatch("[A-Z]{2} 000", text)


def test_the_zip_of_a_recorded_address(engine):
    patient = person(*VERA, address="12 Larkspur Lane, Deerfield, MN 55123")
    assert engine.clean("mail goes to 55123.", patient).text == "mail goes to 551."


def test_a_lost_zero_of_a_zip(engine):
    assert engine.clean("mail goes to 02138.", person(*VERA, zip="2138")).text == (
        "mail goes to 021."
    )
