"""Values to choices."""

from __future__ import annotations

import pytest

from gateway.registry.suggest.choices import Matcher

SIDES = {"1": "Left", "2": "Right", "3": "Midline", "9": "Unknown"}
GRADES = {"1": "G1 low", "2": "G2", "3": "G3", "9": "GX unknown"}


@pytest.mark.parametrize(
    ("value", "choices", "code"),
    [
        ("left", SIDES, "1"),
        ("L", SIDES, "1"),
        ("Mid-line", SIDES, "3"),
        ("unk", SIDES, "9"),
        ("II", GRADES, "2"),
        ("grade 3", GRADES, "3"),
        ("Y", {"1": "Yes", "0": "No"}, "1"),
        ("true", {"1": "Yes", "0": "No"}, "1"),
        ("sarcoma, synovial", {"1": "Synovial sarcoma", "2": "Ewing sarcoma"}, "1"),
        ("upside down", SIDES, None),
    ],
)
def test_a_value_finds_its_choice(value: str, choices: dict[str, str], code: str | None) -> None:
    assert Matcher(choices).find(value)[0] == code


def test_codes_need_no_recode_and_labels_do() -> None:
    found = Matcher(SIDES).recode({"1": 5, "2.0": 3, "Right": 2, "sideways": 10})
    assert found.to == {"Right": "2"}
    assert (found.direct, found.matched) == (0.4, 0.5)
    assert found.open == ("sideways",)


@pytest.mark.parametrize(
    ("value", "choices", "shown"),
    [
        ("sarcoma, synovial", {"1": "Synovial sarcoma", "2": "Ewing sarcoma"}, True),
        ("Grade 3", GRADES, True),
        ("lef", SIDES, True),
        ("Yes", {"1": "Yes", "0": "No"}, True),
        ("Yes, Quibbleworth", {"1": "Yes", "0": "No"}, False),
        ("Synovial sarcoma Quibbleworth", {"1": "Synovial sarcoma"}, False),
        ("Synovail sarcoma", {"1": "Synovial sarcoma"}, False),
        ("Quibbleworth", SIDES, False),
    ],
)
def test_only_words_of_the_dictionary_are_shown(
    value: str, choices: dict[str, str], shown: bool
) -> None:
    # However many rows have it: a name may stand in many.
    assert (value in Matcher(choices).recode({value: 900}).labels) is shown
