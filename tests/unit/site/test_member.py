"""A site's duties: every question ends in the audit log, whoever asked it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from federated.privacy.ledger import Ledger
from federated.study.catalogue import Catalogue
from federated.study.envelope import Envelope, seal
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from gateway.site.answer import AnsweringSite
from gateway.site.audit import AuditEntry, AuditLog
from gateway.site.member import Member
from policies.decode import decode
from policies.errors import SignatureError
from policies.roster import Coordinator, Researcher, Roster, Site
from policies.signing import Signed, SigningKey
from policies.site import SitePolicy

RITA, MALLORY, HUB = SigningKey.generate(), SigningKey.generate(), SigningKey.generate()
STUDY = {
    "title": "Leaks",
    "purpose": "DUO:0000006",
    "dictionary": "heart",
    "unit": "visit",
    "ask": [{"measure": "no_leak"}],
    "privacy": {"epsilon": 1.0},
}
POLICY = {
    "policy": "rules",
    "serial": 1,
    "site": "north",
    "dictionary": "heart",
    "purposes": ["DUO:0000006"],
    "budget": {"year_epsilon": 3, "life_epsilon": 10, "study_epsilon": 2},
    "reply_quantum_ms": 10,
    "valid_until": "2099-12-31",
}


@pytest.fixture
def site(tmp_path: Path, heart: Path) -> AnsweringSite:
    Ledger.create(tmp_path / "ledger.sqlite", "north")
    key = SigningKey.generate().public_key
    return AnsweringSite(
        name="north",
        policy=decode(SitePolicy, POLICY, where="policy"),
        roster=Roster(
            network="midwest",
            serial=1,
            coordinator=Coordinator(address="a:1", key=HUB.public_key),
            sites=(Site(name="north", key=key, officer=key),),
            researchers=(Researcher(name="rita", key=RITA.public_key),),
        ),
        ledger=Ledger(tmp_path / "ledger.sqlite"),
        catalogue=Catalogue(heart),
        published=lambda: None,
    )


def envelope(heart: Path, key: SigningKey, **changes: object) -> Signed:
    study = resolve(decode(StudyFile, STUDY | changes, where="study"), Catalogue(heart))
    now_s = int(time.time())
    return seal(
        Envelope(
            network="midwest",
            researcher="rita",
            study=study.model_dump(mode="json"),
            sites=("north",),
            min_sites=1,
            created_s=now_s,
            expires_s=now_s + 60,
            deadline_s=5,
            nano_rho_max=study.nano_rho,
        ),
        key,
    )


def unreachable(*_: object) -> Signed:
    raise TimeoutError


def ask(site: AnsweringSite, folder: Path, signed: Signed) -> AuditEntry:
    outcome = Member(folder, lambda: site).answer(signed, unreachable)
    log = AuditLog(folder / "audit.sqlite")
    assert log.verify() == 1
    (entry,) = log.entries()
    assert (entry.decision, entry.reasons) == (outcome.state, outcome.reasons)
    return entry


def test_a_question_that_is_in_order_is_recorded_under_its_researcher(
    site: AnsweringSite, tmp_path: Path, heart: Path
) -> None:
    entry = ask(site, tmp_path, envelope(heart, RITA))
    assert entry.actor == "rita"
    assert entry.reasons == ("nothing_published",)
    assert entry.purpose == "DUO:0000006"
    assert len(entry.question) == 64
    assert entry.nano_rho == 0


def test_a_forged_question_is_recorded_under_no_name(
    site: AnsweringSite, tmp_path: Path, heart: Path
) -> None:
    entry = ask(site, tmp_path, envelope(heart, MALLORY))
    assert (entry.actor, entry.reasons) == ("", ("envelope_not_valid",))


def test_what_is_no_envelope_at_all_is_recorded_too(site: AnsweringSite, tmp_path: Path) -> None:
    entry = ask(site, tmp_path, RITA.sign(b"{}", "envelope"))
    assert (entry.actor, entry.question) == ("", "")
    assert len(entry.envelope) == 64


def test_a_site_whose_policy_stopped_verifying_says_so_and_records_it(
    site: AnsweringSite, tmp_path: Path, heart: Path
) -> None:
    readings = iter([site])

    def load() -> AnsweringSite:
        opened = next(readings, None)
        if opened is None:
            raise SignatureError("policy.signed.json: another key signed it")
        return opened

    outcome = Member(tmp_path, load).answer(envelope(heart, RITA), unreachable)
    assert (outcome.state, outcome.reasons, outcome.charged) == (
        "failed",
        ("site_not_ready",),
        0,
    )
    (entry,) = AuditLog(tmp_path / "audit.sqlite").entries()
    assert entry.reasons == ("site_not_ready",)


def test_a_failure_past_the_door_is_recorded_and_goes_on(
    site: AnsweringSite, tmp_path: Path, heart: Path
) -> None:
    def broken() -> None:
        raise OSError("disk")

    site = AnsweringSite(**(vars(site) | {"published": broken}))
    with pytest.raises(OSError, match="disk"):
        Member(tmp_path, lambda: site).answer(envelope(heart, RITA), unreachable)
    (entry,) = AuditLog(tmp_path / "audit.sqlite").entries()
    assert entry.reasons == ("internal_error",)
