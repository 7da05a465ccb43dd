"""Options that commands of ``osteon study`` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "Dial", "Home", "Sites", "names"]

Home = Annotated[
    Path | None,
    typer.Option("--as", help="the researcher's folder (default: OSTEON_HOME or ~/.config/osteon)"),
]
Sites = Annotated[str | None, typer.Option(help="sites to ask, with commas (default: all)")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]
Dial = Annotated[str | None, typer.Option("--address", help="HOST:PORT, if not the grant's")]


def names(sites: str | None) -> tuple[str, ...] | None:
    """The sites that ``--sites`` lists; None for all."""
    if sites is None:
        return None
    return tuple(name.strip() for name in sites.split(",") if name.strip())
