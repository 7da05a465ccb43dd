"""Real multi-centre data through the real commands and a real network: TCGA-SARC.

261 sarcoma patients of 34 centres. With a generous budget the federated answers must agree with
the pooled reference (computed with R survival on the pooled table) within their own intervals.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import yaml

from gateway.client import Client
from gateway.demo.local import LocalNetwork

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("OSTEON_TCGA_SARC") or ROOT.parent / "shared/data/tcga_sarc")
CORE = FOLDER / "tcga_sarc_core.csv"
if not CORE.is_file():
    if os.environ.get("OSTEON_REQUIRE_ALL"):
        pytest.fail(f"required, but no tcga_sarc_core.csv in {FOLDER}", pytrace=False)
    pytest.skip(
        f"test_tcga_sarc: no tcga_sarc_core.csv in {FOLDER}; name its folder in OSTEON_TCGA_SARC",
        allow_module_level=True,
    )

STUDY = """
title: TCGA-SARC against the pooled reference
purpose: DUO:0000006
dictionary: tcga_sarc
unit: patient
ask:
  - measure: r0_rate
  - measure: overall_survival
privacy: {epsilon: 60}
"""
SURVIVAL = {365: 0.894, 730: 0.772, 1095: 0.681, 1826: 0.547}
R0, RESECTED = 155, 234


def osteon(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway.cli.main", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def split(folder: Path) -> list[str]:
    """One file per tissue source site; centres under 8 cases together as one."""
    with CORE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cases = Counter(row["tissue_source_site"] for row in rows)
    files: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        centre = row["tissue_source_site"]
        name = f"tss_{centre.lower()}" if cases[centre] >= 8 else "tss_small"
        files.setdefault(name, []).append(row)
    for name, own in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(own)
    return sorted(files)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tcga")
    sites = split(folder)
    made = LocalNetwork(folder, "tcga", sites, dictionary="tcga_sarc", sitemap="tcga_sarc_map")
    made.found()
    for site in sites:
        site_dir = made.site_dir(site)
        loaded = osteon(
            "site", "ingest", site_dir, folder / f"{site}.csv", "--map", "tcga_sarc_map"
        )
        assert loaded.returncode == 0, loaded.stderr
        path = site_dir / "policy.yaml"
        policy = yaml.safe_load(path.read_text())
        policy["budget"] = {"study_epsilon": 70, "year_epsilon": 70, "life_epsilon": 70}
        path.write_text(yaml.safe_dump(policy))
        for words in (("site", "publish", site_dir), ("policy", "sign", site_dir)):
            done = osteon(*words)
            assert done.returncode == 0, done.stderr
    with made:
        yield made


@pytest.fixture(scope="module")
def result(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "study.yaml"
    path.write_text(STUDY)
    with Client(network.home) as client:
        until = time.monotonic() + 60
        while not all(m.attached and m.policy for m in client.network()):
            assert time.monotonic() < until, "not every node attached"
            time.sleep(0.2)
        return client.run(path, min_sites=len(network.sites))


def pooled(result, statistic):
    return [r for r in result.rows if r.statistic == statistic and r.site is None and r.overall]


def test_centres_under_eight_cases_are_one_site(network):
    assert network.sites == (
        "tss_3b",
        "tss_dx",
        "tss_fx",
        "tss_qq",
        "tss_small",
        "tss_wk",
        "tss_x6",
    )


def test_every_centre_answered(result, network):
    assert {record.site for record in result.answered} == set(network.sites)


def test_r0_agrees_with_the_pooled_reference(result):
    (row,) = pooled(result, "r0_rate")
    assert row.lower <= R0 / RESECTED <= row.upper
    assert row.estimate == pytest.approx(R0 / RESECTED, abs=0.02)
    assert row.n == pytest.approx(RESECTED, abs=8)
    assert not row.uninformative


def test_survival_agrees_with_the_pooled_reference(result):
    rows = {r.time_days: r for r in pooled(result, "overall_survival") if r.quantity == "survival"}
    assert set(SURVIVAL) <= set(rows)
    for days, reference in SURVIVAL.items():
        assert rows[days].lower <= reference <= rows[days].upper
        assert rows[days].estimate == pytest.approx(reference, abs=0.04)


def test_the_largest_centre_alone_agrees_too(result):
    (row,) = [r for r in result.rows if r.statistic == "r0_rate" and r.site == "tss_dx"]
    with CORE.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["tissue_source_site"] == "DX"]
    told = [r["residual_tumor"] for r in rows if r["residual_tumor"] in ("R0", "R1", "R2")]
    assert row.lower <= told.count("R0") / len(told) <= row.upper


@pytest.mark.parametrize("k", [3, 10])
def test_an_extract_of_real_patients_has_no_rare_combination(tmp_path, k):
    site, out = tmp_path / "site", tmp_path / "out.csv"
    for words in (
        ("init", site, "--dictionary", "tcga_sarc", "--map", "tcga_sarc_map"),
        ("ingest", site, CORE),
        ("extract", site, "patient", out, "--k", k),
    ):
        done = osteon("site", *words)
        assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out.csv.report.json").read_text("utf-8"))
    assert (report["rows"], report["rare_rows"], report["smallest_before"]) == (261, 261, 1)
    assert ("below the profile's 5" in done.stdout) == (k < 5)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 261
    sizes = Counter(tuple(row[name] for name in report["columns"]) for row in rows)
    sizes.pop(("",) * len(report["columns"]), None)
    assert min(sizes.values()) == report["smallest_after"] >= k
    # The tumour's type is what such a table is for: weighted, it stays.
    assert report["columns"]["histology"]["entropy_loss"] < 0.1
    # What would tell the exact age all the same is gone where the age is.
    assert all(row["age_band"] == "" for row in rows if not row["age"].isdigit())
