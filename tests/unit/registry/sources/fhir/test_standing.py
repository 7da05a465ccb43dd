"""What is planned, denied, doubted or taken back is not read as something that is so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.registry.sources.fhir.standing import untrue
from tests.unit.registry.sources.fhir.hearts import Loaded, condition, ndjson, patient, to

OUT = [
    ("Procedure", {"status": "preparation"}, "the status preparation"),
    ("Procedure", {"status": "on-hold"}, "the status on-hold"),
    ("MedicationRequest", {"status": "draft"}, "the status draft"),
    ("MedicationRequest", {"status": "active", "intent": "proposal"}, "the intent proposal"),
    ("MedicationRequest", {"intent": "plan"}, "the intent plan"),
    ("MedicationRequest", {"status": "active", "doNotPerform": True}, "doNotPerform"),
    ("MedicationStatement", {"status": "not-taken"}, "the status not-taken"),
    ("MedicationStatement", {"status": "intended"}, "the status intended"),
    ("MedicationAdministration", {"status": "not-done"}, "the status not-done"),
    ("Observation", {"status": "registered"}, "the status registered"),
    ("Observation", {"status": "cancelled"}, "the status cancelled"),
    ("Observation", {"status": "entered-in-error"}, "the status entered-in-error"),
    ("Observation", {"status": "john-roe"}, "the status that FHIR does not have"),
    ("DocumentReference", {"status": "superseded"}, "the status superseded"),
    (
        "DocumentReference",
        {"status": "current", "docStatus": "entered-in-error"},
        "the docStatus entered-in-error",
    ),
    ("Encounter", {"status": "planned"}, "the status planned"),
    ("AdverseEvent", {"actuality": "potential"}, "the actuality potential"),
    ("Specimen", {"status": "entered-in-error"}, "the status entered-in-error"),
    *[
        ("Condition", {"verificationStatus": said}, f"the verificationStatus {code}")
        for code, said in (
            ("refuted", {"coding": [{"code": "refuted"}]}),
            ("differential", {"coding": [{"code": "differential"}]}),
            ("provisional", {"coding": [{"code": "provisional"}]}),
            ("unconfirmed", {"coding": [{"code": "41647002", "display": "Unconfirmed"}]}),
            ("entered-in-error", {"text": "Entered in Error"}),
        )
    ],
    ("Condition", {"modifierExtension": [{"url": "x"}]}, "a modifierExtension"),
    ("Observation", {"component": [{"modifierExtension": [{"url": "x"}]}]}, "a modifierExtension"),
]
IN = [
    ("Procedure", {"status": "completed"}),
    ("Procedure", {"status": "in-progress"}),
    ("Procedure", {}),
    ("MedicationRequest", {"status": "stopped", "intent": "original-order"}),
    ("Observation", {"status": "preliminary"}),
    ("Observation", {"status": "amended"}),
    ("DocumentReference", {"status": "current", "docStatus": "final"}),
    ("Condition", {"verificationStatus": {"coding": [{"code": "confirmed"}], "text": "sure"}}),
    ("Specimen", {"status": "available"}),
    ("Patient", {"contact": [{"modifierExtension": [{"url": "x"}]}]}),
]


@pytest.mark.parametrize(("kind", "fields", "why"), OUT)
def test_what_is_not_so(kind: str, fields: dict[str, Any], why: str) -> None:
    assert untrue(fields, kind) == why


@pytest.mark.parametrize(("kind", "fields"), IN)
def test_what_is_so(kind: str, fields: dict[str, Any]) -> None:
    assert untrue(fields, kind) is None


def test_each_is_counted_by_its_reason(tmp_path: Path) -> None:
    doubted = {"coding": [{"code": "provisional"}]}
    found = Loaded(
        ndjson(
            tmp_path / "a.ndjson",
            patient(),
            condition("a"),
            condition("b", verificationStatus=doubted),
            condition("c", verificationStatus=doubted),
            condition("d", modifierExtension=[{"url": "x"}]),
        )
    )
    assert found.form("defect", "nr") == ["1"]
    assert found.unread == {
        "Condition with the verificationStatus provisional": 2,
        "Condition with a modifierExtension": 1,
    }


def test_a_patient_that_is_now_another_is_listed(tmp_path: Path) -> None:
    link = [{"type": "replaced-by", "other": to("Patient", "p")}]
    found = Loaded(ndjson(tmp_path / "a.ndjson", patient(), patient("old", link=link)))
    [problem] = [line for line in found.problems if line[3] == "replaced"]
    assert problem[:3] == ("old", "person", "code")
    assert found.unread == {"Patient replaced by another (its link was not followed)": 1}
