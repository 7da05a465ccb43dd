"""The vault's key in the operating system's keyring, behind the library that finds it."""

import builtins
import json
import os
import shutil

import pytest

from gateway.errors import SiteError
from gateway.registry.rotation import Rotated, move_key, rotate
from gateway.registry.vault import KEY_VARIABLE, Vault
from gateway.registry.vault_key import NEW_KEY_VARIABLE
from tests.vault_world import contents, died_at, made, steps_of

if os.environ.get("OSTEON_REQUIRE_ALL"):
    import keyring
else:
    keyring = pytest.importorskip("keyring", reason="the extra 'keyring' is not installed")

from tests.file_keyring import FILE_VARIABLE, FileKeyring, LockedKeyring

PATIENTS = {"P-1": {"first_name": "Vera"}}


@pytest.fixture(autouse=True)
def ring(tmp_path, monkeypatch):
    for name in (KEY_VARIABLE, NEW_KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "ring.json"))
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    yield tmp_path / "ring.json"
    keyring.set_keyring(before)


@pytest.fixture
def folder(tmp_path):
    made(tmp_path / "site" / "vault", PATIENTS, ["Ada Quill"], [("P-1", "A note.", "kept")])
    return tmp_path / "site" / "vault"


def entries(ring):
    return json.loads(ring.read_text()) if ring.exists() else {}


def test_a_key_moves_into_the_keyring_and_back(folder, ring):
    before, key = contents(folder), (folder / "key").read_text().strip()
    assert move_key(folder, "keyring") == "file"
    assert sorted(path.name for path in folder.iterdir()) == ["keyring", "vault.sqlite"]
    assert key not in (folder / "keyring").read_text()
    assert list(entries(ring).values()) == [key]
    assert contents(folder) == before
    assert move_key(folder, "file") == "keyring"
    assert entries(ring) == {}
    assert contents(folder) == before


def test_a_rotation_keeps_one_entry_and_deletes_the_old_key(folder, ring):
    move_key(folder, "keyring")
    before, old = contents(folder), entries(ring)
    assert rotate(folder) == Rotated("keyring", 1, 1)
    assert contents(folder) == before
    assert len(entries(ring)) == 1
    assert not set(entries(ring).values()) & set(old.values())


@pytest.mark.slow
def test_a_rotation_or_a_move_may_be_killed_anywhere(folder, ring):
    move_key(folder, "keyring")
    before, kept = contents(folder), ring.read_bytes()
    spare = folder.parent.with_name("spare")

    def fresh():
        ring.write_bytes(kept)
        folder.parent.rename(spare.with_name("used"))
        shutil.copytree(spare, folder.parent)
        shutil.rmtree(spare.with_name("used"))

    shutil.copytree(folder.parent, spare)
    for work in (lambda: rotate(folder), lambda: move_key(folder, "file")):
        steps = steps_of(work, writes=True)
        for step in (*range(0, steps - 60, 25), *range(max(steps - 60, 0), steps)):
            fresh()
            assert died_at(step, work, writes=True)
            assert contents(folder) == before, step
            assert len(entries(ring)) == (folder / "keyring").exists(), step
        fresh()


def test_a_locked_keyring_is_named_and_says_no_secret(folder):
    move_key(folder, "keyring")
    keyring.set_keyring(LockedKeyring())
    with pytest.raises(SiteError, match=r"refused \(KeyringLocked\)") as caught:
        Vault.open(folder)
    assert "unlock" in caught.value.hint
    with pytest.raises(SiteError, match="refused"):
        rotate(folder)


def test_an_entry_that_is_gone_is_named(folder, ring):
    move_key(folder, "keyring")
    ring.write_text("{}")
    with pytest.raises(SiteError, match="no such entry"):
        Vault.open(folder)


@pytest.mark.parametrize("backend", ["fail", "null"])
def test_a_server_without_a_keyring_keeps_its_file(folder, backend):
    module = pytest.importorskip(f"keyring.backends.{backend}")
    keyring.set_keyring(module.Keyring())
    before = contents(folder)
    with pytest.raises(SiteError, match="no keyring") as caught:
        move_key(folder, "keyring")
    assert "a server" in caught.value.hint
    assert sorted(path.name for path in folder.iterdir()) == ["key", "vault.sqlite"]
    assert contents(folder) == before


def test_a_keyring_that_forgets_is_noticed_before_the_file_goes(folder, monkeypatch):
    monkeypatch.setattr(FileKeyring, "_keep", lambda *_: None)
    with pytest.raises(SiteError, match="did not keep"):
        move_key(folder, "keyring")
    assert sorted(path.name for path in folder.iterdir()) == ["key", "vault.sqlite"]


def test_without_the_library_the_extra_is_named(folder, monkeypatch):
    found = builtins.__import__

    def absent(name, *rest):
        if name == "keyring":
            raise ModuleNotFoundError(name)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(SiteError, match="not installed") as caught:
        move_key(folder, "keyring")
    assert "osteon[keyring]" in caught.value.hint
