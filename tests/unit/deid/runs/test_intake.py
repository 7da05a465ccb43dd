"""What of the notes file is kept in memory, and what is never read into it."""

import json

import pytest

from deid.errors import InputError
from deid.own.patient import Patient
from deid.runs import intake
from deid.runs.intake import check_notes, read_notes

KNOWN = {"P1": Patient("P1")}


def notes(tmp_path, *ids, text="x"):
    path = tmp_path / "notes.jsonl"
    lines = ({"note_id": one, "patient_id": "P1", "text": text} for one in ids)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_ids_that_share_a_mark_by_chance_are_no_doubles(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "_mark", lambda note_id: 7)
    assert check_notes(notes(tmp_path, "a", "b", "c"), KNOWN).notes == 3
    with pytest.raises(InputError) as error:
        check_notes(notes(tmp_path, "a", "b", "c", "b"), KNOWN)
    assert (error.value.line, error.value.field) == (4, "note_id")


def test_a_number_and_the_same_digits_as_text_are_one_id(tmp_path):
    with pytest.raises(InputError, match="stood in an earlier line"):
        check_notes(notes(tmp_path, 1, 2, "1"), KNOWN)


def test_characters_are_counted_not_bytes(tmp_path):
    assert check_notes(notes(tmp_path, "a", "b", text="Zürich 🦴"), KNOWN).characters == 16


def test_a_line_without_end_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "_LINE_BYTES_MAX", 2**20)
    path = notes(tmp_path, "a")
    with path.open("ab") as file:
        file.write(b"\x00" * 3 * 2**20)
    with pytest.raises(InputError) as error:
        list(read_notes(path))
    assert error.value.message.endswith("notes.jsonl:2: is longer than 1 MB")
