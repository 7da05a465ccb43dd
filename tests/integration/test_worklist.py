"""Worklists by the real commands: against a naive reading of the export, and nowhere but there."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.demo.synthetic import generate
from tests.integration.command_line import osteon

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LATER = "2060-01-01"  # by then everybody who should still come is overdue
RESECTIONS, SPECIMENS, SARCOMA = {"1", "2", "3", "6", "7"}, {"4", "5", "6"}, {"1", "2"}
SPANS = {"Preoperative": (-90, 0), "3 months": (60, 150), "6 months": (120, 270), "1 year": (270, 480), "2 years": (600, 900)}  # fmt: skip
Row = dict[str, str]


def day(text: str) -> date:
    return date.fromisoformat(text)


class Export:
    """The rows of a REDCap export by record and form, read without any of our own code."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            self.rows: list[Row] = list(reader)
            self.header = list(reader.fieldnames or ())

    def write(self, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.header)
            writer.writeheader()
            writer.writerows(self.rows)

    def of(self, form: str) -> dict[str, list[Row]]:
        found = defaultdict(list)
        for row in self.rows:
            if row["redcap_repeat_instrument"] == form:
                found[row["record_id"]].append(row)
        return found

    @property
    def patients(self) -> dict[str, Row]:
        return {
            record: rows[0]
            for record, rows in self.of("").items()
            if rows[0]["consent_status"] != "3"
        }

    def dead(self, record: str) -> bool:
        return any(
            row["vital_status"] == "2" or row["death_date"] or row["disease_status"] in ("4", "5")
            for row in self.of("follow_up")[record]
        )

    def first_tumour(self, record: str) -> Row:
        return min(self.of("tumor")[record], key=lambda row: (row["dx_date"], row["tumor_seq"]))


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """A clean synthetic export in which five margins are blank."""
    folder = tmp_path_factory.mktemp("exports")
    made = generate(folder, seed=31, sites=1, operations=90, notes=2, defects=False)
    found = Export(folder / made.sites[0].site / "redcap.csv")
    of_specimen = (
        row for row in found.rows if row["specimen_type"] in SPECIMENS and row["margin_r"]
    )
    for _, row in zip(range(5), of_specimen, strict=False):
        row["margin_r"] = ""
    found.write(folder / "export.csv")
    return Export(folder / "export.csv")


@pytest.fixture(scope="module")
def site(export, tmp_path_factory):
    folder = tmp_path_factory.mktemp("worklist") / "north"
    osteon("site", "init", folder, "--dictionary", "sarcoma_v1", "--map", "sarcoma_redcap_map")
    done = osteon("site", "ingest", folder, export.path, "--accept-bad-values")
    said = done.stdout + done.stderr
    assert not [row["mrn"] for row in export.patients.values() if row["mrn"] in said]
    return folder


def told(site: Path, *words: object) -> dict[str, list[dict]]:
    plain = json.loads(osteon("site", "worklist", site, "--json", *words).stdout)
    return {one["name"]: one["lines"] for one in plain["lists"]}


def test_follow_up_lists_the_living_with_their_last_contact(site, export):
    found = {line["record"]: line for line in told(site, "follow-up", "--on", LATER)["follow_up"]}
    expected = {}
    for record in export.patients:
        tumour = export.first_tumour(record)
        dates = [day(row["fu_date"]) for row in export.of("follow_up")[record]]
        began = day(tumour["dx_date"])
        last = max([began, *dates])
        over = tumour["tumor_category"] in ("5", "6") and (last - began).days >= 1826
        if not export.dead(record) and not over:
            expected[record] = last.isoformat()
    assert len(expected) > 20
    assert {record: line["since"] for record, line in found.items()} == expected
    assert {line["state"] for line in found.values()} == {"overdue"}
    days = [line["days"] for line in found.values()]
    assert days == sorted(days, reverse=True)
    for record, line in found.items():
        patient = export.patients[record]
        assert line["who"] == {
            name: patient[name]
            for name in ("mrn", "last_name", "first_name", "phone")
            if patient[name]
        }
        assert (day(line["due"]) - day(line["since"])).days in (122, 183, 366)


