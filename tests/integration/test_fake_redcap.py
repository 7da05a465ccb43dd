"""The fake server answers as REDCap does: the real PyCap works on it, on REDCapR's projects."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redcap

from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.redcap_api import project_at, read_project
from gateway.registry.sources.source import Source
from gateway.registry.staging import stage
from policies.dictionary.redcap import read_redcap_dictionary
from tests.integration.fake_redcap import TOKEN, FakeRedcap, serving
from tests.integration.redcap_project import Project, User
from tests.integration.valve_redcap import valve_project
from tests.unit.registry.valve import EXPORT, dictionary, sitemap

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
)
REPEATS = {
    "repeating-instruments": ("bp",),
    "vignette-repeating": ("blood_pressure", "laboratory", "image"),
}


@pytest.fixture
def samples() -> Path:
    if not SAMPLES.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")
    return SAMPLES / "redcapr"


@pytest.fixture
def valve() -> Iterator[tuple[redcap.Project, FakeRedcap]]:
    fake = FakeRedcap({TOKEN: (valve_project(missing="NASK, Not asked"), User())})
    with serving(fake) as address:
        yield client(address), fake


def client(address: str) -> redcap.Project:
    url = address.removeprefix("redcap+")
    return redcap.Project(url, TOKEN, headers={"Connection": "close"})


def staged(folder: Path, source: Source, mapping: SiteMap, declared: Any) -> dict[str, list[Any]]:
    with open_bench(folder / "spill") as bench:
        stage(bench, source, mapping, declared, where="map", accept_bad_values=True)
        return {
            name: bench.run(f"SELECT * EXCLUDE (_at) FROM form_{name} ORDER BY ALL")
            for name in declared.instruments
        }


def test_pycap_reads_a_projects_structure(valve: tuple[redcap.Project, FakeRedcap]) -> None:
    project, _ = valve
    assert project.def_field == "code"
    assert set(project.forms) == {"person", "defect", "visit"}
    assert str(project.export_version()) == "14.5.10"
    assert not project.is_longitudinal
    assert project.export_project_info()["missing_data_codes"] == "NASK, Not asked"
    assert [r["form_name"] for r in project.export_repeating_instruments_events()] == [
        "defect",
        "visit",
    ]
    names = project.export_field_names()
    boxes = [n["export_field_name"] for n in names if n["original_field_name"] == "races"]
    assert boxes == ["races___1", "races___2", "races___9", "races___nask"]


def test_pycap_reads_records_in_every_format(valve: tuple[redcap.Project, FakeRedcap]) -> None:
    project, _ = valve
    plain = project.export_records(export_data_access_groups=True)
    assert list(csv.DictReader(io.StringIO(EXPORT))) == [
        {k: v for k, v in row.items() if k != "races___nask"} for row in plain
    ]
    text = project.export_records(format_type="csv", export_data_access_groups=True)
    assert list(csv.DictReader(io.StringIO(text))) == plain
    assert "<surname><![CDATA[Quibbleworth]]></surname>" in project.export_records("xml")
    values = project.export_records(record_type="eav")
    assert {
        "record": "A1",
        "redcap_repeat_instrument": "defect",
        "redcap_repeat_instance": "2",
        "field_name": "found",
        "value": "2020-01-01",
    } in values
    assert [v["value"] for v in values if v["field_name"] == "races"] == ["1"]
    some = project.export_records(fields=["sex"], records=["A1"], raw_or_label="label")
    assert some[0] == {
        "code": "A1",
        "redcap_repeat_instrument": "",
        "redcap_repeat_instance": "",
        "sex": "Female",
    }
    assert some[1]["redcap_repeat_instrument"] == "Defect"


@pytest.mark.parametrize(
    ("style", "body"),
    [
        ("json", '{"error":"You do not have permissions to use the API"}'),
        ("csv", "ERROR: You do not have permissions to use the API"),
        ("xml", '<?xml version="1.0" encoding="UTF-8" ?><hash><error>You do not have'),
    ],
)
def test_errors_are_written_in_the_format_asked_for(style: str, body: str) -> None:
    with serving(FakeRedcap({})) as address:
        url = address.removeprefix("redcap+")
        given = {"token": TOKEN, "content": "record", "format": style}
        answer = httpx.post(url, data=given, trust_env=False)
    assert answer.status_code == 403
    assert answer.text.startswith(body)


def test_unknown_fields_and_contents_are_errors(valve: tuple[redcap.Project, FakeRedcap]) -> None:
    project, _ = valve
    with pytest.raises(redcap.RedcapError, match="not valid"):
        project.export_records(fields=["nowhere"])
    with pytest.raises(redcap.RedcapError, match="classic projects"):
        project.export_arms()


@pytest.mark.parametrize("style", ["csv;", "csv\t", "eav csv", "eav json", "odm", "label csv"])
def test_what_the_server_exports_to_a_file_loads_as_the_api_does(
    tmp_path: Path, valve: tuple[redcap.Project, FakeRedcap], style: str
) -> None:
    project, _ = valve
    form = {"token": TOKEN, "content": "record", "exportDataAccessGroups": "true"}
    form["type"] = "eav" if "eav" in style else "flat"
    form["format"] = next(name for name in ("csv", "json", "odm") if name in style)
    form["csvDelimiter"] = {"csv;": ";", "csv\t": "tab"}.get(style, ",")
    form["rawOrLabel"] = "label" if "label" in style else "raw"
    answer = httpx.post(project.url, data=form, trust_env=False)
    path = tmp_path / "export"
    path.write_bytes(answer.content)
    source = read_project(project_at(f"redcap+{project.url}", TOKEN))
    mapping = sitemap("missing: {codes: [NASK]}")
    expected = staged(tmp_path, source, mapping, dictionary())
    assert len(expected["defect"]) == 2
    if "label" in style:
        mapping = sitemap("missing: {codes: [NASK]}\nlabels: true")
    assert staged(tmp_path, inspect(path, mapping, dictionary()), mapping, dictionary()) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "checkboxes-1",
        "clinical-trial-1",
        "dag",
        "longitudinal",
        "repeating-instruments",
        "survey",
        "validation-types-1",
        "vignette-repeating",
    ],
)
def test_a_sample_project_loads_through_the_api_as_from_its_file(
    tmp_path: Path, samples: Path, name: str
) -> None:
    repeats = REPEATS.get(name, ())
    folder = samples / name
    declared = read_redcap_dictionary(folder / "dictionary.csv", name="sample", repeats=repeats)
    mapping = SiteMap(dictionary="sample", ignore_unmapped=True, source="redcap")
    by_file = staged(tmp_path, inspect(folder / "data.csv", mapping, declared), mapping, declared)
    fake = FakeRedcap({TOKEN: (Project.read(folder, repeats), User())})
    with serving(fake) as address:
        source = read_project(project_at(address, TOKEN))
        metadata = httpx.post(
            address.removeprefix("redcap+"),
            data={"token": TOKEN, "content": "metadata", "format": "json"},
            trust_env=False,
        )
        longitudinal = client(address).is_longitudinal
    assert staged(tmp_path, source, mapping, declared) == by_file
    assert source.about.withheld == ()
    assert longitudinal == (name == "longitudinal")
    of_api = tmp_path / "metadata.json"
    of_api.write_bytes(metadata.content)
    assert read_redcap_dictionary(of_api, name="sample", repeats=repeats) == declared
