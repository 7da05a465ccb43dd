"""A project loaded through REDCap's API: the real PyCap against a server on loopback."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import NetworkError, SourceError
from gateway.registry.load import LoadReport, ingest
from gateway.registry.sources import redcap_answers, redcap_api, redcap_client
from gateway.registry.sources.redcap_api import ApiRows, project_at, read_project
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.config import SiteFolder
from tests.integration.certificate import write_certificate
from tests.integration.command_line import ROOT, osteon
from tests.integration.fake_redcap import TOKEN, FakeRedcap, listen, serving
from tests.integration.redcap_project import User
from tests.integration.valve_redcap import faked, valve_project
from tests.unit.registry.valve import (
    EXPORT,
    HEADER,
    defect,
    load,
    make_site,
    person,
    rows,
    visit,
)

OTHER = "F" * 32


MORTAL = """
import sys, time
from tests.integration.fake_redcap import serving
from tests.integration.valve_redcap import faked
from tests.unit.registry.valve import HEADER, person

fake = faked(HEADER + "".join(person(f"P{i}") for i in range(250)))
fake.dies_at = int(sys.argv[2]) or None
with serving(fake, port=int(sys.argv[1])):
    print("up", flush=True)
    time.sleep(120)
"""


def server(port: int, *, dies_at: int) -> subprocess.Popen[str]:
    """A server of 250 records in a process that ends at its ``dies_at``-th request (0: never)."""
    found = subprocess.Popen(
        [sys.executable, "-c", MORTAL, str(port), str(dies_at)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert found.stdout is not None
    assert found.stdout.readline() == "up\n"
    return found


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return make_site(tmp_path)


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[FakeRedcap, str]]:
    fake = faked()
    with serving(fake) as address:
        yield fake, address


def read(fake: FakeRedcap, token: str = TOKEN) -> ApiRows:
    with serving(fake) as address:
        return read_project(project_at(address, token), sleep=lambda _: None)


def ingested(site: SiteFolder, fake: FakeRedcap, **options: Any) -> LoadReport:
    with serving(fake) as address:
        return ingest(site, project_at(address, TOKEN), **options)


def test_a_project_loads_as_its_export_does(site: SiteFolder, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    by_file = make_site(tmp_path / "other")
    load(by_file)
    report = ingested(site, faked())
    assert (report.kind, report.source, report.rows) == ("redcap api", "127.0.0.1 project 17", 5)
    assert (report.vanished, report.warnings) == ((), ())

    def content(of: SiteFolder, unit: str) -> list[dict[str, Any]]:
        hidden = {"_patient", "_order", "doctor"}  # these depend on the site's own keys
        found = [{k: v for k, v in row.items() if k not in hidden} for row in rows(of, unit)]
        return sorted(found, key=str)

    for unit in ("person", "defect", "visit"):
        assert content(site, unit) == content(by_file, unit)


def test_the_same_content_is_the_same_load_in_whatever_order_it_comes(site: SiteFolder) -> None:
    text = EXPORT + person("B2") + visit("B2") + visit("B2", "10") + visit("B2", "9")
    fake = faked(text)
    first = ingested(site, fake)
    assert first.changed
    project = fake.tokens[TOKEN][0]
    random.Random(5).shuffle(project.rows)
    again = ingested(site, fake)
    assert (again.changed, again.version) == (False, first.version)
    project.rows[0]["person_complete"] = "1"
    assert ingested(site, fake).changed


def test_records_come_in_batches_and_none_is_lost() -> None:
    codes = [f"P{i}" for i in range(250)]
    fake = faked(HEADER + "".join(person(code) for code in codes))
    source = read(fake)
    assert fake.asked == ["project", "metadata", *["record"] * 4]
    assert {row[0] for _, row in source.rows()} == set(codes)
    assert [number for number, _ in source.rows()] == list(range(1, 251))


def test_a_number_comes_with_a_point_whatever_the_project_writes() -> None:
    fake = faked(HEADER + person(height='"170,5"'))
    source = read(fake)
    height = source.header.index("height")
    assert [row[height] for _, row in source.rows()] == ["170.5"]


def test_events_and_arms_stay_apart(site: SiteFolder) -> None:
    project = valve_project(HEADER + person() + visit(instance="1"))
    again = dict(project.rows[1])
    project.rows = [
        {"code": row["code"], "redcap_event_name": event, **row}
        for row, event in (
            (project.rows[0], "start_arm_1"),
            (project.rows[1], "start_arm_1"),
            (again, "later_arm_1"),
            (again, "later_arm_2"),
        )
    ]
    names = ("start_arm_1", "later_arm_1", "later_arm_2")
    project.events = [{"unique_event_name": name, "arm_num": name[-1]} for name in names]
    report = ingested(site, FakeRedcap({TOKEN: (project, User())}))
    assert report.problems.get("duplicate") is None
    assert report.units["visit"] == 3


def test_a_repeating_event_has_many_rows(site: SiteFolder) -> None:
    project = valve_project(HEADER + person() + defect() + visit() + visit(seen="2021-05-01"))
    names = ("start_arm_1", "start_arm_1", "visit_arm_1", "visit_arm_1")
    project.rows = [
        {"code": row["code"], "redcap_event_name": event, **row}
        for row, event in zip(project.rows, names, strict=True)
    ]
    for number, row in enumerate(project.rows[2:], start=1):
        row.update(redcap_repeat_instrument="", redcap_repeat_instance=str(number))
    project.events = [{"unique_event_name": n, "arm_num": "1"} for n in dict.fromkeys(names)]
    report = ingested(site, FakeRedcap({TOKEN: (project, User())}))
    assert report.problems == {}
    assert report.units == {"person": 1, "defect": 1, "visit": 2}


@pytest.mark.parametrize(
    ("fault", "says", "hint"),
    [
        ("401", "a login is asked for", "API"),
        ("404", "no API at this address", "/api/"),
        ("403", "a firewall or proxy before REDCap", "ask IT"),
        ("400", "refuses the request (status 400)", "Full Data Set"),
        ("redirect", "redirects to elsewhere.example.org", "redcap+https://"),
        ("page", "a web page, not with data", "proxy"),
        ("error", "REDCap refuses the request", "Full Data Set"),
    ],
)
def test_an_answer_that_is_none_is_told_at_once(fault: str, says: str, hint: str) -> None:
    fake = faked()
    fake.faults = [fault]
    with pytest.raises(SourceError) as caught:
        read(fake)
    assert says in caught.value.message
    assert hint in str(caught.value.hint)
    assert len(fake.asked) == 1
    assert TOKEN not in repr(caught.value) + str(caught.value.__cause__)
    assert "Quibbleworth" not in caught.value.message


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        ("503", NetworkError, "status 503"),
        ("429", NetworkError, "status 429"),
        ("cut", SourceError, "breaks off"),
        ("blank", SourceError, "breaks off"),
        ("break", SourceError, "breaks off"),
    ],
)
def test_what_another_attempt_may_mend_is_tried_four_times(
    fault: str, error: type[Exception], says: str
) -> None:
    fake, pauses = faked(), []
    with serving(fake) as address:
        project = project_at(address, TOKEN)
        fake.faults = [fault] * 3
        assert read_project(project, sleep=pauses.append).header
        assert pauses == [1, 3, 9]
        fake.faults = [fault] * 4
        with pytest.raises(error, match=says):
            read_project(project, sleep=pauses.append)


def test_a_token_that_is_not_the_projects_is_refused_without_being_shown() -> None:
    with pytest.raises(SourceError, match="does not accept the token") as caught:
        read(faked(), OTHER)
    assert OTHER not in caught.value.message


def test_a_user_without_export_right_is_told_which_right_is_missing() -> None:
    with pytest.raises(SourceError, match="may not export this") as caught:
        read(faked(user=User("none")))
    assert "API Export" in str(caught.value.hint)


@settings(max_examples=60)
@given(
    st.integers(0, 3),
    st.binary(max_size=40)
    | st.sampled_from([b"[" * 100_000, b"[" + b"9" * 5000 + b"]", b'[{"code": "A1"}]', b"[]"])
    | st.recursive(
        st.none() | st.text(max_size=4) | st.integers() | st.sampled_from(["code", "A1"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["code", "field_name", "error", ""]), inner)
        ),
    ).map(lambda plain: json.dumps(plain).encode()),
)
def test_whatever_a_server_answers_is_data_or_a_sentence(
    shared: tuple[FakeRedcap, str], at: int, body: bytes
) -> None:
    fake, address = shared
    fake.faults = [*[""] * at, *[body] * 8]
    try:
        source = read_project(project_at(address, TOKEN), sleep=lambda _: None)
        assert {len(row) for _, row in source.rows()} == {len(source.header)}
    except (SourceError, NetworkError) as error:
        assert TOKEN not in error.message  # noqa: PT017 - either is right


def test_no_proxy_hears_what_is_asked_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert read(faked()).header


def test_an_answer_beyond_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redcap_answers, "ANSWER_BYTES_MAX", 1024)
    fake = faked()
    fake.faults = ["large"]
    with pytest.raises(SourceError, match="more than 0 MB at once"):
        read(fake)


def test_large_answers_are_asked_for_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEADER + "".join(person(f"P{i}") for i in range(100))
    whole = read(faked(text))
    monkeypatch.setattr(redcap_answers, "ANSWER_BYTES_MAX", 40_000)
    fake = faked(text)
    halved = read(fake)
    assert list(halved.rows()) == list(whole.rows())
    assert halved.sha256 == whole.sha256
    assert fake.asked.count("record") > 3


def test_a_project_without_records_is_refused() -> None:
    with pytest.raises(SourceError, match="no records that the token may export"):
        read(faked(HEADER))


def test_a_project_larger_than_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redcap_api, "KEPT_BYTES_MAX", 100)
    with pytest.raises(SourceError, match="larger than memory may hold"):
        read(faked())


def test_hidden_record_names_are_refused() -> None:
    fake = faked(user=User("de-identified"))
    fake.tokens[TOKEN][0].fields[0]["identifier"] = "y"
    with pytest.raises(SourceError, match="1 of 1 records") as caught:
        read(fake)
    assert "hides the records' names" in str(caught.value.hint)


def test_records_that_vanish_during_the_export_are_told() -> None:
    fake = faked(EXPORT + person("B2"))
    project = fake.tokens[TOKEN][0]
    whole = project.export

    def export(given: Any, user: User) -> Any:
        columns, found = whole(given, user)
        return columns, [row for row in found if row["code"] != "B2" or not given["records"]]

    project.export = export  # type: ignore[method-assign]
    with pytest.raises(SourceError, match="1 of 2 records") as caught:
        read(fake)
    assert "deleted meanwhile" in str(caught.value.hint)


def test_a_server_that_nobody_runs_is_told() -> None:
    bound = listen()
    port = bound.getsockname()[1]
    bound.close()
    pauses: list[float] = []
    with pytest.raises(NetworkError, match="cannot be reached") as caught:
        read_project(project_at(f"redcap+http://127.0.0.1:{port}/api/", TOKEN), sleep=pauses.append)
    assert caught.value.code == "refused"
    assert len(pauses) == 3


def test_a_server_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redcap_client, "_TIMEOUT_S", (0.2, 0.2))
    bound = listen()
    address = f"redcap+http://127.0.0.1:{bound.getsockname()[1]}/api/"
    pauses: list[float] = []
    with pytest.raises(NetworkError, match="no answer in time") as caught:
        read_project(project_at(address, TOKEN), sleep=pauses.append)
    bound.close()
    assert (caught.value.code, len(pauses)) == ("timeout", 3)


def test_a_name_that_no_server_has_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    project = project_at("redcap+https://redcap.invalid/api/", TOKEN)
    with pytest.raises(NetworkError, match="no server of that name") as caught:
        read_project(project)
    assert caught.value.code == "dns"


def test_a_missing_pycap_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redcap", None)
    with pytest.raises(SourceError, match="pycap is missing") as caught:
        read_project(project_at("redcap+https://redcap.example.org/api/", TOKEN))
    assert "pip install" in str(caught.value.hint)


def test_a_certificate_must_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = write_certificate(tmp_path)
    with serving(faked(), certificate=certificate) as address:
        project = project_at(address, TOKEN)
        with pytest.raises(NetworkError, match="certificate is not trusted") as caught:
            read_project(project)
        assert caught.value.code == "tls"
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert read_project(project).header


@pytest.mark.parametrize(
    ("user", "vanished", "says"),
    [
        (
            User("no identifiers"),
            ("surname", "born", "zip", "doctor"),
            "exactly the identifiers are missing: this token may export without identifiers only",
        ),
        (
            User("de-identified"),
            ("surname", "born", "zip", "remark", "found", "seen", "doctor"),
            "this token may export de-identified data only",
        ),
        (
            User(hidden=frozenset({"visit"})),
            ("of", "seen", "doctor", "beats"),
            "nothing of the form visit is there",
        ),
    ],
)
def test_fields_that_an_export_right_strips_are_told(
    site: SiteFolder, user: User, vanished: tuple[str, ...], says: str
) -> None:
    report = ingested(site, faked(user=user))
    assert report.vanished == vanished
    [warning] = report.warnings
    assert says in warning
    assert "Full Data Set" in warning
    again = ingested(site, faked(user=user))
    assert (again.changed, again.warnings) == (False, report.warnings)


@pytest.mark.parametrize("may_list", [True, False])
def test_a_token_that_sees_one_group_only_is_told(site: SiteFolder, may_list: bool) -> None:
    text = EXPORT + person("B2").replace(",north,", ",south,")
    says = "the token's user is in a data access group" if may_list else "cannot tell whether"
    report = ingested(site, faked(text, user=User(group="north", groups=may_list)))
    assert report.patients == 1
    assert [said.startswith(says) for said in report.warnings] == [True]
    whole = ingested(site, faked(text, user=User(groups=True)))
    assert (whole.patients, whole.warnings) == (2, ())
    less = ingested(site, faked(text, user=User(group="north", groups=may_list)))
    assert (less.patients, less.changed) == (1, True)
    gone = [said for said in less.warnings if said.startswith("1 of 2 patients of the load before")]
    assert len(gone) == 1
    again = ingested(site, faked(text, user=User(group="north", groups=not may_list)))
    assert (again.changed, gone[0] in again.warnings) == (False, True)
    assert any(said.startswith("cannot tell") for said in again.warnings) == may_list


def test_patients_who_opt_out_are_not_missed(site: SiteFolder) -> None:
    ingested(site, faked(EXPORT + person("B2"), user=User(groups=True)))
    text = EXPORT + person("B2", consent="3")
    report = ingested(site, faked(text, user=User(groups=True)))
    assert (report.patients, report.excluded, report.warnings) == (1, 1, ())


def test_a_field_that_the_project_lacks_is_told_apart_from_one_that_is_withheld(
    site: SiteFolder,
) -> None:
    fake = faked(user=User("no identifiers"))
    project = fake.tokens[TOKEN][0]
    project.fields = [one for one in project.fields if one["field_name"] != "ward"]
    withheld, lacking = ingested(site, fake).warnings
    assert "4 fields (surname, born, zip, doctor)" in withheld
    assert "1 element (ward) of the dictionary is not in this project" in lacking


def test_a_mapped_field_that_is_withheld_is_refused(site: SiteFolder) -> None:
    mapping = Path(str(site.config.map))
    mapping.write_text("dictionary: valve\nelements: {remark: {from: surname}}", encoding="utf-8")
    with pytest.raises(SourceError, match="'surname': is read by the site map") as caught:
        ingested(site, faked(user=User("no identifiers")))
    assert "Full Data Set" in str(caught.value.hint)


def test_the_projects_missing_data_codes_are_used(site: SiteFolder) -> None:
    text = HEADER + person(sex="NASK", height="-999") + defect(found="NASK")
    report = ingested(site, faked(text, missing="-999, Unknown | NASK, Not asked"))
    assert report.problems == {}
    [patient] = rows(site, "person")
    assert (patient["sex"], patient["height"]) == (None, None)
    with pytest.raises(SourceError, match="3 cells are wrong"):
        ingested(site, faked(text))


def test_codes_that_the_map_does_not_list_are_told_and_their_boxes_are_no_fault(
    site: SiteFolder,
) -> None:
    mapping = Path(str(site.config.map))
    mapping.write_text(
        "dictionary: valve\nmissing: {codes: [NASK]}\n"
        "elements: {races: {from: origin}, remark: {from: remark}}",
        encoding="utf-8",
    )
    fake = faked(EXPORT, missing="-999, Unknown | NASK, Not asked")
    project = fake.tokens[TOKEN][0]
    for row in (*project.fields, *project.rows):
        for name, value in list(row.items()):
            if name.startswith("races"):
                row[name.replace("races", "origin")] = row.pop(name)
            elif value == "races":
                row[name] = "origin"
    [warning] = ingested(site, fake).warnings
    assert "does not list under `missing`: -999" in warning


def test_a_server_that_dies_in_the_middle_leaves_the_old_version(site: SiteFolder) -> None:
    old = load(site).version
    bound = listen()
    port = bound.getsockname()[1]
    bound.close()
    address = f"redcap+http://127.0.0.1:{port}/api/"
    with server(port, dies_at=5) as dying:
        with pytest.raises(NetworkError, match="cannot be reached, or ended the connection"):
            ingest(site, project_at(address, TOKEN))
        assert dying.wait(10) == 9
    current = DuckDBStore(site.store_path).current()
    assert current is not None
    assert current.name == old
    assert not list(site.store_path.glob(".spill-*"))
    with server(port, dies_at=0) as alive:
        try:
            assert ingest(site, project_at(address, TOKEN)).patients == 250
        finally:
            alive.kill()


@pytest.mark.slow
def test_the_command_takes_the_token_from_file_environment_or_input(
    site: SiteFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSTEON_REDCAP_TOKEN", raising=False)
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n", encoding="utf-8")
    with serving(faked(user=User("no identifiers"))) as address:
        ingest_it = ("site", "ingest", site.path, address)
        said = osteon(*ingest_it, status=2).stderr
        assert "OSTEON_REDCAP_TOKEN" in said
        token.chmod(0o644)
        assert "chmod 600" in osteon(*ingest_it, "--token-file", token, status=2).stderr
        token.chmod(0o600)
        told = osteon(*ingest_it, "--token-file", token).stdout
        assert "(redcap api): 5 rows, 1 patients" in told
        assert "WARNING: the export does not hold 4 fields" in told
        again = osteon(*ingest_it, "--token-file", "-", "--json", given=TOKEN)
        plain = json.loads(again.stdout)
        assert (plain["changed"], plain["vanished"]) == (
            False,
            ["surname", "born", "zip", "doctor"],
        )
        monkeypatch.setenv("OSTEON_REDCAP_TOKEN", TOKEN)
        assert "nothing changed" in osteon(*ingest_it).stdout
        shown = osteon("site", "audit", site.path).stdout
    assert "ingest" in shown
    for path in site.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert TOKEN.encode() not in content, path
            assert b"Quibbleworth" not in content, path
    assert TOKEN not in shown + told
