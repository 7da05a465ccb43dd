"""``osteon ledger``: what was spent, is the chain whole, and repair by the officer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from policies.site import SitePolicy

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
SiteDir = Annotated[Path, typer.Argument(help="the site's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]


@app.command()
def show(site_dir: SiteDir, *, as_json: AsJson = False) -> None:
    """Budget spent this year and for life, as ε per patient at δ = 10⁻⁶.

    By the site as a whole, and by researcher and project, beside what the policy allows.

    Example: osteon ledger show north_hospital
    """
    from federated.privacy.ledger import Ledger
    from federated.privacy.loss import epsilon_of
    from gateway.site.spending import spending

    ledger = Ledger(site_dir / "ledger.sqlite")
    lines, pending = spending(ledger, _policy(site_dir)), ledger.pending()
    spent = lines[0].spent
    if as_json:
        print(
            json.dumps(
                {
                    "site": ledger.site,
                    "year_nano_rho": spent.year,
                    "life_nano_rho": spent.life,
                    "year_epsilon": epsilon_of(spent.year),
                    "life_epsilon": epsilon_of(spent.life),
                    "spending": [line.to_json() for line in lines],
                    "pending": [{"seq": s, "nano_rho": n} for s, _, n in pending],
                    "behind": ledger.behind,
                }
            )
        )
        return
    print(f"site {ledger.site}")
    print(f"  this year  ε {_of(spent.year, lines[0].year_max)}   ({spent.year:,} nano-rho)")
    print(f"  for life   ε {_of(spent.life, lines[0].life_max)}   ({spent.life:,} nano-rho)")
    for line in lines[1:]:
        print(
            f"  {line.owner} {line.name}: this year ε {_of(line.spent.year, line.year_max)},"
            f" for life ε {_of(line.spent.life, line.life_max)}"
        )
    for seq, _, nano_rho in pending:
        print(f"  pending    entry {seq}, {nano_rho:,} nano-rho (completed when asked again)")
    if ledger.behind:
        print("  BEHIND its countersigned head: an old copy was restored; osteon ledger resolve")


def _policy(site_dir: Path) -> SitePolicy | None:
    """The policy in force, for its limits; what was spent is shown without one too."""
    from gateway.site.config import open_site
    from policies.errors import OsteonError

    try:
        return open_site(site_dir).signed_policy(None)
    except OsteonError as error:
        sys.stderr.write(f"without limits: {error.message}\n")
        return None


def _of(nano_rho: int, limit: int | None) -> str:
    from federated.privacy.loss import epsilon_of

    spent = f"{epsilon_of(nano_rho):.3f}"
    return spent if limit is None else f"{spent} of {epsilon_of(limit):.3f}"


def _life(nano_rho: int) -> str:
    return f"for life: ε {_of(nano_rho, None)} ({nano_rho:,} nano-rho)"


@app.command()
def verify(site_dir: SiteDir, *, as_json: AsJson = False) -> None:
    """Check the hash chain of every entry, and that no countersigned entry is missing.

    An old copy that was restored is known as such once its node has met the
    coordinator.

    Example: osteon ledger verify north_hospital
    """
    from federated.errors import LedgerError
    from federated.privacy.ledger import Ledger

    ledger = Ledger(site_dir / "ledger.sqlite")
    count = ledger.verify()
    if ledger.behind:
        raise LedgerError(
            f"{site_dir}: the chain of {count} entries is whole, but it is behind its "
            "countersigned head: an old copy was restored, or its last entries were lost",
            hint=f"osteon ledger resolve {site_dir}, by the officer",
        )
    print(json.dumps({"entries": count, "whole": True}) if as_json else f"whole: {count} entries")


@app.command()
def resolve(
    site_dir: SiteDir,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Officer: go on from the countersigned head after an old copy was restored.

    What the lost entries had spent is charged again here, so no budget comes back; their
    stored releases are lost, and asking again is a new charge.

    Example: osteon ledger resolve north_hospital
    """
    from federated.privacy.ledger import Ledger
    from federated.privacy.loss import epsilon_of
    from gateway.site.audit import record

    ledger = Ledger(site_dir / "ledger.sqlite")
    before = ledger.spent().life
    if not yes:
        typer.confirm("Charge what the lost entries had spent and go on?", abort=True)
    head = ledger.adopt()
    record(site_dir, "ledger resolve")
    life = ledger.spent().life
    charged = life - before
    print(f"resolved: the ledger goes on at entry {head.seq}")
    print(f"charged again: ε {epsilon_of(charged):.3f} ({charged:,} nano-rho)")
    print(_life(life))


@app.command()
def void(site_dir: SiteDir, seq: Annotated[int, typer.Argument(help="entry number")]) -> None:
    """Officer: give back a pending reservation for which no data was read.

    Example: osteon ledger void north_hospital 17
    """
    from federated.privacy.ledger import Ledger
    from gateway.site.audit import record

    ledger = Ledger(site_dir / "ledger.sqlite")
    ledger.void(seq)
    record(site_dir, "ledger void")
    print(f"entry {seq} voided")
    print(_life(ledger.spent().life))
