"""From the fix list back into REDCap: a file with blank cells, filled in and imported."""

from __future__ import annotations

import csv
import io
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
import redcap
from openpyxl import load_workbook

from gateway.errors import LoadRefused, SiteError, StoreError
from gateway.registry.corrections import write_corrections
from gateway.registry.fixes import open_fixes
from gateway.registry.load import ingest
from gateway.registry.sources.redcap_api import project_at
from gateway.site.config import SiteFolder
from tests.integration.command_line import osteon
from tests.integration.fake_redcap import TOKEN, FakeRedcap, serving
from tests.integration.redcap_project import User
from tests.integration.valve_redcap import valve_project
from tests.unit.registry import valve
from tests.unit.registry.valve import EXPORT, HEADER, defect, load, make_site, person, visit

WRONG = (
    HEADER
    + person(sex="7", height="900")
    + defect(valve="z")
    + defect(nr="2", found="soon")
    + visit(seen="1700-01-01")
    + visit(instance="2")
    + person("B2", races="1,7,0")
)


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return make_site(tmp_path)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_corrections_go_back_through_redcaps_import(site: SiteFolder, tmp_path: Path) -> None:
    fake = FakeRedcap({TOKEN: (valve_project(WRONG), User())})
    out = tmp_path / "corrections.csv"
    with serving(fake) as address:
        source = project_at(address, TOKEN)
        with pytest.raises(LoadRefused):
            ingest(site, source)
        done = write_corrections(site, out)
        assert (done.listed, done.rows, done.cells, done.left) == ("refused.csv", 5, 6, 0)
        rows = table(out)
        assert list(rows[0]) == [
            "code",
            "redcap_repeat_instrument",
            "redcap_repeat_instance",
            "sex",
            "height",
            "races___2",
            "found",
            "valve",
            "seen",
        ]
        client = redcap.Project(source.url, TOKEN, headers={"Connection": "close"})
        before = [dict(row) for row in fake.tokens[TOKEN][0].rows]
        unfilled = client.import_records(out.read_text("utf-8"), import_format="csv")
        assert unfilled == {"count": 2}
        assert fake.tokens[TOKEN][0].rows == before, "blank cells change nothing"
        for row in rows:
            match row["code"], row["redcap_repeat_instrument"], row["redcap_repeat_instance"]:
                case "A1", "", "":
                    row.update(sex="1", height="170")
                case "A1", "defect", "1":
                    row.update(valve="m")
                case "A1", "defect", "2":
                    row.update(found="2021-01-01")
                case "A1", "visit", "1":
                    row.update(seen="2021-04-01")
                case "B2", "", "":
                    row.update(races___2="1")
                case _:
                    raise AssertionError(row)
        client.import_records(rows)
        report = ingest(site, source)
    assert report.patients == 2
    assert not set(report.problems) & {"type", "choice", "bounds"}


def test_rows_of_events_are_named_by_their_event(site: SiteFolder, tmp_path: Path) -> None:
    project = valve_project(HEADER + person() + visit(seen="soon") + visit(seen="later") + defect())
    project.events = [
        {"unique_event_name": name, "arm_num": name[-1]} for name in ("start_arm_1", "late_arm_2")
    ]
    events = ("start_arm_1", "start_arm_1", "late_arm_2", "start_arm_1")
    project.rows = [
        {"code": row["code"], "redcap_event_name": event, **row}
        for row, event in zip(project.rows, events, strict=True)
    ]
    out = tmp_path / "corrections.csv"
    with serving(FakeRedcap({TOKEN: (project, User())})) as address:
        ingest(site, project_at(address, TOKEN), accept_bad_values=True)
    assert write_corrections(site, out).listed == "fixlist.csv"
    assert table(out) == [
        {
            "code": "A1",
            "redcap_event_name": event,
            "redcap_repeat_instrument": "visit",
            "redcap_repeat_instance": "1",
            "seen": "",
        }
        for event in ("start_arm_1", "late_arm_2")
    ]


