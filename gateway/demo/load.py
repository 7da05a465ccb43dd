"""The loading process of the demo: every site's export, one after another.

Prints one JSON line per event on standard output for the process that shows the progress.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from gateway.demo.sample import write_sample
from gateway.registry.fixlist import BLOCKING
from gateway.registry.load import LoadReport, Progress, ingest
from gateway.registry.store import DuckDBStore
from gateway.site.config import SiteFolder, open_site
from policies.decode import decode, load
from policies.signing import SigningKey
from policies.site import SitePolicy, sign_policy

__all__ = ["load_sites"]

BUDGET = {"study_epsilon": 3, "year_epsilon": 4, "life_epsilon": 20}


def load_sites(folder: Path, sites: list[str]) -> None:
    """Load, publish and sign the policy of every site below ``folder``."""
    done = 0
    for name in sites:
        site = open_site(folder / name)
        export = folder / "exports" / name / "redcap.csv"
        report = ingest(
            site,
            export,
            accept_bad_values=True,
            progress=_teller(done),
        )
        DuckDBStore(site.store_path).publish(every_days=0, force=False, now=datetime.now(UTC))
        _sign(site)
        done += report.notes_stored + sum(report.notes_withheld.values())
        _say({"event": "site", "site": name, **_figures(report)})
        if name == sites[0]:
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


def _teller(before: int) -> Progress:
    def tell(step: str, done: int, _total: int) -> None:
        if step == "notes":
            _say({"event": "notes", "done": before + done})

    return tell


def _say(event: Mapping[str, Any]) -> None:
    print(json.dumps(event), flush=True)


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
