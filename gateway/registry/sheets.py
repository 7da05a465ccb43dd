"""Tables of the site's own as files for people: CSV and Excel, owner only, complete or absent.

Their texts go through :func:`gateway.registry.formulas.harmless`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from gateway.errors import SiteError
from gateway.registry.private_file import replacing

__all__ = [
    "ROWS_MAX",
    "add_sheet",
    "filter_range",
    "sheet_title",
    "write_csv",
    "write_private",
]

ROWS_MAX = 1_048_575
"""Below the header of a worksheet."""
_TITLE_LENGTH_MAX = 31


def write_private(path: Path, write: Callable[[Path], int], *, force: bool) -> int:
    """Let ``write`` fill a file that becomes ``path`` (.csv or .xlsx); its number of lines.
    SiteError if the file exists or cannot be written.
    """
    if path.suffix not in (".csv", ".xlsx"):
        raise SiteError(f"{path}: write .csv or .xlsx")
    if path.exists() and not force:
        raise SiteError(f"{path}: there is a file already", hint="--force writes over it")
    try:
        with replacing(path) as draft:
            return write(draft)
    except OSError as error:
        raise SiteError(f"{path}: cannot be written ({error.strerror})") from None


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write the rows and return their number."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel reads UTF-8 by its mark
        writer = csv.writer(file)
        writer.writerow(header)
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number is the count
            writer.writerow(row)
    return count


def add_sheet(book: Any, title: str, header: Iterable[str], widths: Iterable[int]) -> Any:
    """A worksheet with its header, of a workbook that is written row by row."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    names = []
    for name in header:
        cell = WriteOnlyCell(sheet, value=name)
        cell.font = Font(bold=True)
        names.append(cell)
    sheet.append(names)
    return sheet


def filter_range(columns: int, rows: int) -> str:
    """What the header's filter covers."""
    from openpyxl.utils import get_column_letter

    return f"A1:{get_column_letter(columns)}{rows + 1}"


def sheet_title(name: str, taken: set[str]) -> str:
    """A worksheet's name: at most 31 characters, none of them forbidden, not there yet."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip("' ")[:_TITLE_LENGTH_MAX] or "Form"
    title, number = plain, 1
    while title.lower() in taken:
        number += 1
        title = f"{plain[: _TITLE_LENGTH_MAX - 4]} {number}"
    taken.add(title.lower())
    return title
