"""One patient more or less in the export changes nothing of any other patient in the store (D3).

Every source format is loaded without and with one patient, under the same keys, wrong cells
accepted; what the store then holds of all others must be the same to the last digit, `_order`
included. The patient may be clean, have wrong cells wherever there can be one, or have opted out,
stands before or after the others in the file, and alone answers one of the questions.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gateway.errors import SourceError
from gateway.registry.load import ingest
from gateway.registry.store.opening import open_store
from gateway.registry.vault import Vault
from tests.unit.registry.sources.fhir import hearts
from tests.unit.registry.sources.formats import (
    FORMATS,
    SMARTDATA_MAP,
    as_csv,
    as_smartdata,
    as_workbook,
    rows_of,
)
from tests.unit.registry.sources.test_labels import CHECKED, LABELS, labelled
from tests.unit.registry.valve import HEADER, defect, make_site, person, visit

Tables = Mapping[str, list[str]]
WHO = "M5"
OTHERS = (
    person("A1", surname="Abt", races="0,0,0")
    + defect("A1", valve="m", leak="")
    + defect("A1", nr="2", found="2020-01-01", leak="0.1")
    + visit("A1")
    + visit("A1", instance="2", of="2", seen="2021-05-01", beats="")
    + person("B2", surname="Berg", sex="1", age="41", height="150.25", races="0,0,0")
    + defect("B2", found="1999-12-31", leak="2.7")
    + defect("B2", nr="3", valve="z")
    + person("Z9", surname="Zorn", sex="", age="", height="900", consent="")
    + visit("Z9", seen="2022-02-02")
)
"""None of them answers `races`: formats that leave out what nobody answered have no column of it."""
PATIENTS = {
    "clean": person(WHO) + defect(WHO) + visit(WHO) + visit(WHO, instance="2"),
    "wrong": person(WHO, born="1700-01-01", age="999", sex="7", height="9999", consent="8")
    + defect(WHO, found="1700-01-01", valve="7", leak="99")
    + defect(WHO, found="2020-01-01", instance="2")
    + visit(WHO, of="5", seen="1700-01-01", beats="999"),
    "opted out": person(WHO, sex="7", height="9999", consent="3")
    + defect(WHO, valve="7")
    + visit(WHO, beats="999"),
}


def as_table(path: Path, text: str, write: Callable[[Path, str], None] = as_csv) -> None:
    """A plain table with the patient's form and defects; of what REDCap adds, nothing."""
    names = HEADER.strip().split(",")[: HEADER.split(",").index("of")]
    kept = [i for i, n in enumerate(names) if not n.startswith("redcap_") and "_complete" not in n]
    rows = [line.split(",") for line in text.splitlines() if ",visit," not in line]
    write(path, "".join(",".join(row[i] for i in kept) + "\n" for row in rows))


def as_labels(path: Path, text: str) -> None:
    as_csv(path, labelled(text, LABELS | CHECKED))


def as_fhir(path: Path, text: str) -> None:
    resources = []
    for row in rows_of(text):
        who, form = row["code"], row["redcap_repeat_instrument"]
        number = row["redcap_repeat_instance"]
        if not form:
            fields = {"name": [{"family": row["surname"]}], "birthDate": row["born"]}
            sex = {"1": "male", "2": "female"}.get(row["sex"], row["sex"])
            resources.append(hearts.patient(who, gender=sex or None, **fields))
            if row["height"]:
                height = {"value": float(row["height"])}
                resources.append(
                    hearts.observation(f"{who}-h", "height", who, valueQuantity=height)
                )
        elif form == "defect":
            name = f"{who}-{number}-{row['found']}"
            resources.append(hearts.condition(name, who, onsetDateTime=row["found"]))
            about = {"focus": [hearts.to("Condition", name)], "valueCode": row["valve"]}
            resources.append(hearts.observation(f"{name}-w", "which", who, **about))
        else:
            told = {"effectiveDateTime": row["seen"], "performer": [{"display": row["doctor"]}]}
            told |= {"valueQuantity": {"value": float(row["beats"])}} if row["beats"] else {}
            resources.append(hearts.observation(f"{who}-v{number}", "rate", who, **told))
    hearts.ndjson(path, *resources)


