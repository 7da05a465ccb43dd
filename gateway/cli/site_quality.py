"""``osteon site quality``, ``site duplicates`` and ``site stage``: for the site's own eyes."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from gateway.errors import StoreError

if TYPE_CHECKING:
    from gateway.registry.quality.recorded import Recorded
    from gateway.site.config import SiteFolder

__all__ = ["recorded", "register"]

SiteDir = Annotated[Path, typer.Argument(help="the site's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def quality(
        site_dir: SiteDir,
        *,
        tier: Annotated[str | None, typer.Option(help="essential, core or extended only")] = None,
        until: Annotated[
            str | None,
            typer.Option(help="closing date of follow-up: the end of a past quarter, YYYY-MM-DD"),
        ] = None,
        html: Annotated[Path | None, typer.Option(help="write one page with plots")] = None,
        force: Annotated[bool, typer.Option(help="write over a file that exists")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Quality of the last load: conformance, completeness, plausibility, follow-up, change.

        Completeness stands by form and tier; "answered" counts missing-data codes. Follow-up is
        Clark's C: person-time observed up to the closing date, over what could have been. With
        --html everything is one page that can be printed.

        Example: osteon site quality north --tier essential --html quality.html
        """
        from gateway.site.config import open_site
        from policies.dictionary.model import Tier

        if tier is not None and tier not in get_args(Tier):
            raise typer.BadParameter(f"is one of {', '.join(get_args(Tier))}", param_hint="--tier")
        site = open_site(site_dir)
        found = recorded(site)
        days = _closing(found, until)
        if html is not None:
            from gateway.console.quality_page import write_quality

            write_quality(site, html, force=force)
        if as_json:
            print(json.dumps(_plain(site, found, tier, days)))
            return
        from gateway.cli.quality_lines import lines

        for line in lines(site, tier, days):
            print(line)
        if html is not None:
            print(f"page: {html} (exact counts: it stays at this site)")

    @app.command()
    def duplicates(site_dir: SiteDir, *, as_json: AsJson = False) -> None:
        """List records of the last load that may be one person. Nothing is ever merged.

        The list names records, no values, and is kept in duplicates.csv in the site's folder.
        Whoever looks at a pair corrects it in the source and loads again.

        Example: osteon site duplicates north
        """
        _duplicates(site_dir, as_json=as_json)

    @app.command()
    def stage(site_dir: SiteDir, *, as_json: AsJson = False) -> None:
        """Which stage of participation the last load supports, and what the next one lacks.

        Others see only the stage that the officer has declared and signed in the policy.

        Example: osteon site stage north
        """
        _stage(site_dir, as_json=as_json)


def recorded(site: SiteFolder) -> Recorded:
    """What the last load recorded; StoreError before the first."""
    from gateway.registry.quality.recorded import read_recorded
    from gateway.registry.store.opening import open_store

    version = open_store(site).current()
    if version is None:
        raise StoreError("nothing is loaded yet", hint=f"osteon site ingest {site.path} SOURCE")
    return read_recorded(version)


def _closing(found: Recorded, until: str | None) -> str | None:
    """The closing date asked for, if the load has person-time up to it."""
    known = [c["until"] for one in found.quality.get("follow_up", ()) for c in one["closings"]]
    if until is not None and until not in known:
        listed = ", ".join(sorted(set(known))) or "none: no follow-up is declared"
        raise typer.BadParameter(f"the last load knows: {listed}", param_hint="--until")
    return until


def _plain(
    site: SiteFolder, found: Recorded, tier: str | None, until: str | None
) -> dict[str, Any]:
    from gateway.registry.quality.trend import read_trend

    trend = read_trend(site.trend_path)
    quality = {k: v for k, v in found.quality.items() if k != "distributions"}
    elements = [e for e in quality["completeness"] if tier is None or e["tier"] == tier]
    follow_up = [
        {**one, "closings": [c for c in one["closings"] if until in (None, c["until"])]}
        for one in quality.get("follow_up", ())
    ]
    for one in follow_up:
        for closing in one["closings"]:
            possible = closing["days"]
            closing["c"] = closing["observed_days"] / possible if possible else None
    return {
        **quality,
        "completeness": elements,
        "follow_up": follow_up,
        "problems": found.meta["problems"],
        "patients": found.meta["patients"],
        "stage": _standing_plain(site, found),
        "trend": list(trend.loads),
        "warnings": list(trend.told),
    }


def _duplicates(site_dir: Path, *, as_json: bool) -> None:
    from gateway.registry.quality.duplicates import read_duplicates
    from gateway.site.config import open_site

    site = open_site(site_dir)
    listed = read_duplicates(site.duplicates_path)
    if listed is None:
        raise StoreError(
            "no load has looked for duplicates yet", hint=f"osteon site ingest {site_dir} SOURCE"
        )
    if as_json:
        print(json.dumps({"pairs": listed}))
        return
    if not site.quality_checks().duplicates:
        print("nothing is declared by which records could be compared")
        return
    if not listed:
        print("no two records look like one person")
        return
    width = max(len(pair[name]) for pair in listed for name in ("record", "other"))
    for pair in listed:
        print(f"{pair['record']:<{width}}  {pair['other']:<{width}}  {pair['why']}")
    some = "1 pair" if len(listed) == 1 else f"{len(listed)} pairs"
    print(f"{some}; nothing is merged. Correct the source and load again ({site.duplicates_path})")


def _standing_plain(site: SiteFolder, found: Recorded) -> dict[str, Any] | None:
    from gateway.registry.quality.stage import standing

    if not found.complete:
        return None
    quality = found.quality
    stands = standing(quality["completeness"], quality["forms"], site.quality_checks())
    if stands is None:
        return None
    return {**asdict(stands), "next": None if stands.next is None else stands.next.stage}


def _stage(site_dir: Path, *, as_json: bool) -> None:
    from gateway.site.config import open_site

    site = open_site(site_dir)
    found = recorded(site)
    if not found.complete:
        raise StoreError(
            "an earlier version of Osteon made the last load",
            hint=f"load the export again: osteon site ingest {site_dir} SOURCE",
        )
    plain = _standing_plain(site, found)
    if as_json:
        print(json.dumps(plain))
        return
    if plain is None:
        print("the registry declares no stages")
        return
    from gateway.cli.quality_lines import stage_lines

    for line in stage_lines(site, found):
        print(line)
    print(
        "others know what the officer declares in policy.yaml and signs; what to declare absent: "
        f"osteon policy availability {shlex.quote(str(site_dir))} --draft"
    )
