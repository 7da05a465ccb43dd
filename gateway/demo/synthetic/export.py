"""A site's charts as the flat CSV that REDCap exports."""

from __future__ import annotations

__all__ = ["header", "write_export"]

import csv
from pathlib import Path

from gateway.demo.synthetic.habits import Chart
from gateway.demo.synthetic.layout import FORMS, columns

_REPEAT = ("redcap_repeat_instrument", "redcap_repeat_instance")
_COMPLETE = 2


def header() -> tuple[str, ...]:
    """Column names: the record id, the repeat columns, then form by form."""
    names: list[str] = []
    for form in FORMS:
        names.extend([*columns(form), f"{form}_complete"])
    return (names[0], *_REPEAT, *names[1:])


def write_export(path: Path, charts: list[Chart]) -> None:
    """One row per patient, then one per instance of each repeating form; blank outside it.

    Text that has a comma, a quote or a line break is quoted; lines end in a line feed.
    """
    names = header()
    spans = {}
    for form in FORMS:
        first = columns(form)[0]
        start = 3 if form == "patient" else names.index(first)
        used = columns(form)[1:] if form == "patient" else columns(form)
        spans[form] = (start, used)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for chart in charts:
            record = chart["patient"][0]["record_id"]
            for form, (start, used) in spans.items():
                tail = [""] * (len(names) - start - len(used) - 1)
                for instance, row in enumerate(chart[form], 1):
                    repeat = ("", "") if form == "patient" else (form, instance)
                    values = [row.get(name) for name in used]
                    complete = row.get("incomplete", _COMPLETE)
                    blanks = [""] * (start - 3)
                    writer.writerow([record, *repeat, *blanks, *values, complete, *tail])
