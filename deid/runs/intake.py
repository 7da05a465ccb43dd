"""Reading the notes and patients files; every fault names file, line and field, never a value."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BufferedReader
from pathlib import Path
from typing import Any

from deid.dates.find import parse_date
from deid.errors import InputError
from deid.own.demographics import Patient, name_tokens, number_forms, squashed

__all__ = ["Checked", "Note", "check_notes", "read_notes", "read_patients"]

_COLUMNS = ("patient_id", "first_name", "last_name", "mrn", "birth_date")
_BOM = b"\xef\xbb\xbf"
# A note of 10 MB with every character escaped. A file without line ends is not read into memory.
_LINE_BYTES_MAX = 64 * 2**20
_NUMBER_TELLS, _NAME_TELLS = 3, 4  # characters from which a note's id tells its patient
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the notes file. ``note_id`` keeps its JSON type, patient ids become text."""

    line: int
    note_id: str | int
    patient_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A notes file that may be read: how many notes and characters, the file's SHA-256, and how
    many note ids contain their patient's id, MRN or name (they are written out unchanged).
    ``unknown`` notes are of patients of whom neither name nor MRN is given.
    """

    notes: int
    characters: int
    digest: str
    telling_ids: int
    unknown: int


def _open(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise InputError("no such file", file=str(path)) from error
    except IsADirectoryError as error:
        raise InputError("is a folder, a file was expected", file=str(path)) from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=str(path)) from error


def _text(raw: bytes, *, file: str, line: int) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8", file=file, line=line, hint="save it as UTF-8") from error


def _identifier(value: Any, field: str, *, file: str, line: int) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InputError("must be text or a whole number", file=file, line=line, field=field)
    if not str(value).strip():
        raise InputError("is empty", file=file, line=line, field=field)
    return value


def _note(raw: bytes, *, file: str, line: int) -> Note:
    try:
        record = json.loads(_text(raw, file=file, line=line))
    except ValueError as error:
        raise InputError("is not JSON", file=file, line=line) from error
    except RecursionError as error:
        raise InputError("is nested too deeply", file=file, line=line) from error
    if not isinstance(record, dict):
        raise InputError("must be a JSON object", file=file, line=line)
    for field in ("note_id", "patient_id", "text"):
        if field not in record:
            raise InputError("is missing", file=file, line=line, field=field)
    text = record["text"]
    if not isinstance(text, str):
        raise InputError("must be text", file=file, line=line, field="text")
    note = Note(
        line,
        _identifier(record["note_id"], "note_id", file=file, line=line),
        str(_identifier(record["patient_id"], "patient_id", file=file, line=line)).strip(),
        text,
    )
    for field, value in (("text", text), ("note_id", str(note.note_id))):
        # "\ud800" is legal JSON and no character; nothing downstream could write it.
        if _HALF_CHARACTER.search(value):
            raise InputError("holds half a character", file=file, line=line, field=field)
    return note


def read_notes(path: Path, *, skip: int = 0) -> Iterator[Note]:
    """The notes after the first ``skip``, one line at a time; blank lines count for nothing."""
    with _open(path) as file:
        for line, raw in enumerate(_lines(file, path), start=1):
            body = (raw.removeprefix(_BOM) if line == 1 else raw).strip()
            if not body:
                continue
            if skip:
                skip -= 1
                continue
            yield _note(body, file=str(path), line=line)


def _lines(file: BufferedReader, path: Path) -> Iterator[bytes]:
    line = 0
    while raw := file.readline(_LINE_BYTES_MAX + 1):
        line += 1
        if len(raw) > _LINE_BYTES_MAX:
            raise InputError(
                f"is longer than {_LINE_BYTES_MAX // 2**20} MB",
                file=str(path),
                line=line,
                hint="one JSON object a line is expected",
            )
        yield raw


def check_notes(path: Path, patients: Mapping[str, Patient]) -> Checked:
    """Read the whole file before anything is written; :class:`InputError` at the first fault.

    Of each note eight bytes are kept, to find ids that stand twice.
    """
    marks = array("Q")
    telling = characters = unknown = 0
    for note in read_notes(path):
        marks.append(_mark(note.note_id))
        characters += len(note.text)
        patient = patients.get(note.patient_id)
        if patient is None:
            raise InputError(
                "is not in the patients file", file=str(path), line=note.line, field="patient_id"
            )
        telling += _tells(str(note.note_id), patient)
        unknown += not (patient.first_name or patient.last_name or patient.mrn)
    if not marks:
        raise InputError("holds no notes", file=str(path))
    _check_once(path, marks)
    with _open(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Checked(len(marks), characters, digest, telling, unknown)


def _mark(note_id: str | int) -> int:
    return int.from_bytes(hashlib.sha256(f"{note_id}".encode()).digest()[:8], "big")


def _check_once(path: Path, marks: array[int]) -> None:
    """No note id stands twice. Equal marks are looked at again in the file, for two ids may share
    one by chance (odds of 1 to 4·10^7 among a million).
    """
    import numpy as np

    ordered = np.sort(np.frombuffer(marks, dtype=np.uint64))
    twice = {int(mark) for mark in ordered[1:][ordered[1:] == ordered[:-1]]}
    if not twice:
        return
    seen: set[str] = set()
    for note in read_notes(path):
        note_id = str(note.note_id)
        if _mark(note_id) not in twice:
            continue
        if note_id in seen:
            raise InputError(
                "stood in an earlier line", file=str(path), line=note.line, field="note_id"
            )
        seen.add(note_id)


def _tells(note_id: str, patient: Patient) -> bool:
    """The id, MRN or a name of the patient stands in the id of the note."""
    plain = squashed(note_id)
    return any(value in plain for value in _telling(patient))


@lru_cache(maxsize=1024)
def _telling(patient: Patient) -> frozenset[str]:
    numbers = {squashed(patient.patient_id), squashed(patient.mrn), *number_forms(patient)}
    names = {squashed(name) for name in name_tokens(patient)}
    return frozenset(
        [value for value in numbers if len(value) >= _NUMBER_TELLS]
        + [name for name in names if len(name) >= _NAME_TELLS]
    )


def read_patients(path: Path, anchor_columns: Sequence[str] = ()) -> dict[str, Patient]:
    """Patients by id. Dates may be ISO or US; unknown values are left empty."""
    with _open(path) as opened:
        raw = opened.read()
    if not raw.strip():
        raise InputError("is empty", file=str(path))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError("is not UTF-8", file=str(path), line=line) from error
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    header = [(name or "").strip() for name in rows.fieldnames or ()]
    rows.fieldnames = header
    _check_header(header, file=str(path))
    found: dict[str, Patient] = {}
    try:
        for row in rows:
            patient = _patient(row, anchor_columns, file=str(path), line=rows.line_num)
            if patient.patient_id in found:
                raise InputError(
                    "stood in an earlier line",
                    file=str(path),
                    line=rows.line_num,
                    field="patient_id",
                )
            found[patient.patient_id] = patient
    except csv.Error as error:
        raise InputError("is not valid CSV", file=str(path), line=rows.line_num) from error
    if not found:
        raise InputError("holds no patients", file=str(path))
    return found


def _check_header(header: Sequence[str], *, file: str) -> None:
    for column in _COLUMNS:
        if column not in header:
            raise InputError("is missing from the header", file=file, line=1, field=column)
    for column in header:
        if header.count(column) > 1:
            raise InputError("stands twice in the header", file=file, line=1, field=column)


def _patient(
    row: Mapping[str | None, Any], anchor_columns: Sequence[str], *, file: str, line: int
) -> Patient:
    if None in row or None in row.values():
        raise InputError("has another number of cells than the header", file=file, line=line)
    cells = {str(key): str(value) for key, value in row.items()}
    if not cells["patient_id"].strip():
        raise InputError("is empty", file=file, line=line, field="patient_id")
    for column in ("birth_date", *anchor_columns):
        value = cells.get(column, "").strip()
        if value and parse_date(value) is None:
            raise InputError(
                "is not a date", file=file, line=line, field=column, hint="write YYYY-MM-DD"
            )
    return Patient.from_row(cells, anchor_columns)
