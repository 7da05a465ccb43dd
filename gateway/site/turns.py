"""Whose question a node takes next: researchers take turns, each in the order they asked.

A node answers one question at a time (PROOFS.md §6), and a reply waits as long as the policy's
``limits.wait_s_max`` in the mean. With turns, nobody who asks much holds up a colleague by more
than the reply at hand and one of each other researcher who waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Generic, TypeVar

from federated.study.envelope import CONTEXT
from policies.errors import SignatureError
from policies.roster import Roster
from policies.signing import Signed, verify

__all__ = ["Turns", "signer"]

T = TypeVar("T")


class Turns(Generic[T]):
    """What waits to be taken, by the name of who asked. One taker; everything on one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[T]] = {}
        """Who is first has waited longest for a turn."""
        self._had_last: str | None = None
        self._some = asyncio.Event()

    def put(self, name: str, item: T) -> None:
        """Let ``item`` wait for a turn of ``name``."""
        self._waiting.setdefault(name, deque()).append(item)
        self._some.set()

    async def take(self) -> T:
        """The next in turn, waited for if there is none."""
        await self._some.wait()
        if self._had_last in self._waiting:
            # Now, not when it was taken: who came meanwhile has had no turn yet.
            self._waiting[self._had_last] = self._waiting.pop(self._had_last)
        name = next(iter(self._waiting))
        item = self._waiting[name].popleft()
        if not self._waiting[name]:
            del self._waiting[name]
        if not self._waiting:
            self._some.clear()
        self._had_last = name
        return item


def signer(envelope: Signed, roster: Roster) -> str:
    """The researcher of the roster who signed an envelope, whatever name it holds inside; "" if
    nobody did: it will be refused, and all such have one turn together.
    """
    for researcher in roster.researchers:
        with suppress(SignatureError):
            verify(envelope, researcher.key, CONTEXT)
            return researcher.name
    return ""
