"""Notes that a load withholds: sealed, decided on by a person, honoured by the next load.

Through the real command line, in processes of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.registry.load import ingest
from gateway.registry.quarantine import Quarantine
from gateway.registry.store.embedded import DuckDBStore
from gateway.registry.vault import Vault
from gateway.site.config import open_site
from tests.integration.command_line import ROOT, osteon

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

DICTIONARY = """
dictionary: letters
version: 1
title: Letters
key: code
instruments:
  person: {label: Person}
  letter: {label: Letter, repeats: true}
elements:
  code: {instrument: person, label: Record, type: text, deid: pseudonymize}
  given: {instrument: person, label: Given, type: text, identifier: true, deid: drop, hipaa: A}
  family: {instrument: person, label: Family, type: text, identifier: true, deid: drop, hipaa: A}
  consent: {instrument: person, label: Consent, type: category, choices: {y: "Yes", n: "No"}, excludes: [n]}
  operated: {instrument: person, label: Operated, type: date, roles: [anchor]}
  written: {instrument: letter, label: Written, type: date}
  body: {instrument: letter, label: Body, type: note, identifier: true, deid: nlp}
"""
HEADER = "code,redcap_repeat_instrument,redcap_repeat_instance,given,family,consent,operated,written,body\n"
TRACE = "Seen for osteosarcoma of the femur. Picture xxQuibbleworthqq_scan was shown."
GERMAN = (
    "Der Patient stellte sich mit zunehmenden schmerzen am linken oberschenkel vor, die seit "
    "mehreren wochen bestehen und nachts deutlich schlimmer werden. Die untersuchung zeigte eine "
    "derbe schwellung ohne rötung, das kniegelenk war frei beweglich. Begleitet von zzymara qoppel."
)
PLAIN = "Walks without crutches. The chondrosarcoma has not come back."
OTHER = "Seen for chondrosarcoma. Picture xxVandersloothqq_scan was shown."


def export(folder: Path, *notes, consent="y", name="export.csv") -> Path:
    """Two patients; ``notes`` are (record, instance, text)."""
    rows = [
        f"A,,,Perdita,Quibbleworth,{consent},2020-01-01,,",
        "B,,,Anneke,Vandersloot,y,2020-01-01,,",
        *(f'{code},letter,{nr},,,,,2020-02-01,"{text}"' for code, nr, text in notes),
    ]
    path = folder / name
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


ALL = (("A", 1, TRACE), ("A", 2, GERMAN), ("A", 3, PLAIN), ("B", 1, OTHER))


class Site:
    """A site's folder and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "north"
        (folder / "letters.yaml").write_text(DICTIONARY, encoding="utf-8")
        (folder / "map.yaml").write_text("dictionary: letters\n", encoding="utf-8")
        declared = ("--dictionary", folder / "letters.yaml", "--map", folder / "map.yaml")
        osteon("site", "init", self.path, *declared)

    def load(self, *notes, consent="y", name="export.csv"):
        source = export(self.folder, *notes, consent=consent, name=name)
        return json.loads(osteon("site", "ingest", self.path, source, "--json").stdout)

    def review(self, script: str) -> str:
        return osteon("deid", "review", self.path, given=script).stdout

    def counts(self):
        return json.loads(osteon("deid", "review", self.path, "--list", "--json").stdout)

    def decisions(self):
        return json.loads(osteon("deid", "review", self.path, "--decisions", "--json").stdout)

    def notes(self) -> dict[str, list[str | None]]:
        """Reason (or "") → texts in the store."""
        version = DuckDBStore(self.path / "store").current()
        rows = version.rows("SELECT withheld, text FROM notes ORDER BY _row")
        found: dict[str, list[str | None]] = {}
        for reason, text in rows:
            found.setdefault(reason or "", []).append(text)
        return found

    def holds(self, *words: str) -> list[str]:
        """Files of the folder with one of the words in clear; the vault's keys are no words."""
        paths = [path for path in self.path.rglob("*") if path.is_file()]
        raw = {path: path.read_bytes().lower() for path in paths}
        return [str(p) for p, text in raw.items() if any(w.lower().encode() in text for w in words)]


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_withheld_notes_wait_sealed_and_the_next_step_is_said(site):
    source = export(site.folder, *ALL)
    said = osteon("site", "ingest", site.path, source).stdout
    assert "notes: 1 kept, 3 withheld" in said
    assert "  withheld  low_confidence_language: 1" in said
    assert "  withheld  residual_name: 2" in said
    assert f"3 notes wait for review: osteon deid review {site.path}" in said
    assert site.holds("xxquibbleworth", "qoppel", "vandersloot", "perdita") == []
    assert (site.path / "quarantine/quarantine.sqlite").stat().st_mode & 0o777 == 0o600
    again = osteon("site", "ingest", site.path, source).stdout
    assert "nothing changed" in again
    assert "3 notes wait for review" in again
    assert site.counts()["waiting_reasons"] == {"low_confidence_language": 1, "residual_name": 2}


