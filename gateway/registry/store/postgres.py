"""The store on a PostgreSQL server: a schema per version, and the pointers in a table.

``site.yaml`` names the server (``store: postgresql://osteon@db.example.org/registry``), libpq
finds the password where it always does (``~/.pgpass``, ``PGPASSWORD``, a service file). The
schema ``osteon_<site>`` holds the table ``pointer``; a version lies in ``osteon_<site>-<version>``.

- **Atomic.** A version's schema, its tables and the pointer to it are one transaction, so a load
  that dies leaves nothing, and readers see the old version or the new one.
- **One at a time.** Loads and publishes hold a session's advisory lock, which ends with it.
- **Never raises on data** (D2, D8). Text columns have the collation "C", so that order and
  equality are by code points as in DuckDB; arithmetic that leaves the doubles is NULL by how it
  is compiled (:mod:`federated.aggregate.ibis_expression`).
- **One folder, one store.** The pointer table keeps an id whose twin lies in the site's folder:
  two folders of one name do not load into each other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv

from gateway.errors import StoreError
from gateway.registry.bench import Bench, quoted
from gateway.registry.store.address import Address
from gateway.registry.store.postgres_version import PostgresVersion
from gateway.registry.store.store import (
    KEPT,
    Snapshot,
    Store,
    snapshot_of,
    spare,
    version_name,
)

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresStore"]

NAME_BYTES_MAX = 63
"""PostgreSQL cuts longer names without a word, so that two could become one."""

COLUMNS_MAX = 1600
_BATCH_ROWS = 10_000
_DROP_WAIT = "200ms"
_TYPES = {
    pa.bool_(): "boolean",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.date32(): "date",
    pa.string(): 'text COLLATE "C"',
}


@dataclass(frozen=True)
class _Schema:
    """A draft: a schema in a transaction that is not committed."""

    connection: psycopg.Connection[Any]
    name: str = field(default_factory=lambda: f"osteon-new-{secrets.token_hex(8)}")

    def fill(self, bench: Bench, tables: Iterable[str], meta: dict[str, Any]) -> None:
        with _said():
            self.run(f"CREATE SCHEMA {quoted(self.name)}")
            for table in tables:
                self._copy(bench, table)
            self.run(f"CREATE TABLE {quoted(self.name)}.meta (json text)")
            insert = f"INSERT INTO {quoted(self.name)}.meta VALUES (%s)"
            self.connection.execute(insert.encode(), [json.dumps(meta)])

    def run(self, sql: str) -> None:
        self.connection.execute(sql.encode())

    def _copy(self, bench: Bench, table: str) -> None:
        """Batches as CSV, since Arrow writes it much faster than Python writes rows: NULL is an
        empty cell without quotes, an empty text one with quotes.
        """
        target = f"{quoted(self.name)}.{quoted(table)}"
        found = bench.connection.sql(f"SELECT * FROM {quoted(table)}")
        reader = found.to_arrow_reader(_BATCH_ROWS)
        self.run(f"CREATE TABLE {target} ({_columns(table, reader.schema)})")
        options = pyarrow.csv.WriteOptions(include_header=False)
        copy = f"COPY {target} FROM STDIN (FORMAT csv)".encode()
        with self.connection.cursor() as cursor, cursor.copy(copy) as stream:
            for batch in reader:
                text = BytesIO()
                pyarrow.csv.write_csv(batch, text, options)
                stream.write(text.getvalue())


def _columns(table: str, shape: pa.Schema) -> str:
    if len(shape) > COLUMNS_MAX:
        raise StoreError(
            f"{table} has {len(shape)} columns and PostgreSQL holds {COLUMNS_MAX}",
            hint="leave instruments out of the unit, or use the embedded store",
        )
    for column in shape:
        if len(column.name.encode()) > NAME_BYTES_MAX:
            raise StoreError(
                f'{table}: PostgreSQL would cut the name "{column.name}"',
                hint=f"names of at most {NAME_BYTES_MAX} bytes, or the embedded store",
            )
    return ", ".join(f"{quoted(column.name)} {_TYPES[column.type]}" for column in shape)


class PostgresStore(Store):
    """See :class:`~gateway.registry.store.store.Store`. ``folder`` is the site's own for it."""

    def __init__(self, address: Address, site: str, folder: Path) -> None:
        self._address = address
        self._control = f"osteon_{site}"
        self._owner = folder / "owner"
        longest = len(f"{self._control}-{version_name(datetime(2000, 1, 1))}")  # noqa: DTZ001
        if longest > NAME_BYTES_MAX:
            raise StoreError(
                f'the site\'s name "{site}" is too long for schemas of PostgreSQL',
                hint=f"{NAME_BYTES_MAX - longest + len(site)} letters at most",
            )

    def current(self) -> PostgresVersion | None:
        """See :class:`Store`."""
        pointer = self._pointer("current")
        return None if pointer is None else self._version(pointer["version"])

    def published(self) -> Snapshot | None:
        """See :class:`Store`."""
        pointer = self._pointer("published")
        return None if pointer is None else snapshot_of(pointer, self._version(pointer["version"]))

    @contextmanager
    def writing(self) -> Iterator[_Schema]:
        """See :class:`Store`. A draft is in no version's place before it is adopted."""
        with self._locked() as connection:
            yield _Schema(connection)

    def adopt(self, draft: _Schema, *, now: datetime) -> PostgresVersion:
        """See :class:`Store`."""
        name = version_name(now)
        version = self._named(name)
        with _said():
            draft.run(f"ALTER SCHEMA {quoted(draft.name)} RENAME TO {quoted(version.schema)}")
            _point(draft.connection, self._control, "current", {"version": name})
        self._commit(draft.connection, version)
        self._prune_with(draft.connection)
        return version

    def _commit(self, connection: psycopg.Connection[Any], version: PostgresVersion) -> None:
        """A connection that breaks here leaves open whether the server has done it: ask it."""
        import psycopg

        try:
            connection.commit()
        except psycopg.Error:
            with suppress(StoreError):
                if self.current() == version:
                    return
            raise StoreError(
                "the connection to the database server broke at the end of the load",
                hint="load the file again: either that changes nothing, or it is done then",
            ) from None

    def _named(self, name: str) -> PostgresVersion:
        return PostgresVersion(name, f"{self._control}-{name}", self._address)

    def _version(self, name: str) -> PostgresVersion:
        version = self._named(name)
        query = "SELECT 1 FROM pg_namespace WHERE nspname = %s"
        with _said(), self._address.connect() as connection:
            if connection.execute(query, [version.schema]).fetchone() is None:
                raise StoreError(f"the store's version {name} is missing")
        return version

    def _pointer(self, name: str) -> dict[str, Any] | None:
        import psycopg

        with _said(), self._address.connect() as connection:
            self._check_control(connection)
            try:
                held = self._held(connection)
            except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
                return None
        self._check_owner(held)
        return held.get(name)

    def _held(self, connection: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
        query = f"SELECT name, content FROM {quoted(self._control)}.pointer"
        return dict(connection.execute(query.encode()).fetchall())

    def _check_control(self, connection: psycopg.Connection[Any]) -> None:
        """Whoever owns the schema or its table can have reads and writes there run what they
        like, with the rights of this role.
        """
        query = (
            "SELECT 1 FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid "
            "AND c.relname = 'pointer' WHERE n.nspname = %s AND (pg_get_userbyid(n.nspowner) "
            "<> current_user OR pg_get_userbyid(c.relowner) <> current_user)"
        )
        if connection.execute(query, [self._control]).fetchone() is not None:
            raise StoreError(
                "the store's schema in the database belongs to another role",
                hint=f"who made {self._control}? If it is the site's own: ALTER SCHEMA and ALTER "
                "TABLE … OWNER TO the role named in site.yaml",
            )

    def _check_owner(self, held: dict[str, dict[str, Any]]) -> None:
        owner = held.get("owner")
        mine = self._owner.read_text(encoding="ascii") if self._owner.is_file() else None
        if owner is not None and owner["id"] != mine:
            raise StoreError(
                "the database holds the store of another site folder of this name",
                hint="another database in site.yaml, or another name of the site; in a folder that "
                "was restored, put back its file store/owner",
            )

    def _point(self, name: str, content: dict[str, Any]) -> None:
        with _said(), self._address.connect() as connection:
            _point(connection, self._control, name, content)

    def _prune(self, kept: int = KEPT) -> None:
        with suppress(StoreError), self._address.connect() as connection:
            connection.autocommit = False
            self._prune_with(connection, kept)

    def _prune_with(self, connection: psycopg.Connection[Any], kept: int = KEPT) -> None:
        """A version that somebody still reads stays until the next time, and so does one that
        cannot be dropped now: what was to be done is done by then.
        """
        import psycopg

        with suppress(psycopg.Error):
            for old in self._spare_with(connection, kept):
                try:
                    connection.execute(f"SET LOCAL lock_timeout = '{_DROP_WAIT}'".encode())
                    schema = quoted(self._named(old).schema)
                    connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())
                    connection.commit()
                except psycopg.Error:
                    connection.rollback()

    def _spare(self, kept: int) -> list[str]:
        with _said(), self._address.connect() as connection:
            return self._spare_with(connection, kept)

    def _spare_with(self, connection: psycopg.Connection[Any], kept: int) -> list[str]:
        held = self._held(connection)
        query = (
            "SELECT nspname::text FROM pg_namespace WHERE starts_with(nspname::text, %s) "
            "AND pg_get_userbyid(nspowner) = current_user"
        )
        head = f"{self._control}-"
        names = [row[0].removeprefix(head) for row in connection.execute(query, [head])]
        connection.commit()
        return spare(names, (held.get("current"), held.get("published")), kept)

    @contextmanager
    def _locked(self) -> Iterator[psycopg.Connection[Any]]:
        import psycopg

        with _said(), self._address.connect() as connection:
            lock = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
            if not connection.execute(lock, [self._control]).fetchone()[0]:  # type: ignore[index]
                raise StoreError("another load or publish is running at this site")
            _stay_open(connection)
            self._prepare(connection)
            connection.autocommit = False
            try:
                yield connection
            finally:
                with suppress(psycopg.Error):
                    connection.rollback()
                    # A server may take a while to see that a connection is closed.
                    unlock = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
                    connection.execute(unlock, [self._control])

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        control = quoted(self._control)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {control}".encode())
        pointer = f"{control}.pointer (name text PRIMARY KEY, content jsonb NOT NULL)"
        self._check_control(connection)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {pointer}".encode())
        held = self._held(connection)
        self._check_owner(held)
        if "owner" not in held:
            self._owner.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._owner.is_file():
                self._owner.write_text(secrets.token_hex(16), encoding="ascii")
            mine = {"id": self._owner.read_text(encoding="ascii")}
            _point(connection, self._control, "owner", mine)


