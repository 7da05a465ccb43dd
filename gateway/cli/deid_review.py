"""``osteon deid review``: a person decides on the notes that de-identification withheld."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policies.errors import OsteonError

if TYPE_CHECKING:
    from gateway.registry.review import Review

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def review(
        site_dir: Annotated[Path, typer.Argument(metavar="SITE_DIR")],
        *,
        counts: Annotated[
            bool,
            typer.Option("--list", help="count what waits, by reason, and try every seal; no text"),
        ] = False,
        decisions: Annotated[
            bool, typer.Option("--decisions", help="who decided what, and when; no text")
        ] = False,
        reopen: Annotated[
            str | None,
            typer.Option(metavar="ID", help="take back what was decided: the note waits again"),
        ] = None,
        discard: Annotated[
            str | None,
            typer.Option(metavar="ID", help="give up a note whose seal does not open"),
        ] = None,
        export: Annotated[
            Path | None,
            typer.Option(help='write what was released of "osteon deid notes" to this new file'),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
    ) -> None:
        """Read withheld notes one by one, and release them or keep them back.

        SHOWS TEXT OF NOTES. Single keys at a terminal, else one command per line;
        ? lists them. An ID is the note's own, or the one that --decisions shows.
        Released notes of a load enter the store at the next osteon site ingest.

        Example: osteon deid review north --list

        Example: osteon deid review north --reopen 3fa9c01b22d4
        """
        from gateway.cli.review_lists import show_counts, show_decisions
        from gateway.registry.review import Review
        from gateway.site.config import open_site

        _at_most_one(counts, decisions, reopen, discard, export)
        work = Review(open_site(site_dir), who=_login())
        if export is not None:
            written = work.export(export)
            said = {"released": written, "out": str(export)}
            print(json.dumps(said) if as_json else f"{export}: {written} released notes")
        elif reopen is not None:
            _reopen(work, reopen, as_json=as_json)
        elif discard is not None:
            gone = work.discard(discard)
            print(json.dumps({"discarded": gone}) if as_json else f"{gone}: given up")
        elif decisions:
            show_decisions(work.queue, as_json=as_json)
        elif counts or as_json:
            show_counts(work.queue, as_json=as_json)
        else:
            from gateway.cli.review_session import Session

            Session(work, site_dir).run()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise OsteonError("your login name is unknown", hint="set USER") from error


def _at_most_one(*given: Any) -> None:
    if sum(one is not None and one is not False for one in given) > 1:
        raise typer.BadParameter(
            "one at a time",
            param_hint="--list, --decisions, --reopen, --discard, --export",
        )


def _reopen(work: Review, name: str, *, as_json: bool) -> None:
    record, changed = work.reopen(name)
    if as_json:
        print(json.dumps({"id": record.id, "origin": record.origin, "reopened": changed}))
    elif not changed:
        print(f"{record.id[:12]} waits already")
    else:
        after = (
            "the next osteon site ingest withholds it again"
            if record.origin == "load"
            else "it is left out of the next --export; what was exported already is not called back"
        )
        print(f"{record.id[:12]} waits again; {after}")
