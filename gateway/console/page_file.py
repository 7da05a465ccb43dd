"""A page as a file: complete or absent, for its owner's eyes only, since its counts are exact."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.errors import SiteError

__all__ = ["write_page"]


def write_page(path: Path, text: str) -> None:
    """Write ``path``; SiteError if that cannot be done."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise SiteError(
            f"cannot write {path} ({error.strerror})", hint="choose a file in a folder of yours"
        ) from error
