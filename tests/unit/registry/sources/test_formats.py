"""The same records are the same forms, whatever file they came in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.registry.bench import open_bench
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from tests.unit.registry.sources.formats import FORMATS, as_csv
from tests.unit.registry.valve import HEADER, defect, dictionary, person, sitemap, visit

EXPORT = (
    HEADER
    + person(races="1,1,0", height="170.5")
    + defect(nr="1")
    + defect(nr="2", valve="m", leak="", score="")
    + visit(instance="1", of="2")
    + visit(instance="2", beats="")
    + person("B1", surname="O'Brien & Söhne <x>", races="0,0,0", zip_code="00501")
    + defect("B1", found="1999-12-31")
)


def forms(folder: Path, path: Path) -> tuple[str, dict[str, list[Any]], list[Any]]:
    """What the file is, the forms without the place of their rows, and the fix list."""
    with open_bench(folder / "spill") as bench:
        mapping = sitemap("")
        source = inspect(path, mapping, dictionary())
        stage(bench, source, mapping, dictionary(), where="map", accept_bad_values=True)
        tables = {
            form: bench.run(
                f"SELECT * EXCLUDE (_at) FROM form_{form} ORDER BY _record, _seq, _instance"
            )
            for form in dictionary().instruments
        }
        return source.kind, tables, bench.run("SELECT record, fields, rule FROM fix ORDER BY ALL")


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_forms(tmp_path: Path, kind: str) -> None:
    as_csv(tmp_path / "flat.csv", EXPORT)
    _, expected, listed = forms(tmp_path, tmp_path / "flat.csv")
    assert [len(rows) for rows in expected.values()] == [2, 3, 2]
    FORMATS[kind](tmp_path / "data.bin", EXPORT)
    assert forms(tmp_path, tmp_path / "data.bin") == (kind, expected, listed)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_faults_are_found_in_every_format(tmp_path: Path, kind: str) -> None:
    wrong = HEADER + person(sex="7", height="900") + defect(valve="z") + visit(seen="1700-01-01")
    FORMATS[kind](tmp_path / "data.bin", wrong)
    _, _, listed = forms(tmp_path, tmp_path / "data.bin")
    assert listed == [
        ("A1", "height", "bounds"),
        ("A1", "seen", "bounds"),
        ("A1", "sex", "choice"),
        ("A1", "valve", "choice"),
    ]
