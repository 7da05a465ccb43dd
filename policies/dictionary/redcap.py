"""REDCap data dictionaries (18-column CSV, the metadata API's JSON, ODM XML) → Osteon dictionaries.

Hints for Osteon sit in REDCap's ``Field Annotation`` as ``name=value`` or bare words separated
by semicolons; REDCap itself ignores them. Branching logic is translated into the expression
language; what cannot be translated is an error that names the row and field.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from policies.decode import decode
from policies.dictionary.model import Dictionary
from policies.dictionary.redcap_odm import read_odm_project
from policies.errors import DeclarationError

__all__ = ["branch_from_redcap", "read_redcap_dictionary"]

NAME, FORM = "Variable / Field Name", "Form Name"
_COLUMNS = (NAME, FORM, "Field Type", "Field Label", "Field Annotation")
_CHOICES = "Choices, Calculations, OR Slider Labels"
_VALIDATION = "Text Validation Type OR Show Slider Number"
_BRANCH = "Branching Logic (Show field only if...)"
_API_NAMES = {
    "field_name": NAME,
    "form_name": FORM,
    "section_header": "Section Header",
    "field_type": "Field Type",
    "field_label": "Field Label",
    "select_choices_or_calculations": _CHOICES,
    "field_note": "Field Note",
    "text_validation_type_or_show_slider_number": _VALIDATION,
    "text_validation_min": "Text Validation Min",
    "text_validation_max": "Text Validation Max",
    "identifier": "Identifier?",
    "branching_logic": _BRANCH,
    "required_field": "Required Field?",
    "field_annotation": "Field Annotation",
}
_TYPES = {
    "radio": "category",
    "dropdown": "category",
    "checkbox": "multi",
    "notes": "note",
    "calc": "number",
    "slider": "number",
    "sql": "text",  # a list that a query fills: its choices stand nowhere in the dictionary
}
_CELL_LENGTH_MAX = 131_072
_START_BYTES = 512
_YES_NO = frozenset(["yesno", "truefalse"])
_SKIPPED = frozenset(["descriptive", "file"])
_DOWNLOAD = "download the data dictionary from REDCap's Dictionary page, with commas between fields"
_ROLES = frozenset(
    [
        "anchor",
        "benchmark",
        "casemix",
        "governance",
        "key",
        "provider",
        "quasi_identifier",
        "rare_value_risk",
        "stratifier",
    ]
)


def branch_from_redcap(text: str) -> str:
    """REDCap branching logic → expression text: ``[a] <> ''`` → ``a is not missing``,
    ``[race(1)] = '1'`` → ``'1' in race``, ``[b] = '2'`` → ``b = '2'``.
    """
    text = re.sub(r"\[(\w+)\]\s*(?:<>|!=)\s*(?:''|\"\")", r"\1 is not missing", text)
    text = re.sub(r"\[(\w+)\]\s*=\s*(?:''|\"\")", r"\1 is missing", text)
    text = re.sub(r"\[(\w+)\((\w+)\)\]\s*=\s*['\"]?1['\"]?", r"'\2' in \1", text)
    text = re.sub(r"\[(\w+)\((\w+)\)\]\s*(?:<>|!=)\s*['\"]?1['\"]?", r"not '\2' in \1", text)
    text = re.sub(r"\[(\w+)\((\w+)\)\]\s*=\s*['\"]?0['\"]?", r"not '\2' in \1", text)
    return re.sub(r"\[(\w+)\]", r"\1", text).replace("<>", "!=")


def _hints(annotation: str) -> Iterator[tuple[str, str]]:
    for part in annotation.split(";"):
        name, _, value = part.strip().partition("=")
        if name:
            yield name.strip(), value.strip()


def _choices(text: str, where: str) -> dict[str, str]:
    choices: dict[str, str] = {}
    for part in text.split("|"):
        code, comma, label = part.strip().partition(",")
        if not comma or code.strip() in choices:
            raise DeclarationError("choices must be distinct 'code, label' pairs", where=where)
        choices[code.strip()] = label.strip()
    return choices


def _kind(row: dict[str, str], where: str) -> str:
    field_type, validation = row["Field Type"], row.get(_VALIDATION) or ""
    if field_type in _TYPES:
        return _TYPES[field_type]
    if field_type in _YES_NO:
        return "category"
    if field_type != "text":
        raise DeclarationError(f'unknown field type "{field_type}"', where=where)
    if validation.startswith(("date_", "datetime_")):
        return "date"
    if validation == "integer":
        return "integer"
    return "number" if validation.startswith("number") else "text"


def _bound(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", ".", 1))  # number_comma_decimal
    except ValueError:
        raise DeclarationError("a bound is not a number", where=where) from None


def _element(row: dict[str, str], where: str) -> dict[str, Any]:
    kind = _kind(row, where)
    element: dict[str, Any] = {
        "instrument": row[FORM],
        "label": re.sub(r"\s*<[^>]*>\s*", " ", row["Field Label"]).strip() or row[NAME],
        "type": kind,
        "required": row.get("Required Field?") == "y",
        "identifier": row.get("Identifier?") == "y",
    }
    if kind in ("category", "multi"):
        listed = row.get(_CHOICES) or ""
        if row["Field Type"] in _YES_NO:
            listed = listed or "1, Yes | 0, No"
        element["choices"] = _choices(listed, where)
    if kind in ("integer", "number"):
        low = _bound(row.get("Text Validation Min") or "", where)
        element["bounds"] = [low, _bound(row.get("Text Validation Max") or "", where)]
    if row.get(_BRANCH):
        element["branch"] = branch_from_redcap(row[_BRANCH])
    if row.get("Field Note"):
        element["note"] = row["Field Note"]
    roles = []
    for name, value in _hints(row.get("Field Annotation") or ""):
        if name in _ROLES:
            roles.append(name)
        elif name == "fk":
            element["references"] = value
        elif name == "derived":
            element["derived"] = True
        elif name in ("deid", "hipaa", "tier", "entered", "mcode", "loinc", "pattern"):
            element[name] = value
    if row["Field Type"] == "calc":
        element["derived"] = True
    if roles:
        element["roles"] = roles
    return element


def _csv_rows(text: str, where: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Every field with its line."""
    reader = csv.DictReader(io.StringIO(text))
    # The limit is the whole process's; reading an export raises it to 32 MiB. What a dictionary
    # refuses must not depend on what was read before it.
    before = csv.field_size_limit(_CELL_LENGTH_MAX)
    try:
        header = [_API_NAMES.get(column, column) for column in reader.fieldnames or []]
        _check_columns(header, where)
        for raw in reader:
            row = {k: (v or "").strip() for k, v in zip(header, raw.values(), strict=False)}
            yield reader.line_num, row
    except csv.Error as error:
        told = f"is no CSV that can be read near line {reader.line_num + 1} ({error})"
        raise DeclarationError(told, where=where) from None
    finally:
        csv.field_size_limit(before)


