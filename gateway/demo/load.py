"""The loading process of the demo: every site's export, one after another on each core.

Two workers take every other site each: a load is mostly one thread that prepares SQL. Prints one
JSON line per event on standard output for the process that shows the progress.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, cast

import yaml

from deid.runs.workers import end_with
from gateway.demo.sample import write_sample
from gateway.registry.fixlist import BLOCKING
from gateway.registry.load import LoadReport, Progress, ingest
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder, open_site
from policies.decode import decode, load
from policies.signing import SigningKey
from policies.site import SitePolicy, sign_policy

__all__ = ["load_sites"]

WORKERS_MAX = 2

BUDGET = {"study_epsilon": 3, "year_epsilon": 4, "life_epsilon": 20}


def load_sites(folder: Path, sites: list[str]) -> None:
    """Load, publish and sign the policy of every site below ``folder``. When a worker fails the
    others are stopped and the process exits.
    """
    spawn = multiprocessing.get_context("spawn")
    workers = min(WORKERS_MAX, os.cpu_count() or 1, len(sites))
    running: dict[int, SpawnProcess] = {}
    for at in range(workers):
        some = (os.getpid(), folder, sites[at::workers], sites[0])
        worker = spawn.Process(target=_load_some, args=some, daemon=True)
        worker.start()
        running[worker.sentinel] = worker
    while running:
        for sentinel in connection.wait(list(running)):
            ended = running.pop(cast("int", sentinel))
            ended.join()
            if ended.exitcode:
                for worker in running.values():
                    worker.terminate()
                sys.exit(f"a loading worker ended with status {ended.exitcode}")


def _load_some(parent: int, folder: Path, sites: list[str], shown: str) -> None:
    """Load ``sites``; one note of the site ``shown`` is kept as an example."""
    end_with(parent)
    for name in sites:
        try:
            _load_one(folder, name, shown=name == shown)
        except Exception:
            # Whatever it is goes on to the log; the progress only learns which hospital it was.
            _say({"event": "failed", "site": name})
            raise


def _load_one(folder: Path, name: str, *, shown: bool) -> None:
    site = open_site(folder / name)
    export = folder / "exports" / name / "redcap.csv"
    report = ingest(site, export, accept_bad_values=True, progress=_teller(name))
    open_store(site).publish(every_days=0, force=False, now=datetime.now(UTC))
    _sign(site)
    _say({"event": "site", "site": name, **_figures(report)})
    if shown:
        write_sample(site, export, folder / "note.json")


def _figures(report: LoadReport) -> Mapping[str, int]:
    refused = sum(n for rule, n in report.problems.items() if rule in BLOCKING)
    findings = sum(report.problems.values()) - refused
    return {
        "patients": report.patients,
        "rows": report.rows,
        "refused": refused,
        "findings": findings,
        "notes": report.notes_stored,
        "withheld": sum(report.notes_withheld.values()),
    }


def _teller(site: str) -> Progress:
    def tell(step: str, done: int, _total: int) -> None:
        if step == "notes":
            _say({"event": "notes", "site": site, "done": done})

    return tell


def _say(event: Mapping[str, Any]) -> None:
    # One write: lines of two workers on one pipe do not mix.
    os.write(sys.stdout.fileno(), (json.dumps(event) + "\n").encode())


def _sign(site: SiteFolder) -> None:
    """The demo's officer: allows ad-hoc questions and signs."""
    path = site.path / "policy.yaml"
    starter = load(SitePolicy, path).model_dump(mode="json", exclude_defaults=True)
    plain = starter | {"budget": BUDGET, "stage": 3}
    policy = decode(SitePolicy, plain, where=str(path))
    path.write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")
    officer = SigningKey.load(site.path / "identity" / "officer_key.pem")
    (site.path / "policy.signed.json").write_bytes(sign_policy(policy, officer).to_bytes())


if __name__ == "__main__":
    load_sites(Path(sys.argv[1]), sys.argv[2:])
