"""What a PostgreSQL server cannot hold, and how one is reached."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from gateway.errors import SiteError, StoreError
from gateway.registry.bench import open_bench
from gateway.registry.store.address import Address
from gateway.registry.store.postgres import PostgresStore
from tests.postgres import Server
from tests.unit.registry.store.contract import NOW, load


@pytest.fixture
def store(postgres: Server, tmp_path: Path) -> PostgresStore:
    return PostgresStore(Address(postgres.database()), "north", tmp_path / "store")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ('"' + "é" * 32 + '" INTEGER', "would cut the name"),
        (", ".join(f"c{i} INTEGER" for i in range(1601)), "PostgreSQL holds 1600"),
    ],
)
def test_what_a_server_cannot_hold_is_told_before(
    store: PostgresStore, tmp_path: Path, columns: str, words: str
) -> None:
    def fill() -> None:
        with store.writing() as draft, open_bench(tmp_path) as bench:
            bench.run(f"CREATE TABLE unit_case ({columns})")
            draft.fill(bench, ["unit_case"], {})

    with pytest.raises(StoreError, match=words):
        fill()
    assert store.current() is None


def test_a_text_that_a_server_cannot_hold_is_not_quoted(
    store: PostgresStore, tmp_path: Path
) -> None:
    def fill() -> None:
        with store.writing() as draft, open_bench(tmp_path) as bench:
            bench.run("CREATE TABLE notes (text VARCHAR)")
            bench.run("INSERT INTO notes VALUES ('Quibble' || chr(0) || 'worth')")
            draft.fill(bench, ["notes"], {})

    with pytest.raises(StoreError, match="zero character") as refused:
        fill()
    assert "Quibble" not in f"{refused.value} {refused.value.hint}"
    assert refused.value.__cause__ is None


def test_a_role_that_may_not_make_schemas_is_told(
    postgres: Server, store: PostgresStore, tmp_path: Path
) -> None:
    load(store, tmp_path / "spill")
    [[database]] = store.current().rows("SELECT current_database()")  # type: ignore[union-attr]
    with psycopg.connect(postgres.address(database), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS stranger")
        connection.execute("CREATE ROLE stranger LOGIN")
    other = PostgresStore(Address(postgres.address(database, "stranger")), "south", tmp_path / "o")
    with pytest.raises(StoreError, match="may not create schemas") as refused:
        load(other, tmp_path / "spill")
    assert "GRANT CREATE" in str(refused.value.hint)


def test_a_name_too_long_for_schemas_is_told(postgres: Server, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="too long") as refused:
        PostgresStore(Address(postgres.database()), "n" * 40, tmp_path)
    assert "30 letters" in str(refused.value.hint)


def test_a_version_that_is_gone_is_told(store: PostgresStore, tmp_path: Path) -> None:
    version = load(store, tmp_path / "spill", NOW)
    with store._address.connect() as connection:
        connection.execute(f'DROP SCHEMA "{version.schema}" CASCADE'.encode())  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="is missing"):
        store.current()


@pytest.mark.parametrize(
    ("uri", "mode"),
    [
        ("postgresql://osteon@db.example.org/registry", "verify-full"),
        ("postgresql://osteon@10.0.0.7/registry", "verify-full"),
        ("postgresql://osteon@db.example.org/registry?sslmode=verify-ca", "verify-ca"),
        ("postgresql://osteon@localhost/registry", None),
        ("postgresql://osteon@[::1]/registry", None),
        ("postgresql:///registry?host=/run/postgresql", None),
        ("postgresql:///?service=osteon", None),
    ],
)
def test_over_a_network_the_servers_certificate_is_verified(uri: str, mode: str | None) -> None:
    assert Address(uri).parameters().get("sslmode") == mode


@pytest.mark.parametrize(
    ("uri", "environment", "mode"),
    [
        ("postgresql://osteon@localhost/registry?hostaddr=10.0.0.7", {}, "verify-full"),
        ("postgresql:///registry?host=/run/postgresql,db.example.org", {}, "verify-full"),
        ("postgresql://localhost,db.example.org/registry", {}, "verify-full"),
        ("postgresql:///registry", {"PGHOST": "db.example.org"}, "verify-full"),
        ("postgresql:///registry?host=/run", {"PGHOSTADDR": "10.0.0.7"}, "verify-full"),
        ("postgresql://osteon@db.example.org/registry?sslmode=", {}, "verify-full"),
        ("postgresql:///registry", {"PGHOST": "/run/postgresql"}, None),
    ],
)
def test_what_libpq_takes_for_the_host_counts(
    monkeypatch: pytest.MonkeyPatch, uri: str, environment: dict[str, str], mode: str | None
) -> None:
    for name in ("PGHOST", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Address(uri).parameters().get("sslmode") == mode


@pytest.mark.parametrize(("said", "mode"), [("", "verify-full"), ("sslmode=require\n", "require")])
@pytest.mark.parametrize("way", ["address", "environment"])
def test_a_service_file_may_say_how_the_server_is_trusted(
    postgres: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    mode: str,
    way: str,
) -> None:
    at = psycopg.conninfo.conninfo_to_dict(postgres.database())
    service = f"[osteon]\nhost={at['host']}\ndbname={at['dbname']}\nuser=postgres\n{said}"
    (tmp_path / "services").write_text(service, encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    monkeypatch.delenv("PGSSLMODE", raising=False)
    if way == "environment":
        monkeypatch.setenv("PGSERVICE", "osteon")
    address = Address("postgresql:///?service=osteon" if way == "address" else "postgresql:///")
    with address.connect() as connection:
        used = {option.keyword: option.val for option in connection.pgconn.info}
    assert used[b"sslmode"] == mode.encode()
    assert "PGSSLMODE" not in os.environ


@pytest.mark.parametrize("secret", ["password", "sslpassword"])
def test_no_secret_stands_in_an_address(secret: str) -> None:
    with pytest.raises(SiteError, match="holds a password") as refused:
        Address(f"postgresql://osteon@db.example.org/registry?{secret}=zebra")
    assert "zebra" not in f"{refused.value} {refused.value.hint}"
