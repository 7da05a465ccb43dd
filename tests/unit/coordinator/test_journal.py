"""The journal: what it returned from is there after a crash, and first outcomes stand."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from federated.privacy.budgets import Shortfall
from federated.privacy.head import Head
from gateway.coordinator.journal import Journal, OutcomeRow
from gateway.errors import JournalError
from policies.signing import Signed

ENVELOPE = Signed("envelope", b"{}", "0" * 16, bytes(64))
RELEASE = Signed("release", b"{}", "0" * 16, bytes(64))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def submit(
    journal: Journal, study: str = "s1", sites: tuple[str, ...] = ("north", "south")
) -> bool:
    return journal.submit(
        study, ENVELOPE, researcher="rita", sites=sites, min_sites=1, deadline_s=100, now_s=1
    )


def test_a_study_is_journalled_once(path: Path) -> None:
    with Journal(path) as journal:
        assert submit(journal)
        assert not submit(journal)
        assert len(journal.open_offers("north")) == 1
        assert [row.state for row in journal.outcomes("s1")] == [None, None]


def test_everything_is_there_after_reopening(path: Path) -> None:
    with Journal(path) as journal:
        submit(journal)
        offer = journal.open_offers("north")[0]
        journal.record(
            offer.id, OutcomeRow("north", "answered", (), RELEASE, charged=True), now_s=2
        )
    with Journal(path) as journal:
        assert [study.id for study in journal.open_studies()] == ["s1"]
        assert journal.open_offers("north") == []
        assert journal.open_offers("south")[0].envelope == ENVELOPE
        assert journal.outcomes("s1")[0] == OutcomeRow(
            "north", "answered", (), RELEASE, charged=True
        )


def test_a_journal_from_before_refusals_told_what_is_left_goes_on(path: Path) -> None:
    with Journal(path) as journal:
        submit(journal)
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE outcome DROP COLUMN shortfalls")
        db.execute(
            "INSERT INTO outcome SELECT id, 'refused', '[\"budget_year\"]', NULL, 0, 2"
            " FROM offer WHERE site = 'south'"
        )
        db.commit()
    short = (Shortfall("year", 5, 1_798_761_600), Shortfall("life", 0, None))
    with Journal(path) as journal:
        (offer,) = journal.open_offers("north")
        refused = OutcomeRow("north", "refused", ("budget_year", "budget_life"), None, False, short)
        journal.record(offer.id, refused, now_s=3)
    with Journal(path) as journal:
        north, south = journal.outcomes("s1")
    assert north == refused
    assert (south.reasons, south.shortfalls) == (("budget_year",), ())


def test_the_first_outcome_stands(path: Path) -> None:
    with Journal(path) as journal:
        submit(journal)
        offer = journal.open_offers("north")[0]
        assert journal.record(offer.id, OutcomeRow("north", "refused", ("a",)), now_s=2)
        assert not journal.record(offer.id, OutcomeRow("north", "failed", ("b",)), now_s=3)
        assert journal.outcomes("s1")[0].reasons == ("a",)


def test_an_answer_set_aside_is_a_failure_and_other_outcomes_stand(path: Path) -> None:
    with Journal(path) as journal:
        submit(journal)
        for told in (
            OutcomeRow("north", "answered", (), RELEASE, charged=True),
            OutcomeRow("south", "refused", ("a",)),
        ):
            journal.record(journal.open_offers(told.site)[0].id, told, now_s=2)
            journal.set_aside("s1", told.site, "noise_mismatch")
        north, south = journal.outcomes("s1")
    assert north == OutcomeRow("north", "failed", ("noise_mismatch",), None, charged=True)
    assert (south.state, south.reasons) == ("refused", ("a",))


def test_giving_up_names_the_silent_and_keeps_the_others(path: Path) -> None:
    with Journal(path) as journal:
        submit(journal)
        journal.record(journal.open_offers("north")[0].id, OutcomeRow("north", "failed"), now_s=2)
        journal.give_up("s1", now_s=3)
        assert [row.state for row in journal.outcomes("s1")] == ["failed", "no_reply"]


def test_a_study_is_finished_once(path: Path) -> None:
    with Journal(path) as journal:
        submit(journal)
        journal.finish("s1", "complete", result=b"1", now_s=5)
        journal.finish("s1", "failed", result=None, now_s=6)
        study = journal.study("s1")
        assert study is not None
        assert (study.state, study.result) == ("complete", b"1")
        assert journal.open_offers("north") == []


def test_a_head_is_kept_with_its_signature(path: Path) -> None:
    head = Head("north", 3, "ab" * 32, 7)
    signed = Signed("ledger-head", head.to_bytes(), "0" * 16, bytes(64))
    with Journal(path) as journal:
        assert journal.last_head("north") is None
        journal.countersigned(head, signed, now_s=1)
    with Journal(path) as journal:
        assert journal.last_head("north") == (head, signed)


def test_a_policys_serial_never_falls(path: Path) -> None:
    newer = Signed("site-policy", b"2", "0" * 16, bytes(64))
    older = Signed("site-policy", b"1", "0" * 16, bytes(64))
    with Journal(path) as journal:
        journal.seen("north", now_s=1, policy=newer, serial=2)
        journal.seen("north", now_s=2, policy=older, serial=1)
        journal.seen("north", now_s=3)
        site = journal.site("north")
        assert site is not None
        assert (site.policy, site.policy_serial, site.last_seen_s) == (newer, 2, 3)


def test_a_second_coordinator_is_kept_out(path: Path) -> None:
    with Journal(path), pytest.raises(JournalError, match="another coordinator"):
        Journal(path)
    Journal(path).close()


def test_a_damaged_journal_is_said_to_be_damaged(path: Path) -> None:
    path.write_bytes(b"not a database, by any means" * 50)
    with pytest.raises(JournalError):
        Journal(path)


KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.coordinator.journal import Journal
from policies.signing import Signed
journal = Journal(Path(sys.argv[1]))
signed = Signed("envelope", b"{}", "0" * 16, bytes(64))
journal.submit("s1", signed, researcher="rita", sites=("north",), min_sites=1, deadline_s=9, now_s=1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_submission_survives_kill_9(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert killed.returncode == -9
    with Journal(path) as journal:
        assert [offer.study for offer in journal.open_offers("north")] == ["s1"]
