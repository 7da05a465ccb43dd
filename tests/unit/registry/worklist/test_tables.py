"""Files that name patients: for their owner's eyes, and nothing in them runs."""

from __future__ import annotations

import csv
import stat
from datetime import date

import pytest
from openpyxl import load_workbook

from gateway.errors import SiteError
from gateway.registry.worklist.people import Task, Worklist
from gateway.registry.worklist.tables import write_worklists

DAY = date(2024, 6, 1)
LABELS = {"number": "Number", "family": "Family name"}


def task(family="Quibble", **changes):
    parts = {
        "list": "visit", "state": "overdue", "days": 3, "record": "P1", "instance": "",
        "who": {"number": "7", "family": family}, "what": "contact", "since": DAY, "due": DAY,
        "until": None, "step": "call",
    }  # fmt: skip
    return Task(**{**parts, **changes})


def test_csv_has_a_line_for_each_task(tmp_path):
    path = tmp_path / "w.csv"
    lists = [Worklist("visit", "Visits", [task(), task("Frob", who={})])]
    assert write_worklists(path, lists, LABELS, force=False) == 2
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["Number"], first["Family name"], first["days"]) == ("7", "Quibble", "3")
    assert (first["since"], first["until"]) == ("2024-06-01", "")
    assert second["Family name"] == ""  # the vault does not know the patient
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_excel_has_a_sheet_for_each_list_and_dates_as_dates(tmp_path):
    path = tmp_path / "w.xlsx"
    lists = [Worklist("follow_up", "Visits", [task()]), Worklist("pro", "Nobody", [])]
    assert write_worklists(path, lists, LABELS, force=False) == 1
    book = load_workbook(path)
    assert book.sheetnames == ["follow up", "pro"]
    assert book["follow up"]["I2"].value.date() == DAY
    assert book["pro"].max_row == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_list_makes_a_workbook_all_the_same(tmp_path):
    assert write_worklists(tmp_path / "w.xlsx", [], LABELS, force=False) == 0
    assert load_workbook(tmp_path / "w.xlsx").sheetnames == ["No worklist"]


@pytest.mark.parametrize("family", ["=1+1", "+1", "-1+1", "@x", "\t=1", " =1"])
def test_a_name_that_a_spreadsheet_would_run_does_not_run(tmp_path, family):
    lists = [Worklist("visit", "Visits", [task(family)])]
    for name in ("w.csv", "w.xlsx"):
        write_worklists(tmp_path / name, lists, LABELS, force=False)
    with (tmp_path / "w.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["Family name"].startswith("'")
    cell = load_workbook(tmp_path / "w.xlsx")["visit"]["E2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_a_file_that_exists_is_kept(tmp_path):
    path = tmp_path / "w.csv"
    path.write_text("mine")
    with pytest.raises(SiteError, match="there is a file already"):
        write_worklists(path, [], LABELS, force=False)
    assert path.read_text() == "mine"
    write_worklists(path, [], LABELS, force=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(SiteError, match=r"write \.csv or \.xlsx"):
        write_worklists(tmp_path / "w.txt", [], LABELS, force=True)


def test_a_task_does_not_show_its_patient_where_it_is_printed():
    shown = repr(Worklist("visit", "Visits", [task()])) + repr(task())
    assert "Quibble" not in shown
    assert "P1" not in shown
