"""Bytes ↔ frames of the node's stream.

Decoding is strict: a missing field, an unknown choice, a name of the wrong shape or anything
over a limit raises :class:`~gateway.errors.WireError` that names the field. gRPC's own
deserialisation hooks cannot reject a message politely, so :func:`tolerant` turns the error
into a :class:`~gateway.wire.frames.Malformed` that the service answers as it sees fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from federated.privacy.budgets import Shortfall
from federated.privacy.head import Head
from federated.study.outcome import State
from gateway.errors import WireError
from gateway.wire import frames
from gateway.wire.v1 import node_pb2, signed_pb2
from policies.signing import Signed

__all__ = [
    "MESSAGE_BYTES_MAX",
    "decode_hub_frame",
    "decode_node_frame",
    "encode_hub_frame",
    "encode_node_frame",
    "tolerant",
]

MESSAGE_BYTES_MAX = 4 * 1024 * 1024
"""gRPC's default. Releases are integers; a larger one is refused before it is computed."""
_PAYLOAD_BYTES_MAX = MESSAGE_BYTES_MAX - 64 * 1024
_REASONS_MAX = 32
_LEFT_MAX = 10**15  # as large as a study's charge can be; a larger one says nothing more
_TIME_S_MAX = 253_402_300_799  # the year 9999: later times break datetime

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_CODE = re.compile(r"[a-z][a-z0-9_.:-]{0,95}\Z")
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_ID = re.compile(r"[0-9a-f]{16,64}\Z")
_KEY = re.compile(r"[0-9a-f]{16}\Z")
_CONTEXT = re.compile(r"[a-z][a-z-]{0,31}\Z")

_STATES: dict[State, signed_pb2.State] = {
    "answered": signed_pb2.STATE_ANSWERED,
    "refused": signed_pb2.STATE_REFUSED,
    "failed": signed_pb2.STATE_FAILED,
    "no_reply": signed_pb2.STATE_NO_REPLY,
}
_STATE_NAMES: dict[int, State] = {int(number): name for name, number in _STATES.items()}

M = TypeVar("M", bound=Message)
F = TypeVar("F")


def tolerant(decode: Callable[[bytes], F]) -> Callable[[bytes], F | frames.Malformed]:
    """The same decoder, returning Malformed where it would raise."""

    def attempt(data: bytes) -> F | frames.Malformed:
        try:
            return decode(data)
        except WireError as error:
            return frames.Malformed(error.message)

    return attempt


def parse(kind: type[M], data: bytes) -> M:
    """Parse protobuf bytes."""
    if len(data) > MESSAGE_BYTES_MAX:
        raise WireError(f"a message has more than {MESSAGE_BYTES_MAX} bytes")
    message = kind()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise WireError(f"not a {kind.__name__}") from error
    return message


def _matching(value: str, pattern: re.Pattern[str], field: str) -> str:
    if not pattern.match(value):
        raise WireError(f"{field} has the wrong form")
    return value


def name(value: str, field: str) -> str:
    """A member's name."""
    return _matching(value, _NAME, field)


def identifier(value: str, field: str) -> str:
    """An offer, request or study id: 16 to 64 hex digits."""
    return _matching(value, _ID, field)


def time_s(value: int, field: str) -> int:
    """Seconds since 1970."""
    if not 0 <= value <= _TIME_S_MAX:
        raise WireError(f"{field} is not a time")
    return value


def reasons(values: object, field: str) -> tuple[str, ...]:
    """Reason codes."""
    codes = tuple(str(value) for value in values)  # type: ignore[attr-defined]
    if len(codes) > _REASONS_MAX:
        raise WireError(f"{field} has more than {_REASONS_MAX} entries")
    return tuple(_matching(code, _CODE, field) for code in codes)


def shortfall_messages(found: Iterable[Shortfall]) -> list[signed_pb2.Shortfall]:
    """Budgets that did not hold a charge."""
    return [
        signed_pb2.Shortfall(
            budget=one.budget,
            left_nano_rho=one.left_nano_rho,
            renews_unix_s=one.renews_s or 0,
        )
        for one in found
    ]


def shortfalls(messages: Iterable[signed_pb2.Shortfall], field: str) -> tuple[Shortfall, ...]:
    """Inverse of :func:`shortfall_messages`."""
    found = tuple(
        Shortfall(
            name(message.budget, f"{field}.budget"),
            min(message.left_nano_rho, _LEFT_MAX),
            time_s(message.renews_unix_s, f"{field}.renews_unix_s") or None,
        )
        for message in messages
    )
    if len(found) > _REASONS_MAX:
        raise WireError(f"{field} has more than {_REASONS_MAX} entries")
    return found


