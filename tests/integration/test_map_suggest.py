"""``osteon site map --suggest`` on real REDCap projects, mCODE templates and the registry's exports."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.synthetic import generate
from gateway.registry.sources.detect import inspect
from gateway.registry.suggest.suggest import Draft, suggest
from policies.decode import load
from policies.dictionary import Dictionary
from policies.dictionary.redcap import read_redcap_dictionary
from policies.library import load_named
from tests.hospital_export import (
    STRANGER,
    TRUTH,
    UNITS,
    write_hospital_table,
    write_strange_tables,
)
from tests.integration.command_line import osteon
from tests.integration.redcap_project import Project, User, as_csv, metadata_of
from tests.integration.test_fake_redcap import staged

pytestmark = pytest.mark.slow

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
)
REPEATS = {
    "repeating-instruments": ("bp",),
    "vignette-repeating": ("blood_pressure", "laboratory", "image"),
}
FILES = {"longitudinal": {"patient_document"}, "vignette-repeating": {"image_profile"}}
"""Uploaded files: no element of a dictionary."""


@pytest.fixture
def samples() -> Path:
    if not SAMPLES.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")
    return SAMPLES


@pytest.fixture(scope="module")
def registry() -> Dictionary:
    return load_named("dictionaries", Dictionary, "sarcoma_v1")


def columns(draft: Draft) -> dict[str, str]:
    return {line.element: line.column for line in draft.lines if line.column is not None}


@pytest.mark.parametrize(
    "project",
    [
        "checkboxes-1",
        "clinical-trial-1",
        "dag",
        "longitudinal",
        "repeating-instruments",
        "survey",
        "vignette-repeating",
    ],
)
def test_every_field_of_a_redcap_project_finds_itself(samples: Path, project: str) -> None:
    folder = samples / "redcapr" / project
    dictionary = read_redcap_dictionary(
        folder / "dictionary.csv", name="sample", repeats=REPEATS.get(project, ())
    )
    draft = suggest(folder / "data.csv", dictionary)
    assert columns(draft) == {name: name for name in dictionary.elements}
    left = {item.column for item in draft.left if not item.column.endswith("_complete")}
    assert left == FILES.get(project, set())


def _labelled(project: Project, path: Path, *, boxes: bool) -> Path:
    """The project exported as labels; ``boxes``: ticked ones hold their choice's label too."""
    asked = {
        "records": [],
        "events": [],
        "fields": [],
        "forms": [],
        "groups": True,
        "survey": False,
    }
    given = asked | {"label": True, "checkbox_label": boxes, "decimal": ""}
    path.write_text(as_csv(*project.export(given, User())), encoding="utf-8")
    return path


def _loaded(path: Path, draft: Draft, dictionary: Dictionary, folder: Path) -> dict[str, Any]:
    """Every form as the draft, as it stands, makes it of the file; without rows that say nothing:
    where a ticked box holds its label, a form of boxes left empty is one that nobody opened.
    """
    forms = staged(folder, inspect(path, draft.sitemap, dictionary), draft.sitemap, dictionary)
    return {
        form: [row for row in rows if any(cell not in (None, False) for cell in row[3:])]
        for form, rows in forms.items()
    }


@pytest.mark.parametrize("boxes", [False, True], ids=["checked", "named boxes"])
@pytest.mark.parametrize(
    "project",
    ["checkboxes-1", "clinical-trial-1", "longitudinal", "repeating-instruments", "survey"],
)
def test_a_labelled_export_of_a_redcap_project_is_drafted_as_one(
    samples: Path, tmp_path: Path, project: str, boxes: bool
) -> None:
    folder, repeats = samples / "redcapr" / project, REPEATS.get(project, ())
    dictionary = read_redcap_dictionary(folder / "dictionary.csv", name="sample", repeats=repeats)
    raw = suggest(folder / "data.csv", dictionary)
    path = _labelled(Project.read(folder, repeats), tmp_path / "labels.csv", boxes=boxes)
    draft = suggest(path, dictionary)
    assert columns(draft) == columns(raw)
    assert "recode" not in draft.text
    # Of the first project boxes alone have choices, and one that says Checked needs no label.
    assert draft.sitemap.labels is (None if (project, boxes) == ("checkboxes-1", False) else True)
    assert raw.sitemap.labels is None
    exact = _loaded(folder / "data.csv", raw, dictionary, tmp_path / "raw")
    assert _loaded(path, draft, dictionary, tmp_path / "labelled") == exact


