"""The node's end of the stream: dial out, answer offers one at a time, reply.

The stream may break at any moment. What must not be lost lives here for as long as the process
does: offers taken, countersign requests and replies that the hub has not recorded are sent
again on the next stream. If the process dies, the hub offers again, and the ledger finds the
stored release at no charge.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import grpc
import structlog

from federated.errors import LedgerError
from federated.privacy.head import CONTEXT as HEAD
from federated.privacy.head import Head
from federated.study.outcome import Outcome
from gateway.errors import NetworkError, WireError
from gateway.identity.dial import diagnose
from gateway.identity.folder import IdentityFolder
from gateway.site.daemon import in_thread
from gateway.site.duties import Duties
from gateway.site.turns import Turns, signer
from gateway.wire import frames
from gateway.wire.rpc import CHANNEL_OPTIONS, NodeStub, raised
from policies.errors import OsteonError, SignatureError
from policies.signing import Signed, verify

__all__ = ["Node", "Pace"]

_RELEASE = "release"
_LEDGER_BEHIND = "ledger_behind"
_SKEW_S = 120


@dataclass(frozen=True)
class Pace:
    """Times in seconds. Reconnects wait ``reconnect_min`` to ``reconnect_max``, doubling, with
    jitter; a hub that says nothing for ``silence`` is given up.
    """

    heartbeat: float = 30.0
    silence: float = 100.0
    welcome: float = 20.0
    countersign: float = 30.0
    reconnect_min: float = 1.0
    reconnect_max: float = 60.0


@dataclass
class _Waiting:
    """What outlives a stream."""

    offers: Turns[tuple[frames.Offer, float]] = field(default_factory=Turns)
    taken: set[str] = field(default_factory=set)
    replies: dict[str, frames.Reply] = field(default_factory=dict)
    countersigns: dict[
        str, tuple[frames.CountersignRequest, asyncio.Future[frames.Countersigned]]
    ] = field(default_factory=dict)


class Node:
    """One site's presence in its network."""

    def __init__(
        self,
        identity: IdentityFolder,
        duties: Duties,
        *,
        address: str | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._identity = identity
        self._duties = duties
        self._address = address or identity.grant.address
        self._pace = pace or Pace()
        self._waiting = _Waiting()
        self._outgoing: asyncio.Queue[frames.NodeFrame] | None = None
        self._cause = ""
        self._failures = 0
        self._log: Any = structlog.get_logger("node").bind(site=identity.member.name)

    async def run(self) -> None:
        """Serve until cancelled. Raises NetworkError only when another node took our place."""
        tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._stay_attached())]
        try:
            # Neither ends by itself: what ends one of them ends the node.
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # -- reconnecting ------------------------------------------------------------------------

    async def _stay_attached(self) -> None:
        while True:
            try:
                await self._stream()
            except (OsteonError, grpc.aio.AioRpcError, TimeoutError) as error:
                cause = await self._named(error)
                if cause.code == "superseded":
                    raise cause from error
                self._say(cause)
            await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        ceiling = min(self._pace.reconnect_max, self._pace.reconnect_min * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        # Jitter: after an outage the sites must not all come back in the same second.
        return float(ceiling * random.uniform(0.5, 1.0))  # noqa: S311

    async def _named(self, error: Exception) -> OsteonError:
        """The cause in words. "unavailable" is looked into hop by hop."""
        if isinstance(error, TimeoutError):
            return NetworkError("the coordinator says nothing", code="silent")
        if isinstance(error, OsteonError):
            return error
        if not isinstance(error, grpc.RpcError):
            raise error
        cause = raised(error)
        if cause.code == "unavailable":
            try:
                return await in_thread(lambda: diagnose(self._identity, self._address))
            except OsteonError as expired:
                return expired
        return cause

    def _say(self, cause: OsteonError) -> None:
        # Once per change: a coordinator that is away all night fills no log.
        if cause.code != self._cause:
            self._log.warning("disconnected", cause=cause.code, why=cause.message, next=cause.hint)
        self._cause = cause.code

    # -- one stream --------------------------------------------------------------------------

    async def _stream(self) -> None:
        tls = self._identity.tls()
        credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)
        head = await in_thread(self._duties.ledger_head)
        policy = await in_thread(self._duties.policy)
        hello = frames.Hello(
            self._identity.member.name, frames.PROTOCOL_MIN, frames.PROTOCOL_MAX, head, policy
        )
        async with grpc.aio.secure_channel(
            self._address, credentials, options=CHANNEL_OPTIONS
        ) as channel:
            call = NodeStub(channel).attach()
            await _put(call, hello)
            first = await asyncio.wait_for(call.read(), self._pace.welcome)
            await self._welcome(_frame(first))
            self._outgoing = asyncio.Queue()
            for request, _ in self._waiting.countersigns.values():
                self._send(request)
            for reply in self._waiting.replies.values():
                self._send(reply)
            tasks = [
                asyncio.create_task(self._read(call)),
                asyncio.create_task(self._write(call, self._outgoing)),
                asyncio.create_task(self._beat()),
            ]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                self._outgoing = None
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _welcome(self, frame: frames.HubFrame) -> None:
        if not isinstance(frame, frames.Welcome):
            raise _gone(frame)
        roster = self._identity.replace_roster(frame.roster)
        if abs(frame.time_unix_s - time.time()) > _SKEW_S:
            self._log.warning("clock_differs", next="check this machine's clock")
        if frame.countersigned_head is not None:
            signed = frame.countersigned_head
            head = _head_of(signed, roster.coordinator.key)
            try:
                await in_thread(lambda: self._duties.witness(head, signed))
            except LedgerError as error:
                # We stay attached: stored releases are still given, nothing new is charged.
                self._log.error(_LEDGER_BEHIND, why=error.message, next=error.hint)
        self._failures = 0
        self._cause = ""
        self._log.info("connected", address=self._address, roster=roster.serial)

    def _send(self, frame: frames.NodeFrame) -> None:
        """Put a frame on the stream, if there is one; what matters is sent again on the next."""
        if self._outgoing is not None:
            self._outgoing.put_nowait(frame)

    async def _write(self, call: Any, outgoing: asyncio.Queue[frames.NodeFrame]) -> None:
        while True:
            await _put(call, await outgoing.get())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._pace.heartbeat)
            self._send(frames.Heartbeat(int(time.time())))

    async def _read(self, call: Any) -> None:
        while True:
            frame = _frame(await asyncio.wait_for(call.read(), self._pace.silence))
            match frame:
                case frames.Offer():
                    self._take(frame)
                case frames.Countersigned():
                    _, future = self._waiting.countersigns.get(frame.request_id, (None, None))
                    if future is not None and not future.done():
                        future.set_result(frame)
                case frames.Recorded():
                    self._waiting.replies.pop(frame.offer_id, None)
                    self._waiting.taken.discard(frame.offer_id)
                case frames.RosterChanged():
                    roster = self._identity.replace_roster(frame.roster)
                    self._log.info("roster_changed", roster=roster.serial)
                case frames.Heartbeat():
                    pass
                case _:
                    raise _gone(frame)

    # -- offers ------------------------------------------------------------------------------

    def _take(self, offer: frames.Offer) -> None:
        """Queue an offer once, however often it is put to us."""
        reply = self._waiting.replies.get(offer.offer_id)
        if reply is not None:
            self._send(reply)
        elif offer.offer_id not in self._waiting.taken:
            self._waiting.taken.add(offer.offer_id)
            name = signer(offer.envelope, self._identity.roster())
            self._waiting.offers.put(name, (offer, time.monotonic()))

    async def _work(self) -> None:
        """Answer offers one at a time: a ledger has one writer, a hospital few processors, and when
        the next is answered must tell no more of this one's reading than its reply does. Which is
        next goes by turns of the researchers who wait then.
        """
        while True:
            offer, came_s = await self._waiting.offers.take()
            reply = await self._answered(offer, came_s)
            await asyncio.sleep(_padding_s(came_s, self._duties.reply_quantum_ms))
            self._waiting.replies[offer.offer_id] = reply
            self._send(reply)

    async def _answered(self, offer: frames.Offer, came_s: float) -> frames.Reply:
        if time.time() > offer.deadline_unix_s:
            # Nobody waits any more; answering would spend budget for nothing.
            return frames.Reply(offer.offer_id, "failed", ("deadline_passed",))
        loop = asyncio.get_running_loop()

        def countersign(head: Head, previous: Head | None) -> Signed:
            # Asked again once data was read: when, must tell no more than the reply does.
            time.sleep(_padding_s(came_s, self._duties.reply_quantum_ms))
            asked = asyncio.run_coroutine_threadsafe(self._countersign(head, previous), loop)
            try:
                return asked.result(self._pace.countersign)
            except TimeoutError:
                asked.cancel()
                raise

        try:
            outcome = await in_thread(lambda: self._duties.answer(offer.envelope, countersign))
            release = self._signed(outcome)
        except Exception as error:  # noqa: BLE001 - one offer must not end the node
            # The text may hold data; only the kind is logged, and only here at the site.
            self._log.error("answer_failed", offer=offer.offer_id, error=type(error).__name__)
            return frames.Reply(offer.offer_id, "failed", ("internal_error",))
        self._log.info(
            "answered", offer=offer.offer_id, state=outcome.state, reasons=outcome.reasons
        )
        return frames.Reply(
            offer.offer_id,
            outcome.state,
            outcome.reasons,
            release,
            outcome.charged,
            outcome.shortfalls,
        )

    def _signed(self, outcome: Outcome) -> Signed | None:
        if outcome.release is None:
            return None
        return self._identity.signing_key().sign(outcome.release.to_bytes(), _RELEASE)

    # -- countersigning ----------------------------------------------------------------------

    async def _countersign(self, head: Head, previous: Head | None) -> Signed:
        answer = await self._ask(head, previous)
        key = self._identity.roster().coordinator.key
        if answer.refused == _LEDGER_BEHIND and answer.last_head is not None:
            # A signature of ours may have been lost on its way: if the ledger contains the head
            # that the hub holds, the new one extends it after all.
            last = answer.last_head
            held = _head_of(last, key)
            await in_thread(lambda: self._duties.witness(held, last))
            answer = await self._ask(head, held)
        if answer.signed_head is None:
            raise LedgerError(f"the coordinator does not countersign: {answer.refused}")
        if verify(answer.signed_head, key, HEAD) != head.to_bytes():
            raise SignatureError("the countersignature is for another head")
        return answer.signed_head

    async def _ask(self, head: Head, previous: Head | None) -> frames.Countersigned:
        request = frames.CountersignRequest(secrets.token_hex(16), head, previous)
        future: asyncio.Future[frames.Countersigned] = asyncio.get_running_loop().create_future()
        self._waiting.countersigns[request.request_id] = (request, future)
        try:
            self._send(request)
            return await future
        finally:
            del self._waiting.countersigns[request.request_id]


