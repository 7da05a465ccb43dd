"""An mCODE export becomes a registry: the shipped map, the command line, notes included."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.config import open_site
from policies.decode import load
from policies.dictionary import Dictionary
from policies.library import find, load_named
from tests.integration.command_line import osteon
from tests.integration.mcode import as_bundle, as_folder

pytestmark = pytest.mark.slow

FORMS: dict[str, list[dict[str, Any]]] = {
    "patient": [
        {"record_id": "okonjo", "last_name": "Okonjo", "dob": "1951-11-30", "sex": "1", "race___2": None},
        {
            "record_id": "thornwaite", "mrn": "5518273", "first_name": "Zilpah",
            "last_name": "Thornwaite", "dob": "2003-04-05", "zip5": "02139", "phone": "5550100",
            "sex": "2", "race___1": False, "race___2": True, "race___5": True, "ethnicity": "0",
            "height_cm": 171.0,
        },
    ],
    "tumor": [
        {"_record": "okonjo", "tumor_seq": 1, "tumor_category": "2", "dx_date": "2021-01-15",
         "icdo3_morph": "8830/3", "icdo3_topo": "c49_2", "ajcc_t": None, "size_max_cm": None},
        {
            "_record": "thornwaite", "tumor_seq": 1, "tumor_category": "1", "dx_date": "2020-03-01",
            "icdo3_morph": "9180/3", "icdo3_topo": "c40_2", "laterality": "1", "size_max_cm": 8.3,
            "ajcc_t": "t2", "ajcc_n": "n0", "ajcc_m": "m0", "ajcc_stage": "iib",
        },
    ],
    "surgery": [{"_record": "thornwaite", "surg_tumor_ref": 1, "surgery_date": "2020-06-10",
                 "surg_intent": "1", "surgeon_id": "Practitioner/77"}],
    "radiation": [{"rt_tumor_ref": 1, "rt_start": "2020-09-01", "rt_end": "2020-10-12",
                   "rt_modality": "2", "rt_dose_gy": 66.0, "rt_fractions": 33}],
    "systemic_therapy": [{"sys_tumor_ref": 1, "sys_regimen": "6", "sys_start": "2020-03-20"}],
    "follow_up": [
        {"_record": "okonjo", "fu_tumor_ref": 1, "fu_date": "2021-07-01", "disease_status": "3",
         "vital_status": "2", "death_date": "2021-08-09"},
        {"_record": "thornwaite", "fu_date": "2021-06-01", "disease_status": "2",
         "vital_status": "1", "death_date": None},
    ],
    "pro": [{"pro_tumor_ref": 1, "pro_date": "2021-06-01", "promis_pf_t": 43.7, "promis_pi_t": None}],
    "clinical_note": [{"note_date": "2020-06-11", "note_type": "1", "note_author": "Dr Ozimandias"},
                      {"note_date": "2020-06-12", "note_type": "4", "note_text": None}],
}  # fmt: skip
UNREAD = {
    "Condition http://snomed.info/sct|38341003": 1,
    "Encounter": 1,
    "Observation http://loinc.org|33732-9": 1,
    "Procedure with the status not-done": 1,
}


@pytest.mark.parametrize("writer", [as_bundle, as_folder])
def test_every_form_that_mcode_can_fill(tmp_path: Path, writer: Any) -> None:
    dictionary = load_named("dictionaries", Dictionary, "sarcoma_v1")
    sitemap = load(SiteMap, find("examples", "sarcoma_mcode_map"))
    with open_bench(tmp_path / "spill") as bench:
        source = inspect(writer(tmp_path / "export"), sitemap, dictionary)
        staged = stage(bench, source, sitemap, dictionary, where="map", accept_bad_values=False)
        assert staged.unread == UNREAD
        for form, expected in FORMS.items():
            cursor = bench.connection.execute(f"SELECT * FROM form_{form} ORDER BY _record, _seq")
            names = [column[0] for column in cursor.description]
            found = [dict(zip(names, map(plain, row), strict=True)) for row in cursor.fetchall()]
            assert [
                {name: row[name] for name in wanted}
                for row, wanted in zip(found, expected, strict=True)
            ] == expected, form


def plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_from_export_to_published_registry(tmp_path: Path) -> None:
    site, export = tmp_path / "north", as_folder(tmp_path / "export")
    osteon("site", "init", site, "--dictionary", "sarcoma_v1", "--name", "north")
    done = osteon("site", "ingest", site, export, "--map", "sarcoma_mcode_map", "--json")
    report = json.loads(done.stdout)
    assert (report["kind"], report["patients"], report["changed"]) == ("fhir", 2, True)
    assert report["units"]["case"] == 2
    assert report["unread"] == UNREAD
    assert report["notes_stored"] + sum(report["notes_withheld"].values()) == 1
    with (site / "fixlist.csv").open(encoding="utf-8", newline="") as stream:
        fixes = [line for line in csv.DictReader(stream) if line["rule"] == "attachment"]
    [scan] = fixes
    assert (scan["row"], scan["record"], scan["instrument"], scan["fields"]) == (
        "DocumentReference.000.ndjson:2", "thornwaite", "clinical_note", "note_text",
    )  # fmt: skip
    assert "not plain text" in scan["says"]
    version = DuckDBStore(open_site(site).store_path).current()
    assert version is not None
    [femur] = [
        row
        for row in version.connect().table("unit_case").to_pyarrow().to_pylist()
        if row["tumor_category"] == "1"
    ]
    assert (femur["ajcc_t"], femur["size_max_cm"], femur["age_at_dx"]) == ("t2", 8.3, 16)
    for path in (site / "store").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [name for name in (b"Thornwaite", b"Okonjo", b"5518273") if name in content]
    again = json.loads(
        osteon("site", "ingest", site, export, "--map", "sarcoma_mcode_map", "--json").stdout
    )
    assert (again["changed"], again["version"]) == (False, report["version"])
    assert again["unread"] == UNREAD


def test_the_terminal_tells_what_was_not_read(tmp_path: Path) -> None:
    site = tmp_path / "north"
    osteon("site", "init", site, "--dictionary", "sarcoma_v1")
    words = ("--map", "sarcoma_mcode_map", "--no-notes")
    told = osteon("site", "ingest", site, as_bundle(tmp_path / "export.json"), *words).stdout
    assert "export.json (fhir): 12 rows, 2 patients" in told
    assert "held and not read (the map does not ask for it):" in told
    assert "1  Observation http://loinc.org|33732-9" in told