TABLE_MAP = "dictionary: valve\nsource: table\nrows: [person, defect]\nignore_unmapped: true"
FHIR_MAP = json.dumps(
    {
        "dictionary": "valve",
        "source": "fhir",
        "forms": hearts.FORMS,
        "elements": hearts.ELEMENTS,
    }
)
WRITERS: dict[str, tuple[Callable[[Path, str], None], str]] = {
    **{kind: (write, "dictionary: valve") for kind, write in FORMATS.items()},
    "labels": (as_labels, "dictionary: valve\nlabels: true"),
    "table": (as_table, TABLE_MAP),
    "table, excel": (lambda path, text: as_table(path, text, as_workbook), TABLE_MAP),
    "smartdata": (as_smartdata, SMARTDATA_MAP),
    "fhir": (as_fhir, FHIR_MAP),
}


class Site:
    """One site, so one set of keys, that loads export after export."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._site = make_site(folder)
        self._who = Vault.open(self._site.vault_path).keys().pseudonym(WHO)
        self._done: dict[tuple[str, str], Tables] = {}

    def others(self, kind: str, text: str) -> Tables:
        """What the store holds of all but the patient ``WHO``, once the export is loaded."""
        if (kind, text) not in self._done:
            write, mapping = WRITERS[kind]
            self._done[kind, text] = self.loaded(lambda path: write(path, HEADER + text), mapping)
        return self._done[kind, text]

    def loaded(self, write: Callable[[Path], None], mapping: str) -> Tables:
        """Rows by table, as text: no digit is lost."""
        path, given = self._folder / "export", self._folder / "map.yaml"
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        write(path)
        given.write_text(mapping, encoding="utf-8")
        ingest(self._site, path, sitemap=str(given), accept_bad_values=True)
        version = open_store(self._site).current()
        assert version is not None
        found = {}
        for unit in ("person", "defect", "visit"):
            rows = version.arrow(f"unit_{unit}", ("_patient", "_order")).to_pylist()
            found[unit] = [repr(row) for row in rows if row["_patient"] != self._who]
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Site:
    return Site(tmp_path_factory.mktemp("local"))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", PATIENTS)
@pytest.mark.parametrize("kind", WRITERS)
def test_one_patient_more_changes_nothing_of_the_others(site, kind, who):
    without = site.others(kind, OTHERS)
    assert [len(rows) for rows in without.values()][:2] == [3, 4]
    text = OTHERS + PATIENTS[who] if who == "clean" else PATIENTS[who] + OTHERS
    assert site.others(kind, text) == without


PEOPLE = HEADER + person("A1") + person("B2", sex="1")
ONE = HEADER + person(WHO, sex="1")
SPOKEN = LABELS | CHECKED
NO_FORM_REPEATS = {
    "labels": (labelled(PEOPLE, SPOKEN), labelled(ONE, SPOKEN)),
    "codes": (PEOPLE, ONE),
}


def outcome(site: Site, mapping: str, text: str) -> Tables | str:
    """What is stored, or that the load is refused, which leaves the store as it was."""
    try:
        return site.loaded(lambda path: as_csv(path, text), f"dictionary: valve\n{mapping}")
    except SourceError as error:
        return error.message


@pytest.mark.parametrize("mapping", ["", "labels: true", "labels: false"])
@pytest.mark.parametrize("these", NO_FORM_REPEATS)
@pytest.mark.parametrize("one", NO_FORM_REPEATS)
def test_no_patient_decides_whether_others_are_read_as_labels(site, these, one, mapping):
    others, patient = NO_FORM_REPEATS[these][0], NO_FORM_REPEATS[one][1]
    without = outcome(site, mapping, others)
    held = outcome(site, mapping, others + patient.partition("\n")[2])
    if isinstance(held, str):
        assert {"": "labels", "labels: true": "codes"}[mapping] in (these, one)
    else:
        assert held == without


def test_a_file_of_labels_that_the_map_does_not_declare_is_refused(site):
    """Whatever else it holds: otherwise the one patient with codes would be let through alone."""
    spoken, coded = NO_FORM_REPEATS["labels"][0], ONE.partition("\n")[2]
    for text in (spoken, spoken + coded, PEOPLE + labelled(ONE, SPOKEN).partition("\n")[2]):
        assert "label" in str(outcome(site, "", text))


def test_the_first_object_does_not_decide_what_a_list_of_json_is(site):
    row = {"code": "B2", "sex": "1"}
    value = {"record": WHO, "field_name": "sex", "value": "2"}
    for objects in ([value, row], [row, value]):
        written = json.dumps(objects)
        with pytest.raises(SourceError, match="row 2: is a value where other objects are rows"):
            site.loaded(lambda path, text=written: path.write_text(text), "dictionary: valve")
