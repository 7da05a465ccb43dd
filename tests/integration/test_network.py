"""Two nodes and a coordinator on loopback: what a network does on good days and bad ones."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import grpc
import pytest

from gateway.site.node import _padding_s
from gateway.wire import frames
from tests.integration.network_world import World, until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def world(tmp_path: Path):
    world = World(tmp_path)
    for name in ("north", "south"):
        world.join("site", name)
    world.join("researcher", "rita")
    try:
        yield world
    finally:
        world.close()


def states(result: frames.StudyResult) -> dict[str, str | None]:
    return {site.site: site.state for site in result.sites}


def test_two_sites_answer_and_the_sum_comes_back(world: World) -> None:
    coordinator = world.coordinator()
    nodes = [world.node("north", 5), world.node("south", 7)]
    result = world.ask("north", "south", min_sites=2)
    assert result.state == "complete"
    assert json.loads(result.result) == {"total": 12, "sites": ["north", "south"]}
    assert [node.stop() for node in nodes] == [0, 0]
    assert coordinator.stop() == 0


def test_the_same_envelope_is_one_study_and_the_same_question_no_new_answer(world: World) -> None:
    world.coordinator()
    world.node("north", 5)
    envelope = world.envelope("north")
    first = world.stub().submit(envelope, timeout=5)
    assert world.stub().submit(envelope, timeout=5) == first
    world.finished(first)
    assert world.ask("north").state == "complete"
    assert world.answers("north") == 1


def test_a_researcher_who_asks_much_does_not_keep_a_node_from_a_colleague(world: World) -> None:
    """One study is answered at a time: the colleague's is next, not last."""
    world.join("researcher", "bob")
    world.coordinator()
    world.node("north", 5, delay_s=1.0)
    many = [{"ask": f"number {i}"} for i in range(4)]
    for study in many:
        world.stub().submit(world.envelope("north", study=study, deadline_s=30), timeout=5)
    until((world.path / "north" / "working").exists)
    one = {"ask": "bob's"}
    envelope = world.envelope("north", researcher="bob", study=one, deadline_s=30)
    world.stub("bob").submit(envelope, timeout=5)
    until(lambda: world.answers("north") == 5, seconds=20)
    log = (world.path / "north" / "answers.log").read_text().split()
    asked = [many[0], one, *many[1:]]
    assert log == [hashlib.sha256(json.dumps(study).encode()).hexdigest() for study in asked]


def test_each_sites_refusal_and_failure_is_named(world: World) -> None:
    world.coordinator()
    world.node("north", 5)
    world.node("south", 7)
    refused = world.ask("north", "south", study={"ask": "refused by north"})
    assert refused.state == "complete"
    assert [(s.site, s.state, s.reasons) for s in refused.sites] == [
        ("north", "refused", ("purpose_not_allowed",)),
        ("south", "answered", ()),
    ]
    broke = world.ask("north", "south", study={"ask": "boom"})
    assert broke.state == "too_few_sites"
    assert {site.reasons for site in broke.sites} == {("internal_error",)}


def test_no_text_of_a_failure_at_a_site_is_logged_or_sent(world: World) -> None:
    coordinator = world.coordinator()
    node = world.node("north", 5)
    world.ask("north", study={"ask": "boom"})
    for process in (coordinator, node):
        assert "4711" not in process.log.read_text()
    assert node.said("answer_failed", "RuntimeError")


def test_a_study_that_cannot_be_combined_fails_alone(world: World) -> None:
    world.coordinator()
    world.node("north", 5)
    assert world.ask("north", study={"ask": "crash"}).state == "failed"
    assert world.ask("north").state == "complete"


def test_a_site_that_comes_late_finds_its_question(world: World) -> None:
    world.coordinator()
    study = world.stub().submit(world.envelope("north"), timeout=5)
    world.node("north", 5)
    assert world.finished(study).state == "complete"


