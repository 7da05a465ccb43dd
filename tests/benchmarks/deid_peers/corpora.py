"""The notes that every system reads, the same in one run.

Published corpora come from the folder in ``OSTEON_CORPORA`` (see the README there); one that is
missing is named in the table. The invented notes, those written by hand and the eponym sentences
come with the tests.
"""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

from deid.evaluation.gold import GoldNote, read_gold
from tests.benchmarks.deid_notes.sample import sample, write

__all__ = ["Corpus", "corpora", "eponyms"]

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FOLDER = Path(os.environ.get("OSTEON_CORPORA") or ROOT.parent / "shared/corpora")
WRITTEN = HERE.parent / "deid_written"
PUBLISHED = ("localscrub_mts", "localscrub_synth", "presidio_synth")


@dataclass(frozen=True)
class Corpus:
    """``patients`` is the file that describes them, where there is one. ``whole`` counts notes
    before a limit.
    """

    name: str
    notes: list[GoldNote]
    whole: int
    patients: Path | None = None

    def heading(self) -> str:
        part = (
            f"the first {len(self.notes)} of {self.whole}"
            if len(self.notes) < self.whole
            else f"{self.whole}"
        )
        return (
            f"{self.name}: {part} notes, {sum(len(note.text) for note in self.notes):,} characters"
        )


def corpora(scratch: Path, limit: int | None) -> tuple[list[Corpus], list[str]]:
    """The corpora, and the names of those that are missing. ``scratch`` takes the invented one."""
    found, missing = [], []
    for name in PUBLISHED:
        path = FOLDER / f"{name}.jsonl.gz"
        if path.is_file():
            notes = list(read_gold(path))
            found.append(Corpus(name, notes[:limit], len(notes)))
        else:
            missing.append(name)
    gold, patients = scratch / "gold.jsonl", scratch / "patients.csv"
    write(sample(), gold, patients)
    notes = list(read_gold(gold))
    found.append(Corpus("deid_notes", notes[:limit], len(notes), patients))
    read = ("read", "second", "third", "fourth", "fifth")
    for name in (*read, "unread", "apart", "later", "busy", "hard"):
        notes = list(read_gold(WRITTEN / f"{name}.jsonl"))
        table = WRITTEN / f"{name}.patients.csv"
        described = table if table.is_file() else None
        found.append(Corpus(f"deid_written, {name}", notes[:limit], len(notes), described))
    path = FOLDER / "mtsamples.jsonl.gz"
    if path.is_file():
        notes = _orthopaedic(path)
        found.append(Corpus("mtsamples, orthopaedic", notes[:limit], len(notes)))
    else:
        missing.append("mtsamples")
    return found, missing


def eponyms() -> Corpus:
    """One sentence a note, nothing to remove."""
    lines = (HERE / "eponyms.txt").read_text("utf-8").splitlines()
    notes = [GoldNote(n, f"e{n}", line, ()) for n, line in enumerate(lines, start=1)]
    return Corpus("eponyms", notes, len(notes))


def _orthopaedic(path: Path) -> list[GoldNote]:
    """Real orthopaedic transcriptions into which nobody put anything."""
    notes = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            record = json.loads(line)
            if record["specialty"].startswith("Orthopedic"):
                notes.append(GoldNote(number, record["id"], record["text"], ()))
    return notes
