"""Whose value is it: references, versions, numbers; and what nothing reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SourceError
from policies.errors import DeclarationError
from tests.unit.registry.sources.fhir.hearts import (
    ELEMENTS,
    FORMS,
    Loaded,
    bundle,
    condition,
    ndjson,
    observation,
    patient,
    sitemap,
    to,
)

TWO = (
    patient(),
    condition("late", onsetDateTime="2021-05-01"),
    condition("early", onsetDateTime="2020-05-01"),
)


def which(name: str, code: str, **fields: Any) -> dict[str, Any]:
    return observation(name, "which", valueCode=code, **fields)


def load(folder: Path, *resources: dict[str, Any], **options: Any) -> Loaded:
    return Loaded(ndjson(folder / "export.ndjson", *resources), **options)


def valves(found: Loaded) -> dict[str, str | None]:
    return dict(found.form("defect", "found", "valve"))


def test_instances_are_numbered_by_date(tmp_path: Path) -> None:
    found = load(tmp_path, *TWO, condition("undated"))
    assert found.form("defect", "nr", "found") == [
        ("1", "2020-05-01"),
        ("2", "2021-05-01"),
        ("3", None),
    ]


@pytest.mark.parametrize(
    "others",
    [
        [which("o", "m", focus=[to("Condition", "early")])],
        [which("o", "m"), condition("early", onsetDateTime="2020-05-01", stage=[{"assessment": [to("Observation", "o")]}])],
        [which("o", "m"), observation("group", "x", focus=[to("Condition", "early")], hasMember=[to("Observation", "o")])],
        [which("o", "m", derivedFrom=[to("Observation", "x")]), observation("x", "x", focus=[to("Condition", "early")])],
        [which("o", "m", specimen=to("Specimen", "s")), {"resourceType": "Specimen", "id": "s", "parent": [to("Condition", "early")]}],
        [which("o", "m"), observation("group", "x", hasMember=[to("Observation", "o")]), condition("early", onsetDateTime="2020-05-01", stage=[{"assessment": [to("Observation", "group")]}])],
    ],
    ids=["focus", "stage", "group", "derived", "specimen", "stage of a group"],
)  # fmt: skip
def test_references_lead_to_the_instance(tmp_path: Path, others: list[dict[str, Any]]) -> None:
    assert valves(load(tmp_path, *TWO, *others)) == {"2020-05-01": "m", "2021-05-01": None}


def test_a_nearer_reference_counts_more(tmp_path: Path) -> None:
    group = observation(
        "g", "x", focus=[to("Condition", "late")], hasMember=[to("Observation", "o")]
    )
    near = which("o", "m", focus=[to("Condition", "early")])
    assert valves(load(tmp_path, *TWO, group, near)) == {"2020-05-01": "m", "2021-05-01": None}


@pytest.mark.parametrize(
    "others",
    [
        [which("o", "m")],
        [which("o", "m", focus=[to("Condition", "elsewhere")])],
        [which("o", "m", encounter=to("Encounter", "e")), {"resourceType": "Encounter", "id": "e", "diagnosis": [{"condition": to("Condition", "early")}]}],
        [which("o", "m"), {"resourceType": "Provenance", "id": "v", "target": [to("Condition", "early"), to("Observation", "o")]}],
        [which("o", "m", derivedFrom=[to("Observation", "x")]), observation("x", "x"), condition("early", onsetDateTime="2020-05-01", stage=[{"assessment": [to("Observation", "x")]}])],
    ],
    ids=["none", "dangling", "encounter", "provenance", "both to a third"],
)  # fmt: skip
def test_other_references_do_not(tmp_path: Path, others: list[dict[str, Any]]) -> None:
    found = load(tmp_path, *TWO, *others)
    assert set(valves(found).values()) == {None}
    assert found.problems == [
        ("p", "defect", "valve", "unattributed", "no reference says to which defect of the patient it belongs")
    ]  # fmt: skip


def test_the_only_instance_needs_no_reference(tmp_path: Path) -> None:
    found = load(tmp_path, *TWO[:2], which("o", "a"))
    assert valves(found) == {"2021-05-01": "a"}
    assert found.problems == []


def test_what_refers_to_everything_joins_nothing(tmp_path: Path) -> None:
    everything = [observation(f"x{i}", "x") for i in range(101)]
    members = [to("Observation", one["id"]) for one in (which("o", "m"), *everything)]
    hub = observation("hub", "x", focus=[to("Condition", "early")], hasMember=members)
    found = load(tmp_path, *TWO, which("o", "m"), hub, *everything)
    assert set(valves(found).values()) == {None}
    few = observation("hub", "x", focus=[to("Condition", "early")], hasMember=members[:99])
    assert "m" in valves(load(tmp_path, *TWO, which("o", "m"), few, *everything)).values()


def test_nothing_is_joined_across_patients(tmp_path: Path) -> None:
    strange = which("o", "a", about="q", focus=[to("Condition", "late")])
    found = load(tmp_path, *TWO, patient("q"), strange)
    assert set(valves(found).values()) == {None}
    assert found.problems == [
        ("q", "defect", "valve", "unattributed", "the patient has no defect in the export to which it could belong")
    ]  # fmt: skip


def test_a_value_without_a_patient_is_told(tmp_path: Path) -> None:
    lost = which("o", "a")
    del lost["subject"]
    found = load(tmp_path, *TWO[:2], lost)
    assert found.problems == [
        (None, "defect", "valve", "unattributed", "its resource names no patient; it was not read")
    ]


def test_an_instance_without_a_patient_is_a_fault(tmp_path: Path) -> None:
    lost = condition("c")
    del lost["subject"]
    found = load(tmp_path, *TWO, lost)
    assert [(problem[2], problem[3]) for problem in found.problems] == [("code", "record")]


def test_the_latest_value_wins(tmp_path: Path) -> None:
    values = [
        which("b", "m", effectiveDateTime="2021-02-01"),
        which("c", "a", effectiveDateTime="2021-03-01T00:30:00+02:00"),
        which("d", "m", effectiveDateTime="2021-02-28T22:00:00Z"),
        which("e", "m"),
    ]
    assert valves(load(tmp_path, *TWO[:2], *values)) == {"2021-05-01": "a"}


def test_the_last_of_one_day_wins(tmp_path: Path) -> None:
    day = {"effectiveDateTime": "2021-02-01"}
    found = load(tmp_path, *TWO[:2], which("b", "m", **day), which("c", "a", **day))
    assert valves(found) == {"2021-05-01": "a"}


def test_the_first_alternative_wins(tmp_path: Path) -> None:
    both = condition("c", recordedDate="2020-02-02", onsetDateTime="2019-01-01")
    one = condition("d", recordedDate="2020-02-02")
    assert load(tmp_path, patient(), both, one).form("defect", "found") == [
        "2019-01-01",
        "2020-02-02",
    ]


def test_several_values_of_one_element(tmp_path: Path) -> None:
    races = [{"url": "race", "valueCode": code} for code in ("2", "1", "2")]
    assert load(tmp_path, patient(extension=races)).form(
        "person", "races___1", "races___2", "races___9"
    ) == [("1;2",) * 3]


def test_values_of_the_patient(tmp_path: Path) -> None:
    tall = observation("o", "height", valueQuantity={"value": "1.7", "code": "m"})
    assert load(tmp_path, patient(), tall).form("person", "height") == ["170.0"]


def test_a_repeating_form_may_read_its_patient(tmp_path: Path) -> None:
    elements = {**ELEMENTS, "seen": {"from": "Patient.deceasedDateTime"}}
    found = load(
        tmp_path,
        patient(deceasedDateTime="2022-01-01T08:00:00Z"),
        observation("a", "rate"),
        observation("b", "rate"),
        mapping=sitemap(elements),
    )
    assert found.form("visit", "seen") == ["2022-01-01"] * 2


def test_versions_and_removals(tmp_path: Path) -> None:
    def version(day: str | None, valve: str) -> dict[str, Any]:
        meta = {} if day is None else {"meta": {"lastUpdated": f"{day}T00:00:00Z"}}
        return which("o", valve, **meta)

    path = tmp_path / "export"
    (path / "deleted").mkdir(parents=True)
    ndjson(
        path / "1.ndjson",
        *TWO,
        version("2021-02-02", "a"),
        version("2021-01-01", "m"),
        version(None, "m"),
    )
    removal = {"request": {"method": "DELETE", "url": "Condition/early"}}
    ndjson(
        path / "deleted" / "1.ndjson",
        {"resourceType": "Bundle", "type": "transaction", "entry": [removal]},
    )
    found = Loaded(path)
    assert valves(found) == {"2021-05-01": "a"}
    assert found.unread == {"earlier or repeated version": 2, "deleted in the export": 1}


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        (which("o", "a", status="entered-in-error"), "Observation with the status entered-in-error"),
        (condition("d", verificationStatus={"coding": [{"code": "refuted"}]}), "Condition with the verificationStatus refuted"),
    ],
)  # fmt: skip
def test_what_is_not_so_is_left_out_and_counted(
    tmp_path: Path, resource: dict[str, Any], told: str
) -> None:
    found = load(tmp_path, *TWO[:2], resource)
    assert valves(found) == {"2021-05-01": None}
    assert found.unread == {told: 1}


def test_a_later_version_may_say_that_it_was_an_error(tmp_path: Path) -> None:
    wrong = which("o", "a", status="entered-in-error", meta={"lastUpdated": "2022-01-01T00:00:00Z"})
    assert valves(load(tmp_path, *TWO[:2], wrong, which("o", "a"))) == {"2021-05-01": None}


def test_what_nothing_reads_is_named(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        patient(_gender={"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}),
        observation("a", "odour"),
        observation("b", "odour"),
        {"resourceType": "Observation", "id": "c", "code": {"text": "Mrs Smith"}},
        {"resourceType": "Observation", "id": "d", "code": {"coding": [{"code": "Mrs Smith"}]}},
        {"resourceType": "Encounter", "id": "e"},
    )  # fmt: skip
    assert found.unread == {
        "Observation http://loinc.org|odour": 2,
        "Encounter": 1,
        "Observation with an unusual code": 1,
        "Observation without a code": 1,
        "masked values of Patient": 1,
    }
    assert found.form("person", "sex") == [None]


@pytest.mark.parametrize(
    "reference",
    ["Patient/p", "https://fhir.example.org/r4/Patient/p", "Patient/p/_history/3", "urn:uuid:p"],
)
def test_ways_to_name_the_patient(tmp_path: Path, reference: str) -> None:
    named = condition("c", onsetDateTime="2020-01-01") | {"subject": {"reference": reference}}
    path = bundle(tmp_path / "bundle.json", patient(), named)
    found = Loaded(path)
    assert found.form("defect", "_record", "found") == [("p", "2020-01-01")]
    assert found.problems == []


def test_a_bundle_may_know_its_resources_by_urn_only(tmp_path: Path) -> None:
    anonymous = patient()
    del anonymous["id"]
    named = condition("c") | {"subject": {"reference": "urn:uuid:77"}}
    document = {
        "resourceType": "Bundle",
        "entry": [{"fullUrl": "urn:uuid:77", "resource": anonymous}, {"resource": named}],
    }
    (tmp_path / "bundle.json").write_text(json.dumps(document, indent=1))
    found = Loaded(tmp_path / "bundle.json")
    assert found.form("person", "_record", "born") == [("77", "1950-02-03")]
    assert found.form("defect", "_record") == ["77"]


def test_a_contained_patient_is_known_inside_its_resource_only(tmp_path: Path) -> None:
    def holding(name: str, born: str) -> dict[str, Any]:
        inside = {"resourceType": "Patient", "id": "x", "birthDate": born}
        return condition(name, contained=[inside]) | {"subject": {"reference": "#x"}}

    found = load(tmp_path, holding("c", "1950-01-01"), holding("d", "1960-01-01"))
    assert found.form("person", "_record", "born") == [("c#x", "1950-01-01"), ("d#x", "1960-01-01")]
    assert found.form("defect", "_record") == ["c#x", "d#x"]


def test_a_patient_who_is_not_in_the_export_is_told(tmp_path: Path) -> None:
    found = load(
        tmp_path, condition("c", about="q"), condition("d") | {"subject": to("Group", "g")}
    )
    assert ("q", "person", "code", "patient", "the record has other forms but not the patient's") in found.problems  # fmt: skip
    assert [problem[3] for problem in found.problems].count("record") == 1


def test_a_resource_without_its_patient_has_nowhere_to_go(tmp_path: Path) -> None:
    tall = observation("o", "height", about="q", valueQuantity={"value": 170})
    assert load(tmp_path, patient(), tall).problems == [
        ("q", "person", "height", "unattributed", "the patient has no person in the export to which it could belong")
    ]  # fmt: skip


def test_a_number_that_several_could_have_is_none(tmp_path: Path) -> None:
    both = observation("o", "rate", focus=[to("Condition", "late"), to("Condition", "early")])
    one = observation("r", "rate", focus=[to("Condition", "late")])
    found = load(tmp_path, *TWO, both, one)
    assert sorted(found.form("visit", "of"), key=str) == ["2", None]
    assert [problem[2:4] for problem in found.problems] == [("of", "unattributed")]


@pytest.mark.parametrize(
    ("elements", "forms", "message"),
    [
        ({"nothing": {"from": "Patient.id"}}, FORMS, "elements.nothing: is not an element"),
        ({"races": {"from": "Patient.id"}}, FORMS, "elements.races: may have several values"),
        ({"code": {"from": "Patient.birthDate"}}, FORMS, "elements.code: the record is the"),
        ({"nr": {"from": "number()"}}, {"person": "Patient"}, 'elements.nr: belongs to the form "d'),
        ({"of": {"from": "number(person)"}}, FORMS, "elements.of.from: number() counts"),
        ({"height": {"from": "number()"}}, FORMS, "elements.height.from: number() counts"),
        ({"nr": {"from": "number(defect)"}}, FORMS, "elements.nr.from: write number()"),
        ({"born": {"from": "Patient.birthDate "}}, FORMS, "elements.born.from: has blanks"),
        ({"born": {"from": "Patient.id"}, "surname": {"from": "Patient.id"}}, FORMS, "same path"),
        (ELEMENTS, {**FORMS, "ward": "Encounter"}, "forms.ward: is not a form"),
        (ELEMENTS, {**FORMS, "person": "Person"}, 'forms.person: the patient\'s form is "Patient"'),
        (ELEMENTS, {**FORMS, "defect": "Patient"}, "forms.defect: a patient is no instance"),
    ],
)  # fmt: skip
def test_a_map_must_fit_the_dictionary(
    tmp_path: Path, elements: dict[str, Any], forms: dict[str, str], message: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path, *TWO, mapping=sitemap(elements, forms=forms))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "other",
    [{"birthDate": "1980-01-01"}, {"name": [{"family": "Two"}]}],
)
def test_two_people_under_one_id_are_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    name = [{"family": "One", "given": ["Ada"]}]
    (tmp_path / "in").mkdir()
    ndjson(tmp_path / "in" / "a.ndjson", patient(name=name), condition("c"))
    ndjson(tmp_path / "in" / "b.ndjson", patient(**({"name": name} | other)))
    with pytest.raises(SourceError, match=r"b\.ndjson: row 1: is a Patient with the id of another"):
        Loaded(tmp_path / "in")


def test_a_patient_of_another_surname_is_the_same_one(tmp_path: Path) -> None:
    versions = [patient(name=[{"family": f, "given": ["Ada"]}]) for f in ("One", "Two")]
    found = load(tmp_path, *versions)
    assert found.form("person", "surname") == ["Two"]
    assert found.unread == {"earlier or repeated version": 1}
