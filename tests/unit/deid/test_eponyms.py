"""Eponyms in both directions: the disease stays, the person of that name goes."""

import re
from dataclasses import replace

import pytest

from deid.eponyms import is_clinical_phrase, lexicon
from deid.own.patient import Patient
from deid.recognizers.listed import find_listed
from deid.recognizers.names import find_names
from deid.veto import calls_for_model
from deid.vocabulary import known_names

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
    "Langenbeck retractor, Kotz prosthesis.",
    "Hodgkin lymphoma in the family.",
    "MS Contin 15 mg BID",
    "Robert Jones dressing",
    "Clark IV, Breslow 1.2 mm",
    "Mason II radial head fracture",
    "Crowe II dysplasia",
    "Midas Rex drill, Gore-Tex graft",
    "WOMAC 40, Vit D 22",
    "Fisher exact test, Mann-Whitney U",
    "Kaplan-Meier, Cox",
    "Irrigated in Ringer lactate",
    "Placed in Fowler position in a Sager splint, fixed in Bouin solution",
    "carrier screening: Tay-Sachs",
    "ID: Vanc",
    "Nurse: Foley out",
    "Device: Hickman",
    "Canadian C-spine",
    "followed by GI, ID",
    "Smith & Nephew Journey II",
    "Ifex, Mesnex",
    "Medihoney, Santyl",
    "Journey II, Medacta",
    "DME: FWW",
    "Reviewed w/ Rads",
    "Payer denied Keytruda",
    "Oxy 5-10 q4 prn, MS Contin 15.",
    "Achilles, Chopart, Hoffa, Baxter, Kager",
    "Mirels 10; Tokuhashi; Bauer; PathFx",
]


@pytest.mark.parametrize("text", STAY)
def test_clinical_terms_stay(engine, text):
    assert engine.clean(text, Patient("x")).text == text


@pytest.mark.parametrize(
    "text",
    [
        "hohmann and bennett retractors were placed.",
        "the pin was removed with a jacobs chuck.",
        "used a kelly clamp on a weber b ankle fracture.",
        "gardner syndrome; bence jones protein is absent.",
        "harrington procedure with cement.",
    ],
)
def test_clinical_terms_in_small_letters_stay(engine, text):
    assert engine.clean(text, Patient("x")).text == text


@pytest.mark.parametrize("text", ["seen by kelly, clamp off.", "harrington called about it."])
def test_small_names_beside_no_term_go(engine, text):
    assert engine.clean(text, Patient("x")).text != text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Seen by Dr. Ewing.", "Ewing"),
        ("James Ewing, MD, was present.", "Ewing"),
        ("Discussed with Dr. Enneking and Dr. Mirels.", "Enneking"),
        ("Mr. Foley was consented.", "Foley"),
        ("Surgeon: Henry Codman", "Codman"),
        ("Dictated by: Karnofsky, Anna", "Karnofsky"),
        ("Seen by Dr. Crowe.", "Crowe"),
        ("Mason Reed", "Mason Reed"),
        ("Robert Jones called.", "Robert Jones"),
        ("John Harris III was seen.", "Harris"),
        ("HARRIS III, JOHN", "HARRIS"),
        ("Nurse: Foley", "Foley"),
        ("Ms. Contin called.", "Contin"),
        ("Patient: Kocher, Kelly", "Kelly"),
        ("Seen by Dr. Ewing, Dr. Baxter, and Dr. Foley", "Baxter"),
        ("Wife is Anna; Baxter; son Jim", "Baxter"),
        ("Smith and his nephew came.", "Smith"),
        ("Called Rex Midas.", "Rex"),
        ("Reviewed w/ Bjornsson", "Bjornsson"),
        ("Spoke with Anna Fowler, MD.", "Fowler"),
    ],
)
def test_people_called_like_a_disease_go(engine, text, name):
    assert name not in engine.clean(text, Patient("x")).text


NAMED = sorted(lexicon().eponyms | lexicon().ambiguous)


def written(word):
    return "-".join(part.capitalize() for part in word.split("-"))


@pytest.mark.parametrize("word", NAMED)
def test_each_eponym_goes_behind_a_title_and_stays_before_its_sign(word):
    name = written(word)
    text = f"Seen by Dr. {name}."
    place = text.index(name)
    assert any(one.start <= place < one.end for one in find_names(text))
    text = f"The {name} sign was positive."
    assert is_clinical_phrase(text, 4, 4 + len(name))
    assert not [text[one.start : one.end] for one in find_listed(text)]


TERMS = sorted(term for term in lexicon().terms - known_names() if not re.search(r"\d", term))


@pytest.mark.parametrize("word", TERMS)
def test_each_term_is_no_listed_name(word):
    text = f"Given {word.title()} today."
    assert not [text[one.start : one.end] for one in find_listed(text)]


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


@pytest.mark.parametrize(
    "text",
    [
        "Right Weber B, Weber C fractures.",
        "Ankle fracture, Weber A, Weber B.",
        "X-ray of the ankle. Weber B.",
        "Periprosthetic fracture, Vancouver B1.",
        "Cirrhosis, Child C, ascites.",
        "Dorr A, Dorr B femoral bone.",
        "Tile C pelvic ring, Denis B sacral fracture.",
    ],
)
def test_a_letter_behind_the_eponym_of_a_classification_is_its_grade(text):
    assert [*find_listed(text), *find_names(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Weber B. was seen for an ankle fracture.",
        "Seen by Weber B for an ankle fracture.",
        "Weber B, RN, ankle fracture.",
        "Patient Weber B, ankle.",
        "Weber B 54 M ankle fracture.",
        "Weber B. J., ankle fracture.",
        "Anna Weber B, ankle fracture.",
        "Weber B came in.",
    ],
)
def test_a_letter_behind_a_name_is_an_initial(text):
    found = {text[span.start : span.end] for span in (*find_listed(text), *find_names(text))}
    assert any("Weber B" in name for name in found)


@pytest.mark.parametrize("word", ["Follow-up", "C-section", "ASSESSMENT/PLAN", "HEME/LYMPH"])
def test_compounds_of_words_do_not_call_for_the_model(word):
    text = f"seen for {word} today"
    assert not calls_for_model(text, 9, 9 + len(word), frozenset())


@pytest.mark.parametrize("word", ["Brooks-Waters", "Hill/Park", "Okafor-Lee", "Okafor/Lee"])
def test_compounds_that_may_be_names_do(word):
    text = f"seen by {word} today"
    assert calls_for_model(text, 8, 8 + len(word), frozenset())
