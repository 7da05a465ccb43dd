"""Errors of asking and answering.

::

    OsteonError
    └── FederatedError          exit 1
        ├── StudyError          exit 2   the study names something unknown or unbounded
        ├── Refused             exit 3   policy says no; carries ordered reason codes
        │   └── BudgetExhausted exit 4   the charge does not fit the budget
        ├── LedgerError         exit 1   the ledger is damaged, behind or locked
        └── TooFewSites         exit 5   fewer sites answered than the study asked for

A refusal follows from study, policy, dictionary and budget only, never from data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policies.errors import DeclarationError, OsteonError

if TYPE_CHECKING:
    from federated.privacy.budgets import Shortfall

__all__ = [
    "BudgetExhausted",
    "FederatedError",
    "LedgerError",
    "Refused",
    "StudyError",
    "TooFewSites",
]


class FederatedError(OsteonError):
    """Base of the errors of the science package."""

    code = "federated"


class StudyError(DeclarationError):
    """A study names an unknown element, an unbounded number or an impossible request."""

    code = "study"


class Refused(FederatedError):
    """Admission said no. ``reasons`` are stable codes in the order of the checks."""

    exit_code = 3
    code = "refused"

    def __init__(
        self, message: str, *, reasons: Sequence[str] = (), hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.reasons = tuple(reasons)


class BudgetExhausted(Refused):
    """The charge does not fit into what is left of a budget. ``shortfalls`` tells, for each
    such budget, what is left of it and when it is new.
    """

    exit_code = 4
    code = "budget_exhausted"

    def __init__(
        self,
        message: str,
        *,
        reasons: Sequence[str] = (),
        shortfalls: Sequence[Shortfall] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message, reasons=reasons, hint=hint)
        self.shortfalls = tuple(shortfalls)


class LedgerError(FederatedError):
    """The ledger is damaged, behind its countersigned head, or cannot be written."""

    code = "ledger"


class TooFewSites(FederatedError):
    """Fewer sites answered in time than the study asked for."""

    exit_code = 5
    code = "too_few_sites"
