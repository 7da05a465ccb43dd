"""Values of fields with several choices tick a box of the dictionary, or are faults of their row."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import LoadRefused
from gateway.registry.bench import open_bench
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from tests.unit.registry.valve import dictionary, sitemap

TYPED = "Quibbleworth Jane DOB 1928"
COLUMNS = ("record", "field_name", "value")


def written(folder: Path, kind: str, value: str) -> Path:
    values = [("A", "sex", "1"), ("A", "age", "50"), ("A", "races", value), ("A", "races", "2")]
    path = folder / "data.bin"
    if kind == "csv":
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([COLUMNS, *values])
    elif kind == "json":
        listed = [dict(zip(COLUMNS, one, strict=True)) for one in values]
        path.write_text(json.dumps(listed), encoding="utf-8")
    else:
        items = "".join(f'<ItemData ItemOID="{name}" Value="{text}"/>' for _, name, text in values)
        path.write_text(
            '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><ClinicalData><SubjectData '
            f'SubjectKey="A"><FormData FormOID="person"><ItemGroupData>{items}</ItemGroupData>'
            "</FormData></SubjectData></ClinicalData></ODM>",
            encoding="utf-8",
        )
    return path


def read(folder: Path, path: Path, text: str = "", *, bad: bool = True) -> tuple[Any, Any]:
    mapping = sitemap(text)
    source = inspect(path, mapping, dictionary())
    with open_bench(folder / "spill") as bench:
        stage(bench, source, mapping, dictionary(), where="map", accept_bad_values=bad)
        return (
            bench.run("SELECT races___1, races___2, races___9 FROM form_person"),
            bench.run("SELECT _at, record, instrument, fields, rule, says FROM fix"),
        )


@pytest.mark.parametrize("kind", ["csv", "json", "odm"])
def test_a_value_that_is_no_choice_is_a_fault_and_is_never_printed(
    tmp_path: Path, kind: str
) -> None:
    path = written(tmp_path, kind, TYPED)
    with pytest.raises(LoadRefused, match="field 'races' is not one of its choices") as refused:
        read(tmp_path, path, bad=False)
    assert "Quibble" not in f"{refused.value} {refused.value.hint}"
    ticked, listed = read(tmp_path, path)
    assert ticked == [(False, True, False)]
    assert listed == [(1, "A", "person", "races", "choice", "is not one of its choices")]


@pytest.mark.parametrize("kind", ["csv", "json", "odm"])
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("9", ""),
        (" unKNOWN ", ""),
        ("nk", 'elements: {races: {from: races, recode: {NK: "9"}, ignore_case: true}}'),
    ],
)
def test_codes_labels_and_the_maps_spellings_tick_a_box(
    tmp_path: Path, kind: str, value: str, text: str
) -> None:
    found = read(tmp_path, written(tmp_path, kind, value), text)
    assert found == ([(False, True, True)], [])


def test_a_missing_data_code_ticks_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "csv", "NASK")
    assert read(tmp_path, path, "missing: {codes: [NASK]}") == ([(False, True, False)], [])
    assert len(read(tmp_path, path)[1]) == 1
