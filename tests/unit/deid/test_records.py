"""What happens to a column: every hint under every profile, and the safety rules."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.errors import TreatmentError
from deid.pseudonym import Keys
from deid.records import (
    Treatment,
    hashed,
    shift,
    treatment,
    zip3,
)
from policies.profile import profile

SAFE, LIMITED = profile("safe_harbor"), profile("limited_dataset")
KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)


KINDS = ("text", "integer", "number", "date", "category", "multi", "note")
HINTS = (None, "drop", "pseudonymize", "to_age", "zip3", "shift", "hash", "nlp", "keep")
PATTERNS = (None, "^[A-Z][0-9]{2}$", "^.*$", "[0-9]", "^[A-Za-z ]{1,80}$")
RULES = [
    SAFE,
    LIMITED,
    LIMITED.model_copy(update={"dates": "keep"}),
    SAFE.model_copy(update={"zip": SAFE.zip.model_copy(update={"keep": "none"})}),
]


@pytest.mark.parametrize(
    ("hint", "kind", "safe", "limited"),
    [
        ("drop", "text", Treatment.DROP, Treatment.DROP),
        ("pseudonymize", "text", Treatment.PSEUDONYMIZE, Treatment.PSEUDONYMIZE),
        ("to_age", "date", Treatment.TO_AGE, Treatment.TO_AGE),
        ("zip3", "text", Treatment.ZIP3, Treatment.ZIP3),
        ("shift", "date", Treatment.OFFSET, Treatment.SHIFT),
        ("hash", "text", Treatment.HASH, Treatment.HASH),
        ("nlp", "text", Treatment.NLP, Treatment.NLP),
        ("nlp", "note", Treatment.NLP, Treatment.NLP),
        ("keep", "date", Treatment.OFFSET, Treatment.SHIFT),
    ],
)
def test_hints(hint, kind, safe, limited):
    assert treatment(hint, False, SAFE, kind=kind) is safe
    assert treatment(hint, False, LIMITED, kind=kind) is limited


@pytest.mark.parametrize("hint", HINTS)
@pytest.mark.parametrize("kind", KINDS)
def test_text_never_passes_unread_and_an_identifier_is_never_kept(hint, kind):
    hidden = (Treatment.DROP, Treatment.PSEUDONYMIZE, Treatment.NLP)
    for identifier, rules, pattern in itertools.product([True, False], RULES, PATTERNS):
        try:
            chosen = treatment(hint, identifier, rules, kind=kind, pattern=pattern)
        except TreatmentError:
            continue  # nothing is loaded then
        if identifier:
            assert chosen is not Treatment.KEEP
        if kind == "text":
            code = pattern == PATTERNS[1] and hint == "keep" and chosen is Treatment.KEEP
            assert code or chosen in (*hidden, Treatment.HASH, Treatment.ZIP3)
        if kind == "note":
            assert chosen in hidden
        if chosen in (Treatment.SHIFT, Treatment.OFFSET):
            assert kind == "date"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("text", Treatment.DROP),
        ("note", Treatment.NLP),
        ("date", Treatment.OFFSET),
        ("integer", Treatment.KEEP),
        ("category", Treatment.KEEP),
    ],
)
def test_without_a_hint(kind, expected):
    assert treatment(None, False, SAFE, kind=kind) is expected
    assert treatment(None, True, SAFE, kind=kind) is Treatment.DROP


def test_no_identifier_and_no_free_text_of_the_shipped_dictionary_passes():
    from policies.dictionary import Dictionary
    from policies.library import load_named

    elements = load_named("dictionaries", Dictionary, "sarcoma_v1").elements
    for name, element in elements.items():
        chosen = treatment(
            element.deid, element.identifier, SAFE, kind=element.type, pattern=element.pattern
        )
        if element.identifier or element.type == "note":
            assert chosen is not Treatment.KEEP, name
        elif element.type == "text" and chosen is Treatment.KEEP:
            # Only a text that its pattern makes a code, and that the dictionary says to keep.
            assert element.deid == "keep", name
            assert element.pattern, name


def test_contradictions_are_refused():
    with pytest.raises(TreatmentError):
        treatment("keep", True, SAFE, kind="integer")
    with pytest.raises(TreatmentError, match="free text"):
        treatment("keep", False, SAFE, kind="text")
    with pytest.raises(TreatmentError):
        treatment("shred", False, SAFE, kind="text")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("78574", "785"),
        ("78574-1234", "785"),
        ("3601", "000"),
        ("03601", "000"),
        ("10201", "000"),
        ("2139", "021"),
        ("ABCDE", None),
        ("", None),
        ("785", None),
        ("78574 Jane Roe", None),
        ("20510", "000"),  # few people live in 205
        ("36925", "000"),
        ("75301", "000"),
        ("77201", "000"),
        ("21300", "000"),  # never assigned
        ("09012", "000"),  # military mail
        ("00801", "000"),  # the Virgin Islands have a census of their own
        ("99999", "000"),  # a filler
        ("99901", "999"),
        ("00601", "006"),
    ],
)
def test_zip3(value, expected):
    assert zip3(value, SAFE) == expected


@pytest.mark.parametrize("value", ["02139", "02139-1234"])
def test_a_limited_data_set_keeps_zip_codes_and_nothing_that_is_none(value):
    assert zip3(value, LIMITED) == value
    assert zip3("12 Elm Street, Jane Roe", LIMITED) is None


DATES = st.dates() | st.sampled_from([date.min, date.max, date(2020, 2, 29)])


@given(DATES, DATES, st.integers(-364, 364))
def test_shifted_dates_keep_intervals(one, two, days):
    moved = shift(one, days), shift(two, days)
    if None not in moved:
        assert moved[1] - moved[0] == two - one
    else:
        assert date.max - max(one, two) < timedelta(364) or min(one, two) - date.min < timedelta(
            364
        )


def test_edges():
    assert shift(date.max, 1) is None
    assert shift(date.min, -1) is None
    assert hashed(KEYS, "surgeon", "17") == hashed(KEYS, "surgeon", " 17 ")
    assert hashed(KEYS, "surgeon", "17") != hashed(KEYS, "pathologist", "17")
