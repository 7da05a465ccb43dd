"""REDCap's EAV export as delimited text: record, event, form, instance, field_name, value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.errors import SourceError
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.choices import Boxes, several
from gateway.registry.sources.delimited import Delimited
from gateway.registry.sources.eav import (
    OWN_COLUMNS,
    EavSource,
    Value,
    flat_header,
    flat_name,
    key_column,
)
from gateway.registry.sources.source import check_header
from policies.dictionary import Dictionary

__all__ = ["EAV_COLUMNS", "DelimitedValues", "open_eav"]

EAV_COLUMNS = frozenset({"record", "field_name", "value"})


@dataclass(frozen=True)
class DelimitedValues(EavSource):
    """The values of a delimited file."""

    file: Delimited

    def values(self) -> Iterator[Value]:
        """See :class:`~gateway.registry.sources.eav.EavSource`."""
        return _values(self.file, self.several)


def open_eav(file: Delimited, sitemap: SiteMap, dictionary: Dictionary) -> DelimitedValues:
    """The fields of a file with the columns of an EAV export."""
    spare = set(file.header) - EAV_COLUMNS - set(OWN_COLUMNS) - {"redcap_data_access_group"}
    if spare:
        raise SourceError("is no column of an EAV export", file=file.name, row=1, field=min(spare))
    multiple = several(sitemap, dictionary)
    columns = dict.fromkeys(value.column for value in _values(file, multiple))
    header = flat_header(key_column(sitemap, dictionary), columns)
    return DelimitedValues(
        name=file.name,
        sha256=file.sha256,
        kind="redcap eav",
        shape="redcap",
        header=check_header(header, file.name),
        file=file,
        several=multiple,
    )


def _values(file: Delimited, multiple: Mapping[str, Boxes]) -> Iterator[Value]:
    at = {column: i for i, column in enumerate(file.header)}
    own = [at.get(column) for column in OWN_COLUMNS]
    for line, cells in file.rows():
        record, field = cells[at["record"]].strip(), cells[at["field_name"]].strip()
        if not record or not field:
            lacking = "field_name" if record else "record"
            raise SourceError("is blank", file=file.name, row=line, field=lacking)
        event, form, instance = (None if i is None else cells[i] or None for i in own)
        column, text, wrong = flat_name(field, cells[at["value"]] or None, multiple)
        yield Value(line, record, event, form, instance, column, text, wrong)
