"""One flat REDCap export, written in every format that a hospital may send it in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

Row = dict[str, str]
_OWN = ("code", "redcap_repeat_instrument", "redcap_repeat_instance")
_GROUP = "redcap_data_access_group"


def rows_of(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text)))


def as_csv(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def as_workbook(path: Path, text: str) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for record in csv.reader(io.StringIO(text)):
        book.active.append([_cell(value) for value in record])
    book.save(path)


def _cell(text: str) -> object:
    """As a person's spreadsheet would hold it."""
    from datetime import datetime

    if text.count("-") == 2 and text[:4].isdigit():
        return datetime.fromisoformat(text)
    if text and text[0] != "0" and text.replace(".", "", 1).isdigit():
        return float(text)
    return text or None


def _frame(text: str):
    import pandas as pd

    frame = pd.DataFrame(rows_of(text)).replace("", None)
    for column in ("age", "height", "leak_cm", "beats"):
        frame[column] = pd.to_numeric(frame[column])
    for column in ("found", "seen"):
        frame[column] = pd.to_datetime(frame[column]).dt.date
    return frame


def as_parquet(path: Path, text: str) -> None:
    _frame(text).to_parquet(path)


def as_spss(path: Path, text: str) -> None:
    import pyreadstat

    pyreadstat.write_sav(_frame(text), str(path))


def as_stata(path: Path, text: str) -> None:
    import pyreadstat

    pyreadstat.write_dta(_frame(text), str(path))


def as_flat_json(path: Path, text: str) -> None:
    path.write_text(json.dumps(rows_of(text)), encoding="utf-8")


def _values(text: str) -> Iterator[Row]:
    """Values as REDCap's EAV export gives them: ticked boxes by their field, blanks left out."""
    for row in rows_of(text):
        own = {
            "record": row["code"],
            "redcap_repeat_instrument": row["redcap_repeat_instrument"],
            "redcap_repeat_instance": row["redcap_repeat_instance"],
        }
        for column, value in row.items():
            field, boxed, choice = column.partition("___")
            if not value or column in _OWN[1:] or (boxed and value == "0"):
                continue
            yield {**own, "field_name": field, "value": choice if boxed else value}


def as_eav(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        columns = ["record", *_OWN[1:], "field_name", "value"]
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(_values(text))


def as_eav_json(path: Path, text: str) -> None:
    path.write_text(json.dumps(list(_values(text))), encoding="utf-8")


def as_odm(path: Path, text: str) -> None:
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org">',
        '<Study OID="S"><redcap:RepeatingInstruments>',
        '<redcap:RepeatingInstrument redcap:RepeatInstrument="defect"/>',
        '<redcap:RepeatingInstrument redcap:RepeatInstrument="visit"/>',
        '</redcap:RepeatingInstruments></Study><ClinicalData StudyOID="S">',
    ]
    for row in rows_of(text):
        form = row["redcap_repeat_instrument"] or "person"
        number = row["redcap_repeat_instance"] or "1"
        out.append(f"<SubjectData SubjectKey={quoteattr(row['code'])}>")
        out.append(f'<FormData FormOID="Form.{form}" FormRepeatKey="{number}">')
        out.append(f'<ItemGroupData ItemGroupOID="{form}.x" ItemGroupRepeatKey="1">')
        out += [
            f'<ItemData ItemOID="{column}" Value={quoteattr(value)}/>'
            for column, value in row.items()
            if value and column not in _OWN[1:]
        ]
        out.append("</ItemGroupData></FormData></SubjectData>")
    path.write_text("\n".join([*out, "</ClinicalData></ODM>"]), encoding="utf-8")


FORMATS: dict[str, Callable[[Path, str], None]] = {
    "redcap": as_csv,
    "excel": as_workbook,
    "parquet": as_parquet,
    "spss": as_spss,
    "stata": as_stata,
    "redcap json": as_flat_json,
    "redcap eav": as_eav,
    "redcap eav json": as_eav_json,
    "odm": as_odm,
}
