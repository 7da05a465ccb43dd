"""Projects of REDCapR: what their CSV exports hold, their ODM exports hold too.

The folder with the sample files is in ``OSTEON_SAMPLES``, ``../shared/samples`` beside the clone if
it is not set. Without it these tests are skipped, unless ``OSTEON_REQUIRE_ALL`` is 1. The files are
MIT-licensed and not part of this project.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from policies.dictionary import Dictionary
from policies.dictionary.redcap import read_redcap_dictionary

pytestmark = pytest.mark.slow

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
)
REPEATS = {
    "longitudinal": (  # at several events of an arm
        "contact_info",
        "visit_lab_data",
        "patient_morale_questionnaire",
        "visit_blood_workup",
        "visit_observed_behavior",
    ),
    "repeating-instruments": ("bp",),
    "vignette-repeating": ("blood_pressure", "laboratory", "image"),
}


@pytest.fixture(scope="module", autouse=True)
def _samples() -> None:
    if not SAMPLES.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")


def forms(folder: Path, path: Path, dictionary: Dictionary) -> dict[str, list[tuple[Any, ...]]]:
    """The typed forms, without the place of their rows, blanks in texts run together."""
    sitemap = SiteMap(dictionary="sample", ignore_unmapped=True, source="redcap")
    with open_bench(folder / "spill") as bench:
        source = inspect(path, sitemap, dictionary)
        stage(bench, source, sitemap, dictionary, where="map", accept_bad_values=True)
        found = {
            name: bench.run(f"SELECT * EXCLUDE (_at) FROM form_{name} ORDER BY ALL")
            for name in dictionary.instruments
        }
    # XML turns line breaks of an attribute into blanks.
    return {
        name: [tuple(" ".join(c.split()) if isinstance(c, str) else c for c in row) for row in rows]
        for name, rows in found.items()
    }


@pytest.mark.parametrize(
    ("project", "rows"),
    [
        ("checkboxes-1", 4),
        ("clinical-trial-1", 500),
        ("dag", 3),
        ("longitudinal", 3),
        ("repeating-instruments", 2),
        ("survey", 2),
        ("vignette-repeating", 2),
    ],
)
def test_odm_and_csv_of_a_project_are_the_same_forms(
    tmp_path: Path, project: str, rows: int
) -> None:
    folder = SAMPLES / "redcapr" / project
    dictionary = read_redcap_dictionary(
        folder / "dictionary.csv", name="sample", repeats=REPEATS.get(project, ())
    )
    of_csv = forms(tmp_path, folder / "data.csv", dictionary)
    assert len(of_csv[dictionary.root]) == rows
    assert forms(tmp_path, folder / "project.xml", dictionary) == of_csv
