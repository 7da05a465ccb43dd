"""Rows of corrections as the file that goes back into REDCap: CSV, or a workbook to fill in."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import SiteError
from gateway.registry.private_file import replacing
from gateway.registry.sheets import ROWS_MAX, add_sheet

__all__ = ["Rows", "write_rows"]

_WIDTH = 16
_ELSEWHERE = "what is wrong may stand in another row than the one listed: see the fix list"


@dataclass(frozen=True)
class Rows:
    """``count`` rows; ``cells`` gives of each the ``named`` cells that say which row of the project
    it is. The rest are blank. ``elsewhere`` counts lines that have no row here, by rule; a workbook
    says so on a sheet of its own, a CSV is REDCap's and cannot.
    """

    header: tuple[str, ...]
    named: int
    count: int
    cells: Iterator[tuple[str, ...]]
    elsewhere: Mapping[str, int]


def write_rows(out: Path, rows: Rows) -> None:
    """Write ``out``, its owner's only, whole or not at all. SiteError if that cannot be done."""
    if out.suffix == ".xlsx" and rows.count > ROWS_MAX:
        raise SiteError(
            f"{out}: a worksheet holds {ROWS_MAX} rows and a header, these are {rows.count}",
            hint="write .csv, or choose elements with --only",
        )
    try:
        with replacing(out) as draft:
            (_workbook if out.suffix == ".xlsx" else _csv)(draft, rows)
    except OSError as error:
        raise SiteError(f"{out}: cannot be written ({error.strerror})") from None


def _csv(draft: Path, rows: Rows) -> None:
    blank = ("",) * (len(rows.header) - rows.named)
    with draft.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(rows.header)
        writer.writerows((*named, *blank) for named in rows.cells)


def _workbook(draft: Path, rows: Rows) -> None:
    """All cells are text, those to fill in too: a spreadsheet then neither runs a record's name nor
    takes its leading zeros, and leaves dates as they are typed.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = add_sheet(book, "Corrections", rows.header, [_WIDTH] * len(rows.header))
    for at in range(1, len(rows.header) + 1):
        sheet.column_dimensions[get_column_letter(at)].number_format = "@"
    for named in rows.cells:
        cells = []
        for text in named:
            cell = WriteOnlyCell(sheet, value=text)
            cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
            cells.append(cell)
        sheet.append(cells)
    if rows.elsewhere:
        sheet = add_sheet(book, "Left to the fix list", ("rule", "lines", "why"), (12, 10, 80))
        for rule, lines in rows.elsewhere.items():
            sheet.append([rule, lines, _ELSEWHERE])
    book.save(draft)
