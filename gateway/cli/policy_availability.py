"""``osteon policy availability``: what a site declares to have, beside what it has."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def availability(
        site_dir: Annotated[Path, typer.Argument(help="the site's folder")],
        *,
        draft: Annotated[
            bool, typer.Option("--draft", help="write SITE_DIR/policy.draft.yaml")
        ] = False,
        force: Annotated[bool, typer.Option(help="write over a draft that exists")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
    ) -> None:
        """Compare the declared absent elements with what the site's source has a place for.

        The draft is for the officer, who reads it, puts it in the place of policy.yaml and signs
        that. What is signed is the officer's judgement, and others see it. The counts shown here
        are this site's own: nothing of them is in the draft, since a declaration that followed
        them would tell of single patients.

        Example: osteon policy availability north_hospital --draft
        """
        _availability(site_dir, draft=draft, force=force, as_json=as_json)


def _availability(site_dir: Path, *, draft: bool, force: bool, as_json: bool) -> None:
    from gateway.cli.site_quality import recorded
    from gateway.errors import SiteError
    from gateway.identity.files import write_whole
    from gateway.site.audit import record
    from gateway.site.availability import availability, draft_policy
    from gateway.site.config import open_site

    site = open_site(site_dir)
    found = availability(site, recorded(site))
    path = site.path / "policy.draft.yaml"
    written = draft and found.changes
    if written:
        if path.exists() and not force:
            raise SiteError(f"{path}: there is a draft already", hint="--force writes over it")
        write_whole(path, draft_policy(site, found).encode("utf-8"))
        record(site.path, "availability drafted")
    if as_json:
        plain = {**asdict(found), "changes": found.changes}
        print(json.dumps({**plain, "draft": str(path) if written else None}))
        return
    supported = "–" if found.supported is None else found.supported or "none yet"
    print(f"stage: declared {found.declared}, supported by the last load: {supported}")
    print(f"no place in the source, not declared absent: {', '.join(found.lacking) or 'none'}")
    if found.refuses:
        print(f"declared absent, they would refuse the measures: {', '.join(found.refuses)}")
    if found.recorded:
        print(f"declared absent, but recorded (kept as declared): {', '.join(found.recorded)}")
    if found.rarely:
        print("hardly ever recorded in the last load (counts for your eyes, not in the draft):")
        for one in found.rarely:
            print(f"  {one.element:<24} {one.answered:>6} of {one.asked} ({one.instrument})")
    if not found.changes:
        print(
            "policy.yaml declares all that the source has no place for; there is nothing to draft"
        )
    elif written:
        print(f"draft: {path}")
        where = shlex.quote(str(site_dir))
        print(
            f"next: the officer reads it, moves it to policy.yaml, then: osteon policy sign {where}"
        )
    else:
        print(f"next: osteon policy availability {shlex.quote(str(site_dir))} --draft")
