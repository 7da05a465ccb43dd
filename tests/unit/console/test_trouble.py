"""A site on which something is missing or damaged: a sentence and the next step, no traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import yaml

from federated.privacy.ledger import Ledger
from gateway.console.words import epsilon
from gateway.registry.store.embedded import DuckDBStore
from tests.unit.console.conftest import NOW, browser, sign, text

PAGES = ("/", "/budget", "/questions", "/quality")


def attention(site, **options):
    return [one["says"] for one in browser(site, **options)("/status.json").json()["attention"]]


def rewrite(site, **changes):
    path = site.path / "policy.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes))


def tamper(path, statement):
    """What somebody with the file and its triggers out of the way could do."""
    with closing(sqlite3.connect(path)) as db:
        triggers = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute(statement)
        db.commit()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/", "The policy is not signed, so the node does not answer."),
        ("/", "osteon site ingest"),
        ("/", "Questions read the published snapshot; there is none yet."),
        ("/budget", "It is not signed, so it is not in force."),
        ("/budget", "None: every charge has its answer."),
        ("/questions", "There is no audit log yet."),
        ("/quality", "Nothing is loaded yet, so there is nothing to tell."),
    ],
)
def test_an_empty_site_is_explained(empty, path, sentence):
    reply = browser(empty)(path)
    assert reply.status_code == 200
    assert sentence in text(reply)


def test_looking_at_an_empty_site_makes_nothing(empty):
    before = sorted(path.name for path in empty.path.rglob("*"))
    for path in (*PAGES, "/status.json"):
        assert browser(empty)(path).status_code == 200
    after = sorted(path.name for path in empty.path.rglob("*"))
    # The ledger's journal files come and go with any reader.
    assert [name for name in after if "-wal" not in name and "-shm" not in name] == before


def test_a_status_without_load_has_nulls(empty):
    found = browser(empty)("/status.json").json()
    assert (found["load"], found["published"], found["audit"]) == (None, None, None)
    assert found["policy"]["state"] == "unsigned"


@pytest.mark.parametrize("path", ["/", "/budget"])
def test_an_altered_ledger_shows_the_sentence_and_the_next_step(site, path):
    tamper(site.path / "ledger.sqlite", "UPDATE entry SET nano_rho = 1 WHERE seq = 1")
    page = text(browser(site)(path))
    assert "entry 1 was altered" in page
    assert "restore the last backup" in page
    assert "of 3</small>" not in page


def test_a_ledger_that_is_no_database_does_not_hide_the_other_parts(site):
    for left in site.path.glob("ledger.sqlite*"):
        left.unlink()
    (site.path / "ledger.sqlite").write_bytes(b"not a database" * 100)
    found = browser(site)("/status.json").json()
    assert "damaged" in found["budget"]["says"]
    assert "osteon ledger verify" in found["budget"]["next"]
    assert found["load"]["patients"] > 0
    assert browser(site)("/budget").status_code == 200


def test_a_ledger_behind_its_head_is_said_on_both_pages(site):
    tamper(site.path / "ledger.sqlite", "UPDATE site SET behind = 1")
    assert any("behind its countersigned head" in says for says in attention(site))
    assert "osteon ledger resolve" in text(browser(site)("/"))
    assert "The true figures are higher" in text(browser(site)("/budget"))


def test_a_broken_audit_chain_shows_no_entries(site):
    tamper(site.path / "audit.sqlite", "UPDATE entry SET actor = 'eve' WHERE seq = 2")
    page = text(browser(site)("/questions"))
    assert "entry 2 was altered or removed" in page
    assert "Next:" in page
    assert "eve" not in page
    assert "bea" not in page
    assert any("entry 2 was altered" in says for says in attention(site))


def test_a_policy_of_another_key_is_not_believed(site):
    signed = site.path / "policy.signed.json"
    signed.write_text(signed.read_text().replace('"payload":"', '"payload":"AAAA'))
    assert any("does not verify" in says for says in attention(site))
    page = text(browser(site)("/budget"))
    assert "Without a policy there is no limit to show." in page
    assert "<small>of" not in page


def test_a_signature_nobody_can_check_is_said(site):
    (site.path / "identity" / "grant.json").unlink()
    assert any("has not joined a network" in says for says in attention(site))
    assert browser(site)("/status.json").json()["policy"]["state"] == "unchecked"


def test_a_policy_past_its_last_day_or_near_it(site):
    last = NOW + timedelta(days=10)
    rewrite(site, serial=2, valid_until=f"{last:%Y-%m-%d}")
    assert attention(site) == [
        "policy.yaml (serial 2) differs from the policy in force (serial 1)."
    ]
    sign(site)
    assert attention(site) == ["The policy ends in 10 days."]
    late = attention(site, now=NOW + timedelta(days=11))
    assert any("so every question is refused" in says for says in late)


def test_a_policy_that_does_not_decode_names_the_fault(site):
    rewrite(site, surprise=1)
    assert any("surprise" in says for says in attention(site))
    assert browser(site)("/").status_code == 200


def test_a_budget_nearly_spent_is_said(site):
    spent = epsilon(Ledger(site.path / "ledger.sqlite").spent().year)
    budget = {"study_epsilon": 1, "year_epsilon": float(spent), "life_epsilon": 10}
    rewrite(site, serial=2, budget=budget)
    sign(site)
    assert attention(site) == [f"Budget {NOW:%Y}: ε {spent} of {spent} is spent."]
    page = text(browser(site)("/budget"))
    assert 'class="bar full"' in page
    assert '<p class="figure">0 <small>studies' in page


def test_a_load_that_cannot_be_read_is_named(site):
    version = DuckDBStore(site.store_path).current()
    version.path.write_bytes(b"broken")
    page = text(browser(site)("/quality"))
    assert f"version {version.name} cannot be read" in page
    assert "osteon site ingest" in page
    assert browser(site)("/").status_code == 200


def test_a_load_without_publish_asks_for_it(site):
    (site.store_path / "published.json").unlink()
    assert attention(site) == ["Nothing is published, so every question is refused."]


def test_a_newer_load_waits_for_its_day(site):
    store = DuckDBStore(site.store_path)
    copy = store.current().path.read_bytes()
    with store.writing() as target:
        target.path.write_bytes(copy)
        store.adopt(target, now=NOW + timedelta(days=1))
    assert attention(site, now=NOW + timedelta(days=89)) == []
    assert attention(site, now=NOW + timedelta(days=91)) == [
        "A newer load waits, and the policy lets it be published now."
    ]
    assert "older than the current load" in text(browser(site)("/"))
