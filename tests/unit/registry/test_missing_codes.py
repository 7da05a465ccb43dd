"""Missing-data codes that a project says itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.registry.bench import open_bench
from gateway.registry.missing_codes import codes_of, with_codes
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import Staged, stage
from tests.unit.registry.sources.formats import as_odm
from tests.unit.registry.valve import HEADER, defect, dictionary, person, sitemap

CODES = {"-999": "Unknown", "NASK": "Not asked, sorry"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("-999, Unknown | NASK, Not asked, sorry", CODES),
        ("-999, Unknown\r\nNASK,Not asked, sorry\n", CODES),
        ("X", {"X": ""}),
        ("  | ", {}),
        ("", {}),
    ],
)
def test_codes_are_read_as_redcap_writes_them(text: str, codes: dict[str, str]) -> None:
    assert codes_of(text) == codes


def test_a_map_without_codes_takes_those_of_the_project() -> None:
    mapping, said = with_codes(sitemap(), CODES)
    assert (mapping.missing.codes, said) == (("-999", "NASK"), ())
    assert with_codes(sitemap(), {}) == (sitemap(), ())
    assert with_codes(sitemap(), None) == (sitemap(), ())


def test_a_map_with_other_codes_is_kept_and_the_difference_told() -> None:
    given = sitemap("missing: {codes: [NASK, UNK]}")
    mapping, (more, less) = with_codes(given, CODES)
    assert mapping == given
    assert more.endswith("-999; cells that hold them count as values")
    assert less.endswith("does not have: UNK")
    assert with_codes(sitemap("missing: {codes: [NASK, '-999']}"), CODES)[1] == ()


def staged(folder: Path, codes: str | None) -> tuple[Staged, list[tuple[str, str]]]:
    path = folder / "project.xml"
    as_odm(path, HEADER + person(sex="NASK", height="-999") + defect(found="NASK"))
    if codes is not None:
        said = f"<redcap:MissingDataCodes>{codes}</redcap:MissingDataCodes>"
        text = path.read_text("utf-8").replace("<redcap:RepeatingInstruments>", f"{said}\\g", 1)
        path.write_text(text.replace("\\g", "<redcap:RepeatingInstruments>"), encoding="utf-8")
    with open_bench(folder / "spill") as bench:
        source = inspect(path, sitemap(), dictionary())
        done = stage(bench, source, sitemap(), dictionary(), where="map", accept_bad_values=True)
        return done, bench.run("SELECT fields, rule FROM fix ORDER BY ALL")


def test_an_odm_file_says_its_codes(tmp_path: Path) -> None:
    assert staged(tmp_path, "-999, Unknown&#10;NASK, Not asked")[1] == []
    wrong = [("found", "type"), ("height", "bounds"), ("sex", "choice")]
    assert staged(tmp_path, "")[1] == wrong
    assert staged(tmp_path, None)[1] == wrong
