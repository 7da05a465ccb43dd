"""A server with the tables of patients and visits."""

from __future__ import annotations

import ibis
import psycopg
import pytest

from tests.generative.visits import POSTGRES, SCHEMA


@pytest.fixture(scope="module")
def server(postgres):
    """An Ibis backend on a server, with the tables and no rows."""
    with psycopg.connect(postgres.database(), autocommit=True) as connection:
        for table, columns in SCHEMA.items():
            listed = ", ".join(f"{name} {POSTGRES[kind]}" for name, kind in columns.items())
            connection.execute(f"CREATE TABLE {table} ({listed})")
        yield ibis.postgres.from_connection(connection)
