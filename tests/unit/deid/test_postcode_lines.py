"""Addresses of the Commonwealth and of Puerto Rico as a whole, and what only looks like one."""

import pytest

from deid.recognizers.finders import (
    find_addresses,
    find_addresses_abroad,
    find_postcode_lines,
    find_streets,
)
from deid.span import Span
from deid.whole_addresses import whole_addresses
from tests.unit.deid.test_recognizers import covered


@pytest.mark.parametrize(
    "text",
    [
        "<12 Wharf Lane, Pillgate, Redruth TR15 2QA>. Knee stiff.",
        "Quarry Cottage\n<Mill Street, Ashcombe, Devon EX7 0LT>\n",
        "Lives at <7/22 Banksia Parade, Coorparoo QLD 4151> with her mum.",
        "ADDR: <27B Mulga Rd, FERNVALE NSW 2340>  MOB",
        "home: <2210 Dundas Street West, Mississauga, Ontario L5K 2L1>.",
        "NOK at <RR 4, Site 11 Comp 3, Salmon Arm, BC V1E 4M1>",
        "Dr Oke, FRCS, <4 Rowan Rise, Fenby HR8 1PX>",
    ],
)
def test_a_line_with_its_postcode_is_one_address(text):
    address = text[text.index("<") + 1 : text.index(">")]
    found = covered(find_postcode_lines, text.replace("<", "").replace(">", ""))
    assert [one.strip() for one in found] == [address]


@pytest.mark.parametrize(
    "text",
    [
        "Heparin to ACT 4000, NT 2300 pg, SA 2200",
        "Levels NT 1800. Pro BNP, NT 1234. WA 1200 hours",
        "level L4 2AB, T12 1CM; L5 1ST",
        "GRADE|3|SIDE|LEFT 2 mg at 1200",
    ],
)
def test_measurements_are_no_postcodes(text):
    assert covered(find_postcode_lines, text) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("home to Carr. 129 Km 14.2, Bo. Callejones, Lares", "Carr. 129 Km 14.2, Bo. Callejones"),
        ("lives at 12 Elm Row with her mum and two dogs", "12 Elm Row"),
        ("lives at 44 Oakhurst\nWound is dry and clean.", "44 Oakhurst"),
        ("lives at 44 Oakhurst\nSpringfield\nThe wound is dry", "44 Oakhurst\nSpringfield"),
    ],
)
def test_addresses_abroad_end_where_they_do(text, address):
    assert address in covered(find_addresses_abroad, text)


@pytest.mark.parametrize(
    "text",
    [
        "she lives 40 minutes away and would like it closer",
        "lives 3 miles from the clinic; living 2 1/2 hours north of here",
        "Plan ICU overnight, flat 48h, NWB",
    ],
)
def test_distances_and_hours_are_no_addresses(text):
    assert covered(find_addresses_abroad, text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("house at 1180 FM 1960 E, Humble", "1180 FM 1960 E"),
        ("fills at the shop on W 86th.", "W 86th"),
    ],
)
def test_numbered_roads_with_a_house(text, place):
    assert place in covered(find_streets, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raised in Plains, Georgia and", "Plains, Georgia"),
        ("at home in Tarrow. Both parents", "Tarrow"),
        ("SEEN BY DR ROE IN NATCHEZ, MS AND", "NATCHEZ, MS"),
        ("of 3/41 Heron Rd, and", "3/41 Heron Rd"),
    ],
)
def test_towns_and_their_states(text, found):
    assert found in covered(find_addresses, text)


@pytest.mark.parametrize(
    "text",
    ["Wick, PT, DPT, MA", "GRADE PATH 3\nTUMOR SIZE PATH 064 MM", "08/02 0730 Pt upset re NPO"],
)
def test_credentials_and_pathology_are_no_addresses(text):
    assert covered(find_addresses, text) == []


@pytest.mark.parametrize(
    ("text", "parts", "whole"),
    [
        ("from Delft, the Netherlands.", ["Delft", "Netherlands"], "Delft, the Netherlands"),
        ("118 Tui Street, Taradale 4112, tel", ["118 Tui Street"], "118 Tui Street, Taradale 4112"),
        ("sister in Boise ID.", ["Boise"], "Boise ID"),
        ("the store at Fulton and Ashland.", ["Fulton"], "Fulton and Ashland"),
    ],
)
def test_parts_of_an_address_are_joined(text, parts, whole):
    spans = [
        Span(text.index(one), text.index(one) + len(one), "LOCATION", "address") for one in parts
    ]
    assert whole in [text[one.start : one.end] for one in whole_addresses(text, spans)]


@pytest.mark.parametrize(("name", "behind"), [("Wick", ", MD"), ("Iyer", ", PA."), ("Roe", " MS,")])
def test_a_credential_behind_a_name_is_no_state(name, behind):
    text = name + behind
    span = Span(0, len(name), "LOCATION", "address")
    assert list(whole_addresses(text, [span])) == []
