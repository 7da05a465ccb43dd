"""When a site speaks: at multiples of the quantum after the offer, however long the data took."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest

from federated.privacy.head import Head
from federated.study.outcome import Outcome
from gateway.site.node import Node
from gateway.wire.frames import Offer
from tests.attack.world import COORDINATOR, forged

QUANTUM_S = 0.3


class SlowDuties:
    """Reads data for a while, then has its post countersigned."""

    reply_quantum_ms = int(QUANTUM_S * 1000)

    def __init__(self, read_s):
        self.read_s = read_s

    def answer(self, envelope, countersign):
        time.sleep(self.read_s)
        countersign(Head("north", 1, "a" * 64, 5), None)
        return Outcome("north", "failed", ("could_not_answer",), charged=True)


@pytest.mark.parametrize("read_s", [0.0, 0.05, 0.2])
def test_the_request_that_follows_the_data_waits_for_the_quantum(read_s):
    identity = SimpleNamespace(member=SimpleNamespace(name="north"))
    node = Node(identity, SlowDuties(read_s), address="localhost:1")
    asked_s = []

    async def countersign(head, previous):
        asked_s.append(time.monotonic() - came_s)
        return COORDINATOR.sign(head.to_bytes(), "ledger-head")

    node._countersign = countersign
    came_s = time.monotonic()
    offer = Offer("0" * 32, forged({}), int(time.time()) + 60)
    reply = asyncio.run(node._answered(offer, came_s))
    assert reply.reasons == ("could_not_answer",)
    assert len(asked_s) == 1
    assert asked_s[0] >= QUANTUM_S
