"""Listed towns, and words like them that stay."""

import time

import pytest

from deid.recognizers.finders import find_towns
from deid.vocabulary import is_word, known_names, read_list
from tests.unit.deid.test_recognizers import covered


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("driving from Osakis, snow", "Osakis"),
        ("coming up from Newport News.", "Newport News"),
        ("seen in Silver City before", "Silver City"),
        ("a woman from Newport\nNews with", "Newport\nNews"),
        ("IN CHATTANOOGA ON", "CHATTANOOGA"),
    ],
)
def test_towns(text, place):
    assert covered(find_towns, text) == [place]


@pytest.mark.parametrize(
    "text",
    [
        "Lyme disease, Philadelphia collar, Boston brace, Bethesda class II, Norwalk virus",
        "osakis and newport in small letters",
        "a short word in capitals: YUMA",
        "Fredericksburg-type suture x-Osakis",
    ],
)
def test_terms_called_after_a_town_stay(text):
    assert covered(find_towns, text) == []


def test_the_list_holds_no_ordinary_words_and_no_names():
    places = read_list("known_places")
    assert len(places) > 15_000
    single = [place for place in places if "_" not in place]
    assert not [place for place in single if is_word(place) or place in known_names()]


def test_many_capitals_take_no_time():
    started = time.process_time()
    list(find_towns("San Jose de los " * 20_000))
    assert time.process_time() - started < 30
