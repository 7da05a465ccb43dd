"""The path language: what it reads, and how it says what it does not."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.fhir.path import (
    Condition,
    Number,
    Path,
    PathError,
    Step,
    parse_form,
    parse_from,
)
from gateway.registry.sources.fhir.values import fulfils, texts
from policies.decode import decode, parse_yaml
from policies.errors import DeclarationError
from tests.unit.registry.sources.fhir.hearts import ELEMENTS, FORMS, sitemap

OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "code": {
        "coding": [
            {"system": "http://loinc.org", "code": "21889-1"},
            {"system": "http://snomed.info/sct", "code": "7"},
        ]
    },
    "component": [
        {"code": {"coding": [{"code": "width"}]}, "valueQuantity": {"value": 3}},
        {"code": {"coding": [{"code": "length"}]}, "valueQuantity": {"value": 8}},
    ],
    "note": [{"text": "a, b and c]"}],
    "valueBoolean": False,
}


def read(path: str) -> list[str]:
    [parsed] = parse_from(path)  # type: ignore[misc]
    return list(texts(OBSERVATION, parsed.steps)) if fulfils(OBSERVATION, parsed.filters) else []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Observation.code.coding.code", ["21889-1", "7"]),
        ("Observation.code.coding[system=http://snomed.info/sct].code", ["7"]),
        ("Observation.code.coding[system!=http://snomed.info/sct].code", ["21889-1"]),
        ("Observation.code.coding[code=1,7].code", ["7"]),
        ("Observation.code.coding[code=7 and system=http://loinc.org].code", []),
        ("Observation.code.coding[code=7][system=http://snomed.info/sct].code", ["7"]),
        ("Observation.component[code.coding.code=length].valueQuantity.value", ["8"]),
        ("Observation.component[code.coding[code=length].code].valueQuantity.value", ["8"]),
        ("Observation[code.coding.code=21889-1].valueBoolean", ["false"]),
        ("Observation[code.coding.code=9].valueBoolean", []),
        ("Observation[valueBoolean].valueBoolean", ["false"]),
        ("Observation[valueInteger].valueBoolean", []),
        ("Observation.note[text='a, b and c]'].text", ["a, b and c]"]),
        (" Observation . code . coding [ code = 7 ] . system ", ["http://snomed.info/sct"]),
        ("Observation.subject.reference", []),
        ("Observation.valueBoolean.code", []),
    ],
)
def test_a_path_reads(path: str, expected: list[str]) -> None:
    assert read(path) == expected


def test_alternatives_keep_their_order() -> None:
    assert parse_from("Patient.id | Condition.code.text") == (
        Path("Patient", (), (Step("id"),)),
        Path("Condition", (), (Step("code"), Step("text"))),
    )


def test_a_form_is_a_resource_with_filters() -> None:
    assert parse_form("Condition[a.b=1,2][c]") == Path(
        "Condition",
        (Condition((Step("a"), Step("b")), ("1", "2")), Condition((Step("c"),))),
    )


def test_numbers_of_instances() -> None:
    assert parse_from("number()") == Number()
    assert parse_from(" number(tumor) ") == Number("tumor")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "a type of resource is expected (character 1"),
        ("patient.id", '"patient" is no resource of FHIR R4 (character 1'),
        ("Observaton.code", '"Observaton" is no resource of FHIR R4'),
        ("Patient", '"Patient" names a resource and no field of it'),
        ("Patient.", "a field's name is expected (character 9"),
        ("Patient.name family", "this is not expected (character 14"),
        ("Patient.name[use=official", '"]" or "and" is expected (character 26'),
        ("Patient.name[use=].family", "a value is expected (character 18"),
        ("Patient.name[=x].family", "a field's name is expected (character 14"),
        ("Patient.name[use='x].family", "a value is expected (character 18"),
        ("Patient.id|", "a type of resource is expected (character 12"),
        ("number(", '"number" is no resource'),
        ("Patient.a" + "[b" * 20, "nested too deeply"),
    ],
)
def test_a_fault_is_said_with_its_place(path: str, message: str) -> None:
    with pytest.raises(PathError) as caught:
        parse_from(path)
    assert message in str(caught.value)


def test_a_form_has_no_field() -> None:
    with pytest.raises(PathError, match="a form is a type of resource"):
        parse_form("Patient.name")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"elements": {"born": {"from": "Patient.birth date"}}}, "elements.born.from: this is not"),
        ({"forms": {"person": "Person."}}, "forms.person: a field's name is expected"),
        ({"forms": {}}, "needs forms and elements"),
        ({"elements": "same"}, "needs forms and elements"),
        ({"rows": ["person"]}, "rows belongs to plain tables"),
        ({"source": "redcap"}, "forms belongs to maps with source: fhir"),
    ],
)
def test_a_map_names_form_or_element(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        sitemap(**({"elements": ELEMENTS, "forms": FORMS} | changes))
    assert message in str(caught.value)
    assert str(caught.value).startswith("map.yaml")


def test_the_documented_map_is_one() -> None:
    text = (files("policies") / "README.md").read_text(encoding="utf-8")
    block = text.partition("## Maps for FHIR")[2].partition("```yaml")[2].partition("```")[0]
    found = decode(SiteMap, parse_yaml(block, where="README"), where="README")
    assert set(found.forms) == {"tumor", "surgery"}
