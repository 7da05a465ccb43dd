"""Each store, empty."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.registry.store.address import Address
from gateway.registry.store.embedded import DuckDBStore
from gateway.registry.store.postgres import PostgresStore
from gateway.registry.store.store import Store


@pytest.fixture(params=["duckdb", "postgres"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """Opens the same store as another process would."""
    folder = tmp_path / "store"
    folder.mkdir()
    if request.param == "duckdb":
        return lambda: DuckDBStore(folder)
    address = Address(request.getfixturevalue("postgres").database())
    return lambda: PostgresStore(address, "north", folder)


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    return reopen()
