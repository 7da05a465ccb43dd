"""Keys: deterministic, independent, never printed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.errors import DeidError
from deid.pseudonym import Keys, keyed

KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)
ids = st.text(min_size=1, max_size=20).filter(lambda text: bool(text.strip()))


@given(ids)
def test_an_offset_is_never_zero_and_within_a_year(patient_id):
    days = KEYS.date_offset_days(patient_id)
    assert 1 <= abs(days) <= 364
    assert days == KEYS.date_offset_days(f" {patient_id} ")


def test_offsets_spread_over_the_whole_range():
    found = {KEYS.date_offset_days(str(number)) for number in range(8000)}
    assert found == set(range(-364, 365)) - {0}


def test_a_pseudonym_is_pinned():
    """Changing this value would break the link to every table released before."""
    assert KEYS.pseudonym("P0001") == Keys(b"p" * 32, b"x" * 32, b"y" * 32).pseudonym("P0001")
    assert KEYS.pseudonym("P0001") == "igxcc6s74qhuh7cl"
    assert KEYS.date_offset_days("P0001") == 41


@given(ids, ids)
def test_pseudonyms_are_short_and_distinct(one, two):
    assert re.fullmatch(r"[a-z2-7]{16}", KEYS.pseudonym(one))
    if one.strip() != two.strip():
        same = KEYS.pseudonym(one) == KEYS.pseudonym(two)
        import unicodedata

        assert same == (
            unicodedata.normalize("NFC", one).strip() == unicodedata.normalize("NFC", two).strip()
        )


def test_parts_do_not_run_together():
    assert keyed(b"k" * 32, "ab", "c") != keyed(b"k" * 32, "a", "bc")


def test_keys_round_trip_and_stay_secret():
    keys = Keys.generate()
    assert Keys.from_bytes(keys.to_bytes()) == keys
    assert keys != Keys.generate()
    assert "key" not in repr(keys).replace("Keys", "")


@pytest.mark.parametrize("raw", [b"", b"x" * 95, b"x" * 97])
def test_wrong_key_material_is_refused(raw):
    with pytest.raises(DeidError):
        Keys.from_bytes(raw)


def test_an_empty_patient_id_is_refused():
    with pytest.raises(DeidError):
        KEYS.pseudonym("  ")
