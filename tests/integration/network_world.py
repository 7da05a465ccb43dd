"""A network in a temporary folder: real certificates, real processes, real sockets."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import grpc

from federated.study.envelope import Envelope, seal
from gateway.identity.folder import IdentityFolder, accept, make_request
from gateway.identity.grant import grant_bytes
from gateway.identity.network import NetworkFolder
from gateway.identity.request import open_request
from gateway.wire import frames
from gateway.wire.rpc import CHANNEL_OPTIONS, NodeStub, ResearchStub
from policies.signing import Signed

ROOT = Path(__file__).parents[2]


def until(true: Callable[[], object], *, seconds: float = 10.0) -> None:
    """Wait for something to become true, or fail."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {seconds} s")
        time.sleep(0.02)


class Process:
    """A child process whose stderr is kept in a file."""

    def __init__(self, log: Path, *words: str) -> None:
        self.log = log
        self._file = log.open("ab")
        self.child = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._file,
            text=True,
        )

    def said(self, *words: str) -> bool:
        text = self.log.read_text()
        return all(word in text for word in words)

    def events(self, name: str) -> list[dict]:
        lines = [json.loads(x) for x in self.log.read_text().splitlines() if x.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def kill(self) -> None:
        self.child.kill()
        self.child.wait(10)

    def stop(self) -> int:
        self.child.terminate()
        code = self.child.wait(10)
        self.close()
        return code

    def close(self) -> None:
        if self.child.poll() is None:
            self.kill()
        if self.child.stdout:
            self.child.stdout.close()
        self._file.close()


class World:
    """One network with its members and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.network = NetworkFolder.create(path / "net", name="midwest", address="127.0.0.1:0")
        self.address = ""
        self._processes: list[Process] = []
        self._channels: list[grpc.Channel] = []

    def join(self, role: str, name: str, *, days: int = 30) -> IdentityFolder:
        home = self.path / name
        request = open_request(make_request(home, role, name).read_bytes())
        return accept(home, grant_bytes(self.network.admit(request, days=days)))

    def _start(self, name: str, *words: str) -> Process:
        process = Process(self.path / f"{name}.log", *words)
        self._processes.append(process)
        return process

    def coordinator(self) -> Process:
        """Start it; the second start takes the port of the first."""
        process = self._start(
            "coordinator",
            *("-m", "tests.integration.fake_coordinator", str(self.network.path)),
            self.address or "127.0.0.1:0",
        )
        line = process.child.stdout.readline()
        assert line.startswith("listening on"), process.log.read_text()
        self.address = line.split()[-1]
        assert self.network.path.joinpath("port").read_text().strip() in self.address
        return process

    def node(self, name: str, value: int, *, delay_s: float = 0.0, attach: bool = True) -> Process:
        process = self._start(
            name,
            *("-m", "tests.integration.fake_node", str(self.path / name)),
            *(str(value), str(delay_s), self.address),
        )
        if attach:
            until(lambda: process.events("connected"))
        return process

    def stub(self, name: str = "rita") -> ResearchStub:
        tls = IdentityFolder.load(self.path / name).tls()
        channel = grpc.secure_channel(
            self.address,
            grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate),
            options=CHANNEL_OPTIONS,
        )
        self._channels.append(channel)
        return ResearchStub(channel)

    def envelope(self, *sites: str, **changes: object) -> Signed:
        now_s = int(time.time())
        fields = {
            "network": "midwest",
            "researcher": "rita",
            "study": {"ask": "sum"},
            "sites": sites,
            "min_sites": 1,
            "created_s": now_s,
            "expires_s": now_s + 300,
            "deadline_s": 8,
            "nano_rho_max": 10,
        } | changes
        envelope = Envelope(**fields)
        return seal(envelope, IdentityFolder.load(self.path / envelope.researcher).signing_key())

    def finished(self, study_id: str, *, seconds: float = 12) -> frames.StudyResult:
        stub = self.stub()
        *_, last = stub.watch(frames.Ask(study_id), timeout=seconds)
        assert last.state != "open"
        return stub.result(frames.Ask(study_id), timeout=5)

    def ask(self, *sites: str, **changes: object) -> frames.StudyResult:
        return self.finished(self.stub().submit(self.envelope(*sites, **changes), timeout=5))

    def answers(self, name: str) -> int:
        """How many answers a node drew anew."""
        path = self.path / name / "answers.log"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def close(self) -> None:
        for channel in self._channels:
            channel.close()
        for process in self._processes:
            process.close()


def credentials(identity: IdentityFolder) -> grpc.ChannelCredentials:
    tls = identity.tls()
    return grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)


def converse(world: World, name: str, sent: list[frames.NodeFrame], *, reads: int = 1) -> list:
    """Attach with a member's certificate, send frames, return those read."""

    async def talk() -> list:
        identity = IdentityFolder.load(world.path / name)
        async with grpc.aio.secure_channel(world.address, credentials(identity)) as channel:
            call = NodeStub(channel).attach()
            for frame in sent:
                await call.write(frame)
            return [await asyncio.wait_for(call.read(), 5) for _ in range(reads)]

    return asyncio.run(talk())
