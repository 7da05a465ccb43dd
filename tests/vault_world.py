"""A vault with a quarantine beside it, what it holds, and a process that dies in the midst."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from deid.own.patient import Patient
from gateway.registry.quarantine import Quarantine, Record
from gateway.registry.vault import Vault

__all__ = ["contents", "died_at", "made", "quarantine", "steps_of"]

WRITES = {
    *("open", "write", "fsync", "flock", "chmod", "replace", "rename", "unlink"),
    *("connect", "execute", "executemany", "executescript", "close"),
}
"""Calls that may leave something behind; a process is killed before and after each."""


def quarantine(folder: Path, vault: Vault) -> Quarantine:
    return Quarantine(folder.parent / "quarantine", vault)


def made(
    folder: Path,
    patients: Mapping[str, Mapping[str, str]],
    staff: Iterable[str] = (),
    notes: Iterable[tuple[str, str, str]] = (),
) -> None:
    """A new vault; notes are (patient, text, state)."""
    vault = Vault.create(folder)
    vault.put_patients(patients.items())
    vault.meet(staff=staff)
    queue = quarantine(folder, vault)
    for patient, text, state in notes:
        record_id = queue.load_id(patient, "body", text)
        record = Record(record_id, "load", text[:1], Patient(patient), {}, text, "too_long", [])
        queue.put([record])
        if state != "waiting":
            record.marks.append(("NAME", text))
            queue.decide(record, "mark" if state == "marked" else "keep", who="rev", state="kept")
    vault.close()


def contents(folder: Path) -> list[Any]:
    """Everything that the vault and its quarantine tell to who has the key."""
    vault = Vault.open(folder)
    try:
        queue = quarantine(folder, vault)
        return [
            sorted(vault),
            [vault.patient(patient) for patient, _ in sorted(vault)],
            vault.keys(),
            vault.note_key(),
            vault.met(),
            [queue.record(record_id) for record_id in queue.ids()],
            queue.states(),
            queue.waiting(),
            queue.decisions(),
            queue.decided(),
        ]
    finally:
        vault.close()


def steps_of(work: Callable[[], Any], *, writes: bool = False) -> int:
    """How many steps ``work`` takes in a process of its own: calls of C functions, or only those
    that write.
    """
    reader, writer = os.pipe()
    counter = _Steps(None, writes=writes)

    def counted() -> None:
        counter.run(work)
        os.write(writer, str(counter.taken).encode())

    assert _in_child(counted) == 0
    os.close(writer)
    with os.fdopen(reader) as file:
        return int(file.read())


def died_at(step: int, work: Callable[[], Any], *, writes: bool = False) -> bool:
    """Run ``work`` in a process that is killed (SIGKILL) at that step; whether it came to it."""
    status = _in_child(lambda: _Steps(step, writes=writes).run(work))
    assert status in (0, -signal.SIGKILL), status
    return status != 0


class _Steps:
    def __init__(self, deadly: int | None, *, writes: bool) -> None:
        self.taken = 0
        self._deadly = deadly
        self._writes = writes

    def run(self, work: Callable[[], Any]) -> None:
        sys.setprofile(self._seen)
        try:
            work()
        finally:
            sys.setprofile(None)

    def _seen(self, _frame: Any, event: str, called: Any) -> None:
        if event not in ("c_call", "c_return"):
            return
        if self._writes and getattr(called, "__name__", "") not in WRITES:
            return
        if self.taken == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        self.taken += 1


def _in_child(work: Callable[[], None]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on fork beside threads
        child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
