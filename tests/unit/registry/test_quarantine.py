"""The quarantine keeps withheld notes sealed, each once, and says who decided."""

import sqlite3
from dataclasses import replace
from datetime import date

import pytest

from deid.own.patient import Patient
from deid.runs.workers import Answer, Task
from gateway.errors import QuarantineError, UnknownNote
from gateway.registry.quarantine import Quarantine, Record, Verdict
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


def test_the_same_note_under_another_profile_is_another_record(queue):
    task = Task("n1", PATIENT, "A note.")
    answer = Answer("n1", PATIENT.patient_id, None, (), "too_long")
    ids = {queue.of_file(task, answer, {"name": name}).id for name in ("safe_harbor", "limited")}
    assert len(ids) == 2


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


def of_load(queue, text="Seen: xOkonkwox.", reason="residual_name", patient=PATIENT):
    record_id = queue.load_id(patient.patient_id, "body", text)
    name = f"{patient.patient_id}/letter/1/body"
    queue.put([Record(record_id, "load", name, patient, {}, text, reason, [])])
    return record_id


def settled(queue, withheld=(), stored=(), returned=()):
    queue.settle(withheld=set(withheld), stored=set(stored), returned=set(returned))


def test_a_note_of_a_load_is_one_wherever_its_row_stands(queue):
    first = of_load(queue)
    record = queue.record(first)
    record.marks.append(("NAME", "Al"))
    queue.decide(record, "release", who="rev", state="released")
    assert of_load(queue, reason="residual_identifier") == first
    again = queue.record(first)
    assert (again.reason, again.marks) == ("residual_identifier", [("NAME", "Al")])
    assert queue.verdicts() == {first: Verdict("released", (("NAME", "Al"),))}
    assert put(queue) not in queue.verdicts()  # a note of a file is no load's business


def test_a_version_settles_what_waits(queue):
    gone, passed, held, marked, kept = (of_load(queue, text=f"Note {i}.") for i in range(5))
    of_file = put(queue)
    for record_id, what, state in ((marked, "mark", "waiting"), (kept, "keep", "kept")):
        record = queue.record(record_id)
        record.marks.append(("NAME", "Al"))
        queue.decide(record, what, who="rev", state=state)
    settled(queue, withheld={held, kept}, stored={passed, marked})
    assert set(queue.ids()) == {held, marked, kept, of_file}
    assert gone not in queue.ids()
    settled(queue)
    assert queue.ids() == [of_file]
    assert [one.state for one in queue.decisions()] == [None, None]  # said for good


def test_a_released_note_that_is_withheld_again_waits_again_with_its_marks(queue):
    record_id = of_load(queue)
    record = queue.record(record_id)
    record.marks.append(("NAME", "Al"))
    queue.decide(record, "release", who="rev", state="released")
    before = queue.decided()
    settled(queue, withheld={record_id})  # somebody released it while the load ran
    assert queue.ids("released") == [record_id]
    settled(queue, withheld={record_id}, returned={record_id})
    assert queue.verdicts()[record_id] == Verdict("waiting", (("NAME", "Al"),))
    assert [(d.who, d.what) for d in queue.decisions()][-1] == ("osteon", "return")
    assert queue.decided() == before  # what a load wrote is no reason for another load


def test_what_people_decide_on_notes_of_loads_changes_the_digest(queue):
    empty = queue.decided()
    of_file = queue.record(put(queue))
    queue.decide(of_file, "keep", who="rev", state="kept")
    assert queue.decided() == empty
    record = queue.record(of_load(queue))
    queue.decide(record, "keep", who="rev", state="kept")
    decided = queue.decided()
    queue.decide(record, "reopen", who="rev", before="kept")
    assert len({empty, decided, queue.decided()}) == 3


def test_every_note_of_a_withdrawn_patient_goes(queue):
    other = replace(PATIENT, patient_id="P2")
    ours, theirs, of_file = of_load(queue), of_load(queue, patient=other), put(queue)
    queue.decide(queue.record(ours), "keep", who="rev", state="kept")
    queue.drop_patients(["P1"])
    assert queue.ids() == [theirs]
    assert of_file not in queue.ids()


def test_a_state_cannot_be_altered_without_the_key(queue, tmp_path):
    record_id = of_load(queue)
    sql(tmp_path, "UPDATE withheld SET state = 'released'")
    with pytest.raises(QuarantineError, match="does not open"):
        queue.verdicts()
    assert queue.closed() == [record_id]


def test_a_decision_counts_only_in_the_state_that_was_seen(queue):
    record = queue.record(of_load(queue))
    with pytest.raises(QuarantineError, match="decided meanwhile"):
        queue.decide(record, "reopen", who="rev", before="released")
    assert queue.decisions() == []


def test_a_note_is_found_by_its_id_or_ours(queue):
    of_file, second, third = put(queue), put(queue, text="Another."), of_load(queue)
    assert queue.find(third[:8]) == third
    assert queue.find("P1/letter/1/body") == third
    for name, says in (
        ("n1", "2 withheld notes"),
        ("n2", "no withheld"),
        (of_file[:5], "no withheld"),
    ):
        with pytest.raises(UnknownNote, match=says) as caught:
            queue.find(name)
        assert caught.value.exit_code == 2
    assert queue.find(second) == second


def test_only_what_does_not_open_is_given_up(queue, tmp_path):
    damaged, whole = put(queue), put(queue, note_id="n2")
    sql(tmp_path, "UPDATE withheld SET body = zeroblob(40) WHERE id = ?", damaged)
    with pytest.raises(UnknownNote, match="opens"):
        queue.discard(whole, who="rev")
    assert queue.find(damaged[:12]) == damaged
    queue.discard(damaged, who="rev")
    assert queue.ids() == [whole]
    assert [(d.id, d.what, d.state) for d in queue.decisions()] == [(damaged, "discard", None)]
    assert put(queue) == damaged  # the next run keeps it anew
