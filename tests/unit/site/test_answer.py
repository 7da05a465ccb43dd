"""The one door: who gets an answer, what is charged, and that a failure says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import ibis
import pytest

from federated.errors import LedgerError
from federated.privacy.head import CONTEXT
from federated.privacy.ledger import Ledger
from federated.privacy.loss import epsilon_of
from federated.study.catalogue import Catalogue
from federated.study.envelope import Envelope, seal
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from gateway.site.answer import AnsweringSite, answer
from policies.decode import canonical, decode
from policies.roster import Coordinator, Researcher, Roster, Site
from policies.signing import SigningKey
from policies.site import SitePolicy

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA, EVE, COORDINATOR, OFFICER = (SigningKey.generate() for _ in range(4))
ROWS = 200
AMPLE = {"study_epsilon": 1.0, "year_epsilon": 10.0, "life_epsilon": 10.0}


class Snapshot:
    def __init__(self, path, name="s1"):
        self.path, self.id = path, name
        self.connections = 0

    def connect(self):
        self.connections += 1
        return ibis.duckdb.connect(self.path, read_only=True)


class Witness:
    """A coordinator in the same process: countersigns, or is out of reach, or knows better."""

    def __init__(self, error=None):
        self.error = error
        self.heads = []

    def __call__(self, head, previous):
        if self.error is not None:
            raise self.error
        self.heads.append((head, previous))
        return COORDINATOR.sign(head.to_bytes(), CONTEXT)


def policy(**changes) -> SitePolicy:
    plain = {
        "policy": "north", "serial": 1, "site": "north", "dictionary": "heart",
        "purposes": ["DUO:0000006"], "valid_until": "2027-01-01",
        "budget": {"study_epsilon": 1.0, "year_epsilon": 1.5, "life_epsilon": 5.0},
    }  # fmt: skip
    return decode(SitePolicy, plain | changes, where="policy")


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "v1.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE unit_person AS SELECT 'p' || i AS _patient, i AS _row, 1 AS _order,"
            " CASE WHEN i % 4 = 0 THEN '1' ELSE '2' END AS sex, 30.0 AS risk,"
            " CASE WHEN i % 2 = 0 THEN 'low' END AS risk_band,"
            " 500 AS follow_days, '0' AS died FROM range(200) t(i)"
        )
    return path


@pytest.fixture
def site(tmp_path, store, heart):
    Ledger.create(tmp_path / "ledger.sqlite", "north")
    roster = Roster(
        network="valves",
        serial=1,
        coordinator=Coordinator(address="localhost:1", key=COORDINATOR.public_key),
        sites=(Site(name="north", key="x", officer=OFFICER.public_key),),
        researchers=(Researcher(name="ada", key=ADA.public_key),),
    )
    snapshot = Snapshot(store)
    return AnsweringSite(
        name="north",
        policy=policy(),
        roster=roster,
        ledger=Ledger(tmp_path / "ledger.sqlite", NOW.timestamp),
        catalogue=Catalogue(heart),
        published=lambda: snapshot,
        now=lambda: NOW,
        sleep=lambda _: None,
    )


def study_of(site, **changes):
    plain = {
        "title": "Men", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "person",
        "ask": [{"count": True, "by": ["sex"]}], "privacy": {"epsilon": 0.9},
    }  # fmt: skip
    return resolve(decode(StudyFile, plain | changes, where="study"), site.catalogue)


def envelope(study, *, key=ADA, **changes):
    plain = {
        "network": "valves", "researcher": "ada", "study": study.model_dump(mode="json"),
        "sites": ("north",), "min_sites": 1, "created_s": int(NOW.timestamp()),
        "expires_s": int(NOW.timestamp()) + 60, "deadline_s": 60, "nano_rho_max": study.nano_rho,
    }  # fmt: skip
    return seal(Envelope(**(plain | changes)), key)


def changed(site, **changes):
    return AnsweringSite(**({f: getattr(site, f) for f in site.__dataclass_fields__} | changes))


def test_an_answer_is_noisy_charged_and_countersigned(site):
    study = study_of(site)
    witness = Witness()
    outcome = answer(envelope(study), site, witness)
    assert (outcome.state, outcome.charged) == ("answered", True)
    men, women, missing = outcome.release.values
    spread = 8 * outcome.release.scale
    assert abs(men - 50) < spread
    assert abs(women - 150) < spread
    assert abs(missing) < spread
    assert epsilon_of(site.ledger.spent().life) <= 0.9
    # Before data is read, and again before what was posted leaves.
    (before, first), (after, second) = witness.heads
    assert first is None
    assert second == before
    assert after.seq > before.seq


def test_the_same_question_has_the_same_answer_free_and_unread(site):
    study = study_of(site)
    first = answer(envelope(study), site, Witness())
    reads = site.published().connections
    renamed = study_of(site, title="Another title", purpose="DUO:0000006")
    again = answer(envelope(renamed), site, Witness(TimeoutError()))
    assert again.release == first.release
    assert not again.charged
    assert site.published().connections == reads
    assert site.ledger.spent().life == study.nano_rho


def test_another_snapshot_is_another_charge(site, store):
    study = study_of(site, privacy={"epsilon": 0.4})
    answer(envelope(study), site, Witness())
    other = Snapshot(store, "s2")
    outcome = answer(envelope(study), changed(site, published=lambda: other), Witness())
    assert outcome.charged
    assert site.ledger.spent().life == 2 * study.nano_rho


def test_no_reply_leaves_without_a_countersignature_and_no_data_is_read(site):
    study = study_of(site)
    outcome = answer(envelope(study), site, Witness(TimeoutError()))
    assert (outcome.state, outcome.release) == ("failed", None)
    assert site.published().connections == 0
    # The reservation waits: the next try completes it under the same charge.
    done = answer(envelope(study), site, Witness())
    assert done.state == "answered"
    assert site.ledger.spent().life == study.nano_rho


def test_a_coordinator_that_knows_a_later_head_stops_the_answer(site):
    outcome = answer(envelope(study_of(site)), site, Witness(LedgerError("behind")))
    assert (outcome.state, outcome.reasons) == ("failed", ("ledger_not_ready",))
    assert site.published().connections == 0


@pytest.mark.parametrize(
    "change",
    [
        {"key": EVE},
        {"researcher": "eve"},
        {"network": "hips"},
        {"sites": ("south",)},
        {"expires_s": int(NOW.timestamp()) - 1},
    ],
)
def test_an_envelope_that_is_not_for_us_is_refused_uncharged(site, change):
    outcome = answer(envelope(study_of(site), **change), site, Witness())
    assert (outcome.state, outcome.reasons) == ("refused", ("envelope_not_valid",))
    assert site.ledger.head() is None


@pytest.mark.parametrize(
    ("policy_change", "study_change", "reason"),
    [
        ({"valid_until": "2026-04-30"}, {}, "policy_expired"),
        ({"dictionary": "other"}, {}, "dictionary_differs"),
        ({"purposes": ["DUO:0000042"]}, {}, "purpose_not_allowed"),
        ({"researchers": ["bob"]}, {}, "researcher_not_allowed"),
        ({"projects": {"p": {}}}, {}, "project_not_allowed"),
        ({"projects": {"p": {}}}, {"project": "q"}, "project_not_allowed"),
        ({"projects": {"p": {"researchers": ["bob"]}}}, {"project": "p"}, "researcher_not_in_project"),
        ({"statistics": ["proportion"]}, {}, "statistic_not_allowed"),
        ({"measures_only": True}, {}, "measure_unknown"),
        ({"absent": ["sex"]}, {}, "element_not_available"),
        ({"absent": ["risk"]}, {"ask": [{"count": True, "by": ["risk_band"]}]}, "element_not_available"),
        ({"limits": {"cells_max": 2}}, {}, "cells_over_limit"),
        ({}, {"privacy": {"epsilon": 1.2}}, "study_over_budget"),
        ({"limits": {"rows_max": 1}}, {"unit": "visit", "rows_max": 2}, "rows_over_limit"),
    ],
)  # fmt: skip
def test_policy_refuses_with_a_reason_code_and_reads_nothing(
    site, policy_change, study_change, reason
):
    strict = changed(site, policy=policy(**policy_change))
    outcome = answer(envelope(study_of(site, **study_change)), strict, Witness())
    assert outcome.state == "refused"
    assert reason in outcome.reasons
    assert site.ledger.head() is None
    assert site.published().connections == 0


def test_the_year_budget_refuses_by_name(site):
    tight = {"study_epsilon": 1.0, "year_epsilon": 1.0, "life_epsilon": 5.0}
    site = changed(site, policy=policy(budget=tight))
    answer(envelope(study_of(site)), site, Witness())
    second = study_of(site, ask=[{"count": True}])
    outcome = answer(envelope(second), site, Witness())
    assert (outcome.state, outcome.reasons) == (
        "refused",
        ("budget_researcher_year", "budget_year"),
    )


def test_a_project_spends_its_own_budget_and_its_answers_are_everybodys(site):
    projects = {"small": {"life_epsilon": 1.0}, "other": {}}
    site = changed(site, policy=policy(projects=projects, budget=AMPLE))
    first = answer(envelope(study_of(site, project="small")), site, Witness())
    assert first.state == "answered"
    again = study_of(site, ask=[{"count": True}], project="small")
    refused = answer(envelope(again), site, Witness())
    assert (refused.state, refused.reasons) == ("refused", ("budget_project_life",))
    (short,) = refused.shortfalls
    assert epsilon_of(short.left_nano_rho) < 0.9
    assert short.renews_s is None
    assert answer(envelope(study_of(site, project="other")), site, Witness()) == replace(
        first, charged=False
    )
    assert answer(envelope(again.model_copy(update={"project": "other"})), site, Witness()).charged


def test_a_researcher_has_a_budget_for_life(site):
    budget = AMPLE | {"researcher_life_epsilon": 1.0}
    site = changed(site, policy=policy(budget=budget))
    assert answer(envelope(study_of(site)), site, Witness()).state == "answered"
    refused = answer(envelope(study_of(site, ask=[{"count": True}])), site, Witness())
    assert refused.reasons == ("budget_researcher_life",)


def test_an_envelope_is_never_charged_more_than_it_says(site):
    study = study_of(site)
    outcome = answer(envelope(study, nano_rho_max=study.nano_rho - 1), site, Witness())
    assert outcome.reasons == ("budget_envelope",)


def test_a_store_that_cannot_be_reached_keeps_the_reservation_for_the_next_time(
    site, store, tmp_path
):
    """What was reserved is not lost: the same question is answered on it when the store is back."""
    study = study_of(site)
    lame = changed(site, published=lambda: Snapshot(tmp_path / "gone.duckdb"))
    outcome = answer(envelope(study), lame, Witness())
    assert (outcome.state, outcome.reasons) == ("failed", ("store_not_ready",))
    assert site.ledger.spent().life == study.nano_rho
    again = answer(envelope(study), site, Witness())
    assert (again.state, again.charged) == ("answered", False)
    assert site.ledger.spent().life == study.nano_rho


def test_a_failure_while_reading_is_charged_silent_and_stays(site, tmp_path):
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    broken = Snapshot(path)
    lame = changed(site, published=lambda: broken)
    study = study_of(site)
    outcome = answer(envelope(study), lame, Witness())
    assert (outcome.state, outcome.reasons, outcome.charged) == (
        "failed",
        ("could_not_answer",),
        True,
    )
    assert site.ledger.spent().life == study.nano_rho
    again = answer(envelope(study), lame, Witness())
    assert (again.state, again.charged) == ("failed", False)


def test_a_forged_bound_cannot_widen_what_a_patient_adds(site):
    """A study that claims one row per patient without demanding index rows is cut by order."""
    plain = study_of(site, unit="visit", rows_max=1).model_dump(mode="json")
    from federated.study.compile import compile_study
    from federated.study.model import Study

    plan = compile_study(decode(Study, plain, where="study"), site.catalogue)
    assert plan.blocks[0].by_order
    assert plan.blocks[0].rows_max == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s["statistics"][0].update(cohort="nonsense = 1"),
        lambda s: s["statistics"][0].update(by=["risk"]),
        lambda s: s["statistics"][0].update(unit="nowhere"),
        lambda s: s["statistics"][0].update(steps=[10**9]),
        lambda s: s.update(extra=1),
        lambda s: s.update(nano_rho=0),
        lambda s: s["digests"].update(dictionary="0" * 64),
    ],
)
def test_garbage_in_a_signed_envelope_is_refused(site, spoil):
    plain = study_of(site).model_dump(mode="json")
    spoil(plain)
    good = envelope(study_of(site))
    payload = decode(Envelope, __import__("json").loads(good.payload), where="e")
    bad = ADA.sign(canonical(payload.model_copy(update={"study": plain})), "envelope")
    outcome = answer(bad, site, Witness())
    assert outcome.state == "refused"
    assert outcome.reasons in (("study_not_valid",), ("dictionary_differs",))
    assert site.ledger.head() is None
