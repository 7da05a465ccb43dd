"""What a person may do with withheld notes: mark, add to the site's lists, release, keep.

A person's reading overrules doubt (a language, a length, a time), never the residual check: a
note leaves only if the patient is not found in the output with the person's marks applied.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from deid.errors import InputError
from deid.site_lists import ListName, SiteLists, add_entry
from deid.span import CATEGORIES, Category, Span
from gateway.errors import QuarantineError, SiteError
from gateway.registry.quarantine import Quarantine, Record
from gateway.registry.vault import Vault
from gateway.site.config import SiteFolder
from policies.decode import decode
from policies.profile import Profile

if TYPE_CHECKING:
    from deid.notes import CleanNote, NoteEngine

__all__ = ["Review", "marked_spans"]

_DECISION: dict[ListName, str] = {"terms": "term", "staff": "staff", "facilities": "facility"}


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
        from deid.notes import CleanNote

        marked = marked_spans(record.text, record.marks)
        try:
            return self._engine(record).clean(record.text, record.patient, marked=marked, read=True)
        except Exception as error:  # noqa: BLE001 - one odd note must not end the review
            return CleanNote(None, (), f"failed_{type(error).__name__}")

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

    def add(self, record: Record, name: ListName, words: str) -> bool:
        """Put words on a list of the site; False if they were there."""
        added = add_entry(self._lists / f"{name}.txt", words)
        self._engines.clear()
        if added:
            self.queue.decide(record, _DECISION[name], who=self._who)
        return added

    def export(self, out: Path) -> int:
        """Write the released notes to a new file (mode 0600), complete or absent; how many."""
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
            line = self.queue.record(record_id).released
            if line is None:  # only a person's acceptance, which is sealed, lets a note out
                raise QuarantineError(f"record {record_id[:12]}: its state was altered")
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


def marked_spans(text: str, marks: list[tuple[str, str]]) -> list[Span]:
    """Every place of the marked words, in any case and with any blanks between them: as words of
    their own, or inside others where they stand nowhere alone.
    """
    spans: list[Span] = []
    for category, words in marks:
        inner = r"\s+".join(re.escape(word) for word in words.split())
        if not any(char.isalnum() for char in words):
            continue
        places: list[re.Match[str]] = []
        for pattern in (rf"(?<![^\W_]){inner}(?![^\W_])", inner):
            places = places or list(re.finditer(pattern, text, re.IGNORECASE))
        kind: Category = next(one for one in CATEGORIES if one == category)
        spans += [Span(*match.span(), kind, "review") for match in places]
    return spans
