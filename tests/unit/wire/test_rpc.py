"""An error that crosses the wire keeps its class, exit code, words and next step."""

from __future__ import annotations

import grpc
import pytest

from federated.errors import Refused, StudyError
from gateway.errors import NetworkError, NotAdmitted, UnknownStudy, WireError
from gateway.wire.rpc import raised, status_of, trailer_of
from policies.errors import DeclarationError, OsteonError, SignatureError


class FakeRpcError(grpc.RpcError):
    """What gRPC raises at the other end."""

    def __init__(self, status: grpc.StatusCode, details: str, trailer: tuple = ()) -> None:
        super().__init__()
        self._told = (status, details, trailer)

    def code(self) -> grpc.StatusCode:
        return self._told[0]

    def details(self) -> str:
        return self._told[1]

    def trailing_metadata(self) -> tuple:
        return self._told[2]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (UnknownStudy("no such study", hint="look"), UnknownStudy),
        (NotAdmitted("not listed", code="not_in_roster", hint="ask – später"), NotAdmitted),
        (SignatureError("does not verify"), SignatureError),
        (Refused("no", reasons=("x",)), Refused),
        (StudyError("unknown element", where="ask[0]"), StudyError),
        (DeclarationError("unknown key", where="study"), DeclarationError),
        (WireError("reply.state"), WireError),
        (OsteonError("something else"), NetworkError),
    ],
)
def test_errors_survive_the_wire(error: OsteonError, kind: type[OsteonError]) -> None:
    came = raised(FakeRpcError(status_of(error), error.message, trailer_of(error)))
    assert isinstance(came, kind)
    assert came.message == error.message
    assert came.hint == error.hint
    assert came.exit_code == error.exit_code


def test_a_deadline_is_told_in_words() -> None:
    came = raised(FakeRpcError(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded"))
    assert isinstance(came, NetworkError)
    assert came.code == "deadline"
