"""A fresh data key changes what depends on it, and nothing that people see."""

import resource
import shutil
import sqlite3
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.errors import QuarantineError, SiteError, StoreError
from gateway.registry.rotation import Rotated, move_key, rotate
from gateway.registry.seal_count import SEALS_MAX, seals
from gateway.registry.vault import KEY_VARIABLE, Vault
from gateway.registry.vault_key import NEW_KEY_VARIABLE
from tests.vault_world import contents, died_at, made, quarantine, steps_of

PATIENTS = {"P-1": {"first_name": "Vera", "mrn": "00482913"}, "P-2": {"first_name": "Wei"}}
NOTES = [("P-1", "A note.", "waiting"), ("P-2", "Another.", "kept"), ("P-3", "Öl.", "marked")]
OLD, NEW = (b64encode(letter * 32).decode() for letter in (b"k", b"n"))


@pytest.fixture(autouse=True)
def _no_key_in_environment(monkeypatch):
    for name in (KEY_VARIABLE, NEW_KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "site" / "vault"
    made(folder, PATIENTS, ["Ada Quill"], NOTES)
    return folder


def sql(path, statement, *values):
    connection = sqlite3.connect(path)
    with connection:
        rows = connection.execute(statement, values).fetchall()
    connection.close()
    return rows


def test_contents_stay_and_all_that_depends_on_the_key_changes(folder):
    queue = folder.parent / "quarantine" / "quarantine.sqlite"
    before, key = contents(folder), (folder / "key").read_text()
    rows = set(sql(folder / "vault.sqlite", "SELECT id FROM sealed WHERE kind = 'patient'"))
    bodies = set(sql(folder / "vault.sqlite", "SELECT body FROM sealed"))
    marks, sealed = (set(sql(queue, f"SELECT {c} FROM withheld")) for c in ("patient", "body"))
    heard = []
    assert rotate(folder, lambda *said: heard.append(said)) == Rotated("file", 2, 3)
    assert contents(folder) == before
    assert (folder / "key").read_text() != key
    assert not rows & set(sql(folder / "vault.sqlite", "SELECT id FROM sealed"))
    assert not bodies & set(sql(folder / "vault.sqlite", "SELECT body FROM sealed"))
    assert not marks & set(sql(queue, "SELECT patient FROM withheld"))
    assert not sealed & set(sql(queue, "SELECT body FROM withheld"))
    assert len(set(sql(queue, "SELECT patient FROM withheld"))) == 3
    assert {step for step, *_ in heard} == {"patients", "compared", "withheld notes"}
    for path in (folder / "key", folder / "vault.sqlite", queue):
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError):
        Vault(folder, b64decode(key)).keys()


def test_a_rotated_vault_is_used_as_before(folder):
    rotate(folder)
    vault = Vault.open(folder)
    queue = quarantine(folder, vault)
    assert queue.load_id("P-1", "body", "A note.") in queue.ids("waiting")
    queue.drop_patients(["P-1"])
    assert len(queue.ids()) == 2
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        sql(queue.path, "DELETE FROM decisions")
    vault.put_patients([("P-1", {"first_name": "Vera M."})])
    assert vault.patient("P-1") == {"first_name": "Vera M."}
    assert len(vault) == 2


def test_ids_of_notes_stay_in_a_vault_from_before_their_key_was_kept(folder):
    vault = Vault.open(folder)
    sql(folder / "vault.sqlite", "DELETE FROM sealed WHERE id = 'note ids'")
    key = vault.note_key()
    assert key == vault.derived_key("quarantine index")
    vault.close()
    rotate(folder)
    assert Vault.open(folder).note_key() == key


def test_a_vault_without_quarantine_or_people_is_rotated(tmp_path):
    Vault.create(tmp_path / "vault").close()
    assert rotate(tmp_path / "vault") == Rotated("file", 0, 0)
    assert not (tmp_path / "quarantine").exists()
    assert len(Vault.open(tmp_path / "vault")) == 0


def test_nobody_changes_the_key_under_a_command(folder):
    vault = Vault.open(folder)
    queue = quarantine(folder, vault)
    del vault
    for change in (rotate, lambda folder: move_key(folder, "environment")):
        with pytest.raises(StoreError, match="in use"):
            change(folder)
    assert queue.ids()
    del queue
    rotate(folder)


def test_nothing_is_written_with_a_key_that_was_replaced(folder):
    late = Vault(folder, Vault.open(folder).data_key)  # one that slipped past the lock
    rotate(folder)
    before = contents(folder)
    for write in (lambda: late.put_patients([("P-9", {})]), lambda: late.meet(staff=["Ann Roe"])):
        with pytest.raises(StoreError, match="wrong key"):
            write()
    assert contents(folder) == before


def test_what_does_not_open_or_is_not_known_stops_the_rotation(folder):
    queue = folder.parent / "quarantine" / "quarantine.sqlite"
    key = (folder / "key").read_text()
    stopped = [
        (queue, "UPDATE withheld SET state = 'released' WHERE state = 'waiting'", QuarantineError),
        (queue, "CREATE TABLE plans (id TEXT)", StoreError),
        (folder / "vault.sqlite", "UPDATE sealed SET nonce = x'00'", StoreError),
    ]
    for path, statement, error in stopped:
        whole = path.read_bytes()
        sql(path, statement)
        with pytest.raises(error):
            rotate(folder)
        assert (folder / "key").read_text() == key
        assert not list(folder.parent.rglob("*.next"))
        path.write_bytes(whole)
    rotate(folder)


