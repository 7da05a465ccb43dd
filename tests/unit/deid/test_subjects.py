"""Names by what is said of a person, and words that are none beside the same cues."""

import pytest

from deid.recognizers.finders import (
    find_addresses,
    find_ages,
    find_devices,
    find_hospitals,
    find_listed,
    find_names,
)
from deid.recognizers.subjects import subjects
from deid.span import flatten
from tests.unit.deid.test_recognizers import covered


def found(text):
    return [text[start:end] for start, end in subjects(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("P.H. is a man 19 years of age.", "P.H"),
        ("Qvzorny is a very pleasant 61-year-old", "Qvzorny"),
        ("Seen: J.K. was an 8 month old", "J.K"),
        ("Met with BUCK SHARP (man, age 71,)", "BUCK SHARP"),
        ("Met with Zhkosky (50 y/o woman)", "Zhkosky"),
        ("Thank you for sending Codman, a 78 yo woman", "Codman"),
        ("for sending G.B., a sixty-two-year-old woman", "G.B"),
        ("Chance Page is a 45-year-old", "Chance Page"),
        ("Sharp, a 33F with pain", "Sharp"),
        ("ST. CLAIR, Desmond 66M 102 kg", "ST. CLAIR, Desmond"),
        ("Zhkosky came with her brother", "Zhkosky"),
        ("report taken. B.D. up in chair", "B.D"),
        ("report taken. Zhkosky denies pain", "Zhkosky"),
        ("report taken. B. Sharp resting", "B. Sharp"),
    ],
)
def test_of_whom_an_age_or_a_state_is_said(text, name):
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The patient is a 45-year-old man",
        "This is a 4 year old. Patient, a 45 yo male, denies pain",
        "Ewing sarcoma, age 14 at diagnosis",
        "Died of MI, age 80",
        "Lower extremity, 45 years",
        "P.T. reports progress. R.N. stated. ICU reports",
        "The wound is a 3 cm defect. Tylenol was a man's choice",
        "Radiology reports a lesion. Neurosurgery states that",
        "in the O.R. came out",
    ],
)
def test_what_is_no_person(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("NURSING NOTE 3/20 0730\nSharp, Buck V.  MRN 0676-2089", "Sharp, Buck V."),
        ("MRI LEFT THIGH\nTUIASOSOPO, LEILANI\nMRN 31", "TUIASOSOPO, LEILANI"),
        ("NOTE\nMAUDE CODMAN | DOB 1/2/50", "MAUDE CODMAN"),
        ("TER HORST, MARJOLEIN  Medical record number 2", "TER HORST, MARJOLEIN"),
        ("DE VRIES-KUIPERS,JOOST C   Hosp. no. 17", "DE VRIES-KUIPERS,JOOST C"),
    ],
)
def test_the_head_of_a_page(text, name):
    assert found(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "HAND, LEFT\nMRN 3",
        "CHEST, PORTABLE  MRN 1",
        "ORTHOPAEDIC CLINIC\nMRN: 3",
        "BONE SCAN\nDOB: 1/2/1950",
        "MRI SPINE, LUMBAR\nMRN 4",
    ],
)
def test_a_heading_is_no_name(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("by Dr. Chance Bone (surgery)", "Chance Bone"),
        ("by Dr C. Ó Briain.", "C. Ó Briain"),
        ("by Dr I. al-Tamimi (surgery)", "I. al-Tamimi"),
        ("report from Tayfun Y., PT.", "Tayfun Y."),
        ("page.\nCHANCE LONG, MD FACS", "CHANCE LONG"),
        ("Name: EARLY, CHANCE (", "EARLY, CHANCE"),
        ("RE: XU,XIULAN P, MRN", "XU,XIULAN P"),
    ],
)
def test_names_behind_a_cue_whole(text, value):
    assert value in covered(find_names, text)


@pytest.mark.parametrize(
    "text", ["Dr. Chance bone scan", "by Dr. Chance Bone marrow biopsy", "RE: MD, Radiology"]
)
def test_only_what_closes_behind_a_title(text):
    assert not any("Bone" in one or "MD" in one for one in covered(find_names, text))


def test_letters_of_other_languages_are_names_unless_the_lexicon_knows_them():
    assert covered(find_listed, "Received from Yıllmaz, resting") == ["Yıllmaz"]
    for text in ("Hürthle cells, Sjögren syndrome", "a naïve patient", "Müllerian duct, Ménière"):
        assert covered(find_listed, text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Drove in from Kettering Falls, two hours", ["Kettering Falls"]),
        ("Transport from Thistlewick arranged", ["Thistlewick"]),
        ("Moved from Nueva Loma to Port Arden last", ["Nueva Loma", "Port Arden"]),
        ("commutes from Mill Hollow.", ["Mill Hollow"]),
        ("moved to Recovery Room 2", []),
        ("transported to the PACU, came to the ER", []),
        ("transport from Intensive Care Unit", []),
    ],
)
def test_where_somebody_came_from(text, values):
    spans = flatten(text, find_addresses(text))
    assert [text[one.start : one.end] for one in spans] == values


