"""What a source is, judged by its content, and the reader for it."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.errors import SourceError
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.declarations import refuse_declaration
from gateway.registry.sources.delimited import Delimited, header_of, open_delimited
from gateway.registry.sources.redcap import REDCAP_COLUMNS
from gateway.registry.sources.redcap_eav import EAV_COLUMNS, open_eav
from gateway.registry.sources.smartdata import OWN_COLUMNS, is_smartdata, open_smartdata
from gateway.registry.sources.smartdata_names import element_names
from gateway.registry.sources.source import Source, readable
from policies.dictionary import Dictionary

if TYPE_CHECKING:
    from gateway.registry.sources.statistical import StatisticsKind

__all__ = ["holds_fhir", "inspect"]

_START_BYTES = 512
_TABLES = frozenset({".csv", ".tsv", ".txt"})
_RESOURCES = frozenset({".ndjson", ".json", ".gz"})
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_STATISTICS: tuple[tuple[bytes, StatisticsKind], ...] = (
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"<stata_dta>", "stata"),
    (b"HEADER RECORD*******LIB", "sas transport"),
)
_SAS7BDAT = bytes(12) + b"\xc2\xea\x81\x60"
_OLD_STATA = tuple(bytes((release, order, 1)) for release in range(104, 116) for order in (1, 2))


def inspect(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> Source:
    """Read the source once and say what it is; SourceError names file, row and column."""
    with readable(path.name or str(path)):
        return _inspected(path, sitemap, dictionary)


def holds_fhir(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> bool:
    """Whether a file or folder would be read as FHIR; SourceError if it cannot be opened."""
    with readable(path.name or str(path)):
        if path.is_dir():
            resources = any(other.suffix.lower() in _RESOURCES for other in path.rglob("*"))
            return resources and not _neighbours(path / "", sitemap, dictionary)
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            start = stream.read(_START_BYTES)
    return start.startswith(_GZIP) or start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")


def _inspected(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> Source:
    if path.is_dir():
        return _folder(path, sitemap, dictionary)
    if not path.is_file():
        raise SourceError("no such file", file=path.name)
    with path.open("rb") as stream:
        start = stream.read(_START_BYTES)
    found = _by_first_bytes(path, start, sitemap, dictionary)
    if found is not None:
        if sitemap.source == "fhir" and found.kind != "fhir":
            raise SourceError("holds no FHIR resources, which the map reads", file=path.name)
        return found
    _refuse_others(path, start, sitemap.encoding)
    refuse_declaration(path)
    if sitemap.source == "fhir":
        raise SourceError("holds no FHIR resources, which the map reads", file=path.name)
    source = _delimited(path, sitemap, dictionary)
    if set(source.header) >= EAV_COLUMNS and sitemap.shape != "table":
        return open_eav(source, sitemap, dictionary)
    if is_smartdata(source.header) and sitemap.shape is None:
        others = [source, *_neighbours(path, sitemap, dictionary)]
        return _smartdata(others, path, sitemap)
    return source


def _folder(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> Source:
    """A folder holds the tables of one SmartData extract, or the resources of a FHIR export."""
    next(path.iterdir(), None)  # an error where it may not be listed; rglob passes over that
    found = [] if sitemap.source == "fhir" else _neighbours(path / "", sitemap, dictionary)
    if found:
        return _smartdata(found, path / "", sitemap)
    if not any(other.suffix.lower() in _RESOURCES for other in path.rglob("*")):
        raise SourceError(
            "is a folder without a SmartData extract and without FHIR resources",
            file=path.name,
            hint="name the file to load",
        )
    from gateway.registry.sources.fhir.source import open_fhir

    return open_fhir(path, sitemap, dictionary)


def _smartdata(tables: Sequence[Delimited], path: Path, sitemap: SiteMap) -> Source:
    """The extract, its elements by the names that a table beside it gives them."""
    source = open_smartdata(tables, path.name)
    folder = path if path.is_dir() else path.parent
    others = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in _TABLES]
    elements = source.header[len(OWN_COLUMNS) :]
    names = element_names(elements, others, sitemap.encoding, sitemap.delimiter)
    return replace(source, labels=names)


def _neighbours(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> list[Delimited]:
    """The SmartData tables in a folder, or beside a file. Only headers are read of others."""
    folder = path if path.is_dir() else path.parent
    found = []
    for other in sorted(folder.iterdir()):
        if other == path or other.suffix.lower() not in _TABLES or not other.is_file():
            continue
        try:
            _, header = header_of(other, sitemap.encoding, sitemap.delimiter)
        except (SourceError, UnicodeDecodeError):
            continue
        if is_smartdata([column.strip().removeprefix("\ufeff") for column in header]):
            found.append(_delimited(other, sitemap, dictionary))
    return found


def _delimited(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> Delimited:
    return open_delimited(
        path,
        encoding=sitemap.encoding,
        delimiter=sitemap.delimiter,
        redcap=_redcap_columns(dictionary),
        shape=sitemap.shape,
    )


def _by_first_bytes(
    path: Path, start: bytes, sitemap: SiteMap, dictionary: Dictionary
) -> Source | None:
    """The reader of a format that says by its first bytes what it is. Each is imported where it
    is needed: they bring libraries of their own.
    """
    redcap = _redcap_columns(dictionary)
    if start.startswith(_ZIP):
        from gateway.registry.sources.workbook import open_workbook

        return open_workbook(path, sheet=sitemap.sheet, redcap=redcap, shape=sitemap.shape)
    if start.startswith(_PARQUET):
        from gateway.registry.sources.parquet import open_parquet

        return open_parquet(path, redcap=redcap, shape=sitemap.shape)
    kind = next((kind for magic, kind in _STATISTICS if start.startswith(magic)), None)
    if start.startswith(_SAS7BDAT):
        kind = "sas"
    elif start.startswith(_OLD_STATA):
        kind = "stata"
    if kind is not None:
        from gateway.registry.sources.statistical import open_statistics

        return open_statistics(
            path, kind, encoding=sitemap.encoding, redcap=redcap, shape=sitemap.shape
        )
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(b"["):
        from gateway.registry.sources.redcap_json import open_json

        return open_json(path, sitemap, dictionary)
    if text.startswith(b"<"):
        from gateway.registry.sources.odm import open_odm

        return open_odm(path, sitemap, dictionary)
    if text.startswith(b"{") or start.startswith(_GZIP):
        from gateway.registry.sources.fhir.source import open_fhir

        return open_fhir(path, sitemap, dictionary)
    return None


def _redcap_columns(dictionary: Dictionary) -> Collection[str]:
    """Columns that only a REDCap export has."""
    return {*REDCAP_COLUMNS, *(f"{instrument}_complete" for instrument in dictionary.instruments)}


def _refuse_others(path: Path, start: bytes, encoding: str) -> None:
    """What is no delimited text, by its first bytes: told before its bytes are no text."""
    utf16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if start.startswith(utf16) and codecs.lookup(encoding).name == "utf-8":
        raise SourceError(
            "is UTF-16 text, not UTF-8",
            file=path.name,
            hint='save it as "CSV UTF-8", or give encoding: utf-16 in the site map',
        )
