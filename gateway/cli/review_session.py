"""The notes that wait, shown one by one, and what the reviewer tells to do with them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from gateway.cli.review_screen import HELP, Input, show
from gateway.errors import QuarantineError
from gateway.registry.quarantine import SHOWN_ID
from policies.errors import OsteonError

if TYPE_CHECKING:
    from deid.site_lists import ListName
    from gateway.registry.quarantine import Record
    from gateway.registry.review import Review

__all__ = ["Session"]

_LISTS: dict[str, ListName] = {"t": "terms", "s": "staff", "f": "facilities"}


class Session:
    """One person at a terminal or behind a pipe."""

    def __init__(self, work: Review, site_dir: Path) -> None:
        self._work = work
        self._site_dir = site_dir
        self._console = Console(highlight=False)
        self._input = Input(self._console)
        self._ids = work.queue.ids("waiting")
        self._at = 0
        self._closed: list[str] = []
        self._loads = 0

    def run(self) -> None:
        """Show notes and follow commands until nothing waits or the reviewer quits.

        Raises QuarantineError at the end if a note did not open; the others are shown.
        """
        while self._ids:
            self._at %= len(self._ids)
            record = self._opened()
            if record is None:
                continue
            self._show(record)
            if not self._followed(record):
                break
        left = len(self._ids)
        self._say("1 note waits" if left == 1 else f"{left or 'no'} notes wait")
        if self._loads:
            folder = shlex.quote(str(self._site_dir))
            self._say(f"for the store: osteon site ingest {folder} SOURCE, with the same export")
        if self._closed:
            raise QuarantineError(
                f"not shown, their seals do not open: {' '.join(self._closed)}",
                hint="osteon deid review SITE_DIR --list says what can be done",
            )

    def _opened(self) -> Record | None:
        record_id = self._ids[self._at]
        try:
            return self._work.queue.record(record_id)
        except OsteonError:  # altered, or gone since: the others can still be read
            if record_id in self._work.queue.ids():
                self._closed.append(record_id[:SHOWN_ID])
            del self._ids[self._at]
            return None

    def _show(self, record: Record) -> None:
        clean = self._work.cleaned(record)
        now = f"still: {clean.withheld}" if clean.withheld else "the check passes now"
        own_id = " ".join(str(record.note_id).split())
        title = (
            f"note {self._at + 1} of {len(self._ids)}  {record.id[:SHOWN_ID]}  {own_id}\n"
            f"withheld: {record.reason}  ({now})"
        )
        spans = [(one.start, one.end, str(one.category)) for one in clean.spans]
        show(self._console, title, record.text, spans)

    def _followed(self, record: Record) -> bool:
        """Follow commands until another note, or this one anew, is to be shown; False to quit."""
        while True:
            key, words = self._input.command()
            match key:
                case "q":
                    return False
                case "n" | "p":
                    self._at += 1 if key == "n" else -1
                    return True
                case "a" | "k":
                    if self._decided(record, key):
                        return True
                case "m" | "u" | "t" | "s" | "f":
                    if self._told(record, key, words):
                        return True
                case _:
                    self._say(HELP)

    def _decided(self, record: Record, key: str) -> bool:
        try:
            reason = None
            if key == "a":
                reason = self._work.accept(record)
            else:
                self._work.keep(record)
        except QuarantineError as error:  # somebody else was quicker
            self._say(error.message)
        else:
            if reason is not None:
                self._say(f"not released: {reason}; mark what is left, or keep it")
                return False
            self._say("released" if key == "a" else "kept withheld")
            self._loads += record.origin == "load"
        del self._ids[self._at]
        return True

    def _told(self, record: Record, key: str, words: str) -> bool:
        """Whether marks or lists changed; what is wrong with the words is said."""
        try:
            if key == "m":
                category, _, marked = words.partition(" ")
                places = self._work.mark(record, category.upper(), marked)
                self._say(f"marked in {places} places" if places else "not in this note")
                return places > 0
            if key == "u":
                taken = self._work.unmark(record)
                self._say("no mark to take back" if taken is None else "mark taken back")
                return taken is not None
            name = _LISTS[key]
            added = self._work.add(record, name, words)
            self._say(f"added to {name}.txt" if added else f"{name}.txt has it already")
        except OsteonError as error:
            self._say(error.message)
            return False
        return True

    def _say(self, message: str) -> None:
        self._console.print(message, markup=False)
