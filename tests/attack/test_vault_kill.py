"""Whatever a vault holds, and wherever its rotation is killed, nothing is lost and one key opens."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import StoreError
from gateway.registry.rotation import rotate
from gateway.registry.vault import KEY_VARIABLE, Vault
from gateway.registry.vault_key import NEW_KEY_VARIABLE
from tests.vault_world import contents, died_at, made, quarantine, steps_of

PATIENTS = {"P-1": {"first_name": "Vera", "mrn": "00482913"}, "P-2": {"first_name": "Wei"}}
NOTES = [("P-1", "A note.", "waiting"), ("P-1", "Another.", "kept"), ("P-3", "Öl.", "marked")]

LAST = 80  # steps: the switch is among them

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
held = {
    "patients": st.dictionaries(text, st.dictionaries(text, text, max_size=3), max_size=5),
    "staff": st.lists(text, max_size=3),
    "notes": st.lists(
        st.tuples(text, text, st.sampled_from(["waiting", "kept", "marked"])),
        max_size=4,
        unique_by=lambda note: note[:2],
    ),
}


@pytest.fixture(autouse=True)
def _no_key_in_environment(monkeypatch):
    for name in (KEY_VARIABLE, NEW_KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "vault"


class Stranger(Vault):
    """Whoever has another key, and the key of the ids besides."""

    def note_key(self) -> bytes:
        return bytes(32)


def copy_of(folder: Path, name: str) -> Path:
    return shutil.copytree(folder.parent, folder.parent.with_name(name)) / folder.name


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.parent.rglob("*") if path.is_file())


@settings(max_examples=30)
@given(**held, at=st.floats(0, 1))
def test_what_is_held_is_the_same_whenever_a_rotation_is_killed(patients, staff, notes, at):
    with place() as folder:
        made(folder, patients, staff, notes)
        before, old = contents(folder), (folder / "key").read_text()
        twin = folder.parent / "twin" / "vault"
        shutil.copytree(folder.parent, twin.parent, ignore=shutil.ignore_patterns("twin"))
        steps = steps_of(partial(rotate, twin))
        shutil.rmtree(twin.parent)
        died_at(int(at * steps), partial(rotate, folder))
        assert contents(folder) == before
        assert sorted(path.name for path in folder.iterdir()) == ["key", "vault.sqlite"]
        if (folder / "key").read_text() != old:
            assert old.encode() not in every_byte(folder)
        rotate(folder)
        assert contents(folder) == before
        assert (folder / "key").read_text() != old


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full") / "site" / "vault"
    made(folder, PATIENTS, ["Ada Quill"], NOTES)
    return folder


def test_killed_before_and_after_writes_one_key_opens(full):
    """Before the switch at some of its writes, around it and after it at every one."""
    before, old = contents(full), (full / "key").read_text()
    steps = steps_of(partial(rotate, copy_of(full, "counted")), writes=True)
    changed = []
    for step in (*range(0, steps - LAST, 12), *range(steps - LAST, steps)):
        folder = copy_of(full, f"step_{step}")
        assert died_at(step, partial(rotate, folder), writes=True)
        assert contents(folder) == before, step
        assert sorted(path.name for path in folder.iterdir()) == ["key", "vault.sqlite"], step
        new = (folder / "key").read_text() != old
        assert not new or old.strip().encode() not in every_byte(folder), step
        changed.append(new)
        shutil.rmtree(folder.parent)
    assert changed == sorted(changed)  # one switch, and no way back
    assert 20 < changed.count(True) < LAST - 5


def test_the_command_that_finishes_may_be_killed_as_well(full):
    before = contents(full)
    steps = steps_of(partial(rotate, copy_of(full, "counted_again")), writes=True)
    for step in range(steps, 0, -1):
        folder = copy_of(full, f"half_{step}")
        died_at(step, partial(rotate, folder), writes=True)
        if (folder / "vault.sqlite.next").exists():
            break
    assert (folder / "rotated").exists()  # the last step at which no new file had its name
    steps = steps_of(partial(Vault.open, copy_of(folder, "counted_half")), writes=True)
    for step in range(steps):
        again = copy_of(folder, f"again_{step}")
        assert died_at(step, partial(Vault.open, again), writes=True)
        assert contents(again) == before, step
        shutil.rmtree(again.parent)
    for step in range(0, steps, 3):  # and one after another at the same vault
        died_at(step, partial(Vault.open, folder), writes=True)
    assert contents(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["key", "vault.sqlite"]


@pytest.mark.parametrize("committed", [False, True])
def test_with_the_key_in_the_environment_the_old_or_the_new_one_opens(
    tmp_path, monkeypatch, committed
):
    old, new = b64encode(b"k" * 32).decode(), b64encode(b"n" * 32).decode()
    monkeypatch.setenv(KEY_VARIABLE, old)
    folder = tmp_path / "vault"
    made(folder, PATIENTS, notes=NOTES)
    before = contents(folder)
    monkeypatch.setenv(NEW_KEY_VARIABLE, new)
    twin = copy_of(folder, f"{tmp_path.name}_twin")
    steps = steps_of(partial(rotate, twin), writes=True)
    died_at(steps - 8 if committed else steps // 2, partial(rotate, folder), writes=True)
    if committed:
        with pytest.raises(StoreError, match="wrong key") as caught:
            Vault.open(folder)
        assert NEW_KEY_VARIABLE in caught.value.hint
        monkeypatch.setenv(KEY_VARIABLE, new)
    assert contents(folder) == before


@settings(max_examples=25)
@given(**held, wrong=st.binary(min_size=32, max_size=32))
def test_no_other_key_opens_anything(patients, staff, notes, wrong):
    with place() as folder:
        made(folder, patients, staff, notes)
        rotate(folder)
        ids = quarantine(folder, Vault.open(folder)).ids()
        (folder / "key").write_text(b64encode(wrong).decode())
        with pytest.raises(StoreError, match="wrong key"):
            Vault.open(folder)
        stranger = Vault(folder, wrong)
        for act in (stranger.keys, stranger.note_key, lambda: stranger.put_patients([("P", {})])):
            with pytest.raises(StoreError, match="wrong key"):
                act()
        if patients:
            with pytest.raises(StoreError, match="wrong key"):
                list(stranger)
        queue = quarantine(folder, Stranger(folder, wrong))
        assert queue.closed() == ids


@settings(max_examples=25)
@given(patients=st.dictionaries(text, st.dictionaries(text, text), min_size=2, max_size=5))
def test_rows_in_each_others_place_or_from_before_are_refused(patients):
    with place() as folder:
        made(folder, patients)
        early = rows_of(folder)
        rotate(folder)
        late = rows_of(folder)
        assert not {row[0] for row in early} & {row[0] for row in late}
        for given_rows in (late[1:] + late[:1], early):
            with sqlite3.connect(folder / "vault.sqlite") as connection:
                for (row_id, *_), (_, nonce, body) in zip(late, given_rows, strict=True):
                    connection.execute(
                        "UPDATE sealed SET nonce = ?, body = ? WHERE id = ?", (nonce, body, row_id)
                    )
            connection.close()
            vault = Vault.open(folder)
            for patient in patients:
                with pytest.raises(StoreError, match="altered"):
                    vault.patient(patient)
            vault.close()
            with pytest.raises(StoreError, match="altered"):
                rotate(folder)  # what does not open must not be lost


def rows_of(folder: Path) -> list[tuple[str, bytes, bytes]]:
    connection = sqlite3.connect(folder / "vault.sqlite")
    rows = connection.execute("SELECT id, nonce, body FROM sealed WHERE kind = 'patient'")
    found = rows.fetchall()
    connection.close()
    return found
