"""Who opts out is in no version of the store any more, wherever that load is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import psycopg
import pytest

from gateway.registry.load import ingest
from gateway.registry.store.opening import open_store
from gateway.registry.vault import Vault
from gateway.site.config import SiteFolder
from tests.integration.command_line import ROOT
from tests.unit.registry.valve import EXPORT, export, load, make_site, person

KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.registry.load import ingest
from gateway.registry.store.store import Store
from gateway.site.config import open_site

Store.forget = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
ingest(open_site(Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.fixture(params=["duckdb", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> SiteFolder:
    if request.param == "duckdb":
        return make_site(tmp_path)
    return make_site(tmp_path, store=request.getfixturevalue("postgres").database())


def held(site: SiteFolder) -> list[set[str]]:
    """The patients of each version, the oldest first, as who looks at the disk would see them."""
    address = site.config.store
    if address == "duckdb":
        found = []
        for file in sorted(site.store_path.glob("*.duckdb")):
            with duckdb.connect(str(file), read_only=True) as version:
                rows = version.execute("SELECT _patient FROM unit_person").fetchall()
                found.append({row[0] for row in rows})
        return found
    with psycopg.connect(address) as connection:
        query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'osteon%-%' ORDER BY 1"
        tables = [f'"{row[0]}".unit_person' for row in connection.execute(query)]
        rows = [connection.execute(f"SELECT _patient FROM {t}".encode()) for t in tables]
        return [{row[0] for row in each} for each in rows]


@pytest.mark.parametrize("published", [True, False])
@pytest.mark.parametrize("killed", [True, False])
def test_who_opts_out_is_in_no_version(
    site: SiteFolder, tmp_path: Path, published: bool, killed: bool
) -> None:
    gone = Vault.open(site.vault_path).keys().pseudonym("B2")
    both = EXPORT + person("B2")
    load(site, both)
    if published:
        open_store(site).publish(every_days=0, force=True, now=datetime.now(UTC))
    load(site, both + person("C3"))
    load(site, both + person("D4"))
    assert [gone in patients for patients in held(site)] == [True] * 3
    out = export(tmp_path, EXPORT + person("B2", consent="3"), "out.csv")
    if killed:
        command = [sys.executable, "-c", KILLED, str(site.path), str(out)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        assert done.returncode == -signal.SIGKILL
        assert any(gone in patients for patients in held(site))
    assert ingest(site, out).changed is not killed
    assert len(held(site)) == 1
    assert gone not in held(site)[0]


def test_who_had_opted_out_before_takes_no_version_along(site: SiteFolder) -> None:
    out = EXPORT + person("B2", consent="3")
    load(site, out)
    load(site, out + person("C3"))
    load(site, out + person("D4"))
    assert len(held(site)) == 3
