"""What a study would cost and how sharp it would be, before anything is spent (D9).

Everything is computed from study and policies, so it is free and exact for additive figures.
For proportions and survival the ± depends on how many patients there are; it is shown for an
assumed cohort size per site, and said so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from federated.admission import admit, budgets_of
from federated.privacy.budgets import Spending, shortfalls
from federated.privacy.loss import epsilon_of
from federated.privacy.totals import Spent
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import Study
from federated.study.plan import Block, Plan
from policies.site import SitePolicy

__all__ = ["Accuracy", "BudgetRow", "Preview", "SitePreview", "preview", "simulate"]

Z = 1.959963984540054
ASSUMED_ROWS = 60
"""Cohort rows per site and stratum for which ratios are previewed."""


@dataclass(frozen=True)
class Accuracy:
    """± (95 %, noise alone) of one statistic in one stratum. ``per_site`` and ``pooled`` are
    in rows for counts, in fractions (0–1) for proportions and survival, in the value's unit
    for means and in ranks (0–1) for quantiles: .05 is a median that may be told as what lies
    between the quantiles .45 and .55; ``assumed_rows`` is None for counts, where no assumption is
    needed.
    """

    statistic: str
    kind: str
    strata: int
    per_site: float
    pooled: float
    assumed_rows: int | None


@dataclass(frozen=True)
class SitePreview:
    """Whether a site's published policy admits the study."""

    site: str
    reasons: tuple[str, ...]

    @property
    def admitted(self) -> bool:
        """True if nothing in the policy stands against the study."""
        return not self.reasons


@dataclass(frozen=True)
class Preview:
    """Cost at each site and the accuracy to expect."""

    title: str
    nano_rho: int
    epsilon: float
    epsilon_substitution: float
    sites_per_patient_max: int
    epsilon_duplicate: float
    cells: int
    sites: tuple[SitePreview, ...]
    accuracy: tuple[Accuracy, ...]


def preview(
    study: Study,
    catalogue: Catalogue,
    policies: Sequence[SitePolicy],
    *,
    researcher: str,
    today: date,
    sites_per_patient_max: int = 1,
    assumed_rows: int = ASSUMED_ROWS,
) -> Preview:
    """Preview a resolved study against the sites' published policies."""
    plan = compile_study(study, catalogue)
    sites = tuple(
        SitePreview(
            policy.site,
            admit(study, plan, policy, catalogue, researcher=researcher, today=today),
        )
        for policy in policies
    )
    answering = sum(site.admitted for site in sites)
    return Preview(
        title=study.title,
        nano_rho=plan.nano_rho,
        epsilon=epsilon_of(plan.nano_rho),
        epsilon_substitution=epsilon_of(substitution_nano_rho(plan)),
        sites_per_patient_max=sites_per_patient_max,
        epsilon_duplicate=epsilon_of(plan.nano_rho * sites_per_patient_max),
        cells=plan.length,
        sites=sites,
        accuracy=tuple(_accuracy(plan, block, answering, assumed_rows) for block in plan.blocks),
    )


def substitution_nano_rho(plan: Plan) -> int:
    """Loss of a patient whose membership is known and whose values alone are protected."""
    return -(-plan.nano_rho * plan.l2_squared_substitution // plan.l2_squared)


def _accuracy(plan: Plan, block: Block, sites: int, assumed_rows: int) -> Accuracy:
    variances = plan.unit_variances(block)
    if block.kind == "count":
        per_row = plan.scale * math.sqrt(variances[0])
        pooled_rows = per_row * math.sqrt(max(sites, 1))
        return Accuracy(
            block.name,
            block.kind,
            len(block.strata),
            Z * per_row,
            Z * pooled_rows,
            None,
        )
    # A proportion of 0 or 1, where the noise of the number known matters most (PROOFS.md); for
    # survival, the sum of half the event cells; a mean half way from the middle to an end; the
    # rank of a median, half of every cell.
    spread, widest = variances[0] * block.bins / 2, 1.0
    if block.kind == "proportion":
        spread = (variances[0] + variances[1]) / 4
    elif block.kind == "mean":
        widest = (block.bounds[1] - block.bounds[0]) / 2
        spread = widest**2 * (variances[0] + variances[2] / 4)
    elif block.kind == "quantiles":
        widest, spread = 0.5, variances[0] * block.bins / 4
    per_site = Z * plan.scale * math.sqrt(spread) / assumed_rows
    pooled = per_site / math.sqrt(max(sites, 1))
    return Accuracy(
        block.name,
        block.kind,
        len(block.strata),
        min(per_site, widest),
        min(pooled, widest),
        assumed_rows,
    )


@dataclass(frozen=True)
class BudgetRow:
    """One study at one site in a simulated sequence. ``left_year_epsilon`` is what the site's
    year budget still allows afterwards, in ε at δ = 10⁻⁶.
    """

    study: str
    site: str
    reasons: tuple[str, ...]
    left_year_epsilon: float
    left_life_epsilon: float


def simulate(
    studies: Sequence[Study],
    catalogue: Catalogue,
    policies: Sequence[SitePolicy],
    *,
    researcher: str,
    today: date,
) -> tuple[BudgetRow, ...]:
    """Ask the studies one after another of every published policy, from a fresh year."""
    rows = []
    plans = [(study, compile_study(study, catalogue)) for study in studies]
    midnight_s = int(datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp())
    for policy in policies:
        spent, of_project = 0, dict.fromkeys((study.project for study in studies), 0)
        asked: set[str] = set()
        for study, plan in plans:
            reasons = admit(study, plan, policy, catalogue, researcher=researcher, today=today)
            # A question asked before is answered from the store, without a charge.
            charge = 0 if plan.study_digest in asked else plan.nano_rho
            budgets = budgets_of(policy, study.project)
            before = Spent(spent, spent)
            project = Spent(of_project[study.project], of_project[study.project])
            short = [
                one.reason
                for one in shortfalls(
                    charge, None, budgets, Spending(before, before, project, 0), midnight_s
                )
            ]
            if not reasons and not short:
                spent += charge
                of_project[study.project] += charge
                asked.add(plan.study_digest)
            rows.append(
                BudgetRow(
                    study.title,
                    policy.site,
                    (*reasons, *short),
                    epsilon_of(max(0, budgets.year - spent)),
                    epsilon_of(max(0, budgets.life - spent)),
                )
            )
    return tuple(rows)
