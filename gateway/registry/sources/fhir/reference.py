"""Which resource a resource is, whom it is about, to what it refers, and when it was so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.registry.sources.fhir.values import clean, is_absent

__all__ = [
    "ABOUT",
    "RELATING",
    "day_of",
    "identity",
    "moment",
    "referred",
    "subject",
    "survey",
]

_TYPED = re.compile(r"(?:^|/)([A-Z][A-Za-z]{1,40})/([A-Za-z0-9.\-_:]{1,128})(?:/_history/[^/]+)?$")
_URN = ("urn:uuid:", "urn:oid:")
ABOUT = ("subject", "patient")
"""The fields that name the patient."""
RELATING = frozenset(
    [
        "AdverseEvent",
        "BodyStructure",
        "Condition",
        "DiagnosticReport",
        "DocumentReference",
        "ImagingStudy",
        "Medication",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Procedure",
        "QuestionnaireResponse",
        "ServiceRequest",
        "Specimen",
    ]
)
"""Types whose references say what belongs together. Encounters, people and provenance refer to
much that has nothing to do with each other."""
_DATES = (
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "performedDateTime",
    "performedPeriod",
    "onsetDateTime",
    "onsetPeriod",
    "collectedDateTime",
    "occurrenceDateTime",
    "occurrencePeriod",
    "period",
    "date",
    "authoredOn",
    "authored",
    "recordedDate",
    "issued",
    "dateAsserted",
)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\S*)?)?)?")


def identity(resource: Mapping[str, Any], url: str | None) -> tuple[str | None, str | None]:
    """The id, and the URN by which the Bundle knows the resource."""
    given = resource.get("id")
    urn = clean(url) if url is not None and url.startswith(_URN) else None
    if isinstance(given, str) and given:
        return clean(given), urn
    return (None if urn is None else urn.rpartition(":")[2]), urn


def referred(reference: Any, inside: str | None = None) -> str | None:
    """What a Reference names: ``Type/id``, a URN, or for ``#x`` the part of ``inside``."""
    given = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(given, str) or is_absent(reference):
        return None
    if given.startswith("#"):
        return None if inside is None else f"{inside}{clean(given)}"
    if given.startswith(_URN):
        return clean(given)
    typed = _TYPED.search(given)
    return f"{typed[1]}/{typed[2]}" if typed else None


def subject(resource: Mapping[str, Any], inside: str | None) -> str | None:
    """The patient that the resource is about."""
    for name in ABOUT:
        if name in resource:
            return referred(resource[name], inside)
    return None


def survey(resource: Mapping[str, Any], inside: str | None) -> tuple[list[str], int]:
    """Every reference of the resource, wherever it stands, but to the patient; and how many of
    its values are withheld for privacy.
    """
    found: list[str] = []
    count = 0
    waiting: list[Any] = [resource]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "extension" in node and is_absent(node, masked=True):
                count += 1
            if "reference" in node:
                target = referred(node, inside)
                if target is not None:
                    found.append(target)
            waiting += [
                part
                for name, part in node.items()
                if isinstance(part, (dict, list)) and not (name in ABOUT and node is resource)
            ]
        elif isinstance(node, list):
            waiting += node
    return found, count


def moment(text: Any) -> str | None:
    """A date or instant as text that sorts; what is no date is None."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return None
    padded = text if len(text) > 9 else f"{text}-01-01"[:10]
    try:
        found = datetime.fromisoformat(padded)
    except ValueError:
        return None
    if found.tzinfo is not None:
        try:
            found = found.astimezone(UTC).replace(tzinfo=None)
        except (OverflowError, ValueError):
            return None
    return found.isoformat(timespec="microseconds")


def day_of(resource: Mapping[str, Any]) -> str | None:
    """When it was so, else when it was recorded."""
    for name in _DATES:
        given = resource.get(name)
        if isinstance(given, dict):
            given = given.get("start") or given.get("end")
        found = moment(given)
        if found is not None:
            return found
    return None
