"""An evaluation as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["interval", "percent", "told"]


def told(found: dict[str, Any]) -> str:
    """The lines of ``osteon deid evaluate``."""
    return "\n".join(
        [*_head(found), "", *_recall(found), "", *_precision(found), "", *_foot(found)]
    )


def percent(share: float | None, places: int = 1) -> str:
    """``99.4 %``; a share below one never reads 100."""
    if share is None:
        return "–"
    shown = f"{share * 100:.{places}f}"
    if share < 1 and float(shown) == 100:
        shown = f"> {100 - 10**-places:.{places}f}"
    if share > 0 and float(shown.removeprefix("> ")) == 0:
        shown = f"< {10**-places:.{places}f}"
    return f"{shown} %"


def interval(bounds: Sequence[float] | None) -> str:
    """``97.1–99.8``, in percent."""
    return "" if bounds is None else f"{bounds[0] * 100:.1f}–{bounds[1] * 100:.1f}"


def _head(found: dict[str, Any]) -> list[str]:
    known = "patients known" if found["patients_known"] else "no patient known"
    notes = f"{found['notes']} notes"
    if found["notes"] < found["notes_in_file"]:
        notes = f"the first {found['notes']} of {found['notes_in_file']} notes"
    leaks = found["notes_with_leak"]
    lines = [
        f"{found['gold']}: {notes}, {known}, profile {found['profile']} ({found['seconds']} s)",
        f"  withheld          {found['withheld']}",
        *(f"    {reason}: {n}" for reason, n in found["withheld_reasons"].items()),
        f"  notes with a leak {_notes(leaks['as_written'])}",
        f"    if the withheld were written too {_notes(leaks['if_all_written'])}",
    ]
    if found["ignored_spans"]:
        lines.append(f"  gold spans without a letter or digit, ignored: {found['ignored_spans']}")
    return lines


def _notes(share: dict[str, Any]) -> str:
    return (
        f"{share['notes']} of {share['of']} "
        f"({percent(share['share'])}, 95 % interval {interval(share['interval'])})"
    )


def _recall(found: dict[str, Any]) -> Iterable[str]:
    header = ("to remove", "spans", "whole", "in part", "missed", "recall", "95 %", "as written")
    rows = [
        (
            row["category"],
            row["spans"],
            row["whole"],
            "" if row["in_part"] is None else row["in_part"],
            "" if row["missed"] is None else row["missed"],
            percent(row["recall"]),
            interval(row["interval"]),
            percent(row["as_written"]),
        )
        for row in found["recall"]
    ]
    return _columns(header, rows)


def _precision(found: dict[str, Any]) -> Iterable[str]:
    header = ("removed", "spans", "right", "exact", "precision")
    rows = [
        (row["category"], row["spans"], row["right"], row["exact"], percent(row["precision"]))
        for row in found["precision"]
    ]
    return _columns(header, rows)


def _foot(found: dict[str, Any]) -> list[str]:
    characters = found["characters"]
    wrong = [row for row in found["layers"] if row["gold"] == "none"]
    removed = percent(characters["clinical_removed"], 2)
    lost = percent(characters["clinical_lost_with_withheld"], 2)
    return [
        (
            f"letters and digits: recall {percent(characters['recall'], 2)}, "
            f"precision {percent(characters['precision'], 2)}"
        ),
        f"clinical text removed: {removed}; with the withheld notes: {lost}",
        "false findings by layer: "
        + (", ".join(f"{row['source']} {row['spans']}" for row in wrong) or "none"),
        "DATE*: a bare year may remain. Recall: every letter and digit found, judged as if no note",
        "were withheld; 'as written' counts what stood in a withheld note as stopped.",
    ]


def _columns(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    cells = [header, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
