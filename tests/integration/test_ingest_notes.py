"""Notes of a load: stored without what names the patient, or withheld with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import deid.notes
from deid.own.patient import Patient
from deid.runs.batch import clean_file
from deid.surrogates import Surrogates
from gateway.registry.load import ingest
from gateway.registry.store.embedded import DuckDBStore
from gateway.registry.vault import Vault
from gateway.site.config import SiteFolder, create_site

pytestmark = pytest.mark.slow

DICTIONARY = """
dictionary: letters
version: 1
title: Letters
key: code
instruments:
  person: {label: Person}
  letter: {label: Letter, repeats: true}
elements:
  code: {instrument: person, label: Record, type: text, deid: pseudonymize}
  given: {instrument: person, label: Given, type: text, identifier: true, deid: drop, hipaa: A}
  family: {instrument: person, label: Family, type: text, identifier: true, deid: drop, hipaa: A}
  number: {instrument: person, label: Number, type: text, identifier: true, deid: drop, hipaa: H}
  operated: {instrument: person, label: Operated, type: date, roles: [anchor]}
  written: {instrument: letter, label: Written, type: date}
  sort: {instrument: letter, label: Sort, type: category, choices: {"1": Clinic, "2": Ward}}
  writer: {instrument: letter, label: Writer, type: text, identifier: true, deid: drop}
  body: {instrument: letter, label: Body, type: note, identifier: true, deid: nlp}
