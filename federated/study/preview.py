"""What a study would cost and how sharp it would be, before anything is spent (D9).

Everything is computed from study and policies, so it is free and exact for additive figures.
For proportions and survival the ± depends on how many patients there are; it is shown for an
assumed cohort size per site, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from federated.admission import Question, admit_question, in_words
from federated.privacy.loss import epsilon_of
from federated.privacy.reply_time import MEAN_S_MAX, deadline_s, late_s, mean_s, values_share
from federated.study.accuracy import ASSUMED_ROWS, plus_minus
from federated.study.catalogue import Catalogue
from federated.study.cautions import Caution
from federated.study.compile import compile_study
from federated.study.model import Study
from federated.study.plan import Plan
from federated.study.same_rows import same_rows
from policies.site import SitePolicy

__all__ = ["Accuracy", "Preview", "SitePreview", "cost_in_words", "preview"]


@dataclass(frozen=True)
class Accuracy:
    """± (95 %, noise alone) of one statistic in one stratum. ``per_site`` and ``pooled`` are
    in rows for counts, in fractions (0–1) for proportions and survival, in the value's unit
    for means, in ranks (0–1) for quantiles: .05 is a median that may be told as what lies
    between the quantiles .45 and .55; and in events as a share of all rows for rates and
    observed/expected. ``assumed_rows`` is None for counts, where no assumption is needed.
    """

    statistic: str
    kind: str
    strata: int
    per_site: float
    pooled: float
    assumed_rows: int | None
    rows_max: int = 1
    """Rows of a patient that can count."""
    index_rows: bool = True
    """Whether the cohort has no more of them; else the first by a secret order count, and the
    number told is that of rows among those.
    """
    put_together_with: tuple[str, ...] = ()
    """Statistics that count the same rows, divided differently: the ± is of what all of them tell.
    Differences, tests and regressions read each alone, with more noise.
    """


@dataclass(frozen=True)
class SitePreview:
    """Whether a site's published policy admits the study."""

    site: str
    reasons: tuple[str, ...]
    messages: tuple[str, ...] = ()
    """The reasons in words."""

    @property
    def admitted(self) -> bool:
        """True if nothing in the policy stands against the study."""
        return not self.reasons

    def to_json(self) -> dict[str, Any]:
        """Plain values: the codes of ``reasons``, and beside them the words."""
        return asdict(self) | {"admitted": self.admitted, "messages": list(self.messages)}


