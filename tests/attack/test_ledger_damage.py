"""A ledger that is damaged, missing, another's, read-only, out of space or old: each ends with a
sentence and a next step, never with a traceback, and never with an answer that was not posted.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from federated.errors import BudgetExhausted, LedgerError
from federated.privacy.budgets import Budgets, Charge
from federated.privacy.ledger import Ledger, Reservation, Stored
from federated.privacy.release import Release
from gateway.cli.main import main
from tests.attack.world import COORDINATOR, NOW, ask, study_of

BUDGETS = Budgets(year=10**6, life=10**7, researcher_year=10**6)
ASKED = 40


def charge(key: str) -> Charge:
    return Charge(key, f"e-{key}", "ada" if key < "q2" else "bob", 100, 10**9, "alpha")


def release(key: str) -> Release:
    return Release(key, "d" * 64, "north", "s1", tuple(range(40)), 4.5, 100)


def witness(ledger: Ledger) -> None:
    head = ledger.head()
    ledger.witness(head, COORDINATOR.sign(head.to_bytes(), "ledger-head"), COORDINATOR.public_key)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A ledger with answers, a failure, a void, a pending question and a checkpoint."""
    path = tmp_path_factory.mktemp("whole") / "ledger.sqlite"
    Ledger.create(path, "north")
    ledger = Ledger(path, NOW.timestamp)
    ledger.accept_policy(3)
    for number in range(ASKED):
        one = ledger.reserve(charge(f"q{number:02}"), BUDGETS)
        ledger.touch(one)
        ledger.post(one, None if number == 7 else release(f"q{number:02}"))
    ledger.void(ledger.reserve(charge("given-back"), BUDGETS).seq)
    ledger.reserve(charge("pending"), BUDGETS)
    witness(ledger)
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO checkpoint VALUES (1, ?, ?)", ledger.totals.to_text())
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def copy(whole, tmp_path):
    """A site's folder with a copy of it."""
    return shutil.copy(whole, tmp_path / "ledger.sqlite")


def clear(error: LedgerError) -> None:
    """One sentence that names no value, and a next step."""
    assert error.exit_code == 1
    assert error.message
    assert "\n" not in error.message
    assert "Traceback" not in error.message
    assert error.hint, error.message


def use(path) -> None:
    """All that a node and its people do with a ledger. What is given is right, or nothing is."""
    ledger = Ledger(path, NOW.timestamp)
    for number in (0, 7, 21, ASKED - 1):
        key = f"q{number:02}"
        right = Stored(None if number == 7 else release(key))
        assert ledger.stored(key) == right
        assert ledger.reserve(charge(key), BUDGETS) == right
    assert ledger.spent().life == (ASKED + 1) * 100
    assert ledger.summary().projects["alpha"].life == (ASKED + 1) * 100
    pending = ledger.reserve(charge("pending"), BUDGETS)
    assert isinstance(pending, Reservation)
    assert not pending.new
    ledger.reserve(charge("new"), BUDGETS)
    assert ledger.spent().life == (ASKED + 2) * 100
    ledger.touch(pending)
    ledger.post(pending, release("pending"))
    witness(ledger)
    assert ledger.covered("pending")


def test_a_whole_copy_is_used_as_ever(copy):
    use(copy)
    assert Ledger(copy).verify() == 2 * ASKED + 5


def test_a_flipped_byte_anywhere_is_harmless_or_said(whole, tmp_path):
    """Some bytes mean nothing (free space, a spare copy in an index that was not read). Any that
    mattered would show as a wrong release, a smaller sum or a traceback.
    """
    content, chance = whole.read_bytes(), random.Random(5)
    said = 0
    for number in range(1500):
        at, bit = chance.randrange(len(content)), 1 << chance.randrange(8)
        path = tmp_path / "ledger.sqlite"
        for left in tmp_path.glob("ledger.sqlite*"):
            left.unlink()
        path.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        try:
            use(path)
        except LedgerError as error:
            clear(error)
            said += 1
        except Exception as error:
            raise AssertionError(f"byte {at}, bit {bit} (number {number})") from error
    assert said > 50


