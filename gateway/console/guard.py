"""What every reply carries, and which requests get one: the console's outer wall.

The pages are for a browser on the same machine. A foreign page could point a name of its own at
the loopback address and read them (DNS rebinding), so a request must name this machine.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "Guard"]

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Exact counts must not stay in a browser's cache.
    "Cache-Control": "no-store",
}
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Guard:
    """Wraps the application. ``remote``: it is served under other names too, so any is taken."""

    def __init__(self, app: ASGIApp, *, remote: bool) -> None:
        self.app = app
        self.remote = remote

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is left unanswered."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["type"] != "http":
            return
        host = Headers(scope=scope).get("host", "")
        if self.remote or _name(host) in _LOCAL:
            await self.app(scope, receive, guarded)
        else:
            refused = PlainTextResponse("This address is not one of this console's.\n", 421)
            await refused(scope, receive, guarded)


def _name(host: str) -> str:
    """The name in a Host header, without port or the brackets of IPv6."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
