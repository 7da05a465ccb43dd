"""Hints that do not suit an element are refused when the dictionary is read."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policies.decode import decode
from policies.dictionary import Dictionary
from policies.dictionary.hints import is_code
from policies.errors import DeclarationError

CODES = [
    "^[0-9]{4}/[0-9]$",
    r"^C[0-9]{2}(\.[0-9])?$",
    "^[A-Z][0-9]$",
    "^(?:yes|no|unknown)$",
    r"^\d{1,6}$",
    "^[A-Z]{1,3}-[0-9]{4,8}$",
]
NO_CODES = [
    "[0-9]",
    "^[0-9]",
    "^.*$",
    "^.{1,80}$",
    "^[A-Z][a-z]+$",
    "^[A-Z]{4}$",
    "^[a-z ]{3,30}$",
    "^[ -~]{9}$",
    "^[^0-9]{5}$",
    r"^\w{4}$",
    r"^[\w]{4}$",
    r"^\S+$",
    "^[À-ÿ]{4}$",
    "^[一-龥]{3}$",
    "^yes|no$",
    "^([A-Z]){9}$",
    "^([A-Z][0-9])*$",
    "^[0-9]{2,}$",
    "^(?i:abc)$",
    "^[A-Z]{2}[a-z]{2}$",
]


@pytest.mark.parametrize("pattern", CODES)
def test_a_closed_pattern_makes_a_text_a_code(pattern):
    assert is_code(pattern)


@pytest.mark.parametrize("pattern", [None, *NO_CODES])
def test_whatever_could_hold_a_name_is_none(pattern):
    assert not is_code(pattern)


@given(st.text(alphabet="[]{}()|^$?*+.\\dw-09AZaz,: ", max_size=12))
def test_no_pattern_that_counts_as_a_code_holds_a_name(inside):
    pattern = f"^{inside}$"
    try:
        made = re.compile(pattern)
    except (re.error, FutureWarning):
        assume(False)
    if is_code(pattern):
        for name in ("Roe", "ROE", "roe"):
            assert not made.fullmatch(f"{name} Jane")
            assert not made.fullmatch(f"Dr. {name}")


@pytest.mark.parametrize(
    ("declared", "hint"),
    [
        ({"type": "text", "deid": "shift"}, "shift"),
        ({"type": "text", "identifier": True, "deid": "shift"}, "shift"),
        ({"type": "integer", "identifier": True, "deid": "shift"}, "shift"),
        ({"type": "note", "deid": "shift"}, "shift"),
        ({"type": "category", "choices": {"1": "A"}, "deid": "to_age"}, "to_age"),
        ({"type": "text", "deid": "to_age"}, "to_age"),
        ({"type": "note", "deid": "zip3"}, "zip3"),
        ({"type": "number", "deid": "zip3"}, "zip3"),
        ({"type": "multi", "choices": {"1": "A"}, "identifier": True, "deid": "hash"}, "hash"),
        ({"type": "category", "choices": {"1": "A"}, "deid": "nlp"}, "nlp"),
        ({"type": "note", "deid": "keep"}, "keep"),
        ({"type": "text", "deid": "keep"}, "keep"),
        ({"type": "text", "deid": "keep", "pattern": "^.{1,9}$"}, "keep"),
        ({"type": "integer", "identifier": True, "deid": "keep"}, "identifier"),
    ],
)
def test_the_error_names_dictionary_element_and_hint(declared, hint):
    plain = {
        "dictionary": "mine",
        "version": 1,
        "title": "Mine",
        "key": "code",
        "instruments": {"person": {"label": "Person"}},
        "elements": {
            "code": {"instrument": "person", "label": "Code", "type": "text"},
            "odd": {"instrument": "person", "label": "Odd", **declared},
        },
    }
    with pytest.raises(DeclarationError, match=rf"mine\.yaml: elements\.odd: .*{hint}"):
        decode(Dictionary, plain, where="mine.yaml")
