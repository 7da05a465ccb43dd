"""The same cases, exported from REDCap and from Epic, are the same registry."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from federated.study.plan import unit_table
from gateway.demo.synthetic import generate
from gateway.registry.load import ingest
from gateway.registry.store.embedded import DuckDBStore
from gateway.registry.suggest.suggest import suggest
from gateway.site.config import SiteFolder, create_site, open_site
from policies.dictionary import Dictionary
from policies.library import load_named

pytestmark = pytest.mark.slow

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
)
MISSING = ("-999", "NASK", "UNK")
DAY_0 = date(1840, 12, 31)
CONTEXTS = {"": "PATIENT", "tumor": "EPISODE", "surgery": "ORDER", "clinical_note": "NOTE"}


def said(dictionary: Dictionary, name: str, value: str) -> str:
    """A value as a SmartForm stores it: labels, day numbers, texts."""
    element = dictionary.elements[name]
    if value in MISSING:
        return value
    if element.type == "date":
        return str((date.fromisoformat(value) - DAY_0).days)
    return f" {element.choices[value].upper()} " if value in element.choices else value


def elements(dictionary: Dictionary, row: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    ticked: dict[str, list[str]] = {}
    for column, value in row.items():
        name, boxed, code = column.partition("___")
        if not value or name not in dictionary.elements or name == dictionary.key:
            continue
        if not boxed:
            yield name, [said(dictionary, name, value)]
        elif value == "1":
            ticked.setdefault(name, []).append(said(dictionary, name, code))
    yield from ticked.items()


def as_extract(folder: Path, export: Path, dictionary: Dictionary) -> None:
    """The export's cells in the two tables of SmartData, latest last."""
    folder.mkdir()
    data, values = [], []
    with export.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            form, record = row["redcap_repeat_instrument"], row["record_id"]
            context = f"{record}.{form}.{row['redcap_repeat_instance']}"
            for name, lines in elements(dictionary, row):
                for hour, written in ((9, ["superseded"]), (10, lines)):
                    when = f"2026-02-03 {hour:02}:00:00"
                    kind = CONTEXTS.get(form, "ENCOUNTER")
                    data.append([len(data), f"ORTHO#{name}", when, kind, context, record])
                    values += [[len(data) - 1, i, line] for i, line in enumerate(written, start=1)]
    columns = "HLV_ID ELEMENT_ID CUR_VALUE_DATETIME CONTEXT_NAME RECORD_ID_VARCHAR PAT_LINK_ID"
    for name, header, rows in (
        ("SMRTDTA_ELEM_DATA.csv", columns.split(), data),
        ("SMRTDTA_ELEM_VALUE.csv", ["HLV_ID", "LINE", "SMRTDTA_ELEM_VALUE"], values),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])


def smart_map(dictionary: Dictionary, used: set[str]) -> dict[str, Any]:
    maps: dict[str, dict[str, Any]] = {dictionary.key: {"from": "PAT_LINK_ID"}}
    for name in sorted(used):
        element = dictionary.elements[name]
        maps[name] = {"from": f"ORTHO#{name}"}
        if element.type == "date":
            maps[name]["format"] = "epic days"
        if element.choices:
            maps[name]["recode"] = {label: code for code, label in element.choices.items()}
    absent = sorted(set(dictionary.elements) - used - {dictionary.key})
    return {
        "dictionary": dictionary.dictionary,
        "elements": maps,
        "missing": {"codes": list(MISSING)},
        "absent": absent,
    }


def tables(site: SiteFolder) -> dict[str, list[Any]]:
    version = DuckDBStore(site.store_path).current()
    assert version is not None
    connection = version.connect()
    found = {}
    for name in [*(unit_table(unit) for unit in version.meta()["units"]), "notes", "stated"]:
        rows = connection.raw_sql(
            f"SELECT COLUMNS(lambda c: c NOT IN ('_row', '_order')) FROM {name} ORDER BY ALL"
        )
        found[name] = rows.fetchall()
    return found