def test_a_killed_node_counts_as_silent_and_the_others_are_combined(world: World) -> None:
    world.coordinator()
    world.node("north", 5)
    south = world.node("south", 7, delay_s=30)
    study = world.stub().submit(world.envelope("north", "south", deadline_s=3), timeout=5)
    until((world.path / "south/working").exists)
    south.kill()
    result = world.finished(study)
    assert result.state == "complete"
    assert states(result) == {"north": "answered", "south": "no_reply"}
    assert json.loads(result.result)["total"] == 5


def test_too_few_answers_are_no_result(world: World) -> None:
    world.coordinator()
    world.node("north", 5)
    result = world.ask("north", "south", min_sites=2, deadline_s=2)
    assert result.state == "too_few_sites"
    assert result.result == b""


def test_a_killed_coordinator_goes_on_where_it_stopped(world: World) -> None:
    coordinator = world.coordinator()
    north = world.node("north", 5)
    south = world.node("south", 7, delay_s=1.5)
    study = world.stub().submit(
        world.envelope("north", "south", min_sites=2, deadline_s=12), timeout=5
    )
    until(lambda: world.answers("north") == 1)
    until((world.path / "south/working").exists)
    coordinator.kill()
    until(lambda: south.events("disconnected"))
    world.coordinator()
    result = world.finished(study)
    assert states(result) == {"north": "answered", "south": "answered"}
    assert json.loads(result.result)["total"] == 12
    assert (world.answers("north"), world.answers("south")) == (1, 1)
    assert north.child.poll() is None


def test_a_node_killed_before_its_reply_was_recorded_answers_from_its_store(world: World) -> None:
    world.coordinator()
    north = world.node("north", 5, delay_s=0.5)
    study = world.stub().submit(world.envelope("north", deadline_s=10), timeout=5)
    until((world.path / "north/working").exists)
    until((world.path / "north/answers.log").exists)
    # The reply may be on its way: whether it was recorded or not, nothing is drawn twice.
    north.kill()
    world.node("north", 5)
    assert world.finished(study).state == "complete"
    assert world.answers("north") == 1


def test_the_cause_of_a_lost_connection_is_logged_once(world: World) -> None:
    coordinator = world.coordinator()
    node = world.node("north", 5)
    coordinator.kill()
    until(lambda: any(e["cause"] == "refused" for e in node.events("disconnected")))
    time.sleep(1.5)
    causes = [event["cause"] for event in node.events("disconnected")]
    assert causes.count("refused") == 1
    world.coordinator()
    until(lambda: len(node.events("connected")) == 2)


def test_a_stopping_coordinator_says_so(world: World) -> None:
    coordinator = world.coordinator()
    node = world.node("north", 5)
    assert coordinator.stop() == 0
    until(lambda: any(e["cause"] == "stopping" for e in node.events("disconnected")))


def test_a_second_node_takes_over_and_the_first_ends_with_the_cause(world: World) -> None:
    world.coordinator()
    first = world.node("north", 5)
    second = world.node("north", 5, attach=False)
    assert first.child.wait(10) == 1
    assert first.said("superseded", "second node")
    assert second.child.poll() is None
    assert world.ask("north").state == "complete"


def test_a_researcher_admitted_later_is_known_to_attached_nodes(world: World) -> None:
    world.coordinator()
    world.node("north", 5)
    world.join("researcher", "omar")
    envelope = world.envelope("north", researcher="omar")
    stub = world.stub("omar")
    study = stub.submit(envelope, timeout=5)
    *_, last = stub.watch(frames.Ask(study), timeout=10)
    assert last.state == "complete"
    with pytest.raises(grpc.RpcError) as raised:
        world.stub("rita").result(frames.Ask(study), timeout=5)
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


def test_replies_leave_at_multiples_of_the_quantum() -> None:
    for quantum_ms in (50, 250, 1000):
        came = time.monotonic() - 0.3777
        waited = time.monotonic() - came + _padding_s(came, quantum_ms)
        remainder = waited % (quantum_ms / 1000)
        assert min(remainder, quantum_ms / 1000 - remainder) < 0.005
    assert _padding_s(time.monotonic(), 0) == 0
