"""``osteon deid review`` from the outside: what is withheld waits sealed, a person lets it go."""

import json
import os
import pty
import select
import subprocess
import sys
import time

import pytest

OSTEON = [sys.executable, "-m", "gateway.cli.main"]
GERMAN = (
    "Der Patient stellte sich mit zunehmenden schmerzen am linken oberschenkel vor, die seit "
    "mehreren wochen bestehen und nachts deutlich schlimmer werden. Die untersuchung zeigte eine "
    "derbe schwellung ohne rötung, das kniegelenk war frei beweglich und nicht druckempfindlich. "
    "Begleitet von zzymara qoppel, die \u202ealles bezeugt; Zzymara  Qoppel kommt wieder.\x1b[2J"
)
TRACE = "Seen for osteosarcoma of the femur. Picture xxRasmussenqq_scan was shown."
PROMPT = b" q ?]"
PATIENTS = (
    "patient_id,first_name,last_name,mrn,birth_date,diagnosis_date\n"
    "P1,Verala,Rasmussen,14767091,1950-09-01,2021-03-01\n"
)


def osteon(*words, given=None):
    return subprocess.run(
        [*OSTEON, *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
        input=given,
        env={**os.environ, "USER": "reviewer", "LOGNAME": "reviewer"},
    )


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    done = osteon("site", "init", folder, "--dictionary", "tcga_sarc")
    assert done.returncode == 0, done.stderr
    (tmp_path / "patients.csv").write_text(PATIENTS)
    lines = [
        {"note_id": name, "patient_id": "P1", "text": text}
        for name, text in (("german", GERMAN), ("trace", TRACE), ("plain", "Doing well."))
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = osteon(
        *("deid", "notes", tmp_path / "in.jsonl", tmp_path / "out.jsonl"),
        *("--patients", tmp_path / "patients.csv", "--site", folder),
    )
    assert done.returncode == 0, done.stderr
    assert f"2 notes wait for review: osteon deid review {folder}" in done.stdout
    return folder


def lines_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_what_waits_is_sealed_and_counted_without_text(site):
    for path in site.rglob("*"):
        if path.is_file():
            raw = path.read_bytes().lower()
            assert not any(word in raw for word in (b"rasmussen", b"qoppel", b"14767091")), path
    assert (site / "quarantine" / "quarantine.sqlite").stat().st_mode & 0o777 == 0o600
    done = osteon("deid", "review", site, "--list", "--json")
    found = json.loads(done.stdout)
    assert found["waiting_reasons"] == {"low_confidence_language": 1, "residual_name": 1}
    assert (found["waiting"], found["released"], found["kept"]) == (2, 0, 0)


def test_marked_and_accepted_notes_are_exported_cleaned(site, tmp_path):
    said = osteon("deid", "review", site, given="m NAME zzymara qoppel\na\na\nq\n")
    assert said.returncode == 0, said.stderr
    assert "marked in 2 places" in said.stdout
    assert "not released: residual_name" in said.stdout  # the second note stays
    assert "\x1b" not in said.stdout
    assert "\u202e" not in said.stdout
    out = tmp_path / "released.jsonl"
    assert osteon("deid", "review", site, "--export", out).returncode == 0
    (line,) = lines_of(out)
    assert (line["note_id"], set(line)) == (
        "german",
        {"note_id", "patient_id", "text", "spans", "profile"},
    )
    assert line["patient_id"] == lines_of(tmp_path / "out.jsonl")[0]["patient_id"]
    assert "qoppel" not in line["text"].lower()
    assert "derbe schwellung" in line["text"]
    assert out.stat().st_mode & 0o777 == 0o600
    before = out.read_bytes()
    refused = osteon("deid", "review", site, "--export", out)
    assert (refused.returncode, out.read_bytes()) == (2, before)

    said = osteon("deid", "review", site, given="m NAME Rasmussen\na\n")
    assert "released" in said.stdout
    assert "no notes wait" in said.stdout
    again = tmp_path / "again.jsonl"
    assert osteon("deid", "review", site, "--export", again).returncode == 0
    assert [one["note_id"] for one in lines_of(again)] == ["german", "trace"]
    assert "rasmussen" not in again.read_text("utf-8").lower()


def test_lists_grow_and_a_kept_note_never_comes_back(site, tmp_path):
    script = "f Qoppel House\nt schwellung\nm WRONG x\ns Q. Zzymara\nk\nq\n"
    said = osteon("deid", "review", site, given=script)
    assert said.returncode == 0, said.stderr
    assert "category" in said.stdout  # a wrong category is named, and the review goes on
    for name, entry in (
        ("facilities", "Qoppel House"),
        ("terms", "schwellung"),
        ("staff", "Q. Zzymara"),
    ):
        assert entry in (site / "deid" / f"{name}.txt").read_text("utf-8").splitlines()
    done = osteon("deid", "review", site, "--list", "--json")
    assert json.loads(done.stdout)["kept"] == 1
    assert osteon("deid", "review", site, "--export", tmp_path / "none.jsonl").returncode == 0
    assert lines_of(tmp_path / "none.jsonl") == []


def test_another_key_ends_with_one_sentence_and_loses_nothing(site):
    path = site / "quarantine" / "quarantine.sqlite"
    before = path.read_bytes()
    key = site / "vault" / "key"
    right = key.read_text()
    key.write_text("A" * 43 + "=\n")
    done = osteon("deid", "review", site, given="q\n")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    key.write_text(right)
    assert path.read_bytes() == before


def read_until(terminal, wanted, seconds=120):
    seen, end = b"", time.monotonic() + seconds
    while wanted not in seen:
        left = end - time.monotonic()
        assert left > 0, seen
        if select.select([terminal], [], [], left)[0]:
            seen += os.read(terminal, 4096)
    return seen


def at_a_terminal(site, *steps):
    """Type each key and wait for what must be shown: (keys, what the screen waits for, text)."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*OSTEON, "deid", "review", str(site)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "USER": "reviewer", "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    try:
        for keys, ends, text in steps:
            os.write(ours, keys)
            assert text in read_until(ours, ends)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_single_keys_at_a_terminal(site):
    at_a_terminal(
        site,
        (b"", PROMPT, b"note 1 of 2"),
        (b"n", PROMPT, b"note 2 of 2"),
        (b"p", PROMPT, b"note 1 of 2"),
        (b"n", PROMPT, b"note 2 of 2"),
        (b"\x1b[A", PROMPT, b"keep withheld for good"),  # an arrow is unknown: the help
        (b"m", b"redact: ", b"category and words"),
        (b"name Rasmussen\n", PROMPT, b"the check passes now"),
        (b"u", PROMPT, b"still: residual_name"),
        (b"m", b"redact: ", b"category and words"),
        (b"name Rasmussen\n", PROMPT, b"the check passes now"),
        (b"a", PROMPT, b"note 1 of 1"),
        (b"q", b"1 note waits", b""),
    )
    done = osteon("deid", "review", site, "--list", "--json")
    assert json.loads(done.stdout)["released"] == 1


def test_single_keys_feed_the_lists_and_keep_a_note(site):
    at_a_terminal(
        site,
        (b"", PROMPT, b"note 1 of 2"),
        (b"t", b"words: ", b"clinical"),
        (b"schwellung\n", PROMPT, b"added to terms.txt"),
        (b"s", b"staff: ", b"name of"),
        (b"Qoppel, Zzymara\n", PROMPT, b"added to staff.txt"),
        (b"s", b"staff: ", b"name of"),
        ("qöppel, zzymara\n".encode(), PROMPT, b"staff.txt has it already"),
        (b"f", b"facility: ", b"name of"),
        ("Kantonsspital Zürich\n".encode(), PROMPT, b"added to facilities.txt"),
        (b"f", b"facility: ", b"name of"),
        (b"7\n", PROMPT, b"fewer than two letters"),  # said, and the review goes on
        (b"k", PROMPT, b"note 1 of 1"),
        (b"k", b"no notes wait", b"kept withheld"),
    )
    for name, entry in (
        ("terms", "schwellung"),
        ("staff", "Qoppel, Zzymara"),
        ("facilities", "Kantonsspital Zürich"),
    ):
        assert (site / "deid" / f"{name}.txt").read_text("utf-8").splitlines() == [entry]
    done = osteon("deid", "review", site, "--decisions", "--json")
    acts = [one["what"] for one in json.loads(done.stdout)]
    assert acts == ["term", "staff", "facility", "keep", "keep"]


def test_a_released_note_is_taken_back_by_its_own_id(site, tmp_path):
    osteon("deid", "review", site, given="a\nq\n")
    done = osteon("deid", "review", site, "--reopen", "german")
    assert done.returncode == 0, done.stderr
    assert "what was exported already is not called back" in done.stdout
    assert osteon("deid", "review", site, "--export", tmp_path / "none.jsonl").returncode == 0
    assert lines_of(tmp_path / "none.jsonl") == []
    done = osteon("deid", "review", site, "--reopen", "nobody", "--json")
    assert (done.returncode, json.loads(done.stderr)["error"]) == (2, "unknown_note")
    told = osteon("deid", "review", site, "--decisions").stdout
    assert [line.split()[4] for line in told.splitlines()[:2]] == ["release", "reopen"]
    assert "schwellung" not in told


def test_lists_of_names_given_as_files_count_without_a_site(tmp_path):
    (tmp_path / "patients.csv").write_text(PATIENTS)
    text = "Seen with Wibbleton at the Frobnitz. The osteosarcoma of the femur is stable."
    line = {"note_id": "n", "patient_id": "P1", "text": text}
    (tmp_path / "in.jsonl").write_text(json.dumps(line) + "\n")
    (tmp_path / "staff.txt").write_text("# surgeons\nWibbleton\n")
    (tmp_path / "facilities.txt").write_text("Frobnitz\n")
    given = ("deid", "notes", tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    given += ("--patients", tmp_path / "patients.csv")
    lists = ("--staff", tmp_path / "staff.txt", "--facilities", tmp_path / "facilities.txt")
    done = osteon(*given, *lists, "--json")
    assert done.returncode == 0, done.stderr
    (clean,) = lines_of(tmp_path / "out.jsonl")
    assert "Wibbleton" not in clean["text"]
    assert "Frobnitz" not in clean["text"]
    assert "osteosarcoma of the femur" in clean["text"]
    (tmp_path / "staff.txt").write_text("Wibbleton\n7\n")
    refused = osteon(*given, *lists)
    assert refused.returncode == 2
    assert "staff.txt:2" in refused.stderr
    refused = osteon(*given, "--staff", tmp_path / "none.txt")
    assert (refused.returncode, "none.txt: no such file" in refused.stderr) == (2, True)
    refused = osteon(*given, *lists, "--site", tmp_path)
    assert refused.returncode != 0
