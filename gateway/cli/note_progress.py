"""How far a run over notes is: one line that renews itself, or a line now and then.

On standard error, so that it never mixes with a command's answer. At a terminal the line renews
itself and is gone at the end; in a log there is one line every few seconds, so that short runs
say nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from deid.runs.progress import Done, Pace, Progress, Rates

__all__ = ["note_lines", "note_progress", "told"]

_LINE_S = 5.0
_RENEW_S = 0.2

Clock = Callable[[], float]


@contextmanager
def note_progress(
    *, quiet: bool = False, stream: TextIO | None = None, clock: Clock = time.monotonic
) -> Iterator[Progress | None]:
    """What to call with each :class:`~deid.runs.progress.Done`; None if nothing is to be said."""
    stream = stream if stream is not None else sys.stderr
    if quiet:
        yield None
    elif stream.isatty():
        with _renewed_line(stream, clock) as show:
            yield show
    else:
        yield note_lines(stream, clock)


def told(done: Done, rates: Rates | None) -> str:
    """The line: "1,200 of 100,000 notes, 35.1 notes/s, 80,900 characters/s, 0:46:55 left"."""
    said = f"{done.notes:,} of {done.notes_total:,} notes"
    if rates is None:
        return said
    said += f", {rates.notes:,.1f} notes/s"
    if done.characters:
        said += f", {rates.characters:,.0f} characters/s"
    if rates.left_s is None:
        return said
    minutes, seconds = divmod(round(rates.left_s), 60)
    return f"{said}, {minutes // 60}:{minutes % 60:02}:{seconds:02} left"


def note_lines(stream: TextIO, clock: Clock = time.monotonic) -> Progress:
    """A line every few seconds, for a log; the first after as long."""

    def say(_: Done, said: str) -> None:
        stream.write(f"{said}\n")
        stream.flush()

    return _spaced(say, clock, first_s=_LINE_S, every_s=_LINE_S)


def _spaced(
    say: Callable[[Done, str], None], clock: Clock, *, first_s: float, every_s: float
) -> Progress:
    pace, due = Pace(clock), clock() + first_s

    def show(done: Done) -> None:
        nonlocal due
        rates = pace.rates(done)  # asked every time: each answer is a sample of the speed
        now = clock()
        if now >= due:
            due = now + every_s
            say(done, told(done, rates))

    return show


@contextmanager
def _renewed_line(stream: TextIO, clock: Clock) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("reading the files", total=None)

        def say(done: Done, said: str) -> None:
            bar.update(task, completed=done.notes, total=done.notes_total, description=said)

        yield _spaced(say, clock, first_s=0.0, every_s=_RENEW_S)
