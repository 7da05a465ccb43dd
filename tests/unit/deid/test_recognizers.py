"""Every recogniser: what it must cover, and what it must leave alone."""

import pytest

from deid.recognizers.finders import (
    find_addresses,
    find_addresses_abroad,
    find_ages,
    find_firms,
    find_hospitals,
    find_listed,
    find_names,
)
from deid.span import flatten


def covered(find, text):
    return [text[span.start : span.end] for span in flatten(text, find(text))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("103 yo woman", "103 yo"),
        ("a 92-year-old man", "92-year-old"),
        ("aged 91", "aged 91"),
        ("Age: 94", "Age: 94"),
        ("95 y/o", "95 y/o"),
        ("91 years of age", "91 years of age"),
        ("ninety-two-year-old", "ninety-two-year-old"),
        ("91F with", "91F"),
        ("a 90 year old", "90 year old"),
    ],
)
def test_ages_over_89(text, value):
    assert covered(lambda t: find_ages(t, 90), text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "89-year-old",
        "92 months",
        "for 95 days",
        "98 F temperature",
        "90 degrees",
        "Age: 34",
        "necrosis 95%",
    ],
)
def test_other_numbers_are_no_ages_over_89(text):
    assert covered(lambda t: find_ages(t, 90), text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "at 6516 Larkspur Ave, Quarry Bend, MN 78574.",
            "6516 Larkspur Ave, Quarry Bend, MN 78574",
        ),
        ("4556 Spooner Street, Nashua, NH 03060", "4556 Spooner Street, Nashua, NH 03060"),
        (
            "12 N. Main St, Apt 4B, Springfield, Illinois 62704-1234",
            "12 N. Main St, Apt 4B, Springfield, Illinois 62704-1234",
        ),
        ("P.O. Box 287, Tallow, OR 97201", "P.O. Box 287, Tallow, OR 97201"),
        ("from Quarry Bend, MN 78574", "Quarry Bend, MN 78574"),
        ("zip code 78574", "78574"),
        ("in Minneapolis MN 55401 with her son", "Minneapolis MN 55401"),
        ("DISCHARGED TO DULUTH MN 55802", "DULUTH MN 55802"),
        ("Lake Elmo Minnesota 55042", "Lake Elmo Minnesota 55042"),
        ("the ZIP is MN 55123.", "MN 55123"),
        ("at\nOR 97201\n", "OR 97201"),
        ("Portland OR 97201 is", "Portland OR 97201"),
        ("from Duluth MN, 55802-1123", "Duluth MN, 55802-1123"),
        ("postal code 55401", "55401"),
        ("She lives in Ely 55731 now", "Ely 55731"),
        ("He resides at 6516 Larkspur.", "6516 Larkspur"),
        ("address 6516 Larkspur", "6516 Larkspur"),
        ("Moved to 12 Heron Bay last year", "12 Heron Bay"),
        ("She lives in Eastchester.", "Eastchester"),
    ],
)
def test_addresses(text, value):
    assert covered(find_addresses, text) == [value]


def test_each_of_several_zip_codes():
    assert covered(find_addresses, "zip 55401 and 55402") == ["55401", "55402"]


@pytest.mark.parametrize(
    "text",
    [
        "Chest CT 12345", "PT IN 10000", "PA 10000 units", "MN 10000", "stayed in 55401", "from 55401",
        "moved to 4 West", "lives on 2 Floors", "Smith OR 12345", "MN 55401 units",
        "lives in pain", "5 mg PO", "moved to the floor", "Grade 3 Way too high", "works at home",
    ],
)  # fmt: skip
def test_no_addresses(text):
    assert covered(find_addresses, text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("seen by Dr. Ewing today", ["Ewing"]),
        ("Dr. Young performed", ["Young"]),
        ("Drs. Ewing and Codman", ["Ewing", "Codman"]),
        ("Jane Q. Doe, MD", ["Jane Q. Doe"]),
        ("JOHN Q. SMITH, M.D.", ["JOHN Q. SMITH"]),
        ("Dictated by: Zoltan Szabo", ["Zoltan Szabo"]),
        ("Patient: SMITHSON, JOHN A.", ["SMITHSON, JOHN A."]),
        ("Surgeon: Ludwig van der Berg, MD", ["Ludwig van der Berg"]),
        ("his wife Maria was", ["Maria"]),
        ("accompanied by Imani Rasmussen and", ["Imani Rasmussen"]),
        ("Thank you for seeing Katya Pemberton (DOB", ["Katya Pemberton"]),
        ("Electronically signed by Hänninen, Aino", ["Hänninen, Aino"]),
        ("spoke with Mary White about", ["Mary White"]),
        ("Mr. O'Connor", ["O'Connor"]),
        ("Attending: Tomić", ["Tomić"]),
        ("plan as above\nSilas Ivers\n", ["Silas Ivers"]),
    ],
)
def test_names_by_cue(text, names):
    assert covered(find_names, text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Ewing sarcoma of the femur",
        "performed by General Surgery",
        "Surgeon: None",
        "reviewed with Radiology",
        "Anesthesia: General endotracheal",
        "The patient was seen by Orthopaedic Oncology",
        "Patient: Denies fever",
        "Kelly clamp and Foley catheter",
        "Enneking stage IIB, Mirels score 9",
    ],
)
def test_no_names(text):
    assert covered(find_names, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("transferred from Mercy Hospital today", "Mercy Hospital"),
        ("at St. Mary's Hospital", "St. Mary's Hospital"),
        ("Massachusetts General Hospital", "Massachusetts General Hospital"),
        ("the Larkspur Cancer Center", "Larkspur Cancer Center"),
        ("Mayo Clinic", "Mayo Clinic"),
        ("University of Michigan", "University of Michigan"),
    ],
)
def test_hospitals(text, value):
    assert covered(find_hospitals, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "the Emergency Hospital",
        "Pain Clinic",
        "Orthopaedic Oncology Clinic",
        "TRANSFERRED TO HOSPITAL",
        "hospital course",
    ],
)
def test_generic_institutions_stay(text):
    assert covered(find_hospitals, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Signed Sharp, fellow; see above", "Sharp"),
        ("cosigned Ødegård, attending", "Ødegård"),
        ("Attending: Small, PA-C", "Small"),
        ("told van 't Hof about it", "van 't Hof"),
        ("seen with Emrys ap Rhys in clinic", "Emrys ap Rhys"),
        ("asked al-Tamimi to review", "al-Tamimi"),
        ("scans from d'Escamps arrived", "d'Escamps"),
        ("films of Abd al-Hakim bin Zayed", "Abd al-Hakim"),
    ],
)
def test_surnames_with_a_role_or_a_particle(text, value):
    assert value in [text[s.start : s.end] for s in find_names(text)]


