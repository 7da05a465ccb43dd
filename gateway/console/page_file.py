"""A page as a file: complete or absent, for its owner's eyes only, since its counts are exact."""

from __future__ import annotations

from pathlib import Path

from gateway.errors import SiteError
from gateway.registry.private_file import replacing

__all__ = ["write_page"]


def write_page(path: Path, text: str, *, force: bool = False) -> None:
    """Write ``path``; SiteError if it exists, unless ``force``, or if that cannot be done."""
    if path.is_file() and not force:
        raise SiteError(f"{path}: there is a file already", hint="--force writes over it")
    try:
        with replacing(path) as draft:
            draft.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SiteError(
            f"cannot write {path} ({error.strerror})", hint="choose a file in a folder of yours"
        ) from error
