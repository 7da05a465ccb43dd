"""FHIR files that others wrote: each loads, or is refused with what to do about it.

The folder with the sample files is in ``OSTEON_SAMPLES``, ``../shared/samples`` beside the clone if
it is not set. Without it these tests are skipped, unless ``OSTEON_REQUIRE_ALL`` is 1. The files are
Apache-2.0 (cumulus-library, mcode-extraction-framework) and not part of this project.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import LoadRefused, SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from policies.decode import decode, load
from policies.dictionary import Dictionary
from policies.library import find, load_named

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
)
BULK, BUNDLES = SAMPLES / "fhir_ndjson", SAMPLES / "mcode_extraction_csv"


@pytest.fixture(scope="module", autouse=True)
def _samples() -> None:
    if not SAMPLES.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return load_named("dictionaries", Dictionary, "sarcoma_v1")


@pytest.fixture(scope="module")
def shipped() -> SiteMap:
    return load(SiteMap, find("examples", "sarcoma_mcode_map"))


class Read:
    """A sample through a map, with its forms and what was told of it."""

    def __init__(
        self, folder: Path, path: Path, sitemap: SiteMap, dictionary: Dictionary, *, accept: bool
    ) -> None:
        with open_bench(folder / "spill") as bench:
            source = inspect(path, sitemap, dictionary)
            staged = stage(
                bench, source, sitemap, dictionary, where="map", accept_bad_values=accept
            )
            self.unread = dict(staged.unread)
            self.forms = {
                form: self._rows(bench, form)
                for form in dictionary.instruments
                if bench.value(f"SELECT count(*) FROM form_{form}")
            }
            self.problems = Counter(bench.run("SELECT fields, rule FROM fix"))

    @staticmethod
    def _rows(bench: Any, form: str) -> list[dict[str, Any]]:
        cursor = bench.connection.execute(f"SELECT * FROM form_{form} ORDER BY _record, _seq")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def types(path: Path) -> Counter[str]:
    return Counter(json.loads(line)["resourceType"] for line in path.read_text().splitlines())


def test_a_bulk_export_of_another_field(
    tmp_path: Path, shipped: SiteMap, dictionary: Dictionary
) -> None:
    """General records: the patients load, and everything else is named with its count."""
    read = Read(tmp_path, BULK, shipped, dictionary, accept=False)
    lines = sum(types(path).total() for path in BULK.glob("*.ndjson"))
    patients = types(BULK / "patient.ndjson")["Patient"]
    assert {form: len(rows) for form, rows in read.forms.items()} == {"patient": patients}
    assert patients + sum(read.unread.values()) == lines
    assert read.unread["Observation http://loinc.org|34533-0"] == 10
    assert all(row["dob"] is not None and row["sex"] in "12" for row in read.forms["patient"])


def test_the_notes_of_a_bulk_export_are_decoded(tmp_path: Path, dictionary: Dictionary) -> None:
    sitemap = decode(
        SiteMap,
        {
            "source": "fhir",
            "dictionary": "sarcoma_v1",
            "forms": {"clinical_note": "DocumentReference"},
            "elements": {
                "dob": {"from": "Patient.birthDate"},
                "note_date": {"from": "DocumentReference.date"},
                "note_text": {"from": "DocumentReference.content.attachment.data"},
            },
            "absent": ["sex", "consent_status", "note_type"],
        },
        where="map",
    )
    read = Read(tmp_path, BULK, sitemap, dictionary, accept=False)
    notes = read.forms["clinical_note"]
    void = read.unread["DocumentReference with the docStatus entered-in-error"]
    assert void == 1
    assert len(notes) == types(BULK / "docs.ndjson")["DocumentReference"] - void
    assert all("# Chief Complaint" in note["note_text"] and note["note_date"] for note in notes)


def test_a_masked_patient_stays_masked(
    tmp_path: Path, shipped: SiteMap, dictionary: Dictionary
) -> None:
    read = Read(tmp_path, BUNDLES / "masked-patient-bundle.json", shipped, dictionary, accept=False)
    [patient] = read.forms["patient"]
    known = {name for name, value in patient.items() if value is not None}
    assert known == {"_at", "_record", "_instance", "_seq", "record_id"}
    assert read.unread == {"masked values of Patient": 20}
    assert not read.problems


def test_a_patient_with_everything(
    tmp_path: Path, shipped: SiteMap, dictionary: Dictionary
) -> None:
    path = BUNDLES / "extended-patient-bundle.json"
    [patient] = Read(tmp_path, path, shipped, dictionary, accept=False).forms["patient"]
    assert patient["record_id"] == patient["mrn"] == "119147111821125"
    assert (patient["last_name"], str(patient["dob"])) == ("Marshall", "1994-08-24")
    assert (patient["phone"], patient["zip5"]) == ("555-555-5555", "10801")
    assert (patient["race___1"], patient["race___5"], patient["ethnicity"]) == (True, False, "0")


@pytest.mark.parametrize(
    ("name", "forms", "problems"),
    [
        (
            "csv-cancer-disease-status-bundle.json",
            {"patient": 1, "follow_up": 1},
            {("disease_status", "choice"), ("fu_tumor_ref", "unattributed"), ("record_id", "patient")},
        ),
        (
            "csv-condition-bundle.json",
            {"patient": 1, "tumor": 1},
            {("dx_date", "type"), ("icdo3_topo", "choice"), ("laterality", "choice"),
             ("record_id", "patient"), ("tumor_category", "choice")},
        ),
    ],
)  # fmt: skip
def test_bundles_with_placeholders_load_without_them(
    tmp_path: Path,
    shipped: SiteMap,
    dictionary: Dictionary,
    name: str,
    forms: dict[str, int],
    problems: set[tuple[str, str]],
) -> None:
    with pytest.raises(LoadRefused, match="nothing was loaded"):
        Read(tmp_path, BUNDLES / name, shipped, dictionary, accept=False)
    read = Read(tmp_path, BUNDLES / name, shipped, dictionary, accept=True)
    assert {form: len(rows) for form, rows in read.forms.items()} == forms
    assert set(read.problems) == problems


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("csv-staging-bundle.json", "Observation"),
        ("csv-procedure-bundle.json", "Procedure"),
        ("surgical-radiation-procedure-bundle.json", "Procedure"),
    ],
)
def test_bundles_without_a_patient_or_tumour_are_refused_with_a_sentence(
    tmp_path: Path, shipped: SiteMap, dictionary: Dictionary, name: str, held: str
) -> None:
    with pytest.raises(SourceError) as caught:
        Read(tmp_path, BUNDLES / name, shipped, dictionary, accept=True)
    assert f"no resource that is an instance of a form (it holds: {held})" in str(caught.value)
    assert caught.value.hint is not None
    assert "forms in the site map" in caught.value.hint


def test_bundles_of_one_patient_in_a_folder_come_together(
    tmp_path: Path, shipped: SiteMap, dictionary: Dictionary
) -> None:
    """Staging (another edition of AJCC), status and condition refer to one patient by URN."""
    folder = tmp_path / "bundles"
    folder.mkdir()
    for path in BUNDLES.glob("*-bundle.json"):
        shutil.copy(path, folder)
    read = Read(tmp_path, folder, shipped, dictionary, accept=True)
    assert {row["_record"] for row in read.forms["tumor"]} == {"mrn-1"}
    [visit] = read.forms["follow_up"]
    assert (visit["_record"], visit["fu_tumor_ref"], str(visit["fu_date"])) == (
        "mrn-1",
        1,
        "2019-12-02",
    )
    assert sum(n for name, n in read.unread.items() if name.startswith("Observation")) == 4


@pytest.mark.parametrize("name", ["patient.csv", "staging.csv", "LICENSE"])
def test_other_files_beside_are_no_fhir(
    shipped: SiteMap, dictionary: Dictionary, name: str
) -> None:
    with pytest.raises(SourceError, match="holds no FHIR resources, which the map reads"):
        inspect(BUNDLES / name, shipped, dictionary)
