"""``osteon site outcomes``: the site's own figures over time, exact and for its own people."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.errors import StoreError

if TYPE_CHECKING:
    from gateway.registry.outcomes.read import OwnOutcomes

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to ``osteon site``."""

    @app.command()
    def outcomes(
        site_dir: Annotated[Path, typer.Argument(help="the site's folder")],
        out: Annotated[Path | None, typer.Option(help="write one page with plots")] = None,
        *,
        force: Annotated[bool, typer.Option(help="write over a file that exists")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
    ) -> None:
        """The site's own outcomes over time and patterns of treatment, of the last load.

        Kaplan–Meier curves with numbers at risk, shares by year, and treatment by year, as
        policies/outcomes declares them; a site's own file goes into its folder outcomes. The
        figures are exact: no noise is in them, so they are for the site's own people.

        Example: osteon site outcomes north --out outcomes.html
        """
        from gateway.console.outcomes_page import own_outcomes, write_outcomes
        from gateway.site.config import open_site

        site = open_site(site_dir)
        found = own_outcomes(site)
        if found is None:
            raise StoreError("nothing is loaded yet", hint=f"osteon site ingest {site_dir} SOURCE")
        if out is not None:
            write_outcomes(site, found, out, force=force)
        if as_json:
            print(json.dumps({**asdict(found), "at": found.at.isoformat()}))
            return
        for line in _lines(found):
            print(line)
        if out is not None:
            print(f"page: {out}")
        print("exact figures of this site, no private release: they stay here")


def _lines(found: OwnOutcomes) -> list[str]:
    from federated.report.words import days

    if not found.declared:
        return ["this registry declares no outcomes"]
    lines = []
    for one in found.curves:
        lines.append(one.title + (f", by: {one.by}" if one.by else ""))
        for curve in one.curves:
            told = [
                f"{days(r.day)} {100 * r.survival:.0f} % ({r.at_risk} at risk)"
                for r in curve.readings[1:]
                if r.survival is not None
            ]
            counted = f"{curve.rows} rows, {curve.events} events"
            lines.append(f"  {curve.label}: {'; '.join([counted, *told])}")
    for rate in found.rates:
        shares = ", ".join(f"{s.year} {s.part}/{s.whole}" for s in rate.shares)
        lines.append(f"{rate.title}: {shares or 'none known'}")
    for pattern in found.patterns:
        lines.append(pattern.title)
        for i, part in enumerate(pattern.parts):
            counts = ", ".join(f"{year} {row[i]}" for year, row in pattern.years if row[i])
            if counts:
                lines.append(f"  {part}: {counts}")
    return lines
