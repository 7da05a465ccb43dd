"""The query engine beside other libraries of differential privacy; writes peers.md.

    make bench-peers
    python -m tests.benchmarks.peers [--rows 10000] [--patients 130] [--seconds 3] [--timeout 300]

Time of an answer at three sizes of table, and error at equal ε in cells as a registry has them.
Every peer runs in an environment of its own, which the first run installs under ``.bench`` from a
package index; nothing else touches a network.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.answer_parts.world import ROWS_MAX
from tests.benchmarks.answer_peers.measure import (
    FORMS,
    MANY_PATIENTS,
    Errors,
    Times,
    cell_of,
    errors,
    table_of,
    times,
)
from tests.benchmarks.answer_peers.page import page
from tests.benchmarks.answer_peers.session import Data, System
from tests.benchmarks.answer_peers.systems import SYSTEMS, Provided

OUT = Path(__file__).with_suffix(".md")
ROWS = "10000,1000000,10000000"
PATIENTS = "130,500,1189"
T = TypeVar("T")


def each(systems: list[Provided], data: Data, measure: Callable[[System, Data], T]) -> dict[str, T]:
    """What is measured of every system on one table, one after the other."""
    found = {}
    for one in systems:
        system = System(one.peer)
        try:
            found[one.peer.name] = measure(system, data)
        finally:
            system.close()
        sys.stderr.write(f"{data.path.stem} {data.form} {one.peer.name}: {found[one.peer.name]}\n")
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers")
    parser.add_argument("--rows", default=ROWS, help="sizes of the tables whose answers are timed")
    parser.add_argument("--patients", default=PATIENTS, help="sizes of the cells for errors")
    parser.add_argument("--seconds", type=float, default=3.0, help="of repeats of each question")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds, of each question")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args()


def main() -> None:
    given = arguments()
    limits = {"timeout_s": given.timeout, "seconds": given.seconds}
    timed: dict[tuple[str, int, str], Times] = {}
    erred: dict[tuple[str, int, str], Errors] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for patients in map(int, filter(None, given.patients.split(","))):
            path = cell_of(folder, patients)
            for form in FORMS if patients == MANY_PATIENTS else FORMS[:1]:
                data = Data(path, form, ROWS_MAX)
                many = patients == MANY_PATIENTS and form == "index"
                done = each(
                    list(SYSTEMS), data, lambda s, d, many=many: errors(s, d, many=many, **limits)
                )
                erred |= {(form, patients, system): one for system, one in done.items()}
        for rows in map(int, filter(None, given.rows.split(","))):
            path = table_of(folder, rows)
            for form in FORMS:
                data = Data(path, form, ROWS_MAX)
                shown = [one for one in SYSTEMS if one.timed]
                answered = each(shown, data, lambda s, d: times(s, d, **limits))
                timed |= {(form, rows, system): one for system, one in answered.items()}
    given.out.write_text(page(timed, erred, given.timeout), encoding="utf-8")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
