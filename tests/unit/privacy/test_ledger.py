"""The ledger: reserve, countersign, post; crashes, races, old copies and altered files."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from federated.errors import BudgetExhausted, LedgerError
from federated.privacy.chain import CHECKPOINT_EVERY
from federated.privacy.entry import GENESIS, hash_of
from federated.privacy.head import CONTEXT
from federated.privacy.ledger import Budgets, Charge, Ledger, Reservation, Spent, Stored
from federated.privacy.release import Release
from policies.decode import canonical
from policies.errors import SignatureError
from policies.signing import SigningKey

BUDGETS = Budgets(year=1000, life=2500, researcher_year=800)
COORDINATOR = SigningKey.generate()


class Clock:
    def __init__(self):
        self.now = datetime(2026, 3, 1, tzinfo=UTC).timestamp()

    def __call__(self):
        return self.now


def charge(key: str, nano: int = 100, *, researcher="ada", envelope="e1", most=10_000) -> Charge:
    return Charge(key, envelope, researcher, nano, most)


def release(key: str, nano: int = 100) -> Release:
    return Release(key, "d" * 64, "north", "s1", (1, -2, 3), 4.5, nano)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    Ledger.create(tmp_path / "ledger.sqlite", "north")
    return Ledger(tmp_path / "ledger.sqlite", clock)


def test_a_question_is_charged_once_and_answered_the_same(ledger):
    reserved = ledger.reserve(charge("q"), BUDGETS)
    assert ledger.post(reserved, release("q")) == Stored(release("q"))
    again = ledger.reserve(charge("q"), BUDGETS)
    assert again == Stored(release("q"))
    assert ledger.spent() == Spent(year=100, life=100)


def test_a_pending_reservation_is_completed_under_the_same_charge(ledger, clock):
    first = ledger.reserve(charge("q"), BUDGETS)
    reopened = Ledger(ledger.path, clock)  # as after a crash
    second = reopened.reserve(charge("q"), BUDGETS)
    assert isinstance(second, Reservation)
    assert (second.seq, second.new) == (first.seq, False)
    reopened.post(second, release("q"))
    assert reopened.spent().life == 100
    assert reopened.pending() == []


def test_a_pending_reservation_fits_even_when_the_budget_is_used_up(ledger):
    ledger.reserve(charge("q", 800), BUDGETS)
    assert not ledger.reserve(charge("q", 800), BUDGETS).new


def test_the_first_of_two_posts_wins(ledger):
    one = ledger.reserve(charge("q"), BUDGETS)
    two = ledger.reserve(charge("q"), BUDGETS)
    first = ledger.post(one, release("q"))
    other = Release("q", "d" * 64, "north", "s1", (9, 9, 9), 4.5, 100)
    assert ledger.post(two, other) == first


def test_a_failure_after_reading_is_charged_and_stays(ledger):
    reserved = ledger.reserve(charge("q"), BUDGETS)
    ledger.touch(reserved)
    ledger.post(reserved, None)
    assert ledger.reserve(charge("q"), BUDGETS) == Stored(None)
    assert ledger.spent().life == 100


@pytest.mark.parametrize(
    ("nano", "spent_by", "reason"),
    [
        (900, "ada", "budget_researcher_year"),
        (1001, "ada", "budget_year"),
        (2501, "ada", "budget_life"),
    ],
)
def test_each_budget_refuses_by_name_and_charges_nothing(ledger, nano, spent_by, reason):
    with pytest.raises(BudgetExhausted) as refused:
        ledger.reserve(charge("q", nano, researcher=spent_by), BUDGETS)
    assert reason in refused.value.reasons
    assert ledger.spent() == Spent(0, 0)


def test_an_envelope_is_charged_at_most_what_it_allows_in_all(ledger):
    ledger.reserve(charge("q1", 100, most=150), BUDGETS)
    with pytest.raises(BudgetExhausted) as refused:
        ledger.reserve(charge("q2", 100, most=150), BUDGETS)
    assert refused.value.reasons == ("budget_envelope",)


def test_another_researchers_envelope_of_the_same_nonce_is_another_one(ledger):
    ledger.reserve(charge("q1", 100, researcher="eve", most=100), BUDGETS)
    assert ledger.reserve(charge("q2", 100, most=100), BUDGETS).new


def test_a_year_is_a_calendar_year_and_life_goes_on(ledger, clock):
    ledger.reserve(charge("q1", 800), BUDGETS)
    clock.now = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    ledger.reserve(charge("q2", 800), BUDGETS)
    clock.now = datetime(2028, 1, 1, tzinfo=UTC).timestamp()
    ledger.reserve(charge("q3", 800), BUDGETS)
    clock.now = datetime(2029, 1, 1, tzinfo=UTC).timestamp()
    with pytest.raises(BudgetExhausted) as refused:
        ledger.reserve(charge("q4", 800), BUDGETS)
    assert refused.value.reasons == ("budget_life",)


def test_a_clock_set_back_does_not_restore_the_lifetime(ledger, clock):
    ledger.reserve(charge("q1", 800), BUDGETS)
    clock.now = 0
    assert ledger.spent().life == 800


def test_void_gives_back_only_what_was_never_read(ledger):
    reserved = ledger.reserve(charge("q"), BUDGETS)
    ledger.void(reserved.seq)
    assert ledger.spent() == Spent(0, 0)
    again = ledger.reserve(charge("q"), BUDGETS)
    assert again.new
    ledger.touch(again)
    with pytest.raises(LedgerError, match="data was read"):
        ledger.void(again.seq)
    with pytest.raises(LedgerError):
        ledger.void(reserved.seq)


def test_a_charge_succeeds_while_others_read(ledger):
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            ledger.summary()

    with ThreadPoolExecutor(3) as pool:
        looking = [pool.submit(look) for _ in range(3)]
        try:
            for n in range(100):
                assert isinstance(ledger.reserve(charge(f"q{n}", 1), BUDGETS), Reservation)
        finally:
            done.set()
    for one in looking:
        one.result()
    assert ledger.spent().life == 100


def test_threads_never_overspend(ledger):
    budgets = Budgets(year=500, life=500, researcher_year=500)
    barrier = threading.Barrier(8)

    def spend(worker):
        barrier.wait()
        granted = 0
        for i in range(10):
            try:
                ledger.reserve(charge(f"{worker}-{i}", 10), budgets)
                granted += 1
            except BudgetExhausted:
                pass
        return granted

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(8))) == 50
    assert ledger.spent().life == 500
    assert ledger.verify() == 50


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


def checkpoint(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def countersigned(head):
    return COORDINATOR.sign(head.to_bytes(), CONTEXT)


def test_a_restored_backup_restores_no_budget(ledger, clock, tmp_path):
    ledger.post(ledger.reserve(charge("q0"), BUDGETS), release("q0"))
    head = ledger.head()
    ledger.witness(head, countersigned(head), COORDINATOR.public_key)
    backup = tmp_path / "backup.sqlite"
    checkpoint(ledger.path)
    shutil.copy(ledger.path, backup)

    reserved = ledger.reserve(charge("q1", 700), BUDGETS)
    ledger.witness(reserved.head, countersigned(reserved.head), COORDINATOR.public_key)
    ledger.post(reserved, release("q1", 700))

    restored = Ledger(backup, clock)
    with pytest.raises(LedgerError, match="behind"):
        restored.witness(reserved.head, countersigned(reserved.head), COORDINATOR.public_key)
    # Stored releases are still given; nothing new is charged.
    assert restored.reserve(charge("q0"), BUDGETS) == Stored(release("q0"))
    with pytest.raises(LedgerError, match="behind"):
        restored.reserve(charge("q2"), BUDGETS)

    head = restored.adopt()
    assert head.seq > reserved.head.seq
    assert restored.spent().life == 800
    with pytest.raises(BudgetExhausted):
        restored.reserve(charge("q3", 300), BUDGETS)
    assert restored.verify() == 3
    assert Ledger(backup, clock).spent().life == 800


def test_what_an_old_copy_reserved_alone_does_not_pass_for_what_was_lost(ledger, clock, tmp_path):
    """The copy reserves while the coordinator is out of reach; the lost release was as dear."""
    backup = tmp_path / "backup.sqlite"
    shutil.copy(ledger.path, backup)
    lost = ledger.reserve(charge("lost", 300), BUDGETS)
    ledger.witness(lost.head, countersigned(lost.head), COORDINATOR.public_key)
    ledger.post(lost, release("lost", 300))

    restored = Ledger(backup, clock)
    alone = restored.reserve(charge("alone", 300), BUDGETS)
    with pytest.raises(LedgerError, match="behind"):
        restored.witness(lost.head, countersigned(lost.head), COORDINATOR.public_key)
    restored.adopt()
    assert restored.spent().life == 600
    # What was pending before the adoption is never completed: it may have been seen already.
    again = restored.reserve(charge("alone", 100), BUDGETS)
    assert (again.new, again.seq > alone.seq) == (True, True)
    assert restored.spent().life == 700


def test_an_old_copy_from_between_reserve_and_post_cannot_draw_or_void_again(
    ledger, clock, tmp_path
):
    seen = ledger.reserve(charge("q", 300), BUDGETS)
    ledger.witness(seen.head, countersigned(seen.head), COORDINATOR.public_key)
    backup, other = tmp_path / "backup.sqlite", tmp_path / "other.sqlite"
    checkpoint(ledger.path)
    shutil.copy(ledger.path, backup)
    shutil.copy(ledger.path, other)
    ledger.touch(seen)
    ledger.post(seen, release("q", 300))
    head = ledger.head()

    restored = Ledger(backup, clock)
    with pytest.raises(LedgerError, match="behind"):
        restored.witness(head, countersigned(head), COORDINATOR.public_key)
    restored.adopt()
    with pytest.raises(LedgerError, match="cannot be voided"):
        restored.void(seen.seq)
    assert restored.reserve(charge("q", 300), BUDGETS).new
    assert restored.spent().life == 600

    # Voided before anybody noticed that the copy is old: the adoption charges it again.
    hasty = Ledger(other, clock)
    hasty.void(seen.seq)
    with pytest.raises(LedgerError, match="behind"):
        hasty.witness(head, countersigned(head), COORDINATOR.public_key)
    hasty.adopt()
    assert hasty.spent().life == 300


def test_a_countersignature_of_someone_else_is_refused(ledger):
    reserved = ledger.reserve(charge("q"), BUDGETS)
    with pytest.raises(SignatureError):
        ledger.witness(
            reserved.head,
            SigningKey.generate().sign(reserved.head.to_bytes(), CONTEXT),
            COORDINATOR.public_key,
        )
    assert ledger.witnessed() is None


def test_nothing_to_resolve_is_an_error(ledger):
    with pytest.raises(LedgerError, match="not behind"):
        ledger.adopt()


def test_an_old_policy_does_not_come_back(ledger, clock):
    ledger.accept_policy(3)
    ledger.accept_policy(3)
    ledger.accept_policy(4)
    with pytest.raises(LedgerError, match="older than policy 4"):
        Ledger(ledger.path, clock).accept_policy(3)


# -- budgets by owner and period -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "first", "then", "reason"),
    [
        ({"project_year": 150}, {"project": "p"}, {"project": "p"}, "budget_project_year"),
        ({"project_life": 150}, {"project": "p"}, {"project": "p"}, "budget_project_life"),
        ({"researcher_life": 150}, {}, {}, "budget_researcher_life"),
        ({"researcher_year": 150}, {}, {}, "budget_researcher_year"),
    ],
)
def test_a_budget_counts_its_own_charges_only(ledger, limits, first, then, reason):
    budgets = replace(BUDGETS, **limits)
    ledger.reserve(replace(charge("q1"), **first), budgets)
    with pytest.raises(BudgetExhausted) as refused:
        ledger.reserve(replace(charge("q2"), **then), budgets)
    assert refused.value.reasons == (reason,)
    other = {"project": "other"} if "project" in reason else {"researcher": "bob"}
    assert ledger.reserve(replace(charge("q2"), **(then | other)), budgets).new


def test_periods_renew_at_new_year_and_lives_do_not(ledger, clock):
    budgets = replace(BUDGETS, project_year=100, researcher_life=10_000)
    for year in (2026, 2027):
        clock.now = datetime(year, 7, 1, tzinfo=UTC).timestamp()
        ledger.reserve(replace(charge(f"q{year}"), project="p"), budgets)
        with pytest.raises(BudgetExhausted) as refused:
            ledger.reserve(replace(charge("more"), project="p"), budgets)
        (short,) = refused.value.shortfalls
        assert (short.budget, short.left_nano_rho) == ("project_year", 0)
        assert datetime.fromtimestamp(short.renews_s, UTC) == datetime(year + 1, 1, 1, tzinfo=UTC)
        assert f"wait until {year + 1}-01-01" in refused.value.hint
    clock.now = datetime(2028, 7, 1, tzinfo=UTC).timestamp()
    budgets = replace(budgets, project_life=250)
    with pytest.raises(BudgetExhausted, match=r"life has ε .* does not renew") as refused:
        ledger.reserve(replace(charge("q2028"), project="p"), budgets)
    assert refused.value.shortfalls[0].left_nano_rho == 50
    assert ledger.summary().projects == {"p": Spent(year=0, life=200)}


def test_what_was_lost_counts_against_everybody(ledger, clock, tmp_path):
    backup = tmp_path / "backup.sqlite"
    shutil.copy(ledger.path, backup)
    lost = ledger.reserve(charge("lost", 300), BUDGETS)
    old = Ledger(backup, clock)
    with pytest.raises(LedgerError, match="behind"):
        old.witness(lost.head, countersigned(lost.head), COORDINATOR.public_key)
    clock.now += 10
    old.adopt()
    for who in ("ada", "bob"):
        budgets = replace(BUDGETS, researcher_year=350, project_year=400)
        with pytest.raises(BudgetExhausted) as refused:
            old.reserve(replace(charge("new", researcher=who), project="p"), budgets)
        assert refused.value.reasons == ("budget_researcher_year",)
    # An envelope from before may have been charged by what was lost; one from after was not.
    made = replace(charge("new", envelope="e9"), envelope_created_s=int(clock.now) - 5)
    with pytest.raises(BudgetExhausted) as refused:
        old.reserve(made, BUDGETS)
    assert refused.value.reasons == ("budget_envelope",)
    assert "sign a new envelope" in refused.value.hint
    assert old.reserve(replace(made, envelope_created_s=int(clock.now)), BUDGETS).new


# -- the file ------------------------------------------------------------------------------------


@pytest.fixture
def first_form(tmp_path):
    """A ledger as the first form wrote it: answers, a failure, a void, an adoption, a pending."""
    path = tmp_path / "first.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(Path(__file__).with_name("first_form.sql").read_text("utf-8"))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return path


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


def test_a_draw_that_is_damaged_stops_the_answer_before_data_is_read(ledger):
    reserved = ledger.reserve(charge("k"), BUDGETS)
    ledger.touch(reserved)
    connection = sqlite3.connect(ledger.path)
    connection.execute("UPDATE touched SET deviate = 9e999")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match="draw of a wait"):
        ledger.touch(reserved)


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


def rows(path, query):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


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


def test_verify_finds_sums_that_are_not_those_of_the_entries(ledger, clock):
    ledger.reserve(charge("q1"), BUDGETS)
    totals = Ledger(ledger.path, clock).totals
    totals.site[2026] -= 99
    text, digest = totals.to_text()
    execute(ledger.path, "INSERT INTO checkpoint VALUES (1, ?, ?)", text, digest)
    with pytest.raises(LedgerError, match="sums it keeps"):
        Ledger(ledger.path, clock).verify()


def execute(path, statement, *values):
    connection = sqlite3.connect(path)
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def test_an_entry_that_was_removed_is_found(ledger):
    for key in ("q1", "q2", "q3"):
        ledger.reserve(charge(key), BUDGETS)
    execute(ledger.path, "DROP TRIGGER entry_stays")
    execute(ledger.path, "DELETE FROM entry WHERE seq = 2")
    with pytest.raises(LedgerError, match="entry 3 was altered, or one before it is missing"):
        Ledger(ledger.path)


def test_an_adoption_vouches_for_the_entries_of_this_copy(ledger, clock, tmp_path):
    backup = tmp_path / "backup.sqlite"
    shutil.copy(ledger.path, backup)
    lost = ledger.reserve(charge("lost", 300), BUDGETS)
    old = Ledger(backup, clock)
    for key in ("q1", "q2"):
        old.reserve(charge(key), BUDGETS)
    with pytest.raises(LedgerError, match="behind"):
        old.witness(lost.head, countersigned(lost.head), COORDINATOR.public_key)
    old.adopt()
    execute(backup, "DROP TRIGGER entry_stays")
    execute(backup, "DELETE FROM entry WHERE seq = 2")
    with pytest.raises(LedgerError, match="one before it is missing"):
        Ledger(backup, clock)


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


@pytest.mark.parametrize("text", ["plain", 'with "quotes" and \\', "Zoë – ε ≤ 1", "\t\x01\n", ""])
def test_a_hash_is_of_the_canonical_form(text):
    values = (1, 2, "reserve", None, text, text, text, 5, GENESIS, text, "")
    chained = [str(value) for value in (values if text else values[:9])]
    assert hash_of(values) == hashlib.sha256(canonical(chained)).hexdigest()
