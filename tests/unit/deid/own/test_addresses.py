"""The patient's own address in a text, in part or written otherwise than in the table."""

from __future__ import annotations

import pytest

from deid.own.addresses import address_towns, own_states
from deid.own.patient import PatientMatcher
from tests.unit.deid.own.test_own_identifiers import VERA, gone, person

CHAPEL = "218 Chapel Hill Rd, Bend, OR 97701"
LARKSPUR = "6516 Larkspur Ave, Apt 4B, Bend, OR 97701"
MAIN = "99 N Main St Apt 12 Mobile AL 36602"
_T = "The patient is a man of 64 with pain. "


@pytest.mark.parametrize(
    ("address", "text", "values"),
    [
        (LARKSPUR, "6516 larkspur avenue, apt 4b", ["6516", "larkspur", "4b"]),
        (LARKSPUR, "6516 Larkspur", ["6516", "larkspur"]),
        (LARKSPUR, "6516 Larkspur Avenue #4B", ["6516", "4b"]),
        (LARKSPUR, "Apartment 4B", ["4b"]),
        (CHAPEL, "218 Chapel Hill", ["218", "chapel"]),
        (CHAPEL, "chapel hill road", ["chapel"]),
        ("99 Main St", "99 Main", ["99", "main"]),
        ("99 Main St", "main st", ["main"]),
        ("99 Main St", "Main Street", ["main"]),
        ("7 Oak Ct, Bend, OR 97701", "Oak Court", ["oak"]),
        (MAIN, "99 North Main", ["99", "main"]),
        (MAIN, "apt 12", ["12"]),
        (MAIN, "Mobile, AL", ["mobile"]),
        (CHAPEL, "from Bend", ["bend"]),
        (CHAPEL, "Bend, OR", ["bend"]),
        (CHAPEL, "bend oregon", ["bend"]),
        (CHAPEL, "in bend, or", ["bend"]),
        (CHAPEL, "Rd, Bend", ["bend"]),
        (CHAPEL, "lives in bend.", ["bend"]),
        (CHAPEL, "Bend resident", ["bend"]),
    ],
)
@pytest.mark.parametrize("lead", ["", _T])
def test_a_part_of_the_address(engine, lead, address, text, values):
    assert gone(engine, lead + text, person(*VERA, address=address), *values)


def test_a_town_before_a_country(engine):
    assert gone(engine, "Reading, UK", person(*VERA, city="Reading"), "Reading")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (CHAPEL, "The bend of the knee. It does bend, or not; bend or stretch. 218 units."),
        ("99 Main St", "The main point. 99 main points. A main stent. 99 of them."),
        (MAIN, "He is mobile, alert. Mobile and well. A Mobile mass."),
    ],
)
def test_the_same_words_elsewhere_stay(address, text):
    assert PatientMatcher(person(*VERA, address=address)).find(text) == []


@pytest.mark.parametrize(
    ("address", "town", "states"),
    [
        (CHAPEL, "bend", {"or"}),
        (MAIN, "mobile", {"al"}),
        ("Lindenweg 12, 55116 Mainz, Germany", "mainz", set()),
        ("12 Park Ridge Road, Chapel Hill, North Carolina", "chapel hill", {"north carolina"}),
    ],
)
def test_town_and_state_of_an_address(address, town, states):
    patient = person(*VERA, address=address)
    assert town in address_towns(patient)
    assert own_states(patient) == states
