"""Which rows of the source make up one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.registry.sitemap import Cell

__all__ = ["FormRows", "filled"]


@dataclass(frozen=True)
class FormRows:
    """SQL over the table ``raw``: ``where`` picks the form's rows, ``instance`` names a row within
    its record (None: it has no name, rows are numbered), ``filled`` tells a row with an answer.
    ``shared``: other rows of the record may repeat the cells of a form that does not repeat.
    ``apart`` tells the rows of a repeating form apart that have no name; ``key`` is the field that
    says so. Both None: every row is another.
    """

    instrument: str
    where: str
    instance: str | None
    filled: str
    shared: bool
    apart: str | None = None
    key: str | None = None


def filled(cells: Sequence[Cell]) -> str:
    """SQL: some cell of these holds an answer. Constants and unticked boxes are none."""
    tests = []
    for cell in cells:
        if cell.column is None:
            continue
        column = f"c{cell.column}"
        boxed = cell.code is not None and cell.map.split is None
        tests.append(f"{column} != '0'" if boxed else f"{column} IS NOT NULL")
    return f"coalesce({' OR '.join(dict.fromkeys(tests))}, false)" if tests else "false"