def test_margins_are_those_that_the_export_lacks(site, export):
    no_specimen, no_margin = set(), set()
    for record in export.patients:
        kinds = {row["tumor_seq"]: row["tumor_category"] for row in export.of("tumor")[record]}
        for row in export.of("surgery")[record]:
            wanted = row["surg_intent"] == "1" and row["surg_type"] in RESECTIONS
            if not wanted or kinds.get(row["surg_tumor_ref"]) not in SARCOMA:
                continue
            near = sorted(
                (abs((day(path["path_date"]) - day(row["surgery_date"])).days), path["margin_r"])
                for path in export.of("pathology")[record]
                if path["path_tumor_ref"] == row["surg_tumor_ref"]
                and path["specimen_type"] in SPECIMENS
                and -1 <= (day(path["path_date"]) - day(row["surgery_date"])).days <= 30
            )
            if not near:
                no_specimen.add((record, row["redcap_repeat_instance"]))
            elif not near[0][1]:
                no_margin.add((record, row["redcap_repeat_instance"]))
    lines = told(site, "margins", "--on", LATER)["margins"]

    def listed(label: str) -> set[tuple[str, str]]:
        return {(line["record"], line["instance"]) for line in lines if label in line["what"]}

    assert len(no_margin) >= 3
    assert listed("margin (UICC R)") == no_margin
    assert listed("no pathology of the specimen") == no_specimen


def test_questionnaires_are_those_of_open_windows_without_an_answer(site, export):
    today = date.fromisoformat(json.loads(osteon("site", "worklist", site, "--json").stdout)["on"])
    expected = {}
    for record in export.patients:
        seq = export.first_tumour(record)["tumor_seq"]
        dates = [
            day(row["surgery_date"])
            for row in export.of("surgery")[record]
            if row["surg_tumor_ref"] == seq and row["surg_index"] == "1"
        ]
        if not dates or export.dead(record):
            continue
        answered = [
            (day(row["pro_date"]) - min(dates)).days
            for row in export.of("pro")[record]
            if row["pro_tumor_ref"] == seq
        ]
        for label, (low, high) in SPANS.items():
            opens, closes = (min(dates) + timedelta(days=n) for n in (low, high))
            if any(low <= n <= high for n in answered) or not opens <= today:
                continue
            if (today - closes).days <= 90:
                state = "overdue" if today > closes else "due"
                expected[record, f"window: {label}"] = (
                    "closing soon" if state == "due" and (closes - today).days <= 21 else state
                )
    found = {(x["record"], x["what"]): x["state"] for x in told(site, "pro")["pro"]}
    assert found == expected
    # Plan ahead: what is due in half a year is known today.
    assert told(site, "pro", "--on", (today + timedelta(days=180)).isoformat())["pro"] != []


def test_who_withdraws_is_gone_from_every_list_with_the_next_load(site, export, tmp_path):
    copy = tmp_path / "north"
    shutil.copytree(site, copy)
    before = told(copy, "--on", LATER)
    gone = before["follow_up"][0]["record"]
    assert any(line["record"] == gone for line in before["follow_up"])
    changed = Export(export.path)
    for row in changed.rows:
        if row["record_id"] == gone and not row["redcap_repeat_instrument"]:
            row["consent_status"] = "3"
    changed.write(tmp_path / "later.csv")
    osteon("site", "ingest", copy, tmp_path / "later.csv", "--accept-bad-values", "--no-notes")
    after = told(copy, "--on", LATER)
    assert {x["record"] for lines in after.values() for x in lines} == {
        x["record"] for lines in before.values() for x in lines
    } - {gone}


