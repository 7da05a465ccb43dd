"""The file of worklists: opened by the site's vault alone, whole, and in its own order."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from datetime import date, timedelta

import pytest

from gateway.errors import StoreError
from gateway.registry.vault import Vault
from gateway.registry.worklist.due import Limits, Line
from gateway.registry.worklist.sealed import Listed, SealedWorklists

TODAY = date(2024, 6, 1)
LIMITS = Limits(soon_days=5, keep_days=30, windows=True)


def lines(count: int, start: date = TODAY) -> list[Line]:
    days = [start + timedelta(days=i) for i in range(count)]
    return [Line(f"Quibble{i}", "1", "what", d, d, d, "step") for i, d in enumerate(days)]


@pytest.fixture
def vault(tmp_path):
    return Vault.create(tmp_path / "vault")


@pytest.fixture
def sealed(tmp_path, vault):
    return SealedWorklists(tmp_path / "vault", vault)


def write(sealed, *lists, load="a" * 64):
    given = (Listed(name, name.title(), LIMITS, rows) for name, rows in lists)
    kept = sealed.draft(given, load=load, today=TODAY)
    sealed.adopt()
    return kept


def test_what_was_written_is_read(sealed):
    rows = lines(2500)
    write(sealed, ("one", rows), ("two", [Line("x", "", "w", None, None, None, "s")]), ("none", []))
    day, kept = sealed.head()
    assert day == TODAY
    assert [one.name for one in kept] == ["one", "two", "none"]
    assert list(sealed.lines(kept[0])) == rows
    assert next(iter(sealed.lines(kept[1]))).due is None
    assert list(sealed.lines(kept[2])) == []
    assert kept[0].states == {"closing soon": 1}
    assert kept[0].limits == LIMITS


def test_what_is_over_is_left_out_and_what_comes_stays(sealed):
    over, kept_still = TODAY - timedelta(days=31), TODAY - timedelta(days=30)
    rows = [*lines(1, over), *lines(1, kept_still), *lines(1, TODAY + timedelta(days=900))]
    [one] = write(sealed, ("one", rows))
    assert [line.late for line in sealed.lines(one)] == [kept_still, rows[2].late]


def test_a_draft_changes_nothing_until_it_is_adopted(sealed):
    write(sealed, ("one", lines(3)))
    sealed.draft([Listed("one", "One", LIMITS, [])], load="b" * 64, today=TODAY)
    [one] = sealed.head()[1]
    assert len(list(sealed.lines(one))) == 3
    sealed.adopt()
    [one] = sealed.head()[1]
    assert list(sealed.lines(one)) == []


def test_nothing_can_be_read_without_the_key(sealed, tmp_path):
    write(sealed, ("one", lines(3)))
    raw = sealed.path.read_bytes()
    assert b"Quibble" not in raw
    assert b"2024-06" not in raw
    assert stat.S_IMODE(sealed.path.stat().st_mode) == 0o600
    other = Vault.create(tmp_path / "other")
    shutil.copy(sealed.path, tmp_path / "other")
    strange = SealedWorklists(tmp_path / "other", other)
    assert not strange.stands()
    with pytest.raises(StoreError, match="do not open"):
        strange.head()


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE sealed SET body = body || x'00' WHERE list = 'one' AND number = 0",
        "DELETE FROM sealed WHERE list = 'one' AND number = 1",
        "UPDATE sealed SET number = 9 - number WHERE list = 'one'",
        "UPDATE sealed SET list = 'on' WHERE list = 'one'",
        "UPDATE load SET digest = 'b'",
        "DELETE FROM load",
        "DROP TABLE sealed",
    ],
)
def test_an_altered_file_is_refused(sealed, harm):
    [one] = write(sealed, ("one", lines(1500)))
    with sqlite3.connect(sealed.path) as connection:
        connection.execute(harm)
    connection.close()
    with pytest.raises(StoreError, match="do not open"):
        list(sealed.lines(one))


def test_a_block_of_another_load_is_refused(sealed, tmp_path):
    write(sealed, ("one", lines(3)))
    shutil.copy(sealed.path, tmp_path / "old.sqlite")
    [one] = write(sealed, ("one", lines(5)), load="b" * 64)
    with sqlite3.connect(sealed.path) as connection:
        connection.execute("ATTACH ? AS old", (str(tmp_path / "old.sqlite"),))
        connection.execute("DELETE FROM main.sealed WHERE list = 'one'")
        connection.execute("INSERT INTO main.sealed SELECT * FROM old.sealed WHERE list = 'one'")
    connection.close()
    with pytest.raises(StoreError, match="do not open"):
        list(sealed.lines(one))


def test_without_a_load_there_is_none(sealed):
    with pytest.raises(StoreError, match="no worklist yet"):
        sealed.head()
    assert not sealed.stands()


def test_a_file_that_is_no_database_is_refused(sealed):
    sealed.path.write_bytes(b"nothing" * 500)
    assert not sealed.stands()
