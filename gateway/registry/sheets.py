"""Tables of the site's own as files for people: CSV and Excel, no formulas, owner only.

A text may begin with a sign that a spreadsheet takes for a formula; it gets an apostrophe before
it. Files are readable by their owner only, and complete or absent.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from gateway.errors import SiteError

__all__ = [
    "ROWS_MAX",
    "add_sheet",
    "filter_range",
    "harmless",
    "sheet_title",
    "write_csv",
    "write_private",
]

ROWS_MAX = 1_048_575
"""Below the header of a worksheet."""
_TITLE_LENGTH_MAX = 31
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def harmless(text: str) -> str:
    """The text as no spreadsheet runs it, without control characters."""
    clean = _CONTROL.sub("", text)
    start = clean.lstrip(" \u00a0\ufeff")[:1]
    return f"'{clean}" if start in _FORMULA and start else clean


def write_private(path: Path, write: Callable[[Path], int], *, force: bool) -> int:
    """Let ``write`` fill a file that becomes ``path`` (.csv or .xlsx); its number of lines.
    SiteError if the file exists or cannot be written.
    """
    if path.suffix not in (".csv", ".xlsx"):
        raise SiteError(f"{path}: write .csv or .xlsx")
    if path.exists() and not force:
        raise SiteError(f"{path}: there is a file already", hint="--force writes over it")
    temporary = path.with_name(f".{path.name}.new")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        temporary.chmod(0o600)  # one that a killed run left keeps its mode else
        count = write(temporary)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise SiteError(f"{path}: cannot be written ({error.strerror})") from None
    return count


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
