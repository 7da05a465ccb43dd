"""The note function on pandas frames; a real Spark is in tests/integration."""

import pickle
import subprocess
import sys
from datetime import date

import pandas as pd
import pytest

from deid.errors import InputError
from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.runs.spark import note_function, people_of
from deid.site_lists import SiteLists
from deid.surrogates import RealPeople
from deid.surrogates.pools import pool

KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)
ROW = {
    "note_id": "n1",
    "patient_id": "P1",
    "text": "MRN 00482913: Ms. Hänninen saw Dr. Li on 03/05/2021.",
    "first_name": "Vera",
    "last_name": "Hänninen",
    "mrn": "00482913",
    "birth_date": "1950-09-09",
    "diagnosis_date": "2021-03-01",
}


def clean(rules, keys=KEYS, *, rows=(ROW,), **given):
    return note_function(rules, keys, people_of(KEYS, rows, rules, **given), **given)


def run(function, *rows):
    return pd.concat(function(iter([pd.DataFrame([row], dtype=object) for row in rows])))


def site_keys():
    return KEYS


def test_a_row_is_cleaned_as_the_engine_cleans_it(safe_harbor, model):
    patient = Patient.from_row(
        {k: v for k, v in ROW.items() if k not in ("note_id", "text")}, safe_harbor.anchor_columns
    )
    lists = SiteLists(people=RealPeople.of(KEYS, [patient]))
    expected = NoteEngine(safe_harbor, KEYS, model=model, lists=lists).clean(ROW["text"], patient)
    out = run(clean(safe_harbor), ROW).iloc[0]
    assert out["text"] == expected.text
    assert "nninen" not in out["text"]
    assert out["patient_id"] == KEYS.pseudonym("P1")
    assert [(s["start"], s["end"], s["category"]) for s in out["spans"]] == [
        (span.start, span.end, str(span.category)) for span in expected.spans
    ]
    assert pd.isna(out["withheld"])


def test_no_surrogate_is_called_like_a_patient_of_another_row(safe_harbor):
    names = [name for name in pool("family", "anglo", "n", 6, sibilant=False) if len(name) == 6]
    rows = [
        ROW | {"patient_id": f"P{n}", "last_name": name, "text": f"Ms. {name} came."}
        for n, name in enumerate(names[:40])
    ]
    written = run(clean(safe_harbor, rows=rows), *rows)["text"]
    assert not {text.split()[1] for text in written} & set(names[:40])


def test_the_function_travels_and_keeps_no_key_if_told_where_to_get_it(safe_harbor):
    with_keys = clean(safe_harbor)
    without = clean(safe_harbor, site_keys)
    again = pickle.loads(pickle.dumps(without))  # noqa: S301 - our own bytes
    assert run(again, ROW).iloc[0].to_dict() == run(with_keys, ROW).iloc[0].to_dict()
    assert KEYS.date_key in pickle.dumps(with_keys)
    assert KEYS.date_key not in pickle.dumps(without)


def test_a_withheld_note_says_why(safe_harbor):
    out = run(clean(safe_harbor), ROW | {"text": "\ufffd" * 60}).iloc[0]
    assert (out["text"], out["withheld"]) == (None, "unreadable")


def test_lists_and_further_columns_count(safe_harbor):
    lists = SiteLists(staff=("Quibbleworth",))
    row = ROW | {"text": "Quibbleworth called 704 555 0101.", "phone": "(704) 555-0101"}
    text = run(clean(safe_harbor, lists=lists), row).iloc[0]["text"]
    assert "Quibbleworth" not in text
    assert "0101" not in text


@pytest.mark.parametrize("born", ["1950-09-09", date(1950, 9, 9), pd.Timestamp("1950-09-09")])
def test_dates_may_be_dates_and_unknown_cells_null(safe_harbor, born):
    row = ROW | {"text": "Born 09/09/1950.", "birth_date": born, "mrn": None, "first_name": None}
    assert "[birth date]" in run(clean(safe_harbor), row).iloc[0]["text"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": None}, "field 'text' must be text"),
        ({"note_id": 7}, "field 'note_id' must be text"),
        ({"patient_id": " "}, "field 'patient_id' is empty"),
        ({"mrn": 482913}, "field 'mrn' must be text or a date"),
        ({"birth_date": "1950-99-09"}, "field 'birth_date' is not a date"),
        ({"diagnosis_date": "soon"}, "field 'diagnosis_date' is not a date"),
        (
            dict.fromkeys(("first_name", "last_name", "mrn", "birth_date")),
            "field 'patient_id' has no patient beside it",
        ),
    ],
)
def test_a_wrong_row_is_named_without_its_values(safe_harbor, change, said):
    with pytest.raises(InputError) as error:
        run(clean(safe_harbor), ROW | change)
    assert said in error.value.message
    assert "Vera" not in error.value.message


def test_a_missing_column_is_named(safe_harbor):
    row = {key: value for key, value in ROW.items() if key != "mrn"}
    with pytest.raises(InputError, match="field 'mrn' is missing"):
        run(clean(safe_harbor), row)


def test_pyspark_and_models_are_not_loaded_before_the_first_note():
    said = "import sys, deid.runs.spark; print([m for m in ('pyspark', 'spacy', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
