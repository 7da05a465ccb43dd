"""``osteon site vault``: where the key of the vault is, and a fresh one."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway.counted import counted

__all__ = ["register"]

SiteDir = Annotated[Path, typer.Argument(help="the site's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]

_vault = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands to ``osteon site``."""
    app.add_typer(
        _vault,
        name="vault",
        help="The key of the encrypted identifiers: where it is, and a fresh one.\n\n"
        "Example: osteon site vault rotate north",
    )


@_vault.command()
def rotate(site_dir: SiteDir, *, as_json: AsJson = False) -> None:
    """Give the vault a fresh data key; identifiers, keys and withheld notes are encrypted anew.

    Refused while a load, a review or another command uses the vault. Killed at
    any point, the site opens with the old key or the new one, and the next
    command finishes. The old key is destroyed; backups and an SSD may keep it,
    and it opens old backups only: make a new one. A key in the environment is
    changed to the one in OSTEON_VAULT_NEW_KEY.

    Pseudonyms, date offsets and surrogates stay as they are. They are not
    rotated: every pseudonym would change, and each published snapshot would be
    a new charge on the same patients. If vault and key may have been copied
    together, found a new site.

    Example: osteon site vault rotate north
    """
    from gateway.registry.rotation import rotate as change
    from gateway.site.config import open_site

    watched = sys.stderr.isatty() and not as_json

    def tell(step: str, done: int, total: int) -> None:
        if watched:
            sys.stderr.write(f"\r{step}: {done} of {total}".ljust(60))
            sys.stderr.flush()

    done = change(open_site(site_dir).vault_path, tell)
    if watched:
        sys.stderr.write("\r" + " " * 60 + "\r")
    if as_json:
        counts = {"patients": done.patients, "withheld_notes": done.notes}
        print(json.dumps({"key": done.place, "finished_only": done.finished, **counts}))
        return
    if done.finished:
        print("the rotation that was cut short is finished; give the command again for another key")
    else:
        sealed = f"{counted(done.patients, 'patient')} and {counted(done.notes, 'withheld note')}"
        print(f"a fresh key: {sealed} sealed anew; the next load makes the worklists again")
    if done.place == "environment":
        print("next: put the key of OSTEON_VAULT_NEW_KEY into OSTEON_VAULT_KEY")
    else:
        print(f"the old key is destroyed; next: back up {shlex.quote(str(site_dir))} anew")


@_vault.command()
def key(
    site_dir: SiteDir,
    to: Annotated[
        Literal["file", "environment", "keyring"] | None, typer.Option(help="move it there")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say where the vault's key is, after trying it; or move it.

    The environment (OSTEON_VAULT_KEY) counts first, then the file vault/key, then
    the operating system's keyring. A new place holds the key before the old one
    loses it. Into the environment you put it yourself, as base64 like in the
    file; the command then checks it and destroys the file. A keyring needs
    pip install 'osteon[keyring]' and a logged-in person: a server has none.

    Example: osteon site vault key north --to keyring
    """
    from gateway.registry.rotation import move_key
    from gateway.registry.vault import Vault
    from gateway.registry.vault_key import key_place
    from gateway.site.audit import record
    from gateway.site.config import open_site

    folder = open_site(site_dir).vault_path
    if to is None:
        Vault.open(folder)
        place = key_place(folder)
        print(json.dumps({"key": place}) if as_json else f"the key is in: {place}; it opens")
        return
    before = move_key(folder, to)
    record(site_dir, f"vault key to {to}")
    if as_json:
        print(json.dumps({"key": to, "before": before}))
    elif before == "environment" and to != before:
        print(f"the key is in: {to}; next: unset OSTEON_VAULT_KEY, which counts first")
    else:
        print(f"the key is in: {to}")