def test_a_labelled_export_of_a_whole_registry(tmp_path: Path, registry: Dictionary) -> None:
    generate(tmp_path, seed=5, sites=2, operations=150, notes=4)
    source = next(iter(sorted(tmp_path.glob("*/redcap.csv"))))
    with source.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    repeats = tuple(name for name, form in registry.instruments.items() if form.repeats)
    project = Project(metadata_of(registry), rows, repeats)
    path = _labelled(project, tmp_path / "labels.csv", boxes=True)
    draft = suggest(path, registry)
    assert draft.sitemap.labels
    assert columns(draft) == {name: name for name in registry.elements}
    assert not [line.element for line in draft.lines if line.recode or line.hidden]


def test_every_column_of_the_mcode_templates_finds_itself(samples: Path, tmp_path: Path) -> None:
    # These have no dictionary of their own: one is made of their headers, as REDCap would write it.
    for path in sorted((samples / "mcode_extraction_csv").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            header = [column.strip() for column in next(csv.reader(file))]
        if not all(header):
            continue  # one template ends in a nameless column
        names = {column: re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).lower() for column in header}
        declared = tmp_path / "dictionary.csv"
        with declared.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(
                [
                    "Variable / Field Name",
                    "Form Name",
                    "Field Type",
                    "Field Label",
                    "Field Annotation",
                ]
            )
            writer.writerows([name, "form", "text", column, ""] for column, name in names.items())
        dictionary = read_redcap_dictionary(declared, name="mcode")
        draft = suggest(path, dictionary)
        assert columns(draft) == {name: column for column, name in names.items()}, path.name


def _renamed(source: Path, target: Path, name: Callable[[str], str]) -> Path:
    with (
        source.open(encoding="utf-8") as given,
        target.open("w", newline="", encoding="utf-8") as out,
    ):
        reader, writer = csv.reader(given), csv.writer(out)
        header = next(reader)
        parts = [column.partition("___") for column in header]
        writer.writerow([name(stem) + mark + code for stem, mark, code in parts])
        writer.writerows(reader)
    return target


@pytest.mark.parametrize("how", ["same", "camel", "labels", "one letter lost"])
def test_a_registry_export_under_other_names(
    tmp_path: Path, registry: Dictionary, how: str
) -> None:
    generate(tmp_path, seed=5, sites=2, operations=150, notes=4)
    source = next(iter(sorted(tmp_path.glob("*/redcap.csv"))))
    to: dict[str, str] = {}
    for name, element in registry.elements.items():
        slug = re.sub(r"\W+", "_", re.sub(r"\(.*?\)", "", element.label)).strip("_").lower()
        head, *tail = name.split("_")
        middle = len(name) // 2
        shorter = name[:middle] + name[middle + 1 :] if len(name) > 7 else name
        to[name] = {
            "same": name,
            "camel": head + "".join(part.title() for part in tail),
            "labels": slug if slug not in to.values() else f"{slug}_{element.instrument}",
            "one letter lost": shorter if shorter not in to.values() else name,
        }[how]
    path = _renamed(source, tmp_path / "renamed.csv", lambda stem: to.get(stem, stem))
    draft = suggest(path, registry)
    right = [name for name, column in columns(draft).items() if column == to[name]]
    assert len(right) >= 0.97 * len(to)
    assert len(right) >= 0.99 * len(columns(draft))
    assert all(line.column == to[line.element] for line in draft.lines if line.level == "sure")


