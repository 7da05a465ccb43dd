"""The registry of valves as FHIR resources: a map, resources, and what they become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.registry import fixlist
from gateway.registry.bench import open_bench
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from policies.decode import decode, parse_yaml
from tests.unit.registry.valve import dictionary

FORMS = {
    "person": "Patient",
    "defect": "Condition[code.coding.code=valve]",
    "visit": "Observation[code.coding.code=rate]",
}
ELEMENTS: dict[str, Any] = {
    "surname": {"from": "Patient.name.family"},
    "born": {"from": "Patient.birthDate"},
    "sex": {"from": "Patient.gender", "recode": {"male": 1, "female": 2}},
    "height": {"from": "Observation[code.coding.code=height].valueQuantity.value"},
    "races": {"from": "Patient.extension[url=race].valueCode", "split": ";"},
    "nr": {"from": "number()"},
    "found": {"from": "Condition.onsetDateTime|Condition.recordedDate"},
    "valve": {"from": "Observation[code.coding.code=which].valueCode"},
    "leak_cm": {"from": "Observation[code.coding.code=leak].valueQuantity.value"},
    "of": {"from": "number(defect)"},
    "seen": {"from": "Observation.effectiveDateTime"},
    "doctor": {"from": "Observation.performer.display"},
    "beats": {"from": "Observation.valueQuantity.value"},
}


def sitemap(elements: dict[str, Any] | None = None, **others: Any) -> SiteMap:
    declared = {"dictionary": "valve", "source": "fhir", "forms": FORMS}
    declared |= {"elements": ELEMENTS if elements is None else elements, **others}
    return decode(SiteMap, parse_yaml(json.dumps(declared), where="map.yaml"), where="map.yaml")


def patient(who: str = "p", /, **fields: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": who, "birthDate": "1950-02-03", **fields}


def condition(name: str, about: str = "p", **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": f"Patient/{about}"},
        "code": {"coding": [{"code": "valve"}]},
        **fields,
    }


def observation(name: str, code: str, about: str = "p", **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "subject": {"reference": f"Patient/{about}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        **fields,
    }


def to(kind: str, name: str) -> dict[str, str]:
    return {"reference": f"{kind}/{name}"}


def ndjson(path: Path, *resources: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in resources), encoding="utf-8")
    return path


def bundle(path: Path, *resources: dict[str, Any], kind: str = "collection") -> Path:
    entries = [{"fullUrl": f"urn:uuid:{one.get('id')}", "resource": one} for one in resources]
    document = {"resourceType": "Bundle", "type": kind, "entry": entries}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


class Loaded:
    """What became of a source: the entered text of every form, and the fix list."""

    def __init__(self, path: Path, mapping: SiteMap | None = None) -> None:
        mapping = mapping or sitemap()
        with open_bench(path.parent / "spill") as bench:
            source = inspect(path, mapping, dictionary())
            staged = stage(
                bench, source, mapping, dictionary(), where="map", accept_bad_values=True
            )
            self.unread = dict(staged.unread)
            self.kind = source.kind
            self._forms = {}
            for form in dictionary().instruments:
                cursor = bench.connection.execute(
                    f"SELECT * FROM text_{form} ORDER BY _record, _instance"
                )
                names = [column[0] for column in cursor.description]
                self._forms[form] = [
                    dict(zip(names, row, strict=True)) for row in cursor.fetchall()
                ]
            listed = path.parent / "fix.csv"
            fixlist.write(bench, listed, source)
            self.places = [line.split(",")[0] for line in listed.read_text().splitlines()[1:]]
            self.problems = bench.run(
                "SELECT record, instrument, fields, rule, says FROM fix ORDER BY ALL"
            )

    def form(self, name: str, *columns: str) -> list[Any]:
        rows = self._forms[name]
        if len(columns) == 1:
            return [row[columns[0]] for row in rows]
        return [tuple(row[column] for column in columns) for row in rows]
