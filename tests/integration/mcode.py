"""Two invented patients as mCODE STU4 resources: what a hospital's bulk export would hold."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

__all__ = ["NOTE", "RESOURCES", "as_bundle", "as_folder"]

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
ICD_O = "http://terminology.hl7.org/CodeSystem/icd-o-3"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition"
CORE = "http://hl7.org/fhir/us/core/StructureDefinition"
AJCC8 = "897275008"
NOTE = (
    "Operative report. Ms Zilpah Thornwaite (MRN 5518273) had a wide resection of the distal "
    "femur. Margins were free."
)


STATUS = {
    "DocumentReference": "current",
    "Encounter": "finished",
    "MedicationRequest": "active",
    "Procedure": "completed",
}


def coded(code: str, system: str = SNOMED) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"{MCODE}/{name}", **value}


def about(kind: str, name: str, patient: str = "thornwaite", **fields: Any) -> dict[str, Any]:
    subject = {"reference": f"Patient/{patient}"}
    status = STATUS.get(kind, "final")
    return {"resourceType": kind, "id": name, "status": status, "subject": subject, **fields}


def observation(name: str, code: str, **fields: Any) -> dict[str, Any]:
    system = LOINC if "-" in code else SNOMED
    return about("Observation", name, **{"code": coded(code, system), **fields})


def staged(name: str, code: str, value: str, **fields: Any) -> dict[str, Any]:
    return observation(
        name,
        code,
        method=coded(AJCC8),
        valueCodeableConcept=coded(value),
        effectiveDateTime="2020-03-05",
        **fields,
    )


FEMUR = {"reference": "Condition/femur"}
GROUP = coded("IIB", "http://cancerstaging.org")
RESOURCES: tuple[dict[str, Any], ...] = (
    {
        "resourceType": "Patient",
        "id": "thornwaite",
        "identifier": [{"type": coded("MR", "v2-0203"), "value": "5518273"}],
        "name": [{"family": "Thornwaite", "given": ["Zilpah", "June"]}],
        "telecom": [{"system": "email", "value": "z@x.org"}, {"system": "phone", "value": "5550100"}],
        "gender": "female",
        "birthDate": "2003-04-05",
        "address": [{"postalCode": "02139"}],
        "extension": [
            {"url": f"{CORE}/us-core-birthsex", "valueCode": "F"},
            {
                "url": f"{CORE}/us-core-race",
                "extension": [
                    {"url": "ombCategory", "valueCoding": {"code": "2028-9"}},
                    {"url": "ombCategory", "valueCoding": {"code": "2106-3"}},
                    {"url": "text", "valueString": "mixed"},
                ],
            },
            {
                "url": f"{CORE}/us-core-ethnicity",
                "extension": [{"url": "ombCategory", "valueCoding": {"code": "2186-5"}}],
            },
        ],
        "deceasedBoolean": False,
    },
    {
        "resourceType": "Patient",
        "id": "okonjo",
        "name": [{"family": "Okonjo"}],
        "gender": "male",
        "birthDate": "1951-11-30",
        "deceasedDateTime": "2021-08-09T04:00:00+00:00",
    },
    about(
        "Condition",
        "femur",
        extension=[
            {
                "url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate",
                "valueDateTime": "2020-03-01T09:30:00-05:00",
            },
            extension(
                "mcode-histology-morphology-behavior",
                valueCodeableConcept={
                    "coding": [{"system": SNOMED, "code": "21708004"}, {"system": ICD_O, "code": "9180/3"}]
                },
            ),
        ],
        code=coded("C40.22", "http://hl7.org/fhir/sid/icd-10-cm"),
        bodySite=[
            {
                **coded("C40.2", ICD_O),
                "extension": [
                    extension("mcode-laterality-qualifier", valueCodeableConcept=coded("7771000"))
                ],
            }
        ],
        stage=[{"assessment": [{"reference": "Observation/group"}]}],
    ),
    about("Condition", "blood-pressure", code=coded("38341003")),
    about(
        "Condition",
        "thigh",
        "okonjo",
        extension=[extension("mcode-histology-morphology-behavior", valueCodeableConcept=coded("8830/3", ICD_O))],
        onsetDateTime="2021-01-15",
        code=coded("C49.21", "http://hl7.org/fhir/sid/icd-10-cm"),
    ),
    staged("t", "399504009", "1228929004"),
    staged("n", "399534004", "1229967007"),
    staged("m", "399387003", "1229901006"),
    staged("group", "399537006", "0", hasMember=[{"reference": f"Observation/{x}"} for x in "tnm"])
    | {"valueCodeableConcept": GROUP},
    observation(
        "size",
        "21889-1",
        focus=[FEMUR],
        component=[
            {"code": coded("33729-5", LOINC), "valueQuantity": {"value": 41, "code": "mm"}},
            {"code": coded("33728-7", LOINC), "valueQuantity": {"value": 83, "code": "mm"}},
        ],
    ),
    observation("height", "8302-2", valueQuantity={"value": 1.71, "code": "m"}),
    observation("grade", "33732-9", valueCodeableConcept=coded("1155707008"), focus=[FEMUR]),
    about(
        "Procedure",
        "resection",
        category=coded("387713003"),
        code=coded("80701009"),
        performedPeriod={"start": "2020-06-10T08:00:00Z", "end": "2020-06-10T13:00:00Z"},
        performer=[{"actor": {"reference": "Practitioner/77"}}],
        reasonReference=[FEMUR],
        extension=[extension("mcode-procedure-intent", valueCodeableConcept=coded("373808002"))],
    ),
    about("Procedure", "planned", category=coded("387713003"), reasonReference=[FEMUR])
    | {"status": "not-done"},
    about(
        "Procedure",
        "course",
        code=coded("1217123003"),
        performedPeriod={"start": "2020-09-01", "end": "2020-10-12"},
        reasonReference=[FEMUR],
        extension=[
            extension(
                "mcode-radiotherapy-modality-and-technique",
                extension=[
                    extension("mcode-radiotherapy-modality", valueCodeableConcept=coded("1156506007")),
                    extension("mcode-radiotherapy-technique", valueCodeableConcept=coded("441799006")),
                ],
            ),
            extension(
                "mcode-radiotherapy-dose-delivered-to-volume",
                extension=[
                    {"url": "volume", "valueReference": {"display": "femur"}},
                    {"url": "totalDoseDelivered", "valueQuantity": {"value": 6600, "code": "cGy"}},
                    {"url": "fractionsDelivered", "valueUnsignedInt": 33},
                ],
            ),
        ],
    ),
    about(
        "MedicationRequest",
        "doxorubicin",
        category=[coded("antineoplastic", "local")],
        medicationReference={"reference": "Medication/3639"},
        authoredOn="2020-03-20",
        reasonReference=[FEMUR],
    ),
    {"resourceType": "Medication", "id": "3639", "code": coded("3639", RXNORM)},
    observation(
        "seen",
        "97509-4",
        effectiveDateTime="2021-06-01",
        focus=[FEMUR],
        valueCodeableConcept=coded("359746009"),
    ),
    observation(
        "seen-too",
        "97509-4",
        subject={"reference": "Patient/okonjo"},
        effectiveDateTime="2021-07-01",
        valueCodeableConcept=coded("271299001"),
    ),
    observation("promis", "91721-1", effectiveDateTime="2021-06-01", valueQuantity={"value": 43.7, "code": "{Tscore}"}),
    about(
        "DocumentReference",
        "report",
        type=coded("11504-8", LOINC),
        date="2020-06-11T10:00:00Z",
        author=[{"display": "Dr Ozimandias"}],
        content=[
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "data": base64.b64encode(NOTE.encode()).decode(),
                }
            }
        ],
    ),
    about(
        "DocumentReference",
        "scan",
        type=coded("18748-4", LOINC),
        date="2020-06-12",
        content=[{"attachment": {"contentType": "application/pdf", "url": "Binary/1"}}],
    ),
    about("Encounter", "visit"),
)  # fmt: skip


def as_bundle(path: Path) -> Path:
    entries = [
        {"fullUrl": f"https://x.org/fhir/{one['resourceType']}/{one['id']}", "resource": one}
        for one in RESOURCES
    ]
    document = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    return path


def as_folder(path: Path) -> Path:
    """A file for each type, as a bulk export gives it."""
    path.mkdir()
    for one in RESOURCES:
        with (path / f"{one['resourceType']}.000.ndjson").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(one) + "\n")
    (path / "log.ndjson").write_text("")
    return path
