"""Strict YAML: what is refused, and how the place of the fault is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from federated.study.model import StudyFile
from policies.decode import canonical, decode, digest, load, parse_yaml
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.errors import DeclarationError
from policies.library import find, load_named, shipped
from policies.measure import Measure
from policies.rule import Rules

DICTIONARY = """
dictionary: small
version: 1
title: Small
key: patient_id
instruments:
  patient: {label: Patient}
  visit: {label: Visit, repeats: true}
elements:
  patient_id: {instrument: patient, label: Number, type: text}
  sex: {instrument: patient, label: Sex, type: category, choices: {'1': Male, '2': Female}}
  age: {instrument: patient, label: Age, type: integer, bounds: [0, 90]}
  seen: {instrument: visit, label: Date, type: date}
"""


def small(text: str = DICTIONARY) -> Dictionary:
    return decode(Dictionary, parse_yaml(text, where="small.yaml"), where="small.yaml")


def test_small_is_accepted():
    assert small().root == "patient"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Small", "title: Small\ntitle: Again", "small.yaml:5:1: duplicate key 'title'"),
        ("version: 1", "version: '1'", "small.yaml: version: "),
        ("version: 1", "version: 0", "small.yaml: version: "),
        ("version: 1", "version: 1\nversoin: 2", "small.yaml: versoin: unknown key"),
        ("title: Small", "", "small.yaml: title: is required"),
        ("label: Age,", "label: Age, lable: Age,", "elements.age.lable: unknown key"),
        ("type: integer", "type: int", "elements.age.type: "),
        ("[0, 90]", "[0, .nan]", "infinite and NaN numbers are not allowed"),
        ("[0, 90]", "[0, .inf]", "infinite and NaN numbers are not allowed"),
        ("[0, 90]", "[91, 90]", "elements.age: the lower bound is above the upper bound"),
        ("key: patient_id", "key: seen", 'key "seen" must be an element of a non-repeating'),
        ("instrument: visit", "instrument: vist", 'elements.seen: unknown instrument "vist"'),
        ("type: date", "type: date, references: patient.none", "references unknown"),
        (", choices: {'1': Male, '2': Female}", "", "choices belong to category"),
        ("'2': Female", "'2 f': Female", "a choice code has letters"),
        ("'2': Female}", "'2': Female}, excludes: ['3']", "excludes lists a code"),
        ("type: text", "type: text, pattern: '('", "pattern is not a regular expression"),
        ("type: date", "type: date, branch: sxe = 1", 'unknown element "sxe"; did you mean "sex"'),
        ("type: date", "type: date, branch: sex = 3", '"3" is not a choice'),
        ("type: date", "type: date, branch: age", "must be a boolean"),
        ("bounds: [0, 90]", "branch: seen is missing", '"seen" is on another form'),
        ("title: Small", "title: [Small", "small.yaml:"),
        ("title: Small", "? [a]\n: b", "small.yaml:4:3: a key must be a plain word or number"),
    ],
)
def test_a_fault_is_named_with_its_place(old, new, said):
    assert old in DICTIONARY
    with pytest.raises(DeclarationError) as caught:
        small(DICTIONARY.replace(old, new, 1))
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["[]", "a", "1", ""])
def test_a_declaration_is_a_mapping(text):
    with pytest.raises(DeclarationError, match="must be a mapping"):
        small(text)


def test_yes_no_and_dates_stay_text():
    assert parse_yaml("{yes: no, on: 2020-01-01, off: true}", where="x") == {
        "yes": "no",
        "on": "2020-01-01",
        "off": True,
    }


def test_yaml_builds_no_objects():
    with pytest.raises(DeclarationError):
        parse_yaml("!!python/object/apply:os.getcwd []", where="x")


def test_deep_nesting_is_refused():
    with pytest.raises(DeclarationError):
        parse_yaml("[" * 5000, where="x")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such file"), (b"\xff\xfe\x00", "is not UTF-8"), (b"a: 1\n", "unknown key")],
)
def test_files(tmp_path: Path, content, said):
    path = tmp_path / "given.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DeclarationError, match=said) as caught:
        load(Rules, path)
    assert "given.yaml" in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(DeclarationError, match="folder"):
        load(Rules, tmp_path)


def test_digest_follows_meaning_not_spelling():
    spaced = DICTIONARY.replace("version: 1", "version:    1  # the first")
    assert digest(small()) == digest(small(spaced))
    assert digest(small()) != digest(small(DICTIONARY.replace("version: 1", "version: 2")))
    assert canonical({"b": 1, "a": 2}) == b'{"a":2,"b":1}'


DERIVATIONS = """
derivations: small
version: 1
dictionary: small
units: {patient: {instrument: patient}, visit: {instrument: visit, within: patient}}
elements:
  first_seen: {unit: patient, label: First visit, type: date, value: min(visit.seen)}
  old: {unit: patient, label: Old, type: boolean, value: age >= 65}
  first_visit: {unit: visit, label: First, type: boolean, index: {within: patient, order: [seen]}}
