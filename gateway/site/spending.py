"""Who spent what of a site's budget, this year and for life, beside what the policy allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from federated.admission import budgets_of
from federated.privacy.ledger import Ledger, Spent
from federated.privacy.loss import epsilon_of
from policies.site import SitePolicy

__all__ = ["Line", "spending"]


@dataclass(frozen=True)
class Line:
    """One owner of a budget; all in nano-rho, limits None where there is none of its own."""

    owner: Literal["site", "researcher", "project"]
    name: str
    spent: Spent
    year_max: int | None
    life_max: int | None

    def to_json(self) -> dict[str, Any]:
        """Plain values, ε beside nano-rho."""
        return {
            "owner": self.owner,
            "name": self.name,
            "year": _period(self.spent.year, self.year_max),
            "life": _period(self.spent.life, self.life_max),
        }


def spending(ledger: Ledger, policy: SitePolicy | None) -> tuple[Line, ...]:
    """The site first, then every researcher and project that spent or has a budget of its own."""
    return tuple(_lines(ledger, policy))


def _lines(ledger: Ledger, policy: SitePolicy | None) -> Iterator[Line]:
    found = ledger.summary()
    budgets = None if policy is None else budgets_of(policy)
    yield Line(
        "site",
        ledger.site,
        found.site,
        None if budgets is None else budgets.year,
        None if budgets is None else budgets.life,
    )
    for name, used in found.researchers.items():
        yield Line(
            "researcher",
            name,
            used,
            None if budgets is None else budgets.researcher_year,
            None if budgets is None else budgets.researcher_life,
        )
    listed = {} if policy is None or policy.projects is None else policy.projects
    for name in sorted({*found.projects, *listed}):
        own = None if policy is None else budgets_of(policy, name)
        yield Line(
            "project",
            name,
            found.projects.get(name, found.lost),
            None if own is None else own.project_year,
            None if own is None else own.project_life,
        )


def _period(spent: int, limit: int | None) -> dict[str, Any]:
    left = None if limit is None else max(0, limit - spent)
    return {
        "spent_nano_rho": spent,
        "spent_epsilon": epsilon_of(spent),
        "limit_nano_rho": limit,
        "left_nano_rho": left,
        "left_epsilon": None if left is None else epsilon_of(left),
    }
