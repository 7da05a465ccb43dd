"""The coordinator's process: mutual TLS, both services, graceful stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import grpc

from gateway import logs
from gateway.coordinator.hub import Hub
from gateway.coordinator.journal import Journal
from gateway.coordinator.result import Combiner, Science
from gateway.coordinator.roster import LiveRoster
from gateway.coordinator.service import Service
from gateway.errors import NetworkError
from gateway.identity.authority import split_address
from gateway.identity.files import write_whole
from gateway.identity.network import NetworkFolder
from gateway.wire.rpc import SERVER_OPTIONS, node_handlers, research_handlers

__all__ = ["serve"]

_GRACE_S = 5.0
_ROSTER_CHECK_S = 2.0


def serve(
    folder: NetworkFolder, *, listen: str | None = None, science: Science | None = None
) -> None:
    """Serve until SIGTERM or SIGINT. ``listen`` (HOST:PORT) defaults to the network's address.

    With port 0 the system chooses one. The bound port is written to ``NETWORK_DIR/port``.
    """
    logs.configure()
    # gRPC core's own messages name peers and no cause that we do not log ourselves.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    network = folder.network
    science = science or Combiner(folder.path, sites_per_patient_max=network.sites_per_patient_max)
    asyncio.run(_serve(folder, listen or network.address, science))


async def _serve(folder: NetworkFolder, listen: str, science: Science) -> None:
    tls = folder.tls()
    credentials = grpc.ssl_server_credentials(
        [(tls.key, tls.certificate)], root_certificates=tls.ca, require_client_auth=True
    )
    with Journal(folder.path / "journal.sqlite") as journal:
        hub = Hub(journal, LiveRoster(folder), folder.signing_key(), science)
        service = Service(hub, folder.network.network)
        server = grpc.aio.server(options=SERVER_OPTIONS)
        server.add_generic_rpc_handlers(
            (
                node_handlers(service.attach),
                research_handlers(service.submit, service.watch, service.result, service.network),
            )
        )
        host, _ = split_address(listen)
        try:
            port = server.add_secure_port(listen, credentials)
        except RuntimeError as error:
            raise NetworkError(
                f"cannot listen on {listen}", code="listen", hint="is the port in use?"
            ) from error
        hub.start()
        await server.start()
        write_whole(folder.path / "port", f"{port}\n".encode())
        sys.stdout.write(f"listening on {host}:{port}\n")
        sys.stdout.flush()
        await _until_stopped(hub)
        await hub.stop()
        await server.stop(_GRACE_S)


async def _until_stopped(hub: Hub) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), _ROSTER_CHECK_S)
        except TimeoutError:
            hub.refresh_roster()
