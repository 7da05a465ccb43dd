"""Frames survive the wire, and nothing else gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.privacy.budgets import Shortfall
from federated.privacy.head import Head
from gateway.errors import WireError
from gateway.wire import codec, frames, research
from gateway.wire.v1 import node_pb2, research_pb2, signed_pb2
from policies.signing import Signed

HASH = "ab" * 32
OFFER = "0123456789abcdef" * 2


def signed(context: str, payload: bytes = b"{}") -> Signed:
    return Signed(context, payload, "0011223344556677", bytes(range(64)))


SHORT = (Shortfall("year", 0, 1_798_761_600), Shortfall("life", 12_345, None))
HEAD = Head("north", 7, HASH, 12_345_678_901)

NODE_FRAMES = [
    frames.Hello("north", 1, 1, HEAD, signed("site-policy")),
    frames.Hello("north", 1, 3, None, None),
    frames.CountersignRequest(OFFER, HEAD, Head("north", 6, "cd" * 32, 0)),
    frames.CountersignRequest(OFFER, HEAD, None),
    frames.Reply(OFFER, "answered", (), signed("release"), charged=True),
    frames.Reply(OFFER, "refused", ("budget_year", "purpose_not_allowed")),
    frames.Reply(OFFER, "refused", ("budget_year", "budget_life"), None, False, SHORT),
    frames.Reply(OFFER, "failed", ("could_not_answer",), charged=True),
    frames.Heartbeat(1_795_438_205),
]
HUB_FRAMES = [
    frames.Welcome(1, signed("ledger-head"), signed("roster"), 1_795_438_205),
    frames.Welcome(1, None, signed("roster"), 0),
    frames.Offer(OFFER, signed("envelope"), 1_795_438_205),
    frames.Countersigned(OFFER, signed_head=signed("ledger-head")),
    frames.Countersigned(OFFER, refused="ledger_behind", last_head=signed("ledger-head")),
    frames.Heartbeat(5),
    frames.GoAway("superseded"),
    frames.Recorded(OFFER),
    frames.RosterChanged(signed("roster")),
]


@pytest.mark.parametrize("frame", NODE_FRAMES, ids=lambda f: type(f).__name__)
def test_a_node_frame_comes_out_as_it_went_in(frame: frames.NodeFrame) -> None:
    assert codec.decode_node_frame(codec.encode_node_frame(frame)) == frame


@pytest.mark.parametrize("frame", HUB_FRAMES, ids=lambda f: type(f).__name__)
def test_a_hub_frame_comes_out_as_it_went_in(frame: frames.HubFrame) -> None:
    assert codec.decode_hub_frame(codec.encode_hub_frame(frame)) == frame


GOLDEN = {
    "hello": (
        codec.encode_node_frame(frames.Hello("north", 1, 1, Head("north", 1, HASH, 5), None)),
        "0a5a0a056e6f72746810011801224d0a056e6f72746810011a40" + HASH.encode().hex() + "2005",
    ),
    "reply": (
        codec.encode_node_frame(frames.Reply(OFFER, "refused", ("budget_year",))),
        "1a310a20" + OFFER.encode().hex() + "10021a0b6275646765745f79656172",
    ),
    "recorded": (codec.encode_hub_frame(frames.Recorded(OFFER)), "32220a20" + OFFER.encode().hex()),
    "go_away": (codec.encode_hub_frame(frames.GoAway("stopping")), "2a0a0a0873746f7070696e67"),
    "heartbeat": (codec.encode_hub_frame(frames.Heartbeat(300)), "220308ac02"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_bytes_on_the_wire_have_not_changed(name: str) -> None:
    encoded, golden = GOLDEN[name]
    assert encoded.hex() == golden


def reply(**fields: object) -> bytes:
    base = {"offer_id": OFFER, "state": signed_pb2.STATE_REFUSED} | fields
    return node_pb2.AttachRequest(reply=node_pb2.Reply(**base)).SerializeToString()


def offer(**fields: object) -> bytes:
    envelope = {
        "context": "envelope",
        "payload": b"{}",
        "key": "0" * 16,
        "signature": bytes(64),
    } | fields
    message = node_pb2.Offer(offer_id=OFFER, envelope=signed_pb2.Signed(**envelope))
    return node_pb2.AttachResponse(offer=message).SerializeToString()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "unknown kind"),
        (b"\xff\xff\xff", "not a AttachRequest"),
        (b"\x00" * (codec.MESSAGE_BYTES_MAX + 1), "more than"),
        (reply(offer_id="../../etc"), "reply.offer_id"),
        (reply(state=0), "reply.state"),
        (reply(state=99), "reply.state"),
        (reply(state=signed_pb2.STATE_NO_REPLY), "no_reply"),
        (reply(state=signed_pb2.STATE_ANSWERED), "reply.release"),
        (reply(reasons=["Patient Müller"]), "reply.reasons"),
        (reply(reasons=["a"] * 33), "reply.reasons"),
    ],
)
def test_a_frame_that_breaks_the_rules_is_named_by_its_field(data: bytes, said: str) -> None:
    with pytest.raises(WireError, match=said):
        codec.decode_node_frame(data)


@pytest.mark.parametrize(
    "fields",
    [{"context": "roster"}, {"payload": b""}, {"key": "x"}, {"signature": b"short"}],
)
def test_a_signed_document_has_its_context_payload_key_and_signature(
    fields: dict[str, object],
) -> None:
    codec.decode_hub_frame(offer())
    with pytest.raises(WireError):
        codec.decode_hub_frame(offer(**fields))


@given(st.binary(max_size=200))
def test_garbage_is_malformed_and_never_another_error(data: bytes) -> None:
    for decode in (
        codec.decode_node_frame,
        codec.decode_hub_frame,
        research.decode_submit,
        research.decode_ask,
    ):
        found = codec.tolerant(decode)(data)
        if isinstance(found, frames.Malformed):
            assert found.reason


SITES = (
    frames.SiteProgress("north", "answered", (), attached=True),
    frames.SiteProgress("south", None),
)


def test_the_researchers_messages_come_out_as_they_went_in() -> None:
    progress = frames.Progress("open", SITES, 77)
    result = frames.StudyResult("complete", SITES, b'{"rows": []}')
    view = frames.NetworkView(
        signed("roster"),
        (
            frames.NetworkSite("north", signed("site-policy"), 5, attached=True),
            frames.NetworkSite("south", None, 0, attached=False),
        ),
    )
    assert research.decode_progress(research.encode_progress(progress)) == progress
    assert research.decode_result(research.encode_result(result)) == result
    assert research.decode_network(research.encode_network(view)) == view
    envelope = signed("envelope")
    assert research.decode_submit(research.encode_submit(envelope)) == envelope
    assert research.decode_study_id(research.encode_study_id(HASH)) == HASH


def test_watch_and_result_ask_with_the_same_bytes() -> None:
    ask = research.encode_ask(frames.Ask(HASH))
    assert research_pb2.ResultRequest.FromString(ask).study_id == HASH
    assert research_pb2.WatchRequest.FromString(ask).study_id == HASH