def test_no_name_is_in_any_file_of_the_site(site, export, tmp_path):
    osteon("site", "worklist", site)
    osteon("site", "worklist", site, "pro", "--csv", tmp_path / "pro.csv")
    osteon("site", "publish", site)
    people = export.patients.values()
    numbers = {row[name].encode() for row in people for name in ("mrn", "phone") if row[name]}
    names = {row["last_name"].encode() for row in people if len(row["last_name"]) > 5}
    records = {record.encode() for record in export.patients}
    listed = {"fixlist.csv", "duplicates.csv", "missing.csv"}  # name records, for the same eyes
    seen = 0
    for path in site.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert not [word for word in numbers | names if word in raw], path
            assert path.name in listed or not [word for word in records if word in raw], path
            seen += 1
    assert seen > 8
    assert (site / "vault" / "worklists.sqlite").is_file()
    audit = osteon("site", "audit", site, "--json").stdout
    assert "worklist pro, to a file" in audit


def test_files_and_what_is_refused(site, tmp_path):
    for option, name in (("--csv", "w.csv"), ("--excel", "w.xlsx")):
        said = osteon("site", "worklist", site, option, tmp_path / name).stdout
        assert "it names patients: keep it at this site" in said
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        osteon("site", "worklist", site, option, tmp_path / name, status=2)
        osteon("site", "worklist", site, option, tmp_path / name, "--force")
    assert (
        "ends in .csv" in osteon("site", "worklist", site, "--csv", tmp_path / "w", status=2).stderr
    )
    assert "follow-up, margins, pro" in osteon("site", "worklist", site, "folow", status=2).stderr
    assert (
        "before the last load"
        in osteon("site", "worklist", site, "--on", "2020-01-01", status=2).stderr
    )
    osteon("site", "worklist", site, "--on", "tomorrow", status=2)


def test_the_terminal_names_the_patient_and_the_step(site):
    said = osteon("site", "worklist", site, "follow-up", "--on", LATER, "--limit", 2).stdout
    header, first, second, more = said.splitlines()[1:5]
    assert header.split("\t")[:3] == ["state", "days", "Medical record number"]
    assert (
        first.split("\t")[-1]
        == "make an appointment or call; enter the contact on the follow-up form"
    )
    assert second.startswith("overdue\t")
    assert "more: --limit 0" in more
    assert "it names patients" in said


def test_a_lost_file_comes_back_with_the_same_export(site, export, tmp_path):
    copy = tmp_path / "north"
    shutil.copytree(site, copy)
    before = told(copy, "--on", LATER)
    (copy / "vault" / "worklists.sqlite").unlink()
    lost = osteon("site", "worklist", copy, status=1)
    assert "load the export" in lost.stderr
    osteon("site", "ingest", copy, export.path, "--accept-bad-values")
    assert told(copy, "--on", LATER) == before


def test_a_declaration_of_the_site_changes_who_is_listed(site, export, tmp_path):
    copy = tmp_path / "north"
    shutil.copytree(site, copy)
    (copy / "worklists").mkdir()
    (copy / "worklists" / "sarcoma_v1.yaml").write_text(
        "worklists: sarcoma_v1\nversion: 2\ndictionary: sarcoma_v1\nidentifiers: [mrn]\n"
        "lacking:\n  boards:\n    label: No board\n    unit: case\n    since: dx_date\n"
        "    needs: [{label: board, missing: mdt_date is missing, step: enter it}]\n"
    )
    osteon("site", "ingest", copy, export.path, "--accept-bad-values", "--no-notes")
    lines = told(copy)
    missing = {
        (record, row["redcap_repeat_instance"])
        for record in export.patients
        for row in export.of("tumor")[record]
        if not row["mdt_date"]
    }
    assert {(x["record"], x["instance"]) for x in lines["boards"]} == missing
    assert {tuple(x["who"]) for x in lines["boards"]} <= {("mrn",), ()}
