"""The vault: nothing readable at rest, nothing swappable, nothing half-written."""

import base64
import sqlite3

import pytest

from deid.own.patient import Patient
from gateway.errors import SiteError, StoreError
from gateway.registry.vault import KEY_VARIABLE, Vault

PATIENTS = [
    ("P-0001", {"first_name": "Vera", "mrn": "00482913"}),
    ("P-0002", {"first_name": "Wei"}),
]


@pytest.fixture(autouse=True)
def _no_key_in_environment(monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture
def vault(tmp_path):
    made = Vault.create(tmp_path / "vault")
    made.put_patients(PATIENTS)
    return made


def test_what_goes_in_comes_out(vault, tmp_path):
    again = Vault.open(tmp_path / "vault")
    assert again.keys() == vault.keys()
    assert again.patient("P-0001") == {"first_name": "Vera", "mrn": "00482913"}
    assert again.patient("P-9999") is None
    assert sorted(again) == PATIENTS
    assert len(again) == 2


def test_nothing_is_readable_at_rest(vault, tmp_path):
    raw = b"".join(path.read_bytes() for path in (tmp_path / "vault").glob("vault.sqlite*"))
    for secret in (b"Vera", b"00482913", b"P-0001", b"first_name", vault.keys().date_key):
        assert secret not in raw
    assert (tmp_path / "vault" / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "vault" / "vault.sqlite").stat().st_mode & 0o777 == 0o600


def test_rows_cannot_be_swapped(vault, tmp_path):
    with sqlite3.connect(tmp_path / "vault" / "vault.sqlite") as connection:
        rows = connection.execute(
            "SELECT id, nonce, body FROM sealed WHERE kind = 'patient'"
        ).fetchall()
        for (row_id, *_), (_, nonce, body) in zip(rows, reversed(rows), strict=True):
            connection.execute(
                "UPDATE sealed SET nonce = ?, body = ? WHERE id = ?", (nonce, body, row_id)
            )
    with pytest.raises(StoreError):
        vault.patient("P-0001")


def test_an_altered_bit_is_noticed(vault, tmp_path):
    with sqlite3.connect(tmp_path / "vault" / "vault.sqlite") as connection:
        (body,) = connection.execute("SELECT body FROM sealed WHERE id = 'keys'").fetchone()
        altered = bytes([body[0] ^ 1]) + body[1:]
        connection.execute("UPDATE sealed SET body = ? WHERE id = 'keys'", (altered,))
    with pytest.raises(StoreError):
        Vault.open(tmp_path / "vault")


def test_putting_is_all_or_nothing(vault):
    def broken():
        yield "P-0003", {"first_name": "Ann"}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        vault.put_patients(broken())
    assert vault.patient("P-0003") is None
    vault.put_patients([("P-0001", {"first_name": "Vera M."})])
    assert vault.patient("P-0001") == {"first_name": "Vera M."}
    assert len(vault) == 2


def test_the_key_may_live_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(b"k" * 32).decode())
    made = Vault.create(tmp_path / "vault")
    assert not (tmp_path / "vault" / "key").exists()
    assert Vault.open(tmp_path / "vault").keys() == made.keys()
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(b"j" * 32).decode())
    with pytest.raises(StoreError):
        Vault.open(tmp_path / "vault")
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.raises(SiteError, match="key is missing"):
        Vault.open(tmp_path / "vault")


def test_misuse_is_refused(vault, tmp_path, monkeypatch):
    with pytest.raises(SiteError, match="exists"):
        Vault.create(tmp_path / "vault")
    with pytest.raises(SiteError, match="no vault"):
        Vault.open(tmp_path / "other")
    (tmp_path / "vault" / "key").chmod(0o644)
    with pytest.raises(SiteError, match="others may read"):
        Vault.open(tmp_path / "vault")
    monkeypatch.setenv(KEY_VARIABLE, "not base64!")
    with pytest.raises(SiteError, match="base64"):
        Vault.open(tmp_path / "vault")


def test_two_vaults_have_different_keys(tmp_path):
    assert Vault.create(tmp_path / "a").keys() != Vault.create(tmp_path / "b").keys()


def test_whom_the_site_met_is_remembered_as_fingerprints(vault, tmp_path):
    assert not vault.met().has_family("Roe")
    vault.meet([Patient("P1", "Jane", "Roe", "00771204")])
    assert vault.meet(staff=["Ada Quill, MD"]).has_family("Roe")
    again = Vault.open(tmp_path / "vault").met()
    assert [name for name in ("Roe", "Quill", "Jane") if again.has_family(name)] == ["Roe", "Quill"]
    assert again.has_number("771204")
    assert again.digest == vault.met().digest
    assert sorted(vault) == PATIENTS
    raw = b"".join(path.read_bytes() for path in (tmp_path / "vault").glob("vault.sqlite*"))
    for secret in (b"Roe", b"roe", b"quill", b"771204"):
        assert secret not in raw


def test_a_vault_from_before_learns_to_remember(vault, tmp_path):
    with sqlite3.connect(tmp_path / "vault" / "vault.sqlite") as connection:
        assert not connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'people'"
        ).fetchone()
    assert vault.meet([Patient("P1", "Jane", "Roe")]).has_family("Roe")
