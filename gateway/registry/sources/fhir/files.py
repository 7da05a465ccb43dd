"""The resources of a FHIR source, one after the other: NDJSON, also packed, and Bundles.

A line of NDJSON is held in memory, and of a Bundle one entry; nothing else is.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, cast

from gateway.errors import SourceError
from gateway.registry.sources.fhir.pages import Pages
from gateway.registry.sources.fhir.resource_types import RESOURCE_TYPES
from gateway.registry.sources.json_bounds import BoundedJson

__all__ = ["Entry", "Part", "parts_of", "resources"]

_GZIP = b"\x1f\x8b"
_LINE_BYTES_MAX = 64 << 20
_START_BYTES = 1 << 16
_UNPACKED_BYTES_MIN = 256 << 20
_RATIO_MAX = 200
"""Resources shrink to a twentieth or so; what shrinks to less than half a percent was made to."""
_DELETED = "deleted"
_TOLD = frozenset(["entry.item", "resourceType", "link.item.relation", "type", "total"])
_BUNDLE = re.compile(rb'"resourceType"\s*:\s*"Bundle"')


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a source. ``bundle``: it holds JSON documents that are Bundles, over any number
    of lines; else one resource in each line. ``name`` is as a person finds it in the folder;
    ``alone``: it is the whole source; ``single``: it holds one resource over any number of lines.
    """

    path: Path
    name: str
    bundle: bool
    alone: bool = False
    single: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource with its place (line, or entry of the Bundle) and the URL by which others of its
    Bundle refer to it; or, with no resource, what was deleted (``Type/id``).
    """

    place: int
    resource: dict[str, Any] | None
    url: str | None = None
    deleted: str | None = None


def parts_of(source: Path) -> tuple[list[Part], list[str]]:
    """The files of a folder (or the one file), in order of their names, and those left aside.

    A folder's ``deleted`` folder is read too; its other folders are left aside.
    SourceError if there is no FHIR in it.
    """
    if not source.is_dir():
        _check_single(source)
        return [Part(source, source.name, _is_bundle(source), alone=True)], []
    found: list[Part] = []
    aside: list[str] = []
    for path in sorted([*source.iterdir(), *(source / _DELETED).glob("*")]):
        name = path.relative_to(source).as_posix()
        part = _part(path, name) if path.is_file() else None
        if part is not None:
            found.append(part)
        elif name != _DELETED:
            aside.append(name)
    if not found:
        raise SourceError(
            "is a folder without FHIR resources (*.ndjson, *.ndjson.gz, Bundles as *.json)",
            file=source.name,
            hint="name the folder of a bulk export, or one file",
        )
    return found, aside


def _part(path: Path, name: str) -> Part | None:
    """A file of a folder by its name, or JSON by what it holds: a manifest and more lie beside."""
    lower = path.name.lower()
    if lower.endswith((".ndjson", ".ndjson.gz")):
        return Part(path, name, _is_bundle(path))
    if not lower.endswith((".json", ".json.gz")):
        return None
    kind = _type_of(path)
    if kind == "Bundle":
        return Part(path, name, _is_bundle(path))
    return Part(path, name, bundle=False, single=True) if kind in RESOURCE_TYPES else None


def _type_of(path: Path) -> str | None:
    """The type of the first resource, wherever in it that stands: some sort names."""
    import ijson

    if not _start(path).startswith(b"{"):
        return None
    try:
        with _opened(path) as stream:
            bounded = BoundedJson(stream, path.name)
            for prefix, _, value in ijson.parse(bounded, multiple_values=True):
                if prefix == "resourceType":
                    return value if isinstance(value, str) else None
    except (ijson.JSONError, ValueError, ArithmeticError, EOFError, zlib.error):
        # Damage is named when the file is read; a Bundle cut off is none the less one.
        return "Bundle" if _BUNDLE.search(_start(path)) else None
    return None


def _check_single(source: Path) -> None:
    start = _start(source)
    if not start.startswith(b"{"):
        raise SourceError(
            "is packed (gzip) and holds no FHIR resources that can be read",
            file=source.name,
            hint="unpack it, and load what is inside",
        )
    if b'"resourceType"' not in start and len(start) < _START_BYTES // 2:
        raise SourceError(
            "is JSON, but neither FHIR (resourceType) nor a list of objects as REDCap gives it",
            file=source.name,
        )


def resources(part: Part, pages: Pages) -> Iterator[Entry]:
    """Every resource of a file; SourceError names the line or entry that is none. ``pages`` hears
    of its Bundles.
    """
    try:
        with _opened(part.path) as stream:
            counted = _Counted(stream, part)
            if part.single:
                yield from _of_whole(part, counted, pages)
            elif part.bundle:
                yield from _of_bundles(part, counted, pages)
            else:
                yield from _of_lines(part, counted, pages)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SourceError(
            "is a damaged gzip file", file=part.name, hint="was the download cut off?"
        ) from None
    except RecursionError:
        raise SourceError("is nested too deeply", file=part.name) from None


class _Counted:
    """A stream that gives no more bytes than an honest file would hold."""

    def __init__(self, stream: IO[bytes], part: Part) -> None:
        self._stream = stream
        self._name = part.name
        self._left = max(_UNPACKED_BYTES_MIN, _RATIO_MAX * part.path.stat().st_size)

    def read(self, size: int = -1) -> bytes:
        return self._count(self._stream.read(size))

    def readline(self, size: int) -> bytes:
        return self._count(self._stream.readline(size))

    def _count(self, found: bytes) -> bytes:
        self._left -= len(found)
        if self._left < 0:
            raise SourceError(f"unpacks to more than {_RATIO_MAX} times its size", file=self._name)
        return found


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        packed = stream.read(len(_GZIP)) == _GZIP
    return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")


def _is_bundle(path: Path) -> bool:
    """Whether the file is to be read as JSON documents rather than line by line: the first line
    is no whole document, or one too long to tell that begins like a Bundle.
    """
    start = _start(path)
    if not start.startswith(b"{"):
        return False
    first, ended, _ = start.partition(b"\n")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return bool(ended) or _BUNDLE.search(start) is not None
    return False


def _start(path: Path) -> bytes:
    """The first bytes, unpacked, without mark and blanks; none of a damaged file."""
    try:
        with _opened(path) as stream:
            return stream.read(_START_BYTES).removeprefix(codecs.BOM_UTF8).lstrip()
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b""


def _of_whole(part: Part, stream: _Counted, pages: Pages) -> Iterator[Entry]:
    text = stream.read(_LINE_BYTES_MAX + 1)
    if len(text) > _LINE_BYTES_MAX:
        raise SourceError(f"is longer than {_LINE_BYTES_MAX >> 20} MB", file=part.name)
    found = _parsed(text.removeprefix(codecs.BOM_UTF8), part.name, 1)
    yield from _expanded(found, part.name, 1, pages)


def _of_lines(part: Part, stream: _Counted, pages: Pages) -> Iterator[Entry]:
    number = 0
    while line := stream.readline(_LINE_BYTES_MAX + 1):
        number += 1
        if len(line) > _LINE_BYTES_MAX:
            raise SourceError(
                f"is longer than {_LINE_BYTES_MAX >> 20} MB", file=part.name, row=number
            )
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if line.strip():
            yield from _expanded(_parsed(line, part.name, number), part.name, number, pages)


def _parsed(line: bytes, name: str, number: int) -> Any:
    try:
        return _DECODER.decode(line.decode())
    except (ValueError, RecursionError, ArithmeticError):
        raise SourceError(
            "is damaged JSON",
            file=name,
            row=number,
            hint="NDJSON has one whole resource in each line; was the download cut off?",
        ) from None


def _no_number(_: str) -> None:
    raise ValueError


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


def _of_bundles(part: Part, stream: _Counted, pages: Pages) -> Iterator[Entry]:
    import ijson

    number = 0
    said: dict[str, Any] = {}
    try:
        for prefix, value in _members(ijson, stream, part):
            if prefix == "":
                pages.take(**_page(said))
                said = {}
            if prefix == "resourceType" and value != "Bundle":
                raise SourceError(
                    "is neither a whole resource in one line (NDJSON) nor a Bundle",
                    file=part.name,
                    row=1,
                    hint="NDJSON has one resource in each line; was the line cut or split?",
                )
            if prefix == "link.item.relation" and value == "next":
                said["linking"] = True
            elif prefix in ("type", "total"):
                said[prefix] = value
            if prefix == "entry.item":
                number += 1
                said["entries"] = said.get("entries", 0) + 1
                yield from _of_entry(value, part.name, number, pages)
    except (ijson.JSONError, ValueError, ArithmeticError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            "is damaged JSON", file=part.name, row=number + 1, hint="was the download cut off?"
        ) from None


def _page(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": said.get("type"),
        "total": said.get("total"),
        "linking": said.get("linking", False),
        "entries": said.get("entries", 0),
    }


def _members(ijson: Any, stream: _Counted, part: Part) -> Iterator[tuple[str, Any]]:
    """Every document's type, links and entries, each as soon as it is whole."""
    builder: Any = None
    size = 0
    bounded = BoundedJson(stream, part.name)
    for prefix, event, value in ijson.parse(bounded, multiple_values=True):
        if builder is not None:
            builder.event(event, value)
            size += len(value) if isinstance(value, str) else 8
            if size > _LINE_BYTES_MAX:
                raise SourceError(
                    f"has an entry larger than {_LINE_BYTES_MAX >> 20} MB", file=part.name
                )
            if prefix == "entry.item" and event == "end_map":
                yield prefix, builder.value
                builder = None
        elif prefix == "entry.item" and event == "start_map":
            builder, size = ijson.ObjectBuilder(), 0
            builder.event(event, value)
        elif prefix in _TOLD or (prefix == "" and event == "end_map"):
            yield prefix, value


