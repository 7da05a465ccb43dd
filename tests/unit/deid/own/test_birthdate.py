"""The birth date is found in spellings that no date grammar reads."""

from __future__ import annotations

from datetime import date

import pytest

from deid.own.birthdate import tells_birth_date

BORN = date(1961, 4, 3)


@pytest.mark.parametrize(
    "text",
    [
        "1961 04 03", "1961. 04. 03", "04 03 1961", "03 04 1961", "03APR61", "3-IV-1961",
        "040361", "April third, 1961", "1961–04–03", "1961_04_03", "19610403", "03/04/61",
        "3rd of April 1961", "4/3/61", "APR 3 1961", "1961-04-03T00:00",
    ],
)  # fmt: skip
def test_the_date_is_told(text):
    assert tells_birth_date(f"Osteosarcoma of the femur. born {text}. Seen again.", BORN)


def test_compound_ordinals():
    assert tells_birth_date("April twenty-first, 1961", date(1961, 4, 21))


@pytest.mark.parametrize(
    "text",
    [
        "seen in 1961", "3 of 4 lesions in 61 patients were", "4 3 cm 1961", "L4, L3 1961",
        "April 1961", "margins 3 mm, 4 mm, 1961 slides", "1962-04-03", "040461",
    ],
)  # fmt: skip
def test_other_numbers_do_not_tell(text):
    assert not tells_birth_date(text, BORN)
