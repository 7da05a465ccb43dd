"""What a server behind REDCap's API may do wrong, and what is told of it; loads stay whole."""

from __future__ import annotations

import json
import os
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
from gateway.registry.load import ingest
from gateway.registry.sources import redcap_answers, redcap_api, redcap_client
from gateway.registry.sources.redcap_api import project_at, read_project
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.config import SiteFolder
from tests.integration.certificate import write_certificate
from tests.integration.command_line import ROOT
from tests.integration.fake_redcap import TOKEN, FakeRedcap, listen, serving
from tests.integration.redcap_reading import read
from tests.integration.valve_redcap import faked
from tests.unit.registry.valve import (
    HEADER,
    load,
    make_site,
    person,
)

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
