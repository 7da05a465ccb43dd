"""Folders, NDJSON, packed NDJSON and Bundles give the same records; damage is named by its place."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SourceError
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.fhir import files
from tests.unit.registry.sources.fhir.hearts import (
    Loaded,
    bundle,
    condition,
    ndjson,
    observation,
    patient,
    sitemap,
    to,
)
from tests.unit.registry.valve import dictionary
from tests.unit.registry.valve import sitemap as redcap_map

RESOURCES = (
    patient(name=[{"family": "Quibbleworth"}], gender="female"),
    condition("c", onsetDateTime="2020-01-02T10:00:00+01:00"),
    observation(
        "leak", "leak", valueQuantity={"value": 15, "code": "mm"}, focus=[to("Condition", "c")]
    ),
    observation("rate", "rate", effectiveDateTime="2021-03", valueQuantity={"value": 70}),
)


def folder(path: Path) -> Path:
    path.mkdir()
    by_type: dict[str, list[Any]] = {}
    for one in RESOURCES:
        by_type.setdefault(one["resourceType"], []).append(one)
    for kind, members in by_type.items():
        ndjson(path / f"{kind}.000.ndjson", *members)
    (path / "manifest.json").write_text(json.dumps({"output": []}))
    return path


def packed(path: Path) -> Path:
    plain = ndjson(path.with_suffix(".tmp"), *RESOURCES)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def packed_folder(path: Path) -> Path:
    path.mkdir()
    packed(path / "all.ndjson.gz")
    return path


def bundle_in_a_folder(path: Path) -> Path:
    path.mkdir()
    bundle(path / "whole.json", *RESOURCES[:2])
    minified(path / "line.json", *RESOURCES[2:])
    return path


def minified(path: Path, *resources: dict[str, Any]) -> Path:
    bundle(path, *(resources or RESOURCES))
    path.write_text(json.dumps(json.loads(path.read_text())))
    return path


def bundles_in_lines(path: Path) -> Path:
    lines = [{"resourceType": "Bundle", "entry": [{"resource": one}]} for one in RESOURCES]
    return ndjson(path, *lines)


WRITERS: dict[str, Callable[[Path], Path]] = {
    "folder": folder,
    "lines": lambda path: ndjson(path, *RESOURCES),
    "packed": packed,
    "packed folder": packed_folder,
    "bundle": lambda path: bundle(path, *RESOURCES),
    "bundle in one line": minified,
    "bundles in lines": bundles_in_lines,
    "bundles in a folder": bundle_in_a_folder,
    "marked": lambda path: (
        path.write_bytes(b"\xef\xbb\xbf" + ndjson(path, *RESOURCES).read_bytes()) and path
    ),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_form_of_export_gives_the_same_records(tmp_path: Path, writer: str) -> None:
    found = Loaded(WRITERS[writer](tmp_path / "export.bin"))
    assert found.kind == "fhir"
    assert found.form("person", "_record", "surname", "born", "sex") == [
        ("p", "Quibbleworth", "1950-02-03", "2")
    ]
    assert found.form("defect", "_record", "_instance", "nr", "found") == [
        ("p", "1", "1", "2020-01-02")
    ]
    assert found.form("defect", "leak_cm") == ["1.5"]
    assert found.form("visit", "of", "seen", "beats") == [("1", "2021-03", "70")]
    assert found.problems == [
        ("p", "visit", "seen", "type", "is not a date written YYYY-MM-DD"),
    ]


def test_a_place_in_a_folder_names_the_file(tmp_path: Path) -> None:
    assert Loaded(folder(tmp_path / "export")).places == ["Observation.000.ndjson:2"]


def test_a_place_in_a_file_is_its_line(tmp_path: Path) -> None:
    assert Loaded(ndjson(tmp_path / "export.ndjson", *RESOURCES)).places == ["4"]


def test_what_lies_beside_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path / "export")
    (path / "readme.txt").write_text("x")
    (path / "ValueSet.json").write_text('{\n"resourceType": "ValueSet"\n}')
    (path / "error").mkdir()
    os.mkfifo(path / "pipe.ndjson")
    aside = ("error", "manifest.json", "pipe.ndjson", "readme.txt")
    assert Loaded(path).unread == {f"file {name}": 1 for name in aside} | {"ValueSet": 1}


def test_every_file_of_a_folder_that_holds_resources_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.mkdir()
    ndjson(path / "A.NDJSON", patient())
    # Names in order, as some programs write them, so that the type comes late.
    many = [condition(f"c{i}", note=[{"text": "x" * 2_000}]) for i in range(60)]
    document = {"resourceType": "Bundle", "type": "collection"}
    document["entry"] = [{"resource": one} for one in many]
    (path / "b.json").write_text(json.dumps(document, indent=1, sort_keys=True))
    (path / "c.JSON").write_text(json.dumps(condition("alone"), indent=1))
    found = Loaded(path)
    assert len(found.form("defect", "nr")) == 61
    assert found.unread == {}


def page(path: Path, *resources: dict[str, Any], line: bool, **said: Any) -> Path:
    entries = [{"resource": one} for one in resources]
    document = {"resourceType": "Bundle", "type": "searchset", "entry": entries, **said}
    path.write_text(json.dumps(document, indent=None if line else 1))
    return path


NEXT = {"link": [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}]}


@pytest.mark.parametrize("line", [True, False])
def test_a_search_without_its_last_page_is_refused(tmp_path: Path, line: bool) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    page(folder / "1.json", patient(), line=line, **NEXT)
    page(folder / "2.json", condition("c"), line=line, **NEXT)
    assert "link to the next, and no last page" in str(refusal(folder))
    page(folder / "3.json", condition("d"), line=line)
    assert len(Loaded(folder).form("defect", "nr")) == 2


@pytest.mark.parametrize("line", [True, False])
def test_fewer_entries_than_the_search_found_are_refused(tmp_path: Path, line: bool) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    page(folder / "1.json", patient(), line=line, total=3, **NEXT)
    page(folder / "2.json", condition("c"), line=line, total=3)
    assert "holds 2 entries of a search that found 3" in str(refusal(folder))
    page(folder / "2.json", condition("c"), condition("d"), line=line, total=3)
    assert len(Loaded(folder).form("defect", "nr")) == 2


def test_the_content_makes_the_digest(tmp_path: Path) -> None:
    def digest(path: Path) -> str:
        return inspect(path, sitemap(), dictionary()).sha256

    first = digest(ndjson(tmp_path / "a", *RESOURCES))
    assert digest(ndjson(tmp_path / "b", *RESOURCES)) == first
    assert digest(ndjson(tmp_path / "c", *RESOURCES[1:])) != first


def refusal(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        Loaded(path)
    assert "secret" not in str(caught.value)
    assert caught.value.exit_code == 2
    return caught.value


GOOD = json.dumps(patient()).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + b"\n{'secret'}\n", "file.bin: row 2: is damaged JSON"),
        (GOOD + b"\n" + GOOD[:-9], "row 2: is damaged JSON"),
        (GOOD + b"\n[1]\n", "row 2: is not a JSON object"),
        (GOOD + b'\n\n{"secret": 1}', "row 3: field 'resourceType': is missing"),
        (GOOD + b'\n{"resourceType": 7}', "row 2: field 'resourceType': is missing"),
        (GOOD + b'\n{"resourceType": "Patient", "id": NaN}', "row 2: is damaged JSON"),
        (GOOD + b'\n{"resourceType": "Patient", "id": "\xff"}', "row 2: is damaged JSON"),
        (GOOD + b"\n" + b'{"resourceType":"P","a":' + b"[" * 90_000, "row 2: is damaged JSON"),
        (GOOD + b"\n" + b'{"resourceType":"P","a":' + b"9" * 9_000 + b"}", "is damaged JSON"),
        (b'{"secret": 1}', "neither FHIR"),
        (b'{"resourceType": "Bundle"}', "holds no FHIR resource"),
        (b'{"resourceType": "Bundle", "entry": 5}', "field 'entry': is no list"),
        (
            b'{"resourceType": "Bundle",\n "entry": [{"resource": {"a": 1}}]}',
            "row 1: field 'resour",
        ),
        (b'{"resourceType": "Bundle",\n "entry": [7]}', "row 1: field 'entry'"),
        (b'{"resourceType": "Bundle",\n "entry": [{}, {', "row 2: is damaged JSON"),
        (b'{\n"resourceType": "Patient"}', "row 1: is neither a whole resource in one line"),
        (
            b'{"resourceType": "Bundle",\n"link": [{"relation": "next"}], "entry": []}',
            "link to the next, and no last page",
        ),
        (b'{"resourceType": "Observation"}', "no resource that is an instance of a form (it holds"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "is packed (gzip) and holds no FHIR"),
        (gzip.compress(GOOD, mtime=0)[:-9], "is packed (gzip)"),
        (gzip.compress(GOOD * 3 + b"\n" + GOOD * 3, mtime=0), "row 1: is neither a whole resource"),
    ],
)
def test_damage_is_named_by_its_place(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    assert message in str(refusal(path))


def test_a_packed_file_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    many = b"".join(json.dumps(patient(f"p{i}")).encode() + b"\n" for i in range(9_000))
    path = tmp_path / "file.bin"
    path.write_bytes(gzip.compress(many, 1)[:-20])
    assert "is a damaged gzip file" in str(refusal(path))


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_UNPACKED_BYTES_MIN", 1 << 16)
    path = tmp_path / "file.bin"
    path.write_bytes(gzip.compress((GOOD + b"\n") * 20_000))
    assert "unpacks to more than 200 times its size" in str(refusal(path))


def test_a_line_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_LINE_BYTES_MAX", 10_000)
    path = ndjson(tmp_path / "file.bin", patient(), patient("q", text="x" * 20_000))
    assert "row 2: is longer than" in str(refusal(path))
    path = bundle(tmp_path / "file.bin", patient(), patient("q", text="x" * 20_000))
    assert "has an entry larger than" in str(refusal(path))


def test_a_folder_without_resources(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "table.csv").write_text("code\n1\n")
    assert "without FHIR resources" in str(refusal(tmp_path / "empty"))


def test_map_and_source_are_for_each_other(tmp_path: Path) -> None:
    path = ndjson(tmp_path / "file.bin", patient())
    with pytest.raises(SourceError, match="the site map is not for FHIR"):
        inspect(path, redcap_map(), dictionary())
    for content in (b"code,sex\nA,1\n", b'[{"code": "A"}]'):
        path.write_bytes(content)
        with pytest.raises(SourceError, match="holds no FHIR resources, which the map reads"):
            inspect(path, sitemap(), dictionary())
