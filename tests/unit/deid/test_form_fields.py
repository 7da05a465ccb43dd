"""Names and places in fields of exports, registries and messages."""

import pytest

from deid.recognizers.finders import find_form_fields
from tests.unit.deid.test_recognizers import covered


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LAST NAME|ROE\nFIRST|DAWN\nMIDDLE|Q\nMAIDEN|STONE\n", ["ROE", "DAWN", "Q", "STONE"]),
        (
            "SURNAME: KOWALCZYK   GIVEN: STANISLAVA   PREF: Stasia   SEX: F",
            ["KOWALCZYK", "STANISLAVA", "Stasia"],
        ),
        ("ABSTRACTOR......: QJB, ODS-C", ["QJB"]),
        ("ABSTRACTED BY|dvk CTR|20240101", ["dvk"]),
        ("|Name first / mid|CORA / JUNE|", ["CORA", "JUNE"]),
        ("BIRTHPLACE|NEW JERSEY\nCITY|OAKLEY|", ["NEW JERSEY", "OAKLEY"]),
        ("|MAIN ST|OAKLEY|CA|94606|COUNTY", ["CA|94606"]),
        ("||OKAFOR^CHIDI^E||20011203|M|", ["OKAFOR^CHIDI^E"]),
        ("|||44 ELM CT^^DAYTON^OH^45402||", ["44 ELM CT^^DAYTON^OH^45402"]),
        ("SIGNED|LOVELL,HARLAN T|2023", ["LOVELL,HARLAN T"]),
    ],
)
def test_fields(text, found):
    spans = {text[one.start : one.end] for one in find_form_fields(text)}
    assert spans >= set(found)


@pytest.mark.parametrize(
    "text",
    [
        "First: identify the nerve. Given: cefazolin 2 g. Author: pending. Spouse: present.",
        "FIRST DOSE: GIVEN   LAST DOSE: 0800. MIDDLE PHALANX: NORMAL. Middle third: intact.",
        "Signed: electronically. Last: seen in clinic. City: unknown. Middle: third of the shaft",
        "NOTE|FINAL|MRI FEMUR,LEFT|\nGRADE|3|SIDE|LEFT\nMARGIN,DEEP|NEG|",
        "C49.2^SARCOMA^ICD10|MRI^FEMUR^LEFT|",
    ],
)
def test_clinical_fields_stay(text):
    assert covered(find_form_fields, text) == []
