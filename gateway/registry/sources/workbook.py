"""Excel workbooks (.xlsx): one worksheet as a table of text.

Cells are read as a person sees the value: dates as YYYY-MM-DD, whole numbers without a decimal
point, formulas by their last result. A workbook is a ZIP archive, so what its parts unpack to is
bounded before any of them is opened.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.errors import SourceError
from gateway.registry.sources.source import RowSource, check_header, file_digest

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

__all__ = ["Worksheet", "open_workbook"]

_UNPACKED_BYTES_MAX = 4 << 30
_RATIO_MAX = 200
"""Spreadsheets shrink to a tenth or so; what shrinks to less than half a percent was made to."""
_SMALL_BYTES = 16 << 20
_ROWS_MAX = 1_048_576
"""Of a worksheet. A row's number may say anything, and those before it count as empty."""
_STRINGS = "xl/sharedstrings.xml"
_STRINGS_BYTES_MAX = 256 << 20
"""Of the texts that all sheets share: they are held in memory, and read before the first cell."""


@dataclass(frozen=True)
class Worksheet(RowSource):
    """One worksheet; its first row that is not empty is the header."""

    path: Path
    sheet: str
    header_row: int

    def rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        """See :class:`~gateway.registry.sources.source.RowSource`."""
        width = len(self.header)
        with _workbook(self.path) as book:
            for line, cells in _rows(book, self.sheet, self.path):
                if line <= self.header_row:
                    continue
                texts = [_text(cell, self.name, line) for cell in cells]
                if any(text is not None for text in texts[width:]):
                    raise SourceError(
                        "has cells beyond the last column of the header", file=self.name, row=line
                    )
                if any(text is not None for text in texts):
                    yield line, [*texts[:width], *[None] * (width - len(texts))]


def open_workbook(
    path: Path, *, sheet: str | None, redcap: Collection[str], shape: str | None
) -> Worksheet:
    """The worksheet named ``sheet``, or the only one that holds something.

    SourceError for what is no workbook, for several sheets and for a header with faults.
    """
    _check_archive(path)
    sha256 = file_digest(path)
    with _workbook(path) as book:
        names = [one.title for one in book.worksheets]
        if sheet is not None and sheet not in names:
            raise SourceError(
                f'has no worksheet "{sheet}"', file=path.name, hint=f"it has {_listed(names)}"
            )
        # All in one opening: each reads the shared texts anew.
        first = {
            name: next(_rows(book, name, path), None) for name in ([sheet] if sheet else names)
        }
    filled = [name for name, row in first.items() if row is not None]
    if not filled:
        raise SourceError("is empty", file=path.name)
    if len(filled) > 1:
        raise SourceError(
            f"has several worksheets: {_listed(filled)}",
            file=path.name,
            hint="say which one in the site map, e.g. sheet: " + filled[0],
        )
    line, header = _header(first[filled[0]], path.name)
    is_redcap = shape == "redcap" if shape else any(column in redcap for column in header)
    return Worksheet(
        name=path.name,
        sha256=sha256,
        kind="excel",
        shape="redcap" if is_redcap else "table",
        header=header,
        path=path,
        sheet=filled[0],
        header_row=line,
    )


def _header(row: tuple[int, tuple[Any, ...]] | None, name: str) -> tuple[int, tuple[str, ...]]:
    line, cells = row or (0, ())
    names = [_text(cell, name, line) or "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    return line, check_header(names, name, row=line)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _check_archive(path: Path) -> None:
    """Refuse what is no workbook, and what would unpack to more than it could honestly hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise SourceError("is a damaged Excel workbook or ZIP archive", file=path.name) from None
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise SourceError(
            "is a ZIP archive but no Excel workbook (.xlsx)",
            file=path.name,
            hint="unpack it and load the file inside",
        )
    strings = sum(part.file_size for part in parts if part.filename.lower() == _STRINGS)
    if strings > _STRINGS_BYTES_MAX:
        raise SourceError(
            f"holds {strings >> 20} MB of texts; a workbook is read up to "
            f"{_STRINGS_BYTES_MAX >> 20} MB of them",
            file=path.name,
            hint="save it as CSV UTF-8",
        )
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > _UNPACKED_BYTES_MAX or unpacked > max(_SMALL_BYTES, _RATIO_MAX * packed):
        raise SourceError(
            f"would unpack to {unpacked >> 20} MB, {unpacked // max(packed, 1)} times its size",
            file=path.name,
            hint="save it as CSV UTF-8 if it is what it should be",
        )


@contextmanager
def _workbook(path: Path) -> Iterator[Workbook]:
    import openpyxl

    book = None
    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            yield book
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl lets through what XML, ZIP and its own readers raise
        raise SourceError(
            f"cannot be read as an Excel workbook ({type(error).__name__})", file=path.name
        ) from None
    finally:
        if book is not None:
            book.close()


def _rows(book: Workbook, sheet: str, path: Path) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows that are not empty, with their number."""
    page = book[sheet]
    # What the file says of its size may be a million rows of formatting, or nothing at all.
    page.reset_dimensions()
    for line, cells in enumerate(page.iter_rows(values_only=True), start=1):
        if any(cell is not None and cell != "" for cell in cells):
            yield line, cells
        if line > _ROWS_MAX:
            raise SourceError(
                f"has more than {_ROWS_MAX} rows", file=path.name, hint="save it as CSV UTF-8"
            )


def _text(cell: Any, name: str, line: int) -> str | None:
    match cell:
        case None:
            return None
        case bool():
            return "1" if cell else "0"
        case str():
            if cell.startswith("#") and cell.rstrip("!?") in _FAULTS:
                raise SourceError(
                    f"holds a formula's error ({cell})",
                    file=name,
                    row=line,
                    hint="mend or clear it",
                )
            return cell or None
        case datetime():
            midnight = cell.time() == time()
            return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
        case date() | time():
            return cell.isoformat()
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case _:
            return str(cell)


_FAULTS = frozenset({"#DIV/0", "#N/A", "#NAME", "#NULL", "#NUM", "#REF", "#VALUE"})