def test_both_exports_give_the_same_registry_tables(tmp_path: Path) -> None:
    generate(tmp_path / "network", seed=11, sites=1, operations=30, notes=12, defects=False)
    export = next((tmp_path / "network").glob("*/redcap.csv"))
    first = create_site(tmp_path / "a", dictionary="sarcoma_v1", sitemap="sarcoma_redcap_map")
    shutil.copytree(first.path, tmp_path / "b")  # the same keys, so the same pseudonyms
    second, dictionary = open_site(tmp_path / "b"), first.dictionary()
    as_extract(tmp_path / "extract", export, dictionary)
    with (tmp_path / "extract" / "SMRTDTA_ELEM_DATA.csv").open(encoding="utf-8") as stream:
        used = {row["ELEMENT_ID"].removeprefix("ORTHO#") for row in csv.DictReader(stream)}
    mapping = tmp_path / "map.yaml"
    mapping.write_text(yaml.safe_dump(smart_map(dictionary, used)), encoding="utf-8")
    of_redcap = ingest(first, export)
    of_epic = ingest(second, tmp_path / "extract", str(mapping))
    assert (of_redcap.kind, of_epic.kind) == ("redcap", "smartdata")
    assert of_redcap.patients > 20
    assert (of_epic.patients, of_epic.units) == (of_redcap.patients, of_redcap.units)
    assert of_epic.notes_stored == of_redcap.notes_stored > 0
    mine, theirs = tables(first), tables(second)
    assert {name: len(rows) for name, rows in mine.items()} == {
        name: len(rows) for name, rows in theirs.items()
    }
    for name, rows in mine.items():
        assert theirs[name] == rows, name


def test_a_draft_for_an_extract_reads_it_as_the_map_of_a_person_does(tmp_path: Path) -> None:
    generate(tmp_path / "network", seed=11, sites=1, operations=30, notes=0, defects=False)
    export = next((tmp_path / "network").glob("*/redcap.csv"))
    first = create_site(tmp_path / "a", dictionary="sarcoma_v1")
    shutil.copytree(first.path, tmp_path / "b")
    second, dictionary = open_site(tmp_path / "b"), first.dictionary()
    extract = tmp_path / "extract"
    as_extract(extract, export, dictionary)
    with (extract / "SMRTDTA_ELEM_DATA.csv").open(encoding="utf-8") as stream:
        used = {row["ELEMENT_ID"].removeprefix("ORTHO#") for row in csv.DictReader(stream)}
    written, drafted = tmp_path / "map.yaml", tmp_path / "draft.yaml"
    written.write_text(yaml.safe_dump(smart_map(dictionary, used)), encoding="utf-8")
    draft = suggest(extract, dictionary)
    drafted.write_text(draft.text, encoding="utf-8")
    assert {line.element: line.column for line in draft.lines} == {
        dictionary.key: "PAT_LINK_ID",
        **{name: f"ORTHO#{name}" for name in used},
    }
    dates = [x for x in draft.lines if dictionary.elements[x.element].type == "date"]
    assert {line.format for line in dates} == {"epic days"}
    ingest(first, extract, str(written))
    ingest(second, extract / "SMRTDTA_ELEM_DATA.csv", str(drafted))
    assert tables(first) == tables(second)


def test_elements_are_drafted_by_the_names_of_epics_concepts() -> None:
    extract = SAMPLES / "epic_smartdata_layout"
    if not extract.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")
    draft = suggest(extract, load_named("dictionaries", Dictionary, "sarcoma_v1"))
    found = {line.element: line for line in draft.lines}
    assert {name: line.column for name, line in found.items()} == {
        "record_id": "PAT_LINK_ID",
        "dx_date": "ORTHO#4102",
        "icdo3_morph": "ORTHO#4101",
        "recon_type": "ORTHO#4110",
    }
    assert found["dx_date"].format == "epic days"
    assert found["recon_type"].recode == {"Endoprosthesis": "1", "Local flap": "10"}
    assert [item.column for item in draft.left] == ["EPIC#32168"]
