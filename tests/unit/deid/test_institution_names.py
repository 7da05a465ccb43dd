"""Institutions by their name alone, by a label, and as a whole where one word was found."""

import re

import pytest

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.recognizers.finders import find_known_institutions, find_labelled_institutions
from deid.span import Span
from deid.whole_names import whole_names
from policies.profile import profile
from tests.unit.deid.test_recognizers import covered

STRANGER = Patient("x")


@pytest.fixture(scope="module")
def engine():
    return NoteEngine(profile("safe_harbor"), Keys(b"p" * 32, b"d" * 32, b"s" * 32))


def whole(text):
    """What is given for a text in which ``<…>`` is already found."""
    spans, plain = [], text.replace("<", "").replace(">", "")
    for count, match in enumerate(re.finditer(r"<([^>]*)>", text)):
        start = match.start() - 2 * count
        spans.append(Span(start, start + len(match[1]), "NAME", "listed"))
    return [plain[span.start : span.end] for span in whole_names(plain, spans)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Payer: Premera   auth 22", "Premera"),
        ("mom works nights at walgreens", "walgreens"),
        ("the graft came from LifeNet", "LifeNet"),
        ("records from OHSU reviewed", "OHSU"),
        ("STAYS AT HOPE LODGE", "HOPE LODGE"),
        ("he drives a truck for Amazon", "Amazon"),
        ("PT IS AN AMAZON DRIVER", "AMAZON"),
        ("labs drawn at Quest", "Quest"),
        ("scripts sent to CVS", "CVS"),
        ("Insurance: Anthem", "Anthem"),
        ("Rx to Walgreens #4471 on", "Walgreens #4471"),
        ("the Queen's office called", "Queen's"),
    ],
)
def test_known_institutions(text, name):
    assert covered(find_known_institutions, text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "held with an Ochsner clamp, Lahey bag, Parkland formula",
        "CVS: regular rate. Staples removed, target lesion 2 cm, a 1.5 Tesla magnet",
        "the Amazon basin, an anthem, the best buy, quest for health, select few",
        "resection of UPS of the thigh; CHOP was given; NIH score 4",
        "a Stryker plate, a Zimmer stem, Pfizer vaccine",
        "coordinated care with the first choice",
    ],
)
def test_words_and_makers_stay(text):
    assert covered(find_known_institutions, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Payer: Zephyrine auth RG-1", "Zephyrine"),
        ("Ins Corvalent U7741", "Corvalent"),
        ("Ins. Corvalent mem. 12", "Corvalent"),
        ("auth with Corvalent ref", "Corvalent"),
        ("Vendor: Rollagain (Raj)", "Rollagain"),
        ("Pharmacy: Hometown Drug, fax", "Hometown Drug"),
        ("Sending: Quarrymoor Ridge", "Quarrymoor Ridge"),
        ("Work: sewing line, Coltrexon. Kids", "Coltrexon"),
        ("stands at the restaurant Tiny Kashgar all day", "Tiny Kashgar"),
        ("the pharmacy Aquedona says", "Aquedona"),
        ("KTLR transport booked", "KTLR"),
        ("chest c t from bayouland imaging shows", "bayouland imaging"),
    ],
)
def test_labelled_institutions(text, name):
    assert name in covered(find_labelled_institutions, text)


@pytest.mark.parametrize(
    "text",
    [
        "Payer: Medicare. Insurance: None. Lab: Hemoglobin 11. Pharmacy: Unknown",
        "lab WBC 4, hospice PRN, insurance Approved, vendor Dr. Roe",
        "ICU transport, ACLS ambulance, from plain imaging, at rehab clinic",
        "school Monday, program Director",
    ],
)
def test_values_behind_labels_stay(text):
    assert covered(find_labelled_institutions, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<Tarrowdale Basin> Orthopaedic Oncology", "Tarrowdale Basin Orthopaedic Oncology"),
        ("a crate at <Lindqvist> Fruit.", "Lindqvist Fruit"),
        ("<Quorn> Parish Schools - Office", "Quorn Parish Schools"),
        ("St. <Wendelin> School", "St. Wendelin School"),
        ("D/C TO <DONALD MACREE> HOUSE ON", "DONALD MACREE HOUSE"),
        ("<Saltmere> Bone & Joint | 18", "Saltmere Bone & Joint"),
        ("through <Amos Vane> laundry)", "Amos Vane laundry"),
        ("the <Alder Street> temple will", "Alder Street temple"),
        ("bill from Twin Peaks Anesthesia acct", "Twin Peaks Anesthesia"),
        ("cards thru Valley Cancer Fund.", "Valley Cancer Fund"),
        ("MEASURED BY HOGTOWN PROSTHETICS IN", "HOGTOWN PROSTHETICS"),
        ("Quillmoor Radiation Oncology\nNew patient", "Quillmoor Radiation Oncology"),
        ("ORTHOPAEDICS OF THE <TARROW>", "ORTHOPAEDICS OF THE TARROW"),
        ("sails at <Wexcombe> Spit and", "Wexcombe Spit"),
        ("crossing the Envoy Bridge daily", "Envoy Bridge"),
        ("ski patrol at Silver Mountain, very", "Silver Mountain"),
        ("<Mercia> 0rthopedic Assoc., Sioux", "Mercia 0rthopedic Assoc."),
        ("biopsy at <Quorn> Delta 3/4.", "Quorn Delta"),
        ("<Wendelin North> Center", "Wendelin North Center"),
        ("men of <Sainte-Anne>-du-Mont-Clair parish", "Sainte-Anne-du-Mont-Clair parish"),
    ],
)
def test_names_are_whole(text, name):
    assert name in whole(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dr. <Jane Roe> Radiology",
        "seen by <Roe>, Radiology",
        "Dr. <Roe>'s clinic",
        "<Roe's> clinic on Monday",
        "General Surgery Clinic, by Vascular Surgery, from Wound Care, SPIRITUAL CARE",
        "the clinic and the pharmacy; high school; from Infectious Disease Clinic",
        "<Roe>  Radiology",
        "through Bishop Amos <Roe>, from <Roe> Friday, at <Roe> Resident",
        "Prescribed by Obstetrician A.,PAST MEDICAL HISTORY",
    ],
)
def test_what_is_no_name_of_an_institution_stays(text):
    assert whole(text) == []


def test_the_engine_takes_whole_names(engine):
    note = "Seen at Lindqvist Kaldwell Radiation Oncology today for review of the plan."
    clean = engine.clean(note, STRANGER)
    assert [note[s.start : s.end] for s in clean.spans if s.category == "ORG"] == [
        "Lindqvist Kaldwell Radiation Oncology"
    ]
    assert "Kaldwell" not in clean.text
    assert "Radiation Oncology today for review of the plan" in clean.text


def test_a_town_is_part_of_the_institution_behind_it(engine):
    note = "Seen by Dr. Hartwell at Riverbend General Hospital. The wound is clean and dry."
    clean = engine.clean(note, STRANGER)
    assert "Riverbend" not in clean.text
    assert "General Hospital" in clean.text
    assert [note[s.start : s.end] for s in clean.spans if s.category in ("ORG", "LOCATION")] == [
        "Riverbend General Hospital"
    ]


@pytest.mark.parametrize("label", ["Email", "Fax", "Login"])
def test_a_label_of_a_contact_is_no_name(engine, label):
    clean = engine.clean(f"He helps at home. {label} birdwhistell.16@gmail.com.", STRANGER)
    assert clean.text.startswith(f"He helps at home. {label} ")
