"""Numbers of things in sentences: ``1 patient``, ``2 patients``."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, name: str) -> str:
    """``number`` and ``name``, which is given in the singular and forms its plural with an s."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