def test_a_decision_is_honoured_at_the_next_load_and_stays(site):
    first = site.load(*ALL)
    assert (first["notes_stored"], first["notes_waiting"]) == (1, 3)
    # In the order of the patients' pseudonyms: which one comes first is not ours to say.
    shown = site.review("n\nn\nq\n")
    order = sorted((GERMAN, TRACE, OTHER), key=lambda text: shown.index(text[:30]))
    script = {
        GERMAN: "m NAME zzymara qoppel\na\n",
        TRACE: "a\nm NAME Quibbleworth\na\n",
        OTHER: "k\n",
    }
    said = site.review("".join(script[text] for text in order))
    assert "not released: residual_name" in said
    assert "no notes wait" in said
    assert f"osteon site ingest {site.path} SOURCE" in said
    second = site.load(*ALL)
    assert second["changed"]
    assert second["notes_withheld"] == {"kept_by_reviewer": 1}
    assert second["notes_waiting"] == 0
    stored = " ".join(site.notes()[""])
    assert "derbe schwellung" in stored
    assert "osteosarcoma of the femur" in stored
    for word in ("qoppel", "quibbleworth", "vandersloot"):
        assert word not in stored.lower()
    assert not site.load(*ALL)["changed"]

    # The rows stand elsewhere, one note is new: the decisions stay with their notes.
    moved = (("A", 7, TRACE), ("A", 1, PLAIN), ("A", 4, GERMAN), ("B", 2, OTHER))
    third = site.load(*moved, ("B", 1, "See xxVandersloothqq_scan."))
    assert third["notes_withheld"] == {"kept_by_reviewer": 1, "residual_name": 1}
    assert (third["notes_stored"], third["notes_waiting"]) == (3, 1)
    assert not (site.folder / "none.jsonl").exists()
    osteon("deid", "review", site.path, "--export", site.folder / "none.jsonl")
    assert (site.folder / "none.jsonl").read_text() == ""  # the store took them


def test_a_decision_is_taken_back(site):
    site.load(("A", 1, GERMAN))
    site.review("a\n")
    assert site.load(("A", 1, GERMAN))["notes_stored"] == 1
    (release,) = site.decisions()
    assert (release["what"], release["who"], release["state"]) == (
        "release",
        "reviewer",
        "released",
    )
    assert release["origin"] == "load"
    said = osteon("deid", "review", site.path, "--reopen", release["id"][:12]).stdout
    assert "waits again; the next osteon site ingest withholds it again" in said
    after = site.load(("A", 1, GERMAN))
    assert after["notes_withheld"] == {"low_confidence_language": 1}
    assert [(d["what"], d["state"]) for d in site.decisions()] == [
        ("release", "waiting"),
        ("reopen", "waiting"),
    ]
    # By the note's own name; a second time there is nothing to take back.
    said = osteon("deid", "review", site.path, "--reopen", "A/letter/1/body").stdout
    assert "waits already" in said
    osteon("deid", "review", site.path, "--reopen", "A/letter/9/body", status=2)
    osteon("deid", "review", site.path, "--reopen", "x", "--list", status=2)
    listed = osteon("deid", "review", site.path, "--decisions").stdout
    assert "reopen" in listed
    assert "schwellung" not in listed
    assert "A/letter" not in listed


