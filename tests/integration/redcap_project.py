"""A REDCap project as REDCap's API shows it: export rights, labels, formats, and imports.

Written after REDCap's API help page and what clients of it rely on (REDCapR, redcapAPI, PyCap).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from policies.dictionary import Dictionary

Row = dict[str, str]
PLACE = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
OWN = (*PLACE, "redcap_data_access_group", "redcap_survey_identifier")
_API = [
    "field_name",
    "form_name",
    "section_header",
    "field_type",
    "field_label",
    "select_choices_or_calculations",
    "field_note",
    "text_validation_type_or_show_slider_number",
    "text_validation_min",
    "text_validation_max",
    "identifier",
    "branching_logic",
    "required_field",
    "custom_alignment",
    "question_number",
    "matrix_group_name",
    "matrix_ranking",
    "field_annotation",
]
_COMPLETE = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
_VALIDATION = "text_validation_type_or_show_slider_number"


class Refused(Exception):
    """The API's error with its status."""

    def __init__(self, status: int, says: str) -> None:
        super().__init__(says)
        self.status, self.says = status, says


@dataclass(frozen=True)
class User:
    """Whose token it is. ``export``: full, de-identified, no identifiers or none; ``hidden`` are
    forms without export right; in a ``group`` only its records are seen. ``groups``: may list them.
    """

    export: str = "full"
    hidden: frozenset[str] = frozenset()
    group: str | None = None
    groups: bool = False


