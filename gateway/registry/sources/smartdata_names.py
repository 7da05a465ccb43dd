"""What an extract's elements are called: Epic's table of concepts beside it, or their own ids."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.errors import SourceError
from gateway.registry.sources.delimited import header_of

__all__ = ["element_names"]

_CONCEPT, _NAME = "CONCEPT_ID", "NAME"
_OWNER = re.compile(r"[^#]*#\s*(?=.*[A-Za-z])")
"""The organisation before an id that has a word; ``ORTHO#4102`` says nothing."""


def element_names(
    elements: Iterable[str], files: Iterable[Path], encoding: str, delimiter: str | None
) -> Mapping[str, str]:
    """A name for each element that has one. ``files`` may hold CLARITY_CONCEPT: its columns
    CONCEPT_ID and NAME are read, and nothing that cannot be read is an error.
    """
    told: dict[str, str] = {}
    for path in files:
        try:
            told |= _concepts(path, encoding, delimiter)
        except (SourceError, OSError, ValueError, csv.Error):
            continue  # a neighbour is no part of the extract
    found = {}
    for element in elements:
        name = told.get(element.casefold()) or _OWNER.sub("", element, count=1)
        if name != element:
            found[element] = name
    return found


def _concepts(path: Path, encoding: str, delimiter: str | None) -> dict[str, str]:
    mark, header = header_of(path, encoding, delimiter)
    columns = [column.strip().removeprefix("\ufeff").upper() for column in header]
    if _CONCEPT not in columns or _NAME not in columns:
        return {}
    concept, name = columns.index(_CONCEPT), columns.index(_NAME)
    with path.open(encoding=encoding, newline="") as stream:
        rows = (row for row in csv.reader(stream, delimiter=mark) if len(row) == len(columns))
        return {
            " ".join(row[concept].split()).casefold(): " ".join(row[name].split()) for row in rows
        }
