"""From a file to published tables: what is kept, what is not, and what happens when it goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import PublishRefused, StoreError
from gateway.registry.load import ingest
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder
from tests.unit.registry.valve import (
    EXPORT,
    HEADER,
    defect,
    export,
    fixlist,
    load,
    make_site,
    person,
    rows,
    visit,
)

SECRETS = (b"Quibbleworth", b"1928-04-05", b"zebra remark", b"Dr Zwicky", b"03601", b"2021-03-01")


@pytest.fixture(params=["duckdb", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> SiteFolder:
    """A site with each kind of store."""
    if request.param == "duckdb":
        return make_site(tmp_path)
    return make_site(tmp_path, store=request.getfixturevalue("postgres").database())


def test_an_export_becomes_units(site: SiteFolder) -> None:
    report = load(site)
    assert report.changed
    assert (report.kind, report.rows, report.patients) == ("redcap", 5, 1)
    assert report.units == {"person": 1, "defect": 2, "visit": 2}
    [patient] = rows(site, "person")
    assert patient["sex"] == "2"
    assert (patient["races___1"], patient["races___2"]) == (True, False)
    first, second = sorted(rows(site, "defect"), key=lambda row: row["found"])
    assert (first["nr"], first["first_defect"], first["year"]) == (2, True, 2020)
    assert (second["nr"], second["first_defect"], second["days"]) == (1, False, 61)
    assert second["height"] == 170


def test_dates_are_days_from_the_anchor(site: SiteFolder) -> None:
    load(site)
    assert sorted(row["found"] for row in rows(site, "defect")) == [0, 425]
    assert {row["seen"] for row in rows(site, "visit")} == {456, 486}
    assert rows(site, "person")[0]["last_seen"] == 486


def test_identifiers_and_free_text_stay_out(site: SiteFolder) -> None:
    load(site)
    columns = set(rows(site, "visit")[0])
    assert not columns & {"code", "surname", "born", "remark", "ward"}
    [patient] = rows(site, "person")
    assert patient["zip"] == "000"  # 036 stands for few people
    assert patient["age"] == 90
    doctors = {row["doctor"] for row in rows(site, "visit")}
    assert len(doctors) == 1
    assert "Zwicky" not in doctors.pop()


def test_no_file_of_the_site_shows_a_secret(site: SiteFolder) -> None:
    load(site)
    for path in site.path.rglob("*"):
        if path.is_file() and path not in (site.fixlist_path, site.missing_path):
            content = path.read_bytes()
            assert not [secret for secret in (*SECRETS, b"A1,") if secret in content], path


def test_the_vault_knows_who_it_was(site: SiteFolder) -> None:
    from gateway.registry.vault import Vault

    load(site)
    [patient] = rows(site, "person")
    vault = Vault.open(site.vault_path)
    assert vault.keys().pseudonym("A1") == patient["_patient"]
    found = vault.patient("A1")
    assert found is not None
    assert found["surname"] == "Quibbleworth"
    assert found["pseudonym"] == patient["_patient"]


def test_the_limited_profile_keeps_ages_and_still_no_calendar_dates(tmp_path: Path) -> None:
    site = make_site(tmp_path, profile="limited_dataset")
    load(site)
    [patient] = rows(site, "person")
    assert patient["age"] == 93
    assert patient["zip"] == "03601"
    assert sorted(row["found"] for row in rows(site, "defect")) == [0, 425]
    version = open_store(site).current()
    assert version is not None
    [[anchor]] = version.rows("SELECT anchor FROM calendar")
    assert 0 < abs((anchor - datetime(2020, 1, 1, tzinfo=UTC).date()).days) <= 364


def test_the_same_file_again_changes_nothing(site: SiteFolder) -> None:
    first = load(site)
    before = {p: p.stat().st_mtime_ns for p in site.store_path.iterdir()}
    again = load(site)
    assert not again.changed
    assert again.version == first.version
    assert {p: p.stat().st_mtime_ns for p in site.store_path.iterdir()} == before


@pytest.mark.parametrize("name", ["fixlist.csv", "missing.csv", "duplicates.csv"])
def test_a_list_that_a_spreadsheet_has_spoilt_is_made_again_by_the_same_file(
    tmp_path: Path, name: str
) -> None:
    """What the commands that read it say to do."""
    site = make_site(tmp_path)
    text = HEADER + person(sex="") + defect(score="7")
    load(site, text)
    path = site.path / name
    whole = path.read_bytes()
    for spoilt in (whole.replace(b",", b";"), whole + b"\xe4,1\n", None):
        path.unlink()
        if spoilt is not None:
            path.write_bytes(spoilt)
        assert load(site, text).changed
        assert path.read_bytes() == whole
    assert not load(site, text).changed


def test_another_file_is_a_new_version_and_old_ones_go(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    store = open_store(site)
    versions = []
    for count in range(1, 7):
        text = EXPORT + "".join(visit(instance=str(i + 3)) for i in range(count))
        versions.append(load(site, text).version)
        if count == 1:
            store.publish(every_days=90, force=False, now=datetime.now(UTC))
    left = {path.stem for path in site.store_path.glob("2*.duckdb")}
    assert versions[0] in left, "the published version stays"
    assert versions[-1] in left, "the current version stays"
    assert len(left) == 4


def test_the_order_of_rows_is_the_same_in_every_load(site: SiteFolder) -> None:
    many = "".join(visit(instance=str(i), seen=f"2021-06-{i:02}") for i in range(3, 20))
    load(site, EXPORT + many)
    before = {row["seen"]: row["_order"] for row in rows(site, "visit")}
    lines = (EXPORT + many).splitlines(keepends=True)
    load(site, lines[0] + "".join(reversed(lines[1:])))
    after = {row["seen"]: row["_order"] for row in rows(site, "visit")}
    assert before == after
    assert sorted(before.values()) == list(range(1, 20))
    assert [before[day] for day in sorted(before)] != list(range(1, 20)), "not the file's order"


def test_keyed_rows_keep_their_order_in_a_table_sorted_anew(site: SiteFolder) -> None:
    rows_of = [f"A,{nr},2021-01-{nr:02}\n" for nr in range(1, 10)]
    load(site, "code,nr,found\n" + "".join(rows_of))
    before = {row["nr"]: row["_order"] for row in rows(site, "defect")}
    load(site, "code,nr,found\n" + "".join(reversed(rows_of)))
    assert {row["nr"]: row["_order"] for row in rows(site, "defect")} == before


def test_patients_who_opt_out_are_not_stored(site: SiteFolder) -> None:
    text = EXPORT + person("B2", consent="3", height="zebra") + defect("B2") + visit("B2")
    report = load(site, text)
    assert (report.patients, report.excluded) == (1, 1)
    assert len(rows(site, "visit")) == 2
    assert not [line for line in fixlist(site) if line["record"] == "B2"]


def test_a_withdrawal_publishes_at_once(site: SiteFolder) -> None:
    store = open_store(site)
    load(site, EXPORT + person("B2"))
    old = store.publish(every_days=90, force=False, now=datetime.now(UTC))
    report = load(site, EXPORT + person("B2", consent="3"))
    assert (report.withdrawn, report.published) == (1, True)
    new = store.published()
    assert new is not None
    assert new.id != old.id
    assert new.version == store.current()


def test_a_withdrawal_is_published_by_the_next_load_if_the_first_was_killed_before(
    site: SiteFolder,
) -> None:
    store, withdrawn = open_store(site), EXPORT + person("B2", consent="3")
    load(site, EXPORT + person("B2"))
    store.publish(every_days=90, force=False, now=datetime.now(UTC))
    export = site.path / "withdrawn.csv"
    export.write_text(withdrawn, encoding="utf-8")
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from gateway.registry.load import ingest\n"
        "from gateway.registry.store.store import Store\n"
        "from gateway.site.config import open_site\n"
        "Store.publish = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "ingest(open_site(Path(sys.argv[1])), Path(sys.argv[2]))\n"
    )
    command = [sys.executable, "-c", code, str(site.path), str(export)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    published, current = store.published(), store.current()
    assert published is not None
    assert published.version != current  # the patient is still in what queries read
    report = ingest(site, export)
    assert (report.changed, report.withdrawn, report.published) == (False, 1, True)
    published = store.published()
    assert published is not None
    assert published.version == current
    assert not ingest(site, export).published


def test_a_load_without_withdrawal_publishes_nothing(site: SiteFolder) -> None:
    store = open_store(site)
    load(site)
    old = store.publish(every_days=90, force=False, now=datetime.now(UTC))
    report = load(site, EXPORT + person("B2", consent="3"))
    assert (report.withdrawn, report.published) == (0, False)
    assert store.published() == old


def test_publishing_waits_for_its_time_unless_forced(site: SiteFolder) -> None:
    store, now = open_store(site), datetime(2026, 1, 1, tzinfo=UTC)
    load(site)
    first = store.publish(every_days=90, force=False, now=now)
    assert len(bytes.fromhex(first.id)) == 16
    assert store.publish(every_days=90, force=False, now=now).id == first.id
    load(site, EXPORT + person("B2"))
    with pytest.raises(PublishRefused, match="2026-04-01"):
        store.publish(every_days=90, force=False, now=now + timedelta(days=89))
    assert store.published() == first
    forced = store.publish(every_days=90, force=True, now=now + timedelta(days=1))
    assert forced.id != first.id
    later = store.publish(every_days=90, force=False, now=now + timedelta(days=400))
    assert later.id == forced.id, "nothing new was loaded"


def test_two_loads_at_once_are_refused(site: SiteFolder) -> None:
    with open_store(site).writing(), pytest.raises(StoreError, match="another load"):
        load(site)
    load(site)
    with open_store(site).writing():
        assert not load(site).changed  # what changes nothing needs no lock


KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.registry.load import ingest
from gateway.site.config import open_site

def die(step, done, total):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

ingest(open_site(Path(sys.argv[1])), Path(sys.argv[2]), progress=die)
"""


