"""Exports that hold labels in place of codes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary
from policies.errors import DeclarationError
from tests.unit.registry.sources.formats import as_csv, as_flat_json
from tests.unit.registry.valve import DICTIONARY, EXPORT, HEADER, defect, dictionary, sitemap

LABELS = {
    "redcap_repeat_instrument": {"defect": "Defect", "visit": "Visit"},
    "sex": {"1": "Male", "2": "Female"},
    "valve": {"a": "Aortic ", "m": "mitral"},
    "consent": {"1": "Yes", "3": "Out"},
    "person_complete": {"2": "Complete"},
}
CHECKED = {f"races___{code}": {"1": "Checked", "0": "Unchecked"} for code in "129"}
NAMED = {
    f"races___{code}": {"1": label, "0": ""}
    for code, label in (("1", "One"), ("2", "Two"), ("9", "Unknown"))
}

SAID = "labels: true"


def labelled(text: str, labels: dict[str, dict[str, str]]) -> str:
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows({c: labels.get(c, {}).get(v, v) for c, v in row.items()} for row in rows)
    return out.getvalue()


def forms(
    folder: Path, text: str, declared: Dictionary | None = None, write=as_csv, map_text: str = ""
) -> tuple[dict[str, list[Any]], list[Any], tuple[str, ...]]:
    write(folder / "export", text)
    used, mapping = declared or dictionary(), sitemap(map_text)
    with open_bench(folder / "spill") as bench:
        source = inspect(folder / "export", mapping, used)
        done = stage(bench, source, mapping, used, where="map", accept_bad_values=True)
        tables = {
            form: bench.run(f"SELECT * FROM form_{form} ORDER BY ALL") for form in used.instruments
        }
        return tables, bench.run("SELECT record, fields, rule FROM fix ORDER BY ALL"), done.warnings


@pytest.mark.parametrize("boxes", [CHECKED, NAMED], ids=["checked", "named"])
@pytest.mark.parametrize("write", [as_csv, as_flat_json], ids=["csv", "json"])
def test_labels_are_read_as_the_codes_they_stand_for(
    tmp_path: Path, boxes: dict[str, dict[str, str]], write: Any
) -> None:
    raw, listed, quiet = forms(tmp_path, EXPORT, write=write)
    assert quiet == ()
    text = labelled(EXPORT, LABELS | boxes)
    assert text != EXPORT
    found, faults, told = forms(tmp_path, text, write=write, map_text=SAID)
    assert (found, faults) == (raw, listed)
    assert "holds labels, not codes" in told[0]


def test_labels_of_codes_are_not_taken_for_other_codes(tmp_path: Path) -> None:
    """Choice 1 is called 2: only the map tells whether a 2 is a code."""
    text = DICTIONARY.replace('{"1": Male, "2": Female}', '{"1": "2", "2": "3"}')
    declared = decode(Dictionary, parse_yaml(text, where="valve"), where="valve")
    raw, _, quiet = forms(tmp_path, EXPORT, declared)
    assert quiet == ()
    swapped = labelled(EXPORT, LABELS | CHECKED | {"sex": {"1": "2", "2": "3"}})
    assert forms(tmp_path, swapped, declared, map_text=SAID)[0] == raw


def test_a_label_of_two_choices_is_refused(tmp_path: Path) -> None:
    text = DICTIONARY.replace("{a: Aortic, m: Mitral}", "{a: Other, m: other}")
    declared = decode(Dictionary, parse_yaml(text, where="valve"), where="valve")
    other = labelled(EXPORT, LABELS | {"valve": {"a": "Other", "m": "Other"}})
    with pytest.raises(SourceError, match="'valve': is exported as labels, and two of") as caught:
        forms(tmp_path, other, declared, map_text=SAID)
    assert "raw data" in str(caught.value.hint)
    assert forms(tmp_path, EXPORT, declared)[2] == ()


MIXED = HEADER + defect(valve="Aortic") + defect(nr="2", valve="m")


@pytest.mark.parametrize(
    ("told", "row", "says"),
    [("", 2, "holds a label, not a code"), ("labels: true", 3, "holds a code, and the site map")],
)
def test_a_file_with_labels_and_codes_is_refused(
    tmp_path: Path, told: str, row: int, says: str
) -> None:
    """Wrong cells are accepted here: what decides for other patients is none."""
    with pytest.raises(SourceError, match=f"row {row}: field 'valve': {says}") as caught:
        forms(tmp_path, MIXED, map_text=told)
    assert "raw data" in str(caught.value.hint)


def test_a_labelled_export_is_read_as_such_only_if_the_map_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds a label, not a code") as caught:
        forms(tmp_path, labelled(EXPORT, LABELS | CHECKED))
    assert "labels: true" in str(caught.value.hint)


def test_labels_are_wrong_cells_of_an_export_that_the_map_calls_raw(tmp_path: Path) -> None:
    tables, faults, told = forms(tmp_path, MIXED, map_text="labels: false")
    assert ("A1", "valve", "choice") in faults
    assert "m" in {cell for row in tables["defect"] for cell in row}
    assert told == ()


def test_labels_are_for_exports_of_redcap(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="labels: is for REDCap exports"):
        forms(tmp_path, "code,sex\nA1,Male\n", map_text="source: table\nlabels: true")


def test_columns_named_by_labels_are_refused(tmp_path: Path) -> None:
    text = "Record,Repeat Instrument,Repeat Instance,Sex\nA1,,,Male\n"
    for map_text in ("source: redcap", "ignore: [Sex]"):
        with pytest.raises(SourceError, match='named by labels, as "Repeat Instance"') as caught:
            forms(tmp_path, text, map_text=map_text)
        assert "raw data" in str(caught.value.hint)


def test_a_plain_table_may_have_such_columns(tmp_path: Path) -> None:
    text = "code,Event Name,Repeat Instance,sex\nA1,x,1,1\n"
    told = "source: table\nrows: [person]\nignore: [Event Name, Repeat Instance]\n"
    absent = "absent: []\n"
    assert len(forms(tmp_path, text, map_text=told + absent)[0]["person"]) == 1
