"""Streets without a number, highways, corners, rural boxes, towns behind cues."""

import pytest

from deid.recognizers.finders import find_addresses, find_by_cue, find_streets
from deid.span import Span
from deid.whole_addresses import whole_addresses
from tests.unit.deid.test_recognizers import covered


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("the house on Old Heron Manor Dr.\n\nSincerely", "Old Heron Manor Dr"),
        ("waiting at the lodge on Fenwick St. \nPACU", "Fenwick St"),
        ("HOUSE ON 9TH AVE EST. 6/9", "9TH AVE"),
        ("will have the house on Tilton Ave S so", "Tilton Ave S"),
        ("the lot on Duchy of Tarrow Rd.", "Duchy of Tarrow Rd"),
        ("home to 21st & Loomis, 2nd floor", "21st & Loomis"),
        ("at the corner of Quill and 5th today", "Quill and 5th"),
        ("mile 9 off Apache Route 7, past", "Apache Route 7"),
        ("bill sent to Township Rd 118.", "Township Rd 118"),
        ("told alt. route US-61\nCOVID", "US-61"),
        ("he refuses to ride on the 605 so", "605"),
        (
            "write to Rural Route 3, Box 12, Osakis, MN 56360 or",
            "Rural Route 3, Box 12, Osakis, MN",
        ),
        ("trailer at Quiet Spruce lot 14, Danby. Car", "Quiet Spruce lot 14, Danby"),
        ("at Quiet Acres trailer court, space 14", "Quiet Acres trailer court, space 14"),
        ("trailer at Lot 9, Sunny Acres", "Lot 9, Sunny Acres"),
        ("the farm is on FM 1744 near", "FM 1744"),
    ],
)
def test_streets(text, street):
    assert any(one.startswith(street) for one in covered(find_streets, text))


@pytest.mark.parametrize(
    "text",
    [
        "seen by Cardiology Dr. Roe, on Monday Dr Roe, transferred to St. Anne's",
        "on June 8th and July 19th; 1st and Final dose; 2nd and 3rd toes",
        "US-guided biopsy, I-131 uptake, I-125 seeds, route 2",
        "rides a bike on the 2 mg dose; wound on the 15 mm margin",
        "CT on PET CT, put on IV PT, implant lot 22841",
    ],
)
def test_what_is_no_street_stays(text):
    assert covered(find_streets, text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a teacher from Dunwood, South Carolina, now", "Dunwood"),
        ("she lost a dog in Cashton fire", "Cashton"),
        ("can he still hunt at Orbie next week", "Orbie"),
        ("moved to Mobile in June", "Mobile"),
        ("burial at Quiet Lawn, Hapville.", "Quiet Lawn, Hapville"),
        ("the radon in their house in tolman hills.", "tolman hills"),
        ("a man from opelousas who", "opelousas"),
        ("she lives in ft worth now", "ft worth"),
        ("with an aunt in east opelousas", "east opelousas"),
        ("Practice, Sioux Fa11s\nRe", "Sioux Fa11s"),
    ],
)
def test_places_by_cue(text, place):
    assert place in covered(find_by_cue, text)


@pytest.mark.parametrize(
    "text",
    [
        "a Boston brace, to Houston, in Philadelphia collar",
        "seen in December, in the Friday clinic, from Mexico, in Georgia, in North Carolina",
        "soaked in Zephyrane, dressed in Quillocoat, benefit from Oceana",
        "in bed, from pain, at night, in the hills, near park",
        "T10 level, p53, C5a, B12, 5HT",
    ],
)
def test_what_is_no_place_stays(text):
    assert [one for one in covered(find_by_cue, text) if one != "Houston"] == []


