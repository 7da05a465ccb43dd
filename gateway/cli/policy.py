"""``osteon policy``: check, show and sign a site's query policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.policy_availability import register
from gateway.identity.files import write_whole
from policies.decode import canonical, digest, load
from policies.errors import DeclarationError
from policies.signing import Signed, SigningKey, key_id
from policies.site import SitePolicy, open_policy, sign_policy

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]


@app.command()
def check(
    policy: Annotated[Path, typer.Argument(help="policy.yaml")], *, as_json: AsJson = False
) -> None:
    """Check a policy file and show what its budgets mean.

    Example: osteon policy check north_hospital/policy.yaml
    """
    from federated.admission import budgets_of

    declared = load(SitePolicy, policy)
    budgets = budgets_of(declared)
    found = {
        "site": declared.site,
        "serial": declared.serial,
        "digest": digest(declared),
        "study_epsilon": declared.budget.study_epsilon,
        "year_epsilon": declared.budget.year_epsilon,
        "year_nano_rho": budgets.year,
        "life_epsilon": declared.budget.life_epsilon,
        "life_nano_rho": budgets.life,
        "researcher_year_epsilon": declared.budget.researcher_year_epsilon,
        "researcher_life_epsilon": declared.budget.researcher_life_epsilon,
        "projects": sorted(declared.projects or ()) if declared.projects is not None else None,
        "valid_until": declared.valid_until,
    }
    print(json.dumps(found) if as_json else "\n".join(f"{k}: {v}" for k, v in found.items()))


@app.command()
def sign(
    site_dir: Annotated[Path, typer.Argument(help="the site's folder")],
    *,
    as_json: AsJson = False,
) -> None:
    """Officer: sign SITE_DIR/policy.yaml.

    A policy that is already signed can only be replaced by one with a higher serial.

    Example: osteon policy sign north_hospital
    """
    from gateway.site.audit import record

    officer = SigningKey.load(site_dir / "identity" / "officer_key.pem")
    _check_officer(site_dir, officer)
    policy = load(SitePolicy, site_dir / "policy.yaml")
    out = site_dir / "policy.signed.json"
    if out.exists():
        before = open_policy(Signed.from_bytes(out.read_bytes()), officer.public_key)
        same = canonical(before) == canonical(policy)
        if not same and policy.serial <= before.serial:
            raise DeclarationError(
                f"serial {policy.serial} is not above the signed one ({before.serial})",
                where=f"{site_dir / 'policy.yaml'}: serial",
                hint="raise the serial and sign again",
            )
    write_whole(out, sign_policy(policy, officer).to_bytes())
    record(site_dir, f"policy {policy.serial}")
    found = {"site": policy.site, "serial": policy.serial, "officer": key_id(officer.public_key)}
    print(json.dumps(found) if as_json else f"signed: {policy.site}, serial {policy.serial}")
    if not as_json:
        print("in force from the next question; a running node shows it to others once restarted")


def _check_officer(site_dir: Path, officer: SigningKey) -> None:
    """Sign only with the key that the roster names, once the site is in one."""
    from gateway.identity.folder import IdentityFolder

    if not (site_dir / "identity" / "grant.json").exists():
        return
    identity = IdentityFolder.load(site_dir)
    named = identity.roster().site(identity.member.name).officer
    if named != officer.public_key:
        raise DeclarationError(
            f"this key is {key_id(officer.public_key)}, the roster's officer is {key_id(named)}",
            where=str(site_dir / "identity" / "officer_key.pem"),
            hint="sign with the key that was admitted, or be admitted again with this one",
        )


register(app)
