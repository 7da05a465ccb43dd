"""The site folder and extracts."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deid.rare.generalise import NOT_PROMISED
from gateway.errors import SiteError
from gateway.registry.extracts import extract, free_text, summary
from gateway.registry.store.embedded import DuckDBStore
from gateway.registry.vault import Vault
from gateway.site.config import SiteFolder, create_site, open_site
from policies.decode import decode, parse_yaml
from policies.dictionary import Element
from policies.errors import DeclarationError
from tests.unit.registry.valve import EXPORT, HEADER, defect, load, make_site, person, visit


def test_a_new_site_has_vault_ledger_and_a_policy_that_decodes(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert site.policy().dictionary == "valve"
    assert (site.path / "ledger.sqlite").is_file()
    Vault.open(site.vault_path)
    assert open_site(site.path).config == site.config


def test_a_site_is_never_overwritten(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    before = (site.vault_path / "key").read_bytes()
    with pytest.raises(SiteError, match="not empty"):
        create_site(site.path, dictionary="sarcoma_v1")
    assert (site.vault_path / "key").read_bytes() == before


def test_a_site_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="no file and no shipped"):
        create_site(tmp_path / "site", dictionary="sarcoma_v1", profile="none")
    assert list(tmp_path.iterdir()) == []


def test_an_identity_that_is_there_already_stays(tmp_path: Path) -> None:
    (tmp_path / "north" / "identity").mkdir(parents=True)
    (tmp_path / "north" / "identity" / "key.pem").write_text("k", encoding="utf-8")
    site = create_site(tmp_path / "north", dictionary="sarcoma_v1")
    assert site.config.site == "north"
    assert (site.path / "identity" / "key.pem").read_text(encoding="utf-8") == "k"
    assert open_site(site.path).config.dictionary == "sarcoma_v1"


def test_a_folder_that_is_no_site_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="is not a site folder"):
        open_site(tmp_path)


def test_a_registry_without_derivations_has_the_patient_as_its_unit(tmp_path: Path) -> None:
    given = tmp_path / "d.yaml"
    text = "dictionary: tiny\nversion: 1\ntitle: T\nkey: k\ninstruments: {p: {label: P}}\n"
    given.write_text(text + "elements: {k: {instrument: p, label: K, type: text}}\n")
    site = create_site(tmp_path / "site", dictionary=str(given))
    assert list(site.derivations().units) == ["p"]
    assert site.rules().list == {}


def door(site: SiteFolder) -> Any:
    """What of the site an extract needs beside its declarations."""
    return {"age_cap": site.profile().age_cap, "keys": Vault.open(site.vault_path).keys()}


def extracted(tmp_path: Path, text: str, extracts: str = "", *, k: int = 5, unit: str = "person"):
    site = make_site(tmp_path)
    if extracts:
        (site.path / "extracts").mkdir()
        head = "extracts: valve\nversion: 1\ndictionary: valve\n"
        (site.path / "extracts/valve.yaml").write_text(head + extracts, encoding="utf-8")
    load(site, text)
    current = DuckDBStore(site.store_path).current()
    assert current is not None
    declared = site.dictionary(), site.derivations(), site.extracts()
    done = extract(current, unit, tmp_path / "out.csv", *declared, k=k, **door(site))
    with done.path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with done.codebook.open(encoding="utf-8", newline="") as stream:
        book = {row["column"]: row for row in csv.DictReader(stream)}
    return done, rows, book


def test_an_extract_has_a_codebook_and_no_rare_row(tmp_path: Path) -> None:
    others = "".join(person(f"B{i}", sex="1") for i in range(5))
    done, rows, book = extracted(tmp_path, EXPORT + others)
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert (done.rows, done.cost.rare_rows, done.revealing) == (6, 1, ("zip", "sex"))
    assert sorted(row["sex"] for row in rows) == ["", "1", "1", "1", "1", "1"]
    assert set(book) == set(rows[0])
    assert book["races___1"]["label"] == "Race: One"
    assert book["sex"]["choices"] == "1, Male | 2, Female"
    assert book["sex"]["generalised"] == "as it was: 5 rows | suppressed: 1 rows"
    assert not {"code", "surname", "born"} & set(rows[0])
    report = json.loads(done.report.read_text(encoding="utf-8"))
    assert report["columns"]["sex"]["suppressed"] == 1
    assert (report["k"], report["smallest_before"], report["smallest_after"]) == (5, 1, 5)
    assert "at least 5 patients" in report["promised"]
    assert "attribute disclosure" in report["not_promised"]


def test_an_extract_refuses_a_file_that_exists_and_a_unit_that_does_not(tmp_path: Path) -> None:
    done, *_ = extracted(tmp_path, EXPORT)
    site = open_site(tmp_path / "site")
    current = DuckDBStore(site.store_path).current()
    assert current is not None
    declared = site.dictionary(), site.derivations(), site.extracts()
    with pytest.raises(SiteError, match="exists"):
        extract(current, "person", done.path, *declared, k=5, **door(site))
    with pytest.raises(SiteError, match="cannot be written"):
        extract(current, "person", tmp_path / "none" / "o.csv", *declared, k=5, **door(site))
    with pytest.raises(SiteError, match='no unit "vist"'):
        extract(current, "vist", tmp_path / "b.csv", *declared, k=5, **door(site))


def test_what_follows_a_generalised_cell_goes_with_it(tmp_path: Path) -> None:
    text = HEADER + "".join(
        person(f"A{i}") + defect(f"A{i}", found=f"20{i:02d}-03-01", valve="am"[i > 1])
        for i in range(4)
    )
    ladders = "ladders: {year: [{width: 10}], valve: []}\nfollows: {leak_cm: [valve]}\n"
    done, rows, _ = extracted(tmp_path, text, ladders, k=4, unit="defect")
    assert {row["year"] for row in rows} == {"2000-2009"}
    assert {row["valve"] for row in rows} == {""}
    # points = leak_cm * 2, so both tell the valve; score is what points recomputes.
    assert {(row["leak_cm"], row["points"], row["score"]) for row in rows} == {("", "", "")}
    assert done.followers == {"leak_cm": 2, "points": 2, "score": 4}


def test_several_answers_are_told_or_missing_together(tmp_path: Path) -> None:
    text = HEADER + "".join(
        person(f"A{i}", races=races) for i, races in enumerate(["1,0,0"] * 3 + ["1,1,0"])
    )
    _, rows, _ = extracted(tmp_path, text, "ladders: {races: []}\n", k=2)
    boxes = sorted((row["races___1"], row["races___2"]) for row in rows)
    assert boxes == [("", "")] + [("true", "false")] * 3


def test_free_text_is_in_no_extract(tmp_path: Path) -> None:
    done, _, book = extracted(tmp_path, EXPORT, k=1)
    # The remark was dropped at load; the ward is kept there and is a code by its pattern.
    assert "zebra" not in done.path.read_text(encoding="utf-8")
    assert "remark" not in book


@pytest.mark.parametrize(
    ("declared", "prose"),
    [
        ("type: note", True),
        ("type: text", True),
        ("type: text, pattern: '.*'", True),
        ("type: text, pattern: '[0-9]{4}/[0-9]'", True),
        ("type: text, pattern: '^.{1,80}$'", True),
        ("type: text, pattern: '^[A-Z][a-z]+$'", True),
        ("type: text, deid: keep, pattern: '^[0-9]{4}/[0-9]$'", False),
        ("type: text, deid: hash", False),
        ("type: category, choices: {a: A}", False),
        ("type: number", False),
    ],
)
def test_free_text_is_told_from_codes(declared: str, prose: bool) -> None:
    element = decode(
        Element, parse_yaml(f"{{instrument: f, label: L, {declared}}}", where="e"), where="e"
    )
    assert free_text(element) is prose


def test_what_a_later_dictionary_calls_free_text_is_left_out_and_named(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    path = site.path / "dictionaries/valve.yaml"
    plain = path.read_text(encoding="utf-8")
    ward = 'type: text, pattern: "^[A-Z][0-9]$"'
    path.write_text(plain.replace(ward, f"{ward}, deid: keep"), encoding="utf-8")
    load(open_site(site.path), EXPORT)
    path.write_text(plain.replace(ward, "type: text, roles: [rare_value_risk]"), encoding="utf-8")
    site = open_site(site.path)
    current = DuckDBStore(site.store_path).current()
    assert current is not None
    declared = site.dictionary(), site.derivations(), site.extracts()
    done = extract(current, "person", tmp_path / "o.csv", *declared, k=1, **door(site))
    assert done.dropped == ("ward",)
    assert "B7" not in done.path.read_text(encoding="utf-8")
    assert "ward" not in done.revealing


def test_an_extract_of_which_nothing_is_declared_revealing_says_so(tmp_path: Path) -> None:
    done, *_ = extracted(tmp_path, EXPORT, "exempt: {sex: known to all, zip: asked of all}\n")
    assert done.revealing == ()
    assert "nothing was generalised" in summary(done)[0]
    assert not any("at least 5 patients" in line for line in summary(done))
    assert json.loads(done.report.read_text(encoding="utf-8"))["promised"] is None


def test_two_extracts_have_no_pseudonym_and_no_order_in_common(tmp_path: Path) -> None:
    def text(count: int) -> str:
        return HEADER + "".join(person(f"A{i}", height=str(100 + i)) for i in range(count))

    one, *_ = extracted(tmp_path, text(20))
    site = open_site(tmp_path / "site")
    load(site, text(22))
    current = DuckDBStore(site.store_path).current()
    assert current is not None
    declared = site.dictionary(), site.derivations(), site.extracts()
    two = extract(current, "person", tmp_path / "two.csv", *declared, k=5, **door(site))
    again = extract(current, "person", tmp_path / "again.csv", *declared, k=5, **door(site))
    other = extract(current, "person", tmp_path / "other.csv", *declared, k=6, **door(site))
    read = {
        made.id: list(csv.DictReader(made.path.read_text("utf-8").splitlines()))
        for made in (one, two, other)
    }
    assert len(read) == 3
    assert again.path.read_bytes() == two.path.read_bytes()
    held = [{row["_patient"] for row in rows} for rows in read.values()]
    held.append({row[0] for row in current.rows("SELECT _patient FROM unit_person")})
    for i, names in enumerate(held):
        assert not any(names & others for others in held[i + 1 :])
    # Heights tell who is who here: in neither file are the patients in the other's order.
    heights = [[row["height"] for row in rows] for rows in read.values()]
    assert heights[1] != heights[2]
    assert heights[0] != [h for h in heights[1] if h in heights[0]]
    assert "Patients have other pseudonyms in every extract" in NOT_PROMISED


def test_hashes_are_alike_within_an_extract_and_not_between_two(tmp_path: Path) -> None:
    text = EXPORT + visit(instance="3", doctor="Dr Poe")
    _, rows, _ = extracted(tmp_path, text, k=1, unit="visit")
    one = Counter(row["doctor"] for row in rows)
    assert sorted(one.values()) == [1, 2]
    current = DuckDBStore(open_site(tmp_path / "site").store_path).current()
    assert current is not None
    held = current.rows("SELECT DISTINCT doctor FROM unit_visit")
    assert len(held) == 2
    assert not {row[0] for row in held} & set(one)


def test_days_do_not_tell_an_age_above_the_highest_class(tmp_path: Path) -> None:
    ages = {"A": "88", "B": "88", "C": "90", "D": "90", "E": "45", "F": "", "G": "89"}
    last = {"A": "2024-04-09", "C": "2021-08-01", "D": "2024-03-01", "E": "2024-03-01"}
    text = HEADER + "".join(
        person(who, age=age) + defect(who) + visit(who, seen=last.get(who, "2021-03-11"))
        for who, age in ages.items()
    )
    done, rows, book = extracted(tmp_path, text, k=1, unit="defect")
    told = sorted((row["age"], row["last_seen"]) for row in rows)
    # 88 years and 1,135 days are 91 years; 90+ and three years are 93.
    assert told == sorted([
        ("80+", "1135"), ("88", "10"), ("90+", "153"), ("80+", "1096"), ("45", "1096"),
        ("", "10"), ("89", "10"),
    ])  # fmt: skip
    assert done.opened == {"age": 2}
    assert "open class because of days: 2 rows" in book["age"]["generalised"]
    assert any("2 rows read an open class" in line for line in summary(done))
    report = json.loads(done.report.read_text(encoding="utf-8"))
    assert report["ages_opened"] == {"age": 2}


def test_one_row_of_a_patient_tells_of_the_others(tmp_path: Path) -> None:
    text = HEADER + person("A", age="88") + defect("A") + defect("A", nr="2", found="2025-01-01")
    _, rows, _ = extracted(tmp_path, text, k=1, unit="defect")
    assert {row["found"] for row in rows} == {"0", "1402"}
    assert [row["age"] for row in rows] == ["80+", "80+"]


def test_ages_in_classes_keep_the_open_one(tmp_path: Path) -> None:
    text = HEADER + "".join(
        person(f"A{i}", age=age) for i, age in enumerate(["90", "91", "95", "86", "87", "89"])
    )
    _, rows, _ = extracted(tmp_path, text, "ladders: {age: [{width: 5}]}\n", k=3)
    assert Counter(row["age"] for row in rows) == {"90+": 3, "85-89": 3}


def test_a_dictionary_that_caps_ages_has_an_open_class_under_every_profile(tmp_path: Path) -> None:
    site = make_site(tmp_path, profile="limited_dataset")
    path = site.path / "dictionaries/valve.yaml"
    path.write_text(path.read_text("utf-8").replace("bounds: [0, 120]", "bounds: [0, 90]"), "utf-8")
    head = "extracts: valve\nversion: 1\ndictionary: valve\nladders: {age: [{width: 20}]}\n"
    (site.path / "extracts").mkdir(exist_ok=True)
    (site.path / "extracts/valve.yaml").write_text(head, encoding="utf-8")
    site = open_site(site.path)
    people = enumerate(["90", "90", "86", "87", "86", "88"])
    load(site, HEADER + "".join(person(f"A{i}", age=age) for i, age in people))
    current = DuckDBStore(site.store_path).current()
    assert current is not None
    declared = site.dictionary(), site.derivations(), site.extracts()
    made = extract(current, "person", tmp_path / "o.csv", *declared, k=6, **door(site))
    rows = list(csv.DictReader(made.path.read_text("utf-8").splitlines()))
    # Not 80-99: whoever is 104 reads 90 here.
    assert {row["age"] for row in rows} == {"80+"}
