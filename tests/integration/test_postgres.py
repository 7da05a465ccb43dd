"""A site whose store is a PostgreSQL server: the same registry, and a server that fails."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from federated.aggregate.exact import aggregate
from federated.study.catalogue import Catalogue, Registry
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from gateway.demo.synthetic import generate
from gateway.errors import SiteError, StoreError
from gateway.registry.load import ingest
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder, create_site, open_site
from policies.decode import decode
from policies.library import shipped
from tests.integration.command_line import ROOT, osteon
from tests.postgres import Server
from tests.unit.registry.valve import EXPORT, export, load, make_site, person, rows

SARCOMA = {"dictionary": "sarcoma_v1", "sitemap": "sarcoma_redcap_map"}


@pytest.fixture(scope="module")
def twins(
    postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SiteFolder, SiteFolder]:
    """One export under one vault, in the embedded store and on a server; both published."""
    folder = tmp_path_factory.mktemp("twins")
    made = generate(folder / "exports", seed=11, sites=1, operations=60, notes=0)
    source = folder / "exports" / made.sites[0].site / "redcap.csv"
    create_site(folder / "north", name="north", **SARCOMA)
    shutil.copytree(folder / "north", folder / "south")
    with (folder / "south/site.yaml").open("a", encoding="utf-8") as declared:
        declared.write(f"store: {postgres.database()}\n")
    sites = open_site(folder / "north"), open_site(folder / "south")
    for site in sites:
        ingest(site, source, accept_bad_values=True, notes=False)
        open_store(site).publish(every_days=0, force=False, now=datetime.now(UTC))
    return sites


def test_the_tables_are_the_same(twins: tuple[SiteFolder, SiteFolder]) -> None:
    embedded, server = (open_store(site).current() for site in twins)
    assert embedded is not None
    assert server is not None
    units = [*twins[0].derivations().units]
    assert len(units) >= 3
    for unit in units:
        one, two = (v.arrow(f"unit_{unit}", ("_patient", "_order")) for v in (embedded, server))
        assert one.num_rows > 20
        assert one.equals(two), unit
    volatile = {"created_s"}
    assert {k: v for k, v in server.meta().items() if k not in volatile} == {
        k: v for k, v in embedded.meta().items() if k not in volatile
    }


def test_every_shipped_measure_has_the_same_exact_vector(
    twins: tuple[SiteFolder, SiteFolder],
) -> None:
    site = twins[0]
    catalogue = Catalogue(site.path, Registry(site.dictionary(), site.derivations()))
    shelf = "sarcoma_v1/"
    measures = [n.removeprefix(shelf) for n in shipped("measures") if n.startswith(shelf)]
    assert len(measures) > 15
    filled = 0
    for name in measures:
        study = {
            "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
            "ask": [{"measure": name, "by": ["sex"]}], "privacy": {"epsilon": 1.0},
        }  # fmt: skip
        plan = compile_study(resolve(decode(StudyFile, study, where="t"), catalogue), catalogue)
        vectors = []
        for each in twins:
            snapshot = open_store(each).published()
            assert snapshot is not None
            backend = snapshot.connect()
            try:
                vectors.append(list(aggregate(plan, backend).exact_values()))
            finally:
                backend.disconnect()
        assert vectors[0] == vectors[1], name
        filled += any(vectors[0])
    assert filled > 10


def test_extracts_are_the_same(twins: tuple[SiteFolder, SiteFolder], tmp_path: Path) -> None:
    files = [tmp_path / "north.csv", tmp_path / "south.csv"]
    for site, file in zip(twins, files, strict=True):
        osteon("site", "extract", site.path, "case", file)
    assert files[0].read_bytes() == files[1].read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.registry.load import ingest
from gateway.registry.store import postgres
from gateway.site.config import open_site

def copied(self, bench, table, copy=postgres._Schema._copy):
    copy(self, bench, table)
    os.kill(os.getpid(), signal.SIGKILL)

postgres._Schema._copy = copied
ingest(open_site(Path(sys.argv[1])), Path(sys.argv[2]))
"""


def test_kill_9_with_half_the_tables_copied_leaves_nothing(
    postgres: Server, tmp_path: Path
) -> None:
    address = postgres.database()
    site = make_site(tmp_path, store=address)
    first = load(site)
    other = export(tmp_path, EXPORT + person("B2"), "other.csv")
    command = [sys.executable, "-c", KILLED, str(site.path), str(other)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    current = open_store(site).current()
    assert current is not None
    assert current.name == first.version
    assert load(site, EXPORT + person("B2")).changed
    assert len(rows(site, "person")) == 2
    with psycopg.connect(address) as connection:
        query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'osteon%'"
        names = {row[0] for row in connection.execute(query)}
    assert len(names) == 3, "pointers and two versions, and no half of one"


def test_a_server_that_cuts_the_load_changes_nothing(postgres: Server, tmp_path: Path) -> None:
    address = postgres.database()
    site = make_site(tmp_path, store=address)
    load(site)

    def cut(step: str, done: int, total: int) -> None:
        if step == "store":
            with psycopg.connect(address, autocommit=True) as connection:
                query = (
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE application_name = 'osteon' AND datname = current_database()"
                )
                connection.execute(query)

    other = export(tmp_path, EXPORT + person("B2"), "other.csv")
    with pytest.raises(StoreError) as refused:
        ingest(site, other, progress=cut)
    assert "Quibbleworth" not in str(refused.value)
    assert len(rows(site, "person")) == 1
    assert ingest(site, other).changed
    assert len(rows(site, "person")) == 2


def test_two_folders_of_one_name_do_not_load_into_each_other(
    postgres: Server, tmp_path: Path
) -> None:
    address = postgres.database()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    load(make_site(tmp_path / "one", store=address))
    with pytest.raises(StoreError, match="another site folder"):
        load(make_site(tmp_path / "two", store=address))


def test_a_server_that_is_not_there_and_a_password_in_the_address_are_told(
    tmp_path: Path, postgres: Server
) -> None:
    site = make_site(tmp_path, store=postgres.address("no_such_database"))
    said = osteon("site", "ingest", site.path, export(tmp_path), status=1).stderr
    assert "the database server lets nobody in" in said
    assert "no_such_database" not in said
    for name, address, words in (
        ("p", "postgresql://osteon:secret@db.example.org/registry", "holds a password"),
        ("q", "postgresql://osteon@db.example.org/registry?nonsense=1", "not one that PostgreSQL"),
        ("r", "mysql://osteon@db.example.org/registry", "neither duckdb nor"),
    ):
        with pytest.raises(SiteError, match=words) as refused:
            create_site(tmp_path / name, store=address, **SARCOMA)
        assert "secret" not in str(refused.value)
        assert not (tmp_path / name).exists()
