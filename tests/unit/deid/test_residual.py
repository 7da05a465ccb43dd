"""The residual check works without the recognisers: planted leaks are caught, each kind of them."""

import pytest

from deid.notes import NoteEngine
from deid.own.patient import Patient, PatientMatcher
from deid.residual import residual


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Ms. Hanninen came.", "residual_name"),
        ("file xxHänninenRoe_scan", "residual_name"),
        ("number 0048-2913", "residual_identifier"),
        ("x482913y", "residual_identifier"),
        ("born on 9 September 1950", "residual_birth_date"),
        ("123-45-6789", "residual_ssn"),
        ("123 – 45 – 6789", "residual_ssn"),
        ("123-45-\n6789", "residual_ssn"),
        ("a.b@hospital.org", "residual_email"),
        ("704-731-8842", "residual_phone"),
        ("MRN 55512", "residual_mrn"),
    ],
)
def test_a_planted_leak_is_named(patient, text, reason):
    assert residual(text, [], PatientMatcher(patient)) == reason


@pytest.mark.parametrize("text", ["Wrzesinskasarcoma of bone.", "Seen: PAINWRZESINSKA"])
def test_a_name_that_ran_together_with_a_clinical_word_is_a_trace(text):
    patient = Patient("1", "Ann", "Wrzesinska")
    assert residual(text, [], PatientMatcher(patient)) == "residual_name"


@pytest.mark.parametrize(
    ("last", "text"),
    [("Parkin", "Parkinsonism."), ("Antero", "Anterolateral thigh."), ("Osteo", "Osteosarcomas")],
)
def test_a_clinical_word_that_begins_like_a_name_is_none(last, text):
    assert residual(text, [], PatientMatcher(Patient("1", "Ann", last))) is None


@pytest.mark.parametrize(
    "text",
    ["Overall severe pain.", "Ewing sarcoma, 26/30.", "EBL 1500, platelets 250000.", "Enchanting."],
)
def test_clean_text_passes(patient, text):
    assert residual(text, [], PatientMatcher(patient)) is None


@pytest.mark.parametrize(
    "text",
    [
        "3/4/2021", "2021-03-04", "3–4–2021", "3∕4∕2021", "O3/O4/2O21", "March 4, 2021",
        "mar. 4th 2021", "4 March 2021", "4th of May, 2021", "4-MAR-2021",
    ],
)  # fmt: skip
def test_a_full_date_is_a_trace_where_dates_must_go(patient, text):
    matcher = PatientMatcher(patient)
    assert residual(f"Seen {text} here.", [], matcher, dates=True) == "residual_date"
    assert residual(f"Seen {text} here.", [], matcher) is None
    assert residual(f"Seen {text} here.", [(5, 5 + len(text))], matcher, dates=True) is None


@pytest.mark.parametrize(
    "text", ["in 2021", "power 4/5 2021", "1.2.3.4", "she may 5 mg", "4/II/20"]
)
def test_what_is_no_full_date_passes(patient, text):
    assert residual(text, [], PatientMatcher(patient), dates=True) is None


def test_the_birth_date_is_seen_with_misread_digits(patient):
    assert residual("O9/O9/l950", [], PatientMatcher(patient)) == "residual_birth_date"


def test_our_own_surrogates_do_not_count(patient):
    text = "call 555-555-0142 now"
    assert residual(text, [], PatientMatcher(patient)) == "residual_phone"
    assert residual(text, [(5, 17)], PatientMatcher(patient)) is None


