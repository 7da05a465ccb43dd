"""Extracts for statistics programs: the same cells as the CSV, with labels inside."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyreadstat
import pytest

from gateway.errors import SiteError
from gateway.registry.extract_files import check_ending, write_table
from policies.decode import decode, parse_yaml
from policies.derivation import Derivations
from tests.unit.registry.valve import DERIVATIONS, dictionary

TABLE = pa.table(
    {
        "_patient": ["p1", "p2", "p3"],
        "sex": ["1", "2", None],
        "age": pa.array([93, 41, None], pa.int64()),
        "height": [170.5, 160.0, None],
        "found": pa.array([0, -12, None], pa.int64()),
        "valve": ["a", "m", "a or m"],
        "races___1": [True, False, None],
        "ward": ["B7", None, "C2"],
    }
)


def derivations() -> Derivations:
    return decode(Derivations, parse_yaml(DERIVATIONS, where="d"), where="d")


def written(tmp_path: Path, ending: str) -> tuple[list[list[Any]], Any]:
    path = tmp_path / f"cases{ending}"
    renamed = write_table(TABLE, path, dictionary(), derivations())
    assert path.stat().st_mode & 0o777 == 0o600
    if ending == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream)), None
    if ending == ".parquet":
        import pyarrow.parquet as pq

        return [list(row.values()) for row in pq.read_table(path).to_pylist()], None
    read = {
        ".sav": pyreadstat.read_sav,
        ".dta": pyreadstat.read_dta,
        ".xpt": pyreadstat.read_xport,
    }[ending]
    frame, meta = read(str(path))
    assert dict(renamed) == {"_patient": "patient"}
    assert list(frame.columns) == ["patient", *TABLE.column_names[1:]]
    rows = [[None if v != v or v == "" else v for v in row] for row in frame.values.tolist()]
    return rows, meta


CELLS = [
    ["p1", 1, 93, 170.5, 0, "a", 1, "B7"],
    ["p2", 2, 41, 160.0, -12, "m", 0, None],
    ["p3", None, None, None, None, "a or m", None, "C2"],
]


@pytest.mark.parametrize("ending", [".sav", ".dta", ".xpt"])
def test_a_statistics_program_reads_the_same_cells_and_labels(tmp_path: Path, ending: str) -> None:
    rows, meta = written(tmp_path, ending)
    assert rows == CELLS
    labels = meta.column_names_to_labels
    assert (labels["sex"], labels["races___1"]) == ("Sex", "Race: One")
    assert labels["patient"] == "patient's pseudonym in this extract"
    values = meta.variable_value_labels
    if ending != ".xpt":
        assert values["sex"] == {1: "Male", 2: "Female"}
    if ending == ".sav":
        assert values["valve"] == {"a": "Aortic", "m": "Mitral"}


def test_csv_and_parquet_hold_them_too(tmp_path: Path) -> None:
    rows, _ = written(tmp_path, ".parquet")
    assert [[None if v is None else v for v in row] for row in rows] == [
        ["p1", "1", 93, 170.5, 0, "a", True, "B7"],
        ["p2", "2", 41, 160.0, -12, "m", False, None],
        ["p3", None, None, None, None, "a or m", None, "C2"],
    ]
    rows, _ = written(tmp_path, ".csv")
    assert rows[0] == TABLE.column_names
    assert rows[2] == ["p2", "2", "41", "160.0", "-12", "m", "false", ""]


def test_an_unknown_ending_is_refused_before_anything_is_read() -> None:
    with pytest.raises(SiteError, match=r'".xls" names no format') as caught:
        check_ending(Path("cases.xls"))
    assert caught.value.hint == "use .csv, .parquet, .sav, .dta, .xpt"


def test_names_that_are_too_long_stay_apart(tmp_path: Path) -> None:
    long = pa.table({"a" * 40 + "1": [1], "a" * 40 + "2": [2], "_a": [3], "a": [4]})
    renamed = write_table(long, tmp_path / "x.dta", dictionary(), derivations())
    assert list(renamed.values()) == ["a" * 32, "a" * 30 + "_2", "a", "a_2"]


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(pyreadstat.PyreadstatError):
        write_table(pa.table({"1 a": [1]}), tmp_path / "x.sav", dictionary(), derivations())
    assert list(tmp_path.iterdir()) == []
