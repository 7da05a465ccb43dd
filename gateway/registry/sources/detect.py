"""What a source file is, judged by its content: encoding, delimiter, header, kind of export."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.errors import SourceError
from gateway.registry.sitemap import SiteMap

__all__ = ["REDCAP_COLUMNS", "Source", "inspect", "records"]

REDCAP_COLUMNS = (
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_data_access_group",
    "redcap_survey_identifier",
)
_CHUNK_BYTES = 1 << 20
_CELL_LENGTH_MAX = 32 << 20
_DELIMITERS = (",", ";", "\t", "|")
_ZIP = b"PK\x03\x04"
_OTHERS = (
    (_ZIP, "an Excel workbook or a ZIP archive"),
    (b"PAR1", "a Parquet file"),
    (b"<", "XML, perhaps a REDCap or CDISC ODM project"),
    (b"{", "JSON, perhaps FHIR"),
    (b"[", "JSON, perhaps a REDCap API answer"),
)
_EPIC = frozenset(["ELEMENT_ID", "HLV_ID", "CUR_VALUE_DATETIME"])


@dataclass(frozen=True)
class Source:
    """A delimited text file that has been read through once. ``name`` is the file's name without
    its folder; ``sha256`` names the bytes; ``header`` the columns in order.
    """

    path: Path
    name: str
    sha256: str
    kind: Literal["redcap", "csv"]
    encoding: str
    delimiter: str
    header: tuple[str, ...]


def inspect(path: Path, sitemap: SiteMap, instruments: Collection[str]) -> Source:
    """Read the whole file once and say what it is; SourceError names file, row and column."""
    if not path.is_file():
        raise SourceError("no such file", file=path.name)
    encoding = "utf-8-sig" if codecs.lookup(sitemap.encoding).name == "utf-8" else sitemap.encoding
    _refuse_others(path, encoding)
    sha256 = _read_through(path, encoding)
    delimiter, header = _header(path, encoding, sitemap.delimiter)
    if _EPIC & set(header):
        raise SourceError(
            "is a SmartData extract with one row per value; a table with one column per element "
            "is needed",
            file=path.name,
        )
    for i, column in enumerate(header):
        if not column:
            raise SourceError(f"column {i + 1} has no name", file=path.name, row=1)
        if header.index(column) != i:
            raise SourceError("the column appears twice", file=path.name, row=1, field=column)
    kind = sitemap.source or ("redcap" if _is_redcap(header, instruments) else "csv")
    return Source(path, path.name, sha256, kind, encoding, delimiter, header)


def _refuse_others(path: Path, encoding: str) -> None:
    """What is no delimited text, by its first bytes: told before its bytes are no text."""
    with path.open("rb") as stream:
        start = stream.read(64)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and encoding == "utf-8-sig":
        raise SourceError(
            "is UTF-16 text, not UTF-8",
            file=path.name,
            hint='save it as "CSV UTF-8", or give encoding: utf-16 in the site map',
        )
    start = start.removeprefix(codecs.BOM_UTF8).lstrip()
    for magic, what in _OTHERS:
        if start.startswith(magic):
            raise SourceError(
                f"looks like {what}; a delimited text file (CSV) is needed",
                file=path.name,
                hint='open it and save it as "CSV UTF-8"'
                if magic == _ZIP
                else "export it as CSV, raw data",
            )


def _read_through(path: Path, encoding: str) -> str:
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder(encoding)()
    done_bytes, rows, empty = 0, 1, True
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            if encoding == "utf-8-sig" and b"\0" in chunk:
                at = chunk.index(b"\0")
                row = rows + chunk[:at].count(b"\n")
                raise SourceError(
                    f"holds a zero byte (byte {done_bytes + at})", file=path.name, row=row
                )
            try:
                empty = not decoder.decode(chunk).strip() and empty
            except UnicodeDecodeError as error:
                row = rows + chunk[: error.start].count(b"\n")
                raise SourceError(
                    f"is not {encoding.removesuffix('-sig')} text "
                    f"(byte {done_bytes + error.start})",
                    file=path.name,
                    row=row,
                    hint="give the file's encoding in the site map, e.g. encoding: cp1252",
                ) from None
            done_bytes += len(chunk)
            rows += chunk.count(b"\n")
    if empty:
        raise SourceError("is empty", file=path.name)
    return digest.hexdigest()


def _header(path: Path, encoding: str, given: str | None) -> tuple[str, tuple[str, ...]]:
    best: tuple[str, tuple[str, ...]] = (",", ())
    for delimiter in (given,) if given else _DELIMITERS:
        with path.open(encoding=encoding, newline="") as stream:
            try:
                found = next(csv.reader(stream, delimiter=delimiter, strict=True), [])
            except csv.Error:
                continue
        if len(found) > len(best[1]):
            best = delimiter, tuple(column.strip() for column in found)
    if not best[1]:
        raise SourceError("the header cannot be read", file=path.name, row=1)
    return best


def _is_redcap(header: Collection[str], instruments: Collection[str]) -> bool:
    forms = {f"{instrument}_complete" for instrument in instruments}
    return bool(forms & set(header)) or any(column in header for column in REDCAP_COLUMNS)


def records(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Every record after the header with the file line on which it starts, blank lines skipped.

    The slow, exact reader: for encodings that the fast one does not know, for line numbers, and
    to find what is wrong. SourceError names the row that is not well-formed.
    """
    csv.field_size_limit(_CELL_LENGTH_MAX)
    with source.path.open(encoding=source.encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=source.delimiter, strict=True)
        line = 1
        try:
            for i, record in enumerate(reader):
                if i and record:
                    if len(record) != len(source.header):
                        raise SourceError(
                            f"has {len(record)} cells, the header has {len(source.header)}",
                            file=source.name,
                            row=line,
                        )
                    yield line, record
                line = reader.line_num + 1
        except csv.Error:
            raise SourceError(
                "a quoted cell is not closed, or text follows its closing quote",
                file=source.name,
                row=line,
            ) from None
