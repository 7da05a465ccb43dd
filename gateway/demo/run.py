"""``make demo``: the main job end to end on synthetic hospitals, as a newcomer would see it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.errors import GatewayError

if TYPE_CHECKING:
    from rich.console import Console

    from federated.combine.result import Result, Row
    from gateway.client import Client
    from gateway.demo.local import LocalNetwork
    from gateway.demo.synthetic import Truth

__all__ = ["run"]

MARK = ".osteon-demo"
"""A folder with this file was made by the demo and may be made anew."""
READ_AT_DAYS = (730, 1826)
STUDY = Path(__file__).with_name("study.yaml")


def run(folder: Path, *, seed: int, operations: int, notes: int) -> None:
    """Run the demo in ``folder`` (made anew) and print what a newcomer wants to see."""
    from rich.console import Console

    console = Console(highlight=False)
    started = time.monotonic()
    folder = _fresh(folder)

    console.rule("[bold]1  Nine synthetic hospitals")
    truth = _generate(folder / "exports", seed, operations, notes, console)
    network = _found(folder, [site.site for site in truth.sites], console)

    console.rule("[bold]2  Each hospital loads, checks and de-identifies its export")
    _load(folder, network, console)
    _show_note(network, console)

    console.rule("[bold]3  A question travels")
    with network:
        result, costs = _ask(network, console)
    _show_result(result, costs, truth, console)
    _show_budgets(network, console)

    report = _report(folder, result, truth)
    console.rule("[bold]Done")
    console.print(f"Report with forest and survival plots: [bold]{report}[/bold]")
    console.print(f"Everything of this run is in {folder}; {time.monotonic() - started:.0f} s.")


def _fresh(folder: Path) -> Path:
    folder = folder.absolute()
    if folder.exists() and not (folder / MARK).exists() and any(folder.iterdir()):
        raise GatewayError(
            f"{folder} is not empty and not from an earlier demo", hint="choose another --folder"
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder


def _generate(exports: Path, seed: int, operations: int, notes: int, console: Console) -> Truth:
    from gateway.demo.synthetic import generate

    truth = generate(exports, seed=seed, operations=operations, notes=notes)
    console.print(
        f"{len(truth.sites)} hospitals, {len(truth.patients):,} index operations over ten years,"
        f" {len(truth.notes)} notes; {len(truth.defects)} entry errors put in on purpose."
        " Nobody in this data exists."
    )
    return truth


def _found(folder: Path, sites: list[str], console: Console) -> LocalNetwork:
    from gateway.demo.local import LocalNetwork

    network = LocalNetwork(
        folder, "demo", sites, dictionary="sarcoma_v1", sitemap="sarcoma_redcap_map"
    )
    network.found()
    console.print("A network is founded: every hospital made its own keys and was admitted.")
    return network


def _load(folder: Path, network: LocalNetwork, console: Console) -> None:
    """One process loads all sites with a worker a core, so that the model is read once by each."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    command = [sys.executable, "-m", "gateway.demo.load", str(folder), *network.sites]
    bar = Progress(
        TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), console=console
    )
    with (
        (folder / "load.log").open("wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as loading,
        bar as progress,
    ):
        sites = progress.add_task("hospitals", total=len(network.sites))
        # Short free text beside the notes is cleaned with them: how much, only the loads know.
        texts = progress.add_task("notes and texts de-identified", total=None)
        said, failed = [], []
        done: dict[str, int] = {}
        for line in loading.stdout or ():
            event = json.loads(line)
            if event["event"] == "notes":
                done[event["site"]] = event["done"]
                progress.update(texts, completed=sum(done.values()))
            elif event["event"] == "failed":
                failed.append(event["site"])
            else:
                progress.advance(sites)
                said.append(event)
        progress.update(texts, total=sum(done.values()))
    if loading.returncode:
        where = f" {failed[0]}" if failed else ""
        raise GatewayError(f"loading{where} failed, see {folder / 'load.log'}")
    _show_loads(sorted(said, key=lambda event: network.sites.index(event["site"])), console)


def _show_loads(events: list[dict[str, str | int]], console: Console) -> None:
    from rich.table import Table

    table = Table(title="What each hospital keeps to itself", title_justify="left")
    for column, justify in (
        ("hospital", "left"),
        ("patients", "right"),
        ("rows", "right"),
        ("wrong cells", "right"),
        ("other findings", "right"),
        ("notes safe", "right"),
        ("withheld", "right"),
    ):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    for event in events:
        table.add_row(
            *(
                str(event[key])
                for key in ("site", "patients", "rows", "refused", "findings", "notes", "withheld")
            )
        )
    console.print(table)
    console.print("Every finding is in that hospital's fixlist.csv, with a sentence and a fix.")


def _show_note(network: LocalNetwork, console: Console) -> None:
    """One synthetic note before and after."""
    from rich.panel import Panel
    from rich.text import Text

    kept = network.folder / "note.json"
    if not kept.exists():
        console.print("No note of the first hospital came through: ask for more with --notes.")
        return
    sample = json.loads(kept.read_text(encoding="utf-8"))
    before = Text(sample["before"])
    for span in sample["spans"]:
        before.stylize("bold red", span["start"], span["end"])
    console.print(Panel(before, title="A synthetic note, before", title_align="left"))
    console.print(Panel(Text(sample["after"]), title="and in the store", title_align="left"))


def _ask(network: LocalNetwork, console: Console) -> tuple[Result, dict[str, float]]:
    from gateway.client import Client

    with Client(network.home) as client:
        _wait_for_sites(client, len(network.sites), console)
        study = client.read(STUDY)
        _show_preview(client, console)
        started = time.monotonic()
        result = client.run(study, min_sites=len(network.sites), deadline_s=90)
        first_s = time.monotonic() - started
        started = time.monotonic()
        again = client.run(study, min_sites=len(network.sites), deadline_s=90)
        again_s = time.monotonic() - started
        costs = _costs(client)
    same = [row.estimate for row in again.rows] == [row.estimate for row in result.rows]
    if not same or any(site.charged for site in again.sites):
        raise GatewayError("the same question had another answer or another charge")
    console.print(
        f"Answered by {len(result.answered)} hospitals in {first_s:.1f} s. Asked once more:"
        f" the same answer in {again_s:.1f} s, at no further charge."
    )
    return result, costs


def _wait_for_sites(client: Client, count: int, console: Console) -> None:
    until = time.monotonic() + 60
    with console.status("nodes dial the coordinator …"):
        while sum(m.attached and m.policy is not None for m in client.network()) < count:
            if time.monotonic() > until:
                raise GatewayError("not every node attached in time, see the logs")
            time.sleep(0.2)
    console.print(f"{count} nodes have dialled out to the coordinator; no hospital opened a port.")


def _show_preview(client: Client, console: Console) -> None:
    shown = client.preview(client.read(STUDY))
    console.print(
        f"Preview (free): ε {shown.epsilon:.2f} per patient and hospital at δ = 10⁻⁶,"
        f" {shown.cells} noisy numbers from each,"
        f" {sum(site.admitted for site in shown.sites)} of {len(shown.sites)} policies admit it."
    )


def _show_result(
    result: Result, costs: Mapping[str, float], truth: Truth, console: Console
) -> None:
    """The cross-site table. ``costs`` is what each statistic would cost alone, as ε."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from gateway.demo.truth import PooledTruth

    exact = PooledTruth(truth.patients)
    table = Table(
        title=f"{result.title} ({result.epsilon})", title_justify="left", box=SIMPLE_HEAD, padding=0
    )
    table.add_column("measure", no_wrap=True)
    table.add_column("stratum", no_wrap=True)
    for column in ("at", "estimate", "95 % interval", "truth*", "cost ε", "sites"):
        table.add_column(column, justify="right", no_wrap=True)
    inside = known = 0
    for row in _shown(result):
        value = exact(row)
        if value is not None:
            known += 1
            inside += row.lower <= value <= row.upper
        table.add_row(
            row.title,
            ", ".join(row.stratum.values()) or "all",
            "" if row.time_days is None else f"{row.time_days / 365.25:.0f} y",
            f"{row.estimate:.1%}",
            f"{row.lower:.0%}–{row.upper:.0%}" + ("†" if row.uninformative else " "),
            "" if value is None else f"[dim]{value:.1%}[/dim]",
            f"{costs[row.statistic]:.2f}",
            str(row.sites),
        )
    console.print(table)
    console.print(
        "† says nothing: the interval is too wide. cost: what the statistic would cost alone at"
        " this precision; together they are one"
        f" charge of {result.epsilon}.\n* SYNTHETIC DATA ONLY: the exact pooled value, before"
        f" missing answers and entry errors, which no noise repairs. {inside} of {known} intervals"
        " hold it."
    )


def _shown(result: Result) -> list[Row]:
    return [
        row
        for row in result.pooled
        if row.quantity == "proportion"
        or (row.quantity == "survival" and row.time_days in READ_AT_DAYS)
    ]


def _costs(client: Client) -> dict[str, float]:
    """ε at δ = 10⁻⁶ that each statistic of the demo's study would cost alone at its precision."""
    from federated.privacy.loss import epsilon_of
    from federated.study.compile import compile_study

    plan = compile_study(client.read(STUDY), client.catalogue)
    return {
        block.name: epsilon_of(-(-plan.nano_rho * block.l2_squared // plan.l2_squared))
        for block in plan.blocks
    }


def _show_budgets(network: LocalNetwork, console: Console) -> None:
    from datetime import UTC, datetime

    from rich.table import Table

    from federated.privacy.ledger import Ledger
    from federated.privacy.loss import epsilon_of
    from policies.decode import load
    from policies.site import SitePolicy

    year = datetime.now(UTC).year
    table = Table(title="Privacy spent per patient, ε at δ = 10⁻⁶", title_justify="left")
    for column in ("hospital", f"{year}", "allowed", "for life", "allowed for life"):
        table.add_column(column, justify="left" if column == "hospital" else "right")
    for site in network.sites:
        folder = network.site_dir(site)
        spent = Ledger(folder / "ledger.sqlite").spent()
        budget = load(SitePolicy, folder / "policy.yaml").budget
        table.add_row(
            site,
            f"{epsilon_of(spent.year):.2f}",
            f"{budget.year_epsilon:g}",
            f"{epsilon_of(spent.life):.2f}",
            f"{budget.life_epsilon:g}",
        )
    console.print(table)


def _report(folder: Path, result: Result, truth: Truth) -> Path:
    from federated.report import write_report
    from gateway.demo.truth import PooledTruth

    return write_report(
        result,
        folder / "report.html",
        truth=PooledTruth(truth.patients),
        prepared="Synthetic data: nobody in it exists.",
    )