@dataclass
class Project:
    """Metadata rows by the API's names, and flat data rows; ``repeats`` are repeating forms."""

    fields: list[Row]
    rows: list[Row]
    repeats: tuple[str, ...] = ()
    events: list[Row] = field(default_factory=list)
    arms: list[Row] = field(default_factory=list)
    missing: str = ""
    pid: int = 17

    @classmethod
    def read(cls, folder: Path, repeats: Sequence[str] = ()) -> Project:
        """A folder of REDCapR's test projects."""

        def table(name: str) -> list[Row]:
            path = folder / f"{name}.csv"
            text = path.read_text("utf-8-sig") if path.exists() else ""
            return list(csv.DictReader(io.StringIO(text)))

        fields = [dict(zip(_API, row.values(), strict=True)) for row in table("dictionary")]
        return cls(fields, table("data"), tuple(repeats), table("event"), table("arm"))

    @property
    def key(self) -> str:
        return self.fields[0]["field_name"]

    @property
    def forms(self) -> list[str]:
        return list(dict.fromkeys(one["form_name"] for one in self.fields))

    def info(self) -> dict[str, Any]:
        return {
            "project_id": self.pid,
            "project_title": "A project",
            "in_production": 1,
            "is_longitudinal": int(bool(self.events)),
            "has_repeating_instruments_or_events": int(bool(self.repeats)),
            "surveys_enabled": 0,
            "missing_data_codes": self.missing,
        }

    def groups(self) -> list[str]:
        found = {row.get("redcap_data_access_group") or "" for row in self.rows}
        return sorted(found - {""})

    def choices(self, one: Row) -> dict[str, str]:
        if one["field_type"] in ("yesno", "truefalse"):
            return {"1": "Yes", "0": "No"}
        if one["field_type"] not in ("radio", "dropdown", "checkbox"):
            return {}
        parts = (part.partition(",") for part in one["select_choices_or_calculations"].split("|"))
        return {code.strip(): label.strip() for code, _, label in parts}

    def columns_of(self, one: Row) -> list[str]:
        if one["field_type"] == "descriptive":
            return []
        if one["field_type"] != "checkbox":
            return [one["field_name"]]
        codes = self.choices(one) | dict.fromkeys(code.lower() for code in self._missing_codes())
        return [f"{one['field_name']}___{code.lower().replace('-', '_')}" for code in codes]

    def _missing_codes(self) -> list[str]:
        parts = [part.partition(",")[0].strip() for part in self.missing.split("|")]
        return [part for part in parts if part]

    def export_names(self) -> list[Row]:
        found = []
        for one in self.fields:
            codes = [*self.choices(one), *self._missing_codes()] or [""]
            boxed = one["field_type"] == "checkbox"
            for column, code in zip(self.columns_of(one), codes, strict=False):
                found.append(
                    {
                        "original_field_name": one["field_name"],
                        "choice_value": code if boxed else "",
                        "export_field_name": column,
                    }
                )
        return found + [
            {"original_field_name": n, "choice_value": "", "export_field_name": n}
            for n in (f"{form}_complete" for form in self.forms)
        ]

    def visible(self, user: User) -> list[Row]:
        """The fields that the user's export right leaves."""
        return [one for one in self.fields if one["field_name"] == self.key or _left(one, user)]

    def export(self, given: Mapping[str, Any], user: User) -> tuple[list[str], list[Row]]:
        """Flat rows and their columns, as asked for."""
        if user.export == "none":
            raise Refused(
                400, "Insufficient user privileges: You must have Data Export privileges."
            )
        columns = self._columns(given, user)
        hashed = user.export != "full" and self.fields[0]["identifier"] == "y"
        asked = set(given["records"])
        found = []
        for row in self.rows:
            record = row[self.key]
            shown = hashlib.sha256(record.encode()).hexdigest()[:32] if hashed else record
            if asked and record not in asked:
                continue
            if given["events"] and row.get("redcap_event_name") not in given["events"]:
                continue
            if user.group and row.get("redcap_data_access_group") != user.group:
                continue
            found.append({c: row.get(c, "") or "" for c in columns} | {self.key: shown})
        if self.key not in columns:
            found = [{c: row[c] for c in columns} for row in found]
        return columns, [self._shown(row, given) for row in found]

    def _columns(self, given: Mapping[str, Any], user: User) -> list[str]:
        names = {one["field_name"] for one in self.fields} | {f"{f}_complete" for f in self.forms}
        for what, known in (("fields", names), ("forms", set(self.forms))):
            bad = [value for value in given[what] if value not in known]
            if bad:
                raise Refused(
                    400,
                    f'The following values in the parameter "{what}" are not valid: {bad}',
                )
        all_of = not given["fields"] and not given["forms"]
        found: list[str] = []
        shown = self.visible(user)
        for form in self.forms:
            for one in shown:
                wanted = all_of or one["field_name"] in given["fields"] or form in given["forms"]
                if one["form_name"] == form and wanted:
                    found += self.columns_of(one)
            status = f"{form}_complete"
            if form not in user.hidden and (
                all_of or status in given["fields"] or form in given["forms"]
            ):
                found.append(status)
        if self.key not in found:
            return found
        data = self.rows[0] if self.rows else {}
        own = [c for c in PLACE if c in data]
        if given["groups"] and user.group is None:
            own += [c for c in ("redcap_data_access_group",) if c in data]
        if given["survey"]:
            own += [c for c in data if c == OWN[-1] or c.endswith("_timestamp")]
        return [self.key, *own, *(c for c in found if c != self.key)]

    def _shown(self, row: Row, given: Mapping[str, Any]) -> Row:
        row = dict(row)
        for one in self.fields:
            for column in self.columns_of(one):
                if column in row:
                    row[column] = self._cell(one, column, row[column], given)
        if given["label"]:
            for column in row:
                if column.endswith("_complete") and column[:-9] in self.forms:
                    row[column] = _COMPLETE.get(row[column], "")
            if row.get(PLACE[1]):
                row[PLACE[1]] = row[PLACE[1]].replace("_", " ").capitalize()
        return row

    def _cell(self, one: Row, column: str, value: str, given: Mapping[str, Any]) -> str:
        if given["label"]:
            choices = self.choices(one)
            code = column.partition("___")[2]
            if one["field_type"] != "checkbox":
                labels = choices | dict(_pairs(self.missing))
                return labels.get(value, value)
            if given["checkbox_label"]:
                return choices.get(code, "") if value == "1" else ""
            return {"1": "Checked", "0": "Unchecked"}.get(value, value)
        numeric = one["field_type"] == "calc" or one[_VALIDATION].startswith("number")
        if numeric and given["decimal"]:
            return value.replace(",", ".").replace(".", given["decimal"])
        return value

    def eav(self, rows: list[Row]) -> list[Row]:
        """One row per value; ticked boxes by their field, blanks left out."""
        found = []
        for row in rows:
            place = {c: row[c] for c in PLACE if c in row}
            for column, value in row.items():
                name, boxed, code = column.partition("___")
                if column in OWN or value == "" or (boxed and value == "0"):
                    continue
                said = {"field_name": name, "value": code if boxed else value}
                found.append({"record": row[self.key], **place, **said})
        return found

    def odm(self, rows: list[Row]) -> str:
        repeats = "".join(
            f'<redcap:RepeatingInstrument redcap:RepeatInstrument="{f}"/>' for f in self.repeats
        )
        head = (
            '<?xml version="1.0" encoding="UTF-8" ?>\n<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"'
            ' xmlns:redcap="https://projectredcap.org" ODMVersion="1.3.1"><Study OID="S">'
            f"<GlobalVariables><redcap:MissingDataCodes>{escape(self.missing)}"
            "</redcap:MissingDataCodes><redcap:RepeatingInstrumentsAndEvents>"
            f"<redcap:RepeatingInstruments>{repeats}</redcap:RepeatingInstruments>"
            '</redcap:RepeatingInstrumentsAndEvents></GlobalVariables></Study><ClinicalData StudyOID="S">'
        )
        out = [head]
        for row in rows:
            out.append(f"<SubjectData SubjectKey={quoteattr(row[self.key])}>")
            event = row.get(PLACE[0])
            if event:
                out.append(
                    f'<StudyEventData StudyEventOID="Event.{event}" redcap:UniqueEventName="{event}">'
                )
            form = row.get(PLACE[1]) or self.forms[0]
            number = row.get(PLACE[2]) or "1"
            out.append(f'<FormData FormOID="Form.{form}" FormRepeatKey="{number}"><ItemGroupData>')
            out += [
                f'<ItemData ItemOID="{column}" Value={quoteattr(value)}/>'
                for column, value in row.items()
                if value and column not in OWN
            ]
            out.append("</ItemGroupData></FormData>" + ("</StudyEventData>" if event else ""))
            out.append("</SubjectData>")
        return "\n".join([*out, "</ClinicalData></ODM>"])

    def take(self, rows: list[Row], *, overwrite: bool) -> set[str]:
        """Import rows by REDCap's rules: all of them or none; blank cells change nothing."""
        owner = {c: one for one in self.fields for c in self.columns_of(one)}
        owner |= {f"{f}_complete": {"form_name": f, "field_type": "radio"} for f in self.forms}
        data = [dict(row) for row in self.rows]
        places = {self._place(row): row for row in data}
        for number, row in enumerate(rows, start=1):
            unknown = [c for c in row if c not in owner and c not in OWN]
            if self.key not in row or unknown:
                raise Refused(400, f"The following fields were not found in the project: {unknown}")
            form, instance = row.get(PLACE[1], ""), row.get(PLACE[2], "")
            if form and (form not in self.repeats or not instance.isdigit()):
                raise Refused(400, f"row {number}: is no instance of a repeating instrument")
            for column, value in row.items():
                if not value or column in OWN or column == self.key:
                    continue
                on = owner[column]["form_name"]
                if (on != form) if form else (on in self.repeats):
                    raise Refused(400, f"row {number}: {column} is not on this instrument")
                allowed = self.choices(owner[column]) if column.find("___") < 0 else {"0", "1"}
                if allowed and value not in allowed and value not in self._missing_codes():
                    raise Refused(400, f"row {number}: {column}: not a valid category")
            blank = dict.fromkeys(data[0], "") | {c: row.get(c, "") for c in (self.key, *PLACE)}
            target = places.get(self._place(row))
            if target is None:
                target = {c: v for c, v in blank.items() if c in data[0]}
                data.append(target)
                places[self._place(row)] = target
            target.update({c: v for c, v in row.items() if v or overwrite})
        self.rows = data
        return {row[self.key] for row in rows}

    def _place(self, row: Row) -> tuple[str, ...]:
        return (row[self.key], *(row.get(c) or "" for c in PLACE))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("|"):
        code, _, label = part.partition(",")
        if code.strip():
            yield code.strip(), label.strip()