def test_a_hospitals_own_table(tmp_path: Path, registry: Dictionary) -> None:
    draft = suggest(write_hospital_table(tmp_path), registry)
    found = columns(draft)
    right = {name for name, column in found.items() if TRUTH.get(column) == name}
    assert len(right) >= 0.95 * len(found)
    assert len(right) >= 0.95 * len(TRUTH)
    lines = {line.column: line for line in draft.lines}
    assert {column: lines[column].unit for column in UNITS} == UNITS
    assert lines["DxDate"].format == "%m/%d/%Y"
    assert dict(lines["Side"].recode or {}) == {"Left": "1", "Right": "2", "Midline": "3"}
    assert draft.missing.keys() == {"-999"}


def test_tables_of_a_stranger(tmp_path: Path, registry: Dictionary) -> None:
    right = drafted = wanted = 0
    for form, path in write_strange_tables(tmp_path).items():
        draft = suggest(path, registry)
        found = {column: name for name, column in columns(draft).items()}
        truth = STRANGER[form]
        right += sum(found.get(column) == name for column, name in truth.items())
        drafted, wanted = drafted + len(found), wanted + len(truth)
        sure = {line.column: line.element for line in draft.lines if line.level == "sure"}
        assert all(truth.get(str(column)) == name for column, name in sure.items())
        assert {line.format for line in draft.lines if line.format} <= {"%d.%m.%Y"}
    assert right >= 0.9 * drafted
    assert right >= 0.85 * wanted


def test_a_draft_loads(tmp_path: Path) -> None:
    source = write_hospital_table(tmp_path)
    out = tmp_path / "map.yaml"
    told = osteon("site", "map", "--suggest", source, "--dictionary", "sarcoma_v1", "--out", out)
    assert "sure" in told.stdout
    assert out.stat().st_mode & 0o777 == 0o600
    # What a person adds: what the hospital knows of all of its rows.
    text = out.read_text(encoding="utf-8")
    text = text.replace("elements:\n", "elements:\n  specimen_type: {const: 1}\n")
    out.write_text(re.sub(r"  - specimen_type\n", "", text), encoding="utf-8")
    site = tmp_path / "site"
    osteon("site", "init", site, "--dictionary", "sarcoma_v1")
    done = osteon("site", "ingest", site, source, "--map", out, "--accept-bad-values", "--json")
    report = json.loads(done.stdout)
    assert report["patients"] > 50
    assert report["problems"].get("choice", 0) == 0


def test_a_file_that_exists_is_left_alone(tmp_path: Path, registry: Dictionary) -> None:
    source = write_hospital_table(tmp_path)
    out = tmp_path / "map.yaml"
    out.write_text("mine")
    words = ("site", "map", "--suggest", source, "--dictionary", "sarcoma_v1", "--out", out)
    assert "--force" in osteon(*words, status=2).stderr
    assert out.read_text() == "mine"
    plain = json.loads(osteon(*words, "--force", "--json").stdout)
    assert plain["dictionary"] == registry.dictionary
    assert {e["element"] for e in plain["elements"]} >= {"dx_date", "size_max_cm"}
    assert out.read_text().startswith("# A draft")


def test_without_a_dictionary_the_best_of_the_shipped_ones_is_taken(tmp_path: Path) -> None:
    source = write_hospital_table(tmp_path)
    plain = json.loads(osteon("site", "map", "--suggest", source, "--json").stdout)
    assert plain["dictionary"] == "sarcoma_v1"


def test_a_drafted_map_is_a_map(tmp_path: Path, registry: Dictionary) -> None:
    from gateway.registry.sitemap import SiteMap

    draft = suggest(write_hospital_table(tmp_path), registry)
    (tmp_path / "map.yaml").write_text(draft.text, encoding="utf-8")
    assert load(SiteMap, tmp_path / "map.yaml") == draft.sitemap
