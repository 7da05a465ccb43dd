"""Where a PostgreSQL server is, as ``site.yaml`` says it, and how a connection to it is made."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.errors import SiteError, StoreError

if TYPE_CHECKING:
    import psycopg

__all__ = ["Address", "is_address"]

_SCHEMES = ("postgresql://", "postgres://")
_TIMEOUT_S = 10


def is_address(text: str) -> bool:
    """Does ``text`` name a PostgreSQL server?"""
    return text.startswith(_SCHEMES)


@dataclass(frozen=True)
class Address:
    """A connection URI of libpq (PostgreSQL manual §32.1.1.2), without a password."""

    uri: str

    def __post_init__(self) -> None:
        """SiteError for what is no URI, for one with a password, and where psycopg is missing."""
        if not is_address(self.uri):
            raise SiteError("the store is neither duckdb nor a postgresql:// address")
        driver = _psycopg()
        try:
            said = driver.conninfo.conninfo_to_dict(self.uri)
        except driver.ProgrammingError:
            raise SiteError(
                "the store's address is not one that PostgreSQL understands",
                hint="postgresql://ROLE@HOST/DATABASE",
            ) from None
        if "password" in said:
            raise SiteError(
                "the store's address holds a password",
                hint="take it out of site.yaml; put it into ~/.pgpass, or PGPASSWORD",
            )

    def parameters(self) -> dict[str, Any]:
        """What libpq is told. Over a network the server's certificate is verified, unless the
        address or the service says otherwise: what libpq does by default anybody on the way
        could read.
        """
        said: dict[str, Any] = _psycopg().conninfo.conninfo_to_dict(self.uri)
        if "service" not in said and not _local(said.get("host", "")):
            said.setdefault("sslmode", "verify-full")
        said.setdefault("connect_timeout", _TIMEOUT_S)
        said.setdefault("application_name", "osteon")
        return said

    def connect(self, options: str = "") -> psycopg.Connection[Any]:
        """A connection that commits each statement; ``options`` are the server's, such as
        ``-c jit=off``. StoreError where there is none to be had.
        """
        driver, said = _psycopg(), self.parameters()
        said["options"] = f"{said.get('options', '')} {options}".strip()
        try:
            made: psycopg.Connection[Any] = driver.connect(**said, autocommit=True)
        except driver.Error:
            raise StoreError(
                "the database server lets nobody in",
                hint="does it run at the address in site.yaml, under a certificate that this "
                "machine trusts, and is the role's password in ~/.pgpass? psql tells more",
            ) from None
        return made


def _psycopg() -> Any:
    try:
        import psycopg
        import psycopg.conninfo
    except ModuleNotFoundError:
        raise SiteError(
            "a store on PostgreSQL needs psycopg", hint="pip install 'osteon[postgres]'"
        ) from None
    return psycopg


def _local(host: str) -> bool:
    """A socket of this machine, or its loopback. Names are not looked up."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