def test_a_note_is_withheld_when_the_layers_miss_the_patient(
    model, keys, safe_harbor, patient, monkeypatch
):
    monkeypatch.setattr(PatientMatcher, "find", lambda *_: [])
    monkeypatch.setattr(NoteEngine, "_by_model", lambda *_: [])
    monkeypatch.setattr("deid.notes.find_listed", lambda *_: [])
    engine = NoteEngine(safe_harbor, keys, model=model)
    clean = engine.clean("Follow-up of hanninen today.", patient)
    assert clean.text is None
    assert clean.withheld == "residual_name"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("Han", "Hanninen", "Then Hanninen came."),
        ("Ann", "Annison", "then annison came"),
        ("Roe", "Oehler", "xOehlerx was here"),
        ("Al", "Alvarezo", "MsAlvarezo came"),
    ],
)
def test_a_name_that_holds_another_is_seen(first, last, text):
    matcher = PatientMatcher(Patient("P9", first, last))
    assert residual(text, [], matcher) == "residual_name"


def test_every_name_is_seen_whatever_the_others_are():
    names = ["Ann", "Anni", "Annison", "Nison", "Sonnergard", "Gardonne"]
    for first in names:
        for last in names:
            matcher = PatientMatcher(Patient("P9", first, last))
            for name in {first, last}:
                assert residual(f"Then {name} came.", [], matcher) == "residual_name", (first, last)


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("Katarzyna", "Wrzesinska", "mrs wrzesinka"),
        ("Katarzyna", "Wrzesinska", "login kwrzesin2"),
        ("Katarzyna", "Wrzesinska", "WRZESIN01"),
        ("Anna", "Kowalczyk", "seen by kovvalczyk"),
        ("Zoë", "Müller", "M?ller came"),
        ("Zoë", "Müller", "M\ufffd\ufffdller came"),
        ("Väinö", "Hänninen", "V?in? H_nninen"),
        ("Mark", "Roe", "Mark was seen."),
        ("Max", "Roe", "Plan: Max will return."),
        ("Grace", "Long", "mr. long"),
        ("Grace", "Long", "Surname: Long"),
        ("Grace", "Ewing", "GraceEwing.pdf"),
        ("Grace", "Ewing", "graceewing.pdf"),
    ],
)
def test_a_disguised_name_is_a_leak(first, last, text):
    assert residual(text, [], PatientMatcher(Patient("x", first, last))) == "residual_name"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("Mark", "Will", "Mark the site; he will return. Will follow up."),
        ("Max", "Ewing", "Max dose, T Max was 38.5; Ewing sarcoma was seen."),
        ("Zoë", "Müller", "Pain? Millers. A smaller, taller one."),
        ("Stephanie", "Carpenter", "Carpentry and carpeted floors."),
        ("Peter", "Sterne", "The sternum and stem cells, sternal wires."),
        ("Sarah", "Masterson", "An Allen-Masters window."),
        ("Anna", "Patterson", "A pattern of patterns, and Paterson."),
    ],
)
def test_neighbours_of_a_name_do_not_withhold_a_note(first, last, text):
    assert residual(text, [], PatientMatcher(Patient("x", first, last))) is None


@pytest.mark.parametrize(
    "text",
    [
        "Husband: Mark.",
        "spouse (mark)",
        "Her husband Mark, 64",
        "Mark drove her.",
        "Will drove him.",
        "In the end hope said so.",
        "Mark and Hope",
    ],
)
def test_a_relative_whose_name_is_a_word_is_a_leak(text):
    others = (("spouse", "Mark Winters"), ("nok", "Hope Young"), ("contact", "Will May"))
    matcher = PatientMatcher(Patient("x", "Grace", "Long", other=others))
    assert residual(text, [], matcher) == "residual_name"


@pytest.mark.parametrize(
    "text",
    [
        "Her husband will. The mark worked well for some; her hope went on.",
        "Mother: may have had cancer. Mark and will.",
        "Long and short of it, in long walks.",
    ],
)
def test_words_that_relatives_are_called_pass(text):
    others = (("spouse", "Mark Winters"), ("nok", "Hope Young"), ("contact", "Will May"))
    matcher = PatientMatcher(Patient("x", "Grace", "Long", other=others))
    assert residual(text, [], matcher) is None