"""
HEADER = (
    "code,redcap_repeat_instrument,redcap_repeat_instance,given,family,number,operated,"
    "written,sort,writer,body\n"
)
BODY = (
    "Mrs Quibbleworth (MRN 84417220) was seen by Dr Ozimandias. The osteosarcoma of the femur "
    "was resected with free margins. Perdita walks without crutches."
)


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    (tmp_path / "letters.yaml").write_text(DICTIONARY, encoding="utf-8")
    (tmp_path / "map.yaml").write_text("dictionary: letters\n", encoding="utf-8")
    rows = [
        "A,,,Perdita,Quibbleworth,84417220,2020-01-01,,,,",
        f'A,letter,1,,,,,2020-02-01,1,Ozimandias,"{BODY}"',
        f'A,letter,2,,,,,2020-03-01,2,,"{"x" * 400_001}"',
        "A,letter,3,,,,,2020-04-01,2,,",
    ]
    (tmp_path / "export.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return create_site(
        tmp_path / "site",
        dictionary=str(tmp_path / "letters.yaml"),
        sitemap=str(tmp_path / "map.yaml"),
    )


def stored(site: SiteFolder) -> list[dict[str, Any]]:
    version = DuckDBStore(site.store_path).current()
    assert version is not None
    return list(version.connect().table("notes").order_by("_row").to_pyarrow().to_pylist())


def test_notes_are_stored_without_names_or_withheld(site: SiteFolder, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    report = ingest(site, tmp_path / "export.csv", progress=lambda *said: heard.append(said))
    assert (report.notes_stored, report.notes_withheld) == (1, {"too_long": 1})
    assert ("notes", 2, 2) in heard
    kept, withheld = stored(site)
    for name in ("Perdita", "Quibbleworth", "84417220", "Ozimandias"):
        assert name not in kept["text"]
    assert "osteosarcoma of the femur" in kept["text"]
    assert (kept["day"], kept["type"], kept["element"]) == (31, "1", "body")
    assert (withheld["text"], withheld["withheld"]) == (None, "too_long")
    for path in site.store_path.iterdir():
        assert b"Quibbleworth" not in path.read_bytes()


def test_notes_can_be_left_out(site: SiteFolder, tmp_path: Path) -> None:
    report = ingest(site, tmp_path / "export.csv", notes=False)
    assert (report.notes_stored, report.notes_withheld) == (0, {})
    assert stored(site) == []


def test_the_sites_lists_count_and_a_changed_list_loads_again(
    site: SiteFolder, tmp_path: Path
) -> None:
    ingest(site, tmp_path / "export.csv")
    assert not ingest(site, tmp_path / "export.csv").changed
    site.lists_path.mkdir()
    (site.lists_path / "facilities.txt").write_text("free margins\n", encoding="utf-8")
    assert "free margins" in stored(site)[0]["text"]  # listed, and not loaded yet
    assert ingest(site, tmp_path / "export.csv").changed
    assert "with free margins" in stored(site)[0]["text"]  # ordinary words in small letters stay
    (site.lists_path / "facilities.txt").write_text("osteosarcoma of the femur\n", "utf-8")
    ingest(site, tmp_path / "export.csv")
    assert "osteosarcoma of the femur" not in stored(site)[0]["text"]


def test_short_free_text_is_cleaned_like_a_note_or_dropped(tmp_path: Path) -> None:
    more = (
        "  finding: {instrument: letter, label: Finding, type: text, deid: nlp}\n"
        "  remark: {instrument: letter, label: Remark, type: text}\n"
        "  story: {instrument: letter, label: Story, type: note}\n"
    )
    (tmp_path / "letters.yaml").write_text(DICTIONARY + more, encoding="utf-8")
    (tmp_path / "map.yaml").write_text("dictionary: letters\n", encoding="utf-8")
    rows = [
        "A,,,Perdita,Quibbleworth,84417220,2020-01-01,,,,,,,",
        "A,letter,1,,,,,2020-02-01,1,Ozimandias,,EWSR1-FLI1 fusion (Quibbleworth),zebra,By Dr Poe.",
    ]
    header = HEADER.rstrip() + ",finding,remark,story\n"
    (tmp_path / "export.csv").write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    site = create_site(
        tmp_path / "site",
        dictionary=str(tmp_path / "letters.yaml"),
        sitemap=str(tmp_path / "map.yaml"),
    )
    report = ingest(site, tmp_path / "export.csv")
    finding, story = stored(site)
    assert (report.notes_stored, finding["element"], story["element"]) == (2, "finding", "story")
    assert finding["text"].startswith("EWSR1-FLI1 fusion (")
    assert finding["day"] == 31
    for path in site.store_path.iterdir():
        for name in (b"Quibbleworth", b"Dr Poe", b"zebra"):
            assert name not in path.read_bytes()


def test_a_date_in_a_note_and_the_same_date_in_a_table_stay_the_same(tmp_path: Path) -> None:
    (tmp_path / "letters.yaml").write_text(DICTIONARY, encoding="utf-8")
    (tmp_path / "map.yaml").write_text("dictionary: letters\n", encoding="utf-8")
    units = (
        "derivations: letters\nversion: 1\ndictionary: letters\nunits:\n"
        "  person: {instrument: person}\n  letter: {instrument: letter, within: person}\n"
    )
    (tmp_path / "units.yaml").write_text(units, encoding="utf-8")
    rows = [
        f"{who},,,Perdita,Quibbleworth,84417220,{operated},,,,\n"
        f"{who},letter,1,,,,,{seen},1,,Operated on {operated}. Seen in the clinic on {seen}.\n"
        for who, operated, seen in (
            ("A", "2020-01-31", "2020-03-01"),
            ("B", "2021-12-30", "2022-02-02"),
        )
    ]
    (tmp_path / "export.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    site = create_site(
        tmp_path / "site",
        dictionary=str(tmp_path / "letters.yaml"),
        derivations=str(tmp_path / "units.yaml"),
        sitemap=str(tmp_path / "map.yaml"),
        profile="limited_dataset",
    )
    ingest(site, tmp_path / "export.csv")
    version = DuckDBStore(site.store_path).current()
    assert version is not None
    found = version.rows(
        "SELECT n.text, c.anchor + u.operated AS operated, c.anchor + u.written AS written "
        "FROM notes n JOIN calendar c USING (_patient) JOIN unit_letter u USING (_patient)"
    )
    assert len(found) == 2
    for text, operated, written in found:
        assert text == f"Operated on {operated}. Seen in the clinic on {written}."
        assert str(operated) not in ("2020-01-31", "2021-12-30")


def test_a_note_at_which_the_engine_fails_is_withheld_by_name_and_the_load_goes_on(
    site: SiteFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = deid.notes.residual

    def fails(text: str, *rest: Any, **more: Any) -> str | None:
        if "without crutches" in text:
            raise ValueError(f"near {text[:20]}")
        return check(text, *rest, **more)

    with (tmp_path / "export.csv").open("a", encoding="utf-8") as file:
        file.write("A,letter,4,,,,,2020-05-01,2,,Doing well.\n")
    monkeypatch.setattr(deid.notes, "residual", fails)
    report = ingest(site, tmp_path / "export.csv")
    assert report.notes_withheld == {"failed_ValueError": 1, "too_long": 1}
    assert (report.notes_stored, report.notes_waiting) == (1, 2)
    failed = next(row for row in stored(site) if row["withheld"] == "failed_ValueError")
    assert failed["text"] is None
    assert not [row for row in stored(site) if "near" in str(row.values())]


def test_a_table_and_a_notes_file_agree_on_surrogates(site: SiteFolder, tmp_path: Path) -> None:
    """The same patient's same name becomes the same, through either door of the site."""
    ingest(site, tmp_path / "export.csv")
    vault = Vault.open(site.vault_path)
    patients, notes, out = (tmp_path / name for name in ("p.csv", "n.jsonl", "out.jsonl"))
    patients.write_text(
        "patient_id,first_name,last_name,mrn,birth_date\nA,Perdita,Quibbleworth,84417220,\n"
    )
    notes.write_text(json.dumps({"note_id": 1, "patient_id": "A", "text": BODY}) + "\n")
    clean_file(notes, out, patients, profile=site.profile(), keys=vault.keys(), people=vault.meet)
    assert json.loads(out.read_text())["text"] == stored(site)[0]["text"]


