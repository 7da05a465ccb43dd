"""What a source on the command line is: a file, or a REDCap project with its token, which comes
never from the command line or a declaration.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.errors import SourceError

if TYPE_CHECKING:
    from gateway.registry.sources.redcap_client import RedcapProject

__all__ = ["TOKEN_VARIABLE", "read_token", "source_at"]

TOKEN_VARIABLE = "OSTEON_REDCAP_TOKEN"  # noqa: S105 - the variable's name
_LENGTH_MAX = 1_024
_TOKEN = re.compile(r"[0-9A-Fa-f]{32,64}")


def source_at(given: str, token_file: Path | None) -> Path | RedcapProject:
    """The file, or the project at ``redcap+https://…/api/``. SourceError for another address, and
    where a token is missing or has no use.
    """
    from gateway.registry.sources.redcap_api import SCHEME, project_at

    if given.startswith(SCHEME):
        return project_at(given, read_token(token_file))
    if given.startswith(("https://", "http://")):
        raise SourceError(
            "a web address is read as REDCap's API only",
            file="source",
            hint=f"write {SCHEME} before it, if it is the address of a REDCap API",
        )
    if token_file is not None:
        raise SourceError("a file needs no token", file=given, hint="leave out --token-file")
    return Path(given)


def read_token(file: Path | None) -> str:
    """The token in ``file`` (``-``: standard input), else of the environment.

    SourceError without one, for a file that others than its owner may read, and for a token in
    place of the file, which is not repeated.
    """
    if file is None:
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            raise SourceError(
                "needs the project's token",
                file="redcap",
                hint=f"--token-file FILE, --token-file - (standard input), or {TOKEN_VARIABLE}",
            )
        return token
    if str(file) == "-":
        return sys.stdin.read(_LENGTH_MAX).strip()
    if _TOKEN.fullmatch(file.name):
        raise SourceError(
            "names a token, not a file that holds one",
            file="--token-file",
            hint="others have seen it on the command line: have REDCap make a new one, "
            "and write that to a file",
        )
    try:
        if file.stat().st_mode & (stat.S_IRWXO | stat.S_IRWXG):
            raise SourceError(
                "holds a token and may be read by others than its owner",
                file=file.name,
                hint=f"chmod 600 {file}",
            )
        with file.open(encoding="utf-8-sig") as stream:
            return stream.read(_LENGTH_MAX).strip()
    except (OSError, UnicodeDecodeError):
        raise SourceError(
            "the token's file cannot be read", file=file.name, hint="is it there, and text?"
        ) from None
