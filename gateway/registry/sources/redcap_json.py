"""Answers of REDCap's API as JSON, flat or one object per value (EAV), read as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.errors import SourceError
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.choices import Boxes, several
from gateway.registry.sources.eav import (
    EavSource,
    Value,
    flat_header,
    flat_name,
    key_column,
)
from gateway.registry.sources.json_bounds import BoundedJson
from gateway.registry.sources.source import RowSource, Shape, Source, check_header, file_digest
from policies.dictionary import Dictionary

__all__ = ["open_json"]

_EAV = frozenset({"record", "field_name", "value"})


@dataclass(frozen=True)
class JsonRows(RowSource):
    """One object per row."""

    path: Path

    def rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        """See :class:`~gateway.registry.sources.source.RowSource`; the place is the object."""
        for number, given in _objects(self.path):
            yield number, [_text(given.get(c), self.name, number, c) for c in self.header]


@dataclass(frozen=True)
class JsonValues(EavSource):
    """One object per value."""

    path: Path

    def values(self) -> Iterator[Value]:
        """See :class:`~gateway.registry.sources.eav.EavSource`."""
        for number, given in _objects(self.path):
            yield _value(given, self.name, number, self.several)


def open_json(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> Source:
    """The columns of all objects, in the order in which they come first.

    SourceError for JSON that is damaged or no list of flat objects.
    """
    sha256 = file_digest(path)
    names: dict[str, None] = {}
    ticked: dict[str | None, None] = {}
    multiple = several(sitemap, dictionary)
    is_eav: bool | None = None
    for number, given in _objects(path):
        eav = given.keys() >= _EAV
        if is_eav is None:
            is_eav = eav
        if eav != is_eav:  # else the first object, one patient's, would decide for all
            raise SourceError(
                "is a value where other objects are rows, or the other way round",
                file=path.name,
                row=number,
                hint="export one of the two",
            )
        if is_eav:
            ticked.setdefault(_value(given, path.name, number, multiple).column)
        else:
            for column, value in given.items():
                _text(value, path.name, number, column)
                names.setdefault(column)
    if is_eav is None or not (is_eav or names):
        raise SourceError("holds no rows", file=path.name)
    if is_eav:
        header = flat_header(key_column(sitemap, dictionary), ticked)
        header = check_header(header, path.name, row=None)
        return JsonValues(path.name, sha256, "redcap eav json", "redcap", header, multiple, path)
    header = check_header(tuple(names), path.name, row=None)
    shape: Shape = "table" if sitemap.shape == "table" else "redcap"
    return JsonRows(path.name, sha256, "redcap json", shape, header, path)


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of the list with their number from 1."""
    import ijson

    number = 0
    try:
        with path.open("rb") as stream:
            for number, given in enumerate(
                ijson.items(BoundedJson(stream, path.name, items=True), "item"), start=1
            ):
                if not isinstance(given, dict):
                    raise SourceError("is not an object", file=path.name, row=number)
                yield number, given
    except (ijson.JSONError, UnicodeError, ValueError, RecursionError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            "is damaged JSON", file=path.name, row=number + 1, hint="was the download cut off?"
        ) from None


def _value(given: dict[str, Any], name: str, number: int, multiple: Mapping[str, Boxes]) -> Value:
    def text(key: str) -> str | None:
        return _text(given.get(key), name, number, key)

    record, field = text("record"), text("field_name")
    if not record or not field:
        lacking = "field_name" if record else "record"
        raise SourceError("is missing", file=name, row=number, field=lacking)
    column, value, wrong = flat_name(field.strip(), text("value"), multiple)
    return Value(
        number,
        record,
        text("redcap_event_name"),
        text("redcap_repeat_instrument"),
        text("redcap_repeat_instance"),
        column,
        value,
        wrong,
    )


def _text(value: Any, name: str, number: int, field: str) -> str | None:
    match value:
        case None:
            return None
        case str():
            return value or None
        case bool():
            return str(int(value))
        case int() | float() | Decimal():
            return str(value)
        case _:
            raise SourceError("is no single value", file=name, row=number, field=field)