def _of_entry(entry: Any, name: str, number: int, pages: Pages) -> Iterator[Entry]:
    if not isinstance(entry, dict):
        raise SourceError("is no entry of a Bundle", file=name, row=number, field="entry")
    request = entry.get("request")
    url = entry.get("fullUrl")
    if isinstance(request, dict) and request.get("method") == "DELETE":
        target = request.get("url")
        yield Entry(number, None, deleted=target if isinstance(target, str) else None)
    elif "resource" in entry:
        for found in _expanded(entry["resource"], name, number, pages):
            mine = found.resource is entry["resource"] and isinstance(url, str)
            yield Entry(number, found.resource, url if mine else found.url, found.deleted)


def _expanded(resource: Any, name: str, number: int, pages: Pages) -> Iterator[Entry]:
    """A resource, or those of a Bundle that stands where one resource may stand."""
    if not isinstance(resource, dict):
        raise SourceError("is not a JSON object", file=name, row=number)
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or not kind:
        raise SourceError(
            "is missing: this is no FHIR resource", file=name, row=number, field="resourceType"
        )
    if kind != "Bundle":
        yield Entry(number, resource)
        return
    entries = resource.get("entry", [])
    if not isinstance(entries, list):
        raise SourceError("is no list", file=name, row=number, field="entry")
    links = resource.get("link")
    said = resource | {"entries": len(entries)}
    said["linking"] = any(
        isinstance(link, dict) and link.get("relation") == "next"
        for link in (links if isinstance(links, list) else ())
    )
    pages.take(**_page(said))
    for entry in entries:
        yield from _of_entry(entry, name, number, pages)
