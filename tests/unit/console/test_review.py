"""The page of withheld notes: counts by reason and age, decisions, no text and no key."""

from __future__ import annotations

import re
import shutil
import sqlite3
from datetime import timedelta

import pytest

from deid.own.patient import Patient
from gateway.console.words import withheld
from gateway.registry.quarantine import Quarantine, Record
from gateway.registry.vault import Vault
from tests.unit.console.conftest import NOW, browser, text

PATIENT = Patient("R-4711", "Perdita", "Quibbleworth", "84417220")


@pytest.fixture
def queue(site):
    queue = Quarantine(site.quarantine_path, Vault.open(site.vault_path))
    for number, (reason, origin) in enumerate(
        (
            ("residual_name", "load"),
            ("residual_name", "file"),
            ("too_long", "load"),
            ("x_y", "load"),
        )
    ):
        body = f"Quibbleworth, note {number}"
        record = Record(
            queue.load_id(PATIENT.patient_id, "body", body),
            origin,
            f"R-4711/letter/{number}/body",
            PATIENT,
            {},
            body,
            reason,
            [],
        )
        queue.put([record])
    return queue


def aged(site, *days):
    connection = sqlite3.connect(site.quarantine_path / "quarantine.sqlite")
    with connection:
        ids = connection.execute("SELECT id FROM withheld ORDER BY rowid").fetchall()
        for (record_id,), back in zip(ids, days, strict=True):
            at = (NOW - timedelta(days=back)).isoformat(timespec="seconds")
            connection.execute("UPDATE withheld SET at = ? WHERE id = ?", (at, record_id))
    connection.close()


def cells(page, reason):
    row = re.search(rf"<code>{reason}</code></th>(.*?)</tr>", page)[1]
    return re.findall(r">([^<>]+)</td>", row)


def test_what_waits_is_counted_by_reason_and_age(site, queue):
    aged(site, 0.5, 40, 3, 20)
    page = text(browser(site)("/review"))
    assert "<strong>4 notes wait for a decision.</strong>" in page
    assert "3 of loads, 1 of notes files" in page
    assert f"osteon deid review {site.path}" in page
    says = withheld("residual_name")
    escaped = says.replace("'", "&#39;")
    assert cells(page, "residual_name") == [escaped, "1", "–", "–", "1", "2", "40 days ago"]
    assert cells(page, "too_long")[1:] == ["–", "1", "–", "–", "1", "3 days ago"]
    assert cells(page, "x_y")[:4] == ["x y", "–", "–", "1"]
    assert page.index("residual_name</code>") < page.index("too_long</code>")  # the most first


def test_decisions_are_listed_newest_first_and_stand_or_not(site, queue):
    first, second, third, _ = (queue.record(one) for one in queue.ids())
    queue.decide(first, "release", who="ada", state="released")
    queue.decide(second, "keep", who="bea", state="kept")
    queue.decide(first, "reopen", who="ada", before="released")
    queue.decide(third, "mark", who="ada")
    queue.settle(withheld=set(), stored=set(), returned=set())
    page = text(browser(site)("/review"))
    rows = re.findall(r'<tr> <th scope="row" data-label="When">.*?</tr>', page)
    said = [re.findall(r">([^<>]+)</(?:td|code)>", row)[0:4] for row in rows]
    assert [(who, says, now) for who, says, _, now in said] == [
        ("ada", "marked words to redact", "gone since"),
        ("ada", "took the decision back", "gone since"),
        ("bea", "kept back for good", "kept back"),
        ("ada", "released", "gone since"),
    ]
    assert [shown for _, _, shown, _ in said] == [
        one.id[:12] for one in (third, first, second, first)
    ]


def test_nothing_of_a_note_or_its_patient_is_shown_and_no_key_is_needed(site, queue):
    queue.decide(queue.record(queue.ids()[0]), "keep", who="ada", state="kept")
    shutil.rmtree(site.vault_path)
    get = browser(site)
    for path in ("/", "/review", "/quality", "/status.json"):
        reply = get(path)
        assert reply.status_code == 200
        for word in ("Quibbleworth", "Perdita", "84417220", "R-4711", "note 0"):
            assert word not in reply.text, path


def test_the_overview_says_that_somebody_is_waited_for(site, queue):
    aged(site, 1, 12, 3, 4)
    get = browser(site)
    assert "4 withheld notes wait for somebody to read; the oldest came 12 days ago." in text(
        get("/")
    )
    found = get("/status.json").json()
    assert (found["review"]["waiting"], found["review"]["kept"]) == (4, 0)
    for one in queue.ids():
        queue.decide(queue.record(one), "keep", who="ada", state="kept")
    assert get("/status.json").json()["attention"] == []
    assert "No note waits for a decision." in text(get("/review"))


def test_a_site_without_withheld_notes_has_a_page_too(site):
    assert "no note of this site was ever withheld" in text(browser(site)("/review"))
    assert browser(site)("/status.json").json()["review"] is None


def test_a_damaged_quarantine_hides_no_other_page(site, queue):
    (site.quarantine_path / "quarantine.sqlite").write_bytes(b"rubble" * 999)
    get = browser(site)
    assert "quarantine.sqlite: the database cannot be used" in text(get("/review"))
    assert "put the last backup back" in text(get("/review"))
    assert "<small>patients" in text(get("/"))
    assert "quarantine.sqlite" in get("/status.json").json()["review"]["says"]


def test_many_decisions_are_cut_and_the_rest_is_named(site, queue):
    record = queue.record(queue.ids()[0])
    for _ in range(60):
        queue.decide(record, "mark", who="ada")
    page = text(browser(site)("/review"))
    assert page.count('data-label="When"') == 50
    assert "The newest 50 of 60" in page
