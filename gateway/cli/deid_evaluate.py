"""``osteon deid evaluate``: the leak rate on annotated notes."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def evaluate(
        gold: Annotated[
            Path,
            typer.Argument(metavar="GOLD.jsonl[.gz]", help="lines of id, text, spans (annotated)"),
        ],
        *,
        patients: Annotated[
            Path | None,
            typer.Option(help="patients file as for 'notes'; lines then need a patient_id"),
        ] = None,
        profile: Annotated[
            str, typer.Option(help="name of a shipped profile, or a YAML file")
        ] = "safe_harbor",
        workers: Annotated[int, typer.Option(min=1, max=64, help="processes")] = 1,
        limit: Annotated[int | None, typer.Option(min=1, help="only so many notes")] = None,
        html: Annotated[Path | None, typer.Option(help="also write a page with pictures")] = None,
        show_leaks: Annotated[
            Path | None,
            typer.Option(help="also write WHAT LEAKED, WITH TEXT OF THE NOTES, to this new file"),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="machine-readable report")] = False,
    ) -> None:
        """Clean annotated notes and count what was missed and what was removed for nothing.

        Nothing that the report says is text of a note. Without a patients file every note is
        cleaned as if nothing were known of its patient.

        Example: osteon deid evaluate gold.jsonl --patients patients.csv --html leaks.html
        """
        from deid.evaluation.leaks import leaks_file
        from deid.evaluation.run import evaluate as run
        from deid.evaluation.summary import summary
        from gateway.cli.note_progress import note_progress
        from policies.profile import profile as find_profile

        rules = find_profile(profile)
        _check_places([gold, patients], [html, show_leaks])
        opened = nullcontext() if show_leaks is None else leaks_file(show_leaks)
        with opened as on_leak, note_progress(quiet=as_json) as progress:
            found = summary(
                run(
                    gold,
                    profile=rules,
                    patients=patients,
                    workers=workers,
                    limit=limit,
                    progress=progress,
                    on_leak=on_leak,
                )
            )
        _report(found, html, as_json=as_json)
        if show_leaks is not None:
            sys.stderr.write(
                f"WARNING: {show_leaks} holds identifiers of patients in clear text (mode 0600). "
                "Keep it at the site and delete it after use.\n"
            )


def _check_places(inputs: list[Path | None], outputs: list[Path | None]) -> None:
    from deid.errors import InputError

    taken = {path.resolve() for path in inputs if path is not None}
    for path in outputs:
        if path is None:
            continue
        if path.resolve() in taken:
            raise InputError("would overwrite another file of this command", file=str(path))
        if path.is_dir():
            raise InputError("is a folder", file=str(path))
        if not path.parent.is_dir():
            raise InputError("its folder does not exist", file=str(path))
        taken.add(path.resolve())


def _report(found: dict[str, Any], html: Path | None, *, as_json: bool) -> None:
    from deid.evaluation.table import told

    if html is not None:
        from deid.evaluation.page import write_page

        write_page(found, html)
        found = found | {"html": str(html)}
    print(json.dumps(found) if as_json else told(found))
