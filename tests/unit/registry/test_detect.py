"""Files are judged by content, and what cannot be read is named by row without its content."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from gateway.errors import SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sources import workbook
from gateway.registry.sources.delimited import Delimited
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.raw import line_of, read_raw
from gateway.registry.sources.source import Source
from gateway.registry.staging import stage
from tests.unit.registry.valve import EXPORT, dictionary, sitemap


def look(folder: Path, content: bytes, text: str = "") -> Source:
    path = folder / "file.bin"
    path.write_bytes(content)
    return inspect(path, sitemap(text), dictionary())


def read(folder: Path, content: bytes, text: str = "") -> list[tuple[object, ...]]:
    source = look(folder, content, text)
    with open_bench(folder / "spill") as bench:
        read_raw(bench, source)
        return bench.run("SELECT * FROM raw ORDER BY _at")


@pytest.mark.parametrize(
    ("content", "kind", "delimiter"),
    [
        (EXPORT.encode(), "redcap", ","),
        (b"code;sex;height\nA;1;170,5\n", "csv", ";"),
        (b"code\tsex\nA\t1\n", "csv", "\t"),
        (b"\xef\xbb\xbfcode,sex\nA,1\n", "csv", ","),
        (b"code,sex,person_complete\nA,1,2\n", "redcap", ","),
    ],
)
def test_kind_and_delimiter_follow_from_the_content(
    tmp_path: Path, content: bytes, kind: str, delimiter: str
) -> None:
    source = look(tmp_path, content)
    assert isinstance(source, Delimited)
    assert (source.kind, source.delimiter, source.header[0]) == (kind, delimiter, "code")


def test_the_map_may_say_what_the_file_is(tmp_path: Path) -> None:
    assert look(tmp_path, EXPORT.encode(), "source: csv").kind == "csv"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"PK\x03\x04rest", "is a damaged Excel workbook"),
        (b"PAR1rest", "is a damaged Parquet file"),
        (b"$FL2rest", "cannot be read as a file of SPSS"),
        (b"<stata_dta>rest", "cannot be read as a file of Stata"),
        (b'<?xml version="1.0"?><ODM/>', "is XML, but no CDISC ODM file"),
        (b'<?xml version="1.0"?><ODM>', "row 1: is damaged XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><ODM/>', "document type declaration"),
        (b'{"resourceType": "Patient"}', "FHIR"),
        (b'[{"code": "A"},', "row 2: is damaged JSON"),
        (b'[{"code": {"of": 1}}]', "row 1: field 'code': is no single value"),
        (b"[1]", "row 1: is not an object"),
        (b"[]", "holds no rows"),
        (b"HLV_ID,ELEMENT_ID\n1,2\n", "a SmartData extract without its table of values"),
        (b"code,sex,code\nA,1,2\n", "row 1: field 'code': the column appears twice"),
        (b"code,,sex\nA,1,2\n", "row 1: column 2 has no name"),
        (b"code,sex\nA,1\nB,\xff\n", "row 3: is not utf-8 text (byte 15)"),
        (b"code,sex\nA,1\nB,\x00\n", "row 3: holds a zero byte (byte 15)"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        look(tmp_path, content)
    assert message in str(caught.value)
    assert str(caught.value).startswith("file.bin")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "content",
    [
        "code,sex\nA,1\n".encode("utf-16"),
        b"\xfe\xff" + "code,sex\nA,1\n".encode("utf-16-be"),
    ],
)
def test_utf_16_is_told_how_to_be_saved(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        look(tmp_path, content)
    assert caught.value.hint is not None
    assert "CSV UTF-8" in caught.value.hint


def test_utf_16_is_read_when_the_map_says_so(tmp_path: Path) -> None:
    content = "code,sex\nMüller,1\n".encode("utf-16")
    assert read(tmp_path, content, "encoding: utf-16") == [(1, "Müller", "1")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"code,sex\nA,1\nsecret\n", "row 3: has 1 cells, the header has 2"),
        (b"code,sex\nA,1,secret\n", "row 2: has 3 cells, the header has 2"),
        (b'code,sex\n"x\ny",1\nA,1,secret\n', "row 4: has 3 cells"),
        (b'code,sex\nA,1\nB,"secret\nC,2\n', "row 3: a quoted cell is not closed"),
        (b'code,sex\nA,"1"secret\n', "row 2: a quoted cell is not closed, or text follows"),
        (b"code,sex\n", "holds a header and no rows"),
    ],
)
@pytest.mark.parametrize("encoding", ["", "encoding: cp1252"])
def test_broken_rows_are_named_without_their_content(
    tmp_path: Path, content: bytes, message: str, encoding: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, content, encoding)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_both_readers_give_the_same_cells(tmp_path: Path) -> None:
    content = b'code,sex\r\nA," two\nlines "\r\n\r\nB,""\r\n,x\r\n'
    expected = [(1, "A", "two\nlines"), (2, "B", None), (3, None, "x")]
    assert read(tmp_path, content) == expected
    assert read(tmp_path, content, "encoding: cp1252") == expected


def test_other_encodings_are_read_when_the_map_says_so(tmp_path: Path) -> None:
    content = "code,sex\nMüller,1\n".encode("cp1252")
    assert read(tmp_path, content, "encoding: cp1252") == [(1, "Müller", "1")]
    with pytest.raises(SourceError, match="row 2: is not utf-8"):
        read(tmp_path, content)


def test_a_record_starts_on_its_line(tmp_path: Path) -> None:
    source = look(tmp_path, b'code,sex\nA,1\n\nB,"two\nlines"\nC,1\n')
    with open_bench(tmp_path / "spill") as bench:
        read_raw(bench, source)
        assert [line_of(bench, source, at) for at in (1, 2, 3)] == [2, 4, 6]


@pytest.mark.parametrize(
    "name", ["export[1].csv", "expor?1.csv", "e*1.csv", "in [2]/x.csv", "in\\[2]/x.csv", "x.csv.gz"]
)
def test_a_name_that_looks_like_a_pattern_names_one_file(tmp_path: Path, name: str) -> None:
    for other in ("export1.csv", "in 2/x.csv", name):
        path = tmp_path / other
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"code,sex\n{'mine' if other == name else 'other'},1\n", encoding="utf-8")
    source = inspect(tmp_path / name, sitemap("source: table"), dictionary())
    with open_bench(tmp_path / "spill") as bench:
        read_raw(bench, source)
        assert bench.run("SELECT * FROM raw") == [(1, "mine", "1")]
        assert line_of(bench, source, 1) == 2


def test_rows_after_many_empty_ones_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row, cells in ((1, ("code", "sex")), (2, ("A", "1")), (12_000, ("B", "2"))):
        for column, text in enumerate(cells, start=1):
            book.active.cell(row, column, text)
    book.save(tmp_path / "file.xlsx")
    source = inspect(tmp_path / "file.xlsx", sitemap("source: table"), dictionary())
    with open_bench(tmp_path / "spill") as bench:
        read_raw(bench, source)
        assert bench.run("SELECT * FROM raw") == [(1, "A", "1"), (2, "B", "2")]
        assert line_of(bench, source, 2) == 12_000


def test_a_row_with_an_endless_number_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "_ROWS_MAX", 100)
    book = openpyxl.Workbook()
    book.active.append(["code", "sex"])
    book.active.cell(100_000, 1, "A")
    book.save(tmp_path / "file.xlsx")
    source = inspect(tmp_path / "file.xlsx", sitemap("source: table"), dictionary())
    assert isinstance(source, workbook.Worksheet)
    with pytest.raises(SourceError, match="has more than 100 rows"):
        list(source.rows())


def test_a_workbook_is_opened_once_to_be_known_and_once_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each opening reads the texts that all sheets share, and a hospital has many."""
    path, book = tmp_path / "export.xlsx", openpyxl.Workbook()
    for line in EXPORT.splitlines():
        book.active.append(line.split(","))
    for title in ("empty", "empty too"):
        book.create_sheet(title)
    book.save(path)
    opened, load = [], openpyxl.load_workbook
    monkeypatch.setattr(
        openpyxl, "load_workbook", lambda *a, **k: opened.append(1) or load(*a, **k)
    )
    source = inspect(path, sitemap(""), dictionary())
    assert len(opened) == 1
    with open_bench(tmp_path) as bench:
        read_raw(bench, source)
    assert len(opened) == 2