def _left(one: Row, user: User) -> bool:
    if one["form_name"] in user.hidden:
        return False
    tagged, kind, validation = one["identifier"] == "y", one["field_type"], one[_VALIDATION]
    if user.export == "full":
        return True
    if user.export == "no identifiers":
        return not tagged
    free = kind == "notes" or (kind == "text" and not validation)
    return not (tagged or free or validation.startswith(("date_", "datetime_")))


def metadata_of(dictionary: Dictionary) -> list[Row]:
    """What REDCap's metadata would be for a dictionary of ours."""
    kinds = {"category": "radio", "multi": "checkbox", "note": "notes"}
    validations = {"date": "date_ymd", "integer": "integer", "number": "number"}
    found = []
    for name, element in dictionary.elements.items():
        row = dict.fromkeys(_API, "") | {
            "field_name": name,
            "form_name": element.instrument,
            "field_type": kinds.get(element.type, "text"),
            "field_label": element.label,
            "select_choices_or_calculations": " | ".join(
                f"{code}, {label}" for code, label in element.choices.items()
            ),
            _VALIDATION: validations.get(element.type, "alpha_only" if element.pattern else ""),
            "identifier": "y" if element.identifier else "",
            "required_field": "y" if element.required else "",
        }
        found.append(row)
    return found


def as_csv(columns: Sequence[str], rows: list[Row], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json(rows: Any) -> str:
    return json.dumps(rows, separators=(",", ":"))


def as_xml(rows: list[Row]) -> str:
    items = "".join(
        "<item>" + "".join(f"<{c}><![CDATA[{v}]]></{c}>" for c, v in row.items()) + "</item>"
        for row in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<records>{items}</records>'
