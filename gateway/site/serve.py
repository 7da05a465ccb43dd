"""The node's process: runs a :class:`~gateway.site.node.Node` until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal

from gateway import logs
from gateway.identity.folder import IdentityFolder
from gateway.site.duties import Duties
from gateway.site.node import Node, Pace

__all__ = ["serve"]


def serve(
    identity: IdentityFolder,
    duties: Duties,
    *,
    address: str | None = None,
    pace: Pace | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. ``address`` (HOST:PORT) overrides the grant's.

    Raises CertificateExpired at once if the node's certificate is over, NetworkError if
    another node attached with this identity. Everything else is retried, with its cause logged.
    """
    logs.configure()
    # gRPC core's own messages repeat, without a cause, what we log with one.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    identity.check_certificate()
    asyncio.run(_serve(Node(identity, duties, address=address, pace=pace)))


async def _serve(node: Node) -> None:
    running = asyncio.create_task(node.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        if not running.cancelled():
            raise
