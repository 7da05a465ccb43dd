"""From outcomes to a result: check the releases, add them up, read each statistic off.

Per-site mode: every site's release carries its own discrete Gaussian noise, so sums over sites
carry the sum of the variances. Raw noisy vectors are added before
anything is clamped or projected; otherwise sums would be biased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.curves import curve, numbers, read_curves
from federated.combine.differences import difference
from federated.combine.intake import sort_out, too_few
from federated.combine.labels import Labels, label, labelled, levels
from federated.combine.regressions import regress
from federated.combine.result import Asked, Curve, Difference, Regression, Result, Row
from federated.combine.row_counts import row_counts
from federated.combine.rows import read_rows, row, set_apart
from federated.combine.scopes import Scope, scopes
from federated.study.outcome import Outcome
from federated.study.plan import Block, Plan
from federated.study.same_rows import same_rows
from policies.expression import canonical_text

__all__ = ["combine"]


def combine(
    plan: Plan,
    outcomes: Sequence[Outcome],
    *,
    title: str = "",
    confidence: float = 0.95,
    min_sites: int = 1,
    epsilon: str = "",
    titles: Mapping[str, str] | None = None,
    labels: Labels | None = None,
) -> Result:
    """Pool the releases of the sites that answered and name the others with their reasons.

    A release that does not fit the plan (intake.py) is set aside, its site named with the reason.
    ``titles`` (element → title) and ``labels`` (element → choice code → label) give the words for
    strata; names and codes stand in for what they lack. ``title`` and ``epsilon``, the cost in
    words, are passed on. Outcomes may come in any order: bootstrap seeds derive from the study
    digest and the releases' keys, so the same releases give the same result to the last digit.

    Raises :class:`TooFewSites` if fewer than ``min_sites`` (at least one) are usable, and
    :class:`FederatedError` if a site appears twice.
    """
    usable, sites = sort_out(plan, outcomes)
    if len(usable) < max(min_sites, 1):
        raise too_few(sites, usable=len(usable), needed=max(min_sites, 1))
    seed = _seed(plan.study_digest, *sorted(release.key for release in usable))
    rows: list[Row] = []
    curves: list[Curve] = []
    tests: list[Difference] = []
    regressions: list[Regression] = []
    # Blocks that count the same rows share the draws of their bootstrap: their totals agree.
    same = same_rows(plan)
    first = {i: plan.blocks[places[0]].name for places in same for i in places}
    for i, every in enumerate(read := scopes(plan, usable, same)):
        block, counts = plan.blocks[i], row_counts(plan, plan.blocks[i], read)
        if block.references:
            regressions.append(_regression(block, every, titles or {}, labels or {}, confidence))
        for scope in every:
            stratum = labelled(block, scope.stratum, labels or {})
            if scope.cell_noise is None or block.kind != "survival":
                rows.extend(read_rows(block, scope, stratum, confidence, counts))
                continue
            own = _seed(str(seed), first[i], repr(scope.stratum), repr(scope.site))
            of_days, drawn = _survival(block, scope, scope.cell_noise, stratum, own, confidence)
            rows.extend(of_days)
            curves.extend(drawn)
        tests.extend(_tested(block, every, labels or {}, seed, confidence))
    return Result(
        title=title,
        study_digest=plan.study_digest,
        digests=dict(plan.digests),
        confidence=confidence,
        epsilon=epsilon,
        asked=tuple(_asked(block, titles or {}) for block in plan.blocks),
        sites=sites,
        rows=tuple(rows),
        curves=tuple(curves),
        tests=tuple(tests),
        regressions=tuple(regressions),
    )


def _survival(
    block: Block,
    scope: Scope,
    noise: CellNoise,
    stratum: dict[str, str],
    seed: int,
    confidence: float,
) -> tuple[list[Row], list[Curve]]:
    """Rows of a curve; and the curve itself, which is told of all sites alone."""
    found = read_curves(block, scope.cells, noise, seed=seed, confidence=confidence)
    rows = [
        row(block, scope, stratum, quantity, estimate, day)
        for quantity, estimate, day in numbers(block, found)
    ]
    return rows, [] if scope.site is not None else [curve(block, stratum, found)]


def _tested(
    block: Block,
    every: Sequence[Scope],
    labels: Labels,
    seed: int,
    confidence: float,
) -> Iterator[Difference]:
    """The test of difference, if the statistic has one: all sites together."""
    strata = _pooled(every)
    if not strata:
        return
    found = difference(
        block,
        levels(block, labels),
        np.stack([scope.alone.cells for scope in strata]),
        strata[0].alone.variances,
        lambda i: set_apart(block, strata[i], confidence),
        seed=_seed(str(seed), block.name, "difference"),
        confidence=confidence,
    )
    if found is not None:
        yield found


def _pooled(every: Sequence[Scope]) -> list[Scope]:
    """The strata of all sites together; none where nothing divides the statistic."""
    return [scope for scope in every if scope.site is None and scope.stratum is not None]


def _regression(
    block: Block,
    every: Sequence[Scope],
    titles: Mapping[str, str],
    labels: Labels,
    confidence: float,
) -> Regression:
    """Over the strata of all sites together."""
    strata = _pooled(every)
    cells = np.stack([scope.alone.cells for scope in strata])

    def in_words(element: str, level: str) -> str:
        return label(labels.get(element, {}), level)

    return regress(
        block,
        cells,
        strata[0].alone.variances,
        titles=titles,
        in_words=in_words,
        confidence=confidence,
    )


def _asked(block: Block, titles: Mapping[str, str]) -> Asked:
    return Asked(
        statistic=block.name,
        title=block.title,
        kind=block.kind,
        unit=block.unit,
        cohort=canonical_text(block.cohort if block.inside is None else block.inside),
        by=block.by,
        by_titles=tuple(titles.get(element, element) for element in block.by),
        rows_max=block.rows_max,
        index_rows=not block.by_order,
        bounds=None if block.value is None else block.bounds,
        competing=block.causes > 1,
        terms=_terms(block),
    )


def _terms(block: Block) -> dict[str, str]:
    value = {"rate": "time", "observed_expected": "expected"}.get(block.kind, "value")
    parts = {
        "answer": block.numerator,
        "event": block.event,
        "competing event": block.competing,
        value: block.value,
    }
    terms = {role: canonical_text(node) for role, node in parts.items() if node is not None}
    return terms if block.time is None else terms | {"time": block.time}


def _seed(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:16], "big")
