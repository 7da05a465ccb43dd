"""Every name, number and address of a Patient resource, whatever the map reads of it.

The fields are those of FHIR R4's Patient: a present and a former name stand in one list, in any
order, so no single one of them says how the notes call the patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.registry.also_known import FAMILY, GIVEN
from gateway.registry.sources.fhir.values import clean

__all__ = ["IDENTITY_MAX", "identifying"]

IDENTITY_MAX = 500
"""Names, numbers and addresses of one resource; more is no person."""
_MAIDEN = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"
_TELECOM = {"phone": "phone", "sms": "phone", "pager": "phone", "fax": "fax", "email": "email"}
_ADDRESS = {"text": "address", "line": "address", "city": "city", "postalCode": "postal_code"}


def identifying(patient: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What names the patient: what it is (see :mod:`gateway.registry.also_known`), and the text."""
    for name in _parts(patient, "name"):
        yield from _each("name", _texts(name, "text"))
        yield from _each(GIVEN, _texts(name, "given"))
        yield from _each(FAMILY, _texts(name, "family"))
    yield from _each("number", _of_all(patient, "identifier", "value"))
    yield from _reached(patient, "")
    yield from _each("mother_maiden_name", _maiden(patient))
    for contact in _parts(patient, "contact"):
        for name in _parts(contact, "name"):
            whole = [*_texts(name, "given"), *_texts(name, "family")]
            yield from _each("contact_name", _texts(name, "text"))
            yield from _each("contact_name", [" ".join(whole)])
        yield from _reached(contact, "contact_")


def _reached(who: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for telecom in _parts(who, "telecom"):
        kind = _TELECOM.get(str(telecom.get("system")), "number")
        yield from _each(f"{prefix}{kind}", _texts(telecom, "value"))
    for address in _parts(who, "address"):
        for field, kind in _ADDRESS.items():
            # Not "contact_city": a heading with "contact" names people.
            yield from _each(kind, _texts(address, field))


def _maiden(patient: Mapping[str, Any]) -> Iterator[str]:
    for extension in _parts(patient, "extension"):
        if extension.get("url") == _MAIDEN:
            yield from _texts(extension, "valueString")


def _of_all(patient: Mapping[str, Any], field: str, part: str) -> Iterator[str]:
    for one in _parts(patient, field):
        yield from _texts(one, part)


def _parts(node: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The objects of a field, be it one or a list."""
    found = node.get(field)
    several = found if isinstance(found, list) else [found]
    return [one for one in several if isinstance(one, dict)]


def _texts(node: Mapping[str, Any], field: str) -> list[str]:
    found = node.get(field)
    several = found if isinstance(found, list) else [found]
    return [clean(one) for one in several if isinstance(one, str)]


def _each(kind: str, texts: Iterator[str] | list[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        if text.strip():
            yield kind, text.strip()
