"""A system as a process that is asked in lines; it is ended when it takes too long or too much."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.benchmarks.environments import ROOT, Peer, Unavailable, interpreter

__all__ = ["Data", "System", "Unanswered"]

HERE = Path(__file__).parent
MEMORY_SHARE = 0.5
"""Of this machine's memory: a system that takes more is stopped before others suffer."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Unanswered(Exception):
    """There is no answer; the message says why in a few words."""


@dataclass(frozen=True)
class Data:
    """A table of visits in a DuckDB file; ``form`` is index (one row of a patient) or visits."""

    path: Path
    form: str
    rows_max: int


class System:
    """One system. Its process begins with the first question, and anew after it was stopped."""

    def __init__(self, peer: Peer, folder: Path = HERE) -> None:
        self.peer, self.folder = peer, folder
        self._process: subprocess.Popen[str] | None = None
        self._loaded: Data | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._last: deque[str] = deque(maxlen=1)

    def load(self, data: Data, timeout_s: float) -> float:
        """Seconds to bring the rows into the form in which the system holds them."""
        self._loaded = None
        message = {"do": "load", "path": str(data.path), "form": data.form}
        said = self._exchange(message | {"rows_max": data.rows_max}, timeout_s)
        self._loaded = data
        return float(said["took"])

    def ask(
        self,
        data: Data,
        questions: Sequence[str],
        budget: dict[str, float],
        *,
        timeout_s: float,
        turns: int = 1,
        seconds: float = 0.0,
        fresh: bool = False,
    ) -> dict[str, Any]:
        """``took``: seconds of each turn; ``values``: the answer of each, by question.

        At least one turn, then until there are ``turns`` of them or ``seconds`` are over.
        ``fresh``: each turn prepares the question anew, and its time says so.
        """
        if self._loaded != data or self._process is None:
            self.load(data, timeout_s)
        return self._exchange(
            {"do": "ask", "questions": list(questions), "budget": budget, "turns": turns,
             "seconds": seconds, "fresh": fresh},
            timeout_s,
        )  # fmt: skip

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process = None

    def _exchange(self, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        process = self._process or self._begin()
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: what it said last is told below
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
        try:
            line = self._next(process, timeout_s)
        except Unanswered:
            self.close()
            raise
        said: dict[str, Any] = json.loads(line)
        if "failed" in said:
            raise Unanswered(said["failed"])
        return said

    def _begin(self) -> subprocess.Popen[str]:
        try:
            python = interpreter(self.peer, self.folder)
        except Unavailable as error:
            raise Unanswered(str(error)) from error
        process = subprocess.Popen(
            [str(python), str(self.folder / self.peer.script), *self.peer.words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=os.environ | {"PYTHONPATH": str(ROOT) if self.peer.pins is None else ""},
        )
        self._process, self._lines, self._last = process, queue.SimpleQueue(), deque(maxlen=1)
        for pipe, take in ((process.stdout, self._lines.put), (process.stderr, self._last.append)):
            threading.Thread(target=_read, args=(pipe, take), daemon=True).start()
        return process

    def _next(self, process: subprocess.Popen[str], timeout_s: float) -> str:
        """The next line."""
        most = MEMORY_SHARE * os.sysconf("SC_PHYS_PAGES") * _PAGE
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            try:
                return self._lines.get(timeout=0.2)
            except queue.Empty:
                if process.poll() is not None and self._lines.empty():
                    words = " ".join(self._last).strip()[:150]
                    raise Unanswered(f"ended with {process.returncode}: {words}") from None
                if _resident(process.pid) > most:
                    raise Unanswered(f"over {most / 2**30:.0f} GB") from None
        raise Unanswered(f"over {timeout_s:g} s")


def _read(pipe: IO[str], take: Callable[[str], object]) -> None:
    for line in pipe:
        take(line)
    pipe.close()


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0  # it has ended, or this is not Linux
