"""Required elements without an answer: where the form asks for them, row by row."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gateway.registry.bench import Bench, open_bench
from gateway.registry.fixes import open_fixes
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from gateway.registry.unanswered import find_unanswered, write_unanswered
from gateway.registry.validate import blank_hidden
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary
from tests.unit.registry.valve import DICTIONARY, HEADER, defect, export, person, sitemap, visit

REQUIRED = ("sex", "height", "races", "found", "leak_cm", "score", "seen", "zip")


@pytest.fixture
def dictionary() -> Dictionary:
    plain = parse_yaml(DICTIONARY, where="valve")
    for name in REQUIRED:
        plain["elements"][name]["required"] = True
    return decode(Dictionary, plain, where="valve")


def found(bench: Bench, folder: Path, dictionary: Dictionary, *rows: str) -> list[dict[str, str]]:
    mapping = sitemap("missing: {codes: ['-999']}")
    source = inspect(export(folder, HEADER + "".join(rows)), mapping, dictionary)
    stage(bench, source, mapping, dictionary, where="map", accept_bad_values=True)
    blank_hidden(bench, dictionary)
    find_unanswered(bench, dictionary)
    write_unanswered(bench, folder / "missing.csv")
    with (folder / "missing.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_blank_cells_are_listed_and_codes_are_answers(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    rows = (
        person("=A1", sex="", height="-999", races="0,0,0"),
        person("B1"),
        person("C1", sex="7"),  # a wrong answer: the fix list has it
        visit("B1", instance="3", seen=""),
    )
    with open_bench(tmp_path / "spill") as bench:
        lines = found(bench, tmp_path, dictionary, *rows)
    assert [(r["record"], r["instrument"], r["instance"], r["fields"]) for r in lines] == [
        ("'=A1", "person", "1", "sex races"),
        ("B1", "visit", "3", "seen"),
    ]
    assert lines[1]["redcap_repeat_instrument"] == "visit"
    with open_fixes(tmp_path / "missing.csv") as fixes:
        assert [(g.name, g.records) for g in fixes.groups("form")] == [("person", 1), ("visit", 1)]
        assert {fix.record for fix in fixes.lines("form")} == {"=A1", "B1"}


def test_what_branching_does_not_ask_for_is_not_missing(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    rows = (
        person(),
        defect(nr="1", valve="a", leak="", score=""),  # asked; the score is computed
        defect(nr="2", valve="m", leak="", found=""),
        defect(nr="3", valve="", leak=""),  # nobody can tell
    )
    with open_bench(tmp_path / "spill") as bench:
        lines = found(bench, tmp_path, dictionary, *rows)
    assert [(r["instance"], r["fields"]) for r in lines] == [("1", "leak_cm"), ("2", "found")]
