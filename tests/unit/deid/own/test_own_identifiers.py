"""What is known of the patient does not survive, however the note writes it."""

from __future__ import annotations

from datetime import date

import pytest

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.reading.plain import Plain
from deid.vocabulary import fold


def person(first: str, last: str, mrn: str = "00482913", **other: str) -> Patient:
    return Patient("P1", first, last, mrn, date(1950, 9, 9), date(2021, 3, 1), tuple(other.items()))


def gone(engine: NoteEngine, text: str, patient: Patient, *values: str) -> bool:
    """True where the note is withheld or none of the values can be read in it."""
    out = engine.clean(text, patient).text
    if out is None:
        return True
    read = fold(Plain(out).text)
    return not any(fold(value) in read for value in values)


VERA = ("Vera", "Hanninen")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (("Mary", "Kelly"), "Mary Kelly, positive for MRSA.", "Kelly"),
        (("Mary", "Kelly"), "Mrs. Mary Kelly family called.", "Kelly"),
        (("Mary", "Kelly"), "Transfer of Kelly to the ICU", "Kelly"),
        (("Mary", "Kelly"), "Pt Kelly transfer", "Kelly"),
        (("Ann", "Jones"), "Jones transfer to rehab", "Jones"),
        (("Ann", "Wilson"), "Wilson, test results reviewed", "Wilson"),
        (("James", "Ewing"), "Patient: James Ewing, family history negative", "Ewing"),
        (("Rose", "Young"), "Rose Young woman came in.", "Young"),
        (("Rose", "Young"), "rose young was seen", "young"),
        (("Rose", "Young"), "YOUNG WAS SEEN TODAY", "YOUNG"),
        (("Rose", "Stone"), "STONE RETURNS", "STONE"),
        (("Rose", "Stone"), "stone returns with her daughter", "stone"),
        (("Soo", "Kim"), "soo kim tolerated it", "kim"),
        (("Soo", "Kim"), "KIM TOLERATED", "KIM"),
        (("Jane", "Roe"), "ROE RETURNS", "ROE"),
        (("Jane", "Roe"), "Login jroe at the kiosk. It was roe again.", "roe"),
        (("Bruce", "Lee"), "lee said so", "lee"),
        (("Vera", "Hanninen (Quintrell)"), "quintrell called. QUINTRELL IS WELL.", "quintrell"),
        (("Vera", "Hanninen/Quintrell"), "hanninen returns.", "hanninen"),
        (("Vera", "Hanninen–Quintrell"), "hanninen and Quintrell", "quintrell"),
        (("Jörg", "Ångström"), "Joerg came. Aangstroem too.", "Joerg"),
        (("Jörg", "Ångström"), "Aangstroem too.", "Aangstroem"),
        (("Łucja", "Ścibor"), "Ł.Ś. is a 40-year-old woman.", "L.S."),
        (("Ilse", "van den Broek"), "I.V. came with her sister.", "I.V."),
        (("Dov", "Tzur"), "Tuzr resting.", "Tuzr"),
        (VERA, "Hannnien was seen", "Hannnien"),
    ],
)
def test_names(engine, name, text, value):
    assert gone(engine, text, person(*name), value)


@pytest.mark.parametrize(
    ("mrn", "text", "value"),
    [
        ("19850412", "Chart 1985-0412 reviewed", "0412"),
        ("MR0482913", "Chart of 482913", "482913"),
        *(
            ("00482913", f"Seen as {value} today", value)
            for value in (
                "482–913",
                "482_913",
                "482,913",
                "482:913",
                "482—913",
                "482|913",
                "482*913",
                "48-29-13",
                "00 482 913",
                "4829l3",
            )
        ),
    ],
)
def test_record_numbers(engine, mrn, text, value):
    assert gone(engine, text, person(*VERA, mrn), value)


