"""How long the ledger takes as it fills; writes ledger.md beside.

    python tests/benchmarks/ledger.py               # about two minutes on one core

One ledger is filled through its own transactions, by twenty researchers in five projects, each
question in an envelope of its own, one reservation in fifty voided. At each size every call is
timed on its own; a read is aimed to stay under 10 ms at 10,000 releases (the median; the 95th
percentile is beside it). Reads come from an open ledger, as a node holds it, unless the line says
that it is opened anew, as a command does. The write calls end with an fsync, whose time is the disk's: a bare
SQLite transaction of one row in the same folder is measured beside.
"""

from __future__ import annotations

import argparse
import os
import platform
import secrets
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from federated.privacy.head import CONTEXT
from federated.privacy.ledger import Budgets, Charge, Ledger, Reservation
from federated.privacy.release import Release
from policies.signing import SigningKey

OUT = Path(__file__).with_suffix(".md")
SIZES = (10, 1_000, 10_000)
LIMITS = Budgets(10**12, 10**12, 10**12, 10**12, 10**12, 10**12)
VALUES = tuple(range(-100, 100))
KEY = SigningKey.generate()
READ_AIM_MS = 10.0


def charge(number: int) -> Charge:
    """Question ``number``: 64 hex digits, as real keys are."""
    return Charge(
        key=f"{number:064x}",
        envelope=f"{number:032x}",
        researcher=f"researcher_{number % 20}",
        nano_rho=1_000_000,
        envelope_nano_rho_max=10**9,
        project=f"project_{number % 5}",
    )


def release(key: str) -> Release:
    """Two hundred cells, a study of usual size."""
    return Release(key, "d" * 64, "north", "s" * 32, VALUES, 4.5, 1_000_000)


def witness(ledger: Ledger) -> None:
    """As the node does after the post."""
    head = ledger.head()
    if head is not None:
        ledger.witness(head, KEY.sign(head.to_bytes(), CONTEXT), KEY.public_key)


def fill(ledger: Ledger, number: int) -> None:
    """One answered question; before every fiftieth a reservation that is given back."""
    if number % 50 == 49:
        void = ledger.reserve(charge(10**9 + number), LIMITS)
        if isinstance(void, Reservation):
            ledger.void(void.seq)
    one = charge(number)
    reserved = ledger.reserve(one, LIMITS)
    if isinstance(reserved, Reservation):
        ledger.post(reserved, release(one.key))


def timed(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Median and 95th percentile in ms."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took), statistics.quantiles(took, n=20)[-1]


def measure(ledger: Ledger, size: int) -> dict[str, tuple[float, float]]:
    """Every call at this size. What is reserved is posted, so the ledger grows by the repeats."""
    fresh = iter(range(10**6 + size, 10**7))
    reserved: list[Reservation] = []

    def reserve() -> None:
        got = ledger.reserve(charge(next(fresh)), LIMITS)
        if isinstance(got, Reservation):
            reserved.append(got)

    def post() -> None:
        one = reserved.pop()
        ledger.post(one, release(one.charge.key))

    some = [f"{secrets.randbelow(size):064x}" for _ in range(50)]
    keys = iter(some * 10)
    found = {
        "stored release": timed(lambda: ledger.stored(next(keys)), 200),
        "question asked again (reserve gives the stored release)": timed(
            lambda: ledger.reserve(charge(int(next(keys), 16)), LIMITS), 50
        ),
        "is its post countersigned": timed(lambda: ledger.covered(next(keys)), 100),
        "budget summary, by researcher and project": timed(ledger.summary, 100),
        "pending reservations": timed(ledger.pending, 100),
        "head": timed(ledger.head, 100),
        "open it anew and summarise": timed(lambda: Ledger(ledger.path).summary(), 30),
        "reserve": timed(reserve, 60),
        "post": timed(post, 60),
        "keep a countersignature": timed(lambda: witness(ledger), 30),
        "verify the whole chain (when asked)": timed(ledger.verify, 5),
    }
    assert ledger.stored(some[0]) is not None
    return found


def bare(folder: Path) -> tuple[float, float]:
    """One row in one transaction with the ledger's settings: what the disk takes."""
    path = folder / "bare.sqlite"

    def write() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE IF NOT EXISTS one (n INTEGER) STRICT")
        connection.execute("INSERT INTO one VALUES (1)")
        connection.execute("COMMIT")
        connection.close()

    return timed(write, 60)


WRITES = ("reserve", "post", "keep a countersignature")


def table(found: dict[int, dict[str, tuple[float, float]]], disk: tuple[float, float]) -> str:
    """The measured table, in Markdown."""
    sizes = list(found)
    how = (
        f"median and 95th percentile in ms, on {platform.machine()}, {os.cpu_count()} processors"
        f" (load {os.getloadavg()[0]:.1f} at the end), Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}. A bare SQLite transaction"
        f" of one row in the same folder took {disk[0]:.1f} ({disk[1]:.1f}) ms"
    )
    lines = [
        "# Measured speed of the ledger",
        "",
        f"Written by `python tests/benchmarks/ledger.py`: {how}.",
        "",
        "| call | " + " | ".join(f"{size:,} releases" for size in sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for call in found[sizes[0]]:
        cells = (found[size][call] for size in sizes)
        lines.append(f"| {call} | " + " | ".join(f"{m:.2f} ({p:.2f})" for m, p in cells) + " |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Fill, measure, write the table; fails where a read misses its aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    found: dict[int, dict[str, tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        disk = bare(folder)
        for size in SIZES:
            path = folder / f"ledger_{size}.sqlite"
            Ledger.create(path, "north")
            ledger = Ledger(path)
            start = time.perf_counter()
            for number in range(size):
                fill(ledger, number)
            witness(ledger)
            print(f"{size:,} releases written in {time.perf_counter() - start:.0f} s", flush=True)
            found[size] = measure(ledger, size)
    written = table(found, disk)
    options.out.write_text(written, encoding="utf-8")
    print(written)
    slow = {
        call: took[0]
        for call, took in found[SIZES[-1]].items()
        if took[0] >= READ_AIM_MS and call not in WRITES and "verify" not in call
    }
    if slow:
        raise SystemExit(f"reads over {READ_AIM_MS:g} ms: {slow}")


if __name__ == "__main__":
    main()
