"""A system as a process that is asked in lines; it is ended when it takes too long or too much."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                pipe.close()
            self._errors.close()
        self._process = None

    def _exchange(self, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        process = self._process or self._begin()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: what it said last is read below
        try:
            line = self._next(process.pid, time.monotonic() + timeout_s, timeout_s)
            if not line:
                raise Unanswered(f"ended with {process.wait()}: {self._last_words()}")
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
        own = {"PYTHONPATH": str(ROOT)} if self.peer.pins is None else {"PYTHONPATH": ""}
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        process = subprocess.Popen(
            [str(python), str(self.folder / self.peer.script), *self.peer.words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=os.environ | own,
        )
        self._process, self._lines = process, queue.SimpleQueue()
        threading.Thread(target=_read, args=(process, self._lines), daemon=True).start()
        return process

    def _next(self, pid: int, end: float, timeout_s: float) -> str:
        """The next line; empty at the end of the process."""
        most = MEMORY_SHARE * os.sysconf("SC_PHYS_PAGES") * _PAGE
        while time.monotonic() < end:
            try:
                return self._lines.get(timeout=min(0.2, max(end - time.monotonic(), 0.01)))
            except queue.Empty:
                if _resident(pid) > most:
                    raise Unanswered(f"over {most / 2**30:.0f} GB") from None
        raise Unanswered(f"over {timeout_s:g} s")

    def _last_words(self) -> str:
        self._errors.seek(0)
        return " ".join(self._errors.read().strip().splitlines()[-1:])[:150]


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.put(line)
    except ValueError:
        return  # closed, since nobody waits any more
    lines.put("")


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
