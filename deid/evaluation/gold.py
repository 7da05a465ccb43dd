"""Reading annotated notes ("gold"); every fault names file, line and field, never a value.

One JSON object a line: ``{"id", "text", "spans": [{"start", "end", "category"}]}``, and
``patient_id`` where a patients file is given. Offsets count Python characters (code points), the
end is exclusive. A name that ends in ``.gz`` is read through gzip. Blank lines count for nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from deid.errors import InputError
from deid.span import CATEGORIES, Category

__all__ = ["GoldNote", "GoldSpan", "check_gold", "read_gold"]

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A stretch that must be removed, as an annotator marked it."""

    start: int
    end: int
    category: Category


@dataclass(frozen=True, slots=True)
class GoldNote:
    """One annotated note; ``patient_id`` is None where the line has none."""

    line: int
    note_id: str
    text: str
    spans: tuple[GoldSpan, ...]
    patient_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file we are, for messages."""

    file: str
    line: int

    def fault(self, message: str, field: str | None = None, hint: str | None = None) -> InputError:
        return InputError(message, file=self.file, line=self.line, field=field, hint=hint)


def read_gold(path: Path) -> Iterator[GoldNote]:
    """The notes one at a time; :class:`InputError` at the first fault."""
    with _opened(path) as lines:
        number = 0
        try:
            for number, raw in enumerate(lines, start=1):
                body = (raw.removeprefix(_BOM) if number == 1 else raw).strip()
                if body:
                    yield _note(body, _Place(str(path), number))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            place = _Place(str(path), number + 1)
            raise place.fault("is not a whole gzip file") from error


def check_gold(path: Path, patients: Collection[str] | None) -> int:
    """Read the whole file before anything runs; how many notes it holds.

    With ``patients`` (their ids) every note must name one of them.
    """
    seen: set[bytes] = set()
    for note in read_gold(path):
        place = _Place(str(path), note.line)
        key = hashlib.sha256(note.note_id.encode()).digest()[:16]
        if key in seen:
            raise place.fault("stood in an earlier line", "id")
        seen.add(key)
        if patients is None:
            continue
        if note.patient_id is None:
            raise place.fault("is missing", "patient_id", "or leave out --patients")
        if note.patient_id not in patients:
            raise place.fault("is not in the patients file", "patient_id")
    if not seen:
        raise InputError("holds no notes", file=str(path))
    return len(seen)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader | gzip.GzipFile]:
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise InputError("no such file", file=str(path)) from error
    except IsADirectoryError as error:
        raise InputError("is a folder, a file was expected", file=str(path)) from error
    except PermissionError as error:
        raise InputError("may not be read", file=str(path)) from error
    with file:
        if path.suffix == ".gz":
            with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
                yield unpacked
        else:
            yield file


def _note(raw: bytes, place: _Place) -> GoldNote:
    record = _record(raw, place)
    for field in ("id", "text", "spans"):
        if field not in record:
            raise place.fault("is missing", field)
    text = record["text"]
    if not isinstance(text, str):
        raise place.fault("must be text", "text")
    note_id = _identifier(record["id"], "id", place)
    for field, value in (("text", text), ("id", note_id)):
        # "\ud800" is legal JSON and no character: the engine could not write it.
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise place.fault("holds half a character", field)
    spans = record["spans"]
    if not isinstance(spans, list):
        raise place.fault("must be a list", "spans")
    patient_id = record.get("patient_id")
    return GoldNote(
        place.line,
        note_id,
        text,
        tuple(_span(span, i, len(text), place) for i, span in enumerate(spans)),
        None if patient_id is None else _identifier(patient_id, "patient_id", place),
    )


def _record(raw: bytes, place: _Place) -> dict[str, Any]:
    try:
        record = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise place.fault("is not UTF-8", hint="save it as UTF-8") from error
    except ValueError as error:
        raise place.fault("is not JSON") from error
    except RecursionError as error:
        raise place.fault("is nested too deeply") from error
    if not isinstance(record, dict):
        raise place.fault("must be a JSON object")
    return record


def _identifier(value: Any, field: str, place: _Place) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise place.fault("must be text or a whole number", field)
    plain = str(value).strip()
    if not plain:
        raise place.fault("is empty", field)
    return plain


def _span(record: Any, index: int, length: int, place: _Place) -> GoldSpan:
    where = f"spans[{index}]"
    if not isinstance(record, dict):
        raise place.fault("must be a JSON object", where)
    ends = []
    for field in ("start", "end"):
        value = record.get(field)
        if isinstance(value, bool) or not isinstance(value, int):
            raise place.fault("must be a whole number", f"{where}.{field}")
        ends.append(value)
    start, end = ends
    if not 0 <= start < length:
        raise place.fault("lies outside the text", f"{where}.start")
    if not start < end <= length:
        hint = "offsets count characters, not bytes; the end is exclusive"
        raise place.fault("lies outside the text or not behind the start", f"{where}.end", hint)
    category = record.get("category")
    if category not in CATEGORIES:
        allowed = f"one of {', '.join(CATEGORIES)}"
        raise place.fault("is no known category", f"{where}.category", allowed)
    return GoldSpan(start, end, cast("Category", category))
