"""Numbers in notes, of people, devices and telephones: what goes, and what is medicine."""

import time

import pytest

from deid.recognizers import addresses_abroad
from deid.recognizers.finders import (
    find_addresses,
    find_addresses_abroad,
    find_ages,
    find_bare_codes,
    find_contacts,
    find_devices,
    find_handles,
    find_identifiers,
    find_labelled,
)
from tests.unit.deid.test_recognizers import covered


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("MRN: 00482913", "00482913"),
        ("mrn 482913 noted", "482913"),
        ("Medical Record #: A-12345", "A-12345"),
        ("Record #: 64626388", "64626388"),
        ("Account number 99-1234", "99-1234"),
        ("Accession: S23-10442", "S23-10442"),
        ("specimen SP-21-12345 received", "SP-21-12345"),
        ("Case No. 2021-445", "2021-445"),
        ("SSN 123-45-6789", "123-45-6789"),
        ("SSN 123 45 6789", "123 45 6789"),
        ("his number 123-45-6789 is", "123-45-6789"),
        ("SS# 123 – 45 – 6789", "123 – 45 – 6789"),
        ("ssn: 123 . 45 . 6789", "123 . 45 . 6789"),
        ("his number 123 - 45 - 6789 is", "123 - 45 - 6789"),
        ("his number l23-45-6789 is", "l23-45-6789"),
        ("NPI 1234567893", "1234567893"),
        ("driver's license D1234567", "D1234567"),
        ("Policy # XKA-99213", "XKA-99213"),
        ("Encounter 88812345 closed", "88812345"),
        ("labelled 14767091 on", "14767091"),
        ("VIN: 1HGCM82633A004352", "1HGCM82633A004352"),
        ("reference TDS-2312-5581, not", "TDS-2312-5581"),
        ("center ref TC-118-40", "TC-118-40"),
        ("CDL D4471-9902-1830 form", "D4471-9902-1830"),
        ("donor no. MN-E-44170.", "MN-E-44170"),
        ("kit GX-4410-2287-R mailed", "GX-4410-2287-R"),
        ("path (BW-S-0093-25)", "BW-S-0093-25"),
        ("Run # 25-11806", "25-11806"),
        ("unit # W0392 24 118840 P start", "W0392 24 118840 P"),
        ("security rpt 24-0771.", "24-0771"),
        ("| MRN | 10-44-87-2 |", "10-44-87-2"),
        ("(mrn ends 4417)", "4417"),
        ("merging with 70-11-4936.", "70-11-4936"),
        ("vehicle, plate 482 KRT (given", "482 KRT"),
        ("emp 20871", "20871"),
        ("on 1EG4-TE5-MK73 now", "1EG4-TE5-MK73"),
        ("on 1EG4TE5MK73.", "1EG4TE5MK73"),
        ("Medicare 123456789A", "123456789A"),
        ("HIC 123456789A", "123456789A"),
        ("HIC: 123-45-6789A", "123-45-6789A"),
        ("see chart 4471 for", "4471"),
        ("auth #A4471", "A4471"),
        ("Authorization: 4471", "4471"),
        ("prior authorization A4471", "A4471"),
        ("student id 4471", "4471"),
        ("member id 4471", "4471"),
        ("claim 4471", "4471"),
        ("order no 4471", "4471"),
        ("requisition 4471", "4471"),
    ],
)
def test_identifying_numbers(text, value):
    assert covered(find_identifiers, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "MRN: pending",
        "HISTORY: 28-year-old, SN visit # 6",
        "chart 12 of 20",
        "growth chart 50th percentile",
        "authorization for 12 visits",
        "authorization 3/4/2021",
        "Medicare 2014 rules",
        "the student had 2000 mg",
        "2B5 4C6",
        "age group: 40-50",
        "platelets 250,000 and WBC 11.2",
        "L4-L5 fusion",
        "plate 4.5 mm, plate 10 hole, plate 10 HOLE",
        "SS18-SSX1, T10-L2, COVID-19, CTCAE-5, report 24-26 weeks, ref 3-4",
        "case of Ewing sarcoma",
        "ICD-O 9180/3",
        "size 12.5 x 8.0 cm",
        "Grade 3, T2N0M0",
        "EBL 1500 mL",
        "dose 75 mg/m2 on day 1",
        "the policy was explained",
    ],
)
def test_numbers_of_medicine_stay(text):
    assert covered(find_identifiers, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("stem, lot 067413, cemented", "067413"),
        ("Lot #: AB-1234", "AB-1234"),
        ("Serial number 8X-99120", "8X-99120"),
        ("S/N: 12345A", "12345A"),
        (
            "UDI (01)00643169001763(17)160712(10)GW1234(21)98765",
            "(01)00643169001763(17)160712(10)GW1234(21)98765",
        ),
        ("UDI: +H123ABC01234567890/$$420020216LOT123", "+H123ABC01234567890/$$420020216LOT123"),
        (
            "+H123ABC01234567890/$$420020216LOT123456789012345/SXYZ456789012345678/16D20130202C",
            "+H123ABC01234567890/$$420020216LOT123456789012345/SXYZ456789012345678/16D20130202C",
        ),
        (
            "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123",
            "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123",
        ),
    ],
)
def test_device_identifiers(text, value):
    assert "".join(covered(find_devices, text)) == value


