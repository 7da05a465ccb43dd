"""A server, a database, a role or a neighbour that is not as the store would like it."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from gateway.errors import StoreError
from gateway.registry.store.address import Address
from gateway.registry.store.postgres import PostgresStore
from tests.postgres import Server
from tests.unit.registry.store.contract import NOW, ROWS, load


def run(address: str, *statements: str) -> list[tuple[str, ...]]:
    """The rows of the last statement, as the owner of everything."""
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = [connection.execute(sql.encode()) for sql in statements][-1]
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def address(postgres: Server) -> str:
    return postgres.database()


@pytest.fixture
def store(address: str, tmp_path: Path) -> PostgresStore:
    return PostgresStore(Address(address), "north", tmp_path / "store")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding_is_refused(
    postgres: Server, tmp_path: Path, encoding: str
) -> None:
    name = f"in_{encoding.lower()}"
    like = "LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    run(postgres.address("postgres"), f"CREATE DATABASE {name} ENCODING '{encoding}' {like}")
    store = PostgresStore(Address(postgres.address(name)), "north", tmp_path / "store")
    with pytest.raises(StoreError, match="UTF-8") as refused:
        load(store, tmp_path / "spill")
    assert "ENCODING 'UTF8'" in str(refused.value.hint)
    query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'osteon%'"
    assert run(postgres.address(name), query) == []


@pytest.mark.parametrize(
    "setting",
    [
        "client_encoding = LATIN1",
        "extra_float_digits = -5",
        "datestyle = 'SQL, DMY'",
        "standard_conforming_strings = off",
        "search_path = public",
        "default_transaction_isolation = serializable",
        "idle_session_timeout = '50ms'",
    ],
)
def test_what_a_database_is_set_to_changes_no_value(
    store: PostgresStore, address: str, tmp_path: Path, setting: str
) -> None:
    [[name]] = run(address, "SELECT current_database()")
    run(address, f"ALTER DATABASE {name} SET {setting}")
    version = load(store, tmp_path / "spill")
    found = version.arrow("unit_case", ("_patient", "_order")).to_pylist()
    assert [tuple(row.values()) for row in found] == sorted(ROWS, key=lambda row: row[:2])
    backend = version.connect()
    table = backend.table("unit_case")
    backslash = table.filter(table["text"].contains("\\N")).count()
    assert backend.raw_sql(backend.compile(backslash)).fetchall() == [(1,)]
    backend.disconnect()


def test_text_is_utf8_whatever_the_environment_says(
    store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    version = load(store, tmp_path / "spill")
    monkeypatch.delenv("PGCLIENTENCODING")
    texts = {row[0] for row in version.rows("SELECT text FROM unit_case")}
    assert texts == {row[-1] for row in ROWS}


def test_functions_of_others_are_not_run(
    store: PostgresStore, address: str, tmp_path: Path
) -> None:
    """A function whose types fit better than the server's own would run with our rights."""
    run(
        address,
        "CREATE TABLE public.done (what text)",
        "CREATE FUNCTION public.hashtextextended(text, integer) RETURNS bigint LANGUAGE sql AS "
        "$$ INSERT INTO public.done VALUES ('hash'); SELECT 1::bigint $$",
        "CREATE FUNCTION public.starts_with(name, text) RETURNS boolean LANGUAGE sql AS "
        "$$ INSERT INTO public.done VALUES ('start'); SELECT true $$",
    )
    for day in range(4):
        load(store, tmp_path / "spill", NOW + timedelta(days=day))
    assert run(address, "SELECT what FROM public.done") == []


@pytest.mark.parametrize("reading", [True, False])
def test_a_schema_that_another_role_made_is_not_touched(
    postgres: Server, address: str, store: PostgresStore, tmp_path: Path, reading: bool
) -> None:
    [[name]] = run(address, "SELECT current_database()")
    mallory = "mallory_reads" if reading else "mallory_writes"
    run(
        address,
        f"CREATE ROLE {mallory} LOGIN",
        f"GRANT CREATE ON DATABASE {name} TO {mallory}",
    )
    columns = "(name, content)" if reading else "(name text PRIMARY KEY, content jsonb NOT NULL)"
    ours = "osteon_north.pointer"
    run(
        postgres.address(name, mallory),
        "CREATE SCHEMA osteon_north",
        "CREATE TABLE osteon_north.done (who text)",
        "CREATE FUNCTION osteon_north.note() RETURNS text LANGUAGE sql AS "
        "$$ INSERT INTO osteon_north.done VALUES (current_user); SELECT 'current' $$",
        "CREATE FUNCTION osteon_north.noted() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM osteon_north.note(); RETURN NEW; END $$",
        f"CREATE VIEW {ours} {columns} AS SELECT osteon_north.note(), '{{}}'::jsonb"
        if reading
        else f"CREATE TABLE {ours} {columns}",
        "SELECT 1"
        if reading
        else f"CREATE TRIGGER t BEFORE INSERT ON {ours} FOR EACH ROW "
        "EXECUTE FUNCTION osteon_north.noted()",
        "GRANT ALL ON SCHEMA osteon_north TO public",
        "GRANT ALL ON ALL TABLES IN SCHEMA osteon_north TO public",
    )
    with pytest.raises(StoreError, match="belongs to another role"):
        _ = store.current() if reading else load(store, tmp_path / "spill")
    assert run(address, "SELECT who FROM osteon_north.done") == []