@pytest.mark.parametrize(
    "text",
    [
        "de Quervain tenosynovitis",
        "von Willebrand disease",
        "von Recklinghausen disease",
        "no fracture, surgeon aware",
        "signed consent, nurse present",
    ],
)
def test_particles_and_roles_without_a_person(text):
    assert covered(find_names, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("and Okafor-Hernandez agreed", "Okafor-Hernandez"),
        ("The films of Szymanski came", "Szymanski"),
        ("with Philippa Ewing today", "Philippa Ewing"),
        ("Szymanski's films came", "Szymanski"),
    ],
)
def test_listed_names(text, value):
    assert covered(find_listed, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Berg balance 44",
        "Morse 45; fall precautions",
        "Bence Jones protein",
        "Weber B ankle fracture",
        "Taylor spatial frame",
        "Gruen zone 3",
        "The Friday clinic",
        "May 4",
        "ROE",
    ],
)
def test_listed_names_inside_clinical_terms(text):
    assert covered(find_listed, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Sisters of Providence West", "Sisters of Providence West"),
        ("seen at Orvin County General today", "Orvin County General"),
        ("at Mercy-Lakeside for years", "Mercy-Lakeside"),
        ("Local 418 of the Ironworkers", "Local 418 of the Ironworkers"),
        ("seen at TVMC. Biopsy", "TVMC"),
        ("moved to St. Brigid's last week", "St. Brigid's"),
    ],
)
def test_institutions_without_their_usual_word(text, value):
    assert value in covered(find_hospitals, text)


def test_abbreviations_that_are_no_institution():
    assert covered(find_hospitals, "seen at PACU. LMWH given, MCH 31, at MRI on") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Rua João Pessoa 1636 in Recife", "Rua João Pessoa 1636"),
        ("12 Rue Sans Souci, Tournai", "12 Rue Sans Souci"),
        ("Wingertweg 126 in Ependes", "Wingertweg 126"),
        ("PSC 6293, Box 8158", "PSC 6293, Box 8158"),
        ("APO AP 04336", "APO AP 04336"),
        ("moved to Apt. 316 there", "Apt. 316"),
        ("in Norway 66455 now", "Norway 66455"),
        ("Lives in London NW1 6XE", "NW1 6XE"),
        ("NW1 6XE\n", "NW1 6XE"),
        ("the postcode is NW1 6XE and", "NW1 6XE"),
        ("Ottawa, ON K1A 0B1", "K1A 0B1"),
        ("GPS 44.9778,-93.2650", "44.9778,-93.2650"),
        ("at 44.9778 N, 93.2650 W.", "44.9778 N, 93.2650 W"),
        ("at 44.97781, -93.26501", "44.97781, -93.26501"),
    ],
)
def test_addresses_of_other_countries(text, value):
    assert value in covered(find_addresses_abroad, text)


@pytest.mark.parametrize(
    "text",
    [
        "via a posterior approach 3 cm",
        "2 units PRBC",
        "unit 2 of 3",
        "place 2 drains",
        "Levels L4 2ND and",
        "at L5 2AB now",
        "Grade G2 4TH",
        "p 0.0001, 0.0023",
        "44.97, 93.26",
        "44.9778, 93.2650 mg",
        "K1A",
    ],
)
def test_no_addresses_abroad(text):
    assert covered(find_addresses_abroad, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("works at Halvorsen Lumber Co.", "Halvorsen Lumber Co."),
        ("insured by Heron Bay Holdings", "Heron Bay Holdings"),
    ],
)
def test_firms(text, value):
    assert covered(find_firms, text) == [value]


def test_makers_of_implants_stay():
    assert covered(find_firms, "A Stryker Corp. stem and a Smith-Nephew Inc. nail.") == []
