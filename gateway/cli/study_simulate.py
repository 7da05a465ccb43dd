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
            int, typer.Option(min=1, max=100, help="ask them again every year, of new data")
        ] = 1,
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

        Example: osteon study simulate margins.yaml survival.yaml --years 10
        """
        from federated.privacy.loss import epsilon_of
        from gateway.client import Client

        with Client(home, address=address) as client:
            asked = [client.read(path) for path in studies]
            apart = sum(study.nano_rho for study in asked)
            if as_one:
                asked = [client.as_one(asked)]
            found = client.simulate(asked, sites=names(sites), years=years)
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


def in_lines(rows: Sequence[BudgetRow]) -> Iterator[str]:
    """A line for each site and study of the sequence: whether it is answered, in which years if
    there are more, why not, and what is left of the budgets at the end.
    """
    kept: dict[tuple[str, int], list[BudgetRow]] = {}
    for row in rows:
        kept.setdefault((row.site, row.number), []).append(row)
    for each in kept.values():
        said, end = _years(each), each[-1]
        name = f"{end.site:<20} {_asked(end, rows):<40}"
        if len(each) == 1:
            yield f"{name} {said:<40} {_left(end)}"
        else:
            yield f"{name} {said}; {end.year}: {_left(end)}"


def _years(each: Sequence[BudgetRow]) -> str:
    """What becomes of one study at one site, asked every year."""
    last = next((row for row in each if row.reasons), None)
    if last is None:
        return f"answered every year up to {each[-1].year}" if len(each) > 1 else "answered"
    why = f"refused: {'; '.join(last.messages)}"
    return why if last is each[0] else f"answered up to {last.year - 1}, then {why}"


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
