"""Where budgets would end if studies were asked one after another, this year and in years to come.

Reckoned from published policies alone, so it is free. Every year has a new snapshot, so the same
question costs again; within a year it is answered from the store. Policies are taken to be renewed
as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from federated.admission import Question, admit_question, budgets_of, in_words
from federated.privacy.budgets import OWNERS, Spending, shortfalls
from federated.privacy.loss import epsilon_of
from federated.privacy.totals import Spent
from federated.study.catalogue import Catalogue
from federated.study.cautions import Caution
from federated.study.compile import compile_study
from federated.study.model import Study
from federated.study.plan import Plan
from policies.site import SitePolicy

__all__ = ["BudgetRow", "Simulation", "simulate"]


@dataclass(frozen=True)
class BudgetRow:
    """One study of a researcher at one site in a simulated sequence: what its policy or budgets say
    against it (``reasons``, with ``messages`` in words; none: answered), what it costs there (0 if
    it was asked that year), and what each budget would still allow afterwards, in ε at δ = 10⁻⁶;
    None where the researcher or the project has none of its own. ``project`` is None for a study in
    the name of none. ``number`` is the study's place in the sequence, from 1: titles may be alike.
    """

    year: int
    number: int
    study: str
    site: str
    researcher: str
    project: str | None
    reasons: tuple[str, ...]
    messages: tuple[str, ...]
    cost_epsilon: float
    left_year_epsilon: float
    left_life_epsilon: float
    left_researcher_year_epsilon: float | None
    left_researcher_life_epsilon: float | None
    left_project_year_epsilon: float | None
    left_project_life_epsilon: float | None


@dataclass(frozen=True)
class Simulation:
    """``cautions`` name sites that have no rows because their policy is not known."""

    rows: tuple[BudgetRow, ...]
    cautions: tuple[Caution, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass
class _Books:
    """Nano-rho spent at one site since the year began and for life; the same by project."""

    year: int = 0
    life: int = 0
    of_project: dict[str | None, tuple[int, int]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def new_year(self) -> None:
        self.year, self.asked = 0, set()
        self.of_project = {name: (0, life) for name, (_, life) in self.of_project.items()}

    def spending(self, project: str | None) -> Spending:
        # One researcher asks everything here.
        site = Spent(self.year, self.life)
        return Spending(site, site, Spent(*self.of_project.get(project, (0, 0))), 0)

    def spend(self, charge: int, plan: Plan, project: str | None) -> None:
        self.year += charge
        self.life += charge
        year, life = self.of_project.get(project, (0, 0))
        self.of_project[project] = year + charge, life + charge
        self.asked.add(plan.study_digest)


def simulate(
    studies: Sequence[Study],
    catalogue: Catalogue,
    policies: Sequence[SitePolicy],
    *,
    researcher: str,
    today: date,
    years: int = 1,
    without_policy: Sequence[Caution] = (),
) -> Simulation:
    """Ask the studies in their order, each of ``years`` years, of every published policy; from
    empty books. ``without_policy`` are about the sites asked that have none to reckon with.
    """
    questions = [Question(study, compile_study(study, catalogue), catalogue) for study in studies]
    rows = (
        row for policy in policies for row in _at_site(questions, policy, researcher, today, years)
    )
    return Simulation(tuple(rows), tuple(without_policy))


def _at_site(
    questions: Sequence[Question],
    policy: SitePolicy,
    researcher: str,
    today: date,
    years: int,
) -> Iterator[BudgetRow]:
    refused = [
        admit_question(question, policy, researcher=researcher, today=today)
        for question in questions
    ]
    books = _Books()
    for year in range(today.year, today.year + years):
        midnight_s = int(datetime(year, today.month, min(today.day, 28), tzinfo=UTC).timestamp())
        books.new_year()
        for number, (question, why) in enumerate(zip(questions, refused, strict=True), start=1):
            study, plan = question.study, question.plan
            # A question asked before is answered from the store, without a charge.
            charge = 0 if plan.study_digest in books.asked else plan.nano_rho
            budgets = budgets_of(policy, study.project)
            short = shortfalls(charge, None, budgets, books.spending(study.project), midnight_s)
            reasons = (*why, *(one.reason for one in short))
            if not reasons:
                books.spend(charge, plan, study.project)
            spent = books.spending(study.project)
            yield BudgetRow(
                year=year,
                number=number,
                study=study.title,
                site=policy.site,
                researcher=researcher,
                project=study.project,
                reasons=reasons,
                messages=(
                    *in_words(why, question, policy),
                    *(f"{OWNERS[one.budget]} has too little left" for one in short),
                ),
                cost_epsilon=0.0 if reasons else epsilon_of(charge),
                left_year_epsilon=epsilon_of(max(0, budgets.year - spent.site.year)),
                left_life_epsilon=epsilon_of(max(0, budgets.life - spent.site.life)),
                left_researcher_year_epsilon=_left(budgets.researcher_year, spent.researcher.year),
                left_researcher_life_epsilon=_left(budgets.researcher_life, spent.researcher.life),
                left_project_year_epsilon=_left(budgets.project_year, spent.project.year),
                left_project_life_epsilon=_left(budgets.project_life, spent.project.life),
            )


def _left(limit: int | None, used: int) -> float | None:
    return None if limit is None else epsilon_of(max(0, limit - used))
