"""The engine: spans index the input, everything outside them is untouched, profiles differ."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deid.dates.find import find_dates
from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.span import Span, flatten

NOTE = """Patient: HÄNNINEN-ROE, VERA   MRN: 00482913   DOB 9/9/1950
Ewing sarcoma of the femur, seen by Dr. Ewing on March 4, 2021 at Mercy Hospital. The patient,
103 yo, lives in Larkspur. Call 704-555-0101. Implant lot 067413. Next visit on 3/20.
Electronically signed by JOHN Q. SMITH, M.D. 03/05/2021 12:33"""
SECRETS = [
    "NNINEN",
    "VERA",
    "482913",
    "1950",
    "Dr. Ewing",
    "March",
    "Mercy",
    "103",
    "Larkspur",
    "704",
    "067413",
    "3/20",
    "SMITH",
    "03/05",
]


def rebuilt(text, spans, clean):
    """The output must be the input with the spans, and nothing else, exchanged."""
    at = 0
    for previous, span in zip([None, *spans], spans, strict=False):
        between = text[previous.end if previous else 0 : span.start]
        at = clean.index(between, at) + len(between)
    return clean.endswith(text[spans[-1].end :]) if spans else clean == text


def test_spans_index_the_input_and_the_rest_is_untouched(engine, patient):
    clean = engine.clean(NOTE, patient)
    assert clean.withheld is None
    found = [NOTE[span.start : span.end] for span in clean.spans]
    assert "HÄNNINEN-ROE, VERA" in found
    assert "00482913" in found
    assert "March 4, 2021" in found
    assert all(a.end <= b.start for a, b in zip(clean.spans, clean.spans[1:], strict=False))
    assert rebuilt(NOTE, clean.spans, clean.text)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_left(engine, patient, secret):
    assert secret not in engine.clean(NOTE, patient).text


def test_safe_harbor_writes_days_from_diagnosis(engine, patient):
    text = engine.clean(NOTE, patient).text
    assert "on [day +3] at" in text
    assert "on [day +19]." in text
    assert "DOB [birth date]" in text
    assert "90+ yo" in text
    assert "Ewing sarcoma of the femur" in text


def test_safe_harbor_without_an_anchor_leaves_years(engine):
    text = engine.clean("Seen on March 4, 2021 and on 3/9.", Patient("x")).text
    assert text == "Seen on 2021 and on [date]."


def test_a_date_that_tells_an_age_over_89_is_not_an_offset(engine, patient):
    text = engine.clean("Her mother, born May 5, 1925, is well.", patient).text
    assert "[over 89 years before]" in text


def test_the_limited_profile_shifts_text_as_it_shifts_tables(shifting, patient):
    days = shifting.keys.date_offset_days(patient.patient_id)
    text = shifting.clean(NOTE, patient).text
    moved = [match.exact() for match in find_dates(text)]
    assert (moved[1] - date(2021, 3, 4)).days == days
    assert (moved[0] - date(1950, 9, 9)).days == days
    assert "103 yo" in text


def test_a_note_that_is_too_long_is_withheld(model, keys, safe_harbor, patient):
    short = NoteEngine(safe_harbor.model_copy(update={"note_length_max": 10}), keys, model=model)
    clean = short.clean("x" * 11, patient)
    assert (clean.text, clean.withheld, clean.spans) == (None, "too_long", ())


def test_the_same_note_gives_the_same_text_and_another_patient_another(engine, patient):
    other = Patient("other", "Vera", "Hänninen-Roe", "00482913", date(1950, 9, 9), date(2021, 3, 1))
    assert engine.clean(NOTE, patient).text == engine.clean(NOTE, patient).text
    assert engine.clean(NOTE, patient).text != engine.clean(NOTE, other).text


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\x00", "𝔘𝔫𝔦 ﬁne", "a" * 5000, "Dr.", "MRN:", "(((((", "🦴 Vera 🦴"]
)
def test_odd_texts_do_not_break_it(engine, patient, text):
    clean = engine.clean(text, patient)
    assert clean.withheld is None
    assert "Vera" not in clean.text


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    after=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
def test_the_patient_is_found_between_anything(engine, patient, before, after):
    text = f"{before} Vera Hänninen-Roe (MRN 00482913) {after}"
    clean = engine.clean(text, patient)
    assert all(0 <= span.start < span.end <= len(text) for span in clean.spans)
    if clean.text is not None:
        assert "nninen-Roe" not in clean.text
        assert "00482913" not in clean.text


def test_spans_alike_but_for_their_category_have_an_order():
    text = "Zürich"
    spans = [Span(0, 6, category, "listed") for category in ("NAME", "LOCATION", "ORG", "ID")]
    for first in range(4):
        assert flatten(text, [*spans[first:], *spans[:first]])[0].category == "ID"
