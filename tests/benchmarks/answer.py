"""A site's answer beside the same aggregate in plain SQL, and a node's memory; writes answer.md.

    make bench-answer
    python -m tests.benchmarks.answer [--rows 10000,1000000] [--seconds 12] [--out FILE]

Everything is measured in one run. An answer is what a node computes of a study with one statistic:
the expression written as SQL, the exact bounded vector, and its noise. Beside it stands what an
analyst would write for the same figure, without bounds and noise, on the same connection. The five
forms take turns until the time is up; medians are shown.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb

from tests.benchmarks.answer_parts.memory import Memory, measured
from tests.benchmarks.answer_parts.paired import Line, lines
from tests.benchmarks.answer_parts.world import ROWS_MAX, declare

OUT = Path(__file__).with_suffix(".md")
SIZES = "10000,1000000,10000000"
SLACK_MS = 10.0


def speed(found: Iterable[Line]) -> str:
    """The table of times."""
    head = (
        "| question | rows | turns | index rows | plain | aim | by stored order | plain, all rows |"
        " aim | window |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    body = []
    for line in found:
        index = _judged(line.index, 1.1 * line.index_plain + SLACK_MS)
        ordered = _judged(line.ordered, 1.5 * line.ordered_plain + SLACK_MS)
        body.append(
            f"| {line.question} | {line.rows:,} | {line.turns} | {line.index:.1f} |"
            f" {line.index_plain:.1f} | {index} | {line.ordered:.1f} | {line.ordered_plain:.1f} |"
            f" {ordered} | {line.window:.1f} |"
        )
    return "\n".join((head, *body))


def _judged(ms: float, aim: float) -> str:
    return f"{aim:.1f}: {'met' if ms <= aim else f'missed by {ms - aim:.1f}'}"


def page(found: Iterable[Line], memory: Memory, seconds: float) -> str:
    return f"""# A site's answer

Written by `make bench-answer`; do not edit. {platform.machine()}, {os.cpu_count()} processors (load \
{os.getloadavg()[0]:.1f} at the end), Python {platform.python_version()}, DuckDB {duckdb.__version__}.

## Time

Medians in ms, of turns over {seconds:g} s for each question and number of rows. *Index rows*: the answer to a study of one statistic over each patient's index visit, from
the plan to the noisy vector. *Plain*: the same rows and figure in SQL, without bounds and noise. *By stored
order*: the answer over every visit, {ROWS_MAX} of a patient at most; *plain, all rows* has no bound, and for the
count DuckDB reads the table's size without a row. *Window*: plain SQL that bounds rows with a window
function, as a table without a stored order would need; it takes a fifth of the turns. The aims
are 1.1 times plain + 10 ms, and 1.5 times plain + 10 ms by stored order.

{speed(found)}

## Memory of a node

A node of one synthetic hospital (300 operations) as a process of its own, behind a real coordinator; resident size in MB.

| idle | after the first study | after {memory.answered} studies | peak | seconds for all |
|---|---|---|---|---|
| {memory.idle:.0f} | {memory.first:.0f} | {memory.loaded:.0f} | {memory.peak:.0f} | {memory.seconds:.0f} |
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.answer")
    parser.add_argument("--rows", default=SIZES, help="numbers of rows")
    parser.add_argument("--seconds", type=float, default=12.0, help="for each question")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    found: list[Line] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "network").mkdir()
        memory = measured(folder / "network")
        catalogue = declare(folder / "declarations")
        for rows in map(int, given.rows.split(",")):
            for line in lines(catalogue, folder, rows, given.seconds):
                found.append(line)
                print(line, flush=True)
    given.out.write_text(page(found, memory, given.seconds), encoding="utf-8")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