@pytest.mark.parametrize(
    ("column", "cell", "text", "value"),
    [
        ("husband", "Walter Quintrell", "quintrell is here.", "quintrell"),
        ("nok", "Quintrell", "quintrell is here.", "quintrell"),
        ("emergency_contact", "Walter Quintrell 704-412-0197", "quintrell came", "quintrell"),
        ("emergency_contact", "Walter Quintrell 704-412-0197", "Call 412-0197.", "412-0197"),
        ("phone", "413-412-0197 ext 12", "Evenings 412-0197", "412-0197"),
        ("phone", "+1 (413) 412 0197", "Evenings 4134120197", "4134120197"),
        ("address", "12 Larkspur Lane, Deerfield", "She lives on larkspur lane.", "larkspur"),
        ("mail", "vera.h@clinic.example", "write to vera.h@clinic.example", "vera.h"),
    ],
)
def test_further_columns(engine, column, cell, text, value):
    assert gone(engine, text, person(*VERA, **{column: cell}), value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (("James", "Ewing"), "Ewing sarcoma of the femur, Ewing's sarcoma."),
        (("Ann", "White"), "The white blood count was normal; white matter too."),
        (("Mary", "Kelly"), "A Kelly clamp was placed."),
        (("Will", "May"), "He will return and may bear weight."),
        (("An", "Do"), "Please do an MRI of the knee."),
        (("Linh", "Le"), "LE strength 5/5, DO NOT bear weight."),
        (("Rose", "Young"), "This young woman rose early."),
    ],
)
def test_clinical_language_of_a_patient_called_so(engine, name, text):
    assert engine.clean(text, person(*name)).text == text


def test_credentials_in_a_cell_are_no_name(engine):
    patient = person(*VERA, surgeon="Linda Sullivan, DO")
    out = engine.clean("Please DO NOT bear weight.\nLinda Sullivan, DO", patient).text
    assert out.startswith("Please DO NOT bear weight.\n")
    assert out.endswith(", DO")
    assert "Sullivan" not in out


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Discussed with Paget today", "Paget"),
        ("Assistant: Jones, table mounted", "Jones"),
        ("Seen by Dr.Blenkinsop", "Blenkinsop"),
        ("Dr. May agreed", "May"),
        ("Dr. Will operated", "Will"),
    ],
)
def test_others_with_a_cue(engine, text, name):
    assert gone(engine, text, person(*VERA), name)


def test_foley_stays_where_it_is_no_person(engine):
    text = "Surgery was done with Foley in place and closed with Kocher clamps."
    assert engine.clean(text, person(*VERA)).text == text


def test_a_catheter_does_not_tell_the_town(engine):
    out = engine.clean("Foley catheter out. Lives in Foley.", person(*VERA, city="Foley")).text
    assert out.startswith("Foley catheter out. Lives in ")
    assert out.count("Foley") == 1


@pytest.mark.parametrize("last", ["Ewing", "Kelly", "Codman"])
@pytest.mark.parametrize(
    "text", ["Discussed with patient {}.", "told {} that it is benign", "it was {}, not the mother"]
)
def test_an_eponym_in_small_letters_is_the_patient_outside_its_term(engine, last, text):
    assert gone(engine, text.format(last.lower()), person("Vera", last), last.lower())


@pytest.mark.parametrize(
    ("last", "text"),
    [("Ewing", "the ewing sarcoma is small"), ("Kelly", "closed with a kelly clamp")],
)
def test_an_eponym_in_small_letters_stays_inside_its_term(engine, last, text):
    assert engine.clean(text, person("Vera", last)).text == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Seen per Fionn D. O'Dowd, DO.", "O'Dowd"),
        ("Seen per Fionn R. N. Blenkinsop, MD.", "R. N."),
        ("Mr. Do was seen. DO, LINH", "Do was"),
    ],
)
def test_a_name_does_not_stand_for_itself(engine, text, value):
    assert gone(engine, text, person("Linh", "Do"), value)


@pytest.mark.parametrize(
    "text",
    [
        "Hann<foo>inen was seen.",
        "=48anninen was seen. =48anninen",
        "Han&shy;ninen was seen.",
        "H\ue000a\ue000nninen was seen.",
        "Called <Vera Hanninen> and <Dr Smith> about the wound.",
        r"{\rtf1{\fonttbl{\f0 Arial;} \par Patient Vera Hanninen MRN 00482913 DOB 9/9/1950",
    ],
)
def test_what_is_hidden(engine, text):
    out = engine.clean(text, person(*VERA)).text
    assert out is None or ("anninen" not in out and "482913" not in out)


def kept(engine: NoteEngine, text: str, patient: Patient) -> bool:
    return engine.clean(text, patient).text == text
