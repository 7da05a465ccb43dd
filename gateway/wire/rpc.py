"""The two services as gRPC sees them: method names, serialisers and the error mapping.

The names come from the generated descriptors, so they cannot drift from the ``.proto`` files.
An :class:`~policies.errors.OsteonError` crosses the wire as a status code plus its ``code``
word and hint in the trailing metadata; :func:`raised` turns it back into the same class.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import grpc

from federated.errors import Refused, StudyError
from gateway.errors import NetworkError, NotAdmitted, UnknownStudy, WireError
from gateway.wire import codec, research
from gateway.wire.v1 import node_pb2, research_pb2
from policies.errors import DeclarationError, OsteonError, SignatureError

__all__ = [
    "CHANNEL_OPTIONS",
    "SERVER_OPTIONS",
    "NodeStub",
    "ResearchStub",
    "node_handlers",
    "raised",
    "research_handlers",
    "status_of",
    "trailer_of",
]

_SIZE_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", codec.MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", codec.MESSAGE_BYTES_MAX),
]
SERVER_OPTIONS: list[tuple[str, Any]] = [
    *_SIZE_OPTIONS,
    # The default tolerates one ping per 5 minutes and ends chatty streams (too_many_pings).
    ("grpc.http2.min_ping_interval_without_data_ms", 30_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.so_reuseport", 0),
]
CHANNEL_OPTIONS: list[tuple[str, Any]] = [
    *_SIZE_OPTIONS,
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # We dial ourselves, with our own pauses and a named cause; no silent retries below us.
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
]

_NODE = node_pb2.DESCRIPTOR.services_by_name["NodeService"].full_name
_RESEARCH = research_pb2.DESCRIPTOR.services_by_name["ResearchService"].full_name


class NodeStub:
    """The node's side of NodeService, on a ``grpc.aio`` channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.attach = channel.stream_stream(
            f"/{_NODE}/Attach",
            request_serializer=codec.encode_node_frame,
            response_deserializer=codec.tolerant(codec.decode_hub_frame),
        )


class ResearchStub:
    """The researcher's side of ResearchService, on a synchronous channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.submit = channel.unary_unary(
            f"/{_RESEARCH}/Submit", research.encode_submit, research.decode_study_id
        )
        self.watch = channel.unary_stream(
            f"/{_RESEARCH}/Watch", research.encode_ask, research.decode_progress
        )
        self.result = channel.unary_unary(
            f"/{_RESEARCH}/Result", research.encode_ask, research.decode_result
        )
        self.network = channel.unary_unary(
            f"/{_RESEARCH}/Network", research.encode_network_request, research.decode_network
        )


def node_handlers(attach: Any) -> grpc.GenericRpcHandler:
    """Serve NodeService: ``attach(context)`` reads and writes frames on the context."""
    return grpc.method_handlers_generic_handler(
        _NODE,
        {
            "Attach": grpc.stream_stream_rpc_method_handler(
                attach,
                request_deserializer=codec.tolerant(codec.decode_node_frame),
                response_serializer=codec.encode_hub_frame,
            )
        },
    )


def research_handlers(submit: Any, watch: Any, result: Any, network: Any) -> grpc.GenericRpcHandler:
    """Serve ResearchService; requests may arrive as Malformed."""
    ask = codec.tolerant(research.decode_ask)
    return grpc.method_handlers_generic_handler(
        _RESEARCH,
        {
            "Submit": grpc.unary_unary_rpc_method_handler(
                submit, codec.tolerant(research.decode_submit), research.encode_study_id
            ),
            "Watch": grpc.unary_stream_rpc_method_handler(watch, ask, research.encode_progress),
            "Result": grpc.unary_unary_rpc_method_handler(result, ask, research.encode_result),
            "Network": grpc.unary_unary_rpc_method_handler(
                network, lambda _: None, research.encode_network
            ),
        },
    )


_STATUS: tuple[tuple[type[OsteonError], grpc.StatusCode], ...] = (
    # The first class that fits decides, so special ones come first.
    (UnknownStudy, grpc.StatusCode.NOT_FOUND),
    (NotAdmitted, grpc.StatusCode.PERMISSION_DENIED),
    (SignatureError, grpc.StatusCode.UNAUTHENTICATED),
    (Refused, grpc.StatusCode.FAILED_PRECONDITION),
    (DeclarationError, grpc.StatusCode.INVALID_ARGUMENT),
    (WireError, grpc.StatusCode.INVALID_ARGUMENT),
)
_CODE_KEY = "osteon-code"
_HINT_KEY = "osteon-hint-bin"


def status_of(error: OsteonError) -> grpc.StatusCode:
    """The status under which an error crosses the wire."""
    return next(
        (status for kind, status in _STATUS if isinstance(error, kind)), grpc.StatusCode.INTERNAL
    )


def trailer_of(error: OsteonError) -> tuple[tuple[str, str | bytes], ...]:
    """Trailing metadata: the code word, and the hint if there is one."""
    hint = ((_HINT_KEY, error.hint.encode()),) if error.hint else ()
    return ((_CODE_KEY, error.code), *hint)


def raised(error: grpc.RpcError) -> OsteonError:
    """The OsteonError that a failed call stands for."""
    status: grpc.StatusCode = error.code()
    details: str = error.details() or status.name.lower()
    trailer: dict[str, Any] = dict(cast("Iterable[Any]", error.trailing_metadata() or ()))
    code = str(trailer.get(_CODE_KEY, ""))
    hint_bytes = trailer.get(_HINT_KEY)
    hint = hint_bytes.decode("utf-8", "replace") if isinstance(hint_bytes, bytes) else None
    match status:
        case grpc.StatusCode.NOT_FOUND:
            return UnknownStudy(details, hint=hint)
        case grpc.StatusCode.PERMISSION_DENIED:
            return NotAdmitted(details, code=code or "not_admitted", hint=hint)
        case grpc.StatusCode.UNAUTHENTICATED:
            return SignatureError(details, hint=hint)
        case grpc.StatusCode.FAILED_PRECONDITION:
            return Refused(details, reasons=(code,), hint=hint)
        case grpc.StatusCode.INVALID_ARGUMENT if code == WireError.code:
            return WireError(details, hint=hint)
        case grpc.StatusCode.INVALID_ARGUMENT:
            return StudyError(details, hint=hint)
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return NetworkError("the coordinator did not answer in time", code="deadline")
        case grpc.StatusCode.UNAVAILABLE:
            return NetworkError(details, code="unavailable", hint=hint)
        case grpc.StatusCode.INTERNAL if not code:
            # Not our server's word: gRPC core says this when a write meets a closed stream.
            return NetworkError("the connection broke", code="unavailable", hint=hint)
        case _:
            return NetworkError(details, code=code or "coordinator", hint=hint)
