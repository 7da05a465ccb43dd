"""A page as a file: complete or absent, for its owner's eyes only, since its counts are exact."""

from __future__ import annotations

from pathlib import Path

from gateway.errors import SiteError
from gateway.registry.private_file import replacing

__all__ = ["write_page"]


def write_page(path: Path, text: str) -> None:
    """Write ``path``; SiteError if that cannot be done."""
    try:
        with replacing(path) as draft:
            draft.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SiteError(
            f"cannot write {path} ({error.strerror})", hint="choose a file in a folder of yours"
        ) from error