def test_what_is_gone_from_the_export_goes_from_the_queue(site):
    site.load(*ALL)
    shown = site.review("n\nn\nq\n")
    assert "A/letter/1/body" in shown
    gone = site.load(("A", 2, GERMAN), ("A", 3, PLAIN), ("B", 1, OTHER))
    assert (gone["notes_waiting"], gone["notes_withheld"]["residual_name"]) == (2, 1)
    assert "xxQuibbleworth" not in site.review("n\nq\n")

    # Consent is withdrawn: what waits of the patient goes, also what came from a notes file.
    (site.folder / "patients.csv").write_text(
        "patient_id,first_name,last_name,mrn,birth_date\nA,Perdita,Quibbleworth,99,1950-01-01\n"
        "B,Anneke,Vandersloot,98,1950-01-01\n"
    )
    lines = [{"note_id": p, "patient_id": p, "text": t} for p, t in (("A", TRACE), ("B", OTHER))]
    (site.folder / "in.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    osteon(
        *("deid", "notes", site.folder / "in.jsonl", site.folder / "out.jsonl"),
        *("--patients", site.folder / "patients.csv", "--site", site.path),
    )
    assert site.counts()["waiting"] == 4
    withdrawn = site.load(("A", 2, GERMAN), ("A", 3, PLAIN), ("B", 1, OTHER), consent="n")
    assert (withdrawn["excluded"], withdrawn["notes_waiting"]) == (1, 2)
    left = site.review("n\nq\n")
    assert left.count("xxVandersloot") == 2
    assert "xxQuibbleworth" not in left


def test_a_released_note_in_which_the_patient_is_found_later_waits_again(site):
    """The family's name is corrected in the export; the note had it right."""
    note = ("A", 1, GERMAN + " Bild xxQuennefordqq.")
    site.load(note)
    site.review("m NAME qoppel\na\n")
    assert site.load(note)["notes_stored"] == 1
    source = export(site.folder, note)
    source.write_text(source.read_text("utf-8").replace("Quibbleworth", "Quenneford"), "utf-8")
    done = json.loads(osteon("site", "ingest", site.path, source, "--json").stdout)
    assert (done["notes_withheld"], done["notes_waiting"]) == ({"residual_name": 1}, 1)
    assert [(d["what"], d["who"]) for d in site.decisions()][2:] == [("return", "osteon")]
    assert not json.loads(osteon("site", "ingest", site.path, source, "--json").stdout)["changed"]
    said = site.review("a\nm NAME Quenneford\na\n")  # the corrected name is looked for here too
    assert "not released: residual_name" in said
    assert "no notes wait" in said
    osteon("site", "ingest", site.path, source)
    (text,) = site.notes()[""]
    assert "derbe schwellung" in text
    assert not [word for word in ("quenneford", "qoppel") if word in text.lower()]


def test_without_notes_the_queue_stays_as_it_is(site):
    site.load(*ALL)
    site.review("k\nq\n")
    source = export(site.folder, *ALL)
    osteon("site", "ingest", site.path, source, "--no-notes")
    counts = site.counts()
    assert (counts["waiting"], counts["kept"]) == (2, 1)
    assert site.load(*ALL)["notes_withheld"]["kept_by_reviewer"] == 1


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from gateway.registry import load
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.config import open_site

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def at_write(number):
    connect, seen = sqlite3.connect, 0

    def count(statement):
        nonlocal seen
        seen += statement.startswith(("BEGIN", "INSERT", "UPDATE", "DELETE", "COMMIT"))
        if seen > number:
            die()

    def counted(*words, **options):
        connection = connect(*words, **options)
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = counted

if sys.argv[3] == "before the version":
    DuckDBStore.adopt = die
elif sys.argv[3] == "behind the version":
    load.settle_quarantine = die
else:
    at_write(int(sys.argv[3]))
