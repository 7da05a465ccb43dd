"""From a resource to text: absent and masked values, numbers with units, dates, attachments."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from gateway.registry.sources.fhir.path import Step, parse_from
from gateway.registry.sources.fhir.reference import moment, survey
from gateway.registry.sources.fhir.values import Unreadable, attachments, quantities, texts

ABSENT = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "masked",
        }
    ]
}
DATA = (Step("content"), Step("attachment"), Step("data"))


def read(resource: dict[str, Any], path: str) -> list[str]:
    [parsed] = parse_from(f"Patient.{path}")  # type: ignore[misc]
    return list(texts(resource, parsed.steps))


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"_birthDate": ABSENT}, "birthDate"),
        ({"birthDate": "1900-01-01", "_birthDate": ABSENT}, "birthDate"),
        ({"name": [ABSENT]}, "name.family"),
        ({"name": [{**ABSENT, "family": "Nobody"}]}, "name.family"),
        ({"name": [{"given": ["Ann"], "_given": [ABSENT]}]}, "name.given"),
        ({"extension": [{"url": "x", "_valueCode": ABSENT}]}, "extension[url=x].valueCode"),
        ({"extension": [{"url": "x", "valueCoding": ABSENT}]}, "extension[url=x].valueCoding.code"),
        ({"birthDate": None}, "birthDate"),
    ],
)
def test_what_is_masked_is_missing(resource: dict[str, Any], path: str) -> None:
    assert read(resource, path) == []


def test_only_the_masked_of_several_is_missing() -> None:
    given = {"name": [{"given": ["Ann", "Bea"], "_given": [ABSENT, None]}]}
    assert read(given, "name.given") == ["Bea"]


def test_masked_values_are_counted() -> None:
    given = {"_birthDate": ABSENT, "name": [ABSENT, {"family": "x"}], "id": "1"}
    assert survey(given, None) == ([], 2)
    other = {"extension": [{**ABSENT["extension"][0], "valueCode": "unknown"}]}
    assert survey({"_birthDate": other}, None) == ([], 0)
    assert read({"_birthDate": other}, "birthDate") == []


def test_values_are_written_as_the_file_has_them() -> None:
    given = {"a": [True, 3, Decimal("8.30"), "x", "\ud800"]}
    assert read(given, "a") == ["true", "3", "8.30", "x", "?"]


def test_an_object_is_no_value() -> None:
    with pytest.raises(Unreadable, match="is no single value"):
        read({"name": [{"family": "x"}]}, "name")


@pytest.mark.parametrize(
    ("quantity", "wanted", "expected"),
    [
        ({"value": Decimal(83), "code": "mm"}, "cm", "8.3"),
        ({"value": Decimal("8.3"), "unit": "cm"}, "cm", "8.3"),
        ({"value": Decimal("8.3")}, "cm", "8.3"),
        ({"value": 5000, "code": "cGy"}, "Gy", "5E+1"),
        ({"value": 2, "code": "[in_i]"}, "cm", "5.08"),
        ({"value": 45, "code": "{T-score}"}, None, "45"),
        ({"value": "much", "code": "mm"}, "cm", "much"),
    ],
)
def test_a_quantity_comes_in_the_wanted_unit(
    quantity: dict[str, Any], wanted: str | None, expected: str
) -> None:
    [found] = quantities({"q": quantity}, (Step("q"), Step("value")), wanted)
    assert found == expected or Decimal(found) == Decimal(expected)


@pytest.mark.parametrize(
    ("quantity", "says"),
    [
        ({"value": 8, "code": "kg"}, "is not in cm"),
        ({"value": 8, "unit": "[lb_av]"}, "is not in cm"),
        ({"value": 8, "code": "cm", "comparator": "<"}, "is a bound"),
    ],
)
def test_another_quantity_is_not_read(quantity: dict[str, Any], says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        list(quantities({"q": quantity}, (Step("q"), Step("value")), "cm"))
    assert says in caught.value.says


def document(*attached: dict[str, Any]) -> dict[str, Any]:
    return {"content": [{"attachment": one} for one in attached]}


def encoded(text: str, charset: str = "utf-8") -> str:
    return base64.b64encode(text.encode(charset)).decode()


@pytest.mark.parametrize(
    ("attached", "expected"),
    [
        ({"contentType": "text/plain", "data": encoded("Näht")}, ["Näht"]),
        ({"contentType": "TEXT/Plain; charset=UTF-8", "data": encoded("Näht")}, ["Näht"]),
        (
            {"contentType": "text/plain;charset=iso-8859-1", "data": encoded("Näht", "latin-1")},
            ["Näht"],
        ),
        ({"contentType": "text/plain", "data": encoded("line " * 40)[:76] + "\n"}, None),
        ({"contentType": "text/plain"}, []),
        ({"contentType": "text/plain", "data": encoded("x"), "_data": ABSENT}, []),
    ],
)
def test_plain_text_is_decoded(attached: dict[str, Any], expected: list[str] | None) -> None:
    found = list(attachments(document(attached), DATA))
    assert found == expected or (expected is None and found[0].startswith("line line"))


def test_the_plain_text_among_several_is_enough() -> None:
    rich = {"contentType": "text/html", "data": encoded("<b>x</b>")}
    plain = {"contentType": "text/plain", "data": encoded("x")}
    assert list(attachments(document(rich, plain), DATA)) == ["x"]


@pytest.mark.parametrize(
    ("attached", "says"),
    [
        ({"contentType": "application/pdf", "data": encoded("%PDF")}, "not plain text"),
        ({"data": encoded("x")}, "not plain text"),
        ({"contentType": "text/html", "url": "Binary/1"}, "not plain text"),
        ({"contentType": "text/plain", "url": "Binary/1"}, "only links to"),
        ({"contentType": "text/plain", "data": "%%%"}, "damaged"),
        ({"contentType": "text/plain", "data": encoded("ä", "latin-1")}, "damaged"),
        ({"contentType": "text/plain; charset=klingon", "data": encoded("x")}, "damaged"),
        ({"contentType": "text/plain; charset=zlib", "data": encoded("ä")}, "damaged"),
    ],
)
def test_other_attachments_are_told(attached: dict[str, Any], says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        list(attachments(document(attached), DATA))
    assert says in caught.value.says
    assert caught.value.rule == "attachment"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020", "2020-01-01T00:00:00.000000"),
        ("2020-05", "2020-05-01T00:00:00.000000"),
        ("2020-05-04", "2020-05-04T00:00:00.000000"),
        ("2020-05-04T23:30:00-04:00", "2020-05-05T03:30:00.000000"),
        ("2020-05-04T10:00:00Z", "2020-05-04T10:00:00.000000"),
        ("2020-13-04", None),
        ("YYYY-MM-DD", None),
        ("0001-01-01T00:00:00+10:00", None),
        (5, None),
    ],
)
def test_moments_sort_across_time_zones(text: Any, expected: str | None) -> None:
    assert moment(text) == expected
