"""Real processes on one ledger, ended with kill -9 at any moment and started again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from federated.privacy.ledger import Ledger
from tests.attack.spender import BUDGETS, COST, charge

ROOT = Path(__file__).parents[2]
QUESTIONS, PROCESSES, DEATHS = 60, 3, 12


def start(path, seed, said):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.attack.spender", path, str(seed), str(QUESTIONS)],
        cwd=ROOT,
        stdout=said,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_processes_that_are_killed_over_and_over_spend_the_budget_once(tmp_path):
    path, chance = tmp_path / "ledger.sqlite", random.Random(7)
    Ledger.create(path, "north")
    with (tmp_path / "said").open("ab") as said:
        running = [start(path, seed, said) for seed in range(PROCESSES)]
        for death in range(DEATHS):
            time.sleep(0.5 + 0.3 * chance.random())  # import, then a few transactions
            which = chance.randrange(PROCESSES)
            running[which].kill()
            _, errors = running[which].communicate()
            assert running[which].returncode == -signal.SIGKILL, errors
            running[which] = start(path, PROCESSES + death, said)
        time.sleep(2)
        for process in running:
            process.kill()
            process.communicate()
    ledger = Ledger(path)
    ledger.verify()
    spent, pending = ledger.summary(), ledger.pending()
    posted = {key for key in (f"q{n}" for n in range(QUESTIONS)) if ledger.stored(key)}
    assert spent.site.life == COST * (len(posted) + len(pending))
    assert len({key for _, key, _ in pending} | posted) == len(posted) + len(pending)
    assert spent.site.life <= BUDGETS.life
    assert all(used.year <= BUDGETS.researcher_year for used in spent.researchers.values())
    assert all(used.year <= BUDGETS.project_year for used in spent.projects.values())
    lines = [line.split() for line in (tmp_path / "said").read_text().splitlines()]
    draws: dict[str, set[int]] = {}
    for key, draw in (line for line in lines if len(line) == 2):
        draws.setdefault(key, set()).add(int(draw))
    assert len(draws) > 10
    for key, seen in draws.items():
        assert seen == {ledger.stored(key).release.values[0]}
    for _, key, _ in pending:  # what was charged is never refused
        assert not ledger.reserve(charge(int(key[1:])), BUDGETS).new
