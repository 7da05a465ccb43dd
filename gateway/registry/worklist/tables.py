"""Worklists as a file for the site's own people: CSV, or Excel with a sheet per list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from gateway.registry.formulas import harmless
from gateway.registry.sheets import (
    ROWS_MAX,
    add_sheet,
    filter_range,
    sheet_title,
    write_csv,
    write_private,
)
from gateway.registry.worklist.people import Task, Worklist

__all__ = ["plain_task", "write_worklists"]

_BEFORE = ("list", "state", "days")
_AFTER = ("record", "instance", "what", "since", "due", "until", "step")
_WIDTHS = {"list": 14, "days": 8, "instance": 10, "what": 50, "step": 70}
_WIDTH = 16


def plain_task(task: Task) -> dict[str, Any]:
    """The task as JSON has it; dates in ISO form."""
    parts = {name: getattr(task, name) for name in (*_BEFORE, "who", *_AFTER)}
    parts["who"] = dict(task.who)
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in parts.items()}


def write_worklists(
    path: Path, lists: Sequence[Worklist], labels: Mapping[str, str], *, force: bool
) -> int:
    """Write ``path`` (.csv or .xlsx) and return the number of lines. ``labels`` are what the
    identifiers are called, by element. SiteError if the file exists. It names patients.
    """
    header = (*_BEFORE, *labels.values(), *_AFTER)

    def write(temporary: Path) -> int:
        if path.suffix == ".csv":
            tasks = (task for one in lists for task in one.tasks)
            return write_csv(temporary, header, (_cells(task, labels) for task in tasks))
        return _workbook(temporary, lists, labels, header)

    return write_private(path, write, force=force)


def _cells(task: Task, labels: Mapping[str, str]) -> list[Any]:
    who = [task.who.get(name, "") for name in labels]
    cells = [getattr(task, name) for name in _BEFORE] + who
    cells += [getattr(task, name) for name in _AFTER]
    return [harmless(cell) if isinstance(cell, str) else cell for cell in cells]


def _workbook(
    path: Path, lists: Sequence[Worklist], labels: Mapping[str, str], header: Sequence[str]
) -> int:
    from openpyxl import Workbook

    book, taken, count = Workbook(write_only=True), set[str](), 0
    widths = [_WIDTHS.get(name, _WIDTH) for name in header]
    for one in lists:
        for start in range(0, max(len(one.tasks), 1), ROWS_MAX):
            piece = one.tasks[start : start + ROWS_MAX]
            sheet = add_sheet(book, sheet_title(one.name.replace("_", " "), taken), header, widths)
            for task in piece:
                sheet.append(_cells(task, labels))
            sheet.auto_filter.ref = filter_range(len(header), len(piece))
            count += len(piece)
    if not lists:
        book.create_sheet("No worklist")
    book.save(path)
    return count
