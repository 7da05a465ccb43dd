"""The command: loopback unless told otherwise, an address to open, a clean end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from gateway.cli.console import app
from gateway.console.serve import is_loopback, serve
from gateway.errors import NetworkError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the address that must be refused


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "", "10.1.2.3", "127.0.0.1.example", "example"])
def test_not_loopback(host):
    assert not is_loopback(host)


def test_another_address_needs_a_word(empty):
    result = CliRunner().invoke(app, ["site", str(empty.path), "--host", EVERYWHERE])
    assert result.exit_code == 2
    assert "--allow-remote" in result.output


def test_a_taken_port_is_named(empty):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NetworkError, match=f"port {port} cannot be used"):
            serve(lambda *_: None, "127.0.0.1", port, lambda _: None)


def test_a_folder_that_is_no_site(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli.main", "console", "site", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "is not a site folder" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_answers_and_ends(empty, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli.main", "console", "site", str(empty.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        reply = httpx.get(address, timeout=30, trust_env=False)
        assert reply.status_code == 200
        assert "server" not in reply.headers
        assert "Nothing is loaded yet." in reply.text
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert errors == ""