@dataclass(frozen=True)
class Preview:
    """Cost at each site and the accuracy to expect. ``pooled_sites`` is how many sites the pooled
    figures are told for: those that admit the study, or all that are asked where none does.
    ``cautions`` are what to know besides; those about policies name sites that are not in
    ``sites``, because nothing can be said of them.
    """

    title: str
    nano_rho: int
    epsilon: float
    epsilon_substitution: float
    sites_per_patient_max: int
    epsilon_duplicate: float
    cells: int
    sites: tuple[SitePreview, ...]
    accuracy: tuple[Accuracy, ...]
    wait_mean_s: float | None
    """How long a site waits in the mean, having read, before it replies; the same at all sites.
    None where the charge is too small for any wait, which every site refuses.
    """
    wait_late_s: float | None
    """The wait that one reply in 30,000 exceeds."""
    deadline_s: int
    """What ``submit`` gives the sites, if nothing else is said."""
    pooled_sites: int = 1
    cautions: tuple[Caution, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, with a code beside every text."""
        return asdict(self) | {"sites": [site.to_json() for site in self.sites]}


def preview(
    study: Study,
    catalogue: Catalogue,
    policies: Sequence[SitePolicy],
    *,
    researcher: str,
    today: date,
    sites_per_patient_max: int = 1,
    assumed_rows: int = ASSUMED_ROWS,
    without_policy: Sequence[Caution] = (),
) -> Preview:
    """Preview a resolved study against the sites' published policies. ``without_policy`` are about
    the sites asked that have none to judge by.
    """
    unknown = [name for caution in without_policy for name in caution.sites]
    plan = compile_study(study, catalogue)
    question = Question(study, plan, catalogue)
    reasons = [
        admit_question(question, policy, researcher=researcher, today=today) for policy in policies
    ]
    sites = tuple(
        SitePreview(policy.site, why, in_words(why, question, policy))
        for policy, why in zip(policies, reasons, strict=True)
    )
    waits = mean_s(plan.nano_rho, plan.parts) <= MEAN_S_MAX
    answering = sum(site.admitted for site in sites) or max(len(sites) + len(unknown), 1)
    told = _accuracy(plan, answering, assumed_rows)
    return Preview(
        title=study.title,
        nano_rho=plan.nano_rho,
        epsilon=epsilon_of(plan.nano_rho),
        epsilon_substitution=epsilon_of(substitution_nano_rho(plan)),
        sites_per_patient_max=sites_per_patient_max,
        epsilon_duplicate=epsilon_of(plan.nano_rho * sites_per_patient_max),
        cells=plan.length,
        sites=sites,
        accuracy=told,
        wait_mean_s=mean_s(plan.nano_rho, plan.parts) if waits else None,
        wait_late_s=late_s(plan.nano_rho, plan.parts) if waits else None,
        deadline_s=deadline_s(plan.nano_rho, plan.parts),
        pooled_sites=answering,
        cautions=(*_cautions(sites, told), *without_policy),
    )


def _cautions(sites: Sequence[SitePreview], told: Sequence[Accuracy]) -> Iterator[Caution]:
    thinned: dict[int, list[str]] = {}
    for part in told:
        if not part.index_rows:
            thinned.setdefault(part.rows_max, []).append(part.statistic)
    for rows_max, names in thinned.items():
        rows = "one row" if rows_max == 1 else f"{rows_max} rows"
        yield Caution(
            "only_first_rows_count",
            f"of a patient with more than {rows} only the first by a secret order can count "
            f"(rows_max): {', '.join(names)}",
            statistics=tuple(names),
        )
    if sites and not any(site.admitted for site in sites):
        yield Caution(
            "no_site_admits",
            "no policy that is known admits it: the precision is that of all sites asked",
            sites=tuple(site.site for site in sites),
        )


def cost_in_words(plan: Plan, sites_per_patient_max: int) -> str:
    """What a patient loses by a study's answers, for people to read beside them."""
    known = epsilon_of(substitution_nano_rho(plan))
    said = (
        f"ε ≤ {epsilon_of(plan.nano_rho):.3g} at δ = 10⁻⁶ per patient and site; ε ≤ {known:.3g} "
        "where it is known who is in the registry and values alone are protected"
    )
    if sites_per_patient_max > 1:
        several = epsilon_of(plan.nano_rho * sites_per_patient_max)
        said += f"; ε ≤ {several:.3g} for a patient at {sites_per_patient_max} sites"
    return said


def substitution_nano_rho(plan: Plan) -> int:
    """Loss of a patient whose membership is known and whose values alone are protected."""
    of_values = values_share(plan.nano_rho)
    # A patient that leaves and one that comes move the time twice as far, at four times the loss.
    of_time = 4 * (plan.nano_rho - of_values)
    return -(-of_values * plan.l2_squared_substitution // plan.l2_squared) + of_time


def _accuracy(plan: Plan, sites: int, assumed_rows: int) -> tuple[Accuracy, ...]:
    near = plus_minus(plan, sites=1, rows=assumed_rows)
    far = plus_minus(plan, sites=sites, rows=assumed_rows)
    others = {
        i: tuple(plan.blocks[j].name for j in places if j != i)
        for places in same_rows(plan)
        for i in places
    }
    return tuple(
        Accuracy(
            block.name,
            block.kind,
            len(block.strata),
            near[block.name],
            far[block.name],
            None if block.kind == "count" else assumed_rows,
            block.rows_max,
            not block.by_order,
            others[i],
        )
        for i, block in enumerate(plan.blocks)
    )
