"""The store that ``site.yaml`` declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.registry.store.embedded import DuckDBStore
from gateway.registry.store.store import Store

if TYPE_CHECKING:
    from gateway.site.config import SiteFolder

__all__ = ["open_store"]


def open_store(site: SiteFolder) -> Store:
    """Embedded unless the site says otherwise. SiteError for an address that is none."""
    if site.config.store == "duckdb":
        return DuckDBStore(site.store_path)
    from gateway.registry.store.address import Address
    from gateway.registry.store.postgres import PostgresStore

    return PostgresStore(Address(site.config.store), site.config.site, site.store_path)