def test_rows_of_a_repeating_event_have_no_form(site: SiteFolder, tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    text = HEADER.replace("code,", "code,redcap_event_name,", 1)
    text += person().replace("A1,", "A1,start_arm_1,", 1)
    text += visit(seen="soon").replace("A1,visit,1,", "A1,visit_arm_1,,2,", 1)
    export.write_text(text, encoding="utf-8")
    ingest(site, export, accept_bad_values=True)
    write_corrections(site, tmp_path / "out.csv")
    [row] = table(tmp_path / "out.csv")
    assert [*row.values()][:4] == ["A1", "visit_arm_1", "", "2"]
    assert "seen" in row


def test_fields_have_the_projects_names(site: SiteFolder, tmp_path: Path) -> None:
    mapping = tmp_path / "renamed.yaml"
    mapping.write_text(
        "dictionary: valve\nelements: {code: {from: id}, sex: {from: gender},"
        " races: {from: origin}}",
        encoding="utf-8",
    )
    text = WRONG.replace("code,", "id,", 1).replace(",sex,", ",gender,", 1)
    export = tmp_path / "export.csv"
    export.write_text(text.replace("races___", "origin___"), encoding="utf-8")
    ingest(site, export, str(mapping), accept_bad_values=True)
    write_corrections(site, tmp_path / "out.csv", str(mapping))
    header = list(table(tmp_path / "out.csv")[0])
    assert header[:3] == ["id", "redcap_repeat_instrument", "redcap_repeat_instance"]
    assert {"gender", "origin___2"} < set(header)


def test_what_an_import_cannot_mend_is_counted(site: SiteFolder, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    load(site, EXPORT + defect(nr="1"), accept_bad_values=True)
    done = write_corrections(site, out)
    assert done.left >= 1
    assert "nr" not in out.read_text("utf-8") if out.exists() else done.rows == 0
    load(site, "code,nr,leak_cm\nA1,1,9\nA1,2,8\n", accept_bad_values=True)
    done = write_corrections(site, tmp_path / "table.csv")
    assert (done.rows, done.left) == (0, 2)
    assert not (tmp_path / "table.csv").exists()


def test_what_may_be_wrong_in_another_row_is_left_to_the_list_and_said(
    site: SiteFolder, tmp_path: Path
) -> None:
    """A visit before the defect was found: one of two dates, in two rows."""
    text = HEADER + person() + defect() + visit(seen="2019-01-01")
    load(site, text)
    done = write_corrections(site, tmp_path / "out.csv")
    assert (done.rows, done.left, done.elsewhere) == (0, 1, {"R1": 1})
    assert not (tmp_path / "out.csv").exists()
    load(site, text + visit(instance="2", of="7") + person("B2", sex="7"), accept_bad_values=True)
    done = write_corrections(site, tmp_path / "out.xlsx")
    assert (done.rows, done.cells, done.elsewhere) == (1, 1, {"R1": 1, "reference": 1})
    book = load_workbook(tmp_path / "out.xlsx")
    assert [[cell.value for cell in row] for row in book["Corrections"].rows] == [
        ["code", "sex"],
        ["B2", None],
    ]
    [_, *left] = book["Left to the fix list"].values
    assert [row[:2] for row in left] == [("R1", 1), ("reference", 1)]
    assert "another row" in left[0][2]
    told = osteon("site", "corrections", site.path, tmp_path / "again.csv").stdout
    assert "may stand in another row than the one listed: R1 1, reference 1" in told


def test_the_file_is_its_owners_and_never_replaced(site: SiteFolder, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with pytest.raises(StoreError, match="nothing is loaded yet"):
        write_corrections(site, out)
    load(site, WRONG, accept_bad_values=True)
    write_corrections(site, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with pytest.raises(SiteError, match="exists"):
        write_corrections(site, out)


@pytest.mark.slow
def test_the_command_tells_what_it_wrote(site: SiteFolder, tmp_path: Path) -> None:
    load(site, WRONG, accept_bad_values=True)
    out = tmp_path / "out.csv"
    told = osteon("site", "corrections", site.path, out).stdout
    assert f"cells to fill in written to {out}" in told
    plain = json.loads(osteon("site", "corrections", site.path, f"{out}2", "--json").stdout)
    assert plain["rows"] == len(table(out))
    assert osteon("site", "corrections", site.path, out, status=2).stderr


def test_only_what_redcap_exported_has_corrections(site: SiteFolder, tmp_path: Path) -> None:
    export, mapping = tmp_path / "table.csv", tmp_path / "table.yaml"
    export.write_text("code,sex,nr\nA1,7,1\n")
    mapping.write_text("dictionary: valve\nsource: table\nrows: [person, defect]\n")
    ingest(site, export, str(mapping), accept_bad_values=True)
    with pytest.raises(SiteError, match="the load was of no REDCap export"):
        write_corrections(site, tmp_path / "out.csv", str(mapping))


def test_the_map_is_that_of_the_load(site: SiteFolder, tmp_path: Path) -> None:
    load(site, WRONG, accept_bad_values=True)
    other = tmp_path / "other.yaml"
    other.write_text("dictionary: valve\nelements: {sex: {from: gender}}\n")
    with pytest.raises(SiteError, match="the last load had another site map"):
        write_corrections(site, tmp_path / "out.csv", str(other))
    assert write_corrections(site, tmp_path / "out.csv").cells


def test_a_map_that_a_load_was_given_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, out = make_site(tmp_path), tmp_path / "out.csv"
    named = str(made.config.map)
    site = replace(made, config=made.config.model_copy(update={"map": None}))
    export = tmp_path / "export.csv"
    export.write_text(WRONG, "utf-8")
    with pytest.raises(StoreError, match="nothing is loaded yet"):
        write_corrections(site, out)
    monkeypatch.chdir(Path(named).parent)
    ingest(site, export, Path(named).name, accept_bad_values=True)
    monkeypatch.chdir(tmp_path)
    assert write_corrections(site, out).cells
    with pytest.raises(LoadRefused):
        ingest(site, export, named)
    with pytest.raises(SiteError, match="no site map"):
        write_corrections(site, tmp_path / "again.csv")


def test_events_named_by_labels_are_refused(site: SiteFolder, tmp_path: Path) -> None:
    text = HEADER.replace("code,", "code,redcap_event_name,", 1)
    text += person(sex="Neither").replace("A1,", "A1,Baseline (Arm 1: Drug),", 1)
    load(site, text, accept_bad_values=True)
    with pytest.raises(SiteError, match="the load was of a labelled export"):
        write_corrections(site, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


FORMULAS = HEADER + person("=1+1", sex="7") + person("-5", sex="7") + person("'x", sex="7")


def test_no_list_runs_in_a_spreadsheet_and_commands_read_the_records_names(
    site: SiteFolder, tmp_path: Path
) -> None:
    load(site, FORMULAS, accept_bad_values=True)
    assert {row["record"] for row in table(site.fixlist_path)} == {"'=1+1", "-5", "''x"}
    with open_fixes(site.fixlist_path) as fixes:
        assert {fix.record for fix in fixes.lines("rule")} == {"=1+1", "-5", "'x"}
    done = write_corrections(site, tmp_path / "out.csv")
    assert [row["code"] for row in table(tmp_path / "out.csv")] == ["-5", "'x"]
    assert (done.rows, done.cells, done.left, done.unsafe) == (2, 2, 0, 1)
    done = write_corrections(site, tmp_path / "out.xlsx")
    assert (done.rows, done.unsafe) == (3, 0)
    [header, *rows] = load_workbook(tmp_path / "out.xlsx")["Corrections"].rows
    assert [cell.value for cell in header] == ["code", "sex"]
    assert {row[0].value for row in rows} == {"=1+1", "-5", "'x"}
    assert all(row[0].data_type == "s" and row[0].quotePrefix for row in rows)
    assert stat.S_IMODE((tmp_path / "out.xlsx").stat().st_mode) == 0o600


def test_a_refused_load_lists_no_formula(site: SiteFolder, tmp_path: Path) -> None:
    with pytest.raises(LoadRefused):
        load(site, FORMULAS)
    assert {row["record"] for row in table(site.path / "refused.csv")} == {"'=1+1", "-5", "''x"}
    assert write_corrections(site, tmp_path / "out.csv").unsafe == 1


def test_only_what_is_chosen_is_written(site: SiteFolder, tmp_path: Path) -> None:
    load(site, WRONG, accept_bad_values=True)
    done = write_corrections(site, tmp_path / "out.csv", only=["person.sex", "person.races"])
    rows = table(tmp_path / "out.csv")
    assert (done.rows, done.cells) == (2, 2)
    assert [list(row) for row in rows] == [["code", "sex", "races___2"]] * 2
    with pytest.raises(SiteError, match=r'"defect\.sex" is no element'):
        write_corrections(site, tmp_path / "other.csv", only=["defect.sex"])
    assert not (tmp_path / "other.csv").exists()


def test_what_is_missing_goes_back_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    required = valve.DICTIONARY.replace(
        "label: Seen, type: date", "label: Seen, type: date, required: true"
    )
    assert required != valve.DICTIONARY
    monkeypatch.setattr(valve, "DICTIONARY", required)
    site = make_site(tmp_path)
    load(site, HEADER + person(sex="7") + visit(instance="4", seen=""), accept_bad_values=True)
    done = write_corrections(site, tmp_path / "out.csv", missing=True)
    assert (done.listed, done.rows, done.cells, done.left) == ("missing.csv", 1, 1, 0)
    [row] = table(tmp_path / "out.csv")
    assert [*row.items()] == [
        ("code", "A1"),
        ("redcap_repeat_instrument", "visit"),
        ("redcap_repeat_instance", "4"),
        ("seen", ""),
    ]


def test_a_column_that_no_field_of_redcap_is_called_is_refused(
    site: SiteFolder, tmp_path: Path
) -> None:
    mapping, export = tmp_path / "odd.yaml", tmp_path / "export.csv"
    mapping.write_text("dictionary: valve\nelements: {sex: {from: '=sex'}}\n", encoding="utf-8")
    export.write_text(WRONG.replace(",sex,", ",=sex,", 1), encoding="utf-8")
    ingest(site, export, str(mapping), accept_bad_values=True)
    with pytest.raises(SiteError, match="no name that a field of REDCap has"):
        write_corrections(site, tmp_path / "out.csv", str(mapping))
