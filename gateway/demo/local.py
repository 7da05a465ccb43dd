"""A whole network on this machine: coordinator and nodes as separate processes on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.errors import GatewayError
from gateway.identity.folder import accept, make_request
from gateway.identity.grant import grant_bytes
from gateway.identity.network import NetworkFolder
from gateway.identity.request import open_request
from gateway.site.config import create_site

__all__ = ["LocalNetwork", "free_port"]

RESEARCHER = "ada"
_START_S = 60.0


def free_port() -> int:
    """A TCP port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LocalNetwork:
    """Network folder, researcher folder and one folder per site below ``folder``.

    As a context manager it starts the coordinator and every node and ends them, by their own
    process ids, on the way out.
    """

    def __init__(
        self, folder: Path, name: str, sites: Sequence[str], *, dictionary: str, sitemap: str
    ) -> None:
        self.folder = folder
        self.name = name
        self.dictionary = dictionary
        self.sitemap = sitemap
        self.sites = tuple(sites)
        self.network_dir = folder / "network"
        self.home = folder / "researcher"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._logs = ExitStack()

    def site_dir(self, site: str) -> Path:
        """Folder of one site."""
        return self.folder / site

    def found(self) -> None:
        """Make the network and its site folders, and admit the sites and one researcher, each
        with keys of its own.
        """
        for site in self.sites:
            create_site(
                self.site_dir(site), dictionary=self.dictionary, name=site, sitemap=self.sitemap
            )
        address = f"localhost:{free_port()}"
        network = NetworkFolder.create(self.network_dir, name=self.name, address=address)
        members = [(self.site_dir(site), "site", site) for site in self.sites]
        for home, role, name in (*members, (self.home, "researcher", RESEARCHER)):
            request = make_request(home, role, name)  # type: ignore[arg-type]
            grant = network.admit(open_request(request.read_bytes()))
            accept(home, grant_bytes(grant))

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start ``osteon COMMAND …`` as a process of its own; its output goes to a log file."""
        log = self._logs.enter_context((self.folder / f"{name}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli.main", *command],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self._running[name] = process
        return process

    def start_coordinator(self) -> None:
        """Start the coordinator and wait until it listens."""
        (self.network_dir / "port").unlink(missing_ok=True)
        process = self.start("coordinator", "network", "serve", str(self.network_dir))
        until = time.monotonic() + _START_S
        while not (self.network_dir / "port").exists():
            if process.poll() is not None or time.monotonic() > until:
                log = self.folder / "coordinator.log"
                raise GatewayError(f"the coordinator did not start, see {log}")
            time.sleep(0.05)

    def start_node(self, site: str) -> subprocess.Popen[bytes]:
        """Start one site's node."""
        return self.start(site, "site", "serve", str(self.site_dir(site)))

    def stop(self, name: str, number: int = signal.SIGTERM) -> None:
        """End one process (SIGKILL: at once) and wait for it."""
        process = self._running.pop(name)
        process.send_signal(number)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> Self:
        try:
            self.start_coordinator()
            for site in self.sites:
                self.start_node(site)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._running.values():
            process.terminate()
        for name in list(self._running):
            self.stop(name)
        self._logs.close()
