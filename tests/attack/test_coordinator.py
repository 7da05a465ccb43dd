"""A coordinator that lies, forgets, withholds or crashes, and an officer who voids."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from federated.errors import LedgerError
from federated.privacy.head import CONTEXT, Head
from federated.privacy.ledger import Budgets, Charge, Ledger
from gateway.errors import WireError
from gateway.site import answer as door
from gateway.site.answer import answer
from gateway.site.node import _head_of
from policies.signing import SigningKey
from tests.attack.world import ADA, COORDINATOR, NOW, Hub, ask, policy_of, sealed, study_of

LIMITS = Budgets(10**9, 10**9, 10**9)


def signed(head, key=COORDINATOR):
    return key.sign(head.to_bytes(), CONTEXT)


FORGERIES = {
    "another key": lambda head: signed(head, SigningKey.generate()),
    "the researcher's key": lambda head: signed(head, ADA),
    "another head": lambda head: signed(dataclasses.replace(head, hash="0" * 64)),
    "a cheaper head": lambda head: signed(dataclasses.replace(head, life_nano_rho=0)),
    "another site's head": lambda head: signed(dataclasses.replace(head, site="south")),
    "another context": lambda head: COORDINATOR.sign(head.to_bytes(), "release"),
    "spoilt bytes": lambda head: dataclasses.replace(signed(head), signature=b"0" * 64),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_countersignature_opens_nothing(site, hub, snapshot, forge):
    study = study_of(site)
    outcome = answer(sealed(study), site, lambda head, previous: forge(head))
    assert (outcome.state, outcome.reasons) == ("failed", ("ledger_not_ready",))
    assert snapshot.opened == 0
    # The charge is not lost: an honest signature completes it.
    assert ask(site, hub, study).state == "answered"
    assert site.ledger.spent().life == study.nano_rho


@pytest.mark.parametrize(
    "error", [TimeoutError(), LedgerError("no"), WireError("garbage")], ids=repr
)
def test_a_coordinator_that_withholds_costs_one_charge_however_often(site, hub, snapshot, error):
    study = study_of(site)
    away = Hub(away=error)
    outcomes = [ask(site, away, study) for _ in range(5)]
    assert {outcome.state for outcome in outcomes} == {"failed"}
    assert [outcome.charged for outcome in outcomes] == [True, False, False, False, False]
    assert snapshot.opened == 0
    done = ask(site, hub, study)
    assert (done.state, done.charged) == ("answered", False)
    assert site.ledger.spent().life == study.nano_rho


def test_a_coordinator_that_withholds_after_the_post_gets_no_release(site, snapshot):
    study, hub = study_of(site), Hub()
    calls = []

    def once(head, previous):
        calls.append(head)
        if len(calls) > 1:
            raise TimeoutError
        return hub.asked_by(site)(head, previous)

    outcome = answer(sealed(study), site, once)
    assert (outcome.state, outcome.release) == ("failed", None)
    assert len(calls) == 2
    first, second = (ask(site, hub, study) for _ in range(2))
    assert first.release == second.release is not None
    assert snapshot.opened == 1
    # Once covered, a stored release needs nobody.
    assert ask(site, Hub(away=TimeoutError()), study).release == first.release


def test_old_heads_in_a_welcome_change_nothing(site, hub):
    heads = []
    for i in range(3):
        ask(site, hub, study_of(site, cohort=f"risk > {i}"))
        heads.append(hub.heads["north"])
    for head, signature in [heads[0], heads[2], heads[1], heads[0]]:
        site.ledger.witness(head, signature, COORDINATOR.public_key)
    assert not site.ledger.behind
    assert site.ledger.witnessed() == heads[2][0]
    assert ask(site, hub, study_of(site, cohort="risk > 9")).state == "answered"


@pytest.mark.parametrize(
    "head",
    [
        Head("north", 2**63, "a" * 64, 5),
        Head("north", 2**200, "a" * 64, 5),
        Head("north", 7, "a" * 64, 2**63 - 1),
        Head("north", 7, "a" * 64, 2**200),
        Head("north", 7, "a" * 64, -1),
        Head("north", 0, "a" * 64, 5),
    ],
)
def test_a_head_that_no_ledger_can_have_does_not_break_the_file(site, hub, head):
    plain = vars(head) | {"life_nano_rho": str(head.life_nano_rho)}
    written = COORDINATOR.sign(json.dumps(plain).encode(), CONTEXT)
    with pytest.raises(LedgerError):
        site.ledger.witness(head, written, COORDINATOR.public_key)
    assert not site.ledger.behind
    assert ask(site, hub, study_of(site)).state == "answered"


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b"null", b"{}", b'{"site": "north", "seq": "x", "hash": "", "life_nano_rho": "1"}', b"[" * 99_999],
)  # fmt: skip
def test_a_signed_head_that_cannot_be_read_is_a_wire_error(payload):
    with pytest.raises(WireError):
        _head_of(COORDINATOR.sign(payload, CONTEXT), COORDINATOR.public_key)


def test_a_question_that_waited_is_answered_after_others_were(site, hub):
    waiting = study_of(site, cohort="risk > 1")
    ask(site, Hub(away=TimeoutError()), waiting)
    assert ask(site, hub, study_of(site, cohort="risk > 2")).state == "answered"
    # Its reservation is older than the head that the coordinator holds by now.
    assert ask(site, hub, waiting).state == "answered"
    assert site.ledger.spent().life == 2 * waiting.nano_rho


def test_a_void_does_not_close_the_ledger(site, hub):
    large, small = study_of(site, privacy={"epsilon": 0.9}), study_of(site, cohort="risk > 2")
    signing = hub.asked_by(site)

    def dies(head, previous):
        signing(head, previous)
        raise TimeoutError

    answer(sealed(large), site, dies)
    ((seq, _, _),) = site.ledger.pending()
    site.ledger.void(seq)
    assert site.ledger.spent().life == 0
    assert ask(site, hub, small).state == "answered"
    assert site.ledger.spent().life == small.nano_rho


def test_a_reservation_that_is_voided_on_its_way_reads_nothing(site, hub, monkeypatch):
    signing = hub.asked_by(site)

    def officer_is_quicker(head, previous):
        given = signing(head, previous)
        ((seq, _, _),) = site.ledger.pending()
        site.ledger.void(seq)
        return given

    with monkeypatch.context() as patched:
        patched.setattr(door, "_measure", lambda *_: pytest.fail("data was read"))
        outcome = answer(sealed(study_of(site)), site, officer_is_quicker)
    assert (outcome.state, outcome.reasons) == ("failed", ("ledger_not_ready",))
    assert ask(site, hub, study_of(site)).state == "answered"
    assert site.ledger.spent().life == study_of(site).nano_rho


def test_a_coordinator_that_lost_its_journal_goes_on(site, hub):
    ask(site, hub, study_of(site))
    hub.heads.clear()
    assert ask(site, hub, study_of(site, cohort="risk > 2")).state == "answered"


def test_one_key_never_has_two_charges(site):
    site.ledger.reserve(Charge("k", "e", "ada", 5, 100), LIMITS)
    with pytest.raises(LedgerError, match="another charge"):
        site.ledger.reserve(Charge("k", "e", "ada", 4, 100), LIMITS)
    assert site.ledger.spent().life == 5


def test_many_at_once_with_one_question_get_one_answer(site, hub):
    study = study_of(site)

    def once(_):
        mine = dataclasses.replace(site, ledger=Ledger(site.ledger.path, NOW.timestamp))
        return ask(mine, hub, study)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(once, range(8)))
    releases = {outcome.release for outcome in outcomes if outcome.release is not None}
    assert len(releases) == 1
    assert sum(outcome.charged for outcome in outcomes) == 1
    assert site.ledger.spent().life == study.nano_rho


def test_many_at_once_with_many_questions_stay_within_the_budget(site, hub):
    budget = {"study_epsilon": 1.0, "year_epsilon": 1.0, "life_epsilon": 1.0}
    site = dataclasses.replace(site, policy=policy_of(budget=budget))
    studies = [study_of(site, cohort=f"risk > {i}", privacy={"epsilon": 0.4}) for i in range(12)]

    def once(study):
        mine = dataclasses.replace(site, ledger=Ledger(site.ledger.path, NOW.timestamp))
        return ask(mine, hub, study)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(once, studies))
    limit = study_of(site, privacy={"epsilon": 1.0}).nano_rho
    assert site.ledger.spent().life <= limit
    assert sum(o.charged for o in outcomes) * studies[0].nano_rho == site.ledger.spent().life
    # Whoever was charged and overtaken on the way to the coordinator is answered when asking again.
    for study, outcome in zip(studies, outcomes, strict=True):
        if outcome.charged:
            assert ask(site, hub, study).state == "answered"
    assert site.ledger.spent().life <= limit
