"""A draft of a map for FHIR: what finds something in the export stays, the rest becomes comments."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gateway.registry.load import ingest
from gateway.registry.suggest.fhir import shipped_map, suggest_fhir
from gateway.registry.suggest.suggest import Draft
from gateway.site.config import create_site
from policies.dictionary import Dictionary
from policies.library import load_named
from tests.integration.command_line import osteon
from tests.integration.mcode import RESOURCES, as_folder

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
)


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return load_named("dictionaries", Dictionary, "sarcoma_v1")


def drafted(folder: Path, dictionary: Dictionary) -> Draft:
    ours = shipped_map(dictionary)
    assert ours is not None
    return suggest_fhir(folder, dictionary, ours)


def test_what_finds_something_stays_with_its_count(tmp_path: Path, dictionary: Dictionary) -> None:
    draft = drafted(as_folder(tmp_path / "bulk"), dictionary)
    kept = {line.element: line for line in draft.lines}
    assert kept["record_id"].said.endswith("in 2 rows")
    assert {"sex", "dx_date", "surgery_date", "note_text"} <= set(kept)
    assert set(draft.sitemap.maps) == set(kept)
    assert "\n  tumor: Condition[" in draft.text
    assert "Thornwaite" not in draft.text


def test_forms_and_paths_that_find_nothing_are_comments(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    some = [r for r in RESOURCES if r["resourceType"] in ("Patient", "Condition")]
    folder = tmp_path / "bulk"
    folder.mkdir()
    (folder / "some.ndjson").write_text("".join(json.dumps(r) + "\n" for r in some), "utf-8")
    draft = drafted(folder, dictionary)
    assert set(draft.sitemap.forms) == {"patient", "tumor"}
    for name in ("surgery_date", "note_text", "pro_date", "ajcc_t"):
        assert name not in draft.sitemap.maps
        assert f"\n#  {name}:" in draft.text
    assert "\n#    recode: {1222604002: tx" in draft.text, "an entry goes whole"
    assert "\n  # At diagnosis and before treatment" in draft.text, "remarks stay"
    assert {item.column for item in draft.left} >= {"DocumentReference.author.display"}
    site = create_site(tmp_path / "site", dictionary="sarcoma_v1")
    (tmp_path / "map.yaml").write_text(draft.text, "utf-8")
    report = ingest(site, folder, str(tmp_path / "map.yaml"), accept_bad_values=True, notes=False)
    assert report.patients == 2


def test_a_files_name_ends_no_comment(tmp_path: Path, dictionary: Dictionary) -> None:
    folder = as_folder(tmp_path / "bulk\nforms: 3")
    (folder / "list\nelements: 3.txt").write_text("x", "utf-8")
    draft = drafted(folder, dictionary)
    assert "\n#   1 file list?elements: 3.txt\n" in draft.text
    assert "surgery" in draft.sitemap.forms


@pytest.mark.slow
def test_the_command_drafts_a_map_for_a_bulk_export(tmp_path: Path) -> None:
    folder, out = as_folder(tmp_path / "bulk"), tmp_path / "map.yaml"
    told = osteon("site", "map", "--suggest", folder, "--out", out).stdout
    assert "bulk as sarcoma_v1" in told
    assert "paths left out" in told
    osteon("site", "init", tmp_path / "site", "--dictionary", "sarcoma_v1")
    ingested = ("site", "ingest", tmp_path / "site", folder, "--map", out, "--no-notes")
    assert "2 patients" in osteon(*ingested).stdout
    refused = osteon("site", "map", "--suggest", folder, "--dictionary", "lung", status=2)
    assert "no map for FHIR ships" in refused.stderr


def test_others_exports_draft_a_map_that_reads_them(tmp_path: Path, dictionary: Dictionary) -> None:
    if not SAMPLES.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")
    draft = drafted(SAMPLES / "fhir_ndjson", dictionary)
    assert "record_id" in draft.sitemap.maps
    assert draft.left
    assert "# Held, and read by none of these paths:" in draft.text
