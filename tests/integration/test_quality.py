"""From an export to the quality of its load, by the commands: figures, page, stage, declaration."""

from __future__ import annotations

import csv
import json
import re
import shutil
import stat
from pathlib import Path

import pytest

from gateway.demo.synthetic import generate
from tests.integration.command_line import osteon

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    made = generate(folder, seed=23, sites=1, operations=45, notes=0)
    return made, folder / made.sites[0].site / "redcap.csv"


@pytest.fixture(scope="module")
def loaded(truth, tmp_path_factory):
    site = tmp_path_factory.mktemp("quality") / "north"
    osteon("site", "init", site, "--dictionary", "sarcoma_v1", "--map", "sarcoma_redcap_map")
    osteon("site", "ingest", site, truth[1], "--accept-bad-values", "--no-notes")
    return site


@pytest.fixture(scope="module")
def quality(loaded):
    return json.loads(osteon("site", "quality", loaded, "--json").stdout)


def records(export: Path, form: str = "") -> list[dict[str, str]]:
    with export.open(encoding="utf-8-sig", newline="") as stream:
        return [r for r in csv.DictReader(stream) if r["redcap_repeat_instrument"] == form]


def test_every_group_is_told(quality):
    assert {"conformance", "completeness", "plausibility", "uniqueness"} <= set(quality)
    assert {"timeliness", "follow_up", "windows", "drift", "derived", "trend"} <= set(quality)
    assert quality["compared"] is False
    assert quality["timeliness"] == []
    assert len(quality["trend"]) == 1


def test_an_element_is_counted_as_in_the_file(quality, truth):
    opted_out = {r["record_id"] for r in records(truth[1]) if r["consent_status"] == "3"}
    smoked = [r["smoking"] for r in records(truth[1]) if r["record_id"] not in opted_out]
    [told] = [e for e in quality["completeness"] if e["element"] == "smoking"]
    assert told["applies"] == quality["patients"] == len(smoked)
    assert told["answered"] == sum(cell != "" for cell in smoked)
    assert told["with_reason"] == sum(cell in ("-999", "NASK", "UNK") for cell in smoked)


def test_the_planted_duplicate_is_listed_and_both_records_stay(quality, truth, loaded):
    planted = {d.record_id for d in truth[0].defects if d.kind == "duplicate"}
    listed = json.loads(osteon("site", "duplicates", loaded, "--json").stdout)["pairs"]
    assert planted
    assert {pair["other"] for pair in listed} | {pair["record"] for pair in listed} >= planted
    assert quality["uniqueness"]["pairs"] == len(listed)
    path = loaded / "duplicates.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    names = {r["last_name"] for r in records(truth[1])}
    text = path.read_text(encoding="utf-8")
    assert not [name for name in names if name and name in text]
    said = osteon("site", "duplicates", loaded).stdout
    assert "nothing is merged" in said


def test_follow_up_closes_where_it_is_asked_to(quality, loaded):
    [two_years, everything] = quality["follow_up"]
    for one in (two_years, everything):
        for closing in one["closings"]:
            assert 0 <= closing["observed_days"] <= closing["days"]
    day = everything["closings"][3]["until"]
    only = json.loads(osteon("site", "quality", loaded, "--json", "--until", day).stdout)
    assert [c["until"] for c in only["follow_up"][1]["closings"]] == [day]
    assert only["follow_up"][1]["closings"][0] == everything["closings"][3]
    refused = osteon("site", "quality", loaded, "--until", "2020-02-30", status=2)
    assert day in refused.stderr


def test_the_terminal_and_the_page_say_the_same(quality, loaded, tmp_path):
    page = tmp_path / "quality.html"
    said = osteon("site", "quality", loaded, "--tier", "essential", "--html", page).stdout
    html = " ".join(page.read_text(encoding="utf-8").split())
    last = quality["follow_up"][1]["closings"][-1]
    share = f"{100 * last['observed_days'] // last['days']} %"
    assert f"C {share}" in said
    assert f">{share}" in html
    fit = quality["conformance"]
    unfit = sum(fit["value"].values())
    assert f"{unfit} of {fit['cells']} cells do not fit" in said
    assert f"{unfit} of {fit['cells']:,} filled cells do not fit" in html
    assert not re.findall(r'(?:href|src)="(?!#)|<script', html)
    assert "extended" not in said.partition("provider-entered")[0]
    assert "--force" in osteon("site", "quality", loaded, "--html", page, status=2).stderr
    osteon("site", "quality", loaded, "--html", page, "--force")


