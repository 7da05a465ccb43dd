"""A project loaded through REDCap's API: the real PyCap against a server on loopback."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SourceError
from gateway.site.config import SiteFolder
from tests.integration.command_line import osteon
from tests.integration.fake_redcap import TOKEN, FakeRedcap, serving
from tests.integration.redcap_project import User
from tests.integration.redcap_reading import ingested, read
from tests.integration.valve_redcap import faked, valve_project
from tests.unit.registry.valve import (
    EXPORT,
    HEADER,
    defect,
    load,
    make_site,
    person,
    rows,
    visit,
)


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return make_site(tmp_path)


def test_a_project_loads_as_its_export_does(site: SiteFolder, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    by_file = make_site(tmp_path / "other")
    load(by_file)
    report = ingested(site, faked())
    assert (report.kind, report.source, report.rows) == ("redcap api", "127.0.0.1 project 17", 5)
    assert (report.vanished, report.warnings) == ((), ())

    def content(of: SiteFolder, unit: str) -> list[dict[str, Any]]:
        hidden = {"_patient", "_order", "doctor"}  # these depend on the site's own keys
        found = [{k: v for k, v in row.items() if k not in hidden} for row in rows(of, unit)]
        return sorted(found, key=str)

    for unit in ("person", "defect", "visit"):
        assert content(site, unit) == content(by_file, unit)


def test_the_same_content_is_the_same_load_in_whatever_order_it_comes(site: SiteFolder) -> None:
    text = EXPORT + person("B2") + visit("B2") + visit("B2", "10") + visit("B2", "9")
    fake = faked(text)
    first = ingested(site, fake)
    assert first.changed
    project = fake.tokens[TOKEN][0]
    random.Random(5).shuffle(project.rows)
    again = ingested(site, fake)
    assert (again.changed, again.version) == (False, first.version)
    project.rows[0]["person_complete"] = "1"
    assert ingested(site, fake).changed


def test_records_come_in_batches_and_none_is_lost() -> None:
    codes = [f"P{i}" for i in range(250)]
    fake = faked(HEADER + "".join(person(code) for code in codes))
    source = read(fake)
    assert fake.asked == ["project", "metadata", *["record"] * 4]
    assert {row[0] for _, row in source.rows()} == set(codes)
    assert [number for number, _ in source.rows()] == list(range(1, 251))


def test_a_number_comes_with_a_point_whatever_the_project_writes() -> None:
    fake = faked(HEADER + person(height='"170,5"'))
    source = read(fake)
    height = source.header.index("height")
    assert [row[height] for _, row in source.rows()] == ["170.5"]


def test_events_and_arms_stay_apart(site: SiteFolder) -> None:
    project = valve_project(HEADER + person() + visit(instance="1"))
    again = dict(project.rows[1])
    project.rows = [
        {"code": row["code"], "redcap_event_name": event, **row}
        for row, event in (
            (project.rows[0], "start_arm_1"),
            (project.rows[1], "start_arm_1"),
            (again, "later_arm_1"),
            (again, "later_arm_2"),
        )
    ]
    names = ("start_arm_1", "later_arm_1", "later_arm_2")
    project.events = [{"unique_event_name": name, "arm_num": name[-1]} for name in names]
    report = ingested(site, FakeRedcap({TOKEN: (project, User())}))
    assert report.problems.get("duplicate") is None
    assert report.units["visit"] == 3


def test_a_repeating_event_has_many_rows(site: SiteFolder) -> None:
    project = valve_project(HEADER + person() + defect() + visit() + visit(seen="2021-05-01"))
    names = ("start_arm_1", "start_arm_1", "visit_arm_1", "visit_arm_1")
    project.rows = [
        {"code": row["code"], "redcap_event_name": event, **row}
        for row, event in zip(project.rows, names, strict=True)
    ]
    for number, row in enumerate(project.rows[2:], start=1):
        row.update(redcap_repeat_instrument="", redcap_repeat_instance=str(number))
    project.events = [{"unique_event_name": n, "arm_num": "1"} for n in dict.fromkeys(names)]
    report = ingested(site, FakeRedcap({TOKEN: (project, User())}))
    assert report.problems == {}
    assert report.units == {"person": 1, "defect": 1, "visit": 2}


def test_the_projects_missing_data_codes_are_used(site: SiteFolder) -> None:
    text = HEADER + person(sex="NASK", height="-999") + defect(found="NASK")
    report = ingested(site, faked(text, missing="-999, Unknown | NASK, Not asked"))
    assert report.problems == {}
    [patient] = rows(site, "person")
    assert (patient["sex"], patient["height"]) == (None, None)
    with pytest.raises(SourceError, match="3 cells are wrong"):
        ingested(site, faked(text))


def test_codes_that_the_map_does_not_list_are_told_and_their_boxes_are_no_fault(
    site: SiteFolder,
) -> None:
    mapping = Path(str(site.config.map))
    mapping.write_text(
        "dictionary: valve\nmissing: {codes: [NASK]}\n"
        "elements: {races: {from: origin}, remark: {from: remark}}",
        encoding="utf-8",
    )
    fake = faked(EXPORT, missing="-999, Unknown | NASK, Not asked")
    project = fake.tokens[TOKEN][0]
    for row in (*project.fields, *project.rows):
        for name, value in list(row.items()):
            if name.startswith("races"):
                row[name.replace("races", "origin")] = row.pop(name)
            elif value == "races":
                row[name] = "origin"
    [warning] = ingested(site, fake).warnings
    assert "does not list under `missing`: -999" in warning


@pytest.mark.slow
def test_the_command_takes_the_token_from_file_environment_or_input(
    site: SiteFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSTEON_REDCAP_TOKEN", raising=False)
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n", encoding="utf-8")
    with serving(faked(user=User("no identifiers"))) as address:
        ingest_it = ("site", "ingest", site.path, address)
        said = osteon(*ingest_it, status=2).stderr
        assert "OSTEON_REDCAP_TOKEN" in said
        token.chmod(0o644)
        assert "chmod 600" in osteon(*ingest_it, "--token-file", token, status=2).stderr
        token.chmod(0o600)
        told = osteon(*ingest_it, "--token-file", token).stdout
        assert "(redcap api): 5 rows, 1 patient\n" in told
        assert "WARNING: the export does not hold 4 fields" in told
        again = osteon(*ingest_it, "--token-file", "-", "--json", given=TOKEN)
        plain = json.loads(again.stdout)
        assert (plain["changed"], plain["vanished"]) == (
            False,
            ["surname", "born", "zip", "doctor"],
        )
        monkeypatch.setenv("OSTEON_REDCAP_TOKEN", TOKEN)
        assert "nothing changed" in osteon(*ingest_it).stdout
        shown = osteon("site", "audit", site.path).stdout
    assert "ingest" in shown
    for path in site.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert TOKEN.encode() not in content, path
            assert b"Quibbleworth" not in content, path
    assert TOKEN not in shown + told


@pytest.mark.slow
def test_a_draft_of_a_map_comes_from_the_project_itself(
    site: SiteFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTEON_REDCAP_TOKEN", TOKEN)
    out = tmp_path / "map.yaml"
    with serving(faked()) as address:
        drafting = (
            "site",
            "map",
            "--suggest",
            address,
            "--dictionary",
            tmp_path / "declared" / "d.yaml",
        )
        assert "0 required elements absent" in osteon(*drafting, "--out", out).stdout
        told = osteon("site", "ingest", site.path, address, "--map", out).stdout
    assert "(redcap api): 5 rows, 1 patient\n" in told
    assert "WARNING" not in told
