"""The fix list as a file for people: CSV, or Excel with a sheet per form and a summary."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, fields
from itertools import islice
from pathlib import Path
from typing import Any

from gateway.registry.fixes import By, Fix, FixList
from gateway.registry.formulas import harmless
from gateway.registry.sheets import (
    ROWS_MAX,
    add_sheet,
    filter_range,
    sheet_title,
    write_csv,
    write_private,
)

__all__ = ["write_fixes"]

_HEADER = tuple(column.name for column in fields(Fix))
_WIDTHS = (8, 16, 20, 10, 30, 14, 14, 12, 10, 80, 60)
_SUMMARY = ("rule", "severity", "records", "lines", "committee has to decide", "says", "fix")
_SUMMARY_WIDTHS = (12, 10, 10, 10, 14, 80, 60)


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

    def write(temporary: Path) -> int:
        if path.suffix == ".csv":
            return write_csv(temporary, _HEADER, map(_cells, fixes.lines(by, limit=limit)))
        return _workbook(temporary, fixes, by, labels, undecided, limit)

    return write_private(path, write, force=force)


def _cells(fix: Fix) -> list[Any]:
    return [harmless(part) if isinstance(part, str) else part for part in astuple(fix)]


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
    sheet = add_sheet(book, "Summary", _SUMMARY, _SUMMARY_WIDTHS)
    groups = list(fixes.groups("rule"))
    for group in groups:
        decide = "yes" if group.name in undecided else ""
        texts = harmless(group.says), harmless(group.fix)
        sheet.append([group.name, group.severity, group.records, group.lines, decide, *texts])
    sheet.auto_filter.ref = filter_range(len(_SUMMARY), len(groups))
    taken, count = {"summary"}, 0
    for form in fixes.groups("form"):
        lines = fixes.lines(by, form=form.name, limit=None if limit is None else limit - count)
        for piece in _pieces(lines):
            title = sheet_title(labels.get(form.name, form.name) or "No form", taken)
            sheet = add_sheet(book, title, _HEADER, _WIDTHS)
            rows = 0
            for fix in piece:
                sheet.append(_cells(fix))
                rows += 1
            sheet.auto_filter.ref = filter_range(len(_HEADER), rows)
            count += rows
    book.save(path)
    return count


def _pieces(lines: Iterator[Fix]) -> Iterator[Iterator[Fix]]:
    """As many lines as a worksheet holds at a time."""
    for first in lines:
        yield _with(first, islice(lines, ROWS_MAX - 1))


def _with(first: Fix, rest: Iterator[Fix]) -> Iterator[Fix]:
    yield first
    yield from rest