def state(value: int, field: str) -> State:
    """A state other than unspecified."""
    try:
        return _STATE_NAMES[value]
    except KeyError as error:
        raise WireError(f"{field} is not a known state") from error


def state_number(value: State) -> signed_pb2.State:
    """Its protobuf number."""
    return _STATES[value]


def signed(message: signed_pb2.Signed, context: str) -> Signed:
    """A signed document of one kind; its signature is not verified here."""
    _matching(message.context, _CONTEXT, f"{context}.context")
    if message.context != context:
        raise WireError(f"expected a signed {context}")
    if not 0 < len(message.payload) <= _PAYLOAD_BYTES_MAX:
        raise WireError(f"{context}.payload is empty or too long")
    if len(message.signature) != 64:
        raise WireError(f"{context}.signature does not have 64 bytes")
    key = _matching(message.key, _KEY, f"{context}.key")
    return Signed(context, message.payload, key, message.signature)


def signed_message(value: Signed | None) -> signed_pb2.Signed | None:
    """The protobuf form."""
    if value is None:
        return None
    return signed_pb2.Signed(
        context=value.context, payload=value.payload, key=value.key, signature=value.signature
    )


def signed_if(message: Message, field: str, context: str) -> Signed | None:
    """The same for a field that may be absent."""
    return signed(getattr(message, field), context) if message.HasField(field) else None


def _head(message: signed_pb2.Head, field: str) -> Head:
    if message.seq < 1:
        raise WireError(f"{field}.seq counts from 1")
    return Head(
        site=name(message.site, f"{field}.site"),
        seq=message.seq,
        hash=_matching(message.hash, _HEX, f"{field}.hash"),
        life_nano_rho=message.life_nano_rho,
    )


def _head_message(head: Head | None) -> signed_pb2.Head | None:
    if head is None:
        return None
    return signed_pb2.Head(
        site=head.site, seq=head.seq, hash=head.hash, life_nano_rho=head.life_nano_rho
    )


def encode_node_frame(frame: frames.NodeFrame) -> bytes:
    """Node to hub."""
    message = node_pb2.AttachRequest()
    match frame:
        case frames.Hello():
            message.hello.CopyFrom(
                node_pb2.Hello(
                    site=frame.site,
                    protocol_min=frame.protocol_min,
                    protocol_max=frame.protocol_max,
                    ledger_head=_head_message(frame.ledger_head),
                    policy=signed_message(frame.policy),
                )
            )
        case frames.CountersignRequest():
            message.countersign_request.CopyFrom(
                node_pb2.CountersignRequest(
                    request_id=frame.request_id,
                    head=_head_message(frame.head),
                    previous=_head_message(frame.previous),
                )
            )
        case frames.Reply():
            message.reply.CopyFrom(
                node_pb2.Reply(
                    offer_id=frame.offer_id,
                    state=state_number(frame.state),
                    reasons=frame.reasons,
                    release=signed_message(frame.release),
                    charged=frame.charged,
                    shortfalls=shortfall_messages(frame.shortfalls),
                )
            )
        case frames.Heartbeat():
            message.heartbeat.time_unix_s = frame.time_unix_s
    return message.SerializeToString(deterministic=True)


def decode_node_frame(data: bytes) -> frames.NodeFrame:
    """Inverse of :func:`encode_node_frame`; WireError on anything else."""
    message = parse(node_pb2.AttachRequest, data)
    match message.WhichOneof("frame"):
        case "hello":
            return _hello(message.hello)
        case "countersign_request":
            return _countersign_request(message.countersign_request)
        case "reply":
            return _reply(message.reply)
        case "heartbeat":
            return frames.Heartbeat(time_s(message.heartbeat.time_unix_s, "heartbeat.time_unix_s"))
        case _:
            raise WireError("a frame of an unknown kind")


def _hello(message: node_pb2.Hello) -> frames.Hello:
    head = message.ledger_head if message.HasField("ledger_head") else None
    if not 1 <= message.protocol_min <= message.protocol_max:
        raise WireError("hello.protocol_min and protocol_max are not a range")
    return frames.Hello(
        site=name(message.site, "hello.site"),
        protocol_min=message.protocol_min,
        protocol_max=message.protocol_max,
        ledger_head=_head(head, "hello.ledger_head") if head is not None else None,
        policy=signed_if(message, "policy", "site-policy"),
    )


