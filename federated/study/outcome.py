"""What became of a question at one site. Every outcome is named; none depends on data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from federated.privacy.budgets import Shortfall
from federated.privacy.release import Release

__all__ = ["Outcome", "State"]

State = Literal["answered", "refused", "failed", "no_reply"]
"""answered: a release came back. refused: policy, budget or signature said no (reasons tell).
failed: the site could not answer (reason code only). no_reply: nothing came in time."""


@dataclass(frozen=True)
class Outcome:
    """One site's outcome. ``reasons`` are stable codes such as ``budget_year``."""

    site: str
    state: State
    reasons: tuple[str, ...] = ()
    release: Release | None = None
    charged: bool = False
    """True if this outcome made a new charge (also where the site then failed), False for what
    was charged before and for no charge."""
    shortfalls: tuple[Shortfall, ...] = ()
    """For a charge that does not fit: what is left of each budget, and when it is new."""
