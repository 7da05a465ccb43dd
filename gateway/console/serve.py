"""The console's process: one socket, until it is told to stop."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable

from starlette.types import ASGIApp

from gateway.errors import NetworkError

__all__ = ["is_loopback", "serve"]


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine's own address, that no other machine can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(app: ASGIApp, host: str, port: int, listening: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``listening`` hears the address first. Port 0 takes a free
    one. NetworkError if the address cannot be used.
    """
    import uvicorn

    with _bind("127.0.0.1" if host == "localhost" else host, port) as bound:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
        )
        # uvicorn raises the signal once more when it is done: being told to stop is no failure.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        name = f"[{host}]" if ":" in host else host
        listening(f"http://{name}:{bound.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[bound])


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "not a port"
        raise NetworkError(
            f"{host} port {port} cannot be used: {reason}",
            code="port",
            hint="--port 0 takes a free one",
        ) from error
