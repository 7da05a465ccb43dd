"""Asking again: averaging, re-rolling, replaying, differencing, singling out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.site.answer import answer
from tests.attack.world import (
    BOB,
    NOW,
    Hub,
    Snapshot,
    ask,
    people,
    policy_of,
    sealed,
    site_of,
    study_of,
    write_store,
)


def test_averaging_a_hundred_answers_averages_one(site, hub, snapshot):
    study = study_of(site)
    answers = {ask(site, hub, study).release for _ in range(100)}
    assert len(answers) == 1
    assert site.ledger.spent().life == study.nano_rho
    assert snapshot.opened == 1


def test_a_restart_does_not_roll_again(tmp_path, heart, snapshot, hub):
    answers = set()
    for _ in range(5):
        site = site_of(tmp_path, heart, snapshot)
        study = study_of(site)
        answers.add(ask(site, hub, study).release)
    assert len(answers) == 1
    assert site.ledger.spent().life == study.nano_rho


CURVE = {"time": "follow_days", "event": "died = 1", "grid": [91, 365]}
BASE = {
    "ask": [{"survival": CURVE}],
    "cohort": "sex = 1 and risk > 40 and (died = 0 or died = 1)",
}


@pytest.mark.parametrize(
    "disguise",
    [
        {"title": "Another title"},
        {"purpose": "DUO:0000042"},
        {"cohort": "(died = 1 or died = 0) and risk > 40.0 and sex = '1'"},
        {"cohort": "risk > 40 and risk > 40 and ((sex = 1) and (died = 0 or died = 1))"},
        {"cohort": "sex == 1 and risk > 40", "ask": [{"survival": CURVE, "where": "died = 1 or died = 0"}]},
        {"ask": [{"survival": CURVE, "name": "curve", "title": "Curve"}]},
        {"ask": [{"survival": CURVE | {"read_at": [91]}}]},
    ],
)  # fmt: skip
def test_the_same_question_in_other_clothes_is_the_same_question(site, hub, disguise):
    study = study_of(site, **BASE)
    first = ask(site, hub, study)
    again = ask(site, hub, study_of(site, **(BASE | disguise)))
    assert first.state == "answered"
    assert again.release == first.release
    assert not again.charged
    assert site.ledger.spent().life == study.nano_rho


def test_another_envelope_another_researcher_and_another_policy_do_not_roll_again(site, hub):
    study = study_of(site)
    first = ask(site, hub, study).release
    assert ask(site, hub, study, nonce="f" * 32).release == first
    assert ask(site, hub, study, key=BOB, researcher="bob").release == first
    budget = {"study_epsilon": 1.0, "year_epsilon": 9.0, "life_epsilon": 99.0}
    changed = replace(site, policy=policy_of(serial=2, budget=budget, reply_quantum_ms=0))
    assert ask(changed, hub, study).release == first
    assert site.ledger.spent().life == study.nano_rho


def test_every_spelling_that_is_written_by_hand_is_a_charge_of_its_own(site, hub):
    # The resolver settles spelling; a forger who does not may roll again, and pays each time.
    plain = study_of(site, cohort="sex = 1")
    spelt = plain.model_copy(
        update={"statistics": (plain.statistics[0].model_copy(update={"cohort": "sex  =  1"}),)}
    )
    answers = [ask(site, hub, study) for study in (plain, spelt)]
    assert all(outcome.charged for outcome in answers)
    assert site.ledger.spent().life == 2 * plain.nano_rho


def test_a_new_snapshot_is_a_new_charge_that_an_old_envelope_does_not_pay(site, hub, store):
    study = study_of(site)
    signed = sealed(study)
    assert answer(signed, site, hub.asked_by(site)).charged
    moved = replace(site, published=lambda: Snapshot(store, "s2"))
    replayed = answer(signed, moved, hub.asked_by(moved))
    assert (replayed.state, replayed.reasons) == ("refused", ("budget_envelope",))
    assert ask(moved, hub, study).charged
    assert site.ledger.spent().life == 2 * study.nano_rho


def test_the_difference_of_two_questions_costs_both(site, hub):
    everyone, all_but_one = study_of(site, cohort="risk > 0"), study_of(site, cohort="risk < 79")
    first, second = (ask(site, hub, study) for study in (everyone, all_but_one))
    assert (first.charged, second.charged) == (True, True)
    assert site.ledger.spent().life == 2 * everyone.nano_rho
    assert first.release.scale == second.release.scale


def test_a_stratum_of_one_has_the_noise_and_the_shape_of_any_other(tmp_path, heart):
    asked = {
        "ask": [{"count": True, "by": ["sex", "risk_band", "died"], "where": "follow_days = 9"}]
    }
    shapes = []
    for name, rows in (("with", people(5)), ("without", people(1))):
        folder = tmp_path / name
        folder.mkdir()
        site = site_of(folder, heart, Snapshot(write_store(folder / "v.duckdb", rows)))
        outcome = ask(site, Hub(), study_of(site, **asked))
        release = outcome.release
        shapes.append((outcome.state, len(release.values), release.scale, release.nano_rho))
    assert shapes[0] == shapes[1]
    assert shapes[0][:2] == ("answered", 27)


def test_a_clock_set_back_or_forward_restores_no_lifetime(tmp_path, heart, snapshot, hub):
    from federated.privacy.ledger import Ledger

    site = site_of(tmp_path, heart, snapshot)
    tight = policy_of(budget={"study_epsilon": 1.0, "year_epsilon": 1.0, "life_epsilon": 2.0})
    states = []
    for i, year in enumerate((2026, 2040, 1999, 2026, 2055)):
        when = NOW.replace(year=year).timestamp()
        moved = replace(site, policy=tight, ledger=Ledger(site.ledger.path, lambda at=when: at))
        study = study_of(site, cohort=f"risk > {i}", privacy={"epsilon": 0.9})
        states.append(ask(moved, hub, study).reasons)
    assert states[0] == states[1] == ()
    assert "budget_year" in states[2]
    assert "budget_year" in states[3]
    assert site.ledger.spent().life <= 4 * study.nano_rho


def test_a_stored_answer_is_withheld_from_whom_the_policy_refuses(site, hub):
    study = study_of(site)
    ask(site, hub, study)
    closed = replace(site, policy=policy_of(researchers=["bob"]))
    assert ask(closed, hub, study).reasons == ("researcher_not_allowed",)
