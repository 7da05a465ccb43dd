"""One version of a registry on a PostgreSQL server: a schema that nobody writes to any more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gateway.errors import StoreError
from gateway.registry.bench import quoted
from gateway.registry.store.address import Address

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresVersion"]

_BATCH_ROWS = 10_000


@dataclass(frozen=True)
class PostgresVersion:
    """See :class:`~gateway.registry.store.store.Version`."""

    name: str
    schema: str
    address: Address

    def connect(self) -> Any:
        """See :class:`~gateway.registry.store.store.Version`. One transaction that has touched
        the version, so that nobody drops it before ``disconnect``.
        """
        import ibis

        connection = self._reader()
        try:
            with _told(self.name):
                connection.autocommit = False
                connection.execute("SELECT 1 FROM meta")
            return ibis.postgres.from_connection(connection)
        except BaseException:
            connection.close()
            raise

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """See :class:`~gateway.registry.store.store.Version`."""
        with _told(self.name), self._reader() as connection:
            return connection.execute(sql.encode()).fetchall()

    def arrow(self, table: str, order: Iterable[str]) -> pa.Table:
        """See :class:`~gateway.registry.store.store.Version`."""
        by = ", ".join(quoted(column) for column in order)
        query = f"SELECT * FROM {quoted(table)} ORDER BY {by}".encode()
        with (
            _told(self.name),
            self._reader() as connection,
            connection.transaction(),
            # A cursor of the server's: otherwise all rows would lie here as text beforehand.
            connection.cursor("rows") as cursor,
        ):
            cursor.execute(query, binary=True)
            heads = cursor.description or []
            shape = pa.schema([(head.name, _arrow_type(head.type_code)) for head in heads])
            batches = []
            while rows := cursor.fetchmany(_BATCH_ROWS):
                columns = zip(*rows, strict=True)
                arrays = [pa.array(c, f.type) for c, f in zip(columns, shape, strict=True)]
                batches.append(pa.record_batch(arrays, schema=shape))
        return pa.Table.from_batches(batches, schema=shape)

    def meta(self) -> dict[str, Any]:
        """See :class:`~gateway.registry.store.store.Version`."""
        try:
            found: dict[str, Any] = json.loads(self.rows("SELECT json FROM meta")[0][0])
        except (ValueError, IndexError) as error:
            raise _unreadable(self.name) from error
        return found

    def _reader(self) -> psycopg.Connection[Any]:
        """Reads only, and this version first. ``jit`` costs a registry's tables more than it
        gives.
        """
        return self.address.connect(
            search_path=quoted(self.schema), default_transaction_read_only="on", jit="off"
        )


def _unreadable(name: str) -> StoreError:
    return StoreError(
        f"the store's version {name} cannot be read",
        hint="load the last export again: osteon site ingest",
    )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """The server's messages may quote rows: only what kind of error it was is told."""
    import psycopg

    try:
        yield
    except psycopg.errors.UndefinedTable:
        raise StoreError(f"the store's version {name} lacks a table asked for") from None
    except psycopg.Error:
        raise _unreadable(name) from None


def _arrow_type(oid: int) -> pa.DataType:
    from psycopg.postgres import types

    return {
        types["bool"].oid: pa.bool_(),
        types["int4"].oid: pa.int32(),
        types["int8"].oid: pa.int64(),
        types["float8"].oid: pa.float64(),
        types["date"].oid: pa.date32(),
    }.get(oid, pa.string())
