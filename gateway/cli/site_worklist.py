"""``osteon site worklist``: who needs somebody, by name, for the site's own people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.errors import SiteError

if TYPE_CHECKING:
    from gateway.registry.worklist.people import Task, Worklist

__all__ = ["register"]

_LINES = 20
_WARNING = "it names patients: keep it at this site, on paper too"
_STYLES = {"overdue": "red", "closing soon": "red", "due": "yellow", "coming": "cyan"}


def register(app: typer.Typer) -> None:
    """Add the command to ``osteon site``."""

    @app.command()
    def worklist(
        site_dir: Annotated[Path, typer.Argument(help="the site's folder")],
        name: Annotated[
            str | None, typer.Argument(help="a declared list, e.g. follow-up, margins, pro")
        ] = None,
        on: Annotated[
            str | None, typer.Option(help="as of that day, YYYY-MM-DD; default: today")
        ] = None,
        limit: Annotated[
            int, typer.Option(min=0, help="lines of each list to show; 0: all of them")
        ] = _LINES,
        csv: Annotated[Path | None, typer.Option(help="write all lines to a .csv file")] = None,
        excel: Annotated[
            Path | None, typer.Option(help="write them to an .xlsx with a sheet per list")
        ] = None,
        *,
        force: Annotated[bool, typer.Option(help="write over a file that exists")] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="machine-readable; all lines")
        ] = False,
    ) -> None:
        """Who is to be seen again, lacks a finding, or should answer: the most urgent first.

        Each line has the patient's name and numbers, what is missing and since when, and the next
        step. Names come from the vault; they are in no other file of the site, and nothing that
        talks to the network reads them. What counts as overdue is declared in
        policies/worklists; a site's own file goes into its folder worklists. Who has opted out is
        gone with the next load. Days are past the day it was due; for questionnaires, past the
        window's end. Below zero they are left.

        Example: osteon site worklist north follow-up --excel calls.xlsx
        """
        from gateway.registry.worklist.people import read_worklists
        from gateway.registry.worklist.tables import write_worklists
        from gateway.site.audit import record
        from gateway.site.config import open_site

        site, today = open_site(site_dir), _day(on)
        _endings(csv, excel)
        chosen = None if name is None else name.replace("-", "_")
        loaded, lists = read_worklists(site, today, chosen)
        elements = site.dictionary().elements
        labels = {n: elements[n].label for n in site.worklists().identifiers}
        record(site_dir, f"worklist {name or 'all'}{', to a file' if csv or excel else ''}")
        files = [path for path in (csv, excel) if path is not None]
        for path in files:
            count = write_worklists(path, lists, labels, force=force)
            if not as_json:
                print(f"{count} lines written to {path}; {_WARNING}")
        if as_json:
            _as_json(lists, loaded, today, files)
        elif not files:
            _show(lists, labels, loaded, limit)


def _day(on: str | None) -> date:
    if on is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(on)
    except ValueError:
        raise typer.BadParameter("is a day as YYYY-MM-DD", param_hint="--on") from None


def _endings(csv: Path | None, excel: Path | None) -> None:
    for path, ending in ((csv, ".csv"), (excel, ".xlsx")):
        if path is not None and path.suffix != ending:
            raise SiteError(f"{path}: the name of this file ends in {ending}")


def _as_json(lists: Sequence[Worklist], loaded: date, today: date, files: Sequence[Path]) -> None:
    from gateway.registry.worklist.tables import plain_task

    plain = {
        "loaded": loaded.isoformat(),
        "on": today.isoformat(),
        "files": [str(path) for path in files],
        "lists": [
            {
                "name": one.name,
                "label": one.label,
                "states": counts(one),
                "lines": [] if files else [plain_task(task) for task in one.tasks],
            }
            for one in lists
        ],
    }
    print(json.dumps(plain))


def counts(one: Worklist) -> dict[str, int]:
    """Lines by state, those that occur."""
    found: dict[str, int] = {}
    for task in one.tasks:
        found[task.state] = found.get(task.state, 0) + 1
    return found


def _show(lists: Sequence[Worklist], labels: Mapping[str, str], loaded: date, limit: int) -> None:
    if not lists:
        print("this registry declares no worklists")
        return
    for one in lists:
        told = ", ".join(f"{n} {state}" for state, n in counts(one).items()) or "nobody"
        print(f"{one.name.replace('_', '-')}: {one.label}: {told}")
        shown = one.tasks if limit == 0 else one.tasks[:limit]
        if shown:
            (_table if sys.stdout.isatty() else _plain)(shown, labels)
        if len(shown) < len(one.tasks):
            print(f"{len(one.tasks) - len(shown)} more: --limit 0, --csv FILE or --excel FILE")
        print()
    print(f"as of the load of {loaded}; {_WARNING}")


def _cells(task: Task, labels: Mapping[str, str]) -> list[str]:
    who = [task.who.get(name, "") for name in labels]
    days = "" if task.days is None else str(task.days)
    since = "unknown" if task.since is None else str(task.since)
    place = f"{task.record} #{task.instance}" if task.instance else task.record
    texts = [task.state, days, *who, place, task.what, since, task.step]
    return ["".join(c if c.isprintable() else " " for c in text) for text in texts]


def _header(labels: Mapping[str, str]) -> list[str]:
    return ["state", "days", *labels.values(), "record", "what", "since", "next step"]


def _plain(tasks: Sequence[Task], labels: Mapping[str, str]) -> None:
    """Tabs between the parts, for other programs."""
    print("\t".join(_header(labels)))
    for task in tasks:
        print("\t".join(_cells(task, labels)))


def _table(tasks: Sequence[Task], labels: Mapping[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=False)
    for name in _header(labels)[:-1]:
        table.add_column(name, overflow="fold", justify="right" if name == "days" else "left")
    for task in tasks:
        state, *rest, _ = _cells(task, labels)
        table.add_row(Text(state, style=_STYLES[state]), *map(Text, rest))
    console = Console()
    console.print(table)
    for step in dict.fromkeys(task.step for task in tasks):
        console.print(Text(f"→ {step}"))
