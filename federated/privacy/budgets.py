"""The budgets that a charge must fit, all of them at once, and the words of a refusal.

A budget belongs to somebody (site, researcher, project, envelope) and holds for a period: a
calendar year in UTC, or life. What is left is a sum over questions, never over data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from federated.errors import BudgetExhausted
from federated.privacy.loss import epsilon_of
from federated.privacy.totals import Spent

__all__ = ["Budgets", "Charge", "Shortfall", "Spending", "advice", "exhausted", "shortfalls"]

OWNERS = {
    "envelope": "what the researcher signed for this study",
    "project_year": "the project's budget of this year",
    "project_life": "the project's budget for life",
    "researcher_year": "the researcher's budget of this year",
    "researcher_life": "the researcher's budget for life",
    "year": "the site's budget of this year",
    "life": "the site's budget for life",
}
"""Every budget, in the order in which a refusal names them."""


@dataclass(frozen=True)
class Charge:
    """What a question would cost: ``nano_rho`` for ``key``, asked by ``researcher`` in the
    name of ``project`` (empty: of none). ``envelope_created_s`` is when the researcher signed
    the envelope (seconds since 1970, UTC).
    """

    key: str
    envelope: str
    researcher: str
    nano_rho: int
    envelope_nano_rho_max: int
    project: str = ""
    envelope_created_s: int | None = None


@dataclass(frozen=True)
class Budgets:
    """Limits in nano-rho, from the site's policy, as they hold for one researcher and project;
    None is no limit of its own. A year is a calendar year in UTC.
    """

    year: int
    life: int
    researcher_year: int
    researcher_life: int | None = None
    project_year: int | None = None
    project_life: int | None = None


@dataclass(frozen=True)
class Spending:
    """What was spent of each budget that one charge touches, in nano-rho."""

    site: Spent
    researcher: Spent
    project: Spent
    envelope: int


@dataclass(frozen=True)
class Shortfall:
    """A budget that does not hold a charge: ``left_nano_rho`` of it, new at ``renews_s``
    (seconds since 1970, UTC; None for never).
    """

    budget: str
    left_nano_rho: int
    renews_s: int | None

    @property
    def reason(self) -> str:
        """Its stable code."""
        return f"budget_{self.budget}"

    def sentence(self) -> str:
        """Which budget, what of it is left, and when it is new."""
        owner = OWNERS.get(self.budget, self.budget.replace("_", " "))
        left = (
            f"has ε {_floor(epsilon_of(self.left_nano_rho)):.2f} left for one study"
            if self.left_nano_rho > 0
            else "is used up"
        )
        if self.renews_s is None:
            return f"{owner} {left} and does not renew"
        return f"{owner} {left} and renews on {datetime.fromtimestamp(self.renews_s, UTC):%Y-%m-%d}"


def shortfalls(
    nano_rho: int, envelope_max: int | None, budgets: Budgets, spending: Spending, now_s: int
) -> tuple[Shortfall, ...]:
    """Every budget that ``nano_rho`` more does not fit, in the order of :data:`OWNERS`."""
    renewal_s = _next_year(now_s)
    short = []
    for name, used, limit in _each(envelope_max, budgets, spending):
        if limit is not None and used + nano_rho > limit:
            renews = renewal_s if name.endswith("year") else None
            short.append(Shortfall(name, max(0, limit - used), renews))
    return tuple(short)


def _each(
    envelope_max: int | None, budgets: Budgets, spending: Spending
) -> Iterator[tuple[str, int, int | None]]:
    yield "envelope", spending.envelope, envelope_max
    yield "project_year", spending.project.year, budgets.project_year
    yield "project_life", spending.project.life, budgets.project_life
    yield "researcher_year", spending.researcher.year, budgets.researcher_year
    yield "researcher_life", spending.researcher.life, budgets.researcher_life
    yield "year", spending.site.year, budgets.year
    yield "life", spending.site.life, budgets.life


def exhausted(nano_rho: int, short: Sequence[Shortfall]) -> BudgetExhausted:
    """The refusal of a charge that does not fit ``short``."""
    return BudgetExhausted(
        f"a charge of ε {epsilon_of(nano_rho):.2f} does not fit: "
        + "; ".join(one.sentence() for one in short),
        reasons=[one.reason for one in short],
        shortfalls=short,
        hint=advice(short),
    )


def advice(short: Sequence[Shortfall]) -> str:
    """What to do about it: what is left of the tightest, and whether waiting helps."""
    least = min(one.left_nano_rho for one in short)
    fits = _floor(epsilon_of(least))
    smaller = f"ask with at most ε {fits:.2f}" if fits > 0 else ""
    renewals = [one.renews_s for one in short]
    if None in renewals:
        later = "let the officer raise the budget that does not renew"
        if all(one.budget == "envelope" for one in short):
            later = "sign a new envelope for more"
    else:
        last = max(at for at in renewals if at is not None)
        later = f"wait until {datetime.fromtimestamp(last, UTC):%Y-%m-%d}"
    return ", or ".join(part for part in (smaller, later) if part)


def _next_year(now_s: int) -> int:
    year = datetime.fromtimestamp(now_s, UTC).year + 1
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _floor(epsilon: float) -> float:
    """To two digits, never more than is left."""
    return int(epsilon * 100) / 100
