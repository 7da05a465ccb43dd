"""When a site speaks: a wait that hides a patient, then the quantum; dates and heads tell no more."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import gateway
from federated.admission import REASONS
from federated.aggregate import exact
from federated.errors import LedgerError
from federated.privacy.head import Head
from federated.privacy.ledger import Ledger
from federated.privacy.reply_time import MEAN_S_MAX, mean_s, moved_s, sd_s
from federated.study.compile import compile_study
from federated.study.outcome import Outcome
from federated.study.preview import preview
from gateway.site.answer import AnsweringSite, answer
from gateway.site.member import Member
from gateway.site.node import Node
from gateway.wire.frames import Offer
from policies.site import Limits
from tests.attack.world import (
    COORDINATOR,
    NOW,
    Hub,
    ask,
    forged,
    policy_of,
    sealed,
    site_of,
    study_of,
)

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


def node_of(duties):
    return Node(
        SimpleNamespace(
            member=SimpleNamespace(name="north"), roster=lambda: SimpleNamespace(researchers=())
        ),
        duties,
        address="localhost:1",
    )


@pytest.mark.parametrize("read_s", [0.0, 0.05, 0.2])
def test_the_request_that_follows_the_data_waits_for_the_quantum(read_s):
    node = node_of(SlowDuties(read_s))
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


@pytest.mark.parametrize("read_s", [0.0, 0.1])
def test_the_reply_itself_waits_for_the_quantum(read_s):
    class Duties(SlowDuties):
        def answer(self, envelope, countersign):
            time.sleep(self.read_s)
            return Outcome("north", "refused", ("policy_expired",))

    async def first_reply():
        node = node_of(Duties(read_s))
        sent = asyncio.get_running_loop().create_future()
        node._send = sent.set_result
        working = asyncio.create_task(node._work())
        came_s = time.monotonic()
        node._take(Offer("0" * 32, forged({}), int(time.time()) + 60))
        reply = await sent
        took_s = time.monotonic() - came_s
        working.cancel()
        return reply, took_s

    reply, took_s = asyncio.run(first_reply())
    assert reply.reasons == ("policy_expired",)
    assert took_s >= QUANTUM_S - 0.01


def test_another_question_is_not_begun_before_the_reply_has_left():
    """Or when it is answered would tell when the first was read, and the wait of that one nothing."""
    seen, named = [], {}

    class Duties(SlowDuties):
        reply_quantum_ms = 10

        def answer(self, envelope, countersign):
            seen.append(f"begin {named[envelope.payload]}")
            time.sleep(0.05)
            return Outcome("north", "refused", ("policy_expired",))

    async def answered():
        node = node_of(Duties(0.0))
        all_sent = asyncio.Event()

        def send(reply):
            seen.append(f"send {reply.offer_id[0]}")
            if reply.offer_id[0] == "2":
                all_sent.set()

        node._send = send
        working = asyncio.create_task(node._work())
        for which in "012":
            envelope = forged({"title": which})
            named[envelope.payload] = which
            node._take(Offer(which * 32, envelope, int(time.time()) + 60))
        await asyncio.wait_for(all_sent.wait(), 20)
        working.cancel()

    asyncio.run(answered())
    assert seen == [f"{act} {which}" for which in "012" for act in ("begin", "send")]


# -- the wait ---------------------------------------------------------------------------------


@pytest.fixture
def acts(site, monkeypatch):
    """The site with what it does in order: read, wait, post, ask."""
    seen = []
    real, post = exact.aggregate, Ledger.post

    def aggregate(plan, backend):
        seen.append("read")
        return real(plan, backend)

    def posted(ledger, *args):
        seen.append("post")
        return post(ledger, *args)

    monkeypatch.setattr(exact, "aggregate", aggregate)
    monkeypatch.setattr(Ledger, "post", posted)

    class Noting(Hub):
        def countersigned(self, head, signed, *, now_s):
            seen.append("ask")
            super().countersigned(head, signed, now_s=now_s)

    return replace(site, sleep=lambda _: seen.append("wait")), Noting(), seen


def test_nothing_is_seen_between_the_reading_and_the_wait(acts):
    site, hub, seen = acts
    assert ask(site, hub, study_of(site)).state == "answered"
    assert seen == ["ask", "read", "wait", "post", "ask"]
    # What was read before needs no wait, as it reads nothing.
    assert ask(site, hub, study_of(site)).state == "answered"
    assert len(seen) == 5


def test_a_failure_while_reading_waits_as_an_answer_does(acts, monkeypatch):
    site, hub, seen = acts

    def broken(plan, backend):
        raise ValueError("no such column")

    monkeypatch.setattr(exact, "aggregate", broken)
    assert ask(site, hub, study_of(site)).reasons == ("could_not_answer",)
    assert seen == ["ask", "wait", "post", "ask"]


def waited(site, hub, study):
    """Seconds that a new question waits."""
    waits = []
    ask(replace(site, sleep=waits.append), hub, study)
    (seconds,) = waits
    return seconds


def test_waits_are_drawn_anew_for_each_question_and_as_wide_as_charged(site, hub):
    """σ follows from the charge: (τ/σ)²/2 is a sixteenth of it."""
    wide = policy_of(budget={"study_epsilon": 2.0, "year_epsilon": 100.0, "life_epsilon": 1000.0})
    site = replace(site, policy=wide)
    drawn = []
    for i in range(60):
        study = study_of(site, cohort=f"risk > {i}", privacy={"rho": 0.01})
        plan = compile_study(study, site.catalogue)
        sd = sd_s(study.nano_rho, plan.parts)
        assert (moved_s(plan.parts) / sd) ** 2 / 2 == pytest.approx(0.01 / 16)
        drawn.append((waited(site, hub, study) - mean_s(study.nano_rho, plan.parts)) / sd)
    # The law itself is tested in tests/unit/privacy/test_reply_time.py.
    assert len(set(drawn)) == len(drawn)
    assert 0.6 < np.std(drawn) < 1.45


def test_asking_again_where_no_post_can_be_written_does_not_average_the_time(
    tmp_path, heart, snapshot, hub, monkeypatch
):
    """Data is read each time, but the draw is the reservation's own, in every process."""

    def full(ledger, reservation, release):
        raise LedgerError("disk full")

    monkeypatch.setattr(Ledger, "post", full)
    site = site_of(tmp_path, heart, snapshot)
    study = study_of(site)
    waits = [waited(site_of(tmp_path, heart, snapshot), hub, study) for _ in range(5)]
    assert snapshot.opened == 5
    assert len(set(waits)) == 1


