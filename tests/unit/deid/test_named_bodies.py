"""Institutions whose names have a form of their own, and what surrounds a name that was found."""

import pytest

from deid.recognizers.finders import find_hospitals, find_known_institutions, find_named_bodies
from deid.span import Span, flatten
from deid.whole_institutions import widened
from deid.whole_names import whole_names
from tests.unit.deid.test_recognizers import covered


@pytest.mark.parametrize(
    "text",
    [
        "with the <2nd Infantry Division> in Kuwait",
        "<118th Airborne> veteran",
        "Unit: <3rd Medical Battalion>, barracks",
        "aboard <USS Halyard>, ship replied",
        "stationed at <Fort Drummond>,",
        "fish fry at the <American Legion Post 77>,",
        "<VFW Post 1188> hall",
        "second grade at <P.S. 118>",
        "band teacher (<PS/IS 402>, Eastside)",
        "seen at <Hospital Pediátrico San Telmo> last week",
        "<Clínica del Norte>, for review",
        "<Centre médical du Vallon>\nDate",
        "wrestler (<Cedar Bluff High>) with",
        "is a <Shadow Mill High> junior",
        "transferred from <MVH> ED overnight",
        "slides to <GBH> PATH today",
        "graduated from the <U of M>;",
    ],
)
def test_names_of_bodies(text):
    name = text[text.index("<") + 1 : text.index(">")]
    assert name in covered(find_named_bodies, text.replace("<", "").replace(">", ""))


@pytest.mark.parametrize(
    "text",
    [
        "Hospital course: stable. Hospital day 3, Hospital discharge, Hospital de-escalation",
        "High grade sarcoma. Margins High. Grade High, stage III; blood sugar was High.",
        "PS 10 over PEEP 5, MS 12 mg IV, IS 10 times hourly, HS dose",
        "MRI Oncology protocol, PET Radiology read, EKG ED, IVF ED, GYN oncology, MSK radiology",
        "2nd Wing of ilium, 1st Metatarsal, 3rd Division of the nerve, 4th Ray resection",
        "Centre of the lesion, Institute of choice, Camp walker",
        "Lions mane, an eagle, moose hide",
    ],
)
def test_clinical_text_names_no_body(text):
    assert covered(find_named_bodies, text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("works at BART as", "BART"),
        ("read at UCLH and", "UCLH"),
        ("student at UMBC;", "UMBC"),
        ("care moved to QEH.", "QEH"),
        ("swab @ CVS today", "CVS"),
        ("call Huntsman tumor clinic", "Huntsman"),
        ("retired TxDOT surveyor", "TxDOT"),
        ("prior CHOP x 6, FSH normal, UVA exposure, according to PMH", None),
    ],
)
def test_institutions_by_their_letters(text, found):
    assert covered(find_known_institutions, text) == ([found] if found else [])


@pytest.mark.parametrize(
    "text",
    [
        "plays for the <Northside Cougars>.",
        "drives for <Quillon Freight> now",
        "is on with the <Visiting Nurse Service of Tarrow>.",
        "member of <First Baptist Church of Elko>. Attends",
    ],
)
def test_teams_churches_and_employers(text):
    name = text[text.index("<") + 1 : text.index(">")]
    found = covered(find_hospitals, text.replace("<", "").replace(">", ""))
    assert name in found or name in " ".join(found)


def test_a_full_stop_ends_a_name():
    found = covered(find_hospitals, "At The Bedside. Quorn Hospital. Seen at St. Agnes Hospital")
    assert found == ["Quorn Hospital", "St. Agnes Hospital"]


def test_letters_behind_at_in_capitals():
    assert covered(find_hospitals, "PT WAS A SOPHOMORE AT QXU (MUSIC)") == ["QXU"]
    assert covered(find_hospitals, "SEEN AT HOME (MUSIC)") == []


def whole(text: str) -> list[str]:
    """What is found of ``text``, in which < and > enclose what is known of it."""
    plain, spans = "", []
    for at, piece in enumerate(text.replace(">", "<").split("<")):
        if at % 2:
            spans.append(Span(len(plain), len(plain) + len(piece), "NAME", "listed"))
        plain += piece
    return [
        plain[one.start : one.end]
        for one in flatten(plain, [*whole_names(plain, spans), *spans])
        if one.category == "ORG"
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("FACILITY|<LANGDON> GENERAL HOSPITAL|ACC 1", "LANGDON GENERAL HOSPITAL"),
        ("volunteer with Pine Hollow FD and", "Pine Hollow FD"),
        ("picked up at Ruby's Hardware.", "Ruby's Hardware"),
        ("films read by <Kaldwell> Radiologists", "Kaldwell Radiologists"),
        ("letter of <Bracken> School Board,", "Bracken School Board"),
        ("BIBA from <Sunset> Manor SNF after", "Sunset Manor SNF"),
        ("I called Seven Oaks Orthotics (555)", "Seven Oaks Orthotics"),
        ("QB for <Larkspur> Academy", None),
    ],
)
def test_closing_words(text, name):
    found = whole(text)
    assert found == ([name] if name else []) or found == ["Larkspur Academy"]


@pytest.mark.parametrize(
    ("before", "name", "behind", "expected"),
    [
        ("at ", "Alder Clinic", ".", "Alder Clinic"),
        ("seen at The ", "Alder Clinic", ".", "The Alder Clinic"),
        ("MD, The ", "Alder Clinic", " (x)", "The Alder Clinic"),
        ("well. The ", "Alder Clinic", " called", "Alder Clinic"),
        ("", "Mercy Medical Center", " Glenmoor\nDate", "Mercy Medical Center Glenmoor"),
        ("", "Mercy Medical Center", " Radiology\nDate", "Mercy Medical Center"),
        ("", "GULF PATHOLOGY", " ASSOClATES  FAX", "GULF PATHOLOGY ASSOClATES"),
    ],
)
def test_what_belongs_to_a_name_on_either_side(before, name, behind, expected):
    text = before + name + behind
    span = Span(len(before), len(before) + len(name), "ORG", "hospital")
    found = [text[one.start : one.end] for one in widened(text, [span])] or [name]
    assert found == [expected]


def test_a_place_behind_of():
    text = "teaches at Sacred Heart of Dunmore in town"
    spans = [Span(11, 23, "ORG", "hospital"), Span(27, 34, "LOCATION", "listed")]
    assert [text[one.start : one.end] for one in widened(text, spans)] == [
        "Sacred Heart of Dunmore"
    ]


def test_a_town_behind_in_is_none_of_the_name():
    text = "nights at Holy Oak Hospital in Dunmore"
    spans = [Span(10, 38, "ORG", "hospital"), Span(31, 38, "LOCATION", "address")]
    assert [text[one.start : one.end] for one in flatten(text, spans)] == [
        "Holy Oak Hospital",
        "Dunmore",
    ]
