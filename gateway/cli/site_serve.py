"""``osteon site serve`` and ``osteon site audit``, hung onto the site's commands."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]

SiteDir = Annotated[Path, typer.Argument(help="the site's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]


def register(app: typer.Typer) -> None:
    """Add both commands."""

    @app.command()
    def serve(
        site_dir: SiteDir,
        *,
        address: Annotated[
            str | None, typer.Option(help="HOST:PORT to dial, if not the grant's")
        ] = None,
    ) -> None:
        """Run the node: dial the coordinator and answer until stopped (SIGTERM, Ctrl-C).

        Example: osteon site serve north
        """
        from gateway.errors import IdentityError
        from gateway.identity.folder import IdentityFolder
        from gateway.site.member import Member
        from gateway.site.opening import opener
        from gateway.site.serve import serve as run

        identity = IdentityFolder.load(site_dir)
        if identity.member.role != "site":
            raise IdentityError(f"{site_dir} is the identity of a {identity.member.role}")
        run(identity, Member(site_dir, opener(site_dir)), address=address)

    @app.command()
    def audit(
        site_dir: SiteDir,
        *,
        last: Annotated[int, typer.Option(min=1, help="how many entries")] = 50,
        as_json: AsJson = False,
    ) -> None:
        """Check the audit log's chain and show its newest entries.

        Example: osteon site audit north --last 10
        """
        _audit(site_dir / "audit.sqlite", last, as_json=as_json)


def _audit(path: Path, last: int, *, as_json: bool) -> None:
    from gateway.errors import SiteError
    from gateway.site.audit import AuditLog

    if not path.is_file():
        raise SiteError(f"{path}: no audit log yet", hint="it begins when the site first serves")
    log = AuditLog(path)
    count = log.verify()
    entries = list(log.entries())[-last:]
    head = log.head()[1]
    if as_json:
        listed = [asdict(entry) for entry in entries]
        print(json.dumps({"entries": listed, "count": count, "verified": True, "head": head}))
        return
    for entry in entries:
        when = datetime.fromtimestamp(entry.at_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
        who = entry.actor or "(unverified)"
        why = f" ({', '.join(entry.reasons)})" if entry.reasons else ""
        cost = f" {entry.nano_rho:,} nano-rho" if entry.nano_rho else ""
        question = entry.question[:12] or "–"
        print(
            f"{entry.seq:>6}  {when}  {who:<16} {question}  {entry.action}"
            f" {entry.decision}{why}{cost}"
        )
    print(f"{count} entries, chain whole, head {head[:16]}")
