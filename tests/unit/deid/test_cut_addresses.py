"""Mail without an ending, short links, telephone numbers in letters: what goes, what is medicine."""

import pytest

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.recognizers.finders import find_cut_addresses
from tests.unit.deid.test_recognizers import covered


@pytest.fixture(scope="module")
def engine(model, safe_harbor, keys):
    return NoteEngine(safe_harbor, keys, model=model)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("contact jroe@mail", "jroe@mail"),
        ("email jroe@vandenet for records", "jroe@vandenet"),
        ("reach rosepage@gmail.", "rosepage@gmail"),
        ("frank @ yahoo", "frank @ yahoo"),
        ("see youtu.be/dQw4w9WgXcQ for it", "youtu.be/dQw4w9WgXcQ"),
        ("pictures at redd.it/gems.", "redd.it/gems"),
        ("dropped at db.tt/a8Fk20Qz,", "db.tt/a8Fk20Qz"),
        ("call 1-800-FLOWERS", "1-800-FLOWERS"),
        ("call 1-800-flowers", "1-800-flowers"),
        ("1-888-GO-VANDE or 1 (800) MEDICARE", "1-888-GO-VANDE1 (800) MEDICARE"),
        ("pharmacy 800-4VANDER", "800-4VANDER"),
        ("call 704-555-HELP today", "704-555-HELP"),
    ],
)
def test_goes(text, value):
    assert "".join(covered(find_cut_addresses, text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "5mg@bedtime, pain@rest, 2L@NC, HR 80@rest, spo2@rest 92%, abd@baseline, flexion@work",
        "EF@55, rate@75ml/hr, run@TKO, d/c@home",
        "Non-tender.No/minimal edema.No/mild pain; wt.in/ht.in, b.i.d/prn, meds.tid/q6h2",
        "1800-calorie diet, 1800-CALORIE ADA DIET, 800-CALORIE, 1800-gravida",
        "800-1000 mg; 800 CALORIES, 1 800 CALORIE diet, 1,800 CALORIE, 800-UNITS BID",
        "T 98.6, BRCA 844, model 866-AB, 888 IU, 855-MG",
        "ratio 128-555-1 and 120-80",
    ],
)
def test_medicine_stays(text):
    assert covered(find_cut_addresses, text) == []


@pytest.mark.parametrize(
    ("text", "figures"),
    [("call 1-800-FLOWERS now", "1-800-356-9377"), ("704-555-HELP", "704-555-4357")],
)
def test_the_surrogate_of_a_number_in_letters_is_that_of_its_figures(engine, text, figures):
    value = text.removeprefix("call ").removesuffix(" now")
    patient = Patient("P1")
    written, same = engine.clean(text, patient).text, engine.clean(f"phone {figures}", patient).text
    assert same is not None
    assert written == text.replace(value, same.removeprefix("phone "))


def test_the_surrogate_of_a_short_link_is_a_link(engine):
    left = engine.clean("pictures at db.tt/a8Fk20Qz today", Patient("P1")).text
    assert left is not None
    assert left.startswith("pictures at www.example.org/")