@pytest.mark.parametrize("text", ["Baker is a 90M. Consent", "woman aged\n91", "is a 101M, who"])
def test_ages_at_the_end_of_a_sentence_or_line(text):
    assert len(flatten(text, find_ages(text, 90))) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("refer to med onc dr amundsen to talk", ["amundsen"]),
        ("his wife halina is with him", ["halina"]),
        ("seen by l. ferraro np", ["l. ferraro"]),
        ("banks, olivia / f / 33", ["banks, olivia"]),
        ("this is priya raghunathan dictating", ["priya raghunathan"]),
        ("its Nevaehs mom", ["Nevaehs"]),
        ("his wife noelie asks, wife denies, son plays", ["noelie"]),
        ("pts husband dale came. wife will come, son drew well", ["dale"]),
    ],
)
def test_names_written_small(text, names):
    assert covered(find_listed, text) == names


@pytest.mark.parametrize(
    "text",
    [
        "driving through snow, cant brake; jury duty; wild type; lacy; she sang; grace period",
        "polycythemia vera, ms contin, miss dose, nurse reported, mr imaging",
        "lactated Ringers, open Achilles lengthening, curved Allis, recurrent TIAs",
    ],
)
def test_words_that_are_names_elsewhere(text):
    assert covered(find_listed, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi Crystal, outdoors", "Crystal"),
        ("I told Page and her partner", "Page"),
        ("Husband Gene following in a car", "Gene"),
        ("Rep: Chuck (vendor)", "Chuck"),
        ("eGFR last 61. -MG\nNext", "MG"),
        ("follow up\nkjm", "kjm"),
        ("Dr. Haruki Endo notified", "Haruki Endo"),
        ("left a message. -- nkb\nNext", "nkb"),
        ('AKA "T-Bone"', "T-Bone"),
        ("signed M. Standing Elk, FNP-C", "Elk"),
        ("T: 11/06/2025 BKN/jl Job 55", "BKN/jl"),
    ],
)
def test_first_names_and_initials_of_those_who_talk(text, name):
    assert name in covered(find_names, text)


def test_a_nickname_in_quotes_and_a_given_name_that_is_a_word_belong_to_the_name(engine, patient):
    for name in ('Ambrose "Buddy" Thibodeaux', "Page Hollister"):
        text = f"I met your patient, {name}, today."
        spans = engine.clean(text, patient).spans
        assert [text[one.start : one.end] for one in spans] == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("seen at Tidewater Urgent Care 7/8", "Tidewater Urgent Care"),
        ("Prev GA at Baptist Memorial: difficult", "Baptist Memorial"),
        ("Receiving: Cascade Regional, ICU", "Cascade Regional"),
        ("he is a line cook at Cap'n Dill's who", "Cap'n Dill's"),
        ("father works nights at National Beef", "National Beef"),
        ("student at Maple Grove Elementary.", "Maple Grove Elementary"),
        ("My job (Kessler Pallet & Crate) says", "Kessler Pallet & Crate"),
        ("\nGARNET HILLS ONCOLOGY ASSOCIATES\n77 Quarry", "GARNET HILLS ONCOLOGY ASSOCIATES"),
        ("baptism at St Anthonys if", "St Anthonys"),
        ("boss from Yoder Cabinet Works here", "Yoder Cabinet Works"),
        ("AFO from Keystone Limb & Brace.", "Keystone Limb & Brace"),
        ("MRI at Chadron Memorial Fri 8/22", "Chadron Memorial"),
        ("sulfa at Harlan Drug on", "Harlan Drug"),
        ("works as a line cook at The Gilded Heron and", "The Gilded Heron"),
        ("is on the Bayou City Children's flyer", "Bayou City Children's"),
        ("resected at Univ. of Agua Fria Med Ctr by", "Univ. of Agua Fria Med Ctr"),
    ],
)
def test_institutions_by_what_stands_before(text, name):
    assert name in covered(find_hospitals, text)


@pytest.mark.parametrize(
    "text",
    [
        "taken to the Cardiac Catheterization Lab",
        "back to Same Day Surgery",
        "a significant listhesis at L4-L5, is a good candidate for L5",
        "sent to Department of Pathology",
        "presented to the Bariatric Center",
        "ORTHOPAEDIC ONCOLOGY CLINIC\nMUSCULOSKELETAL TUMOR CENTER\nSPORTS MEDICINE CLINIC\n",
        "with a St. Judes valve",
        "a good candidate for Gamma Knife; a mild ring at the LES; the Mini-Mental State",
        "WORK HISTORY: SCHOOL HISTORY: OUTSIDE RECORDS: Right Heart cath, Steel Plate, Open MRI",
    ],
)
def test_units_of_a_hospital_stay(text):
    assert covered(find_hospitals, text) == []


def test_the_rows_of_an_implant_log():
    text = (
        "Component | Size | Lot | SN | Exp\n"
        "Femur, L | small | LT7794F | - | 1/2\n"
        "Stem 13 x 150 mm | 12 mm | GHV-1182 | 0008841223 | 2027\n"
        "Levels L4-L5, T2N0M0, K90021B\n"
    )
    assert covered(find_devices, text) == ["LT7794F", "GHV-1182", "0008841223"]
