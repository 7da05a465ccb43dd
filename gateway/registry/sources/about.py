"""What a source knows of the project behind it, beyond its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["About", "Trait"]


@dataclass(frozen=True)
class Trait:
    """What REDCap's export rights see of a field."""

    name: str
    form: str
    identifier: bool
    kind: Literal["note", "text", "date", "other"]


@dataclass(frozen=True)
class About:
    """``codes`` are missing-data codes with their labels, None where the source does not say them.

    ``sparse``: a field that no record answers is left out. ``project`` are all fields of the
    project, where the source knows them, and ``withheld`` those of them that it does not hold.
    ``told`` are sentences for the person who loads it.
    """

    codes: Mapping[str, str] | None = None
    sparse: bool = False
    project: tuple[Trait, ...] = ()
    withheld: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
