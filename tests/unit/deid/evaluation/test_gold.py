"""A wrong gold file is named by file, line and field, and its values are never repeated."""

import gzip
import json

import pytest

from deid.errors import InputError
from deid.evaluation.gold import check_gold, read_gold

GOOD = {"id": "a", "text": "Jane Roe", "spans": [{"start": 0, "end": 8, "category": "NAME"}]}


def written(path, *records):
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in records]
    data = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def span(start=0, end=8, category="NAME"):
    return {**GOOD, "id": "b", "spans": [{"start": start, "end": end, "category": category}]}


@pytest.mark.parametrize("name", ["gold.jsonl", "gold.jsonl.gz"])
def test_reads_plain_and_packed(tmp_path, name):
    path = written(tmp_path / name, GOOD, b"", {"id": 7, "text": "ok", "spans": []})
    notes = list(read_gold(path))
    assert [(note.note_id, note.line, len(note.spans)) for note in notes] == [
        ("a", 1, 1),
        ("7", 3, 0),
    ]
    assert check_gold(path, None) == 2


FAULTS = [
    (b"{not json", "is not JSON"),
    (b'["a"]', "must be a JSON object"),
    ("{'id': 'ü'}".encode("latin-1"), "is not UTF-8"),
    ({"text": "x", "spans": []}, "field 'id' is missing"),
    ({"id": "b", "spans": []}, "field 'text' is missing"),
    ({"id": "b", "text": "secret"}, "field 'spans' is missing"),
    ({"id": "b", "text": 5, "spans": []}, "field 'text' must be text"),
    ({"id": True, "text": "x", "spans": []}, "field 'id' must be text or a whole number"),
    ({"id": " ", "text": "x", "spans": []}, "field 'id' is empty"),
    ({"id": "a", "text": "x", "spans": []}, "field 'id' stood in an earlier line"),
    ({"id": "b", "text": "x", "spans": {}}, "field 'spans' must be a list"),
    ({"id": "b", "text": "x", "spans": [1]}, "field 'spans[0]' must be a JSON object"),
    ({"id": "b", "text": "\ud800x", "spans": []}, "field 'text' holds half a character"),
    (span(start=-1), "field 'spans[0].start' lies outside the text"),
    (span(start=8), "field 'spans[0].start' lies outside the text"),
    (span(end=9), "field 'spans[0].end' lies outside the text or not behind the start"),
    (span(start=3, end=3), "field 'spans[0].end' lies outside the text or not behind the start"),
    (span(start=1.0), "field 'spans[0].start' must be a whole number"),
    (span(end=None), "field 'spans[0].end' must be a whole number"),
    (span(start=True), "field 'spans[0].start' must be a whole number"),
    (span(category="PHONE"), "field 'spans[0].category' is no known category"),
    (span(category=["NAME"]), "field 'spans[0].category' is no known category"),
]


@pytest.mark.parametrize(("bad", "message"), FAULTS)
def test_a_fault_is_named_with_its_line(tmp_path, bad, message):
    path = written(tmp_path / "gold.jsonl", GOOD, b"", bad)
    with pytest.raises(InputError) as caught:
        check_gold(path, None)
    assert caught.value.message == f"{path}:3: {message}"
    assert caught.value.exit_code == 2


def test_an_empty_file_is_a_fault(tmp_path):
    for content in (b"", b"\n \n"):
        path = tmp_path / "gold.jsonl"
        path.write_bytes(content)
        with pytest.raises(InputError, match="holds no notes"):
            check_gold(path, None)


def test_a_missing_file_and_a_folder_are_faults(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        check_gold(tmp_path / "none.jsonl", None)
    with pytest.raises(InputError, match="is a folder"):
        check_gold(tmp_path, None)


@pytest.mark.parametrize("cut", [-6, 20])
def test_a_broken_gzip_file_is_a_fault(tmp_path, cut):
    path = written(tmp_path / "gold.jsonl.gz", GOOD)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match="is not a whole gzip file"):
        check_gold(path, None)


def test_plain_text_named_gz_is_a_fault(tmp_path):
    path = tmp_path / "gold.jsonl.gz"
    path.write_text(json.dumps(GOOD))
    with pytest.raises(InputError, match="is not a whole gzip file"):
        check_gold(path, None)


def test_with_patients_every_note_names_one(tmp_path):
    path = written(tmp_path / "gold.jsonl", {**GOOD, "patient_id": 5}, {**GOOD, "id": "b"})
    with pytest.raises(InputError, match=r":2: field 'patient_id' is missing"):
        check_gold(path, {"5"})
    with pytest.raises(InputError, match=r":1: field 'patient_id' is not in the patients file"):
        check_gold(path, {"6"})
    assert check_gold(path, None) == 2