@pytest.mark.parametrize("text", ["a lot of pain", "the lot was cleared", "GMRS size 3 stem"])
def test_products_are_no_device_identifiers(text):
    assert covered(find_devices, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("call 704-555-0101 today", "704-555-0101"),
        ("(704) 555-0101", "(704) 555-0101"),
        ("+1 412 555 0197", "+1 412 555 0197"),
        ("+44 20 7946 0958", "+44 20 7946 0958"),
        ("704.555.0101 x12", "704.555.0101 x12"),
        ("pager 12345", "12345"),
        ("fax: 555-0199", "555-0199"),
        ("phone 7045550101", "7045550101"),
        ("call 601 123 456 today", "601 123 456"),
        ("mail kat.wrz at example dot com", "kat.wrz at example dot com"),
        ("jane dot roe (at) example (dot) org", "jane dot roe (at) example (dot) org"),
        ("ext. 4471", "4471"),
        ("mail a.b-c@example.org please", "a.b-c@example.org"),
        ("see https://www.example.com/visit?x=1.", "https://www.example.com/visit?x=1"),
        ("at www.example.com", "www.example.com"),
        ("portal.example.org/results", "portal.example.org/results"),
        ("IP 192.0.2.225 via", "192.0.2.225"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:1"),
        ("MAC 00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7"),
    ],
)
def test_contacts(text, value):
    assert covered(find_contacts, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "red dot at the wound",
        "call 120 130 140 150",
        "BP 120/80",
        "60-70 mL/min",
        "nail 10 x 390, lens +1.50 x 060, PG 2960 stent",
        "T10-L2",
        "150-400 normal",
        "p.o. b.i.d.",
        "Dr. Smith called",
    ],
)
def test_ranges_are_no_contacts(text):
    assert covered(find_contacts, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Phone: 0496 46 46 70", "0496 46 46 70"),
        ("Mobile:\n432 03 163", "432 03 163"),
        ("dial 01.84.17.61.18 first", "01.84.17.61.18"),
        ("from home 00 44 7700 900123", "00 44 7700 900123"),
        ("or 07700 900123", "07700 900123"),
        ("try 412-0197 at night", "412-0197"),
    ],
)
def test_telephone_numbers_of_other_forms(text, value):
    assert value in covered(find_contacts, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "call two one five five five five zero one nine eight if",
            "two one five five five five zero one nine eight",
        ),
        ("ASCOM 5-2209", "5-2209"),
        ("vm 5-8832", "5-8832"),
        ("ring 5-8832 first", "5-8832"),
        ("Vocera 3318", "3318"),
        ("ph604-555-0118", "604-555-0118"),
        ("c604-555-0118", "604-555-0118"),
        ("604 - 555 - 0118", "604 - 555 - 0118"),
        ("52-604-555-0118", "52-604-555-0118"),
        ("bit.ly/pegwalks", "bit.ly/pegwalks"),
        ("6/2 9:11a krivera2: LM for", "krivera2"),
        ("PGY3 p4471 d/w", "p4471"),
        ("6/12 trahn4: auth good", "trahn4"),
    ],
)
def test_contacts_of_a_ward(text, value):
    assert covered(find_contacts, text) == [value]


def test_numbers_in_words_are_no_telephone():
    assert (
        covered(find_contacts, "one two three four steps; p53 wild type; at 9:11 a nurse: no") == []
    )


@pytest.mark.parametrize(
    "text", ["500-1000 mL", "platelets 150-4000", "ROM 0-120 and 10-110", "250-1500 units"]
)
def test_ranges_are_no_telephone_numbers(text):
    assert covered(find_contacts, text) == []


@pytest.mark.parametrize(
    "row",
    [
        "98 101 110 95 97 92 ",
        "12b, ",
        "QUARRY BEND ST MN ",
        "1/",
        "90 ",
        "12-",
        "12 via ",
        "55401 ",
        "band: AB 123 ",
        "A-1",
        "x1234,",
        "@a_b ",
        "insta ",
    ],
)
def test_long_rows_take_time_in_proportion_to_their_length(row):
    text = row * (20_000 // len(row))
    start = time.process_time()
    numbers = (find_contacts, find_handles, find_identifiers, find_labelled, find_bare_codes)
    for find in (find_addresses, find_addresses_abroad, *numbers):
        list(find(text))
    list(find_ages(text, 90))
    for pattern in addresses_abroad._BEFORE_WAY:
        list(pattern.finditer(text))
    # A third of a second on one slow core; anything worse than linear takes minutes.
    assert time.process_time() - start < 20