def test_no_record_is_in_what_the_command_tells(truth, loaded, tmp_path):
    page = tmp_path / "quality.html"
    said = osteon("site", "quality", loaded, "--json", "--html", page).stdout
    said += page.read_text(encoding="utf-8") + (loaded / "quality.jsonl").read_text()
    for row in records(truth[1]):
        for name in ("record_id", "mrn", "last_name", "dob"):
            assert not row[name] or not re.search(rf"\b{re.escape(row[name])}\b", said), name


def test_a_second_load_is_compared_with_the_first(truth, loaded, tmp_path):
    site = tmp_path / "site"
    shutil.copytree(loaded, site)
    with truth[1].open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        rows, header = list(reader), list(reader.fieldnames or ())
    for row in rows:
        if row["redcap_repeat_instrument"] == "":
            row["sex"] = "2"
    changed = tmp_path / "changed.csv"
    with changed.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header)
        writer.writeheader()
        writer.writerows(rows)
    osteon("site", "ingest", site, changed, "--accept-bad-values", "--no-notes")
    found = json.loads(osteon("site", "quality", site, "--json").stdout)
    assert found["compared"] is True
    assert {one["element"]: one["change"] for one in found["drift"]}["sex"] == "large"
    assert [one["element"] for one in found["drift"] if one["change"] == "large"] == ["sex"]
    assert [line["moved"] for line in found["trend"]] == [0, 1]
    assert "changed (large" in osteon("site", "quality", site).stdout


def test_what_lacks_is_drafted_for_the_officer_who_signs_it(truth, loaded, tmp_path):
    site = tmp_path / "site"
    shutil.copytree(loaded, site)
    narrow = tmp_path / "narrow.csv"
    with (
        truth[1].open(encoding="utf-8-sig", newline="") as stream,
        narrow.open("w", encoding="utf-8", newline="") as target,
    ):
        reader = csv.DictReader(stream)
        header = [n for n in reader.fieldnames or () if n not in ("smoking", "diabetes")]
        writer = csv.DictWriter(target, header, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(reader)
    osteon("site", "ingest", site, narrow, "--accept-bad-values", "--no-notes")
    stage = json.loads(osteon("site", "stage", site, "--json").stdout)
    assert stage["stage"] in (1, 2)
    lacking = stage["steps"][stage["stage"]]
    said = osteon("site", "stage", site).stdout
    assert f"stage {stage['stage']} of participation" in said
    assert "clinical_note" in stage["steps"][2]["forms_missing"]
    assert all(one["element"] in said for one in lacking["lacking"])
    osteon("identity", "request", site, "--role", "site", "--name", "north")
    osteon("policy", "sign", site)
    before = (site / "policy.yaml").read_bytes()
    told = json.loads(osteon("policy", "availability", site, "--draft", "--json").stdout)
    assert (site / "policy.yaml").read_bytes() == before
    assert "--force" in osteon("policy", "availability", site, "--draft", status=2).stderr
    osteon("policy", "availability", site, "--draft", "--force")
    assert told["supported"] == stage["stage"]
    assert set(told["lacking"]) == {"smoking", "diabetes"}
    (site / "policy.draft.yaml").replace(site / "policy.yaml")
    osteon("policy", "sign", site)
    again = osteon("policy", "availability", site, "--draft").stdout
    assert "there is nothing to draft" in again
    assert not (site / "policy.draft.yaml").exists()


def test_before_the_first_load_the_next_step_is_named(tmp_path):
    site = tmp_path / "empty"
    osteon("site", "init", site, "--dictionary", "sarcoma_v1")
    for words in (
        ("site", "quality"),
        ("site", "stage"),
        ("site", "duplicates"),
        ("policy", "availability"),
    ):
        refused = osteon(*words, site, status=1)
        assert "osteon site ingest" in refused.stderr
