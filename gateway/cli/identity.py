"""``osteon identity``: join a network as a site or a researcher."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
Home = Annotated[Path, typer.Argument(help="the site's or the researcher's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]


@app.command()
def request(
    home: Home,
    *,
    role: Annotated[str, typer.Option(help="site or researcher")],
    name: Annotated[str, typer.Option(help="short name: a-z, 0-9, _")],
    as_json: AsJson = False,
) -> None:
    """Make keys in HOME/identity and a request to send to the coordinator.

    Run it again before a certificate ends: the keys stay. A site gets an officer key too,
    which signs its policy; the officer may move it elsewhere.

    Example: osteon identity request north --role site --name north
    """
    from gateway.identity.folder import make_request

    if role not in ("site", "researcher"):
        raise typer.BadParameter("is site or researcher", param_hint="--role")
    known: Any = role
    path = make_request(home, known, name)
    if as_json:
        print(json.dumps({"role": role, "name": name, "request": str(path)}))
        return
    print(path)
    print("send it to the coordinator; it holds no secret")


@app.command()
def accept(
    home: Home,
    grant: Annotated[Path, typer.Argument(help="the coordinator's grant file")],
    *,
    committee: Annotated[
        str | None, typer.Option(help="short name of the committee key you were told (16 digits)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the grant against the keys here and keep it.

    Example: osteon identity accept north north.grant.json --committee 4be2a9d3c1f00817
    """
    from gateway.identity.folder import accept as keep
    from policies.errors import DeclarationError
    from policies.signing import key_id

    if not grant.is_file():
        raise DeclarationError("no such file", where=str(grant))
    identity = keep(home, grant.read_bytes(), committee=committee)
    found = {
        "member": identity.member.uri,
        "address": identity.grant.address,
        "committee": key_id(identity.grant.committee),
        "until": identity.certificate.not_valid_after_utc.strftime("%Y-%m-%d"),
    }
    if as_json:
        print(json.dumps(found))
        return
    print(f"{found['member']}, certificate until {found['until']}")
    if committee is None:
        print(f"compare the committee key {found['committee']} by another channel")


@app.command()
def show(home: Home, *, as_json: AsJson = False) -> None:
    """Who this folder is, until when, and in which network.

    Example: osteon identity show north
    """
    from gateway.identity.folder import IdentityFolder
    from policies.signing import key_id

    identity = IdentityFolder.load(home)
    roster = identity.roster()
    found = {
        "member": identity.member.uri,
        "address": identity.grant.address,
        "committee": key_id(identity.grant.committee),
        "until": identity.certificate.not_valid_after_utc.strftime("%Y-%m-%d %H:%M UTC"),
        "roster": roster.serial,
        "sites": [site.name for site in roster.sites],
        "researchers": [researcher.name for researcher in roster.researchers],
    }
    print(json.dumps(found) if as_json else "\n".join(f"{k}: {v}" for k, v in found.items()))
    identity.check_certificate()