def test_schemas_that_are_no_versions_of_ours_stay(
    postgres: Server, address: str, store: PostgresStore, tmp_path: Path
) -> None:
    load(store, tmp_path / "spill")
    [[name]] = run(address, "SELECT current_database()")
    run(
        address,
        "CREATE ROLE neighbour LOGIN",
        f"GRANT CREATE ON DATABASE {name} TO neighbour",
    )
    kept = {"osteon_north-0backup", "osteon_north-20200101T000000Z-00000000"}
    run(address, 'CREATE SCHEMA "osteon_north-0backup"')
    neighbours = postgres.address(name, "neighbour")
    run(neighbours, 'CREATE SCHEMA "osteon_north-20200101T000000Z-00000000"')
    for day in range(1, 5):
        load(store, tmp_path / "spill", NOW + timedelta(days=day))
    found = {row[0] for row in run(address, "SELECT nspname FROM pg_namespace")}
    assert found >= kept


def test_a_server_that_only_reads_is_told(
    store: PostgresStore, address: str, tmp_path: Path
) -> None:
    [[name]] = run(address, "SELECT current_database()")
    run(address, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="only reads") as refused:
        load(store, tmp_path / "spill")
    assert "primary" in str(refused.value.hint)


@contextmanager
def wire(server: str, cut_after: bytes, *, heals: bool) -> Iterator[str]:
    """A socket before the server's, which hands on the first message that holds ``cut_after``
    and then is dead; the address there.
    """
    behind = psycopg.conninfo.conninfo_to_dict(server)
    folder = Path(tempfile.mkdtemp(prefix="wire-"))
    name = ".s.PGSQL.5432"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / name))
    listener.listen()
    state, opened = {"cut": False}, [listener]
    threads: list[threading.Thread] = []

    def carry(source: socket.socket, target: socket.socket, *, watched: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if watched and cut_after in data and not state["cut"]:
                    state["cut"] = True
                    source.shutdown(socket.SHUT_RDWR)
                    target.sendall(data)
                    return  # the server's answer finds nobody
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            opened.append(client)
            if state["cut"] and not heals:
                client.shutdown(socket.SHUT_RDWR)
                continue
            upstream = socket.socket(socket.AF_UNIX)
            opened.append(upstream)
            upstream.connect(f"{behind['host']}/{name}")
            for ends, watched in (((client, upstream), True), ((upstream, client), False)):
                threads.append(
                    threading.Thread(
                        target=carry, args=ends, kwargs={"watched": watched}, daemon=True
                    )
                )
                threads[-1].start()

    threads.append(threading.Thread(target=serve, daemon=True))
    threads[0].start()
    try:
        yield f"postgresql://postgres@/{behind['dbname']}?host={str(folder).replace('/', '%2F')}"
    finally:
        for one in opened:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(10)
        for one in opened:
            one.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("heals", [True, False])
def test_a_connection_that_breaks_at_the_commit_is_no_lie(
    address: str, tmp_path: Path, heals: bool
) -> None:
    direct = PostgresStore(Address(address), "north", tmp_path / "store")
    old = load(direct, tmp_path / "spill")
    with wire(address, b"COMMIT", heals=heals) as broken:
        store = PostgresStore(Address(broken), "north", tmp_path / "store")
        if heals:
            new = load(store, tmp_path / "spill", NOW + timedelta(days=1))
            assert new.name == getattr(direct.current(), "name", None)
        else:
            with pytest.raises(StoreError, match="broke at the end") as told:
                load(store, tmp_path / "spill", NOW + timedelta(days=1))
            assert "nothing was changed" not in str(told.value.hint)
    assert direct.current() != old
