"""What a person may do with withheld notes: mark, add to the site's lists, release, keep, reopen.

A person's reading overrules doubt (a language, a length, a time), never the residual check: a
note leaves only if the patient is not found in the output with the person's marks applied. A note
of a file leaves by :meth:`Review.export`; one of a load enters the store at the next load.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from deid.errors import InputError
from deid.site_lists import ListName, SiteLists, add_entry
from deid.span import CATEGORIES
from gateway.errors import QuarantineError, SiteError
from gateway.registry.marks import cleaned, marked_spans
from gateway.registry.quarantine import SHOWN_ID, Quarantine, Record
from gateway.registry.quarantine_file import Act
from gateway.registry.vault import Vault
from gateway.site.config import SiteFolder
from policies.decode import decode
from policies.profile import Profile

if TYPE_CHECKING:
    from deid.notes import CleanNote, NoteEngine

__all__ = ["Review"]

_DECISION: dict[ListName, Act] = {"terms": "term", "staff": "staff", "facilities": "facility"}


class Review:
    """One person's work on the quarantine of one site."""

    def __init__(self, site: SiteFolder, *, who: str) -> None:
        vault = Vault.open(site.vault_path)
        self.queue = Quarantine(site.quarantine_path, vault)
        self._vault = vault
        self._keys = vault.keys()
        self._lists = site.lists_path
        self._who = who
        self._engines: dict[str, NoteEngine] = {}

    def cleaned(self, record: Record) -> CleanNote:
        """The note as it would leave now, with marks and lists applied; withheld where the
        residual check finds the patient, or the engine fails.
        """
        engine = self._engine(record)
        return cleaned(engine, record.text, record.patient, marks=record.marks, read=True)

    def accept(self, record: Record) -> str | None:
        """Release the note; the reason if it must stay."""
        clean = self.cleaned(record)
        if clean.text is None:
            return clean.withheld
        record.released = {
            "note_id": record.note_id,
            "patient_id": self._keys.pseudonym(record.patient.patient_id),
            "text": clean.text,
            "spans": [
                {"start": span.start, "end": span.end, "category": span.category}
                for span in clean.spans
            ],
        }
        self.queue.decide(record, "release", who=self._who, state="released")
        return None

    def keep(self, record: Record) -> None:
        """Withhold the note for good."""
        self.queue.decide(record, "keep", who=self._who, state="kept")

    def mark(self, record: Record, category: str, words: str) -> int:
        """Redact the words wherever they stand in the note; how many places (0: no mark made)."""
        if category not in CATEGORIES:
            raise InputError(f"is none of {' '.join(CATEGORIES)}", file="m", field="category")
        places = len(marked_spans(record.text, [(category, words)]))
        if places:
            record.marks.append((category, words))
            self.queue.decide(record, "mark", who=self._who)
        return places

    def unmark(self, record: Record) -> tuple[str, str] | None:
        """Take back the last mark; None if there is none."""
        if not record.marks:
            return None
        taken = record.marks.pop()
        self.queue.decide(record, "unmark", who=self._who)
        return taken

    def reopen(self, name: str) -> tuple[Record, bool]:
        """Take back what was decided on a note, by its own id or the quarantine's: it waits again,
        with its marks. The note, and whether it was decided at all; UnknownNote if there is none.
        """
        record_id = self.queue.find(name)
        record = self.queue.record(record_id)
        for state in ("released", "kept"):
            if record_id in self.queue.ids(state):
                record.released = None
                self.queue.decide(record, "reopen", who=self._who, before=state)
                return record, True
        return record, False

    def discard(self, name: str) -> str:
        """Give up a record that does not open; its id."""
        record_id = self.queue.find(name)
        self.queue.discard(record_id, who=self._who)
        return record_id

    def add(self, record: Record, name: ListName, words: str) -> bool:
        """Put words on a list of the site; False if they were there."""
        added = add_entry(self._lists / f"{name}.txt", words)
        self._engines.clear()
        if added:
            self.queue.decide(record, _DECISION[name], who=self._who)
        return added

    def export(self, out: Path) -> int:
        """Write the released notes of files to a new file (mode 0600), complete or absent; how
        many.
        """
        if not out.parent.is_dir():
            raise SiteError(f"{out}: its folder does not exist")
        if out.exists():
            raise SiteError(f"{out}: exists already and is not overwritten")
        handle, draft = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)  # mode 0600
        count = 0
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                for line in self._released():
                    file.write(line + "\n")
                    count += 1
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, out)  # unlike a rename, fails where somebody made the file meanwhile
        except FileExistsError as error:
            raise SiteError(f"{out}: exists already and is not overwritten") from error
        finally:
            Path(draft).unlink(missing_ok=True)
        return count

    def _released(self) -> Iterator[str]:
        for record_id in self.queue.ids("released"):
            record = self.queue.record(record_id)
            if record.released is None:  # only a person's acceptance, sealed, lets a note out
                raise QuarantineError(f"record {record_id[:SHOWN_ID]}: its state was altered")
            # The name of a note of a load holds the patient's record; the store takes those.
            if record.origin == "file":
                line = record.released | {"profile": record.profile["name"]}
                yield json.dumps(line, ensure_ascii=False)

    def _engine(self, record: Record) -> NoteEngine:
        from deid.notes import NoteEngine

        key = json.dumps(record.profile, sort_keys=True)
        if key not in self._engines:
            profile = decode(Profile, record.profile, where="profile of the withheld note")
            lists = SiteLists.in_folder(self._lists)
            lists = lists.heeding(self._vault.meet(staff=lists.staff))
            self._engines[key] = NoteEngine(profile, self._keys, lists=lists)
        return self._engines[key]
