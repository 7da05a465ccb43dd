"""What leaves with a refusal or a failure: codes from a fixed list, and no word of the data."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import duckdb
import pytest

from federated.admission import REASONS
from federated.privacy.measurement import ExactAggregate
from federated.study.model import Study
from gateway.site.answer import answer
from gateway.site.audit import AuditLog
from gateway.site.member import Member
from policies.decode import decode
from policies.errors import OsteonError
from tests.attack.world import (
    Hub,
    Snapshot,
    ask,
    forged,
    people,
    policy_of,
    sealed,
    site_of,
    study_of,
    write_store,
)

SECRET = "8471953"
CODES = {
    *REASONS, "envelope_not_valid", "study_not_valid", "nothing_published", "budget_envelope",
    "budget_researcher_year", "budget_year", "budget_life", "could_not_answer",
    "ledger_not_ready", "countersign_unreachable", "store_not_ready",
}  # fmt: skip


def secretive(folder, spoil=""):
    rows = [
        row | {"_patient": SECRET, "risk": float(SECRET), "open_days": int(SECRET)}
        for row in people(5)
    ]
    path = write_store(folder / "secret.duckdb", rows, [])
    if spoil:
        with duckdb.connect(str(path)) as connection:
            connection.execute(spoil)
    return path


SPOILT = [
    "DROP TABLE unit_person",
    "ALTER TABLE unit_person DROP COLUMN sex",
    f"ALTER TABLE unit_person ALTER COLUMN sex TYPE INTEGER USING {SECRET}",
    "ALTER TABLE unit_person ALTER COLUMN follow_days TYPE VARCHAR USING 'x' || open_days",
]
ASK = {
    "ask": [
        {"count": True, "by": ["sex"], "where": "sex = 1"},
        {"survival": {"time": "follow_days", "event": "died = 1"}},
    ]
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_failure_while_reading_says_one_word(tmp_path, heart, hub, capfd, caplog, spoil):
    caplog.set_level(logging.DEBUG)
    site = site_of(tmp_path, heart, Snapshot(secretive(tmp_path, spoil)))
    outcome = ask(site, hub, study_of(site, **ASK))
    again = ask(site, hub, study_of(site, **ASK))
    assert (
        (outcome.state, outcome.reasons)
        == (again.state, again.reasons)
        == ("failed", ("could_not_answer",))
    )
    assert (outcome.charged, again.charged) == (True, False)
    said = repr(outcome) + caplog.text + "".join(capfd.readouterr())
    assert SECRET not in said
    assert "person" not in said


def test_a_failure_is_countersigned_like_an_answer(tmp_path, heart, hub):
    # The number of heads that the coordinator signs must not tell an answer from a failure.
    seqs = []
    for name, spoil in (("sound", ""), ("spoilt", SPOILT[0])):
        folder = tmp_path / name
        folder.mkdir()
        mine = Hub()
        site = site_of(folder, heart, Snapshot(secretive(folder, spoil)))
        ask(site, mine, study_of(site, **ASK))
        seqs.append(mine.heads["north"][0].seq)
    assert seqs[0] == seqs[1]


@pytest.mark.parametrize("size", [2**62, 2**63, -(2**62), 10**30])
def test_a_vector_near_the_end_of_64_bits_is_a_failure_without_its_number(
    site, hub, monkeypatch, size
):
    monkeypatch.setattr(
        "federated.aggregate.exact.aggregate", lambda *_: ExactAggregate([size, 0, 0])
    )
    outcome = ask(site, hub, study_of(site))
    assert (outcome.state, outcome.reasons, outcome.charged) == (
        "failed",
        ("could_not_answer",),
        True,
    )
    assert str(size) not in repr(outcome)


def test_the_largest_steps_and_rows_are_answered_with_their_own_noise(site, hub):
    study = study_of(
        site, unit="visit", rows_max=3, ask=[{"count": True, "name": f"c{i}"} for i in range(40)]
    )
    plain = study.model_dump(mode="json")
    for statistic in plain["statistics"]:
        statistic["steps"] = [2**16]
    outcome = ask(site, hub, decode(Study, plain, where="study"))
    assert outcome.state == "answered"
    assert outcome.release.scale > 2**16 * 3 * 40**0.5


def test_refusals_are_codes_from_the_list(site, hub):
    for policy in (
        policy_of(valid_until="2020-01-01"),
        policy_of("lung", purposes=["DUO:0000001"], researchers=[], statistics=[]),
        policy_of(absent=["sex"], measures_only=True, limits={"cells_max": 1}),
    ):
        outcome = ask(replace(site, policy=policy), hub, study_of(site))
        assert outcome.state == "refused"
        assert outcome.reasons
        assert set(outcome.reasons) <= CODES


def test_a_store_that_is_not_ready_is_said_before_any_charge(site, hub):
    class Broken(OsteonError):
        pass

    def published():
        raise Broken(f"no file for {SECRET}")

    outcome = ask(replace(site, published=published), hub, study_of(site))
    assert (outcome.state, outcome.reasons) == ("failed", ("store_not_ready",))
    assert site.ledger.head() is None


def test_the_audit_log_holds_codes_and_no_data(tmp_path, heart, hub):
    site = site_of(tmp_path, heart, Snapshot(secretive(tmp_path)))
    member = Member(tmp_path, lambda: site)
    study = study_of(site, **ASK)
    member.answer(sealed(study), hub.asked_by(site))
    member.answer(sealed(study), hub.asked_by(site))
    broken = replace(site, published=lambda: Snapshot(tmp_path / "gone.duckdb", "s2"))
    failing = Member(tmp_path, lambda: broken)
    failing.answer(sealed(study), hub.asked_by(site))
    entries = list(AuditLog(tmp_path / "audit.sqlite").entries())
    assert [entry.decision for entry in entries] == ["answered", "answered", "failed"]
    # What the log says was charged is what the ledger charged.
    assert sum(entry.nano_rho for entry in entries) == site.ledger.spent().life
    assert SECRET not in (tmp_path / "audit.sqlite").read_bytes().decode("latin-1")
    assert all(set(entry.reasons) <= CODES for entry in entries)


def test_the_outcome_and_the_audit_log_are_the_same_whatever_the_data(tmp_path, heart):
    logs = []
    for name, rows in (("none", []), ("one", people(1)), ("many", people(90))):
        folder = tmp_path / name
        folder.mkdir()
        site = site_of(folder, heart, Snapshot(write_store(folder / "v.duckdb", rows)))
        outcome = answer(sealed(study_of(site, **ASK), nonce="0" * 32), site, Hub().asked_by(site))
        release = json.loads(outcome.release.to_bytes())
        assert len(release.pop("values")) == 3 + 42
        logs.append((release, outcome.state, outcome.reasons, site.ledger.head().seq))
    assert logs[0] == logs[1] == logs[2]


def test_the_audit_log_does_not_grow_with_what_strangers_send(site, hub, tmp_path):
    member = Member(tmp_path, lambda: site)
    study = study_of(site).model_dump(mode="json") | {"purpose": "x" * 100_000}
    outcome = member.answer(forged(study), hub.asked_by(site))
    assert outcome.reasons == ("purpose_not_allowed",)
    (entry,) = AuditLog(tmp_path / "audit.sqlite").entries()
    assert (entry.actor, entry.purpose) == ("ada", "")
