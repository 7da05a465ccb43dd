"""A site's answer beside the same aggregate in plain SQL, and a node's memory; writes answer.md.

    make bench-answer
    python -m tests.benchmarks.answer [--rows 10000,1000000] [--seconds 12] [--out FILE]

Everything is measured in one run. An answer is what a node computes of a study with one statistic:
the expression written as SQL, the exact bounded vector, and its noise. Beside it stands what an
analyst would write for the same figure, without bounds and noise, on the same connection. The five
forms take turns until the time is up; medians are shown. An answer in each turn has its stages timed apart.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from tests.benchmarks.answer_parts.memory import RHO, Memory, measured
from tests.benchmarks.answer_parts.paired import Line, lines
from tests.benchmarks.answer_parts.stages import MeanSql, Stages
from tests.benchmarks.answer_parts.waits import waits
from tests.benchmarks.answer_parts.world import ROWS_MAX, declare
from tests.benchmarks.tables import table

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


def whereabouts(found: Iterable[Line]) -> str:
    """A line for each aim: where the answer's time goes, and why the aim is missed if it is."""
    head = ("question", "rows", "form", "cells", "SQL written", "SQL run", "its share of the aim",
            "placed, noise", "aim")  # fmt: skip
    body = []
    for line in found:
        forms = (
            ("index rows", line.index, 1.1 * line.index_plain, line.index_stages),
            ("stored order", line.ordered, 1.5 * line.ordered_plain, line.ordered_stages),
        )
        for form, ms, share, took in forms:
            why = "met" if ms <= share + SLACK_MS else missed(took, share)
            body.append(
                (line.question, f"{line.rows:,}", form, line.cells, f"{took.written:.1f}",
                 f"{took.run:.1f}", f"{share:.1f}", f"{took.noised:.1f}", why)
            )  # fmt: skip
    return table(head, body)


def missed(took: Stages, share: float) -> str:
    """What is to blame: what has the same length at every size, the engine, or both."""
    over = took.run - share
    written = f"writing and noise take {took.fixed:.1f} of {SLACK_MS:g} ms"
    if took.fixed > SLACK_MS:
        return f"missed: {written}" + (f", SQL {over:.1f} over its share" if over > 1 else "")
    if over > took.fixed:
        return f"missed: SQL {over:.1f} over its share ({written})"
    return f"missed: {written}, SQL {max(over, 0):.1f} over its share"


def mean_table(found: Iterable[MeanSql]) -> str:
    """What the SQL of a mean spends its time on."""
    head = ("rows", "plain, values not held", "plain", "engine without squares", "engine")
    return table(
        head,
        (
            (f"{one.rows:,}", *(f"{ms:.1f}" for ms in (one.free, one.held, one.without_squares, one.engine)))
            for one in found
        ),
    )  # fmt: skip


def page(found: Sequence[Line], means: Sequence[MeanSql], memory: Memory, seconds: float) -> str:
    """The whole page."""
    return f"""# A site's answer

Written by `make bench-answer`; do not edit. {platform.machine()}, {os.cpu_count()} processors (load \
{os.getloadavg()[0]:.1f} at the end), Python {platform.python_version()}, DuckDB {duckdb.__version__}.

## Time

Medians in ms, of turns over {seconds:g} s for each question and number of rows. *Index rows*: the answer to a study of one statistic over each patient's index visit, from
the plan to the noisy vector. *Plain*: the same rows and figure in SQL, without bounds and noise. *By stored
order*: the answer over every visit, {ROWS_MAX} of a patient at most; *plain, all rows* has no bound, and for the
count DuckDB reads the table's size without a row. *Window*: plain SQL that bounds rows with a window
function, as a table without a stored order would need; it takes a fifth of the turns. The aims
are 1.1 times plain + 10 ms, and 1.5 times plain + 10 ms by stored order. No time here contains the wait of
the reply (below).

{speed(found)}

## Where the time goes

Medians in ms of answers of their own in the same turns, so that sums differ a little from the table above. An aim has two parts: the SQL's
share is 1.1 or 1.5 times plain, and 10 ms are left to what has the same length at every size. That is *SQL written* (from
the plan through Ibis to text: it grows with the parts of the expression, and a node does it anew for every answer)
and *placed, noise* (it grows with the cells). Opening the snapshot is in neither: the connection stays open here, while a
node opens one for each answer.

{whereabouts(found)}

What is written takes as long at every size, so at 10⁴ rows it decides almost alone, and the engine's SQL adds to it from 10⁶
on. Where others use the processors too, all this grows while the 10 ms stay.

The count by stored order is held against plain SQL that reads no row at all, while the answer reads the order of every
row. The mean's SQL does more for each row than an analyst's: it holds the value to its bounds, rounds it to whole steps,
holds these once more against what doubles did, squares them and rounds again. Without the first of the two holds it
would read 10⁷ rows in 56 instead of 65 ms; it is kept, since either alone has to hold every patient
(`tests/attack/README.md`). Over index rows, in ms:

{mean_table(means)}

## The wait of a reply

Having read, a node waits before it replies, so that the time tells no more than was charged
(`federated/privacy/reply_time.py`, PROOFS.md §6): the smaller the charge and the more parts a study has, the longer.
At ordinary charges a researcher waits for this, not for what is measured above. In seconds:

{table(("study", "parts", "ε", "mean wait", "one in 30,000 longer than", "answered by a policy as it is written at first"), waits())}

## Memory of a node

A node of one synthetic hospital (300 operations) as a process of its own, behind a real coordinator; resident size in MB.
Each study is charged ρ = {RHO:g} by a policy whose budget holds them all (until replies waited it was 10⁻⁵, which would now
wait too long and be refused), so that a reply waits {memory.wait:.1f} s in the mean; the seconds contain these waits.

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
    means: list[MeanSql] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "network").mkdir()
        memory = measured(folder / "network")
        catalogue = declare(folder / "declarations")
        for rows in map(int, given.rows.split(",")):
            for line in lines(catalogue, folder, rows, given.seconds):
                print(line, flush=True)
                if isinstance(line, Line):
                    found.append(line)
                else:
                    means.append(line)
    given.out.write_text(page(found, means, memory, given.seconds), encoding="utf-8")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
