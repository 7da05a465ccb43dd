"""What was spent of the privacy budget, from the ledger and the policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from federated.admission import budgets_of
from federated.privacy.ledger import Ledger
from federated.privacy.loss import epsilon_of, nano_rho_for
from gateway.console import words
from gateway.site.config import SiteFolder
from gateway.site.spending import spending
from policies.site import SitePolicy

__all__ = ["Budget", "Gauge", "Owner", "Pending", "read_budget"]


@dataclass(frozen=True)
class Gauge:
    """Spent against allowed. ``spent_share`` counts in ρ, which adds up over questions as ε
    does not; it passes 1 where the policy was tightened. None where no policy can be read.
    """

    period: str
    spent_nano_rho: int
    spent_epsilon: str
    limit_epsilon: float | None
    spent_share: float | None


@dataclass(frozen=True)
class Pending:
    """A reservation whose release is not posted yet."""

    entry: int
    nano_rho: int
    epsilon: str


@dataclass(frozen=True)
class Owner:
    """A researcher or project (``kind``) and what it spent, this year and for life."""

    kind: str
    name: str
    year: Gauge
    life: Gauge


@dataclass(frozen=True)
class Budget:
    """``largest_studies_left``: how many studies at the policy's price limit for one study still
    fit this year and for life. ``last_entry``, ``countersigned``: numbers of ledger entries.
    """

    year: Gauge
    life: Gauge
    owners: tuple[Owner, ...]
    pending: tuple[Pending, ...]
    study_epsilon: float | None
    largest_studies_left: int | None
    last_entry: int
    countersigned: int
    behind: bool


def read_budget(site: SiteFolder, policy: SitePolicy | None, now: Callable[[], datetime]) -> Budget:
    """Open the ledger and add it up. LedgerError if it is damaged."""
    ledger = Ledger(site.path / "ledger.sqlite", clock=lambda: now().timestamp())
    whole, *owners = spending(ledger, policy)
    head, witnessed = ledger.head(), ledger.witnessed()
    spent = whole.spent
    year, life, left = _Limit(), _Limit(), None
    if policy is not None:
        budgets, price = budgets_of(policy), nano_rho_for(policy.budget.study_epsilon)
        year = _Limit(policy.budget.year_epsilon, budgets.year)
        life = _Limit(policy.budget.life_epsilon, budgets.life)
        left = max(0, min(budgets.year - spent.year, budgets.life - spent.life) // price)
    return Budget(
        year=_gauge(f"{now():%Y}", spent.year, year),
        life=_gauge("For life", spent.life, life),
        owners=tuple(
            Owner(
                line.owner,
                line.name,
                _gauge(f"{now():%Y}", line.spent.year, _limit(line.year_max)),
                _gauge("For life", line.spent.life, _limit(line.life_max)),
            )
            for line in owners
        ),
        pending=tuple(Pending(n, cost, words.epsilon(cost)) for n, _, cost in ledger.pending()),
        study_epsilon=None if policy is None else policy.budget.study_epsilon,
        largest_studies_left=left,
        last_entry=0 if head is None else head.seq,
        countersigned=0 if witnessed is None else witnessed.seq,
        behind=ledger.behind,
    )


@dataclass(frozen=True)
class _Limit:
    epsilon: float | None = None
    nano_rho: int | None = None


def _limit(nano_rho: int | None) -> _Limit:
    # The policy's ε was rounded down to nano-rho: six digits show it as it was written.
    return _Limit() if nano_rho is None else _Limit(round(epsilon_of(nano_rho), 6), nano_rho)


def _gauge(period: str, nano_rho: int, limit: _Limit) -> Gauge:
    share = None if not limit.nano_rho else nano_rho / limit.nano_rho
    return Gauge(period, nano_rho, words.epsilon(nano_rho), limit.epsilon, share)
