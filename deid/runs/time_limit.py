"""A limit on the processor time of one note: a note built to be slow must not hold up the rest.

A timer of the operating system counts the process's own seconds, so that a busy machine changes
nothing, and Python's ``re`` answers signals inside a search. Signals reach the main thread only;
the processes that clean notes work there.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["OutOfTime", "limited"]


class OutOfTime(BaseException):
    """The time is over. No ``Exception``: a library that catches those must not swallow it."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise :class:`OutOfTime` in the block once it used so many seconds of a processor.

    Outside the main thread, or where the system has no such timer, there is no limit.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _over(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the handler's form
    raise OutOfTime
