"""kill -9 before every write of an answer to the ledger, and between reading and posting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def deaths(tmp_path_factory, heart, store) -> list[Path]:
    folder = tmp_path_factory.mktemp("killed")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.attack.killed", folder, heart, store],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return sorted(folder.glob("killed_at_*"))


def test_there_were_deaths_at_every_step(deaths):
    seen = [json.loads((place / "seen.json").read_text()) for place in deaths]
    said = [(place / "said.json").exists() for place in deaths]
    assert len(deaths) == 2 + 16 + 1  # two steps; the writes of five transactions; one that lived
    assert sum(said) == 1  # the attempt that lived
    assert {one["entries"] for one in seen} == {2}


def test_whatever_step_it_died_at_it_is_charged_once_and_answers_the_same(deaths):
    for place in deaths:
        seen = json.loads((place / "seen.json").read_text())
        assert seen["states"] == ["answered", "answered"], (place.name, seen)
        assert seen["charged"] == seen["cost"], place.name
        assert seen["pending"] == 0, place.name
        assert len(set(seen["answers"])) == 1, place.name
        said = place / "said.json"
        if said.exists():
            assert seen["answers"][0] == said.read_text()
