"""``osteon deid review``: a person decides on the notes that de-identification withheld."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policies.errors import OsteonError

if TYPE_CHECKING:
    from rich.console import Console

    from deid.site_lists import ListName
    from gateway.registry.quarantine import Record
    from gateway.registry.review import Review

__all__ = ["register"]

_LISTS: dict[str, ListName] = {"t": "terms", "s": "staff", "f": "facilities"}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def review(
        site_dir: Annotated[Path, typer.Argument(metavar="SITE_DIR")],
        *,
        counts: Annotated[
            bool, typer.Option("--list", help="only count what waits, by reason; no text")
        ] = False,
        export: Annotated[
            Path | None, typer.Option(help="write the released notes to this new file")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="machine-readable counts")] = False,
    ) -> None:
        """Read withheld notes one by one, and release them or keep them back.

        SHOWS TEXT OF NOTES. Single keys at a terminal, else one command per line.

        Example: osteon deid review north --list
        """
        from gateway.registry.review import Review
        from gateway.site.config import open_site

        work = Review(open_site(site_dir), who=_login())
        if export is not None:
            written = work.export(export)
            said = {"released": written, "out": str(export)}
            print(json.dumps(said) if as_json else f"{export}: {written} released notes")
        elif counts or as_json:
            _count(work, as_json=as_json)
        else:
            _Session(work).run()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise OsteonError("your login name is unknown", hint="set USER") from error


def _count(work: Review, *, as_json: bool) -> None:
    waiting = work.queue.waiting_by_reason()
    states = {state: len(work.queue.ids(state)) for state in ("waiting", "released", "kept")}
    if as_json:
        print(json.dumps(states | {"waiting_reasons": waiting}))
        return
    print("  ".join(f"{state}: {count}" for state, count in states.items()))
    for reason, count in waiting.items():
        print(f"  {reason}: {count}")


class _Session:
    """The notes that wait, and the one that is shown."""

    def __init__(self, work: Review) -> None:
        from rich.console import Console

        from gateway.cli.review_screen import Input

        self._work = work
        self._console: Console = Console(highlight=False)
        self._input = Input(self._console)
        self._ids = work.queue.ids("waiting")
        self._at = 0

    def run(self) -> None:
        """Show notes and follow commands until nothing waits or the reviewer quits."""
        while self._ids:
            self._at %= len(self._ids)
            record = self._work.queue.record(self._ids[self._at])
            self._show(record)
            if not self._followed(record):
                self._say(f"{len(self._ids)} notes wait")
                return
        self._say("no notes wait")

    def _show(self, record: Record) -> None:
        from gateway.cli.review_screen import show

        clean = self._work.cleaned(record)
        now = f"still: {clean.withheld}" if clean.withheld else "the check passes now"
        title = f"note {self._at + 1} of {len(self._ids)}  withheld: {record.reason}  ({now})"
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
                case "m" | "t" | "s" | "f":
                    if self._told(record, key, words):
                        return True
                case _:
                    self._help()

    def _help(self) -> None:
        from gateway.cli.review_screen import HELP

        self._say(HELP)

    def _decided(self, record: Record, key: str) -> bool:
        if key == "k":
            self._work.keep(record)
            self._say("kept withheld")
        else:
            reason = self._work.accept(record)
            if reason is not None:
                self._say(f"not released: {reason}; mark what is left, or keep it")
                return False
            self._say("released")
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
            name = _LISTS[key]
            if self._work.add(record, name, words):
                self._say(f"added to {name}.txt")
            else:
                self._say(f"{name}.txt has it already")
        except OsteonError as error:
            self._say(error.message)
            return False
        return True

    def _say(self, message: str) -> None:
        self._console.print(message, markup=False)