@pytest.mark.parametrize(("code", "sex"), [("1", "Male"), ("2", "Female")])
def test_the_sex_on_the_form_counts_for_a_name_that_both_bear(
    tmp_path: Path, code: str, sex: str
) -> None:
    """As a column of that name does in a patients file; "Kim" says neither."""
    dictionary = DICTIONARY + (
        "  birthsex: {instrument: person, label: Sex, type: category, mcode: us-core-birthsex,"
        ' choices: {"1": Male, "2": Female}}\n'
    )
    body = "Kim Quibbleworth was seen. The osteosarcoma of the femur was resected. She was male."
    (tmp_path / "letters.yaml").write_text(dictionary, encoding="utf-8")
    (tmp_path / "map.yaml").write_text("dictionary: letters\n", encoding="utf-8")
    (tmp_path / "export.csv").write_text(
        HEADER.replace("operated,", "operated,birthsex,")
        + f"A,,,Kim,Quibbleworth,84417220,2020-01-01,{code},,,,\n"
        + f'A,letter,1,,,,,,2020-02-01,1,,"{body}"\n',
        encoding="utf-8",
    )
    site = create_site(
        tmp_path / "site",
        dictionary=str(tmp_path / "letters.yaml"),
        sitemap=str(tmp_path / "map.yaml"),
    )
    ingest(site, tmp_path / "export.csv")
    (text,) = (row["text"] for row in stored(site))
    vault = Vault.open(site.vault_path)
    people = Surrogates(vault.keys(), site.profile(), vault.met())
    patient = Patient("A", "Kim", "Quibbleworth", "84417220", other=(("sex", sex),))
    assert text.split()[0] == people.of(patient, frozenset())("NAME", "Kim")
    assert text.endswith("She was male.")


def test_a_load_meets_its_patients_and_staff_and_heeds_whom_the_site_met_since(
    site: SiteFolder, tmp_path: Path
) -> None:
    ingest(site, tmp_path / "export.csv")
    vault = Vault.open(site.vault_path)
    met = vault.met()
    names = ("Quibbleworth", "Ozimandias", "Perdita", "Rasmussen")
    assert [name for name in names if met.has_family(name)] == ["Quibbleworth", "Ozimandias"]
    assert met.has_number("84417220")
    assert not ingest(site, tmp_path / "export.csv").changed
    surrogate = stored(site)[0]["text"].split()[1]
    assert surrogate != "Quibbleworth"
    vault.meet([Patient("B", "Jane", surrogate)])
    assert ingest(site, tmp_path / "export.csv").changed
    assert surrogate not in stored(site)[0]["text"]
    assert not ingest(site, tmp_path / "export.csv").changed
