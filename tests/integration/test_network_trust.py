"""Who is kept out, and with which words: certificates, rosters, envelopes, garbage."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest

from federated.study.envelope import seal
from gateway.identity.dial import diagnose
from gateway.identity.folder import IdentityFolder
from gateway.identity.network import NetworkFolder
from gateway.wire import frames
from gateway.wire.rpc import raised
from gateway.wire.v1 import research_pb2, research_pb2_grpc
from policies.signing import SigningKey
from tests.integration.network_world import ROOT, World, converse, until

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


def causes(process) -> list[str]:
    return [event["cause"] for event in process.events("disconnected")]


# -- certificates ----------------------------------------------------------------------------


def test_a_node_with_an_expired_certificate_ends_with_name_date_and_next_step(
    world: World,
) -> None:
    world.coordinator()
    identity = world.join("site", "south", days=-1)
    node = world.node("south", 7, attach=False)
    assert node.child.wait(10) == 1
    end = identity.certificate.not_valid_after_utc.strftime("%Y-%m-%d")
    assert node.said("osteon://midwest/site/south", end, "osteon identity request")


def test_an_expired_coordinator_does_not_start_and_says_how_to_renew(world: World) -> None:
    world.network.renew(days=-1)
    started = subprocess.run(
        [sys.executable, "-m", "tests.integration.fake_coordinator", str(world.network.path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )
    assert started.returncode == 1
    assert "midwest/coordinator" in started.stderr
    assert "osteon network renew" in started.stderr


class Expired(NetworkFolder):
    """A coordinator that does not look at the end of its certificate."""

    def tls(self):
        self.renew(days=1)
        good = super().tls()
        self.renew(days=-1)
        certificate = (self.identity / "tls_cert.pem").read_bytes()
        return type(good)(good.ca, good.key, certificate)


def serve_with(world: World, tls) -> grpc.Server:
    from concurrent.futures import ThreadPoolExecutor

    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_secure_port(
        "127.0.0.1:0",
        grpc.ssl_server_credentials([(tls.key, tls.certificate)], tls.ca, require_client_auth=True),
    )
    server.start()
    world.address = f"127.0.0.1:{port}"
    return server


def test_a_node_names_the_coordinators_expired_certificate_and_its_date(world: World) -> None:
    server = serve_with(world, Expired(world.network.path, world.network.network).tls())
    node = world.node("north", 5, attach=False)
    until(lambda: causes(node))
    assert causes(node) == ["coordinator_certificate_expired"]
    assert node.said(time.strftime("%Y-%m-", time.gmtime(time.time() - 86400)), "network renew")
    server.stop(None)


def test_a_node_does_not_talk_to_a_coordinator_of_another_authority(
    world: World, tmp_path: Path
) -> None:
    stranger = NetworkFolder.create(tmp_path / "evil", name="midwest", address="127.0.0.1:0")
    server = serve_with(world, stranger.tls())
    node = world.node("north", 5, attach=False)
    until(lambda: causes(node))
    assert causes(node) == ["wrong_ca"]
    server.stop(None)


def test_a_coordinator_does_not_talk_to_a_node_of_another_authority(
    world: World, tmp_path: Path
) -> None:
    world.coordinator()
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other")
    other.join("site", "north")
    north, theirs = world.path / "north/identity", other.path / "north/identity"
    for name in ("tls_key.pem", "tls_cert.pem"):
        (north / name).write_bytes((theirs / name).read_bytes())
    node = world.node("north", 5, attach=False)
    until(lambda: causes(node))
    assert causes(node) == ["certificate_refused"]


def test_the_certificate_must_be_for_the_address_that_is_dialled(world: World) -> None:
    world.coordinator()
    identity = IdentityFolder.load(world.path / "north")
    found = diagnose(identity, world.address.replace("127.0.0.1", "localhost"))
    assert found.code == "hostname"


@pytest.mark.parametrize(
    ("address", "code"),
    [("no-such-host.invalid:7443", "dns"), ("127.0.0.1:1", "refused")],
)
def test_the_failing_hop_is_named(world: World, address: str, code: str) -> None:
    assert diagnose(IdentityFolder.load(world.path / "north"), address).code == code


def test_a_port_that_speaks_no_tls_is_named(world: World) -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            peer, _ = listener.accept()
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.close()

        threading.Thread(target=answer, daemon=True).start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        assert diagnose(IdentityFolder.load(world.path / "north"), address).code == "tls"


def test_a_caller_without_a_certificate_is_not_heard(world: World) -> None:
    world.coordinator()
    ca = IdentityFolder.load(world.path / "north").tls().ca
    with grpc.secure_channel(world.address, grpc.ssl_channel_credentials(ca)) as channel:
        call = research_pb2_grpc.ResearchServiceStub(channel).Network
        with pytest.raises(grpc.RpcError) as error:
            call(research_pb2.NetworkRequest(), timeout=5)
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE


# -- roster ----------------------------------------------------------------------------------


def test_a_site_off_the_roster_is_sent_away_and_kept_out(world: World) -> None:
    world.coordinator()
    node = world.node("north", 5)
    world.network.remove("site", "north")
    until(lambda: "not_in_roster" in causes(node))
    assert len(node.events("connected")) == 1


def test_a_researcher_off_the_roster_is_refused(world: World) -> None:
    world.coordinator()
    world.network.remove("researcher", "rita")
    with pytest.raises(grpc.RpcError) as error:
        world.stub().network(None, timeout=5)
    cause = raised(error.value)
    assert (cause.code, cause.exit_code) == ("not_in_roster", 3)


def test_each_role_has_its_own_calls(world: World) -> None:
    world.coordinator()
    with pytest.raises(grpc.RpcError) as error:
        world.stub("north").network(None, timeout=5)
    assert error.value.code() is grpc.StatusCode.PERMISSION_DENIED
    hello = frames.Hello("rita", 1, 1, None, None)
    with pytest.raises(grpc.RpcError) as error:
        converse(world, "rita", [hello])
    assert error.value.code() is grpc.StatusCode.PERMISSION_DENIED


# -- envelopes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"network": "elsewhere"}, "network"),
        ({"expires_s": int(time.time()) - 1}, "expired"),
        ({"created_s": int(time.time()) + 4000, "expires_s": 2**33}, "future"),
        ({"sites": ("north", "atlantis")}, "atlantis"),
        ({"sites": ("north", "north")}, "twice"),
        ({"min_sites": 2}, "min_sites"),
        ({"study": {"nothing": 1}}, "asks nothing"),
    ],
)
def test_an_envelope_that_does_not_fit_is_refused(world: World, changes: dict, said: str) -> None:
    world.coordinator()
    with pytest.raises(grpc.RpcError) as error:
        world.stub().submit(world.envelope(*changes.pop("sites", ("north",)), **changes), timeout=5)
    assert said in error.value.details()
    assert raised(error.value).exit_code in (2, 3)


def test_a_forged_envelope_is_refused_by_the_coordinator(world: World) -> None:
    world.coordinator()
    world.join("researcher", "mallory")
    genuine = world.envelope("north")
    mallory = IdentityFolder.load(world.path / "mallory").signing_key()
    forged = mallory.sign(genuine.payload, "envelope")
    for sender in ("rita", "mallory"):
        with pytest.raises(grpc.RpcError) as error:
            world.stub(sender).submit(forged, timeout=5)
        assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_stolen_coordinator_can_neither_forge_nor_delay_a_question(world: World) -> None:
    """The coordinator's own machinery is made to offer what no researcher signed."""
    from federated.study.envelope import open_envelope
    from gateway.coordinator.journal import Journal

    rita = world.network.roster().researcher("rita").key
    real = open_envelope(world.envelope("north"), rita)
    forged = seal(real, SigningKey.generate())
    stale = world.envelope("north", expires_s=int(time.time()) - 1)
    with Journal(world.network.path / "journal.sqlite") as journal:
        for study_id, envelope in (("f" * 64, forged), ("e" * 64, stale)):
            journal.submit(
                study_id,
                envelope,
                researcher="rita",
                sites=("north",),
                min_sites=1,
                deadline_s=int(time.time()) + 60,
                now_s=int(time.time()),
            )
    world.coordinator()
    world.node("north", 5)
    for study_id in ("f" * 64, "e" * 64):
        result = world.finished(study_id)
        assert [(site.state, site.reasons) for site in result.sites] == [
            ("refused", ("envelope_not_valid",))
        ]
    assert world.answers("north") == 0
