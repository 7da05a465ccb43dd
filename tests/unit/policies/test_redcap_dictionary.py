"""REDCap dictionaries: CSV as downloaded, CSV and JSON as the metadata API gives them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from policies.dictionary.redcap import read_redcap_dictionary
from policies.errors import DeclarationError

FIELDS = [
    {"field_name": "record_id", "form_name": "person", "field_type": "text", "field_label": "Id"},
    {
        "field_name": "side",
        "form_name": "person",
        "field_type": "radio",
        "field_label": "Side",
        "select_choices_or_calculations": "1, Left | 2, Right",
        "required_field": "y",
    },
    {
        "field_name": "leak",
        "form_name": "visit",
        "field_type": "text",
        "field_label": "Leak<br>now",
        "text_validation_type_or_show_slider_number": "number_1dp_comma_decimal",
        "text_validation_min": "0,5",
        "text_validation_max": "10",
        "branching_logic": "[side] = '1'",
        "identifier": "y",
        "field_annotation": "tier=core; deid=drop",
    },
]
COLUMNS = {
    "field_name": "Variable / Field Name",
    "form_name": "Form Name",
    "field_type": "Field Type",
    "field_label": "Field Label",
    "select_choices_or_calculations": "Choices, Calculations, OR Slider Labels",
    "text_validation_type_or_show_slider_number": "Text Validation Type OR Show Slider Number",
    "text_validation_min": "Text Validation Min",
    "text_validation_max": "Text Validation Max",
    "identifier": "Identifier?",
    "branching_logic": "Branching Logic (Show field only if...)",
    "required_field": "Required Field?",
    "field_annotation": "Field Annotation",
}


def whole() -> list[dict[str, Any]]:
    return [dict.fromkeys(COLUMNS, "") | field for field in FIELDS]


def written(path: Path, names: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names.values())
        writer.writerows([field[name] for name in names] for field in whole())
    return path


def test_the_three_forms_of_a_dictionary_are_the_same(tmp_path: Path) -> None:
    downloaded = read_redcap_dictionary(
        written(tmp_path / "d.csv", COLUMNS), name="d", repeats=["visit"]
    )
    leak = downloaded.elements["leak"]
    assert (leak.type, leak.bounds, leak.label) == ("number", (0.5, 10), "Leak now")
    assert downloaded.instruments["visit"].repeats
    of_api = written(tmp_path / "a.csv", dict(zip(COLUMNS, COLUMNS, strict=True)))
    assert read_redcap_dictionary(of_api, name="d", repeats=["visit"]) == downloaded
    of_json = tmp_path / "d.json"
    plain = [
        {k: v or None for k, v in field.items()} | {"field_annotation": field["field_annotation"]}
        for field in whole()
    ]
    of_json.write_text("\ufeff \n" + json.dumps(plain), encoding="utf-8")
    assert read_redcap_dictionary(of_json, name="d", repeats=["visit"]) == downloaded


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"field_name": "a"', "damaged JSON"),
        ("[1, 2]", "no list of fields"),
        ("[]", "holds no fields"),
        ('{"error": "You do not have permissions"}', "error of REDCap's API"),
        ('{"a": 1}', "no list of fields"),
        (
            '[{"field_name": "a", "form_name": "f", "field_type": "text"}]',
            'no column "Field Label"',
        ),
        ("[" * 100_000, "damaged JSON"),
    ],
)
def test_json_that_is_no_dictionary_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "d.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=says):
        read_redcap_dictionary(path, name="d")


def test_a_wrong_bound_names_its_field(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps([whole()[0], whole()[2] | {"text_validation_min": "low"}]))
    with pytest.raises(DeclarationError, match="row 2: leak: a bound is not a number"):
        read_redcap_dictionary(path, name="d")


@pytest.mark.parametrize(
    ("label", "encoding", "says"),
    [
        ("x" * 200_000, "utf-8", "is no CSV that can be read near line 2"),
        ("Pr\xe9nom", "cp1252", "cannot be read as UTF-8 text"),
    ],
)
@pytest.mark.parametrize("limit", [1 << 17, 32 << 20])
def test_a_csv_that_cannot_be_read_is_refused(
    tmp_path: Path, label: str, encoding: str, says: str, limit: int
) -> None:
    """Whatever limit the reader of an export left behind, and that one stays."""
    path = tmp_path / "d.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(COLUMNS.values()), restval="")
        writer.writeheader()
        writer.writerow({COLUMNS[k]: v for k, v in {**FIELDS[0], "field_label": label}.items()})
    before = csv.field_size_limit(limit)
    try:
        with pytest.raises(DeclarationError, match=says):
            read_redcap_dictionary(path, name="d")
        assert csv.field_size_limit() == limit
    finally:
        csv.field_size_limit(before)


def test_an_instrument_that_is_not_there_cannot_repeat(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps(whole()), encoding="utf-8")
    assert read_redcap_dictionary(path, name="d", repeats=["visit"]).instruments["visit"].repeats
    with pytest.raises(DeclarationError, match='no instrument "vist" that could repeat') as caught:
        read_redcap_dictionary(path, name="d", repeats=["vist"])
    assert "person, visit" in str(caught.value.hint)
