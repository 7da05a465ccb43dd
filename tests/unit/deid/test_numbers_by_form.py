"""Numbers of other countries, ends of numbers, lists of lots, licences, and the category of each."""

import pytest

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.recognizers.finders import (
    find_contacts,
    find_devices,
    find_handles,
    find_identifiers,
    find_labelled,
)
from tests.unit.deid.test_recognizers import covered


@pytest.fixture(scope="module")
def engine(model, safe_harbor, keys):
    return NoteEngine(safe_harbor, keys, model=model)


def found(engine, text):
    """Category and words of each span."""
    note = engine.clean(text, Patient("P1"))
    return [(span.category, text[span.start : span.end]) for span in note.spans]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("OHIP 5513 227 804 BW   seen", "5513 227 804 BW"),
        ("NHI KTR 2208, seen", "KTR 2208"),
        ("PHN: 9045 332 871", "9045 332 871"),
        ("UR 2204 581 today", "2204 581"),
        ("URN 771 233", "771 233"),
        ("GMC 7112345", "7112345"),
        ("care card 9045 332 871", "9045 332 871"),
    ],
)
def test_health_numbers_of_other_countries_behind_their_label(text, value):
    assert value in covered(find_labelled, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Medicare 3107 55820 4 / 2\nseen", "3107 55820 4 / 2"),
        ("card 3107 55820 4 seen", "3107 55820 4"),
        ("Pt Osei, Ama  44F  0 3317 8802  ", "0 3317 8802"),
        ("OSEI,AMA  71 M 8812-40331, DOB", "8812-40331"),
        ("Patient: Ama Osei  (0317-2204-8)", "0317-2204-8"),
        ("CNB H22/40817 reported", "H22/40817"),
        ("swab (MB 23/01944)", "MB 23/01944"),
        ("outside BX21-4O17 reviewed", "BX21-4O17"),
        ("slides (S23 2207) seen", "S23 2207"),
        ("Name OSEI  last4 2207  Date", "2207"),
        ("SSN on file, last 4 8814", "8814"),
        ("last four of social is 8814", "8814"),
        ("stipend: GiftCard ending 2207.", "2207"),
        ("acct ends in 0418", "0418"),
        ("his truck (plate OK BRT-2207)", "OK BRT-2207"),
        ("car reg KV19 TRE outside", "KV19 TRE"),
        ("rego 1QB-7ZN", "1QB-7ZN"),
        ("K. Brandt DPT lic PT 220418", "PT 220418"),
        ("license RN 771820", "RN 771820"),
        ("PIN 4418 for the portal", "4418"),
        ("a card, 123 45 6789, was shown", "123 45 6789"),
        ("a card, 123.45.6789, was shown", "123.45.6789"),
        ("a card, 123/45/6789, was shown", "123/45/6789"),
        ("a card, 123_45_6789, was shown", "123_45_6789"),
    ],
)
def test_numbers_told_by_their_form_or_end(text, value):
    assert value in covered(find_identifiers, text)


@pytest.mark.parametrize(
    "text",
    [
        "HISTORY: 52 M. Thigh pain", "HISTORY: 61 yo", "Pathology: 12.4 cm, margins clear",
        "Pathology: 12 cm", "Cell block: S100+, HMB45+", "Block: SOX10 diffusely pos",
        "block: S100 and SOX10 diffusely pos", "CLASS OF CASE: 14", "CLASS OF CASE....: 22",
        "SHIFT NOTE 1900-0730", "week ending 0715", "shift ending 1930", "last 4 doses", "TKA AUG 24/2024",
        "LCP plate AB 12 hole", "T12 1500 mL", "BP 24/1500", "51F  120-80", "licence to drive",
        "regular 120 rhythm", "ending 2024", "PIN 2.4 mm", "PINS 1600 mm",
    ],
)  # fmt: skip
def test_findings_amounts_and_hours_stay(text):
    assert covered(find_identifiers, text) == []


def test_a_number_of_a_record_beside_a_sex_goes():
    assert covered(find_identifiers, "MRN: 4412 F") == ["4412"]


