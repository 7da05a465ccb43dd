"""Names of columns as words."""

from __future__ import annotations

import pytest

from gateway.registry.suggest.words import Weights, likeness, tokens, unit_named

EVEN = Weights(())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DxDate", ("diagnosis", "date")),
        ("date_of_dx", ("date", "diagnosis")),
        ("DOB", ("date", "birth")),
        ("TumourSizes", ("tumor", "size")),
        ("size_mm", ("size",)),
        ("Gender", ("sex",)),
    ],
)
def test_a_name_becomes_words(name: str, words: tuple[str, ...]) -> None:
    assert tokens(name) == words


def test_the_order_of_words_says_nothing_and_other_words_are_unlike() -> None:
    assert likeness(tokens("diagnosis_date"), tokens("DateDx"), EVEN) == 1.0
    assert likeness(tokens("laterality"), tokens("necrosis"), EVEN) == 0.0


def test_a_word_that_many_elements_have_says_less() -> None:
    weights = Weights([["date", "birth"], ["date", "death"], ["date", "surgery"]])
    shared = likeness(("date", "visit"), ("date", "birth"), weights)
    telling = likeness(("birth", "visit"), ("date", "birth"), weights)
    assert shared < 0.5 < telling


@pytest.mark.parametrize(
    ("name", "unit"), [("LargestDiam_mm", "mm"), ("weight_lbs", "lb"), ("height", None)]
)
def test_a_unit_in_a_name(name: str, unit: str | None) -> None:
    assert unit_named(name) == unit
