"""The ledger's file: damage and alterations are found, an older form goes on, reads stay short."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import replace

import pytest

from federated.errors import LedgerError
from federated.privacy.chain import CHECKPOINT_EVERY
from federated.privacy.entry import GENESIS, hash_of
from federated.privacy.ledger import Budgets, Ledger, Spent, Stored
from policies.decode import canonical
from tests.unit.privacy.ledgers import BUDGETS, charge, execute, release, rows


def test_entries_cannot_be_changed_or_removed(ledger):
    ledger.reserve(charge("q"), BUDGETS)
    connection = sqlite3.connect(ledger.path)
    for statement in ("UPDATE entry SET nano_rho = 1", "DELETE FROM entry"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_an_altered_entry_is_found_at_the_next_opening(ledger):
    ledger.reserve(charge("q"), BUDGETS)
    connection = sqlite3.connect(ledger.path)
    connection.execute("DROP TRIGGER entry_kept")
    connection.execute("UPDATE entry SET nano_rho = 1")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match="entry 1 was altered"):
        Ledger(ledger.path)


def test_a_file_that_is_no_ledger_says_so(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"garbage" * 1000)
    with pytest.raises(LedgerError, match="damaged"):
        Ledger(tmp_path / "ledger.sqlite")


def test_an_entry_that_was_removed_is_found(ledger):
    for key in ("q1", "q2", "q3"):
        ledger.reserve(charge(key), BUDGETS)
    execute(ledger.path, "DROP TRIGGER entry_stays")
    execute(ledger.path, "DELETE FROM entry WHERE seq = 2")
    with pytest.raises(LedgerError, match="entry 3 was altered, or one before it is missing"):
        Ledger(ledger.path)


def test_a_stored_release_that_was_altered_is_not_given(ledger, clock):
    for key in ("q1", "q2", "q3"):
        ledger.post(ledger.reserve(charge(key), BUDGETS), release(key))
    execute(ledger.path, "DROP TRIGGER release_kept")
    execute(ledger.path, "DROP TRIGGER release_stays")
    changed = replace(release("q1"), values=(1, -2, 4)).to_bytes()
    execute(ledger.path, "UPDATE release SET body = ? WHERE release_key = 'q1'", changed)
    execute(ledger.path, "UPDATE release SET state = 'failed' WHERE release_key = 'q2'")
    execute(ledger.path, "DELETE FROM release WHERE release_key = 'q3'")
    for key in ("q1", "q2", "q3"):
        for give in (ledger.stored, lambda key: ledger.reserve(charge(key), BUDGETS)):
            with pytest.raises(LedgerError, match="release"):
                give(key)
    with pytest.raises(LedgerError, match="release"):
        ledger.verify()


def test_a_draw_that_is_damaged_stops_the_answer_before_data_is_read(ledger):
    reserved = ledger.reserve(charge("k"), BUDGETS)
    ledger.touch(reserved)
    connection = sqlite3.connect(ledger.path)
    connection.execute("UPDATE touched SET deviate = 9e999")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match="draw of a wait"):
        ledger.touch(reserved)


def test_verify_finds_sums_that_are_not_those_of_the_entries(ledger, clock):
    ledger.reserve(charge("q1"), BUDGETS)
    totals = Ledger(ledger.path, clock).totals
    totals.site[2026] -= 99
    text, digest = totals.to_text()
    execute(ledger.path, "INSERT INTO checkpoint VALUES (1, ?, ?)", text, digest)
    with pytest.raises(LedgerError, match="sums it keeps"):
        Ledger(ledger.path, clock).verify()


def test_a_checkpoint_spares_the_entries_before_it_and_is_not_believed_blindly(ledger, clock):
    budgets = Budgets(10**9, 10**9, 10**9)
    for number in range(CHECKPOINT_EVERY + 2):
        ledger.reserve(charge(f"q{number}", 1), budgets)
    assert rows(ledger.path, "SELECT COUNT(*) FROM checkpoint") == [(1,)]
    read = []

    class Counting(Ledger):
        def _entries(self, connection, condition, *values):
            for entry in super()._entries(connection, condition, *values):
                read.append(entry.seq)
                yield entry

    opened = Counting(ledger.path, clock)
    assert len(read) < 10
    assert opened.spent() == ledger.spent()
    for change, reads_all in (
        ("UPDATE checkpoint SET totals = REPLACE(totals, '256', '255')", True),
        ("DELETE FROM checkpoint", True),
    ):
        execute(ledger.path, change)
        read.clear()
        assert Counting(ledger.path, clock).spent().life == CHECKPOINT_EVERY + 2
        assert (len(read) > CHECKPOINT_EVERY) == reads_all


def test_a_ledger_of_the_first_form_goes_on(first_form, clock):
    before = [entry[:] for entry in rows(first_form, "SELECT seq, hash FROM entry")]
    ledger = Ledger(first_form, clock)
    assert ledger.verify() == 13
    assert ledger.spent() == Spent(year=43, life=1054)
    assert ledger.pending() == [(44, "pending", 13)]
    assert ledger.head().life_nano_rho == 1124
    assert ledger.stored("q1").release.values == (1, -2, 3)
    assert ledger.stored("q3") == Stored(None)
    assert rows(first_form, "SELECT seq, hash FROM entry") == before
    pending = ledger.reserve(charge("pending", 13), BUDGETS)
    assert (pending.seq, pending.new) == (44, False)
    ledger.post(pending, release("pending", 13))
    ledger.reserve(replace(charge("q6", 20), project="p"), BUDGETS)
    with pytest.raises(LedgerError, match="older than policy 3"):
        ledger.accept_policy(2)
    again = Ledger(first_form, clock)
    assert again.verify() == 15
    assert again.summary().projects["p"].life == 20 + 650  # with what was lost


def test_a_mark_of_the_form_before_is_given_a_draw_once(ledger, clock):
    """Of a ledger that knew of projects and kept no draw: its mark stands, and is drawn for."""
    reserved = ledger.reserve(charge("k"), BUDGETS)
    drawn = ledger.touch(reserved)
    assert ledger.touch(reserved) == drawn
    connection = sqlite3.connect(ledger.path)
    connection.executescript("ALTER TABLE touched DROP COLUMN deviate; PRAGMA user_version = 1")
    connection.close()
    again = Ledger(ledger.path, clock)
    with pytest.raises(LedgerError, match="data was read"):
        again.void(reserved.seq)
    fresh = again.touch(reserved)
    assert fresh != drawn
    assert Ledger(ledger.path, clock).touch(reserved) == fresh


def test_both_forms_have_the_same_tables(first_form, ledger):
    Ledger(first_form)
    for table in ("site", "entry", "touched", "release", "witness", "checkpoint"):
        columns = (
            f"SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{table}')"
        )
        assert rows(first_form, columns) == rows(ledger.path, columns)
    made = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
    assert rows(first_form, made) == rows(ledger.path, made)


def test_a_step_to_this_form_that_is_killed_leaves_the_first(first_form, clock):
    from federated.privacy import schema

    steps = [statement for step in schema._STEPS for statement in step]
    for number in range(len(steps)):
        connection = sqlite3.connect(first_form, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        for statement in steps[: number + 1]:
            connection.execute(statement)
        connection.close()  # without COMMIT, as a death leaves it
    assert rows(first_form, "PRAGMA user_version") == [(0,)]
    assert Ledger(first_form, clock).verify() == 13


@pytest.mark.parametrize("text", ["plain", 'with "quotes" and \\', "Zoë – ε ≤ 1", "\t\x01\n", ""])
def test_a_hash_is_of_the_canonical_form(text):
    values = (1, 2, "reserve", None, text, text, text, 5, GENESIS, text, "")
    chained = [str(value) for value in (values if text else values[:9])]
    assert hash_of(values) == hashlib.sha256(canonical(chained)).hexdigest()
