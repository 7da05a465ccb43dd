"""Where a PostgreSQL server is, as ``site.yaml`` says it, and how a connection to it is made."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from gateway.errors import SiteError, StoreError

if TYPE_CHECKING:
    import psycopg

__all__ = ["Address", "is_address"]

_SCHEMES = ("postgresql://", "postgres://")
_SECRETS = frozenset({"password", "sslpassword", "oauth_client_secret"})
_TIMEOUT_S = 10
_KEEPALIVE_S = 60
_OLDEST = 120_000
"""PostgreSQL 12, the first that writes the shortest text which is the same double."""

# What a role or a database may have set otherwise, and what rows, names or durability would then
# depend on. The path is narrow because the server runs a function of "public" in place of its own
# where the types fit better, with this role's rights (CVE-2018-1058).
_SETTINGS = {
    "search_path": "pg_catalog",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "extra_float_digits": "1",
    "datestyle": "ISO",
    "synchronous_commit": "on",
}
_environment = Lock()


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
        if _SECRETS & said.keys():
            raise SiteError(
                "the store's address holds a password",
                hint="take it out of site.yaml; put it into ~/.pgpass, or PGPASSWORD",
            )

    def parameters(self) -> dict[str, Any]:
        """What libpq is told. Over a network the server's certificate is verified, unless the
        address says otherwise, or the service that it names: what libpq does by default anybody
        on the way could read. Text travels as UTF-8, whatever the environment says.
        """
        said: dict[str, Any] = _psycopg().conninfo.conninfo_to_dict(self.uri)
        if not said.get("sslmode"):
            said.pop("sslmode", None)
            if not _of_service(said) and not all(map(_local, _hosts(said))):
                said["sslmode"] = "verify-full"
        said.setdefault("connect_timeout", _TIMEOUT_S)
        said.setdefault("keepalives_idle", _KEEPALIVE_S)
        said.setdefault("application_name", "osteon")
        return said | {"client_encoding": "UTF8"}

    def connect(self, **settings: str) -> psycopg.Connection[Any]:
        """A connection that commits each statement, with the server's ``settings`` beside ours.
        StoreError where there is none to be had, or the database cannot hold a registry.
        """
        driver, said = _psycopg(), self.parameters()
        options = (f"-c {name}={value}" for name, value in (_SETTINGS | settings).items())
        said["options"] = " ".join((said.get("options", ""), *options)).strip()
        try:
            with _verified_unless_said(said):
                made: psycopg.Connection[Any] = driver.connect(**said, autocommit=True)
        except driver.Error:
            raise StoreError(
                "the database server lets nobody in",
                hint="does it run at the address in site.yaml, under a certificate that this "
                "machine trusts, without a pooler between, and is the role's password in "
                "~/.pgpass? psql tells more",
            ) from None
        try:
            _check_server(made)
        except BaseException:
            made.close()
            raise
        return made


def _check_server(made: psycopg.Connection[Any]) -> None:
    """StoreError for a database that would hold other texts or numbers than it was given."""
    if made.info.parameter_status("server_encoding") != "UTF8":
        raise StoreError(
            "the database does not hold its texts as UTF-8",
            hint="CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
        )
    if made.info.server_version < _OLDEST:
        raise StoreError(
            "the database server is too old", hint=f"PostgreSQL {_OLDEST // 10_000} or newer"
        )


def _psycopg() -> Any:
    try:
        import psycopg
        import psycopg.conninfo
    except ModuleNotFoundError:
        raise SiteError(
            "a store on PostgreSQL needs psycopg", hint="pip install 'osteon[postgres]'"
        ) from None
    return psycopg


def _of_service(said: Mapping[str, Any]) -> bool:
    return "service" in said or "PGSERVICE" in os.environ


@contextmanager
def _verified_unless_said(said: Mapping[str, Any]) -> Iterator[None]:
    """A service file may say where the server is and how it is trusted. libpq reads it, and asks
    the environment for what is missing there: the one place that does not overrule the file.
    """
    if "sslmode" in said or not _of_service(said) or "PGSSLMODE" in os.environ:
        yield
        return
    with _environment:
        os.environ["PGSSLMODE"] = "verify-full"
        try:
            yield
        finally:
            del os.environ["PGSSLMODE"]


def _hosts(said: Mapping[str, Any]) -> list[str]:
    """Where libpq connects to, as it looks for it: of an address with ``hostaddr`` not the host."""
    places = (
        said.get("hostaddr"),
        os.environ.get("PGHOSTADDR"),
        said.get("host"),
        os.environ.get("PGHOST"),
    )
    return next(filter(None, places), "").split(",")


def _local(host: str) -> bool:
    """A socket of this machine, or its loopback. Names are not looked up."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
