"""The hub's gRPC face: who is calling (from the certificate's SAN, never its common name),
what they may call, and how errors become statuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import grpc
import structlog

from gateway.coordinator.hub import Hub
from gateway.coordinator.session import Session
from gateway.errors import NotAdmitted, WireError
from gateway.identity.authority import Member, Role
from gateway.wire import frames
from gateway.wire.rpc import status_of, trailer_of
from policies.errors import OsteonError
from policies.signing import Signed

__all__ = ["Service"]

_HELLO_S = 10.0
_SILENCE_S = 100.0
"""A node sends a heartbeat every 30 s; three missed ones end the stream."""

Context = grpc.aio.ServicerContext[Any, Any]


class Service:
    """Handlers of both services for one network."""

    def __init__(self, hub: Hub, network: str) -> None:
        self._hub = hub
        self._network = network
        self._log: Any = structlog.get_logger("coordinator")

    def _caller(self, context: Context, role: Role) -> str:
        """The member's name; NotAdmitted for another role or network."""
        names = context.auth_context().get("x509_subject_alternative_name", [])
        members = [m for name in names if (m := Member.parse(name.decode("ascii", "replace")))]
        if len(members) != 1 or members[0].network != self._network or members[0].role != role:
            raise NotAdmitted(f"this call is for a {role} of {self._network}", code="other_role")
        return members[0].name

    async def _refuse(self, context: Context, error: OsteonError) -> NoReturn:
        self._log.warning("call_refused", code=error.code, reason=error.message)
        await context.abort(status_of(error), error.message, trailer_of(error))
        raise AssertionError("abort raises")

    # -- node --------------------------------------------------------------------------------

    async def attach(self, _requests: object, context: Context) -> None:
        """One node's stream from Hello to the end."""
        try:
            # Read before judging: a client whose first write fails never sees our reason.
            first = await asyncio.wait_for(context.read(), _HELLO_S)
            site = self._caller(context, "site")
            session = self._hub.attach(site, _hello(first))
        except TimeoutError:
            await self._refuse(context, WireError("no hello came"))
        except OsteonError as error:
            await self._refuse(context, error)
        try:
            await self._converse(session, context)
        except OsteonError as error:
            await self._refuse(context, error)
        finally:
            self._hub.detach(session)

    async def _converse(self, session: Session, context: Context) -> None:
        """Read and write until either ends."""
        reader = asyncio.create_task(self._read(session, context))
        writer = asyncio.create_task(self._write(session, context))
        try:
            done, _ = await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)

    async def _read(self, session: Session, context: Context) -> None:
        while True:
            try:
                frame = await asyncio.wait_for(context.read(), _SILENCE_S)
            except TimeoutError:
                session.close("silent")
                return
            if frame is grpc.aio.EOF:
                return
            if isinstance(frame, frames.Malformed):
                raise WireError(frame.reason)
            self._hub.receive(session, frame)

    async def _write(self, session: Session, context: Context) -> None:
        while True:
            frame = await session.next()
            await context.write(frame)
            if isinstance(frame, frames.GoAway):
                return

    # -- researcher --------------------------------------------------------------------------

    async def submit(self, envelope: Signed | frames.Malformed, context: Context) -> str:
        """Submit."""
        try:
            researcher = self._caller(context, "researcher")
            if isinstance(envelope, frames.Malformed):
                raise WireError(envelope.reason)
            return await self._hub.submit(researcher, envelope)
        except OsteonError as error:
            await self._refuse(context, error)

    async def watch(
        self, ask: frames.Ask | frames.Malformed, context: Context
    ) -> AsyncIterator[frames.Progress]:
        """Watch."""
        try:
            researcher = self._caller(context, "researcher")
            async for progress in self._hub.watch(_ask(ask), researcher):
                yield progress
        except OsteonError as error:
            await self._refuse(context, error)

    async def result(
        self, ask: frames.Ask | frames.Malformed, context: Context
    ) -> frames.StudyResult:
        """Result."""
        try:
            researcher = self._caller(context, "researcher")
            return self._hub.result(_ask(ask), researcher)
        except OsteonError as error:
            await self._refuse(context, error)

    async def network(self, _request: object, context: Context) -> frames.NetworkView:
        """Network."""
        try:
            researcher = self._caller(context, "researcher")
            return self._hub.network_for(researcher)
        except OsteonError as error:
            await self._refuse(context, error)


def _ask(ask: frames.Ask | frames.Malformed) -> str:
    if isinstance(ask, frames.Malformed):
        raise WireError(ask.reason)
    return ask.study_id


def _hello(first: object) -> frames.Hello:
    if isinstance(first, frames.Hello):
        return first
    reason = first.reason if isinstance(first, frames.Malformed) else "the first frame is no hello"
    raise WireError(reason)