def test_texts_beyond_what_is_held_in_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, book = tmp_path / "export.xlsx", openpyxl.Workbook()
    book.active.append(["code", "sex"])
    book.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", "x" * 30_000)
    monkeypatch.setattr(workbook, "_STRINGS_BYTES_MAX", 20_000)
    with pytest.raises(SourceError, match="MB of texts"):
        inspect(path, sitemap(""), dictionary())


def staged_s(folder: Path, columns: int) -> float:
    """Processor time to read a plain table with so many more columns."""
    spare = [f"x{i}" for i in range(columns)]
    path = folder / f"{columns}.csv"
    path.write_text(
        "\n".join(
            [",".join(["code", "sex", *spare])] + [f"A{i},1" + ",1" * columns for i in (1, 2)]
        )
    )
    mapping = sitemap(f"rows: [person]\nignore: [{', '.join(spare)}]")
    with open_bench(folder / "spill") as bench:
        began_s = time.process_time()
        source = inspect(path, mapping, dictionary())
        stage(bench, source, mapping, dictionary(), where="map", accept_bad_values=True)
        assert bench.value("SELECT count(*) FROM form_person WHERE sex = '1'") == 2
        return time.process_time() - began_s


def test_time_does_not_grow_with_the_square_of_the_columns(tmp_path: Path) -> None:
    assert staged_s(tmp_path, 4_000) < 12 * staged_s(tmp_path, 1_000)


def test_cells_of_every_reader_lose_the_same_blanks(tmp_path: Path) -> None:
    text = "code,sex\n\u00a0A \t,\u2003\n \u00a0, b\u00e9 \r\n".replace("\r\n", "\n")
    by_engine = read(tmp_path, text.encode())
    by_row = read(tmp_path, text.encode("utf-16"), "encoding: utf-16")
    assert by_engine == by_row == [(1, "A", "\u2003"), (2, None, "b\u00e9")]


@pytest.mark.parametrize(
    ("text", "what", "step"),
    [
        ("# ours\n---\ndictionary: valve\nelements:\n  sex: {from: s}\n", "a site map", "--map"),
        (
            "dictionary: v\nversion: 1\nkey: a\ninstruments:\n  p: {}\nelements: {}\n",
            "a dictionary",
            "--dictionary file.bin",
        ),
        ("rules: valve\nversion: 1\ndictionary: valve\nlist:\n- a\n", "a declaration", "EXPORT"),
        ("purpose: DUO:0000006\n", "a declaration", "EXPORT"),
    ],
)
def test_a_declaration_is_no_data_and_says_where_it_goes(
    tmp_path: Path, text: str, what: str, step: str
) -> None:
    with pytest.raises(SourceError, match=f"is YAML, {what} and not data") as caught:
        look(tmp_path, text.encode())
    assert step in str(caught.value.hint)


@pytest.mark.parametrize("text", ["code:,sex\nA,1\n", "code,note\nA,a: b\n", "#code,sex\nA,1\n"])
def test_colons_alone_make_no_declaration(tmp_path: Path, text: str) -> None:
    assert look(tmp_path, text.encode()).kind == "csv"
