"""The fix list as people work it: order, groups, files that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
import stat
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from gateway.cli.fix_lines import fixes_as_json, show_fixes
from gateway.errors import SiteError, StoreError
from gateway.registry.fixes import By, open_fixes
from gateway.registry.fixes_file import write_fixes
from gateway.registry.fixlist import PLACE_COLUMNS
from gateway.registry.formulas import harmless

HEADER = ["row", "record", "instrument", "instance", "fields", "rule", "severity", "says", "fix"]
LABELS = {"person": "Person", "visit": "Visit: each [one] of a rather long name of forms"}


def line(record: str, rule: str = "R1", **given: Any) -> dict[str, Any]:
    plain = {"row": 2, "record": record, "instrument": "visit", "instance": "1", "fields": "seen"}
    plain |= {"rule": rule, "severity": "error", "says": f"{rule} says", "fix": f"mend {rule}"}
    return {**plain, **given}


def listed(folder: Path, *lines: dict[str, Any]) -> Path:
    with (folder / "fixlist.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(lines)
    return folder / "fixlist.csv"


def test_a_list_with_the_names_of_redcap_is_read_too(tmp_path: Path) -> None:
    header = [*HEADER, *PLACE_COLUMNS]
    with (tmp_path / "fixlist.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerow({**line("A"), "redcap_repeat_instance": "3"})
    with open_fixes(tmp_path / "fixlist.csv") as fixes:
        assert [(fix.record, fix.fix) for fix in fixes.lines("rule")] == [("A", "mend R1")]


LINES = (
    line("A", "R1"),
    line("A", "R1", instance="2"),
    line("A", "R1", instance="10"),
    line("B", "R2", severity="warning", instrument="person", instance=""),
    line("A", "R2", severity="warning", instrument="person", instance=""),
)


def test_what_was_entered_stands_beside_what_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    header = [*HEADER[:5], "entered", "computed", *HEADER[5:], *PLACE_COLUMNS]
    with (tmp_path / "fixlist.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerow({**line("A"), "entered": "'=2", "computed": "iib"})
    with open_fixes(tmp_path / "fixlist.csv") as fixes:
        assert [(fix.entered, fix.computed) for fix in fixes.lines("rule")] == [("=2", "iib")]
        for name in ("a.csv", "a.xlsx"):
            write_fixes(tmp_path / name, fixes, "rule", labels={}, undecided=())
        show_fixes(fixes, "rule", 20)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        show_fixes(fixes, "rule", 20)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert list(row)[4:7] == ["fields", "entered", "computed"]
    assert (row["entered"], row["computed"]) == ("'=2", "iib")
    sheet = load_workbook(tmp_path / "a.xlsx")["visit"]
    assert [[cell.value for cell in r[4:7]] for r in sheet.rows] == [
        ["fields", "entered", "computed"],
        ["seen", "'=2", "iib"],
    ]
    plain, tables = capsys.readouterr().out.split("1 line in 1 record", 1)
    assert "\tfields\tentered\tcomputed\trule\t" in plain
    assert "\tseen\t=2\tiib\tR1\t" in plain
    for word in ("entered", "computed", "=2", "iib"):
        assert word in tables


def test_a_terminal_has_no_columns_for_values_that_nothing_compares(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with open_fixes(listed(tmp_path, *LINES)) as fixes:
        show_fixes(fixes, "rule", 20)
    assert "computed" not in capsys.readouterr().out


def test_the_rule_with_most_records_comes_first(tmp_path: Path) -> None:
    with open_fixes(listed(tmp_path, *LINES)) as fixes:
        assert [(g.name, g.severity, g.records, g.lines) for g in fixes.groups("rule")] == [
            ("R2", "warning", 2, 2),
            ("R1", "error", 1, 3),
        ]
        assert [(f.rule, f.record, f.instance) for f in fixes.lines("rule")] == [
            ("R2", "A", ""),
            ("R2", "B", ""),
            ("R1", "A", "1"),
            ("R1", "A", "2"),
            ("R1", "A", "10"),
        ]
        assert fixes.total == (5, 2)


@pytest.mark.parametrize(
    ("by", "names"), [("rule", ["R2", "R1"]), ("record", ["A", "B"]), ("form", ["person", "visit"])]
)
def test_groups(tmp_path: Path, by: By, names: Sequence[str]) -> None:
    with open_fixes(listed(tmp_path, *LINES)) as fixes:
        assert [group.name for group in fixes.groups(by)] == names
        order = {"rule": "rule", "record": "record", "form": "form"}[by]
        assert list(dict.fromkeys(getattr(f, order) for f in fixes.lines(by))) == names


def test_a_kind_and_a_number_of_lines(tmp_path: Path) -> None:
    with open_fixes(listed(tmp_path, *LINES), severity="error") as fixes:
        assert [g.name for g in fixes.groups("rule")] == ["R1"]
        assert len(list(fixes.lines("rule", limit=2))) == 2
        assert fixes.total == (3, 1)


def test_a_rule_with_several_sentences_names_its_fields(tmp_path: Path) -> None:
    faults = [line("A", "type", fields=f, says=f"{f} is wrong") for f in ("dob", "seen")]
    with open_fixes(listed(tmp_path, *faults)) as fixes:
        assert [g.says for g in fixes.groups("rule")] == ["2 fields, among them dob, seen"]


def test_lines_without_a_record_are_listed_too(tmp_path: Path) -> None:
    with open_fixes(listed(tmp_path, line("", "record", row=""))) as fixes:
        assert [(f.row, f.record) for f in fixes.lines("record")] == [(None, "")]
        assert fixes.total == (1, 0)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+1", "@x", "\t=1", " =1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_does_not_run(tmp_path: Path, text: str) -> None:
    assert harmless(text).startswith("'")
    with open_fixes(listed(tmp_path, line(text))) as fixes:
        for name in ("a.csv", "a.xlsx"):
            write_fixes(tmp_path / name, fixes, "rule", labels={}, undecided=())
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["record"].startswith("'")
    cell = load_workbook(tmp_path / "a.xlsx")["visit"]["B2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


def test_a_workbook_has_a_summary_and_a_sheet_for_each_form(tmp_path: Path) -> None:
    with open_fixes(listed(tmp_path, *LINES)) as fixes:
        count = write_fixes(tmp_path / "f.xlsx", fixes, "rule", labels=LABELS, undecided={"R2"})
    assert count == 5
    assert stat.S_IMODE((tmp_path / "f.xlsx").stat().st_mode) == 0o600
    book = load_workbook(tmp_path / "f.xlsx")
    assert book.sheetnames == ["Summary", "Person", "Visit  each  one  of a rather l"]
    summary = list(book["Summary"].values)
    assert summary[1][:5] == ("R2", "warning", 2, 2, "yes")
    assert summary[2][4] is None
    for sheet, rows in zip(book, (3, 3, 4), strict=True):
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == f"A1:{'G' if sheet.title == 'Summary' else 'K'}{rows}"
        assert sheet.column_dimensions["B"].width >= 10
        assert sheet["A1"].font.bold


def test_a_rule_that_suggests_nothing_is_written_too(tmp_path: Path) -> None:
    path = tmp_path / "fixes.xlsx"
    with open_fixes(listed(tmp_path, line("A", fix=""), line("B", "R2"))) as fixes:
        assert [group.fix for group in fixes.groups("rule")] == ["", "mend R2"]
        assert write_fixes(path, fixes, "rule", labels=LABELS, undecided=()) == 2
    book = load_workbook(path)
    assert [row[0] for row in book["Summary"].iter_rows(values_only=True)][1:] == ["R1", "R2"]


def test_a_sheet_that_is_full_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.registry.fixes_file.ROWS_MAX", 2)
    with open_fixes(listed(tmp_path, *(line(f"P{i}") for i in range(5)))) as fixes:
        write_fixes(tmp_path / "f.xlsx", fixes, "rule", labels={}, undecided=())
    book = load_workbook(tmp_path / "f.xlsx")
    assert book.sheetnames == ["Summary", "visit", "visit 2", "visit 3"]
    assert [sheet.max_row for sheet in book] == [2, 3, 3, 2]


def test_control_characters_do_not_stop_a_workbook(tmp_path: Path) -> None:
    with open_fixes(listed(tmp_path, line("A\x07\x0bB"))) as fixes:
        write_fixes(tmp_path / "f.xlsx", fixes, "rule", labels={}, undecided=())
    assert load_workbook(tmp_path / "f.xlsx")["visit"]["B2"].value == "AB"


def test_a_file_that_exists_or_has_another_ending_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("mine")
    with open_fixes(listed(tmp_path, *LINES)) as fixes:
        for name in ("f.csv", "f.pdf"):
            with pytest.raises(SiteError):
                write_fixes(tmp_path / name, fixes, "rule", labels={}, undecided=())
        assert (tmp_path / "f.csv").read_text() == "mine"
        write_fixes(tmp_path / "f.csv", fixes, "rule", labels={}, undecided=(), force=True, limit=2)
    assert len((tmp_path / "f.csv").read_text(encoding="utf-8-sig").splitlines()) == 3
    assert stat.S_IMODE((tmp_path / "f.csv").stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".f*"))


class _Counted(io.TextIOBase):
    """Takes what is written and keeps none of it."""

    def __init__(self) -> None:
        self.length = 0

    def write(self, text: str) -> int:
        self.length += len(text)
        return len(text)


def test_json_of_a_long_list_takes_no_more_memory_than_of_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (line(f"P{i}", says=f"{i} " + "x" * 200) for i in range(30_000))
    with open_fixes(listed(tmp_path, *lines)) as fixes:
        written = _Counted()
        monkeypatch.setattr("sys.stdout", written)
        tracemalloc.start()
        try:
            fixes_as_json(fixes, "record", None, None)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert written.length > 10_000_000
    assert peak_bytes < 8_000_000


def test_json_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, lines in (("full", LINES), ("empty", ())):
        (tmp_path / name).mkdir()
        with open_fixes(listed(tmp_path / name, *lines)) as fixes:
            fixes_as_json(fixes, "rule", None, None)
        plain = json.loads(capsys.readouterr().out)
        assert list(plain) == ["lines", "records", "groups", "fixes", "file"]
        assert len(plain["fixes"]) == plain["lines"] == len(lines)
        assert len(plain["groups"]) == len({one["rule"] for one in lines})


def test_a_list_that_is_not_there_or_is_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such list"), open_fixes(tmp_path / "fixlist.csv"):
        pass
    (tmp_path / "fixlist.csv").write_text('row,record\n1,"A')
    with (
        pytest.raises(StoreError, match="not as a load writes it"),
        open_fixes(tmp_path / "fixlist.csv"),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["fixlist.csv"]


def test_a_site_folder_with_brackets_shows_its_own_list(tmp_path: Path) -> None:
    for name in ("site [1]", "site 1"):
        (tmp_path / name).mkdir()
    listed(tmp_path / "site 1", line("other"))
    with open_fixes(listed(tmp_path / "site [1]", line("mine"))) as fixes:
        assert [fix.record for fix in fixes.lines("rule")] == ["mine"]
