"""The comparison reads what its peers answer, names what is missing, and says what it measured."""

import json
import re
import sys

import pytest

from deid.evaluation.gold import GoldNote, GoldSpan
from deid.evaluation.score import FoundSpan, Scores
from tests.benchmarks import deid as bench
from tests.benchmarks import environments
from tests.benchmarks.deid_peers.corpora import Corpus, eponyms
from tests.benchmarks.deid_peers.systems import HERE, PEERS
from tests.benchmarks.deid_peers.table import Measured, page
from tests.benchmarks.environments import Peer

TEXT = "Jane Roe came."
NOTES = [GoldNote(n, f"n{n}", TEXT, (GoldSpan(0, 8, "NAME"),)) for n in range(3)]
CORPUS = Corpus("small", NOTES, 5)
# A peer that finds the first word of a note, and one that stops at the second note.
HONEST = """
import json, sys
for line in sys.stdin:
    note = json.loads(line)
    print(json.dumps({"id": note["id"], "spans": [[0, 4, "NAME", "x"]], "cpu_s": 0.5}), flush=True)
"""
STOPS = HONEST + "    if note['id'].endswith('n1'): sys.exit('out of memory')\n"
HANGS = HONEST + "    if note['id'].endswith('n1'): import time; time.sleep(60)\n"


def ask(tmp_path, monkeypatch, script, timeout_s=30.0):
    (tmp_path / "peer.py").write_text(script)
    monkeypatch.setattr(bench, "HERE", tmp_path)
    return bench.run(Peer("fake", "peer.py"), [CORPUS], tmp_path, timeout_s)


def test_answers_are_scored(tmp_path, monkeypatch):
    done = ask(tmp_path, monkeypatch, HONEST)
    assert done.reason == ""
    row = bench.measured("fake", CORPUS, done)
    assert (row.scores.phi, row.scores.phi_found) == (21, 12)
    assert row.scores.leaking_found == 3
    assert row.characters_per_s == pytest.approx(3 * len(TEXT) / 1.5)
    assert row.touched == [TEXT] * 3


@pytest.mark.parametrize(
    ("script", "timeout_s", "reason"),
    [(STOPS, 30.0, "ended with 1: out of memory"), (HANGS, 2.0, "stopped after 2 s")],
)
def test_a_peer_that_ends_early_is_named_and_not_scored(
    tmp_path, monkeypatch, script, timeout_s, reason
):
    done = ask(tmp_path, monkeypatch, script, timeout_s)
    assert done.reason == reason
    assert len(done.answers) == 2
    assert bench.measured("fake", CORPUS, done) is None


def test_a_peer_that_cannot_be_installed_is_named(tmp_path, monkeypatch):
    pins = tmp_path / "none.txt"
    pins.write_text("a distribution that cannot be!\n")
    monkeypatch.setattr(bench, "HERE", tmp_path)
    monkeypatch.setattr(environments, "FOLDER", tmp_path / "bench")
    done = bench.run(Peer("none", "none.py", "none.txt"), [CORPUS], tmp_path, 30.0)
    assert done.answers == {}
    assert done.reason.startswith("not installed: ERROR")


def test_the_page_shows_shares_and_what_is_missing():
    scores = Scores()
    scores.add(NOTES[0], [FoundSpan(0, 8, "NAME", "staff")], "trace")
    scores.add(NOTES[1], [FoundSpan(0, 4, "NAME", "staff")])
    shown = page([(CORPUS, [Measured("ours", scores, 1234.5, [], 0)])], ["theirs: why"], "3.11")
    assert "- theirs: why" in shown
    assert "small: the first 3 of 5 notes, 42 characters" in shown
    row = next(line for line in shown.splitlines() if line.startswith("| ours"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    # 11 of 14 letters found; one of two names whole; F2 of 1 and 11/14
    assert cells == [
        "ours", "0.786", "1.000", "0.821", "0.500", "1 of 2", "0.500", "0.00%", "1,234",
    ]  # fmt: skip
    assert "ours withheld 1 notes; 1 of those written leak." in shown


def test_every_version_of_a_peer_is_pinned():
    for peer in PEERS:
        if peer.pins is None:
            continue
        lines = (HERE / peer.pins).read_text().split()
        assert len(lines) > 30
        assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)


def test_the_eponym_sentences_are_many_and_different():
    texts = [note.text for note in eponyms().notes]
    assert len(set(texts)) == len(texts) >= 60


def test_the_scripts_of_the_peers_need_nothing_of_the_project():
    for peer in PEERS:
        if peer.pins is not None:
            source = (HERE / peer.script).read_text()
            assert not re.search(
                r"^(from|import) (deid|tests|policies|gateway)\b", source, re.MULTILINE
            )


def test_our_own_script_answers_with_the_engine(tmp_path):
    text = "Patient: Jane Roe  MRN: 14767091"
    corpus = Corpus("one", [GoldNote(1, "n", text, (GoldSpan(9, 17, "NAME"),))], 1)
    done = bench.run(PEERS[0], [corpus], tmp_path, 120.0)
    assert done.reason == ""
    row = bench.measured("osteon", corpus, done)
    assert row.scores.recall["NAME"].whole == 1
    assert json.loads(json.dumps(done.answers["one/n"]))["withheld"] is None
    assert sys.executable == str(environments.interpreter(PEERS[0], HERE))
