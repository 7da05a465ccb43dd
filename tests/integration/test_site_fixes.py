"""``osteon site fixes`` on the list of a real load."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from gateway.demo.synthetic import generate
from tests.integration.command_line import osteon

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a load in which some things are to be corrected."""
    folder = tmp_path_factory.mktemp("fixes")
    generate(folder / "exports", seed=5, sites=2, operations=150, notes=2)
    source = next(iter(sorted((folder / "exports").glob("*/redcap.csv"))))
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    site, dm, seq = folder / "site", rows[0].index("dm_date"), rows[0].index("tumor_seq")
    dated = rows[0].index("dx_date")
    diagnosed = {row[0]: row[dated] for row in rows if row[1] == "tumor" and row[seq] == "1"}
    changed = 0
    for row in rows:
        if row[1] == "follow_up" and changed < 3:
            row[dm] = diagnosed[row[0]]  # a metastasis on the day of diagnosis: VR013
            row[rows[0].index("dm_event")] = "1"
            changed += 1
    first = next(row for row in rows[1:] if row[1] == "")
    first[rows[0].index("sex")] = ""
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    osteon("site", "init", site, "--dictionary", "sarcoma_v1", "--map", "sarcoma_redcap_map")
    osteon("site", "ingest", site, source, "--accept-bad-values", "--no-notes")
    return site


def test_groups_first_then_lines_with_sentence_and_fix(site: Path) -> None:
    shown = osteon("site", "fixes", site).stdout
    groups, _, lines = shown.partition("\n\n")
    assert groups.splitlines()[0] == "rule\tseverity\trecords\tlines\tsays"
    counts = [int(line.split("\t")[2]) for line in groups.splitlines()[1:]]
    assert counts == sorted(counts, reverse=True)
    [first, *_] = lines.splitlines()[1:]
    severity, record, form, instance, fields, _, _, rule, says, fix = first.split("\t")
    assert severity in ("error", "warning", "info")
    assert all((record, form, instance, fields, rule, says, fix))


def test_a_rule_to_be_decided_is_a_warning_that_says_so(site: Path) -> None:
    plain = json.loads(osteon("site", "fixes", site, "--json").stdout)
    found = [fix for fix in plain["fixes"] if fix["rule"] == "VR013"]
    assert len(found) == 3
    assert {fix["severity"] for fix in found} == {"warning"}
    assert all("a committee has to decide" in fix["says"] for fix in found)
    only = json.loads(osteon("site", "fixes", site, "--severity", "error", "--json").stdout)
    assert {fix["severity"] for fix in only["fixes"]} == {"error"}
    assert only["lines"] < plain["lines"]


def test_what_is_missing_is_grouped_by_form(site: Path, tmp_path: Path) -> None:
    plain = json.loads(osteon("site", "fixes", site, "--missing", "--json").stdout)
    assert {fix["rule"] for fix in plain["fixes"]} == {"missing"}
    assert len(plain["fixes"]) == plain["lines"] > 0
    assert [(fix["form"], fix["fields"]) for fix in plain["fixes"]].count(("patient", "sex")) == 1
    assert [g["name"] for g in plain["groups"]] == list(
        dict.fromkeys(fix["form"] for fix in plain["fixes"])
    )
    out = tmp_path / "missing.xlsx"
    assert "written to" in osteon("site", "fixes", site, "--missing", "--out", out).stdout
    osteon("site", "fixes", site, "--missing", "--refused", status=2)


def test_files_and_what_is_refused(site: Path, tmp_path: Path) -> None:
    for name in ("fixes.csv", "fixes.xlsx"):
        assert "lines written" in osteon("site", "fixes", site, "--out", tmp_path / name).stdout
        osteon("site", "fixes", site, "--out", tmp_path / name, status=2)
    osteon("site", "fixes", site, "--refused", status=1)
    osteon("site", "fixes", site, "--by", "colour", status=2)
