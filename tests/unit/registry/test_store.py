"""The store's pointers and files, the site folder, extracts."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from gateway.errors import SiteError, StoreError
from gateway.registry.extracts import extract
from gateway.registry.store import DuckDBStore
from gateway.registry.vault import Vault
from gateway.site.config import create_site, open_site
from policies.errors import DeclarationError
from tests.unit.registry.valve import EXPORT, load, make_site, person

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def version(store: DuckDBStore, now: datetime = NOW) -> str:
    with store.writing() as path:
        with duckdb.connect(str(path)) as connection:
            connection.execute('CREATE TABLE meta AS SELECT \'{"load": "x"}\' AS json')
        return store.adopt(path, now=now).name


def test_an_empty_store_has_nothing(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    assert store.current() is None
    assert store.published() is None
    with pytest.raises(StoreError, match="nothing to publish"):
        store.publish(every_days=0, force=False, now=NOW)


def test_a_finished_file_becomes_the_current_version(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    name = version(store)
    current = store.current()
    assert current is not None
    assert current.name == name
    assert current.meta() == {"load": "x"}
    assert current.path.stat().st_mode & 0o777 == 0o600


def test_versions_open_for_reading_only(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    version(store)
    snapshot = store.publish(every_days=0, force=False, now=NOW)
    with pytest.raises(duckdb.Error, match="read-only"):
        snapshot.connect().raw_sql("CREATE TABLE x (a INTEGER)")


def test_a_load_that_fails_leaves_no_file(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)

    def fail() -> None:
        with store.writing() as path:
            path.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == [".lock"]


def test_what_a_killed_load_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".new-dead.duckdb").write_bytes(b"half")
    with DuckDBStore(tmp_path).writing():
        assert not (tmp_path / ".new-dead.duckdb").exists()


def test_a_damaged_pointer_and_a_missing_version_are_named(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    name = version(store)
    (tmp_path / f"{name}.duckdb").unlink()
    with pytest.raises(StoreError, match=f"version {name} is missing"):
        store.current()
    (tmp_path / "current.json").write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match=r"current\.json is damaged"):
        store.current()


def test_snapshot_ids_are_random_and_say_nothing(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    ids = set()
    for day in range(1, 5):
        name = version(store, NOW.replace(day=day))
        snapshot = store.publish(every_days=0, force=False, now=NOW.replace(day=day))
        assert snapshot.version.name == name
        ids.add(snapshot.id)
    assert len(ids) == 4
    assert {len(bytes.fromhex(one)) for one in ids} == {16}


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


def test_an_extract_has_a_codebook_and_warns_of_rare_rows(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    others = "".join(person(f"B{i}", sex="1") for i in range(5))
    load(site, EXPORT + others)
    current = DuckDBStore(site.store_path).current()
    assert current is not None
    done = extract(current, "person", tmp_path / "out.csv", site.dictionary(), site.derivations())
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert (done.rows, done.rare_rows, done.revealing) == (6, 1, ("sex",))
    with done.path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with done.codebook.open(encoding="utf-8", newline="") as stream:
        book = {row["column"]: row for row in csv.DictReader(stream)}
    assert set(book) == set(rows[0])
    assert book["races___1"]["label"] == "Race: One"
    assert book["sex"]["choices"] == "1, Male | 2, Female"
    assert not {"code", "surname", "born"} & set(rows[0])
    with pytest.raises(SiteError, match="exists"):
        extract(current, "person", done.path, site.dictionary(), site.derivations())
    with pytest.raises(SiteError, match='no unit "vist"'):
        extract(current, "vist", tmp_path / "b.csv", site.dictionary(), site.derivations())