def _countersign_request(message: node_pb2.CountersignRequest) -> frames.CountersignRequest:
    if not message.HasField("head"):
        raise WireError("countersign_request.head is required")
    return frames.CountersignRequest(
        request_id=identifier(message.request_id, "countersign_request.request_id"),
        head=_head(message.head, "countersign_request.head"),
        previous=(
            _head(message.previous, "countersign_request.previous")
            if message.HasField("previous")
            else None
        ),
    )


def _reply(message: node_pb2.Reply) -> frames.Reply:
    outcome = state(message.state, "reply.state")
    if outcome == "no_reply":
        raise WireError("reply.state cannot be no_reply")
    if (outcome == "answered") != message.HasField("release"):
        raise WireError("reply.release must be present exactly when answered")
    return frames.Reply(
        offer_id=identifier(message.offer_id, "reply.offer_id"),
        state=outcome,
        reasons=reasons(message.reasons, "reply.reasons"),
        release=signed_if(message, "release", "release"),
        charged=message.charged,
        shortfalls=shortfalls(message.shortfalls, "reply.shortfalls"),
    )


def encode_hub_frame(frame: frames.HubFrame) -> bytes:
    """Hub to node."""
    message = node_pb2.AttachResponse()
    match frame:
        case frames.Welcome():
            message.welcome.CopyFrom(
                node_pb2.Welcome(
                    protocol=frame.protocol,
                    countersigned_head=signed_message(frame.countersigned_head),
                    roster=signed_message(frame.roster),
                    time_unix_s=frame.time_unix_s,
                )
            )
        case frames.Offer():
            message.offer.CopyFrom(
                node_pb2.Offer(
                    offer_id=frame.offer_id,
                    envelope=signed_message(frame.envelope),
                    deadline_unix_s=frame.deadline_unix_s,
                )
            )
        case frames.Countersigned():
            message.countersigned.CopyFrom(
                node_pb2.Countersigned(
                    request_id=frame.request_id,
                    signed_head=signed_message(frame.signed_head),
                    refused=frame.refused,
                    last_head=signed_message(frame.last_head),
                )
            )
        case frames.Heartbeat():
            message.heartbeat.time_unix_s = frame.time_unix_s
        case frames.GoAway():
            message.go_away.code = frame.code
        case frames.Recorded():
            message.recorded.offer_id = frame.offer_id
        case frames.RosterChanged():
            message.roster_changed.CopyFrom(
                node_pb2.RosterChanged(roster=signed_message(frame.roster))
            )
    return message.SerializeToString(deterministic=True)


def decode_hub_frame(data: bytes) -> frames.HubFrame:
    """Inverse of :func:`encode_hub_frame`; WireError on anything else."""
    message = parse(node_pb2.AttachResponse, data)
    match message.WhichOneof("frame"):
        case "welcome":
            return frames.Welcome(
                protocol=message.welcome.protocol,
                countersigned_head=signed_if(message.welcome, "countersigned_head", "ledger-head"),
                roster=signed(message.welcome.roster, "roster"),
                time_unix_s=time_s(message.welcome.time_unix_s, "welcome.time_unix_s"),
            )
        case "offer":
            return frames.Offer(
                offer_id=identifier(message.offer.offer_id, "offer.offer_id"),
                envelope=signed(message.offer.envelope, "envelope"),
                deadline_unix_s=time_s(message.offer.deadline_unix_s, "offer.deadline_unix_s"),
            )
        case "countersigned":
            return _countersigned(message.countersigned)
        case "heartbeat":
            return frames.Heartbeat(time_s(message.heartbeat.time_unix_s, "heartbeat.time_unix_s"))
        case "go_away":
            return frames.GoAway(_matching(message.go_away.code, _CODE, "go_away.code"))
        case "recorded":
            return frames.Recorded(identifier(message.recorded.offer_id, "recorded.offer_id"))
        case "roster_changed":
            return frames.RosterChanged(signed(message.roster_changed.roster, "roster"))
        case _:
            raise WireError("a frame of an unknown kind")


def _countersigned(message: node_pb2.Countersigned) -> frames.Countersigned:
    if message.HasField("signed_head") == bool(message.refused):
        raise WireError("countersigned carries either a signed head or a reason")
    code = message.refused
    return frames.Countersigned(
        request_id=identifier(message.request_id, "countersigned.request_id"),
        signed_head=signed_if(message, "signed_head", "ledger-head"),
        refused=_matching(code, _CODE, "countersigned.refused") if code else "",
        last_head=signed_if(message, "last_head", "ledger-head"),
    )
