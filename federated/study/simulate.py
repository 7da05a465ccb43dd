"""Where budgets would end if a list of studies were asked, once or again and again, over years.

Reckoned from published policies alone, so it is free. What it takes for granted:

- All studies of the list are asked on one day, in their order: today, and then every so many days
  (by default on the same day of each year).
- A site has its first snapshot today and publishes new data whenever its policy lets it
  (``publish_every_days``; every day where that is 0). A question is charged once for each snapshot
  that it is put to; put to the same one again it is answered from the store, in another year too.
  A site that publishes more rarely charges less. One that must publish sooner (withdrawn consent)
  charges more.
- Budgets of a year are those of calendar years in UTC, as in the ledger, and books are empty today.
- Policies are renewed as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
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

__all__ = ["ASKED_EVERY_DAYS_MIN", "BudgetRow", "Simulation", "simulate"]

ASKED_EVERY_DAYS_MIN = 7
"""A list asked for a century has 5,218 days of asking at the most."""


@dataclass(frozen=True)
class BudgetRow:
    """One study of a researcher, asked of one site on one day (``asked_on``, ISO): what its policy
    or budgets say against it (``reasons``, with ``messages`` in words; none: answered), what it
    costs there (0 if that ``snapshot`` has answered it before), and what each budget would still
    allow afterwards, in ε at δ = 10⁻⁶; None where the researcher or the project has none of its
    own. ``year`` is the calendar year whose budgets these are, ``snapshot`` the site's, counted
    from 1. ``project`` is None for a study in the name of none. ``number`` is the study's place in
    the list, from 1: titles may be alike.
    """

    asked_on: str
    year: int
    snapshot: int
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
    """``asked_every_days`` is None for a list asked once a year. ``publish_every_days`` has, by
    site, how often new data is taken to be published. ``cautions`` name sites that have no rows
    because their policy is not known.
    """

    rows: tuple[BudgetRow, ...]
    asked_on: tuple[str, ...]
    asked_every_days: int | None
    publish_every_days: dict[str, int]
    cautions: tuple[Caution, ...] = ()

    def assumed(self) -> tuple[str, ...]:
        """What is taken for granted, in sentences."""
        first, last = self.asked_on[0], self.asked_on[-1]
        days = self.asked_every_days
        often = "once a year" if days is None else f"every {days} days"
        when = (
            first
            if first == last
            else f"{often}, {len(self.asked_on)} times from {first} to {last}"
        )
        sites: dict[int, list[str]] = {}
        for site, every in self.publish_every_days.items():
            sites.setdefault(max(1, every), []).append(site)
        published = "; ".join(
            f"every {'day' if every == 1 else f'{every} days'} ({', '.join(names)})"
            for every, names in sorted(sites.items())
        )
        return (
            f"All studies are asked on one day, in this order: {when}.",
            f"New data is published on the first day and as soon as policies allow: {published}."
            if published
            else "No policy is known.",
            "A question is charged once for a snapshot that it is put to, and again for the next.",
            "A year's budget is a calendar year's; books are empty on the first day.",
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values, with what is :meth:`assumed`."""
        return asdict(self) | {"assumed": list(self.assumed())}


@dataclass
class _Books:
    """Nano-rho spent at one site since the year began and for life; the same by project.
    ``stored`` has the questions that ``snapshot`` has answered.
    """

    calendar_year: int = 0
    year: int = 0
    life: int = 0
    of_project: dict[str | None, tuple[int, int]] = field(default_factory=dict)
    snapshot: int = 0
    stored: set[str] = field(default_factory=set)

    def turn_to(self, calendar_year: int, snapshot: int) -> None:
        """A new year has its budget, a new snapshot has answered nothing; else nothing changes."""
        if calendar_year != self.calendar_year:
            self.calendar_year, self.year = calendar_year, 0
            self.of_project = {name: (0, life) for name, (_, life) in self.of_project.items()}
        if snapshot != self.snapshot:
            self.snapshot, self.stored = snapshot, set()

    def spending(self, project: str | None) -> Spending:
        # One researcher asks everything here.
        site = Spent(self.year, self.life)
        return Spending(site, site, Spent(*self.of_project.get(project, (0, 0))), 0)

    def spend(self, charge: int, plan: Plan, project: str | None) -> None:
        self.year += charge
        self.life += charge
        year, life = self.of_project.get(project, (0, 0))
        self.of_project[project] = year + charge, life + charge
        self.stored.add(plan.study_digest)


def simulate(
    studies: Sequence[Study],
    catalogue: Catalogue,
    policies: Sequence[SitePolicy],
    *,
    researcher: str,
    today: date,
    years: int = 1,
    asked_every_days: int | None = None,
    without_policy: Sequence[Caution] = (),
) -> Simulation:
    """Ask the studies in their order of every published policy, from empty books: today, and for
    ``years`` years every ``asked_every_days`` days (None: on the same day of each year).
    ``without_policy`` are about the sites asked that have none to reckon with.

    Raises ValueError for less than a year or fewer days than :data:`ASKED_EVERY_DAYS_MIN`.
    """
    days = _days_of_asking(today, years, asked_every_days)
    questions = [Question(study, compile_study(study, catalogue), catalogue) for study in studies]
    rows = (row for policy in policies for row in _at_site(questions, policy, researcher, days))
    return Simulation(
        tuple(rows),
        tuple(day.isoformat() for day in days),
        asked_every_days,
        {policy.site: policy.publish_every_days for policy in policies},
        tuple(without_policy),
    )


def _days_of_asking(today: date, years: int, every_days: int | None) -> list[date]:
    if years < 1 or (every_days is not None and every_days < ASKED_EVERY_DAYS_MIN):
        raise ValueError(f"expected a year or more, and {ASKED_EVERY_DAYS_MIN} days or more")
    if every_days is None:
        return [_years_later(today, number) for number in range(years)]
    span = (_years_later(today, years) - today).days
    return [today + timedelta(days) for days in range(0, span, every_days)]


def _years_later(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day and years else day.day)


def _at_site(
    questions: Sequence[Question], policy: SitePolicy, researcher: str, days: Sequence[date]
) -> Iterator[BudgetRow]:
    refused = [
        admit_question(question, policy, researcher=researcher, today=days[0])
        for question in questions
    ]
    books = _Books()
    for day in days:
        # As many as can have been published by then.
        snapshot = 1 + (day - days[0]).days // max(1, policy.publish_every_days)
        books.turn_to(day.year, snapshot)
        for number, (question, why) in enumerate(zip(questions, refused, strict=True), start=1):
            yield _row(number, question, why, policy, researcher, day, books)


def _row(
    number: int,
    question: Question,
    why: tuple[str, ...],
    policy: SitePolicy,
    researcher: str,
    day: date,
    books: _Books,
) -> BudgetRow:
    """Ask one question: ``why`` is what the policy says against it, ``books`` are brought up to
    date.
    """
    study, plan = question.study, question.plan
    # What this snapshot has answered is answered from the store, without a charge.
    charge = 0 if plan.study_digest in books.stored else plan.nano_rho
    midnight_s = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    budgets = budgets_of(policy, study.project)
    spending = books.spending(study.project)
    # A site looks at its budgets once its policy has admitted the question.
    short = () if why else shortfalls(charge, None, budgets, spending, midnight_s)
    reasons = (*why, *(one.reason for one in short))
    if not reasons:
        books.spend(charge, plan, study.project)
    spent = books.spending(study.project)
    return BudgetRow(
        asked_on=day.isoformat(),
        year=day.year,
        snapshot=books.snapshot,
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
