"""The declarations that ship with Osteon, found by name; a path always wins over a name."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel

from policies.decode import load
from policies.errors import DeclarationError

__all__ = ["find", "load_named", "shipped"]

Shelf = Literal[
    "derivations",
    "dictionaries",
    "examples",
    "extracts",
    "measures",
    "outcomes",
    "profiles",
    "quality",
    "rules",
    "stated",
    "worklists",
]
M = TypeVar("M", bound=BaseModel)


def _shelf(shelf: Shelf) -> Path:
    return Path(str(resources.files("policies"))) / shelf


def shipped(shelf: Shelf) -> tuple[str, ...]:
    """Names of the shipped declarations of one kind, sorted."""
    root = _shelf(shelf)
    return tuple(
        sorted(p.relative_to(root).with_suffix("").as_posix() for p in root.rglob("*.yaml"))
    )


def find(shelf: Shelf, name: str) -> Path:
    """Path of a YAML file given as a path or as the name of a shipped one."""
    given = Path(name)
    if given.suffix in (".yaml", ".yml", ".csv") or given.exists():
        if not given.is_file():
            raise DeclarationError("no such file", where=name)
        return given
    path = _shelf(shelf) / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(shipped(shelf)) or "none"
        raise DeclarationError(
            f'no file and no shipped {shelf} "{name}"', hint=f"shipped {shelf}: {known}"
        )
    return path


def load_named(shelf: Shelf, model: type[M], name: str) -> M:
    """Find and decode."""
    return load(model, find(shelf, name))
