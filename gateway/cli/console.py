"""``osteon console``: pages for people, served on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def console() -> None:
    """Pages of a site, on this machine."""


@app.command()
def site(
    site_dir: Annotated[Path, typer.Argument(help="the site's folder")],
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one")] = 0,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="other machines may read; there is no login")
    ] = False,
) -> None:
    """Show a site's load, budget, questions and data quality, until stopped (Ctrl-C).

    Read-only. Example: osteon console site north --port 8080
    """
    from gateway.console.serve import is_loopback, serve

    remote = not is_loopback(host)
    if remote and not allow_remote:
        raise typer.BadParameter(
            f"{host} can be reached by other machines, and the console has no login. "
            "Leave it out, or say --allow-remote.",
            param_hint="--host",
        )
    from gateway.console.pages import create_app
    from gateway.site.config import open_site

    def listening(address: str) -> None:
        print(address, flush=True)
        if remote:
            sys.stderr.write("no login: everyone who reaches this address reads the pages\n")

    serve(create_app(open_site(site_dir), remote=remote), host, port, listening)
