"""One faultless and one damaged registry, generated once."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.demo.synthetic import Truth, generate

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Registry:
    folder: Path
    truth: Truth
    files: dict[str, Rows]

    def rows(self, form: str) -> list[tuple[str, dict[str, str]]]:
        """(site, row) of one form at all sites; the patient form has no instrument name."""
        name = "" if form == "patient" else form
        return [
            (site, row)
            for site, rows in self.files.items()
            for row in rows
            if row["redcap_repeat_instrument"] == name
        ]


def _read(folder: Path, truth: Truth) -> Registry:
    files = {}
    for site in truth.sites:
        with (folder / site.site / "redcap.csv").open(encoding="utf-8", newline="") as file:
            files[site.site] = list(csv.DictReader(file, strict=True))
    return Registry(folder, truth, files)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("clean")
    return _read(folder, generate(folder, seed=5, defects=False))


@pytest.fixture(scope="session")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("damaged")
    return _read(folder, generate(folder, seed=5))
