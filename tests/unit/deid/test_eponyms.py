"""Eponyms in both directions: the disease stays, the person of that name goes."""

from dataclasses import replace

import pytest

from deid.eponyms import is_clinical_phrase
from deid.own.patient import Patient

STAY = [
    "Ewing sarcoma of the left femur.",
    "Ewing's sarcoma, EWSR1-FLI1 positive.",
    "Enneking stage IIB lesion.",
    "Mirels score of 9.",
    "Codman triangle is seen.",
    "Musculoskeletal Tumor Society score 26/30, MSTS.",
    "Karnofsky performance status 80.",
    "Van Nes rotationplasty was discussed.",
    "Li-Fraumeni syndrome was excluded.",
    "Paget disease of the pelvis.",
    "Gorham disease of the clavicle.",
    "A Gigli saw and Foley catheter were used.",
    "Kaplan-Meier estimate.",
    "Stryker GMRS distal femur, Zimmer Biomet OSS.",
    "Doxorubicin, ifosfamide and denosumab were given.",
    "R0 margins, Ki-67 of 20%, TP53 and SS18-SSX.",
    "L4-L5 and S1 were spared.",
    "T2N0M0, AJCC IIB, FNCLCC grade 3, Huvos IV.",
    "Marcaine was injected; Kerlix dressing, Jackson-Pratt drain.",
    "Dupuytren contracture, Trendelenburg gait and Babinski sign.",
    "MAP chemotherapy per AOST0331.",
    "Tomita classification and Tokuhashi score.",
    "Hodgkin lymphoma in the family.",
]


@pytest.mark.parametrize("text", STAY)
def test_clinical_terms_stay(engine, text):
    assert engine.clean(text, Patient("x")).text == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Seen by Dr. Ewing.", "Ewing"),
        ("James Ewing, MD, was present.", "Ewing"),
        ("Discussed with Dr. Enneking and Dr. Mirels.", "Enneking"),
        ("Mr. Foley was consented.", "Foley"),
        ("Surgeon: Henry Codman", "Codman"),
        ("Dictated by: Karnofsky, Anna", "Karnofsky"),
    ],
)
def test_people_called_like_a_disease_go(engine, text, name):
    assert name not in engine.clean(text, Patient("x")).text


def test_a_patient_called_ewing_goes_and_the_disease_stays(engine):
    ewing = Patient("x", first_name="Paul", last_name="Ewing")
    text = (
        "Ewing, Paul. Mr. Ewing has Ewing sarcoma. EWING understands that Ewing's sarcoma is rare."
    )
    clean = engine.clean(text, ewing)
    assert clean.withheld is None
    assert "Ewing sarcoma" in clean.text
    assert "Ewing's sarcoma" in clean.text
    rest = clean.text.replace("Ewing sarcoma", "").replace("Ewing's sarcoma", "")
    assert "ewing" not in rest.lower()
    assert "Paul" not in rest


def test_a_title_overrides_the_clinical_phrase():
    text = "Dr. Ewing tumor board"
    assert not is_clinical_phrase(text, 4, 9)
    assert is_clinical_phrase("the Ewing tumor", 4, 9)


def test_a_patient_called_white_keeps_her_blood_count(engine, patient):
    white = replace(patient, first_name="Rose", last_name="White")
    clean = engine.clean("White blood count 7.2. Ms. White is a white female. White, Rose.", white)
    assert clean.text.startswith("White blood count 7.2.")
    assert "white female" in clean.text
    assert clean.text.count("White") == 1
