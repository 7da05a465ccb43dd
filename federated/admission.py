"""Admission: may this study be asked of this site? A pure function of declarations (D8, D13).

It sees study, plan, dictionary and policy, never data and never how full the store is. Every
reason for a refusal is returned, in the order of the checks below, as a stable code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from federated.privacy.budgets import Budgets
from federated.privacy.loss import nano_rho_for
from federated.privacy.reply_time import mean_s
from federated.study.bound import demands
from federated.study.catalogue import Catalogue
from federated.study.fidelity import follows_measure
from federated.study.model import Statistic, Study
from federated.study.plan import Block, Plan
from policies.expression import check, names, parse
from policies.site import Project, SitePolicy

__all__ = ["REASONS", "Question", "admit", "admit_question", "budgets_of", "in_words"]

REASONS = {
    "policy_expired": "the site's policy is past its last day",
    "dictionary_differs": "the site keeps another dictionary",
    "purpose_not_allowed": "the purpose is not among those the site allows",
    "researcher_not_allowed": "the researcher is not among those the site allows",
    "project_not_allowed": "the site lists the projects it answers, and this is none of them",
    "researcher_not_in_project": "the site does not list the researcher for this project",
    "statistic_not_allowed": "the site does not answer a kind of statistic that is asked for",
    "measure_unknown": "the site allows signed measures only, and this is not one it knows",
    "element_not_available": "the site declares that it does not record an element asked for",
    "rows_over_limit": "more rows of one patient than the site allows",
    "statistics_over_limit": "more statistics than the site allows in one study",
    "cells_over_limit": "more cells than the site allows in one study",
    "study_over_budget": "the study alone costs more than the site allows for one study",
    "charge_too_small": "at so small a charge its reply would wait longer than the site allows",
}
"""Every reason code of a refusal, with its sentence."""


def budgets_of(policy: SitePolicy, project: str | None = None) -> Budgets:
    """The policy's ε limits as nano-rho, rounded down; with those of a project it lists."""
    budget = policy.budget
    researcher = budget.researcher_year_epsilon
    listed = (policy.projects or {}).get(project or "")
    return Budgets(
        year=nano_rho_for(budget.year_epsilon),
        life=nano_rho_for(budget.life_epsilon),
        researcher_year=nano_rho_for(budget.year_epsilon if researcher is None else researcher),
        researcher_life=_limit(budget.researcher_life_epsilon),
        project_year=None if listed is None else _limit(listed.year_epsilon),
        project_life=None if listed is None else _limit(listed.life_epsilon),
    )


def _limit(epsilon: float | None) -> int | None:
    return None if epsilon is None else nano_rho_for(epsilon)


@dataclass(frozen=True)
class Question:
    """A study with its plan, and what of them policies are held against: the same at every site,
    so reckoned once for all of them.
    """

    study: Study
    plan: Plan
    catalogue: Catalogue

    @cached_property
    def asked(self) -> tuple[Block, ...]:
        """The statistics. A parent is part of how a proportion's number known is told, not a
        statistic of its own.
        """
        parents = {one.parent for one in self.study.statistics}
        return tuple(block for block in self.plan.blocks if block.name not in parents)

    @cached_property
    def signed(self) -> bool:
        """Is every statistic a signed measure?"""
        return all(_signed_measures(self.study, self.catalogue))

    @cached_property
    def recorded(self) -> frozenset[str]:
        """The dictionary elements that it rests on."""
        registry = self.catalogue.registry(self.study.dictionary)
        return frozenset().union(*(registry.recorded(_used(block)) for block in self.plan.blocks))


def admit(
    study: Study,
    plan: Plan,
    policy: SitePolicy,
    catalogue: Catalogue,
    *,
    researcher: str,
    today: date,
) -> tuple[str, ...]:
    """Reason codes of the refusal, empty when admitted."""
    question = Question(study, plan, catalogue)
    return admit_question(question, policy, researcher=researcher, today=today)


def admit_question(
    question: Question, policy: SitePolicy, *, researcher: str, today: date
) -> tuple[str, ...]:
    """The same where several sites are asked."""
    return tuple(_reasons(question, policy, researcher, today))