def _read(path: Path) -> tuple[list[tuple[str, dict[str, str]]], set[str]]:
    """Fields with their places, and the instruments that the file itself says to repeat."""
    with path.open("rb") as stream:
        start = stream.read(_START_BYTES)
    if start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        project = read_odm_project(path)  # as a stream: all of the project's data may follow
        return [(f"line {line}", row) for line, row in project.rows], project.repeats
    text = path.read_text(encoding="utf-8-sig")
    read = _json_rows if text.lstrip().startswith(("[", "{")) else _csv_rows
    return [(f"row {number}", row) for number, row in read(text, str(path))], set()


def _json_rows(text: str, where: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Every field with its number from 1."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise DeclarationError("is damaged JSON", where=where) from None
    if isinstance(found, dict) and "error" in found:
        raise DeclarationError(
            "is an error of REDCap's API, not a data dictionary",
            where=where,
            hint="may the token's user export this project?",
        )
    if not isinstance(found, list) or any(not isinstance(one, dict) for one in found):
        raise DeclarationError("is no list of fields, as the metadata API gives it", where=where)
    for number, given in enumerate(found, start=1):
        row = {_API_NAMES.get(name, name): _plain(value) for name, value in given.items()}
        _check_columns(row, f"{where}: row {number}")
        yield number, row


def _plain(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _check_columns(given: Collection[str], where: str) -> None:
    lacking = [column for column in _COLUMNS if column not in given]
    if lacking:
        raise DeclarationError(f'no column "{lacking[0]}"', where=where, hint=_DOWNLOAD)


def read_redcap_dictionary(
    path: Path, *, name: str, title: str | None = None, repeats: Collection[str] = ()
) -> Dictionary:
    """Read a REDCap dictionary: CSV as downloaded, CSV or JSON of the metadata API, or a project as
    CDISC ODM XML, with its data or without.

    REDCap keeps apart which instruments repeat: those in ``repeats`` do, those that hold or are the
    target of a reference (annotation ``fk=``), and those that an ODM file says, also by events. The
    first field is the key.
    """
    try:
        rows, repeating = _read(path)
    except (OSError, UnicodeDecodeError) as error:
        raise DeclarationError(
            "cannot be read as UTF-8 text",
            where=str(path),
            hint=f'{_DOWNLOAD}; a spreadsheet writes it as "CSV UTF-8"',
        ) from error
    elements: dict[str, Any] = {}
    named: set[str] = set()
    for place, row in rows:
        named.add(row[FORM])
        where = f"{path}: {place}: {row[NAME]}"
        if row["Field Type"] in _SKIPPED:
            continue
        if row[NAME] in elements:
            raise DeclarationError("the variable is declared twice", where=where)
        elements[row[NAME]] = _element(row, where)
    if not elements:
        raise DeclarationError("holds no fields", where=str(path))
    key = next(iter(elements))
    forms = {element["instrument"] for element in elements.values()}
    if strange := sorted(set(repeats) - named):
        raise DeclarationError(
            f'no instrument "{strange[0]}" that could repeat',
            where=str(path),
            hint=f"instruments: {', '.join(sorted(named))}",
        )
    linked = (
        repeating | set(repeats) | {e["instrument"] for e in elements.values() if "references" in e}
    )
    linked |= {e["references"].partition(".")[0] for e in elements.values() if "references" in e}
    plain = {
        "dictionary": name,
        "version": 1,
        "title": title or name,
        "key": key,
        "instruments": {
            form: {
                "label": form.replace("_", " ").capitalize(),
                "repeats": form in linked,
            }
            for form in sorted(forms, key=[e["instrument"] for e in elements.values()].index)
        },
        "elements": elements,
    }
    return decode(Dictionary, plain, where=str(path))
