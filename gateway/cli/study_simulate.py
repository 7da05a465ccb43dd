"""``osteon study simulate``: where budgets would end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.study_options import AsJson, Dial, Home, Sites, names

if TYPE_CHECKING:
    from federated.study.simulate import BudgetRow

__all__ = ["in_lines", "register"]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def simulate(
        studies: Annotated[list[Path], typer.Argument(help="STUDY.yaml …, in the order of asking")],
        *,
        home: Home = None,
        sites: Sites = None,
        years: Annotated[
            int, typer.Option(min=1, max=100, help="go on asking for so many years from today")
        ] = 1,
        asked_every: Annotated[
            int | None,
            typer.Option(
                # ASKED_EVERY_DAYS_MIN, whose module is slow to import.
                min=7,
                max=3650,
                metavar="DAYS",
                help="ask them all again every so many days (default: once a year)",
            ),
        ] = None,
        as_one: Annotated[
            bool, typer.Option("--as-one", help="ask them as one study that tells all as exactly")
        ] = False,
        address: Dial = None,
        as_json: AsJson = False,
    ) -> None:
        """Where each site's budget would end if these studies were asked in this order.

        Reckoned from the published policies, from empty books: what is left of the site's budgets,
        and of the researcher's and the project's where they have their own. Spends nothing. With
        --as-one, one study of all their statistics takes their place, charged what it takes to tell
        each as exactly.

        All are asked on one day, today, and again once a year or every DAYS days. Sites are taken
        to publish new data as often as their policies let them: a question put to the same snapshot
        again is free, put to a new one it is charged again.

        Example: osteon study simulate margins.yaml survival.yaml --years 10 --asked-every 90
        """
        from federated.privacy.loss import epsilon_of
        from gateway.client import Client

        with Client(home, address=address) as client:
            asked = [client.read(path) for path in studies]
            apart = sum(study.nano_rho for study in asked)
            if as_one:
                asked = [client.as_one(asked)]
            found = client.simulate(
                asked, sites=names(sites), years=years, asked_every_days=asked_every
            )
        charges = {"epsilon": epsilon_of(asked[0].nano_rho), "epsilon_apart": epsilon_of(apart)}
        if as_json:
            print(json.dumps(found.to_json() | (charges if as_one else {})))
            return
        for caution in found.cautions:
            sys.stderr.write(f"{', '.join(caution.sites):<20} left out: {caution.message}\n")
        if as_one:
            print(
                f"As one study: ε {charges['epsilon']:.2f}; "
                f"one after another: ε {charges['epsilon_apart']:.2f}"
            )
        for line in in_lines(found.rows):
            print(line)
        print("Assumed:")
        for sentence in found.assumed():
            print(f"  {sentence}")


def in_lines(rows: Sequence[BudgetRow]) -> Iterator[str]:
    """A line for each site and study of the list: how often it is answered and charged, when and
    why not, and what is left of the budgets at the end.
    """
    kept: dict[tuple[str, int], list[BudgetRow]] = {}
    for row in rows:
        kept.setdefault((row.site, row.number), []).append(row)
    for each in kept.values():
        said, end = _times(each), each[-1]
        name = f"{end.site:<20} {_asked(end, rows):<40}"
        if len(each) == 1:
            yield f"{name} {said:<40} {_left(end)}"
        else:
            yield f"{name} {said}; {end.asked_on}: {_left(end)}"


def _times(each: Sequence[BudgetRow]) -> str:
    """What becomes of one study at one site, asked once or more often."""
    refused = [row for row in each if row.reasons]
    answered = len(each) - len(refused)
    if not answered:
        return f"refused: {_why(refused[0])}"
    paid = sum(row.cost_epsilon > 0 for row in each)
    free = ", free" if not paid else f", charged {paid}" if paid < answered else ""
    if len(each) == 1:
        return f"answered{free}"
    if not refused:
        return f"answered all {answered} times{free}"
    return f"answered {answered} of {len(each)} times{free}; {_refusals(each, refused)}"


def _refusals(each: Sequence[BudgetRow], refused: Sequence[BudgetRow]) -> str:
    """When, the first and the last time, and why."""
    first, last = refused[0], refused[-1]
    if len(refused) == 1:
        return f"refused on {first.asked_on}: {_why(first)}"
    on = len(refused) == len(each) - each.index(first)
    told = f"refused from {first.asked_on} on" if on else f"refused first on {first.asked_on}"
    told += f": {_why(first)}"
    if on and last.reasons == first.reasons:
        return told
    return f"{told}; last on {last.asked_on}: {_why(last)}"


def _why(row: BudgetRow) -> str:
    return "; ".join(row.messages)


def _asked(row: BudgetRow, rows: Sequence[BudgetRow]) -> str:
    """The study's title and project, and its place where another has the same."""
    of = f" (project {row.project})" if row.project else ""
    alike = {one.number for one in rows if (one.study, one.project) == (row.study, row.project)}
    return row.study[:40] + of + (f" no. {row.number}" if len(alike) > 1 else "")


def _left(row: BudgetRow) -> str:
    """What is left of each budget that there is."""
    of = {
        "": (row.left_year_epsilon, row.left_life_epsilon),
        f"of {row.researcher}'s": (
            row.left_researcher_year_epsilon,
            row.left_researcher_life_epsilon,
        ),
        f"of project {row.project}'s": (
            row.left_project_year_epsilon,
            row.left_project_life_epsilon,
        ),
    }
    told = []
    for owner, (year, life) in of.items():
        parts = [] if year is None else [f"{year:.2f} this year"]
        parts += [] if life is None else [f"{life:.2f} for life"]
        if parts:
            told.append(f"{owner} {', '.join(parts)}".lstrip())
    return f"left ε {'; '.join(told)}"
