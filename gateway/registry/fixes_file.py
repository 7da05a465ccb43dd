"""The fix list as a file for people: CSV, or Excel with a sheet per form and a summary.

A record's number or a field may begin with a sign that a spreadsheet takes for a formula; such
texts get an apostrophe before it. Files are readable by their owner only, and complete or absent.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from typing import Any

from gateway.errors import SiteError
from gateway.registry.fixes import By, Fix, FixList

__all__ = ["harmless", "write_fixes"]

_HEADER = ("row", "record", "form", "instance", "fields", "rule", "severity", "says", "fix")
_WIDTHS = (8, 16, 20, 10, 30, 12, 10, 80, 60)
_SUMMARY = ("rule", "severity", "records", "lines", "committee has to decide", "says", "fix")
_SUMMARY_WIDTHS = (12, 10, 10, 10, 14, 80, 60)
_ROWS_MAX = 1_048_575
"""Below the header of a worksheet."""
_TITLE_LENGTH_MAX = 31
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def harmless(text: str) -> str:
    """The text as no spreadsheet runs it, without control characters."""
    clean = _CONTROL.sub("", text)
    start = clean.lstrip(" \u00a0\ufeff")[:1]
    return f"'{clean}" if start in _FORMULA and start else clean


def write_fixes(
    path: Path,
    fixes: FixList,
    by: By,
    *,
    labels: Mapping[str, str],
    undecided: Collection[str],
    limit: int | None = None,
    force: bool = False,
) -> int:
    """Write ``path`` (.csv or .xlsx) and return the number of lines. ``labels`` are what forms are
    called, ``undecided`` the rules on which a committee has to decide. SiteError if it exists.
    """
    if path.suffix not in (".csv", ".xlsx"):
        raise SiteError(f"{path}: write .csv or .xlsx")
    if path.exists() and not force:
        raise SiteError(f"{path}: there is a file already", hint="--force writes over it")
    temporary = path.with_name(f".{path.name}.new")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        temporary.chmod(0o600)  # one that a killed run left keeps its mode else
        if path.suffix == ".csv":
            count = _csv(temporary, fixes.lines(by, limit=limit))
        else:
            count = _workbook(temporary, fixes, by, labels, undecided, limit)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise SiteError(f"{path}: cannot be written ({error.strerror})") from None
    return count


def _cells(fix: Fix) -> list[Any]:
    return [harmless(part) if isinstance(part, str) else part for part in astuple(fix)]


def _csv(path: Path, lines: Iterable[Fix]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel reads UTF-8 by its mark
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for count, fix in enumerate(lines, start=1):  # noqa: B007 - the last number is the count
            writer.writerow(_cells(fix))
    return count


def _workbook(
    path: Path,
    fixes: FixList,
    by: By,
    labels: Mapping[str, str],
    undecided: Collection[str],
    limit: int | None,
) -> int:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = _sheet(book, "Summary", _SUMMARY, _SUMMARY_WIDTHS)
    groups = fixes.groups("rule")
    for group in groups:
        decide = "yes" if group.name in undecided else ""
        texts = harmless(group.says), harmless(group.fix)
        sheet.append([group.name, group.severity, group.records, group.lines, decide, *texts])
    sheet.auto_filter.ref = _filter(len(_SUMMARY), len(groups))
    taken, count = {"summary"}, 0
    for form in fixes.groups("form"):
        lines = fixes.lines(by, form=form.name, limit=None if limit is None else limit - count)
        for piece in _pieces(lines):
            title = _title(labels.get(form.name, form.name) or "No form", taken)
            sheet = _sheet(book, title, _HEADER, _WIDTHS)
            rows = 0
            for fix in piece:
                sheet.append(_cells(fix))
                rows += 1
            sheet.auto_filter.ref = _filter(len(_HEADER), rows)
            count += rows
    book.save(path)
    return count


def _sheet(book: Any, title: str, header: Iterable[str], widths: Iterable[int]) -> Any:
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


def _filter(columns: int, rows: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"A1:{get_column_letter(columns)}{rows + 1}"


def _pieces(lines: Iterator[Fix]) -> Iterator[Iterator[Fix]]:
    """As many lines as a worksheet holds at a time."""
    for first in lines:
        yield _with(first, islice(lines, _ROWS_MAX - 1))


def _with(first: Fix, rest: Iterator[Fix]) -> Iterator[Fix]:
    yield first
    yield from rest


def _title(name: str, taken: set[str]) -> str:
    """A worksheet's name: at most 31 characters, none of them forbidden, not there yet."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip("' ")[:_TITLE_LENGTH_MAX] or "Form"
    title, number = plain, 1
    while title.lower() in taken:
        number += 1
        title = f"{plain[: _TITLE_LENGTH_MAX - 4]} {number}"
    taken.add(title.lower())
    return title