def _point(
    connection: psycopg.Connection[Any], control: str, name: str, content: dict[str, Any]
) -> None:
    sql = (
        f"INSERT INTO {quoted(control)}.pointer VALUES (%s, %s::jsonb) "
        "ON CONFLICT (name) DO UPDATE SET content = excluded.content"
    )
    connection.execute(sql.encode(), [name, json.dumps(content)])


def _stay_open(connection: psycopg.Connection[Any]) -> None:
    """Between lock and copy lie hours at a large site, in which a role may not be idle so long."""
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    if connection.info.server_version >= 140_000:
        connection.execute("SET idle_session_timeout = 0")


@contextmanager
def _said() -> Iterator[None]:
    """What the server refuses, without its words, which may quote rows."""
    import psycopg

    try:
        yield
    except psycopg.errors.InsufficientPrivilege:
        raise StoreError(
            "the database role may not create schemas",
            hint="GRANT CREATE ON DATABASE … TO the role named in site.yaml",
        ) from None
    except psycopg.errors.ReadOnlySqlTransaction:
        raise StoreError(
            "the database server only reads for this role",
            hint="is the address in site.yaml that of the primary server?",
        ) from None
    except psycopg.errors.CharacterNotInRepertoire:
        raise StoreError(
            "a text of the export holds a zero character, which PostgreSQL cannot hold",
            hint="take it out where it was entered, or use the embedded store",
        ) from None
    except psycopg.Error as error:
        raise StoreError(
            f"the database server did not do it ({type(error).__name__})",
            hint="nothing was changed; the server's own log says more",
        ) from None
