"""``osteon deid evaluate`` from the outside, with the real engine."""

import json
import re
import stat
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "gateway.cli.main", "deid", "evaluate"]
SECRET = "Zbigniewa Wrońska-Quast"


def note(note_id, text, *marks, **more):
    spans = [
        {"start": text.index(mark), "end": text.index(mark) + len(mark), "category": category}
        for mark, category in marks
    ]
    return {"id": note_id, "text": text, "spans": spans, **more}


NOTES = [
    note(
        "n1",
        "Patient: Jane Roe  MRN: 14767091\nSeen on March 3, 2021 for Ewing sarcoma of L4.",
        ("Jane Roe", "NAME"),
        ("14767091", "ID"),
        ("March 3, 2021", "DATE"),
        patient_id="P1",
    ),
    # Marked as an identifier although no recogniser could know it: a leak on purpose.
    note(
        "n2",
        "The tumour has the colour of grey sandstone, see above.",
        ("grey sandstone", "OTHER"),
        patient_id="P1",
    ),
]


def run(*words):
    return subprocess.run(
        [*COMMAND, *map(str, words)], check=False, capture_output=True, text=True, timeout=240
    )


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in NOTES))
    return path


def row(found, table, category):
    return next(one for one in found[table] if one["category"] == category)


def test_counts_page_and_leaks(gold, tmp_path):
    page, leaks = tmp_path / "page.html", tmp_path / "leaks.jsonl"
    done = run(gold, "--json", "--html", page, "--show-leaks", leaks)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["notes"] == 2
    assert found["notes_with_leak"]["as_written"]["notes"] == 1
    assert row(found, "recall", "NAME")["recall"] == 1.0
    assert row(found, "recall", "DATE")["recall"] == 1.0
    assert row(found, "recall", "OTHER")["missed"] == 1
    assert {"source": "identifier", "gold": "ID", "spans": 1} in found["layers"]
    assert "sandstone" not in done.stdout + done.stderr + page.read_text()
    # the officer's file holds it, for its owner alone, and loudly
    assert stat.S_IMODE(leaks.stat().st_mode) == 0o600
    (leak,) = [json.loads(line) for line in leaks.read_text().splitlines()]
    assert (leak["id"], leak["text"], leak["missed"]) == ("n2", "grey sandstone", "whole")
    assert leak["before"].endswith("colour of ")
    assert "identifiers of patients in clear text" in done.stderr


def test_the_patients_own_data_helps_and_workers_change_nothing(tmp_path):
    gold, patients = tmp_path / "gold.jsonl", tmp_path / "patients.csv"
    text = "the sample of sandstonea arrived late"
    lines = [note(f"n{i}", text, ("sandstonea", "NAME"), patient_id="P1") for i in range(12)]
    gold.write_text("".join(json.dumps(one) + "\n" for one in lines))
    patients.write_text(
        "patient_id,first_name,last_name,mrn,birth_date\nP1,Jane,Sandstonea,14767091,1950-01-02\n"
    )
    unknown = json.loads(run(gold, "--json").stdout)
    known = json.loads(run(gold, "--json", "--patients", patients, "--workers", "2").stdout)
    assert row(unknown, "recall", "NAME")["recall"] == 0.0
    assert row(known, "recall", "NAME")["recall"] == 1.0
    assert known["patients_known"] is True
    assert {"source": "patient", "gold": "NAME", "spans": 12} in known["layers"]


def test_limit_and_another_profile(gold):
    done = run(gold, "--limit", "1", "--profile", "limited_dataset")
    assert done.returncode == 0, done.stderr
    assert "the first 1 of 2 notes, no patient known, profile limited_dataset" in done.stdout
    assert re.search(r"withheld +0\n", done.stdout)  # nothing failed for want of a patient


def test_bad_gold_is_named_by_file_line_and_field_and_ends_with_2(gold):
    bad = {"id": "n3", "text": SECRET, "spans": [{"start": 0, "end": 999, "category": "NAME"}]}
    gold.write_text(gold.read_text() + json.dumps(bad) + "\n")
    done = run(gold, "--show-leaks", gold.parent / "leaks.jsonl")
    assert done.returncode == 2
    assert not (gold.parent / "leaks.jsonl").exists()
    assert f"{gold}:3: field 'spans[0].end' lies outside the text" in done.stderr
    assert SECRET not in done.stderr
    assert done.stdout == ""


def test_outputs_never_overwrite_inputs_or_old_leaks(gold, tmp_path):
    before = gold.read_bytes()
    for option in ("--html", "--show-leaks"):
        done = run(gold, option, gold)
        assert done.returncode == 2
        assert "would overwrite another file" in done.stderr
    old = tmp_path / "leaks.jsonl"
    old.write_text("kept")
    assert run(gold, "--show-leaks", old).returncode == 2
    assert run(gold, "--html", tmp_path / "none" / "page.html").returncode == 2
    assert (gold.read_bytes(), old.read_text()) == (before, "kept")


def test_there_is_no_option_that_prints_text(gold):
    done = run(gold, "--text")
    assert done.returncode == 2
    assert "No such option" in done.stderr