def test_a_disk_without_room_leaves_everything_as_it_was(folder):
    before, key = contents(folder), (folder / "key").read_text()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))  # bytes of any one file
    try:
        with pytest.raises(StoreError, match="cannot be written") as caught:
            rotate(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "make room" in caught.value.hint
    assert sorted(path.name for path in folder.iterdir()) == ["key", "vault.sqlite"]
    assert ((folder / "key").read_text(), contents(folder)) == (key, before)


@pytest.mark.parametrize("committed", [False, True])
def test_commands_that_meet_at_a_rotation_cut_short_all_open(folder, committed):
    before, twin = contents(folder), folder.parent.with_name("twin")
    shutil.copytree(folder.parent, twin)
    steps = steps_of(lambda: rotate(twin / "vault"), writes=True)
    shutil.rmtree(twin)
    at = steps - 20 if committed else steps // 2
    assert died_at(at, lambda: rotate(folder), writes=True)
    assert (folder / "rotated").exists() == committed
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: Vault.open(folder), range(8)))
    assert len({vault.data_key for vault in opened}) == 1
    opened.clear()
    assert contents(folder) == before


def test_a_key_in_the_environment_is_changed_to_the_operators(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, OLD)
    folder = tmp_path / "vault"
    made(folder, PATIENTS, notes=NOTES)
    before = contents(folder)
    with pytest.raises(SiteError, match=NEW_KEY_VARIABLE):
        rotate(folder)
    monkeypatch.setenv(NEW_KEY_VARIABLE, OLD)
    with pytest.raises(SiteError, match="has already"):
        rotate(folder)
    monkeypatch.setenv(NEW_KEY_VARIABLE, NEW)
    assert rotate(folder) == Rotated("environment", 2, 3)
    assert not (folder / "key").exists()
    with pytest.raises(StoreError, match="wrong key") as caught:
        rotate(folder)
    assert caught.value.hint == (
        f"the vault was rotated: put the key of {NEW_KEY_VARIABLE} into {KEY_VARIABLE}"
    )
    monkeypatch.setenv(KEY_VARIABLE, NEW)
    assert contents(folder) == before


def test_a_new_key_that_would_not_be_used_is_refused(folder, monkeypatch):
    monkeypatch.setenv(NEW_KEY_VARIABLE, NEW)
    with pytest.raises(SiteError, match="not in the environment"):
        rotate(folder)


def test_a_key_in_two_places_is_not_rotated(folder, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, (folder / "key").read_text())
    monkeypatch.setenv(NEW_KEY_VARIABLE, NEW)
    with pytest.raises(SiteError, match="two places") as caught:
        rotate(folder)
    assert "--to environment" in caught.value.hint


def test_a_key_moves_into_the_environment_and_back(folder, monkeypatch):
    before, key = contents(folder), (folder / "key").read_text()
    with pytest.raises(SiteError, match="not set"):
        move_key(folder, "environment")
    assert move_key(folder, "file") == "file"  # it is there already
    monkeypatch.setenv(KEY_VARIABLE, key)
    assert move_key(folder, "environment") == "environment"
    assert sorted(path.name for path in folder.iterdir()) == ["vault.sqlite"]
    assert contents(folder) == before
    assert move_key(folder, "file") == "environment"
    monkeypatch.delenv(KEY_VARIABLE)
    assert contents(folder) == before


def test_a_key_of_something_else_is_not_destroyed(folder, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, (folder / "key").read_text())
    (folder / "key").write_text(OLD)
    with pytest.raises(SiteError, match="another key"):
        move_key(folder, "environment")
    assert (folder / "key").read_text() == OLD


def test_the_seals_of_a_key_are_counted_and_end_in_time(folder):
    def count():
        connection = sqlite3.connect(folder / "vault.sqlite")
        found = seals(connection)
        connection.close()
        return found

    assert count() == 2 + 2  # the keys, and two patients
    vault = Vault.open(folder)
    vault.put_patients([("P-1", {})])
    assert count() == 5
    sql(folder / "vault.sqlite", "UPDATE seals SET count = ?", SEALS_MAX)
    with pytest.raises(StoreError, match="as often") as caught:
        vault.put_patients([("P-3", {})])
    assert "vault rotate" in caught.value.hint
    assert vault.patient("P-3") is None
    sql(folder / "vault.sqlite", "UPDATE seals SET count = ?", SEALS_MAX - 1)
    with pytest.raises(StoreError):
        vault.put_patients([("P-3", {}), ("P-4", {})])
    assert (len(vault), count()) == (2, SEALS_MAX - 1)
    vault.put_patients([("P-3", {})])
    vault.close()
    rotate(folder)
    assert count() == 2 + 3
    Vault.open(folder).put_patients([("P-4", {})])


def test_the_quarantine_counts_its_own_seals(folder):
    queue = quarantine(folder, Vault.open(folder))
    assert sql(queue.path, "SELECT count FROM seals") == [(5,)]  # three notes, two decisions
    sql(queue.path, "UPDATE seals SET count = ?", SEALS_MAX)
    record = queue.record(queue.ids("waiting")[0])
    with pytest.raises(StoreError, match="as often"):
        queue.decide(record, "keep", who="rev", state="kept")
    assert queue.ids("waiting") == [record.id]
    del queue
    rotate(folder)
    queue = quarantine(folder, Vault.open(folder))
    queue.decide(record, "keep", who="rev", state="kept")
