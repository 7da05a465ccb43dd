"""A registry of another field than tumours, small enough to write its exports by hand."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from gateway.registry.load import LoadReport, ingest
from gateway.registry.sitemap import SiteMap
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder, create_site
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary

DICTIONARY = """
dictionary: valve
version: 1
title: Valve surgery
key: code
instruments:
  person: {label: Person}
  defect: {label: Defect, repeats: true}
  visit: {label: Visit, repeats: true}
elements:
  code: {instrument: person, label: Record, type: text, deid: pseudonymize}
  surname: {instrument: person, label: Surname, type: text, identifier: true, deid: drop, hipaa: A}
  born: {instrument: person, label: Born, type: date, identifier: true, deid: to_age, hipaa: C}
  zip: {instrument: person, label: ZIP, type: text, identifier: true, deid: zip3, hipaa: B}
  age: {instrument: person, label: Age, type: integer, bounds: [0, 120], deid: to_age}
  sex: {instrument: person, label: Sex, type: category, choices: {"1": Male, "2": Female}, tier: core, roles: [stratifier]}
  height: {instrument: person, label: Height, type: number, bounds: [40, 230], unit: cm}
  remark: {instrument: person, label: Remark, type: text}
  ward: {instrument: person, label: Ward code, type: text, pattern: "^[A-Z][0-9]$"}
  races: {instrument: person, label: Race, type: multi, choices: {"1": One, "2": Two, "9": Unknown}}
  consent: {instrument: person, label: Consent, type: category, choices: {"1": "Yes", "3": Out}, excludes: ["3"]}
  nr: {instrument: defect, label: Number, type: integer, bounds: [1, 9], roles: [key]}
  found: {instrument: defect, label: Found, type: date, roles: [anchor]}
  valve: {instrument: defect, label: Valve, type: category, choices: {a: Aortic, m: Mitral}, entered: provider}
  leak_cm: {instrument: defect, label: Leak, type: number, bounds: [0, 5], unit: cm, branch: "valve = 'a'"}
  score: {instrument: defect, label: Score, type: integer, bounds: [0, 9], derived: true}
  of: {instrument: visit, label: Of, type: integer, bounds: [1, 9], references: defect.nr}
  seen: {instrument: visit, label: Seen, type: date}
  doctor: {instrument: visit, label: Doctor, type: text, identifier: true, deid: hash}
  beats: {instrument: visit, label: Beats, type: integer, bounds: [20, 250]}
"""
DERIVATIONS = """
derivations: valve
version: 1
dictionary: valve
units:
  person: {instrument: person}
  defect: {instrument: defect, within: person}
  visit: {instrument: visit, within: defect}
elements:
  last_seen: {unit: person, label: Last seen, type: date, value: max(visit.seen)}
  first_defect: {unit: defect, label: First, type: boolean, index: {within: person, order: [found, nr]}}
  days: {unit: defect, label: Days, type: integer, bounds: [0, 4000], value: "days(found, last_seen)"}
  year: {unit: defect, label: Year, type: integer, value: year(found)}
  points: {unit: defect, label: Points, type: integer, checks: score, value: leak_cm * 2}
"""
RULES = """
rules: valve
version: 1
dictionary: valve
list:
  R1:
    on: visit
    severity: error
    says: A visit comes after the defect is found.
    holds: seen >= found
    elements: [seen, found]
    fix: Compare the dates.
"""
HEADER = (
    "code,redcap_repeat_instrument,redcap_repeat_instance,redcap_data_access_group,surname,born,zip,"
    "age,sex,height,remark,ward,races___1,races___2,races___9,consent,person_complete,"
    "nr,found,valve,leak_cm,score,defect_complete,of,seen,doctor,beats,visit_complete\n"
)


def person(
    code: str = "A1",
    *,
    surname: str = "Quibbleworth",
    born: str = "1928-04-05",
    zip_code: str = "03601",
    age: str = "93",
    sex: str = "2",
    height: str = "170",
    races: str = "1,0,0",
    consent: str = "1",
) -> str:
    return (
        f"{code},,,north,{surname},{born},{zip_code},{age},{sex},{height},zebra remark,B7,"
        f"{races},{consent},2,,,,,,,,,,,\n"
    )


def defect(
    code: str = "A1",
    nr: str = "1",
    *,
    found: str = "2021-03-01",
    valve: str = "a",
    leak: str = "1.5",
    score: str = "3",
    instance: str | None = None,
) -> str:
    return f"{code},defect,{instance or nr},north,{',' * 13}{nr},{found},{valve},{leak},{score},2,,,,,\n"


def visit(
    code: str = "A1",
    instance: str = "1",
    *,
    of: str = "1",
    seen: str = "2021-04-01",
    doctor: str = "Dr Zwicky",
    beats: str = "70",
) -> str:
    return f"{code},visit,{instance},north,{',' * 19}{of},{seen},{doctor},{beats},2\n"


EXPORT = (
    HEADER
    + person()
    + defect()
    + defect(nr="2", found="2020-01-01")
    + visit()
    + visit(instance="2", seen="2021-05-01")
)


def dictionary() -> Dictionary:
    return decode(Dictionary, parse_yaml(DICTIONARY, where="valve"), where="valve")


def sitemap(text: str = "") -> SiteMap:
    return decode(
        SiteMap, parse_yaml(f"dictionary: valve\n{text}", where="map.yaml"), where="map.yaml"
    )


def make_site(
    folder: Path, *, profile: str = "safe_harbor", store: str | None = None
) -> SiteFolder:
    """A site with the registry's declarations given as files, and a map that reads exports."""
    declared = folder / "declared"
    declared.mkdir()
    for name, text in (
        ("d", DICTIONARY),
        ("v", DERIVATIONS),
        ("r", RULES),
        ("map", "dictionary: valve"),
    ):
        (declared / f"{name}.yaml").write_text(text, encoding="utf-8")
    return create_site(
        folder / "site",
        dictionary=str(declared / "d.yaml"),
        derivations=str(declared / "v.yaml"),
        rules=str(declared / "r.yaml"),
        profile=profile,
        sitemap=str(declared / "map.yaml"),
        store=store,
    )


def export(folder: Path, text: str = EXPORT, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def load(site: SiteFolder, text: str = EXPORT, **options: bool) -> LoadReport:
    return ingest(site, export(site.path.parent, text), **options)


def rows(site: SiteFolder, unit: str) -> list[dict[str, Any]]:
    version = open_store(site).current()
    assert version is not None
    return list(version.arrow(f"unit_{unit}", ("_patient", "_order")).to_pylist())


def fixlist(site: SiteFolder) -> list[dict[str, str]]:
    with site.fixlist_path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
