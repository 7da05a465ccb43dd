"""``osteon site vault`` from the outside: refused while in use, killed at any time, never telling."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path

import pytest

from gateway.registry.quarantine import Quarantine
from gateway.registry.vault import KEY_VARIABLE, Vault
from gateway.registry.vault_key import NEW_KEY_VARIABLE
from gateway.site.audit import AuditLog
from gateway.site.config import create_site
from tests.integration.command_line import ROOT, osteon

ROWS = 10_000
KILLED = ("key.next", "vault.sqlite.next", "vault.sqlite.next", "vault.sqlite.next", "rotated")
"""Files at whose sight, and a moment later, the command is killed."""


@pytest.fixture(autouse=True)
def _no_key_in_environment(monkeypatch):
    for name in (KEY_VARIABLE, NEW_KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "north"
    create_site(folder, dictionary="tcga_sarc")
    return folder


def held(folder: Path) -> tuple[object, ...]:
    vault = Vault.open(folder)
    try:
        assert vault.patient("P-77") == {"first_name": "Vera 77"}
        return vault.keys(), vault.note_key(), sorted(vault)
    finally:
        vault.close()


def kill_at(folder: Path, sight: str, after_seconds: float) -> bool:
    """Start a rotation and kill it; whether it still ran."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli.main", "site", "vault", "rotate", folder],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        if (folder / "vault" / sight).exists():
            time.sleep(after_seconds)
            break
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def test_kill_9_of_a_rotation_of_ten_thousand_patients(site):
    vault = Vault.open(site / "vault")
    vault.put_patients((f"P-{i}", {"first_name": f"Vera {i}"}) for i in range(ROWS))
    vault.close()
    before, chance, killed = held(site / "vault"), random.Random(7), 0
    for sight in KILLED:
        killed += kill_at(site, sight, chance.uniform(0, 0.2) if sight != "rotated" else 0)
        assert held(site / "vault") == before
        assert sorted(path.name for path in (site / "vault").iterdir()) == ["key", "vault.sqlite"]
    assert killed >= 3
    said = json.loads(osteon("site", "vault", "rotate", site, "--json").stdout)
    assert said == {"key": "file", "finished_only": False, "patients": ROWS, "withheld_notes": 0}
    assert held(site / "vault") == before


def test_what_is_said_and_written_down_holds_no_key_and_no_value(site):
    vault = Vault.open(site / "vault")
    vault.put_patients([("P-1", {"first_name": "Veralinda"})])
    vault.close()
    keys = [(site / "vault" / "key").read_text().strip()]
    done = [osteon("site", "vault", "rotate", site)]
    keys.append((site / "vault" / "key").read_text().strip())
    done += [osteon("site", "vault", "key", site), osteon("site", "vault", "key", site, "--json")]
    done.append(osteon("site", "vault", "key", site, "--to", "environment", status=2))
    said = "".join(one.stdout + one.stderr for one in done)
    assert "a fresh key: 1 patient and 0 withheld notes sealed anew" in said
    assert "the key is in: file; it opens" in said
    log = AuditLog(site / "audit.sqlite")
    assert [entry.action for entry in log.entries()] == ["vault rotate"]
    assert log.verify() == 1
    for path in site.rglob("*"):
        if path.is_file():
            assert keys[0].encode() not in path.read_bytes(), path
            assert b"Veralinda" not in path.read_bytes(), path
    assert not any(secret in said for secret in (*keys, "Veralinda", "P-1"))


def test_it_is_refused_while_a_command_has_the_vault(site):
    vault = Vault.open(site / "vault")
    queue = Quarantine(site / "quarantine", vault)
    for words in (("rotate", site), ("key", site, "--to", "keyring")):
        done = osteon("site", "vault", *words, status=1)
        assert "in use: a load, a review" in done.stderr
    assert queue.ids() == []
    vault.close()
    osteon("site", "vault", "rotate", site)


def test_a_load_is_refused_while_the_key_changes(site, tmp_path):
    from gateway.registry.vault_lock import Hold

    (tmp_path / "notes.jsonl").write_text("")
    (tmp_path / "patients.csv").write_text("patient_id,first_name,last_name,mrn,birth_date\n")
    notes = "deid", "notes", tmp_path / "notes.jsonl", tmp_path / "out.jsonl"
    with Hold(site / "vault", alone=True):
        for words in (
            ("site", "ingest", site, tmp_path / "patients.csv"),
            ("deid", "review", site, "--list"),
            (*notes, "--patients", tmp_path / "patients.csv", "--site", site),
        ):
            assert "is changing the vault's key" in osteon(*words, status=1).stderr


def test_a_key_in_the_environment(tmp_path, monkeypatch):
    old, new = (b64encode(os.urandom(32)).decode() for _ in range(2))
    monkeypatch.setenv(KEY_VARIABLE, old)
    site = tmp_path / "north"
    create_site(site, dictionary="tcga_sarc")
    assert NEW_KEY_VARIABLE in osteon("site", "vault", "rotate", site, status=2).stderr
    monkeypatch.setenv(NEW_KEY_VARIABLE, new)
    done = osteon("site", "vault", "rotate", site)
    assert "next: put the key of OSTEON_VAULT_NEW_KEY into OSTEON_VAULT_KEY" in done.stdout
    failed = osteon("site", "vault", "key", site, status=1)
    assert "the vault was rotated: put the key of" in failed.stderr
    monkeypatch.setenv(KEY_VARIABLE, new)
    monkeypatch.delenv(NEW_KEY_VARIABLE)
    assert "environment; it opens" in osteon("site", "vault", "key", site).stdout
    said = f"{done.stdout}{done.stderr}{failed.stdout}{failed.stderr}"
    assert old not in said
    assert new not in said


def test_a_key_in_a_keyring_is_used_by_every_command(tmp_path, site, monkeypatch):
    if not os.environ.get("OSTEON_REQUIRE_ALL"):
        pytest.importorskip("keyring", reason="the extra 'keyring' is not installed")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.file_keyring.FileKeyring")
    monkeypatch.setenv("OSTEON_TEST_KEYRING", str(tmp_path / "ring.json"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    osteon("site", "vault", "key", site, "--to", "keyring")
    assert not (site / "vault" / "key").exists()
    osteon("site", "vault", "rotate", site)
    assert json.loads(osteon("site", "vault", "key", site, "--json").stdout) == {"key": "keyring"}
    assert '"waiting": 0' in osteon("deid", "review", site, "--list", "--json").stdout
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    failed = osteon("deid", "review", site, "--list", status=2)
    assert "no keyring of the operating system can be reached" in failed.stderr
    log = AuditLog(site / "audit.sqlite")
    actions = [entry.action for entry in log.entries()]
    assert actions == ["vault key to keyring", "vault rotate"]
