"""What becomes of each element, and the secret order of rows."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deid.errors import TreatmentError
from deid.pseudonym import Keys
from deid.records import shift
from gateway.registry.bench import open_bench
from gateway.registry.deidentify import _STORED, _order_hash, _treated, kind_of, safe_columns
from policies.decode import decode, parse_yaml
from policies.derivation import Derivations
from policies.dictionary import Element
from policies.profile import profile
from tests.unit.registry.valve import DERIVATIONS, dictionary

KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        ("code", "drop"),
        ("surname", "drop"),
        ("born", "drop"),
        ("zip", "zip"),
        ("age", "age"),
        ("sex", "keep"),
        ("remark", "drop"),
        ("ward", "drop"),
        ("races", "keep"),
        ("found", "days"),
        ("doctor", "hash"),
        ("beats", "keep"),
    ],
)
@pytest.mark.parametrize("name", ["safe_harbor", "limited_dataset"])
def test_treatments_follow_from_the_dictionary(element: str, kind: str, name: str) -> None:
    assert kind_of(element, dictionary().elements[element], profile(name)) == kind


HINTS = (None, "drop", "pseudonymize", "to_age", "zip3", "shift", "hash", "nlp", "keep")
PATTERNS = (None, "^[A-Z][0-9]$", "^.*$")


@pytest.mark.parametrize("name", ["safe_harbor", "limited_dataset"])
@pytest.mark.parametrize("identifier", [True, False])
@pytest.mark.parametrize("kind", [*_STORED, "note"])
def test_nothing_unread_reaches_a_table_whatever_a_dictionary_says(
    kind: Any, identifier: bool, name: str
) -> None:
    for hint, pattern in itertools.product(HINTS, PATTERNS):
        # Past the dictionary's own check: this one must hold without it.
        element = Element.model_construct(
            type=kind, identifier=identifier, deid=hint, pattern=pattern
        )
        try:
            found = kind_of("odd", element, profile(name))
        except TreatmentError:
            continue  # no load, then
        if identifier:
            assert found != "keep"
        if kind == "text":
            assert found in ("drop", "hash", "zip") or (hint, pattern) == ("keep", PATTERNS[1])
        if kind == "note":
            assert found == "drop"


def test_a_hint_that_does_not_suit_is_an_error_that_names_the_element() -> None:
    odd = Element.model_construct(type="text", identifier=True, deid="shift", pattern=None)
    with pytest.raises(TreatmentError, match="element odd: deid: shift does not suit a text"):
        kind_of("odd", odd, profile("safe_harbor"))


def test_a_unit_holds_the_elements_of_its_holders_first() -> None:
    derivations = decode(Derivations, parse_yaml(DERIVATIONS, where="d"), where="d")
    columns = list(safe_columns(dictionary(), derivations, "visit", profile("safe_harbor")))
    assert columns[0] == "zip"
    assert columns[-4:] == ["of", "seen", "doctor", "beats"]
    assert columns.index("height") < columns.index("last_seen") < columns.index("nr")


def test_the_order_is_an_hmac_of_record_unit_and_row(tmp_path: Path) -> None:
    key = b"k" * 32
    with open_bench(tmp_path / "spill") as bench:
        bench.run("CREATE TABLE w AS SELECT 'A''1' AS _record, '7' AS _instance")
        found = bench.value(f"SELECT {_order_hash(key, 'visit', 'w._instance')} FROM w")
    message = b"A'1\x1fvisit\x1f7"
    assert found == hmac.new(key, message, hashlib.sha256).hexdigest()


DATES = st.dates() | st.sampled_from([date.min, date.max, date(2020, 2, 29), date(1900, 3, 1)])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(DATES, DATES), min_size=20, max_size=60))
def test_the_database_counts_days_as_the_shift_of_notes_does(
    pairs: list[tuple[date, date]],
) -> None:
    with tempfile.TemporaryDirectory() as spill, open_bench(Path(spill) / "s") as bench:
        columns = (pa.array(part, pa.date32()) for part in zip(*pairs, strict=True))
        given_ = pa.table(dict(zip(("day", "anchor"), columns, strict=True)))
        bench.connection.register("given", given_)
        # As it stands in safe_rows, with one table in place of two.
        days = _treated("day", "days", profile("limited_dataset"))
        found = bench.run(
            f"SELECT w.day, p.anchor, {days} FROM given w, LATERAL (SELECT w.anchor) p(anchor)"
        )
    for day, anchor, counted in found:
        assert counted == (day - anchor).days
        offset = KEYS.date_offset_days(str(anchor))
        moved, there = shift(anchor, offset), shift(day, offset)
        if moved is not None and there is not None:
            assert moved + timedelta(days=counted) == there
