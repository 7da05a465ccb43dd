"""Whether a resource says that something is so: not planned, denied, doubted or taken back.

FHIR has one field for each: ``status``, ``intent``, ``doNotPerform``, ``docStatus``,
``verificationStatus``, and ``modifierExtension`` for all that may turn the meaning round. The
codes are those of FHIR R4. A resource without a status is taken as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["rank", "untrue"]

_TAKEN_BACK = frozenset({"entered-in-error", "not-done", "cancelled", "superseded", "draft"})
"""What no type may say."""
_SO: Mapping[str, frozenset[str]] = {
    kind: frozenset(codes.split())
    for kind, codes in {
        "DiagnosticReport": "partial preliminary final amended corrected appended unknown",
        "DocumentReference": "current",
        "Encounter": "arrived triaged in-progress onleave finished",
        "FamilyMemberHistory": "partial completed health-unknown",
        "Immunization": "completed",
        "MedicationAdministration": "in-progress completed stopped",
        "MedicationDispense": "in-progress completed stopped",
        "MedicationRequest": "active completed stopped",
        "MedicationStatement": "active completed stopped",
        "Observation": "preliminary final amended corrected unknown",
        "Procedure": "in-progress completed stopped",
        "QuestionnaireResponse": "in-progress completed amended stopped",
        "ServiceRequest": "active completed",
    }.items()
}
"""Of each type the statuses of what is so or has begun."""
_ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
_REQUESTS = ("MedicationRequest", "ServiceRequest")
_NO_DOCUMENT = frozenset({"entered-in-error", "registered", "cancelled", "deprecated"})
_DOUBTED = frozenset({"entered-in-error", "refuted", "differential", "provisional", "unconfirmed"})
_KNOWN = frozenset(
    [
        *("entered-in-error", "not-done", "cancelled", "superseded", "draft", "preparation"),
        *("on-hold", "unknown", "registered", "not-taken", "intended", "declined", "planned"),
        *("revoked", "proposal", "plan", "option", "directive", "aborted", "deprecated"),
    ]
)
"""Codes that may be told; what is none of FHIR's may be anything, also a name."""
_PASSING = frozenset({"preliminary", "partial", "in-progress", "unknown", "registered"})


def untrue(resource: Mapping[str, Any], kind: str) -> str | None:
    """Why the resource is not to be read as something that is so, for "Procedure with …"."""
    status = resource.get("status")
    if isinstance(status, str) and not _stands(status, kind):
        return f"the status {_told(status)}"
    intent = resource.get("intent")
    if kind in _REQUESTS and isinstance(intent, str) and intent not in _ORDERS:
        return f"the intent {_told(intent)}"
    if resource.get("doNotPerform") is True:
        return "doNotPerform"
    document = resource.get("docStatus")
    if isinstance(document, str) and document in _NO_DOCUMENT:
        return f"the docStatus {document}"
    if kind == "AdverseEvent" and resource.get("actuality") == "potential":
        return "the actuality potential"
    for said in _concept(resource.get("verificationStatus")):
        code = re.sub(r"[\s_]+", "-", said.strip().lower())
        if code in _DOUBTED:
            return f"the verificationStatus {code}"
    return "a modifierExtension" if _modified(resource, kind) else None


def rank(resource: Mapping[str, Any]) -> int:
    """0 where the resource is final, 1 where it waits to be."""
    said = (resource.get("status"), resource.get("docStatus"))
    return int(any(isinstance(one, str) and one in _PASSING for one in said))


def _stands(status: str, kind: str) -> bool:
    return status in _SO[kind] if kind in _SO else status not in _TAKEN_BACK


def _told(code: str) -> str:
    return code if code in _KNOWN else "that FHIR does not have"


def _concept(stated: Any) -> Iterator[str]:
    """The codes and texts of a CodeableConcept; some write it as a code alone."""
    if isinstance(stated, str):
        yield stated
    if not isinstance(stated, dict):
        return
    codings = stated.get("coding")
    said: list[Any] = []
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict):
            said += [coding.get("code"), coding.get("display")]
    said.append(stated.get("text"))
    yield from (text for text in said if isinstance(text, str))


def _modified(resource: Mapping[str, Any], kind: str) -> bool:
    """Is there an extension that a reader must know to understand the resource or a part of it?
    A patient stays one whose contact, say, is modified.
    """
    if resource.get("modifierExtension"):
        return True
    parts = (part for value in resource.values() for part in _list(value))
    return kind != "Patient" and any(
        isinstance(part, dict) and bool(part.get("modifierExtension")) for part in parts
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