@pytest.mark.parametrize("step", ["validate", "de-identify", "store"])
def test_a_killed_load_leaves_the_old_version(site: SiteFolder, tmp_path: Path, step: str) -> None:
    first = load(site)
    other = export(tmp_path, EXPORT + person("B2"), "other.csv")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(site.path), str(other), step],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    current = open_store(site).current()
    assert current is not None
    assert current.name == first.version
    assert len(rows(site, "person")) == 1
    load(site, EXPORT + person("B2"))
    assert len(rows(site, "person")) == 2
    assert not [p for p in site.store_path.iterdir() if p.name.startswith((".new", ".spill"))]


def test_the_command_line_loads_reports_and_publishes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from gateway.cli.main import main

    site, source = make_site(tmp_path), export(tmp_path)
    folder = str(site.path)

    def said(*words: str) -> Any:
        with pytest.raises(SystemExit) as stopped:
            main(["site", *words, "--json"])
        assert not stopped.value.code
        return json.loads(capsys.readouterr().out)

    assert said("ingest", folder, str(source))["patients"] == 1
    assert said("ingest", folder, str(source))["changed"] is False
    quality = said("quality", folder)
    heights = [e for e in quality["completeness"] if e["element"] == "height"]
    assert (heights[0]["applies"], heights[0]["answered"], heights[0]["known"]) == (1, 1, 1)
    assert len(said("publish", folder)["snapshot"]) == 32
    extract = said("extract", folder, "defect", str(tmp_path / "out.csv"))
    assert extract["rows"] == 2
    assert "A1" not in (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert "codebook" in extract["codebook"]
