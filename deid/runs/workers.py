"""Notes cleaned in this process or in several, in the order in which they came.

Processes are spawned, never forked (D16), and each loads the model once. A worker whose parent
has gone ends by itself.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from deid.errors import DeidError
from deid.ner.pinned import checked_model
from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.site_lists import SiteLists
from policies.profile import Profile

if TYPE_CHECKING:
    from deid.notes import NoteEngine

__all__ = ["Answer", "Task", "answers", "cleaned", "end_with", "line"]

_CHUNK = 8
_AHEAD = 3  # chunks in flight per worker: enough to keep it busy, small enough for memory


@dataclass(frozen=True, slots=True)
class Task:
    """One note to clean."""

    note_id: str | int
    patient: Patient
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One cleaned note; ``spans`` are (start, end, category) in the input text, ``sources`` the
    layers that found them, ``replaced`` their places in ``text``.
    """

    note_id: str | int
    patient_id: str
    text: str | None
    spans: tuple[tuple[int, int, str], ...]
    withheld: str | None
    sources: tuple[str, ...] = ()
    replaced: tuple[tuple[int, int], ...] = ()


def answers(
    tasks: Iterable[Task],
    profile: Profile,
    keys: Keys,
    *,
    lists: SiteLists | None = None,
    workers: int,
) -> Iterator[Answer]:
    """Clean the tasks with so many processes; one means this one. ``lists`` are the site's own
    names.
    """
    if workers < 1:
        raise DeidError("at least one worker is needed")
    if workers == 1:
        from deid.notes import NoteEngine

        engine = NoteEngine(profile, keys, lists=lists)
        return (cleaned(engine, task) for task in tasks)
    checked_model(profile.model, profile.model_sha256)  # a worker could only end without a word
    return _pooled(iter(tasks), profile, keys, lists, workers)


def cleaned(engine: NoteEngine, task: Task) -> Answer:
    """One note by one engine; a failure withholds that note only."""
    try:
        clean = engine.clean(task.text, task.patient)
    except Exception as error:  # noqa: BLE001 - one odd note must not lose a night's run
        reason = f"failed_{type(error).__name__}"
        return Answer(task.note_id, task.patient.patient_id, None, (), reason)
    spans = tuple((span.start, span.end, str(span.category)) for span in clean.spans)
    sources = tuple(span.source for span in clean.spans)
    who = task.patient.patient_id
    return Answer(
        task.note_id, who, clean.text, spans, clean.withheld, sources, tuple(clean.replaced)
    )


def line(answer: Answer, keys: Keys) -> dict[str, Any]:
    """What is written of a note, with the patient's pseudonym."""
    said: dict[str, Any] = {
        "note_id": answer.note_id,
        "patient_id": keys.pseudonym(answer.patient_id),
        "text": answer.text,
        "spans": [{"start": a, "end": b, "category": c} for a, b, c in answer.spans],
    }
    if answer.withheld is not None:
        said["withheld"] = answer.withheld
    return said


def _pooled(
    tasks: Iterator[Task], profile: Profile, keys: Keys, lists: SiteLists | None, workers: int
) -> Iterator[Answer]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(os.getpid(), profile, keys, lists),
    ) as pool:
        waiting: deque[Future[list[Answer]]] = deque()
        try:
            while True:
                while len(waiting) < workers * _AHEAD and (chunk := list(islice(tasks, _CHUNK))):
                    waiting.append(pool.submit(_clean_chunk, chunk))
                if not waiting:
                    return
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            raise DeidError(
                "a worker process ended (out of memory?)",
                hint="run the same command again to go on, with fewer workers",
            ) from error
        finally:
            for future in waiting:
                future.cancel()


_engine: NoteEngine | None = None


def _start(parent: int, profile: Profile, keys: Keys, lists: SiteLists | None) -> None:
    """Runs once in each worker."""
    global _engine  # noqa: PLW0603 - a process pool has no other place for what a worker keeps
    from deid.notes import NoteEngine

    end_with(parent)
    _engine = NoteEngine(profile, keys, lists=lists)


def end_with(parent: int) -> None:
    """End this worker when the process ``parent``, which started it, has gone: a killed one cannot
    tell its workers to stop. The parent gives its own id, since it may be gone before we look.
    """
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _clean_chunk(chunk: list[Task]) -> list[Answer]:
    if _engine is None:
        raise DeidError("a worker was used before it started")
    return [cleaned(_engine, task) for task in chunk]
