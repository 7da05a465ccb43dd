"""The files of a language model, and whether they are those that were pinned.

What ships is pinned here, another model by ``model_sha256`` of the profile. Looked at before every
load: weights that were damaged or exchanged find other names, and no output would show it.
"""

from __future__ import annotations

import hashlib
import importlib.util
from importlib import metadata
from pathlib import Path

from deid.errors import ModelError
from deid.ner import SHIPPED

__all__ = ["SHIPPED_SHA256", "checked_model", "files_digest"]

SHIPPED_SHA256 = "7c8ce8682e88ba69a4a91f8ea6deee63c12351b3cbd72052c9bfff0bcb095ac1"
_SHIPPED_NAME = "osteon_ner"


def files_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of all files below ``folder``, 64 hex digits; what
    Python caches there does not count.
    """
    made = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name, content = path.relative_to(folder).as_posix(), path.read_bytes()
            made.update(f"{name}\0{len(content)}\0".encode() + content)
    return made.hexdigest()


def checked_model(name: str, sha256: str | None = None) -> Path | None:
    """The folder of the model ``name`` if that is one that ships or was given by its whole path,
    None for an installed package; nothing is loaded.

    :class:`ModelError` if it is not there or its files are not those of ``sha256``.
    """
    shipped = name == _SHIPPED_NAME
    path = SHIPPED if shipped else Path(name) if Path(name).is_absolute() else None
    folder = path if path is not None else _package_folder(name)
    if folder is None or not folder.is_dir():
        raise ModelError(
            f"the language model '{name}' is not installed",
            hint="install the package that the profile names; nothing is ever downloaded",
        )
    wanted = sha256 or (SHIPPED_SHA256 if shipped else None)
    if wanted is not None and (found := files_digest(folder)) != wanted:
        raise ModelError(
            f"the files of the language model '{name}' are not those that were pinned",
            hint=(
                "install this program again"
                if shipped and sha256 is None
                else f"their digest is {found}; correct model_sha256 in the profile if you trust it"
            ),
        )
    return path


def _package_folder(name: str) -> Path | None:
    """Where an installed distribution of that name lies; what merely lies in the working folder
    is none.
    """
    try:
        metadata.distribution(name)
        found = importlib.util.find_spec(name)
    except (metadata.PackageNotFoundError, ImportError, ValueError):
        return None
    places = found.submodule_search_locations if found is not None else None
    return Path(next(iter(places))) if places else None