def test_a_flipped_byte_in_what_was_written_is_found_by_verify(whole, tmp_path):
    """Entries, stored releases, indices and the schema: what verify reads is all of them. (A
    damaged checkpoint is not believed, and made anew from the entries.)
    """
    content = whole.read_bytes()
    path = tmp_path / "ledger.sqlite"
    for needle in (b"q05", b'"nano_rho":100', b"reserve", b"e-q11", b'"values":["0"'):
        at = content.index(needle)
        for left in tmp_path.glob("ledger.sqlite*"):
            left.unlink()
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(LedgerError) as found:
            Ledger(path, NOW.timestamp).verify()
        clear(found.value)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.3, 0.5, 0.75, 0.9, 0.99])
def test_a_truncated_file_is_said(copy, share):
    content = copy.read_bytes()
    copy.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(LedgerError) as found:
        use(copy)
    clear(found.value)
    with pytest.raises(LedgerError) as found:
        Ledger(copy).verify()
    clear(found.value)


def wrong_file(path, kind):
    path.unlink()
    if kind == "missing":
        return
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("what a site spent is written elsewhere\n" * 200)
    elif kind == "empty":
        path.touch()
    else:
        with closing(sqlite3.connect(path)) as db:
            if kind == "audit":
                db.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, action TEXT)")
            elif kind == "later":
                db.executescript("CREATE TABLE site (name TEXT); PRAGMA user_version = 9;")
            elif kind == "half":
                db.executescript("CREATE TABLE site (name TEXT, behind INT, policy_serial INT);")
            db.commit()


@pytest.mark.parametrize(
    ("kind", "says", "step"),
    [
        ("missing", "no ledger here", "osteon site init"),
        ("folder", "no ledger here", "osteon site init"),
        ("text", "is no ledger", "restore the last backup"),
        ("empty", "is empty, or is no ledger", "restore the last backup"),
        ("audit", "or it is no ledger", "restore the last backup"),
        ("half", "or it is no ledger", "restore the last backup"),
        ("later", "written by a later version", "run the version"),
    ],
)
def test_a_wrong_file_is_said_and_left_alone(copy, kind, says, step, capsys):
    wrong_file(copy, kind)
    before = copy.read_bytes() if copy.is_file() else None
    for command in ("show", "verify"):
        with pytest.raises(SystemExit) as stopped:
            main(["ledger", command, str(copy.parent), "--json"])
        assert stopped.value.code == 1
        said = json.loads(capsys.readouterr().err.splitlines()[-1])
        assert says in said["message"]
        assert step in said["hint"]
    assert (copy.read_bytes() if copy.is_file() else None) == before


@contextmanager
def unprivileged():
    """Root may write what it may not; everybody else is without rights already."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def readable(whole):
    """A folder outside pytest's own, which others may not enter."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)  # noqa: S103 - only a copy of synthetic entries
        yield shutil.copy(whole, os.path.join(name, "ledger.sqlite"))


@pytest.mark.parametrize("what", ["folder", "file"])
def test_without_the_right_to_write_nothing_is_answered(readable, what):
    folder = os.path.dirname(readable)
    os.chmod(folder, 0o777 if what == "file" else 0o555)
    os.chmod(readable, 0o444 if what == "file" else 0o666)
    with unprivileged(), pytest.raises(LedgerError) as found:
        use_of(readable)
    clear(found.value)
    assert "cannot be written" in found.value.message or "for writing" in found.value.message
    assert "right to write" in found.value.hint
    os.chmod(folder, 0o700)


def use_of(path) -> None:
    from pathlib import Path

    use(Path(path))


def test_a_full_disk_charges_nothing_answers_nothing_and_passes(copy, monkeypatch):
    """SQLite's own limit on pages raises what a full disk does, and rolls back as it does."""
    ledger, connect = Ledger(copy, NOW.timestamp), sqlite3.connect
    pages = copy.stat().st_size // 4096

    def full(*args, **options):
        connection = connect(*args, **options)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(sqlite3, "connect", full)
    reserved, spent = [], 0

    def fill():
        nonlocal spent
        for number in range(2000):
            spent = ledger.spent().life
            reserved.append(ledger.reserve(charge(f"r{number}"), BUDGETS))

    with pytest.raises(LedgerError, match="disk is full") as found:
        fill()
    clear(found.value)
    assert "free some space" in found.value.hint
    assert ledger.spent().life == spent == (ASKED + 1 + len(reserved)) * 100
    monkeypatch.undo()
    assert ledger.reserve(charge(f"r{len(reserved)}"), BUDGETS).new
    assert ledger.verify() == 2 * ASKED + 3 + len(reserved) + 1


