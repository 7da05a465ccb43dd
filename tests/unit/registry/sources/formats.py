"""One flat REDCap export, written in every format that a hospital may send it in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
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


SMARTDATA_MAP = """
dictionary: valve
elements:
  code: {from: PAT_LINK_ID}
  surname: {from: "ORTHO#surname"}
  born: {from: "ORTHO#born", format: epic days}
  zip: {from: "ORTHO#zip"}
  age: {from: "ORTHO#age"}
  sex: {from: "ORTHO#sex", recode: {Male: 1, Female: 2}}
  height: {from: "ORTHO#height"}
  remark: {from: "ORTHO#remark"}
  ward: {from: "ORTHO#ward"}
  races: {from: "ORTHO#races", recode: {One: 1, Two: 2, Unknown: 9}}
  consent: {from: "ORTHO#consent"}
  nr: {from: "ORTHO#nr"}
  found: {from: "ORTHO#found", format: epic days}
  valve: {from: "ORTHO#valve", recode: {Aortic: a, Mitral: m}}
  leak_cm: {from: "ORTHO#leak_cm"}
  score: {from: "ORTHO#score"}
  of: {from: "ORTHO#of"}
  seen: {from: "ORTHO#seen", format: epic days}
  doctor: {from: "ORTHO#doctor"}
  beats: {from: "ORTHO#beats"}
ignore: ["EPIC#32168"]
"""
_DAY_0 = date(1840, 12, 31)
_LABELS = {
    "sex": {"1": "MALE ", "2": " Female"},
    "valve": {"a": "aortic", "m": "Mitral  "},
    "races": {"1": "One", "2": "two ", "9": "UNKNOWN"},
}
_CONTEXTS = {"": "PATIENT", "defect": "EPISODE", "visit": "ENCOUNTER"}


def as_smartdata(folder: Path, text: str, *, quirks: bool = True) -> None:
    """Two tables, with what real extracts have: earlier values, repeated lines, blanks, letters in
    another case, and an element of the vendor's in every context.
    """
    folder.mkdir()
    data: list[list[object]] = []
    values: list[list[object]] = []

    def write(row: Row, element: str, lines: list[str], day: int) -> None:
        hlv = 900_000 + len(data)
        form = row["redcap_repeat_instrument"]
        record = f"{row['code']}{form}{row['redcap_repeat_instance']}"
        data.append(
            [hlv, element, f"2026-02-{day:02} 09:14:22", _CONTEXTS[form], record, row["code"]]
        )
        values.extend([hlv, number, line] for number, line in enumerate(lines, start=1))

    for row in rows_of(text):
        for element, lines in _elements(row):
            if quirks:
                write(row, f"ORTHO#{element}", ["an earlier value"], 2)
            write(row, f"ORTHO#{element}", lines, 3)
        if quirks:
            write(row, "EPIC#32168", ["x"], 3)
    doubled = [data[0]] if quirks else []
    with (folder / "SMRTDTA_ELEM_DATA.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [
                "HLV_ID",
                "ELEMENT_ID",
                "CUR_VALUE_DATETIME",
                "CONTEXT_NAME",
                "RECORD_ID_VARCHAR",
                "PAT_LINK_ID",
            ]
        )
        writer.writerows([*data, *doubled])
    with (folder / "SMRTDTA_ELEM_VALUE.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["HLV_ID", "LINE", "SMRTDTA_ELEM_VALUE", "ELEM_NW_ID_VAL_NUM"])
        writer.writerows([*value, ""] for value in [*values, *([values[0]] if quirks else [])])


def _elements(row: Row) -> Iterator[tuple[str, list[str]]]:
    ticked: dict[str, list[str]] = {}
    for column, value in row.items():
        field, boxed, choice = column.partition("___")
        if not value or column in (*_OWN, _GROUP) or column.endswith("_complete"):
            continue
        if boxed:
            if value == "1":
                ticked.setdefault(field, []).append(_LABELS[field][choice])
        elif field in ("born", "found", "seen"):
            yield field, [str((date.fromisoformat(value) - _DAY_0).days)]
        else:
            yield field, [_LABELS.get(field, {}).get(value, value)]
    yield from ticked.items()
