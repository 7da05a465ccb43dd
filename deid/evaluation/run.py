"""Annotated notes through the real note engine, and what it missed.

Nothing is written and nothing of the notes is kept: the result holds counts. Only ``on_leak``
sees text; see :mod:`deid.evaluation.leaks`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from deid.evaluation.gold import GoldNote, check_gold, read_gold
from deid.evaluation.score import Leak, Scores
from deid.evaluation.written import removed
from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.runs.intake import read_patients
from deid.runs.progress import Done, Progress
from deid.runs.workers import Task, answers
from policies.profile import Profile

__all__ = ["Evaluation", "evaluate"]

# An id is needed for date offsets. This private-use character stands in no note, so nothing of an
# unknown patient can be found.
_UNKNOWN = Patient("\uf8ff")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``scores`` of the first ``scores.notes`` of ``notes_in_file``; ``seconds`` by the clock."""

    gold: str
    profile: str
    patients_known: bool
    notes_in_file: int
    scores: Scores
    seconds: float


def evaluate(
    gold: Path,
    *,
    profile: Profile,
    patients: Path | None = None,
    workers: int = 1,
    limit: int | None = None,
    progress: Progress | None = None,
    on_leak: Callable[[GoldNote, Leak, str | None], None] | None = None,
) -> Evaluation:
    """Clean every note of ``gold`` and score what was found.

    Without ``patients`` each note is cleaned for a patient of whom nothing is known. ``progress``
    is called after each note; ``on_leak`` with the note, what was missed in it and, where the
    note was withheld, why. Raises :class:`deid.errors.InputError` before anything runs.
    """
    started = time.monotonic()
    known = None if patients is None else read_patients(patients, profile.anchor_columns)
    in_file = check_gold(gold, known)
    total = in_file if limit is None else min(limit, in_file)
    scores = Scores()
    notes = islice(read_gold(gold), total)
    tasks = _tasks(islice(read_gold(gold), total), known)
    done = answers(tasks, profile, Keys.generate(), workers=workers)
    characters = 0
    for note, answer in zip(notes, done, strict=True):
        found = removed(note.text, answer)
        for leak in scores.add(note, found, answer.withheld):
            if on_leak is not None:
                on_leak(note, leak, answer.withheld)
        characters += len(note.text)
        if progress is not None:
            progress(Done(scores.notes, total, characters))
    return Evaluation(
        gold=gold.name,
        profile=profile.name,
        patients_known=known is not None,
        notes_in_file=in_file,
        scores=scores,
        seconds=time.monotonic() - started,
    )


def _tasks(notes: Iterator[GoldNote], known: Mapping[str, Patient] | None) -> Iterator[Task]:
    for note in notes:
        patient = _UNKNOWN if known is None else known[note.patient_id or ""]
        yield Task(note.note_id, patient, note.text)
