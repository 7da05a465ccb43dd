"""The quarantine keeps withheld notes sealed, each once, and says who decided."""

import sqlite3
from datetime import date

import pytest

from deid.patient import Patient
from deid.workers import Answer, Task
from gateway.errors import QuarantineError
from gateway.registry.quarantine import Quarantine
from gateway.registry.vault import Vault

PATIENT = Patient("P1", "Jane", "Okonkwo", "77001234", date(1950, 1, 2), None, (("kin", "Al"),))


@pytest.fixture
def vault(tmp_path):
    return Vault.create(tmp_path / "vault")


@pytest.fixture
def queue(tmp_path, vault):
    return Quarantine(tmp_path / "quarantine", vault)


def put(queue, note_id="n1", text="Seen: xOkonkwox.", reason="residual_name"):
    answer = Answer(note_id, "P1", None, ((6, 8, "NAME"),), reason, ("model",))
    record = queue.of_file(Task(note_id, PATIENT, text), answer, {"name": "safe_harbor"})
    queue.put([record])
    return record.id


def sql(tmp_path, statement, *values):
    connection = sqlite3.connect(tmp_path / "quarantine" / "quarantine.sqlite")
    with connection:
        rows = connection.execute(statement, values).fetchall()
    connection.close()
    return rows


def test_a_record_opens_as_it_was_put_and_the_file_tells_nothing(queue, tmp_path):
    record = queue.record(put(queue))
    assert (record.note_id, record.text, record.reason) == (
        "n1",
        "Seen: xOkonkwox.",
        "residual_name",
    )
    assert record.patient == PATIENT
    assert record.spans == [{"start": 6, "end": 8, "category": "NAME", "source": "model"}]
    path = tmp_path / "quarantine" / "quarantine.sqlite"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    raw = path.read_bytes()
    assert all(word not in raw for word in (b"Okonkwo", b"77001234", b"n1", b"P1"))
    assert "Okonkwo" not in repr(record)


def test_records_that_were_swapped_do_not_open_and_nothing_is_lost(queue, tmp_path):
    one, two = put(queue), put(queue, note_id="n2")
    before = sql(tmp_path, "SELECT nonce, body FROM withheld WHERE id = ?", one)[0]
    other = sql(tmp_path, "SELECT nonce, body FROM withheld WHERE id = ?", two)[0]
    sql(tmp_path, "UPDATE withheld SET nonce = ?, body = ? WHERE id = ?", *other, one)
    with pytest.raises(QuarantineError, match="does not open") as caught:
        queue.record(one)
    assert caught.value.exit_code == 1
    with pytest.raises(QuarantineError):
        put(queue)  # a new run does not write over what it cannot read
    sql(tmp_path, "UPDATE withheld SET nonce = ?, body = ? WHERE id = ?", *before, one)
    assert queue.record(one).note_id == "n1"


def test_another_vault_does_not_open_the_queue(queue, tmp_path):
    record_id = put(queue)
    stranger = Quarantine(tmp_path / "quarantine", Vault.create(tmp_path / "other"))
    with pytest.raises(QuarantineError, match="wrong key"):
        stranger.record(record_id)


def test_a_file_that_is_no_database_is_named(queue, tmp_path):
    put(queue)
    (tmp_path / "quarantine" / "quarantine.sqlite").write_bytes(b"rubble" * 999)
    with pytest.raises(QuarantineError, match=r"quarantine\.sqlite"):
        queue.waiting_by_reason()


def test_the_same_note_is_kept_once_and_a_changed_note_is_another(queue):
    first = put(queue)
    record = queue.record(first)
    record.marks.append(("NAME", "Al"))
    queue.decide(record, "mark", who="rev")
    assert put(queue, reason="out_of_time") == first
    assert queue.record(first).marks == [("NAME", "Al")]
    assert put(queue, text="Seen: later.") != first
    assert queue.waiting_by_reason() == {"out_of_time": 1, "residual_name": 1}


def test_decisions_are_kept_and_cannot_be_changed(queue, tmp_path):
    record = queue.record(put(queue))
    queue.decide(record, "keep", who="rev", state="kept")
    assert [(d.id, d.who, d.what, d.state) for d in queue.decisions()] == [
        (record.id, "rev", "keep", "kept")
    ]
    assert (queue.ids("waiting"), queue.ids("kept")) == ([], [record.id])
    put(queue)
    assert queue.ids("kept") == [record.id]  # decided once and for all
    for statement in ("DELETE FROM decisions", "UPDATE decisions SET who = 'x'"):
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            sql(tmp_path, statement)
    assert len(queue.decisions()) == 1