@pytest.mark.parametrize(
    ("text", "parts", "rest"),
    [
        ("61 Chalk Street, 2R, Tarrow Falls; ring", ("61 Chalk Street", "Tarrow Falls"), "2R"),
        ("12 Heron Dr SW, Duluth 55802.", ("12 Heron Dr SW", "Duluth"), "55802"),
        ("RR 3, Box 12, Osakis, MN 56360 or", ("RR 3", "Osakis, MN 56360"), "Box 12"),
        ("12 Heron Ave Apt B, Ely 55731 now", ("12 Heron Ave Apt B",), "Ely 55731"),
        ("at Cedar Glen Apts #12 now", ("Cedar Glen Apts",), "#12"),
        ("in East Tarrow now", ("Tarrow",), "East Tarrow"),
    ],
)
def test_addresses_are_whole(text, parts, rest):
    spans = [
        Span(text.index(part), text.index(part) + len(part), "LOCATION", "address")
        for part in parts
    ]
    assert any(rest in text[span.start : span.end] for span in whole_addresses(text, spans))


def test_a_title_between_two_places_is_no_flat():
    text = "12 Heron Way, MD, Neuse River"
    spans = [Span(0, 12, "LOCATION", "address"), Span(18, len(text), "LOCATION", "address")]
    assert list(whole_addresses(text, spans)) == []


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("Mesa Spire Med Ctr, Phoenix\nAccepting", "Phoenix"),
        ("Mesa Spire Med Ctr, Quarrymoor. She", "Quarrymoor"),
        ("Mesa Spire Med Ctr, Radiology. She", None),
        ("Mesa Spire Med Ctr, Texas. She", None),
    ],
)
def test_the_town_behind_an_institution(text, town):
    spans = [Span(0, len("Mesa Spire Med Ctr"), "ORG", "hospital")]
    found = [text[span.start : span.end] for span in whole_addresses(text, spans)]
    assert found == ([town] if town else [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("to 17½ Lemmon Street, Los Altos, CA 94022. He", "17½ Lemmon Street, Los Altos, CA 94022"),
        ("seen by Ansgar Wick, MD today", "Ansgar Wick"),
        ("from Baltimore, MD today", "Baltimore, MD"),
    ],
)
def test_halves_and_credentials(text, value):
    assert value in covered(find_addresses, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lives in Sugar Barn; parents", ["Sugar Barn"]),
        ("Lives in Assisted Living; lives in South Carolina; moved to Recovery Room", []),
    ],
)
def test_homes_that_are_words(text, found):
    assert covered(find_addresses, text) == found


def test_a_patient_is_no_point():
    assert covered(find_addresses, "0745 Received pt, awake. 1500 Refused PT") == []


def _whole(text: str, *parts: tuple[str, str]) -> set[str]:
    """What is found of an address of which ``parts``, each with its category, were found."""
    spans = [
        Span(text.index(part), text.index(part) + len(part), category, "listed")
        for part, category in parts
    ]
    return {text[one.start : one.end] for one in whole_addresses(text, spans)}


def test_a_postcode_between_a_street_and_a_town_goes():
    german = "Hauptstraße 5, 80331 München"
    assert german in _whole(german, ("Hauptstraße 5", "LOCATION"), ("München", "NAME"))
    french = "12 rue de la Paix, 75002 Paris"
    assert "Paix, 75002 Paris" in _whole(french, ("Paix", "NAME"), ("Paris", "NAME"))
    assert not _whole("Dr. Roe, 80331 Smith", ("Roe", "NAME"), ("Smith", "NAME"))


def test_a_zip_code_behind_a_town_that_is_a_surname_too_goes_at_the_end_of_a_line():
    assert _whole("Springfield 62704\nDry.", ("Springfield", "NAME")) == {"Springfield 62704"}
    assert not _whole("Springfield 62704 units", ("Springfield", "NAME"))


@pytest.mark.parametrize(
    "text",
    ["Moved here from 62704.", "She is from 62704", "lives in 62704 now", "drives in from 62704"],
)
def test_a_zip_code_says_where_somebody_lives(text: str) -> None:
    assert covered(find_addresses, text) == ["62704"]


@pytest.mark.parametrize(
    "text",
    ["WBC rose from 12000.", "it was from 12000 to 15000", "moved to 12000 units", "is 12000"],
)
def test_other_figures_of_five_do_not(text: str) -> None:
    assert covered(find_addresses, text) == []
