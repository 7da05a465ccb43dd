"""``osteon network``: found a network, admit members, run the coordinator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
NetworkDir = Annotated[Path, typer.Argument(help="the network's folder at the coordinator")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]


@app.command()
def init(
    network_dir: NetworkDir,
    *,
    name: Annotated[str, typer.Option(help="short name: a-z, 0-9, _")],
    address: Annotated[str, typer.Option(help="HOST:PORT where nodes will dial")],
    sites_per_patient_max: Annotated[
        int, typer.Option(min=1, max=100, help="most sites a patient is assumed to appear in")
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Found a network: authority, coordinator certificate, committee key, empty roster.

    Example: osteon network init network --name midwest --address hub.example.org:7443
    """
    from gateway.identity.network import NetworkFolder
    from policies.signing import key_id

    folder = NetworkFolder.create(
        network_dir, name=name, address=address, sites_per_patient_max=sites_per_patient_max
    )
    found = {
        "network": name,
        "address": address,
        "committee": key_id(folder.network.committee),
        "folder": str(network_dir),
    }
    if as_json:
        print(json.dumps(found))
        return
    print(f"founded network {name} in {network_dir}; nodes dial {address}")
    print(f"committee key {found['committee']}: tell members by another channel than the grant")


@app.command()
def admit(
    network_dir: NetworkDir,
    request: Annotated[Path, typer.Argument(help="request.json of the new member")],
    *,
    out: Annotated[Path, typer.Option(help="where to write the grant")],
    days: Annotated[int, typer.Option(min=1, max=825, help="life of the certificate")] = 30,
    replace: Annotated[bool, typer.Option("--replace", help="the member has new keys")] = False,
    as_json: AsJson = False,
) -> None:
    """Admit a member or renew its certificate; the committee signs the new roster.

    Example: osteon network admit network north/identity/request.json --out north.grant.json
    """
    from gateway.identity.files import write_whole
    from gateway.identity.grant import grant_bytes
    from gateway.identity.network import NetworkFolder
    from gateway.identity.request import open_request
    from policies.errors import DeclarationError

    if not request.is_file():
        raise DeclarationError("no such file", where=str(request))
    grant = NetworkFolder.load(network_dir).admit(
        open_request(request.read_bytes()), days=days, replace=replace
    )
    write_whole(out, grant_bytes(grant))
    serial = grant.open_roster().serial
    if as_json:
        found = {"role": grant.role, "name": grant.name, "roster": serial, "grant": str(out)}
        print(json.dumps(found))
        return
    print(f"admitted {grant.role} {grant.name} for {days} days; roster serial {serial}")
    print(f"send {out} back; it holds no secret")


@app.command()
def remove(
    network_dir: NetworkDir,
    name: Annotated[str, typer.Argument(help="the member")],
    *,
    role: Annotated[str, typer.Option(help="site or researcher")],
) -> None:
    """Take a member off the roster; its certificate opens nothing from then on.

    Example: osteon network remove network north --role site
    """
    from gateway.identity.network import NetworkFolder

    folder = NetworkFolder.load(network_dir)
    folder.remove(_role(role), name)
    print(f"removed {role} {name}; roster serial {folder.roster().serial}")


def _role(role: str) -> Any:
    if role not in ("site", "researcher"):
        raise typer.BadParameter("is site or researcher", param_hint="--role")
    return role


@app.command()
def renew(
    network_dir: NetworkDir,
    *,
    days: Annotated[int, typer.Option(min=1, max=825, help="life of the certificate")] = 365,
) -> None:
    """Give the coordinator a new certificate; members notice nothing.

    Example: osteon network renew network
    """
    from gateway.identity.network import NetworkFolder

    NetworkFolder.load(network_dir).renew(days=days)
    print(f"renewed for {days} days; serve again to use it")


@app.command()
def serve(
    network_dir: NetworkDir,
    *,
    listen: Annotated[
        str | None, typer.Option(help="HOST:PORT to bind, if not the network's address")
    ] = None,
) -> None:
    """Run the coordinator until it is stopped (SIGTERM, Ctrl-C).

    Example: osteon network serve network --listen 0.0.0.0:7443
    """
    from gateway.coordinator.serve import serve as run
    from gateway.identity.network import NetworkFolder

    run(NetworkFolder.load(network_dir), listen=listen)


@app.command()
def status(network_dir: NetworkDir, *, as_json: AsJson = False) -> None:
    """Members, when each site was last seen, and open studies.

    Example: osteon network status network
    """
    from gateway.coordinator.status import status_of
    from gateway.identity.network import NetworkFolder

    found = status_of(NetworkFolder.load(network_dir))
    if as_json:
        print(json.dumps(found))
        return
    print(f"network {found['network']} at {found['address']}, roster serial {found['roster']}")
    print(f"coordinator certificate until {found['certificate_until']}")
    for site in found["sites"]:
        seen = site["last_seen"] or "never seen"
        print(f"  site        {site['name']:<24} {seen}  policy {site['policy_serial'] or 'none'}")
    for name in found["researchers"]:
        print(f"  researcher  {name}")
    print(f"open studies: {len(found['open_studies'])}")
    for study in found["open_studies"]:
        print(f"  {study['id'][:16]}  waiting for {', '.join(study['waiting']) or 'nobody'}")