def test_a_charge_too_small_for_any_wait_is_refused_unread_and_previewed(site, hub, untouched):
    study = study_of(site, privacy={"rho": 1e-9})
    outcome = ask(site, hub, study)
    untouched(outcome)
    assert outcome.reasons == ("charge_too_small",)
    assert set(outcome.reasons) <= set(REASONS)
    shown = preview(study, site.catalogue, [site.policy], researcher="ada", today=NOW.date())
    assert shown.sites[0].reasons == outcome.reasons
    plan = compile_study(study_of(site), site.catalogue)
    assert mean_s(plan.nano_rho, plan.parts) < MEAN_S_MAX


def test_the_policy_says_how_long_a_reply_may_keep_the_site_from_the_next(site, hub, untouched):
    """A wait is everybody's: what would wait longer is refused unread and uncharged."""
    study = study_of(site, privacy={"rho": 1e-6})
    plan = compile_study(study, site.catalogue)
    assert 30 < mean_s(plan.nano_rho, plan.parts) < MEAN_S_MAX
    outcome = ask(site, hub, study)
    untouched(outcome)
    assert outcome.reasons == ("charge_too_small",)
    longest = Limits(wait_s_max=int(MEAN_S_MAX))
    lets = replace(site, policy=site.policy.model_copy(update={"limits": longest}))
    assert mean_s(plan.nano_rho, plan.parts) / 2 < waited(lets, hub, study)
    with pytest.raises(ValueError, match="wait_s_max"):
        Limits(wait_s_max=int(MEAN_S_MAX) + 1)


def test_a_site_as_it_is_opened_waits_on_the_real_clock():
    """No code that opens a site gives it another sleep, so nothing can turn the wait off."""
    assert AnsweringSite.sleep is time.sleep
    sources = [path.read_text("utf-8") for path in Path(gateway.__file__).parent.glob("site/*.py")]
    assert sum("AnsweringSite(" in source for source in sources) == 1
    assert not [source for source in sources if "sleep=" in source]


# -- dates and heads --------------------------------------------------------------------------


def test_the_hash_of_a_post_tells_no_date_but_its_reservations(tmp_path, heart, snapshot, hub):
    """The coordinator holds the head and knows all else that is hashed: it can try every second."""
    clock = [NOW.timestamp()]
    site = site_of(tmp_path, heart, snapshot)
    site = replace(site, ledger=Ledger(site.ledger.path, lambda: clock[0]))

    def read_for_an_hour(_):
        clock[0] += 3600

    outcome = ask(replace(site, sleep=read_for_an_hour), hub, study_of(site))
    assert outcome.state == "answered"
    reserve, post = entries(site.ledger.path)
    assert (reserve["kind"], post["kind"]) == ("reserve", "post")
    assert post["vouches"] == hashlib.sha256(outcome.release.to_bytes()).hexdigest()
    assert post["at_s"] == reserve["at_s"] == int(NOW.timestamp())
    assert post["hash"] == hub.heads["north"][0].hash


def entries(path):
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute("SELECT * FROM entry ORDER BY seq")]
    connection.close()
    return found


def test_hello_in_mid_answer_shows_no_head_that_was_not_countersigned(tmp_path, site, hub):
    """A stream that is broken and dialled again while an answer is made must not tell of its post."""
    member = Member(tmp_path, lambda: site)
    assert member.ledger_head() is None
    shown = []
    signing = hub.asked_by(site)

    def countersign(head, previous):
        shown.append((member.ledger_head(), head))  # in mid-answer, the new head not yet signed
        return signing(head, previous)

    assert answer(sealed(study_of(site)), site, countersign).state == "answered"
    (before_reading, reserved), (after_post, posted) = shown
    assert before_reading is None
    assert after_post == reserved != posted
    assert member.ledger_head() == posted == site.ledger.head()
