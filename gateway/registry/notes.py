"""Notes of a load: made safe by the note engine, one process, streaming.

A note that is withheld waits in the quarantine; of it the store gets only the reason. What a
person decided there on a note of an earlier load counts: a note that was kept back is kept back,
one that was released is stored with the person's marks, unless the residual check now finds the
patient in it; then it waits again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from deid.pseudonym import Keys
from deid.site_lists import SiteLists
from gateway.registry.bench import Bench
from gateway.registry.marks import cleaned
from gateway.registry.note_rows import NoteForm, NoteRow, note_batches, note_forms, note_total
from gateway.registry.quarantine import Quarantine, Record
from gateway.registry.store.store import Version
from policies.dictionary import Dictionary
from policies.profile import Profile

if TYPE_CHECKING:
    from deid.notes import CleanNote, NoteEngine

__all__ = ["KEPT", "UNDECIDED", "NoteCount", "clean_notes", "create_notes", "settle_quarantine"]

KEPT = "kept_by_reviewer"
UNDECIDED = "review_unfinished"
"""A person marked words in the note and has not decided yet; all else would let it pass."""

_COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "_patient": (pa.string(), "VARCHAR"),
    "_row": (pa.int64(), "BIGINT"),
    "element": (pa.string(), "VARCHAR"),
    "type": (pa.string(), "VARCHAR"),
    "day": (pa.int32(), "INTEGER"),
    "text": (pa.string(), "VARCHAR"),
    "withheld": (pa.string(), "VARCHAR"),
    "review": (pa.string(), "VARCHAR"),  # id of the note's record in the quarantine, if it has one
    "released": (pa.bool_(), "BOOLEAN"),  # a person had released it when this was written
}


@dataclass(frozen=True)
class NoteCount:
    """Notes stored, and notes withheld by reason."""

    stored: int
    withheld: dict[str, int]


def create_notes(bench: Bench) -> None:
    """The empty table ``notes``."""
    columns = ", ".join(f"{name} {kind}" for name, (_, kind) in _COLUMNS.items())
    bench.run(f"CREATE OR REPLACE TABLE notes ({columns})")


def clean_notes(
    bench: Bench,
    dictionary: Dictionary,
    profile: Profile,
    keys: Keys,
    queue: Quarantine,
    progress: Callable[[str, int, int], None],
    lists: SiteLists | None = None,
) -> NoteCount:
    """Fill ``notes`` from every note element. ``progress`` hears what, how many of how many;
    ``lists`` are the site's own names. Withheld notes are in ``queue`` when this returns.
    """
    forms = list(note_forms(dictionary, profile))
    total = sum(note_total(bench, form) for form in forms)
    if total == 0:
        return NoteCount(0, {})
    from deid.notes import NoteEngine

    engine = NoteEngine(profile, keys, lists=lists)
    review, withheld, row = _Review(queue, profile), Counter[str](), 0
    for form in forms:
        for batch in note_batches(bench, form, dictionary):
            done: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
            for note in batch:
                row += 1
                clean, *held = review.clean(engine, note, form)
                if clean.withheld is not None:
                    withheld[clean.withheld] += 1
                about = (note.pseudonym, row, form.element, note.kind, note.day)
                values = (*about, clean.text, clean.withheld, *held)
                for name, value in zip(_COLUMNS, values, strict=True):
                    done[name].append(value)
            review.keep()
            _insert(bench, done)
            progress("notes", row, total)
    return NoteCount(row - withheld.total(), dict(withheld))


def settle_quarantine(queue: Quarantine, version: Version) -> None:
    """Drop what waits of notes that the version has no more, or has stored without a person; let
    wait again what had been released and is withheld all the same.

    Only once the version is the current one: a load that is killed before that must find
    everything that belongs to the version it did not replace. The next load settles what a
    killed one did not.
    """
    found = version.rows(
        "SELECT DISTINCT review, withheld IS NULL, released FROM notes WHERE review IS NOT NULL"
    )
    queue.settle(
        withheld={review for review, passed, _ in found if not passed},
        stored={review for review, passed, _ in found if passed},
        returned={review for review, passed, released in found if released and not passed},
    )


class _Review:
    """What people decided on notes of earlier loads, and the notes that now wait for them."""

    def __init__(self, queue: Quarantine, profile: Profile) -> None:
        self._queue = queue
        self._profile = profile.model_dump(mode="json")
        self._verdicts = queue.verdicts()
        self._held: list[Record] = []

    def clean(
        self, engine: NoteEngine, note: NoteRow, form: NoteForm
    ) -> tuple[CleanNote, str | None, bool]:
        """The note as it may be stored, the id of its record where it has one, and whether a
        person had released it.
        """
        from deid.notes import CleanNote

        record_id = self._queue.load_id(note.patient.patient_id, form.element, note.text)
        verdict = self._verdicts.get(record_id)
        released = verdict is not None and verdict.state == "released"
        if verdict is None:
            clean = cleaned(engine, note.text, note.patient)
        elif verdict.state == "kept":
            clean = CleanNote(None, (), KEPT)
        else:
            marks = verdict.marks
            clean = cleaned(engine, note.text, note.patient, marks=marks, read=released)
            if clean.withheld is None and marks and not released:
                clean = replace(clean, text=None, withheld=UNDECIDED)
        if verdict is None and clean.withheld is None:
            return clean, None, False
        if clean.withheld not in (None, KEPT):
            self._held.append(self._record(record_id, note, clean))
        return clean, record_id, released

    def keep(self) -> None:
        """Put the notes withheld since the last call into the quarantine."""
        if self._held:
            self._queue.put(self._held)
            self._held.clear()

    def _record(self, record_id: str, note: NoteRow, clean: CleanNote) -> Record:
        return Record(
            id=record_id,
            origin="load",
            note_id=note.name,
            patient=note.patient,
            profile=self._profile,
            text=note.text,
            reason=str(clean.withheld),
            spans=[
                {"start": s.start, "end": s.end, "category": s.category, "source": s.source}
                for s in clean.spans
            ],
        )


def _insert(bench: Bench, done: dict[str, list[Any]]) -> None:
    table = pa.table({name: pa.array(done[name], kind) for name, (kind, _) in _COLUMNS.items()})
    bench.connection.register("_notes", table)
    bench.run("INSERT INTO notes BY NAME SELECT * FROM _notes")
    bench.connection.unregister("_notes")
