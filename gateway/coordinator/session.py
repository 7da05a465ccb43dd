"""One attached site: the frames that wait to be written to its stream."""

from __future__ import annotations

import asyncio

from gateway.wire.frames import GoAway, HubFrame

__all__ = ["Session"]

_WAITING_MAX = 10_000


class Session:
    """A site's open stream. Frames are written in the order of :meth:`send`."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._waiting: asyncio.Queue[HubFrame] = asyncio.Queue(_WAITING_MAX)
        self._closed = False

    def send(self, frame: HubFrame) -> None:
        """Queue a frame. A site that does not read is cut off: it will attach again."""
        if self._closed:
            return
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            while not self._waiting.empty():
                self._waiting.get_nowait()
            self.close("not_reading")

    def close(self, code: str) -> None:
        """Queue the last frame."""
        if not self._closed:
            self.send(GoAway(code))
            self._closed = True

    async def next(self) -> HubFrame:
        """The next frame to write; a GoAway is the last."""
        return await self._waiting.get()