def test_a_new_ledger_on_a_full_disk_leaves_no_half_one(tmp_path, monkeypatch):
    connect = sqlite3.connect

    def full(*args, **options):
        connection = connect(*args, **options)
        connection.execute("PRAGMA max_page_count = 2")
        return connection

    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(LedgerError, match="disk is full"):
        Ledger.create(tmp_path / "ledger.sqlite", "north")
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_another_process_holds_is_said(copy, monkeypatch):
    from federated.privacy import chain

    ledger = Ledger(copy, NOW.timestamp)
    monkeypatch.setattr(chain, "_BUSY_S", 0.05)
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="another process has held it") as found:
            ledger.reserve(charge("r"), BUDGETS)
    clear(found.value)


# -- through the door: what a researcher and an officer see ---------------------------------------


def test_a_lost_wal_is_an_old_copy_until_the_officer_resolves_it(site, hub, capsys):
    path = site.ledger.path
    with closing(sqlite3.connect(path)) as holding:  # keeps SQLite from folding the -wal back
        holding.execute("SELECT * FROM site").fetchone()
        holding.execute("BEGIN")
        holding.execute("SELECT COUNT(*) FROM entry").fetchone()
        study = study_of(site)
        assert ask(site, hub, study).state == "answered"
        lost = path.read_bytes()
    for left in path.parent.glob("ledger.sqlite*"):
        left.unlink()
    path.write_bytes(lost)
    old = replace(site, ledger=Ledger(path, NOW.timestamp))
    assert old.ledger.spent().life == 0
    outcome = ask(old, hub, study)
    assert (outcome.state, outcome.release) == ("failed", None)
    with pytest.raises(SystemExit) as stopped:
        main(["ledger", "verify", str(path.parent)])
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert "its last entries were lost" in said
    assert "osteon ledger resolve" in said


def test_a_file_put_in_place_under_a_running_node_is_not_believed(site, hub, tmp_path):
    path = site.ledger.path
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(tmp_path / "b")) as kept:
        live.backup(kept)
    study = study_of(site)
    assert ask(site, hub, study).state == "answered"
    for left in path.parent.glob("ledger.sqlite*"):
        left.unlink()
    shutil.copy(tmp_path / "b", path)
    outcome = ask(site, hub, study)
    assert (outcome.state, outcome.reasons) == ("failed", ("ledger_not_ready",))
    with pytest.raises(LedgerError) as found:
        site.ledger.spent()
    clear(found.value)


@pytest.mark.parametrize("table", ["entry", "release", "witness", "site", "checkpoint"])
def test_a_damaged_ledger_answers_nothing_through_the_door(site, hub, table, snapshot):
    study = study_of(site)
    assert ask(site, hub, study).state == "answered"
    with closing(sqlite3.connect(site.ledger.path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.executescript(
            "DROP TRIGGER entry_kept; DROP TRIGGER entry_stays; DROP TRIGGER release_kept;"
            "DROP TRIGGER release_stays;"
        )
        db.execute(f"DROP TABLE {table}")
    reads = snapshot.opened
    for asked in (study, study_of(site, cohort="risk > 50")):
        outcome = ask(site, hub, asked)
        assert outcome.release is None or table in ("site", "witness", "checkpoint")
        assert snapshot.opened == reads or table == "checkpoint"
    with pytest.raises(LedgerError) as found:
        Ledger(site.ledger.path)
    clear(found.value)


def test_what_ended_is_named_with_what_is_left_and_when_it_is_new(copy):
    tight = replace(BUDGETS, year=(ASKED + 1) * 100 + 50, project_life=100, researcher_life=2190)
    with pytest.raises(BudgetExhausted) as refused:
        Ledger(copy, NOW.timestamp).reserve(charge("new"), tight)
    assert refused.value.exit_code == 4
    assert refused.value.reasons == (
        "budget_project_life",
        "budget_researcher_life",
        "budget_year",
    )
    project, researcher, year = refused.value.shortfalls
    assert (project.left_nano_rho, project.renews_s) == (0, None)
    assert (researcher.left_nano_rho, researcher.renews_s) == (90, None)
    assert (year.left_nano_rho, year.renews_s) == (50, 1798761600)
    assert "renews on 2027-01-01" in refused.value.message
    assert "is used up and does not renew" in refused.value.message
