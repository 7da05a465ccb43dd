"""Ages over 89 that the layer left are seen in the output, by a finder that shares nothing with it."""

import gzip
import json
import os
from pathlib import Path

import pytest

from deid.notes import NoteEngine
from deid.own.patient import Patient, PatientMatcher
from deid.recognizers.finders import find_ages
from deid.residual import masked, residual
from deid.residual_ages import tells_old_age
from deid.span import flatten

ROOT = Path(__file__).parents[3]
CORPORA = Path(os.environ.get("OSTEON_CORPORA", ROOT.parent / "shared" / "corpora"))


@pytest.mark.parametrize(
    "text",
    [
        "a 94-year-old", "94 y/o man", "94yo", "94yoF", "aged 94", "Age: 94", "age=94", "PatientAge 94",
        "94 years\nold", "94_year_old", "94 years of age", "94 year woman", "94th birthday",
        "ninety-four year old", "aged ninety", "age of ninety-one", "one hundred years old",
        "in her late 90s", "in his nineties", "in her mid-to-late 90s", "a nonagenarian", "Age (94)", "age is now 101",
        "94.5 years old", "94+ yrs old", "a 9O-year-old", "a 9lyo man", "aged l01", "Age: 1O2", "age 9|",
    ],
)  # fmt: skip
def test_an_age_that_was_left_is_seen(patient, text):
    assert tells_old_age(f"She, {text}, came.", 90)
    assert (
        residual(f"Here, {text}, came.", [], PatientMatcher(patient), age_cap=90) == "residual_age"
    )
    assert residual(f"Here, {text}, came.", [], PatientMatcher(patient)) is None


@pytest.mark.parametrize(
    "text",
    [
        "89-year-old", "a 34-year-old", "age 18-89", "pulse 94", "he is 94", "sats in the 90s",
        "age of 94 months", "94%", "BP 120/94", "aged 4, 94 cm", "in 100 years", "per 100 patient-years",
        "ninety degrees", "one hundred patients", "150 years old", "stage 94", "dosage 100 mg",
        "average 94", "page 94", "K 3.94 years", "Age 90+", "a 3O-year-old", "9O degrees", "aged l2",
    ],
)  # fmt: skip
def test_other_numbers_do_not_withhold_a_note(text):
    if text == "Age 90+":
        text = masked(text, [(4, 7)])
    assert not tells_old_age(f"Here, {text}, then.", 90)


def test_a_lower_cap_is_heeded():
    assert tells_old_age("an 85-year-old", 80)
    assert not tells_old_age("an 85-year-old", 90)


@pytest.mark.parametrize("text", ["A 94_year_old clerk", "seen, 94_yo, with a mass"])
def test_a_note_with_a_form_that_the_layer_does_not_know_is_withheld(engine: NoteEngine, text):
    assert list(find_ages(text, 90)) == []
    note = engine.clean(text, Patient("x"))
    assert (note.text, note.withheld) == (None, "residual_age")


def test_real_transcriptions_are_not_withheld_for_an_age():
    path = CORPORA / "mtsamples.jsonl.gz"
    if not path.is_file():
        if os.environ.get("OSTEON_REQUIRE_ALL"):
            pytest.fail(f"OSTEON_CORPORA names no folder with {path.name}")
        pytest.skip(f"OSTEON_CORPORA names no folder with {path.name}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    held = 0
    for text in texts:
        if tells_old_age(text, 90):
            spans = [(span.start, span.end) for span in flatten(text, find_ages(text, 90))]
            held += tells_old_age(masked(text, spans), 90)
    assert held == 0
