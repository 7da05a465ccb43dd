"""``osteon study``: preview, submit, read results, plan a budget."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import study_simulate
from gateway.cli.study_options import AsJson, Dial, Home, Sites, names

if TYPE_CHECKING:
    from federated.combine.result import Result
    from federated.study.preview import Preview
    from gateway.client import Client
    from gateway.wire.frames import Progress

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
StudyFile = Annotated[Path, typer.Argument(help="STUDY.yaml")]
Out = Annotated[Path | None, typer.Option(help="write a report (HTML) here")]
_ID = re.compile(r"[0-9a-f]{64}\Z")


@app.command()
def preview(
    study: StudyFile,
    *,
    home: Home = None,
    sites: Sites = None,
    assume_rows: Annotated[
        int | None, typer.Option(min=1, help="cohort rows per site and stratum to assume")
    ] = None,
    address: Dial = None,
    as_json: AsJson = False,
) -> None:
    """What a study would cost and how sharp it would be. Spends nothing.

    Example: osteon study preview margins.yaml
    """
    from gateway.cli.study_preview import show_preview
    from gateway.client import Client

    with Client(home, address=address) as client:
        found = client.preview(client.read(study), sites=names(sites), assumed_rows=assume_rows)
    if as_json:
        print(json.dumps(found.to_json()))
    else:
        show_preview(found, print)


@app.command()
def submit(
    study: StudyFile,
    *,
    home: Home = None,
    sites: Sites = None,
    min_sites: Annotated[int, typer.Option(min=1, help="fewest sites for a result")] = 1,
    deadline: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="seconds that sites may take (default: a minute and the longest usual wait of a "
            "reply, as the preview tells it)",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    wait: Annotated[bool, typer.Option(help="wait for the result")] = True,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway",
            help="submit though too few sites are connected or admit it, or the deadline is short",
        ),
    ] = False,
    out: Out = None,
    address: Dial = None,
    as_json: AsJson = False,
) -> None:
    """Show the preview, ask, submit, wait and print the result.

    Example: osteon study submit margins.yaml --min-sites 3 --out margins.html
    """
    from gateway.cli.study_preview import check_deadline, show_preview
    from gateway.client import Client

    with Client(home, address=address) as client:
        asked = client.read(study)
        shown = client.preview(asked, sites=names(sites))
        show_preview(shown, _aside)
        if not anyway:
            check_deadline(shown, deadline)
            _check_worth(client, shown, len(names(sites) or client.roster().sites), min_sites)
        if not yes and not typer.confirm("Submit and spend this?", err=True):
            _aside("nothing was submitted")
            raise typer.Exit(1)
        study_id = client.submit(
            asked, sites=names(sites), min_sites=min_sites, deadline_s=deadline
        )
        _remember(client.home, study_id, asked.question)
        _aside(f"study {study_id}")
        if not wait:
            print(json.dumps({"study": study_id}) if as_json else study_id)
            return
        client.wait(study_id, _progress())
        _show(client, study_id, out, as_json=as_json)


def _check_worth(client: Client, shown: Preview, sites_asked: int, min_sites: int) -> None:
    """Refuse before anything is spent where no result can come of it."""
    from federated.errors import Refused, TooFewSites
    from gateway.client import too_few_asked

    if sites_asked < min_sites:
        raise too_few_asked(sites_asked, min_sites)

    admitting = {site.site for site in shown.sites if site.admitted}
    if shown.sites and not admitting:
        reasons = tuple(dict.fromkeys(r for site in shown.sites for r in site.reasons))
        said = "; ".join(dict.fromkeys(said for site in shown.sites for said in site.messages))
        raise Refused(
            f"every site refuses: {said}",
            reasons=reasons,
            hint="osteon study preview says what each site refuses; its policy says what it allows",
        )
    connected = {member.name for member in client.network() if member.attached}
    missing = sorted({site.site for site in shown.sites} - connected)
    ready = len(admitting & connected)
    if ready < min_sites:
        raise TooFewSites(
            f"sites that are connected and admit it: {ready}; needed: {min_sites};"
            f" not connected: {', '.join(missing) or 'none'}",
            hint="--anyway submits all the same; sites that answer are charged",
        )


def _aside(text: str) -> None:
    sys.stderr.write(text + "\n")


def _progress() -> Callable[[Progress], None]:
    """Prints each site once per change."""
    from federated.reasons import in_sentences

    shown: dict[str, tuple[str | None, bool]] = {}

    def say(progress: Progress) -> None:
        for site in progress.sites:
            now = (site.state, site.attached)
            before = shown.get(site.site)
            # Whether a site that told its outcome is still connected is no news.
            if before == now or (before and before[0] and before[0] == site.state):
                continue
            shown[site.site] = now
            waiting = "working" if site.attached else "not connected"
            why = f": {in_sentences(site.reasons)}" if site.reasons else ""
            why += "".join(f"; {one.sentence()}" for one in site.shortfalls)
            _aside(f"  {site.site:<20} {site.state or waiting}{why}")

    return say


def _show(client: Client, study_id: str, out: Path | None, *, as_json: bool) -> None:
    result = client.result(study_id)
    if out is not None:
        from federated.report.html import write_report

        write_report(result, out)
        _aside(f"report: {out}")
    _print(result, as_json=as_json)


def _print(result: Result, *, as_json: bool) -> None:
    if as_json:
        print(result.to_json().decode())
        return
    from rich.console import Console

    from federated.report.table import print_result

    print_result(result, Console())


def _remember(home: Path, study_id: str, question: str) -> None:
    """One line per submission, so that a result is found again by its study file."""
    with (home / "studies.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"study": study_id, "question": question}) + "\n")


def _recall(home: Path, question: str) -> str:
    from gateway.errors import UnknownStudy

    path = home / "studies.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    ids = [line["study"] for line in map(json.loads, lines) if line["question"] == question]
    if not ids:
        raise UnknownStudy(
            "this study was not submitted from here", hint="osteon study submit STUDY.yaml"
        )
    return str(ids[-1])


@app.command()
def result(
    study: Annotated[str, typer.Argument(help="STUDY.yaml, or the id printed by submit")],
    *,
    home: Home = None,
    out: Out = None,
    address: Dial = None,
    as_json: AsJson = False,
) -> None:
    """The result of a study submitted before. Costs nothing.

    Example: osteon study result margins.yaml --out margins.html
    """
    from gateway.client import Client

    with Client(home, address=address) as client:
        study_id = study if _ID.match(study) else _recall(client.home, client.read(study).question)
        _show(client, study_id, out, as_json=as_json)


study_simulate.register(app)
