"""``osteon``: one command, one file per noun.

Only the noun that was asked for is imported, so that ``osteon --help`` answers at once (D16).
Every :class:`~policies.errors.OsteonError` ends here as one clear sentence, the next step and
its exit code; nothing else is caught.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
from collections.abc import Callable, Sequence

import typer

from gateway.cli.environment import check_environment
from policies.errors import OsteonError

__all__ = ["NOUNS", "build", "main"]

NOUNS: dict[str, tuple[str, str]] = {
    "site": ("gateway.cli.site", "A hospital's node: load, check, publish, serve."),
    "study": ("gateway.cli.study", "Ask: preview, submit, read results, plan a budget."),
    "network": ("gateway.cli.network", "Coordinate: found a network, admit members, serve."),
    "identity": ("gateway.cli.identity", "Join a network: request and accept membership."),
    "policy": ("gateway.cli.policy", "Check and sign a site's query policy."),
    "ledger": ("gateway.cli.ledger", "The privacy budget: what was spent, and repair."),
    "deid": ("gateway.cli.deid", "De-identify notes."),
    "console": ("gateway.cli.console", "Pages of a site, on this machine."),
    "dictionary": ("gateway.cli.dictionary", "Check or import a registry's dictionary."),
    "demo": ("gateway.cli.demo", "Run a synthetic network on this machine."),
}


def build(asked: str | None) -> typer.Typer:
    """The application, with the commands of one noun loaded and the others only named."""
    app = typer.Typer(
        name="osteon",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="De-identification and federated query gateway of a tumour registry.",
        epilog="Exit codes: 0 done, 2 bad input, 3 refused by policy, 4 budget exhausted, "
        "5 too few sites, 1 anything else.",
    )
    app.callback()(_root)
    for name, (module, sentence) in NOUNS.items():
        if name == asked:
            app.add_typer(importlib.import_module(module).app, name=name, help=sentence)
        else:
            app.command(name, help=sentence)(_not_loaded(name))
    return app


def _root() -> None:
    """De-identification and federated query gateway of a tumour registry."""


def _not_loaded(name: str) -> Callable[[], None]:
    def command() -> None:
        raise OsteonError(f"{name} was not loaded")

    return command


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console command."""
    # Importing and reading make many lasting objects and hardly a cycle; looked through after every
    # 700 new ones, as Python does by itself, they cost a load a tenth of its time. Not more: what a
    # node of months leaves in cycles should go soon.
    gc.set_threshold(10_000)
    words = list(sys.argv[1:] if arguments is None else arguments)
    asked = words[0] if words and words[0] in NOUNS else None
    try:
        if asked is not None:
            check_environment()
        build(asked)(words)
    except OsteonError as error:
        _explain(error, as_json="--json" in words)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(1)


def _explain(error: OsteonError, *, as_json: bool) -> None:
    if as_json:
        said: dict[str, object] = {
            "error": error.code,
            "message": error.message,
            "hint": error.hint,
        }
        said["reasons"] = list(getattr(error, "reasons", ()))
        if short := getattr(error, "shortfalls", ()):
            said["shortfalls"] = [vars(one) for one in short]
        sys.stderr.write(json.dumps(said) + "\n")
        return
    sys.stderr.write(f"osteon: {error.message}\n")
    if error.hint:
        sys.stderr.write(f"  next: {error.hint}\n")


if __name__ == "__main__":
    main()
