"""A site that is killed: one process that forks an attempt per write, and kills it there.

Every attempt is a process of its own (SIGKILL, no clean-up); what survives is what is on disk.
After each death a new process asks the same question twice and writes down what it saw.

    python -m tests.attack.killed FOLDER DECLARATIONS STORE
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from federated.privacy.head import CONTEXT, Head
from federated.privacy.ledger import Ledger
from tests.attack.world import Hub, Snapshot, ask, site_of, study_of

STEPS = ("aggregate", "noise")
"""Where an attempt is killed between statements: after the counts, after the noise."""


class FileHub(Hub):
    """A coordinator that outlives the site: its heads are in a file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        if path.exists():
            plain = json.loads(path.read_text())
            head = Head(**plain)
            self.heads["north"] = head, self.key.sign(head.to_bytes(), CONTEXT)

    def countersigned(self, head: Head, signed: Any, *, now_s: int) -> None:
        super().countersigned(head, signed, now_s=now_s)
        self.path.write_text(json.dumps(vars(head)))


def in_child(work: Callable[[], None]) -> int:
    """Run ``work`` in a forked process; returns how it ended (0, or the signal)."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly_statement(number: int) -> None:
    """From here on, the process dies before the ledger's write of that number; what is read in
    between leaves nothing on disk.
    """
    connect, seen = sqlite3.connect, 0

    def count(statement: str) -> None:
        nonlocal seen
        seen += statement.startswith(("BEGIN IMMEDIATE", "INSERT", "UPDATE", "COMMIT"))
        if seen > number:
            die()

    def counted(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options)
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = counted  # type: ignore[assignment]


def deadly_step(step: str) -> None:
    """The process dies right after the counts were read, or right after the noise was drawn."""
    from federated.aggregate import exact
    from federated.privacy import measurement

    module, name = (exact, "aggregate") if step == "aggregate" else (measurement, "release_values")
    real = getattr(module, name)

    def last(*args: Any, **options: Any) -> None:
        real(*args, **options)
        die()

    setattr(module, name, last)


def attempt(folder: Path, declarations: Path, store: Path, arm: Callable[[], None]) -> None:
    """Ask once; leave the answer in ``said.json`` if one was given before death."""
    site = site_of(folder, declarations, Snapshot(store))
    study = study_of(site)
    arm()
    outcome = ask(site, FileHub(folder / "hub.json"), study)
    if outcome.release is not None:
        (folder / "said.json").write_bytes(outcome.release.to_bytes())


def afterwards(folder: Path, declarations: Path, store: Path) -> None:
    """A new process: ask twice, and write down what became of it."""
    site = site_of(folder, declarations, Snapshot(store))
    study = study_of(site)
    outcomes = [ask(site, FileHub(folder / "hub.json"), study) for _ in range(2)]
    seen = {
        "states": [outcome.state for outcome in outcomes],
        "answers": [o.release.to_bytes().decode() for o in outcomes if o.release is not None],
        "charged": site.ledger.spent().life,
        "cost": study.nano_rho,
        "pending": len(site.ledger.pending()),
        "entries": site.ledger.verify(),
    }
    (folder / "seen.json").write_text(json.dumps(seen))


def warm(folder: Path, declarations: Path, store: Path) -> None:
    """Import and compile once, so that the attempts need not."""
    folder.mkdir()
    attempt(folder, declarations, store, lambda: None)


def main(folder: Path, declarations: Path, store: Path) -> None:
    """Kill at both steps, then before every statement until an attempt lives."""
    warm(folder / "warm", declarations, store)
    for step in STEPS:
        run(folder, declarations, store, step, lambda step=step: deadly_step(step))
    number, lived = 0, False
    while not lived:
        name = f"statement_{number:02}"
        lived = run(folder, declarations, store, name, lambda n=number: deadly_statement(n))
        number += 1


def run(folder: Path, declarations: Path, store: Path, name: str, arm: Callable[[], None]) -> bool:
    """One death and what came after; True if the attempt lived."""
    place = folder / f"killed_at_{name}"
    place.mkdir()
    Ledger.create(place / "ledger.sqlite", "north")
    ended = in_child(lambda: attempt(place, declarations, store, arm))
    if ended not in (0, -signal.SIGKILL):
        raise SystemExit(f"the attempt ended by itself with {ended}")
    if in_child(lambda: afterwards(place, declarations, store)) != 0:
        raise SystemExit(f"the process after {name} failed")
    return ended == 0


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
