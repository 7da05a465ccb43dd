"""What every store promises, tried on each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import ibis
import pytest

from gateway.errors import PublishRefused, StoreError
from gateway.registry.store.store import Store
from tests.unit.registry.store.contract import COLUMNS, NOW, ROWS, bench, load


def test_an_empty_store_has_nothing(store: Store) -> None:
    assert store.current() is None
    assert store.published() is None
    with pytest.raises(StoreError, match="nothing to publish"):
        store.publish(every_days=0, force=False, now=NOW)


def test_a_load_is_the_current_version_for_everybody(
    store: Store, reopen: Callable[[], Store], tmp_path: Path
) -> None:
    made = load(store, tmp_path / "spill", told="“yes”")
    found = reopen().current()
    assert found == made
    assert found is not None
    assert found.meta() == {"load": "x", "units": {"case": 5}, "told": "“yes”"}
    assert found.name.startswith("20260101T000000Z-")
    assert store.published() is None


def test_every_kind_of_value_comes_back(store: Store, tmp_path: Path) -> None:
    version = load(store, tmp_path / "spill")
    table = version.arrow("unit_case", ("_patient", "_order"))
    assert table.column_names == list(COLUMNS)
    kinds = ["string", "int32", "int64", "double", "bool", "date32[day]", "string"]
    assert [str(kind) for kind in table.schema.types] == kinds
    by_code_point = sorted(ROWS, key=lambda row: (row[0], row[1]))
    assert [tuple(row.values()) for row in table.to_pylist()] == by_code_point
    empty = version.arrow("notes", ("_patient",))
    assert (empty.num_rows, empty.column_names) == (0, ["_patient", "text"])
    assert [str(kind) for kind in empty.schema.types] == ["string", "string"]


def test_ibis_reads_a_version_and_does_not_write_it(store: Store, tmp_path: Path) -> None:
    backend = load(store, tmp_path / "spill").connect()
    table = backend.table("unit_case")
    assert dict(table.schema().items())["days"] == ibis.dtype("int64")
    query = table.filter(table["text"] == "").count()
    assert backend.raw_sql(backend.compile(query)).fetchall() == [(1,)]
    # Order and equality are by code points in every store: a "B" comes before an "a".
    below = table.filter(table["_patient"] < "a").count()
    assert backend.raw_sql(backend.compile(below)).fetchall() == [(1,)]
    with pytest.raises(Exception, match="read-only"):
        backend.raw_sql("DELETE FROM unit_case")
    backend.disconnect()


def test_a_table_that_is_not_there_is_told(store: Store, tmp_path: Path) -> None:
    version = load(store, tmp_path / "spill")
    with pytest.raises(StoreError, match="lacks a table"):
        version.arrow("unit_surgery", ("_patient",))
    with pytest.raises(StoreError, match="lacks a table"):
        version.rows("SELECT 1 FROM unit_surgery")


def test_a_load_that_fails_leaves_the_old_version(store: Store, tmp_path: Path) -> None:
    old = load(store, tmp_path / "spill")

    def fail() -> None:
        with store.writing() as draft, bench(tmp_path / "spill") as made:
            draft.fill(made, ["unit_case"], {"load": "y"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    found = store.current()
    assert found == old
    assert found is not None
    assert found.meta()["load"] == "x"
    assert load(store, tmp_path / "spill", NOW + timedelta(days=1)) == store.current()


def test_two_do_not_write_at_once(
    store: Store, reopen: Callable[[], Store], tmp_path: Path
) -> None:
    load(store, tmp_path / "spill")
    with store.writing():
        with pytest.raises(StoreError, match="another load or publish"), reopen().writing():
            pass
        with pytest.raises(StoreError, match="another load or publish"):
            reopen().publish(every_days=0, force=True, now=NOW)
    assert reopen().publish(every_days=0, force=True, now=NOW).version == store.current()


def test_readers_keep_the_version_they_opened(store: Store, tmp_path: Path) -> None:
    backend = load(store, tmp_path / "spill").connect()
    for day in range(1, 6):
        load(store, tmp_path / "spill", NOW + timedelta(days=day))
    assert backend.raw_sql("SELECT count(*) FROM unit_case").fetchall() == [(5,)]
    backend.disconnect()


def test_published_stays_until_the_next_publish(
    store: Store, reopen: Callable[[], Store], tmp_path: Path
) -> None:
    first = load(store, tmp_path / "spill")
    snapshot = store.publish(every_days=90, force=False, now=NOW)
    assert (snapshot.version, snapshot.published_at) == (first, NOW)
    assert store.publish(every_days=90, force=False, now=NOW) == snapshot
    # More loads than are kept: the published one is not among those that go.
    names = [load(store, tmp_path / "spill", NOW + timedelta(days=n)).name for n in range(1, 6)]
    assert reopen().published() == snapshot
    assert snapshot.version.meta()["load"] == "x"
    with pytest.raises(PublishRefused, match="2026-04-01"):
        store.publish(every_days=90, force=False, now=NOW + timedelta(days=89))
    later = store.publish(every_days=90, force=False, now=NOW + timedelta(days=90))
    assert later.version.name == names[-1]
    assert later.id != snapshot.id
    forced = load(store, tmp_path / "spill", NOW + timedelta(days=91))
    again = store.publish(every_days=90, force=True, now=NOW + timedelta(days=91))
    assert again.version == forced


def test_snapshot_ids_are_random_and_say_nothing(store: Store, tmp_path: Path) -> None:
    ids = set()
    for day in range(4):
        now = NOW + timedelta(days=day)
        version = load(store, tmp_path / "spill", now)
        snapshot = store.publish(every_days=0, force=False, now=now)
        assert snapshot.version == version
        ids.add(snapshot.id)
    assert len(ids) == 4
    assert {len(bytes.fromhex(one)) for one in ids} == {16}


def test_old_versions_go(store: Store, tmp_path: Path) -> None:
    versions = [load(store, tmp_path / "spill", NOW + timedelta(days=n)) for n in range(5)]
    gone, kept = versions[:2], versions[2:]
    for version in kept:
        assert version.meta()["load"] == "x"
    for version in gone:
        with pytest.raises(StoreError, match=r"cannot be read|lacks a table"):
            version.meta()


def test_what_was_published_before_can_still_be_opened(store: Store, tmp_path: Path) -> None:
    """An answer may have been charged for it and not have opened it yet."""
    load(store, tmp_path / "spill")
    before = store.publish(every_days=0, force=True, now=NOW)
    for day in range(1, 6):
        load(store, tmp_path / "spill", NOW + timedelta(days=day))
    store.publish(every_days=0, force=True, now=NOW + timedelta(days=6))
    backend = before.connect()
    assert backend.raw_sql("SELECT count(*) FROM unit_case").fetchall() == [(5,)]
    backend.disconnect()
    load(store, tmp_path / "spill", NOW + timedelta(days=7))
    store.publish(every_days=0, force=True, now=NOW + timedelta(days=8))
    with pytest.raises(StoreError, match=r"cannot be read|lacks a table"):
        before.version.meta()


def test_forgetting_leaves_the_current_and_the_published_version(
    store: Store, tmp_path: Path
) -> None:
    load(store, tmp_path / "spill")
    store.publish(every_days=0, force=True, now=NOW)
    versions = [load(store, tmp_path / "spill", NOW + timedelta(days=n)) for n in range(1, 4)]
    snapshot = store.publish(every_days=0, force=True, now=NOW + timedelta(days=4))
    versions.append(load(store, tmp_path / "spill", NOW + timedelta(days=5)))
    store.forget()
    assert (store.published(), store.current()) == (snapshot, versions[-1])
    assert snapshot.version.meta()["load"] == versions[-1].meta()["load"] == "x"
    for gone in versions[:2]:
        with pytest.raises(StoreError, match=r"cannot be read|lacks a table"):
            gone.meta()
    with store.writing():
        store.forget()  # nothing to do, so nobody is in the way