"""


def derived(text: str = DERIVATIONS) -> dict[str, object]:
    found = decode(Derivations, parse_yaml(text, where="d.yaml"), where="d.yaml")
    return dict(found.check_against(small(), where="d.yaml"))


def test_small_derivations_are_accepted():
    assert list(derived()) == ["first_seen", "old", "first_visit"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("within: patient}}", "within: clinic}}", 'units.visit: unknown unit "clinic"'),
        ("within: patient}}", "within: visit}}", "units.visit: lies within itself"),
        ("unit: patient, label: Old", "unit: clinic, label: Old", 'unknown unit "clinic"'),
        ("{within: patient, order", "{within: visit, order", '"visit" does not hold it'),
        ("value: age >= 65", "value: age", "elements.old.value: must be a boolean"),
        ("value: age >= 65", "value: young", 'elements.old.value: unknown element "young"'),
        ("value: age >= 65", "label2: x", "unknown key"),
        ("value: age >= 65", "checks: sex", "give exactly one of value, cases and index"),
        ("value: age >= 65", "cases: [{when: 'true'}]", "give exactly one of value and take"),
        ("value: age >= 65", "cases: [{when: 'true', value: 1}]", "is not a boolean"),
        ("value: age >= 65", "cases: [{when: 'true', take: age}]", "take[0]: must be a boolean"),
        ("value: age >= 65", "cases: [{when: age, value: true}]", "when[0]: must be a boolean"),
        ("  old:", "  sex:", "is already an element of the dictionary"),
        ("value: age >= 65", "value: last_seen is missing", "unknown element"),
        ("instrument: visit,", "instrument: visits,", 'unknown instrument "visits"'),
        ("type: boolean, index", "type: integer, index", "an index is of type boolean"),
        ("type: boolean, value", "type: category, value", "choices belong to type category"),
        ("min(visit.seen)", "min(visit.age)", 'unknown element "age" of visit'),
        ("min(visit.seen)", "min(visits.seen)", 'cannot pick from "visits"'),
    ],
)
def test_a_wrong_derivation_is_named(old, new, said):
    assert old in DERIVATIONS
    with pytest.raises(DeclarationError) as caught:
        derived(DERIVATIONS.replace(old, new, 1))
    assert said in str(caught.value)


def test_a_derived_element_sees_only_what_is_above_it():
    lines = DERIVATIONS.splitlines()
    first = next(i for i, line in enumerate(lines) if "first_seen" in line)
    late = "  late: {unit: patient, label: L, type: boolean, value: first_seen is missing}"
    assert "late" in derived("\n".join([*lines[: first + 1], late, *lines[first + 1 :]]))
    with pytest.raises(DeclarationError, match='unknown element "first_seen"'):
        derived("\n".join([*lines[:first], late, *lines[first:]]))


MEASURE = {
    "measure": "m",
    "version": 1,
    "title": "M",
    "dictionary": "small",
    "unit": "patient",
    "kind": "count",
}


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"kind": "proportion"}, "a proportion has a numerator"),
        ({"kind": "proportion", "numerator": "true"}, "a proportion says what is known"),
        ({"numerator": "true"}, "a proportion has a numerator"),
        ({"kind": "survival"}, "survival says its times"),
        ({"kind": "survival", "survival": {"time": "t", "event": "e", "grid": [9, 9]}}, "rise"),
        ({"kind": "survival", "survival": {"time": "t", "event": "e", "grid": [0, 9]}}, "rise"),
        (
            {"kind": "survival", "survival": {"time": "t", "event": "e", "read_at": [1]}},
            "read_at must be edges",
        ),
    ],
)
def test_an_incomplete_measure_is_refused(extra, said):
    with pytest.raises(DeclarationError, match=said):
        decode(Measure, MEASURE | extra, where="m.yaml")


def test_names_and_paths(tmp_path: Path):
    assert "sarcoma_v1" in shipped("dictionaries")
    path = tmp_path / "mine.yaml"
    path.write_text(DICTIONARY)
    assert load_named("dictionaries", Dictionary, str(path)).dictionary == "small"
    with pytest.raises(
        DeclarationError, match='no file and no shipped dictionaries "nope"'
    ) as caught:
        find("dictionaries", "nope")
    assert "sarcoma_v1" in str(caught.value.hint)
    with pytest.raises(DeclarationError, match="no such file"):
        find("dictionaries", str(tmp_path / "none.yaml"))


def test_a_list_whose_entries_are_at_fault_is_not_called_empty() -> None:
    plain = {
        "title": "t", "purpose": "DUO:0000006", "unit": "visit", "privacy": {"epsilon": 1.0},
    }  # fmt: skip
    with pytest.raises(DeclarationError) as raised:
        decode(StudyFile, plain | {"ask": [{"count": True, "wher": "x"}]}, where="t")
    assert str(raised.value) == "t: ask[0].wher: unknown key"
    with pytest.raises(DeclarationError, match="ask: needs at least one entry"):
        decode(StudyFile, plain | {"ask": []}, where="t")
