"""The outer wall: headers on every reply, only this machine's names, nothing but reading."""

from __future__ import annotations

import pytest

from gateway.console import pages
from gateway.console.guard import HEADERS
from gateway.site.config import open_site
from tests.unit.console.conftest import browser, text


@pytest.fixture(scope="module")
def get(served):
    return browser(open_site(served))


@pytest.mark.parametrize(
    "path", ["/", "/budget", "/questions", "/quality", "/status.json", "/console.css", "/nowhere"]
)
def test_every_reply_carries_the_headers(get, path):
    reply = get(path)
    assert {name: reply.headers[name] for name in HEADERS} == HEADERS
    assert "set-cookie" not in reply.headers


def test_nothing_may_run_or_be_fetched_but_the_style():
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_an_unknown_path_is_a_page_of_its_own(get):
    reply = get("/records/17")
    assert reply.status_code == 404
    assert "There is no such page." in reply.text


@pytest.mark.parametrize("before", ["x", "-1", "²", "9" * 40, ""])
def test_an_address_that_is_not_understood(get, before):
    assert get(f"/questions?before={before}").status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_console_changes_nothing(get, method):
    reply = get("/budget", method=method)
    assert reply.status_code == 405
    assert "it changes nothing" in reply.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"])
def test_this_machine_is_answered(get, host):
    assert get("/", host=host).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.7:8080"])
def test_another_name_for_the_address_is_refused(get, host):
    reply = get("/", host=host)
    assert reply.status_code == 421
    assert "north" not in reply.text
    assert reply.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_a_remote_console_takes_any_name_and_says_so(served):
    reply = browser(open_site(served), remote=True)("/", host="registry.hospital.example")
    assert reply.status_code == 200
    assert "answers other machines and has no login" in text(reply)


def test_a_fault_of_our_own_shows_no_trace(served, monkeypatch):
    def broken(*_):
        raise RuntimeError("inner detail")

    monkeypatch.setattr(pages, "read_overview", broken)
    reply = browser(open_site(served))("/")
    assert reply.status_code == 500
    assert "fault of its own" in reply.text
    assert "inner detail" not in reply.text
    assert reply.headers["Cache-Control"] == "no-store"
