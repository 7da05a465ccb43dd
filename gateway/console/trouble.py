"""What cannot be shown, as a sentence and the next step, so that the rest of a page still is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from policies.errors import OsteonError

__all__ = ["Trouble", "attempt"]

T = TypeVar("T")


@dataclass(frozen=True)
class Trouble:
    """``says`` is one sentence, ``next`` what a person does about it, often a command."""

    says: str
    next: str = ""


def attempt(part: Callable[[], T], *, otherwise: str = "") -> T | Trouble:
    """What ``part`` returns, or the trouble it raised; ``otherwise`` is the next step where the
    error names none. Anything but an :class:`OsteonError` is a fault of ours and goes on.
    """
    try:
        return part()
    except OsteonError as error:
        return Trouble(error.message, error.hint or otherwise)