def _padding_s(came_s: float, quantum_ms: int) -> float:
    """Seconds until the next multiple of the quantum after the offer came."""
    if quantum_ms <= 0:
        return 0.0
    quantum_s = quantum_ms / 1000
    waited_s = time.monotonic() - came_s
    return math.ceil(waited_s / quantum_s) * quantum_s - waited_s


async def _put(call: Any, frame: frames.NodeFrame) -> None:
    """Write a frame; on a call that has ended, raise what ended it."""
    try:
        await call.write(frame)
    except asyncio.InvalidStateError:
        _frame(await call.read())
        raise NetworkError("the stream has ended", code="ended") from None


def _frame(read: Any) -> frames.HubFrame:
    if read is grpc.aio.EOF:
        raise NetworkError("the coordinator ended the stream", code="ended")
    if isinstance(read, frames.Malformed):
        raise WireError(read.reason)
    frame: frames.HubFrame = read
    return frame


def _gone(frame: frames.HubFrame) -> OsteonError:
    if isinstance(frame, frames.GoAway):
        hint = None
        if frame.code == "superseded":
            hint = "is a second node running with this identity?"
        return NetworkError(
            f"the coordinator sent us away: {frame.code}", code=frame.code, hint=hint
        )
    return WireError("a frame out of place")


def _head_of(signed: Signed, coordinator_key: str) -> Head:
    """A countersigned head, verified. WireError if the coordinator signed something else."""
    payload = verify(signed, coordinator_key, HEAD)
    try:
        plain = json.loads(payload)
        return Head(plain["site"], int(plain["seq"]), plain["hash"], int(plain["life_nano_rho"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WireError("a countersigned head that cannot be read") from error
