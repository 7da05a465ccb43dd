"""``osteon demo``: a synthetic network on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def _demo() -> None:
    """Run a synthetic network on this machine."""


@app.command()
def run(
    folder: Annotated[
        Path, typer.Option(help="where to put everything; made anew on every run")
    ] = Path(".demo"),
    seed: Annotated[int, typer.Option(help="of the synthetic registry")] = 7,
    operations: Annotated[int, typer.Option(min=90, help="index operations in all")] = 1200,
    notes: Annotated[int, typer.Option(min=9, help="clinical notes in all")] = 300,
) -> None:
    """Nine synthetic hospitals, loaded, asked and combined; ends with a table and a report.

    Example: osteon demo run --seed 3
    """
    from gateway.demo.run import run as run_demo

    run_demo(folder, seed=seed, operations=operations, notes=notes)
