"""The note path needs no network: no socket but a local one can be made while it runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.no_network import MARK

ROOT = Path(__file__).parents[2]
OSTEON = [sys.executable, "-m", "gateway.cli.main"]
# What recognisers could want to look up: domains, hosts, numbers of several countries.
TEXT = (
    "Patient: RASMUSSEN, Verala  MRN: 14767091  DOB 09/01/1950. Seen by Dr. Ewing for Ewing sarcoma "
    "of the femur at Larkspur General Hospital on March 5, 2021. Mail v.rasmussen@mail.hospital.org "
    "or dr.ewing@hopital.example.co.uk, see https://portal.hospital.org/p/14767091 and www.ski.no, "
    "host 192.168.4.17, phone (704) 555-0101, +44 20 7946 0958, +1 416 555 0123. Card "
    "4111 1111 1111 1111, IBAN GB82 WEST 1234 5698 7654 32. The wound is clean and dry, the drain "
    "was removed and the margins were negative on the final report. The knee bends to ninety "
    "degrees without pain; the prosthesis is stable. Return in three months for a chest film and "
    "bring the brace. The patient may bear weight as tolerated and continues physical therapy."
)
# Whole numbers: surrogates are drawn, and one in a hundred telephones ends in 0101.
GONE = (
    *("asmussen", "14767091", "hospital.org", "example.co.uk", "192.168"),
    *("(704) 555-0101", "7946 0958", "416 555 0123", "4111 1111", "1234 5698"),
)


def child(*words, hook, home):
    return subprocess.run(
        [*map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
        cwd=home,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{hook}{os.pathsep}{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "TMPDIR": str(hook),
        },
    )


@pytest.fixture
def hook(tmp_path):
    folder = tmp_path / "hook"
    folder.mkdir()
    source = Path(__file__).with_name("no_network.py").read_text("utf-8")
    (folder / "sitecustomize.py").write_text(source)
    return folder


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def files(tmp_path):
    (tmp_path / "patients.csv").write_text(
        "patient_id,first_name,last_name,mrn,birth_date,diagnosis_date\n"
        "P1,Verala,Rasmussen,14767091,1950-09-01,2021-03-01\n"
    )
    with (tmp_path / "notes.jsonl").open("w") as file:
        for n in range(40):
            line = {"note_id": n, "patient_id": "P1", "text": f"{TEXT}\nVisit {n}."}
            file.write(json.dumps(line) + "\n")
    with (tmp_path / "gold.jsonl").open("w") as file:
        start = TEXT.index("RASMUSSEN")
        spans = [{"start": start, "end": start + 9, "category": "NAME"}]
        for n in range(4):
            file.write(json.dumps({"id": n, "text": TEXT, "spans": spans}) + "\n")
    return tmp_path


def test_python_is_blocked_and_says_so(hook, home):
    tried = "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = child(sys.executable, "-c", tried, hook=hook, home=home)
    assert done.returncode != 0
    assert MARK in done.stderr


def test_compiled_code_is_blocked_too(hook, home):
    if subprocess.run(
        [
            sys.executable,
            "-c",
            "from tests.integration.no_network import refuse_in_the_kernel as r; raise SystemExit(not r())",
        ],
        check=False,
        cwd=ROOT,
    ).returncode:
        message = (
            "test_deid_no_network: the kernel takes no seccomp filter, so compiled code is not held"
        )
        if os.environ.get("OSTEON_REQUIRE_ALL"):
            pytest.fail(message)
        pytest.skip(message)
    tried = (
        "import ctypes; c = ctypes.CDLL(None, use_errno=True); "
        "print(c.socket(2, 1, 0), ctypes.get_errno(), c.socket(1, 1, 0) >= 0)"
    )
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {tried!r}])"
    for words in (tried, nested):
        done = child(sys.executable, "-c", words, hook=hook, home=home)
        assert done.stdout.strip() == "-1 1 True"  # EPERM; a local socket is made


def test_notes_and_evaluation_run_with_an_empty_home(hook, home, files):
    notes = ("deid", "notes", files / "notes.jsonl", files / "out.jsonl")
    more = ("--patients", files / "patients.csv", "--workers", "2", "--json")
    done = child(*OSTEON, *notes, *more, hook=hook, home=home)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    summary = json.loads(done.stdout)
    assert (summary["notes"], summary["withheld"]) == (40, 0)
    for line in (files / "out.jsonl").read_text().splitlines():
        text = json.loads(line)["text"]
        assert "Ewing sarcoma of the femur" in text
        assert not [word for word in GONE if word in text]
    done = child(*OSTEON, "deid", "evaluate", files / "gold.jsonl", "--json", hook=hook, home=home)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["notes"] == 4
    assert list(home.iterdir()) == []  # nothing was cached either
