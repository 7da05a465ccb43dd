"""How far a load is: at a terminal a bar for each step, in a log a line about notes now and then.

On standard error, so that it never mixes with a command's answer. The bar counts the parts of its
step (forms read, layers derived, units checked, records exported); they are not equally long, so no
time left is foretold, but for notes, whose speed is known.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

__all__ = ["LoadProgress", "load_progress"]

LoadProgress = Callable[[str, int, int], None]


@contextmanager
def load_progress(*, quiet: bool, stream: TextIO | None = None) -> Iterator[LoadProgress]:
    """What a load calls with a step, how much of it is done, and its parts."""
    stream = stream if stream is not None else sys.stderr
    if quiet:
        yield lambda *_: None
    elif stream.isatty():
        with _bar(stream) as show:
            yield show
    else:
        from deid.runs.progress import Done
        from gateway.cli.note_progress import note_lines

        log = note_lines(stream)
        yield lambda step, done, total: log(Done(done, total)) if step == "notes" else None


@contextmanager
def _bar(stream: TextIO) -> Iterator[LoadProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from deid.runs.progress import Done, Pace
    from gateway.cli.note_progress import told

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[counted]}"),
        TimeElapsedColumn(),
    )
    pace = Pace()
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        task = progress.add_task("", total=None, counted="")

        def show(step: str, done: int, total: int) -> None:
            counted = f"{done:,} of {total:,}" if total > 1 else ""
            if step == "notes":
                now = Done(done, total)
                counted = told(now, pace.rates(now))
            # A step of one part has no share to show: its bar only moves.
            of = total if total > 1 else None
            progress.update(task, description=step, completed=done, total=of, counted=counted)

        yield show