@pytest.mark.parametrize(
    "text",
    [
        "for coverage. EBL 350. Vessels kept", "on the first pass. 0712 induced", "SHIFT NOTE 1900-0730",
        "see the report. 4471 cells",
    ],
)  # fmt: skip
def test_a_full_stop_that_ends_a_sentence_leads_to_no_code(text):
    assert covered(find_labelled, text) == []


def test_a_full_stop_of_an_abbreviation_does():
    assert covered(find_labelled, "Pol. 447102, lic. 88120") == ["447102", "88120"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Palacos x 2, lots KTM204, KTM205.", ["KTM204", "KTM205"]),
        ("batches 22K0418 and 22K0419", ["22K0418", "22K0419"]),
        ("lot 067413, 40 mm stem", ["067413"]),
        ("lot AB12CD, XL stem 150", ["AB12CD"]),
        ("batch 2 of 5, serials 10 reps", []),
        ("at Pine Park lot 22, Hazard", ["22"]),
    ],
)
def test_lots_that_are_listed(text, values):
    assert covered(find_devices, text) == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A. Dhami, CNS  bleep 3308", "3308"),
        ("bleep 441", "441"),
        ("DECT 5512", "5512"),
        ("report to Ann at 604 555 0131 loc 4417.", "604 555 0131 loc 4417"),
        ("ph 604-555-0131 local 4417", "604-555-0131 local 4417"),
        ("pager 604-555-0131 #4417", "604-555-0131 #4417"),
        ("extn 4471", "4471"),
    ],
)
def test_bleeps_and_extensions(text, value):
    assert value in covered(find_contacts, text)


@pytest.mark.parametrize("text", ["NDC 00781-3027-92.", "NDC# 0002-8215-01", "NDC: 0781-3027-92"])
def test_the_code_of_a_drug_stays(engine, text):
    assert found(engine, text) == []


def test_addresses_and_handles_without_their_end():
    assert covered(find_contacts, "is ama.osei (at) gmail, or") == ["ama.osei (at) gmail"]
    assert covered(find_handles, "or osei_runs on IG") == ["osei_runs"]
    assert covered(find_handles, "pain at IG site, T12_L1 at rest") == []


def test_a_poor_fax_with_blanks():
    assert covered(find_handles, "FAX 604 555 O131") == ["604 555 O131"]


@pytest.mark.parametrize("text", ["5:40p addend: pt here", "LOC 15, alert", "bleeding 1200 mL"])
def test_no_contacts(text):
    assert covered(find_contacts, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NHS No 485 777 3456", "485 777 3456"),
        ("NHS: 485 777 3456", "485 777 3456"),
        ("SSN|041-22-7783|F", "041-22-7783"),
        ("IL lic 070-018332", "070-018332"),
        ("Med Rec 004-81-3327", "004-81-3327"),
        ("serial 240-118-7726.", "240-118-7726"),
        ("Doc # 220517-0093", "220517-0093"),
    ],
)
def test_a_number_behind_a_label_of_records_is_no_telephone(engine, text, value):
    assert ("ID", value) in found(engine, text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mother's partner Dominic March, sister Luna.", "Dominic March"),
        ("PT NAME: OKAFOR, ROSALIND MARCH\n", "OKAFOR, ROSALIND MARCH"),
        ("PT OKAFOR-PRATT,JUNE   seen", "OKAFOR-PRATT,JUNE"),
    ],
)
def test_a_month_that_is_part_of_a_name(engine, text, name):
    assert ("NAME", name) in found(engine, text)


@pytest.mark.parametrize("text", ["hauling traps by June", "In June Dr. Okafor saw her."])
def test_a_month_beside_a_name_is_a_month(engine, text):
    assert ("DATE", "June") in found(engine, text)


@pytest.mark.parametrize(
    "text",
    ["counts 123 45 6789 12", "counts 9 123 45 6789", "version 123.45.6789.1", "123 45.6789 seen"],
)
def test_rows_of_figures_are_no_social_security_number(text):
    assert not covered(find_identifiers, text)