def _reasons(question: Question, policy: SitePolicy, researcher: str, today: date) -> Iterator[str]:
    study, plan = question.study, question.plan
    if today > date.fromisoformat(policy.valid_until):
        yield "policy_expired"
    if study.dictionary != policy.dictionary:
        yield "dictionary_differs"
    if study.purpose not in policy.purposes:
        yield "purpose_not_allowed"
    if policy.researchers is not None and researcher not in policy.researchers:
        yield "researcher_not_allowed"
    if policy.projects is not None:
        yield from _project_reasons(study, policy.projects, researcher)
    if any(block.kind not in policy.statistics for block in question.asked):
        yield "statistic_not_allowed"
    if policy.measures_only and not question.signed:
        yield "measure_unknown"
    if question.recorded & set(policy.absent):
        yield "element_not_available"
    if any(block.rows_max > policy.limits.rows_max for block in plan.blocks):
        yield "rows_over_limit"
    if len(question.asked) > policy.limits.statistics_max:
        yield "statistics_over_limit"
    if plan.length > policy.limits.cells_max:
        yield "cells_over_limit"
    if plan.nano_rho > nano_rho_for(policy.budget.study_epsilon):
        yield "study_over_budget"
    if mean_s(plan.nano_rho, plan.parts) > policy.limits.wait_s_max:
        yield "charge_too_small"


def in_words(reasons: Iterable[str], question: Question, policy: SitePolicy) -> tuple[str, ...]:
    """Reason codes of this question's refusal as sentences, with the kinds of statistic where they
    are why. A code of a newer version is told as it is.
    """
    sentences = REASONS | {"statistic_not_allowed": _kinds(question, policy)}
    return tuple(sentences.get(reason, reason) for reason in reasons)


def _kinds(question: Question, policy: SitePolicy) -> str:
    of: dict[str, list[str]] = {}
    for block in question.asked:
        if block.kind not in policy.statistics:
            of.setdefault(block.kind, []).append(block.name)
    # By name too: the kind of a signed measure does not stand in the study.
    refused = "; ".join(f"{kind} ({', '.join(called)})" for kind, called in of.items())
    answered = ", ".join(policy.statistics) or "none"
    return f"the site does not answer statistics of the kind {refused}; it answers: {answered}"


def _project_reasons(
    study: Study, projects: Mapping[str, Project], researcher: str
) -> Iterator[str]:
    listed = projects.get(study.project or "")
    if listed is None:
        yield "project_not_allowed"
    elif listed.researchers is not None and researcher not in listed.researchers:
        yield "researcher_not_in_project"


def _signed_measures(study: Study, catalogue: Catalogue) -> Iterator[bool]:
    registry = catalogue.registry(study.dictionary)
    known = catalogue.measures(study.dictionary)
    parents = {one.parent for one in study.statistics}
    for statistic in study.statistics:
        if statistic.name in parents and statistic.measure is None:
            yield _counts_a_measures_cohort(statistic, study.dictionary, catalogue)
            continue
        if statistic.measure not in known:
            yield False
            continue
        measure = catalogue.measure(study.dictionary, str(statistic.measure))
        yield follows_measure(statistic, measure, registry)


def _counts_a_measures_cohort(statistic: Statistic, dictionary: str, catalogue: Catalogue) -> bool:
    """Does a parent count a signed measure's cohort? It may be narrowed, as a measure may."""
    scope = catalogue.registry(dictionary).scopes[statistic.unit]

    def demanded(text: str) -> set[str]:
        return demands(check(parse(text), scope, expect="boolean")[0])

    own = demanded(statistic.cohort)
    measures = (catalogue.measure(dictionary, name) for name in catalogue.measures(dictionary))
    return any(
        measure.unit == statistic.unit and demanded(measure.cohort) <= own for measure in measures
    )


def _used(block: Block) -> set[str]:
    used = {*block.by, *names(block.cohort)}
    ends = (block.event, block.competing)
    for part in (block.numerator, block.known, block.inside, *ends, block.value):
        if part is not None:
            used.update(names(part))
    if block.time is not None:
        used.add(block.time)
    return used