load.ingest(open_site(Path(sys.argv[1])), Path(sys.argv[2]))
"""


def killed(site: Site, source: Path, where: str, *, lives: bool = False) -> int:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, site.path, source, where],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL or (lives and done.returncode == 0)
    return done.returncode


def test_kill_9_before_the_version_stands_loses_nothing(site):
    site.load(*ALL)
    site.review("k\nq\n")
    site.load(*ALL)
    before = site.notes()
    other = export(site.folder, ("B", 5, OTHER + " Again."), ("B", 6, PLAIN), name="other.csv")
    killed(site, other, "before the version")
    assert site.notes() == before  # the old version stands, and all that belongs to it
    counts = site.counts()
    assert (counts["kept"], counts["waiting"]) == (1, 3)  # the new one's note waits already
    again = site.load(*ALL)
    assert not again["changed"]
    assert again["notes_waiting"] == 2  # and goes where its version never came
    assert site.counts()["kept"] == 1
    killed(site, other, "before the version")
    done = json.loads(osteon("site", "ingest", site.path, other, "--json").stdout)
    assert (done["changed"], done["notes_waiting"]) == (True, 1)
    assert site.counts()["kept"] == 0


def test_kill_9_behind_the_version_is_settled_by_the_same_load(site):
    site.load(*ALL)
    other = export(site.folder, ("B", 5, OTHER + " Again."), ("B", 6, PLAIN), name="other.csv")
    killed(site, other, "behind the version")
    assert site.counts()["waiting"] == 4  # of the old version too
    done = json.loads(osteon("site", "ingest", site.path, other, "--json").stdout)
    assert (done["changed"], done["notes_waiting"]) == (False, 1)
    assert "Again." in site.review("q\n")


def test_kill_9_at_a_write_to_quarantine_or_vault_loses_no_decision(site):
    site.load(*ALL)
    shown = site.review("n\nn\nq\n")
    order = sorted((GERMAN, TRACE, OTHER), key=lambda text: shown.index(text[:30]))
    script = {GERMAN: "m NAME zzymara qoppel\na\n", TRACE: "k\n", OTHER: "n\n"}
    site.review("".join(script[text] for text in order) + "q\n")
    site.load(*ALL)
    rest = [note for note in ALL if note[2] != OTHER]
    other = export(site.folder, *rest, ("B", 9, OTHER + " Again."), name="other.csv")
    kept = site.path.with_name("kept")
    shutil.copytree(site.path, kept)
    ends = []
    for number in range(0, 40, 4):  # the first write of all, and every fourth from there
        shutil.rmtree(site.path)
        shutil.copytree(kept, site.path)
        ends.append(killed(site, other, str(number), lives=True))
        queue = Quarantine(site.path / "quarantine", Vault.open(site.path / "vault"))
        assert (queue.states()["released"], queue.states()["kept"], queue.closed()) == (1, 1, [])
        ingest(open_site(site.path), other)
        assert queue.states() == {"waiting": 1, "released": 1, "kept": 1}
        assert sorted(site.notes()) == ["", "kept_by_reviewer", "residual_name"]
        if ends[-1] == 0:
            break
    assert len(ends) > 2
    assert ends[-1] == 0


def test_a_seal_that_does_not_open_is_named_early_and_stops_a_load_by_name(site):
    site.load(*ALL)
    path = site.path / "quarantine" / "quarantine.sqlite"
    connection = sqlite3.connect(path)
    with connection:
        (damaged,) = connection.execute("SELECT id FROM withheld ORDER BY rowid LIMIT 1").fetchone()
        connection.execute("UPDATE withheld SET body = zeroblob(99) WHERE id = ?", (damaged,))
    connection.close()
    done = osteon("deid", "review", site.path, "--list", "--json", status=1)
    assert json.loads(done.stdout)["do_not_open"] == [damaged[:12]]
    assert json.loads(done.stderr)["error"] == "quarantine"
    assert "seals: 2 of 3 open" in osteon("deid", "review", site.path, "--list", status=1).stdout
    # The others can be read all the same.
    shown = osteon("deid", "review", site.path, given="k\nk\n", status=1)
    assert shown.stdout.count("kept withheld") == 2
    assert damaged[:12] in shown.stderr
    source = export(site.folder, *ALL)
    done = osteon("site", "ingest", site.path, source, status=1)
    assert damaged[:12] in done.stderr
    assert "--discard" in done.stderr
    assert site.notes()[""]  # the store is as before
    osteon("deid", "review", site.path, "--discard", damaged[:12])
    assert site.load(*ALL)["notes_waiting"] == 1
