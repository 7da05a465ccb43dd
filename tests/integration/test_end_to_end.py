"""Three sites and a coordinator as real processes: the same answer after every kind of death.

Data: lung cancer by institution (lifelines), loaded through the real folders.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
import yaml
from lifelines.datasets import load_lung

from federated.privacy.ledger import Ledger
from federated.privacy.release import Release
from gateway.client import Client
from gateway.demo.local import LocalNetwork
from gateway.registry.store.opening import open_store
from gateway.site.config import open_site

SITES = ("inst_1", "inst_12", "inst_13")
STUDY = """
title: Men
purpose: DUO:0000006
dictionary: lung
unit: patient
ask:
  - measure: male_share
privacy: {epsilon: %s}
"""


def osteon(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway.cli.main", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def wait(what, seconds=60.0):
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def network(tmp_path_factory, postgres):
    """One of the sites has its store on a PostgreSQL server."""
    folder = tmp_path_factory.mktemp("lung_network")
    network = LocalNetwork(folder, "lung", SITES, dictionary="lung", sitemap="lung_map")
    network.found()
    with (network.site_dir("inst_12") / "site.yaml").open("a", encoding="utf-8") as declared:
        declared.write(f"store: {postgres.database()}\n")
    lung = load_lung()
    for site in SITES:
        export = folder / f"{site}.csv"
        rows = lung[lung["inst"] == int(site.removeprefix("inst_"))]
        rows.to_csv(export, index_label="patient_id")
        site_dir = network.site_dir(site)
        path = site_dir / "policy.yaml"
        policy = yaml.safe_load(path.read_text())
        policy["budget"] = {"study_epsilon": 2, "year_epsilon": 4, "life_epsilon": 10}
        path.write_text(yaml.safe_dump(policy))
        for words in (
            ("site", "ingest", site_dir, export),
            ("site", "publish", site_dir),
            ("policy", "sign", site_dir),
        ):
            done = osteon(*words)
            assert done.returncode == 0, done.stderr
    with network:
        with Client(network.home) as client:
            wait(lambda: all(m.attached and m.policy for m in client.network()))
        yield network


@pytest.fixture
def study(tmp_path):
    def write(epsilon):
        path = tmp_path / f"study_{epsilon}.yaml"
        path.write_text(STUDY % epsilon)
        return path

    return write


def attached(client, *sites):
    return lambda: {m.name for m in client.network() if m.attached} >= set(sites)


def detached(client, site):
    return lambda: site not in {m.name for m in client.network() if m.attached}


def spent(network):
    return {site: Ledger(network.site_dir(site) / "ledger.sqlite").spent().life for site in SITES}


def figures(result):
    return [(row.site, row.estimate, row.lower, row.upper) for row in result.rows]


def test_the_same_answer_after_kill_9_of_every_process(network, study):
    path = study(0.5)
    with Client(network.home) as client:
        first = client.run(path, min_sites=3)
    before = spent(network)
    for name in (*SITES, "coordinator"):
        network.stop(name, signal.SIGKILL)
    network.start_coordinator()
    for site in SITES:
        network.start_node(site)
    with Client(network.home) as client:
        wait(attached(client, *SITES))
        again = client.run(path, min_sites=3)
    assert figures(again) == figures(first)
    assert not any(site.charged for site in again.sites)
    assert spent(network) == before


def test_a_changed_policy_rolls_no_noise_again_and_holds_for_the_next_question(network, study):
    """The officer signs a stricter policy while the node runs; no process is started anew."""
    site, path = SITES[0], network.site_dir(SITES[0]) / "policy.yaml"
    before = path.read_text()

    def sign(**changes):
        policy = yaml.safe_load(path.read_text())
        policy |= {"serial": policy["serial"] + 1} | changes
        path.write_text(yaml.safe_dump(policy))
        done = osteon("policy", "sign", network.site_dir(site))
        assert done.returncode == 0, done.stderr

    budget = yaml.safe_load(before)["budget"]
    with Client(network.home) as client:
        first = client.run(study(0.45), min_sites=3)
        charged = spent(network)
        sign(budget=budget | {"study_epsilon": 0.46}, reply_quantum_ms=0)
        assert figures(client.run(study(0.45), min_sites=3)) == figures(first)
        assert spent(network) == charged
        refused = client.run(study(0.47), min_sites=2)
    (reasons,) = [one.reasons for one in refused.sites if one.site == site]
    assert reasons == ("study_over_budget",)
    assert spent(network)[site] == charged[site]
    sign(budget=budget, reply_quantum_ms=250)


def test_a_dead_site_is_named_and_the_others_answer(network, study):
    network.stop("inst_12", signal.SIGKILL)
    try:
        with Client(network.home) as client:
            wait(detached(client, "inst_12"))
            result = client.run(study(0.6), min_sites=2, deadline_s=6)
        outcomes = {site.site: site.state for site in result.sites}
        assert outcomes == {"inst_1": "answered", "inst_12": "no_reply", "inst_13": "answered"}
        few = osteon(
            "study", "submit", study(0.61), "--as", network.home, "--yes", "--min-sites", 3,
            "--deadline", 4,
        )  # fmt: skip
        assert few.returncode == 5
        assert "inst_12" in few.stderr
    finally:
        network.start_node("inst_12")


def test_a_coordinator_killed_mid_study_goes_on_where_it_was(network, study):
    with Client(network.home) as client:
        wait(attached(client, *SITES))
        network.stop("inst_13", signal.SIGKILL)
        wait(detached(client, "inst_13"))
        study_id = client.submit(client.read(study(0.7)), min_sites=3, deadline_s=90)
        network.stop("coordinator", signal.SIGKILL)
    network.start_coordinator()
    network.start_node("inst_13")
    with Client(network.home) as client:
        client.wait(study_id)
        result = client.result(study_id)
    assert {site.state for site in result.sites} == {"answered"}


def test_a_restored_backup_of_the_ledger_restores_no_budget(network, study):
    ledger = network.site_dir("inst_1") / "ledger.sqlite"
    connection = sqlite3.connect(ledger)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    backup = ledger.with_name("backup.sqlite")
    shutil.copy(ledger, backup)
    with Client(network.home) as client:
        wait(attached(client, *SITES))
        client.run(study(0.8), sites=["inst_1"])
        total = spent(network)["inst_1"]
        network.stop("inst_1", signal.SIGKILL)
        for leftover in ledger.parent.glob("ledger.sqlite*"):
            leftover.unlink()
        shutil.copy(backup, ledger)
        network.start_node("inst_1")
        wait(attached(client, "inst_1"))
        wait(lambda: Ledger(ledger).behind)
        refused = osteon(
            "study", "submit", study(0.81), "--as", network.home, "--yes", "--sites", "inst_1",
            "--deadline", 8,
        )  # fmt: skip
        assert refused.returncode != 0
        assert "ledger" in refused.stderr
        network.stop("inst_1")
        assert osteon("ledger", "resolve", network.site_dir("inst_1"), "--yes").returncode == 0
        assert spent(network)["inst_1"] == total
        network.start_node("inst_1")
        wait(attached(client, "inst_1"))
        client.run(study(0.82), sites=["inst_1"])
    assert spent(network)["inst_1"] > total


def test_exit_codes_tell_what_happened(network, study, tmp_path):
    with Client(network.home) as client:
        wait(attached(client, *SITES))
    submit = ("--as", network.home, "--yes", "--deadline", 20)
    too_much = osteon("study", "submit", study(2.5), *submit)
    assert (too_much.returncode, "the site allows for one study" in too_much.stderr) == (3, True)
    unknown = tmp_path / "unknown.yaml"
    unknown.write_text((STUDY % 0.1).replace("male_share", "male_shore"))
    bad = osteon("study", "submit", unknown, *submit)
    assert bad.returncode == 2
    assert "male_shore" in bad.stderr
    last = None
    for i in range(8):
        last = osteon("study", "submit", study(1.9 + i / 1000), *submit, "--json")
        if last.returncode:
            break
    assert last.returncode == 4, last.stderr
    assert "budget_" in last.stderr


def test_a_result_as_json_and_as_a_report(network, study, tmp_path):
    report = tmp_path / "report.html"
    path = study(0.5)
    done = osteon(
        "study", "submit", path, "--as", network.home, "--yes", "--json", "--out", report
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {row["statistic"] for row in json.loads(done.stdout)["rows"]} == {"male_share"}
    assert "<svg" in report.read_text(encoding="utf-8")


def test_logs_and_audit_carry_no_record_and_no_number(network):
    """No pseudonym and no released number of a site appears in a log of any process."""
    logs = [network.folder / f"{name}.log" for name in (*SITES, "coordinator")]
    said = "".join(log.read_text() for log in logs)
    for site in SITES:
        site_dir = network.site_dir(site)
        audit = osteon("site", "audit", site_dir, "--json")
        assert audit.returncode == 0, audit.stderr
        said += audit.stdout
        backend = open_store(open_site(site_dir)).published().connect()
        patients = backend.raw_sql("SELECT _patient FROM unit_patient").fetchall()
        backend.disconnect()
        assert len(patients) > 10
        assert not [p for (p,) in patients if p in said]
        connection = sqlite3.connect(site_dir / "ledger.sqlite")
        bodies = connection.execute("SELECT body FROM release WHERE state = 'answered'").fetchall()
        connection.close()
        assert bodies
        for (body,) in bodies:
            values = ", ".join(str(v) for v in Release.from_bytes(body).values)
            assert values not in said
            assert values.replace(" ", "") not in said
