"""``osteon deid notes`` from the outside: one command, survives kill -9."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta

import pytest

from deid.dates.find import find_dates
from gateway.registry.vault import Vault

COMMAND = [sys.executable, "-m", "gateway.cli.main", "deid", "notes"]


@pytest.fixture
def files(tmp_path):
    patients = tmp_path / "patients.csv"
    rows = [
        f"P{n},Vera{'abcdefghij'[n]}la,Rasmussen,1476709{n},1950-09-0{n + 1},2021-03-01"
        for n in range(8)
    ]
    patients.write_text(
        "patient_id,first_name,last_name,mrn,birth_date,diagnosis_date\n" + "\n".join(rows) + "\n"
    )
    notes = tmp_path / "notes.jsonl"
    with notes.open("w") as file:
        for n in range(400):
            when = date(2021, 3, 1) + timedelta(days=n)
            text = (
                f"Patient: RASMUSSEN  MRN: 1476709{n % 8}  mail x{n}@hospital.org\n"
                f"Seen by Dr. Ewing on {when:%B %d, %Y} for Ewing sarcoma of the femur, "
                "with Enneking stage IIB disease and a GMRS stem, lot 067413. " * 4
            )
            file.write(
                json.dumps({"note_id": f"n{n}", "patient_id": f"P{n % 8}", "text": text}) + "\n"
            )
    return notes, tmp_path / "out.jsonl", patients


def run(files, *more, env=None):
    notes, out, patients = files
    return subprocess.run(
        [*COMMAND, str(notes), str(out), "--patients", str(patients), *more],
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, **(env or {})},
    )


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def shorten(files, count):
    files[0].write_text("\n".join(files[0].read_text().splitlines()[:count]) + "\n")


def test_a_site_gives_its_own_pseudonyms_and_offsets_to_text_and_tables(files, tmp_path):
    shorten(files, 8)
    keys = Vault.create(tmp_path / "site" / "vault").keys()
    done = run(files, "--site", str(tmp_path / "site"), "--profile", "limited_dataset")
    assert done.returncode == 0, done.stderr
    for n, line in enumerate(lines_of(files[1])):
        assert line["patient_id"] == keys.pseudonym(f"P{n}")
        first = next(find_dates(line["text"])).exact()
        assert first == date(2021, 3, 1) + timedelta(days=n + keys.date_offset_days(f"P{n}"))


def wait_for_part(out, process):
    part = out.with_name(out.name + ".part")
    for _ in range(1200):
        if part.exists() and part.stat().st_size > 20_000:
            return
        assert process.poll() is None, "finished before it could be killed"
        time.sleep(0.05)
    pytest.fail("nothing was written in a minute")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_run_resumes(files, workers):
    notes, out, patients = files
    process = subprocess.Popen(
        [*COMMAND, str(notes), str(out), "--patients", str(patients), "--workers", workers],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_part(out, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not out.exists()
    part = out.with_name("out.jsonl.part").read_bytes()
    done = run(files, "--json", "--workers", workers)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert 0 < summary["resumed"] < 400
    lines = lines_of(out)
    assert [line["note_id"] for line in lines] == [f"n{n}" for n in range(400)]
    assert len({line["patient_id"] for line in lines}) == 8  # one key for both halves
    assert out.read_bytes().startswith(part[: part.rfind(b"\n") + 1])
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "notes.jsonl",
        "out.jsonl",
        "patients.csv",
    ]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (("notes", "{oops\n"), "notes.jsonl:1"),
        (("patients", "patient_id\nP1\n"), "first_name"),
        (("profile", "no_such_profile"), "no_such_profile"),
        (("site", "/nonexistent"), "no vault"),
    ],
)
def test_bad_input_exits_2_and_writes_nothing(files, broken, said):
    kind, value = broken
    more = []
    if kind in ("profile", "site"):
        more = [f"--{kind}", value]
    else:
        (files[0] if kind == "notes" else files[2]).write_text(value)
    done = run(files, *more)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in files[1].parent.iterdir()} == {"notes.jsonl", "patients.csv"}
