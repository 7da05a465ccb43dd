"""The demo, small: what a newcomer is promised, and what happens when a hospital's load fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.demo.local import LocalNetwork
from gateway.demo.synthetic import generate
from tests.integration.command_line import ROOT, osteon

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LOAD = [sys.executable, "-m", "gateway.demo.load"]


def test_the_demo_shows_what_it_promises(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    words = ("demo", "run", "--folder", folder, "--operations", 90, "--notes", 9, "--seed", 3)
    said = osteon(*words).stdout
    for promised in (
        "9 of 9 policies admit it",
        "R0 margins",
        "Limb salvage",
        "5 y ",
        "and in the store",
        "allowed for life",
        "intervals hold it",
        "Done",
    ):
        assert promised in said, promised
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert report.count("<svg") >= 2
    assert "Synthetic data: nobody in it exists." in report
    note = json.loads((folder / "note.json").read_text(encoding="utf-8"))
    assert note["before"] != note["after"]
    again = osteon("demo", "run", "--folder", ROOT / "tests", status=1)
    assert "not from an earlier demo" in again.stderr


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Nine hospitals that have not loaded yet."""
    folder = tmp_path_factory.mktemp("network")
    truth = generate(folder / "exports", seed=3, operations=90, notes=9)
    sites = [site.site for site in truth.sites]
    LocalNetwork(
        folder, "demo", sites, dictionary="sarcoma_v1", sitemap="sarcoma_redcap_map"
    ).found()
    return folder, sites


def workers_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    named = [(int(one), Path(f"/proc/{one}/cmdline").read_bytes()) for one in children]
    return [one for one, words in named if b"spawn_main" in words]


def wait(until: Callable[[], object], seconds: float = 60.0) -> None:
    limit = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.1)


def gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


@pytest.mark.parametrize("at", [0, 1])
def test_a_hospital_that_cannot_load_is_named_and_stops_the_rest(founded, at: int) -> None:
    folder, sites = founded
    export = folder / "exports" / sites[at] / "redcap.csv"
    kept = export.read_bytes()
    export.write_bytes(b"not,an,export\n1,2,3\n")
    try:
        done = subprocess.run(
            [*LOAD, str(folder), *sites], check=False, capture_output=True, text=True, timeout=240
        )
    finally:
        export.write_bytes(kept)
    assert done.returncode == 1, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"event": "failed", "site": sites[at]} in events
    assert sum(event["event"] == "site" for event in events) < len(sites) - 1
    assert "a loading worker ended" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc: Linux only")
def test_workers_end_with_a_loading_process_that_is_killed(founded) -> None:
    folder, sites = founded
    loading = subprocess.Popen(
        [*LOAD, str(folder), *sites], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    workers: list[int] = []
    try:
        wait(lambda: workers_of(loading.pid))
        workers = workers_of(loading.pid)
        os.kill(loading.pid, signal.SIGKILL)
        loading.wait()
        wait(lambda: all(map(gone, workers)), seconds=20)
    finally:
        for one in workers:
            if not gone(one):
                os.kill(one, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc: Linux only")
def test_a_worker_that_is_killed_ends_the_loading(founded) -> None:
    folder, sites = founded
    with subprocess.Popen(
        [*LOAD, str(folder), *sites],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as loading:
        wait(lambda: workers_of(loading.pid))
        os.kill(workers_of(loading.pid)[0], signal.SIGKILL)
        _, errors = loading.communicate(timeout=60)
    assert loading.returncode == 1
    assert "ended with status -9" in errors
