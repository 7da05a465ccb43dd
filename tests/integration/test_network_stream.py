"""The node's stream, spoken by hand: odd hellos, replays, garbage, false releases."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import grpc
import pytest

from federated.privacy.head import CONTEXT, Head
from gateway.identity.folder import IdentityFolder
from gateway.wire import codec, frames
from gateway.wire.rpc import NodeStub
from gateway.wire.v1 import node_pb2_grpc, research_pb2, research_pb2_grpc
from policies.signing import SigningKey, verify
from tests.integration.network_world import World, converse, credentials

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def world(tmp_path: Path):
    world = World(tmp_path)
    world.join("site", "north")
    world.join("researcher", "rita")
    try:
        yield world
    finally:
        world.close()


HELLO = frames.Hello("north", 1, 1, None, None)


@pytest.mark.parametrize(
    ("hello", "said"),
    [
        (frames.Hello("south", 1, 1, None, None), "another site"),
        (frames.Hello("north", 7, 9, None, None), "protocol"),
        (
            frames.Hello("north", 1, 1, None, SigningKey.generate().sign(b"{}", "site-policy")),
            "site-policy",
        ),
        (frames.Heartbeat(1), "no hello"),
    ],
)
def test_a_hello_that_does_not_fit_is_refused_with_the_reason(
    world: World, hello: frames.NodeFrame, said: str
) -> None:
    world.coordinator()
    with pytest.raises(grpc.RpcError) as error:
        converse(world, "north", [hello])
    assert said in error.value.details()


def test_a_replayed_countersign_gives_the_same_signature_and_an_old_ledger_none(
    world: World,
) -> None:
    world.coordinator()
    first, second = (Head("north", seq, f"{seq}" * 64, 10 * seq) for seq in (1, 2))

    def ask(head: Head, previous: Head | None) -> frames.CountersignRequest:
        return frames.CountersignRequest(secrets.token_hex(16), head, previous)

    asked = [ask(first, None), ask(first, None), ask(second, first), ask(first, None)]
    welcome, *answers = converse(world, "north", [HELLO, *asked], reads=5)
    assert isinstance(welcome, frames.Welcome)
    assert welcome.countersigned_head is None
    signed = [answer.signed_head for answer in answers]
    key = world.network.roster().coordinator.key
    assert verify(signed[0], key, CONTEXT) == first.to_bytes()
    assert signed[1] == signed[0]
    assert verify(signed[2], key, CONTEXT) == second.to_bytes()
    assert (answers[3].refused, answers[3].last_head) == ("ledger_behind", signed[2])
    (again,) = converse(world, "north", [HELLO])
    assert again.countersigned_head == signed[2]


def test_a_reply_to_nothing_or_with_a_false_release_enters_no_result(world: World) -> None:
    world.coordinator()
    study = world.stub().submit(world.envelope("north"), timeout=5)

    async def talk() -> None:
        identity = IdentityFolder.load(world.path / "north")
        async with grpc.aio.secure_channel(world.address, credentials(identity)) as channel:
            call = NodeStub(channel).attach()
            await call.write(HELLO)
            assert isinstance(await call.read(), frames.Welcome)
            offer = await call.read()
            false = SigningKey.generate().sign(b"{}", "release")
            await call.write(frames.Reply("ab" * 16, "refused"))
            await call.write(frames.Reply(offer.offer_id, "answered", release=false))
            assert await call.read() == frames.Recorded(offer.offer_id)

    asyncio.run(talk())
    result = world.finished(study)
    assert result.state == "too_few_sites"
    assert [(site.state, site.reasons) for site in result.sites] == [
        ("failed", ("release_signature",))
    ]


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\xff" * 100, b"\x0a\x05\x0a\x03abc", bytes(5 * 1024 * 1024)],
    ids=["empty", "noise", "half", "oversized"],
)
def test_garbage_on_the_stream_does_not_harm_the_others(world: World, garbage: bytes) -> None:
    coordinator = world.coordinator()
    world.node("north", 5)
    world.join("site", "south")

    async def talk() -> grpc.StatusCode:
        identity = IdentityFolder.load(world.path / "south")
        async with grpc.aio.secure_channel(
            world.address,
            credentials(identity),
            options=[("grpc.max_send_message_length", -1)],
        ) as channel:
            path = "/gateway.wire.v1.NodeService/Attach"
            call = channel.stream_stream(path)()
            await call.write(codec.encode_node_frame(frames.Hello("south", 1, 1, None, None)))
            await call.read()
            await call.write(garbage)
            return await asyncio.wait_for(call.code(), 5)

    code = asyncio.run(talk())
    assert code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert coordinator.child.poll() is None
    assert world.ask("north").state == "complete"


def test_garbage_to_the_researchers_calls_is_an_invalid_argument(world: World) -> None:
    coordinator = world.coordinator()
    identity = IdentityFolder.load(world.path / "rita")
    with grpc.secure_channel(world.address, credentials(identity)) as channel:
        for method in ("Submit", "Result"):
            call = channel.unary_unary(f"/gateway.wire.v1.ResearchService/{method}")
            with pytest.raises(grpc.RpcError) as error:
                call(b"\xff" * 30, timeout=5)
            assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert coordinator.child.poll() is None


def test_the_generated_stubs_can_talk_to_the_server(world: World) -> None:
    world.coordinator()
    identity = IdentityFolder.load(world.path / "rita")
    with grpc.secure_channel(world.address, credentials(identity)) as channel:
        found = research_pb2_grpc.ResearchServiceStub(channel).Network(
            research_pb2.NetworkRequest(), timeout=5
        )
    assert [site.site for site in found.sites] == ["north"]
    assert node_pb2_grpc.NodeServiceStub
