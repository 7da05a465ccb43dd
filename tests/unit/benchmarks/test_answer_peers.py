"""The comparison of query engines reads what peers say, stops who takes too long, and hides nobody."""

import math
import re

import duckdb
import pytest

from tests.benchmarks.answer_parts.world import CLINICS, ROWS_MAX, STAGES
from tests.benchmarks.answer_peers import protocol
from tests.benchmarks.answer_peers.measure import (
    ALONE,
    TIMED,
    TOGETHER,
    Errors,
    Times,
    cell_of,
    errors,
    rmse,
    times,
    truth,
)
from tests.benchmarks.answer_peers.page import page
from tests.benchmarks.answer_peers.protocol import ABOVE
from tests.benchmarks.answer_peers.session import HERE, Data, System, Unanswered
from tests.benchmarks.answer_peers.systems import SYSTEMS
from tests.benchmarks.environments import Peer

FAKE = """
import sys
import time
sys.path.insert(0, {folder!r})
from protocol import OneByOne, serve

class Fake(OneByOne):
    def load(self, path, form, rows_max):
        print("printed by a library")
    def prepare_one(self, question, budget):
        {body}

serve(Fake())
"""
TOLD = """return lambda: budget["epsilon"], lambda found: [found] * {"strata": 5, "keys": 100}.get(question, 1)"""
PARTLY = TOLD.replace("[found]", "[None]")
HANGS = """time.sleep(60)"""
FAILS = """raise ValueError("no such column")"""
ENDS = """sys.exit("out of memory")"""


def fake(tmp_path, body):
    (tmp_path / "fake.py").write_text(FAKE.format(folder=str(HERE), body=body))
    return System(Peer("fake", "fake.py"), tmp_path)


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    return cell_of(tmp_path_factory.mktemp("cell"), 40)


@pytest.mark.parametrize(
    ("body", "timeout_s", "reason"),
    [
        (HANGS, 2.0, "over 2 s"),
        (FAILS, 30.0, "ValueError: no such column"),
        (ENDS, 30.0, "ended with 1: out of memory"),
    ],
)
def test_what_is_not_answered_is_named(tmp_path, cell, body, timeout_s, reason):
    system = fake(tmp_path, body)
    data = Data(cell, "index", ROWS_MAX)
    try:
        told = times(system, data, timeout_s=timeout_s, seconds=0.0)
    finally:
        system.close()
    assert told.found == dict.fromkeys(TIMED, reason)
    shown = page({("index", 40, "Fake"): told}, {}, timeout_s)
    assert f"- Fake, time at 40 rows, index, 100 keys: {reason}" in shown


def test_errors_are_of_equal_shares_of_epsilon(tmp_path, cell):
    system = fake(tmp_path, TOLD)
    data = Data(cell, "visits", ROWS_MAX)
    exact = truth(data)
    try:
        told = errors(system, data, timeout_s=30.0, seconds=0.0)
    finally:
        system.close()
    assert told.alone["count"] == pytest.approx(exact["count"][0] - 1)
    assert told.together["count"] == pytest.approx(exact["count"][0] - 1 / len(TOGETHER))
    assert told.alone["mean"] == pytest.approx(exact["mean"][0] - 1)
    assert min(told.turns) >= 30
    assert told.withheld == 0.0


def test_withheld_keys_are_counted_and_read_as_nought(tmp_path, cell):
    system = fake(tmp_path, PARTLY)
    data = Data(cell, "index", ROWS_MAX)
    try:
        told = errors(system, data, timeout_s=30.0, seconds=0.0)
    finally:
        system.close()
    assert told.withheld == 1.0
    exact = truth(data)["keys"]
    assert told.alone["keys"] == pytest.approx(math.sqrt(sum(n * n for n in exact) / 100))


def test_negative_counts_are_read_as_nought_and_other_numbers_as_they_are():
    assert rmse([[-5.0, 4.0]], [0.0, 2.0], counts=True) == pytest.approx(math.sqrt(2))
    assert rmse([[-5.0], [5.0]], [0.0], counts=False) == pytest.approx(5.0)


def test_a_process_that_ended_is_begun_anew(tmp_path, cell):
    system = fake(tmp_path, ENDS)
    data = Data(cell, "index", ROWS_MAX)
    budget = {"epsilon": 1.0, "delta": 0.0, "rho": 0.0}
    try:
        for _ in range(2):
            with pytest.raises(Unanswered, match="out of memory"):
                system.ask(data, ["count"], budget, timeout_s=30.0)
    finally:
        system.close()


def test_nothing_of_a_cell_is_lost_to_bounding(cell):
    with duckdb.connect(str(cell), read_only=True) as table:
        patients, firsts, most = table.sql(
            "SELECT count(DISTINCT _patient), count(*) FILTER (first), max(_order) FROM unit_visit"
        ).fetchall()[0]
    assert (patients, firsts) == (40, 40)
    assert most == ROWS_MAX


def test_the_scripts_know_the_same_keys_as_the_table():
    assert {"strata": ("stage", list(STAGES)), "keys": ("clinic", list(CLINICS))} == protocol.KEYS


def test_every_version_of_a_peer_is_pinned():
    for one in SYSTEMS:
        if one.peer.pins is not None:
            lines = (HERE / one.peer.pins).read_text().split()
            assert any(line.startswith(f"{one.distribution}==") for line in lines)
            assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)


def test_the_scripts_of_the_peers_need_nothing_of_the_project():
    for one in SYSTEMS:
        if one.peer.pins is not None:
            source = (HERE / one.peer.script).read_text()
            pattern = r"^(from|import) (federated|policies|tests|gateway|deid)\b"
            assert not re.search(pattern, source, re.MULTILINE)


def test_our_own_script_answers_alone_and_as_one_study(cell):
    system = System(SYSTEMS[0].peer)
    data = Data(cell, "index", ROWS_MAX)
    loose = {"epsilon": 100.0, "delta": 1e-6, "rho": 0.0}
    exact = truth(data)
    try:
        said = system.ask(data, [*ALONE, *ABOVE], loose, timeout_s=120.0, turns=2, seconds=60.0)
    finally:
        system.close()
    assert len(said["took"]) == 2
    for question in exact:
        assert said["values"][0][question] == pytest.approx(exact[question], abs=5.0)


def test_the_page_shows_what_was_measured():
    found = {"count": (1.25, 9), "keys": (2.5, 1), "mean": "over 2 s"}
    alone = dict.fromkeys(ALONE, 1.0) | {"mean": "over 2 s"}
    erred = Errors(alone, dict.fromkeys(TOGETHER, 3.0), many=20.0, turns=[30, 200], withheld=0.25)
    shown = page({("index", 1000, "A"): Times(0.5, found)}, {("index", 130, "A"): erred}, 2.0)
    lines = shown.splitlines()
    assert "| 1,000 | A | 0.5 | 1.2 | 2.5 (1 turn) | – |" in lines
    assert "| A | 1.00 | 1.00 | 1.00 | – | 3.00 | 3.00 | 3.00 | 20.00 | 30 to 200 | 25% |" in lines
    assert "- A, error at 130 patients, index, mean: over 2 s" in lines
