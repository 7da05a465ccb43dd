"""From outcomes to a result: check the releases, add them up, read each statistic off.

Per-site mode: every site's release carries its own discrete Gaussian noise, so sums over sites
carry the sum of the variances (σ may differ between sites). Raw noisy vectors are added before
anything is clamped or projected; otherwise sums would be biased.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from federated.combine.count import estimate_count
from federated.combine.curves import curve, numbers, read_curves
from federated.combine.differences import difference
from federated.combine.estimate import Estimate
from federated.combine.mean import estimate_mean
from federated.combine.projection import Floats
from federated.combine.proportion import estimate_proportion
from federated.combine.quantiles import estimate_quantiles
from federated.combine.ratio import read_ratio
from federated.combine.readings import reading_variances, readings
from federated.combine.regressions import regress
from federated.combine.result import (
    ALL,
    MISSING,
    Asked,
    Curve,
    Difference,
    Quantity,
    Regression,
    Result,
    Row,
    SiteRecord,
)
from federated.combine.whole import whole_counts
from federated.errors import FederatedError, TooFewSites
from federated.privacy.release import Release
from federated.study.outcome import Outcome
from federated.study.plan import RATIOS, Block, Plan, Stratum
from policies.expression import canonical_text

__all__ = ["MISMATCH", "combine"]

MISMATCH = "release_mismatch"
"""Reason of a site whose release does not fit the plan; it is set aside, not added."""

_STRATA_PER_SITE_MAX = 6
"""With more strata than this a site is shown over all of them only: its cells are too small."""
_INTEGER_MAX = 2**63

Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class _Scope:
    """Readings of one stratum (None: all) at one site (None: all) and their noise variances."""

    stratum: Stratum | None
    site: str | None
    cells: Floats
    variances: Floats
    sites: int
    shown: float | None = None
    """Count only: the whole number that agrees with those of the other strata."""


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

    A release with another study digest, length or site name than the plan and outcome expect is
    set aside as ``release_mismatch``. ``titles`` (element → title) and ``labels`` (element → choice
    code → label) give the words for strata; names and codes stand in for what they lack.
    ``title`` and ``epsilon``, the cost in words, are passed on to the result. Outcomes may come in
    any order; bootstrap seeds derive from the study digest and the releases' keys, so the same
    releases give the same result to the last digit.

    Raises :class:`TooFewSites` if fewer than ``min_sites`` (at least one) are usable, and
    :class:`FederatedError` if a site appears twice.
    """
    usable, sites = _sort_out(plan, outcomes)
    if len(usable) < max(min_sites, 1):
        raise _too_few(sites, usable=len(usable), needed=max(min_sites, 1))
    seed = _seed(plan.study_digest, *sorted(release.key for release in usable))
    rows: list[Row] = []
    curves: list[Curve] = []
    tests: list[Difference] = []
    regressions: list[Regression] = []
    for block in plan.blocks:
        if block.references:
            regressions.append(
                _regression(plan, block, usable, titles or {}, labels or {}, confidence)
            )
        scopes = tuple(_scopes(plan, block, usable))
        first = len(rows)
        for scope in scopes:
            stratum = _labelled(block, scope.stratum, labels or {})
            if block.kind == "survival":
                found = read_curves(
                    block,
                    scope.cells,
                    float(scope.variances[0]),
                    seed=_seed(str(seed), block.name, repr(scope.stratum), repr(scope.site)),
                    confidence=confidence,
                )
                rows.extend(
                    _row(block, scope, stratum, quantity, estimate, day)
                    for quantity, estimate, day in numbers(block, found)
                )
                if scope.site is None:
                    curves.append(curve(block, stratum, found))
            elif block.kind == "quantiles":
                rows.extend(_quantile_rows(block, scope, stratum, confidence))
            else:
                rows.extend(
                    _row(block, scope, stratum, quantity, estimate)
                    for quantity, estimate in _read(block, scope, confidence).items()
                )
        pooled = [row for row in rows[first:] if row.site is None and not row.overall]
        tests.extend(_tested(block, scopes, pooled, labels or {}, seed, confidence))
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


def _sort_out(
    plan: Plan, outcomes: Sequence[Outcome]
) -> tuple[tuple[Release, ...], tuple[SiteRecord, ...]]:
    """Usable releases and one record per outcome, both in the order of site names."""
    usable: list[Release] = []
    sites: list[SiteRecord] = []
    for outcome in sorted(outcomes, key=lambda each: each.site):
        if sites and sites[-1].site == outcome.site:
            raise FederatedError(f"two outcomes for site {outcome.site}")
        release = outcome.release if outcome.state == "answered" else None
        state, reasons = outcome.state, outcome.reasons
        if state == "answered" and (release is None or not _fits(plan, outcome.site, release)):
            release, state, reasons = None, "failed", (*reasons, MISMATCH)
        if release is not None:
            usable.append(release)
        sites.append(
            SiteRecord(
                site=outcome.site,
                state=state,
                reasons=reasons,
                nano_rho=release.nano_rho if release is not None else 0,
                charged=outcome.charged,
            )
        )
    return tuple(usable), tuple(sites)


def _fits(plan: Plan, site: str, release: Release) -> bool:
    return (
        release.study_digest == plan.study_digest
        and release.site == site
        and len(release.values) == plan.length
        and all(abs(value) < _INTEGER_MAX for value in release.values)
        and math.isfinite(release.scale)
        and release.scale >= 0
    )


def _too_few(sites: Sequence[SiteRecord], *, usable: int, needed: int) -> TooFewSites:
    absent = "; ".join(
        f"{site.site}: {site.state}" + (f" ({', '.join(site.reasons)})" if site.reasons else "")
        for site in sites
        if site.state != "answered"
    )
    return TooFewSites(
        f"{usable} of {len(sites)} sites answered, {needed} needed"
        + (f" – {absent}" if absent else "")
    )


def _scopes(plan: Plan, block: Block, releases: Sequence[Release]) -> Iterator[_Scope]:
    """Pooled first (each stratum, then all), then site by site."""
    cells = np.asarray([readings(plan, block, release) for release in releases])
    variances = np.asarray([reading_variances(plan, block, release) for release in releases])
    strata = len(block.strata)

    def each(
        site: str | None, values: Floats, spread: Floats, sites: int, *, split: bool
    ) -> Iterator[_Scope]:
        total = None
        if split and block.by:
            shown = whole_counts(values[:, 0]) if block.kind == "count" else None
            for i, (stratum, row) in enumerate(zip(block.strata, values, strict=True)):
                whole = None if shown is None else float(shown[i])
                yield _Scope(stratum, site, row, spread, sites, whole)
            total = None if shown is None else float(shown.sum())
        yield _Scope(None, site, values.sum(axis=0), spread * strata, sites, total)

    yield from each(None, cells.sum(axis=0), variances.sum(axis=0), len(releases), split=True)
    few = block.kind != "survival" and strata <= _STRATA_PER_SITE_MAX
    for release, values, spread in zip(releases, cells, variances, strict=True):
        yield from each(release.site, values, spread, 1, split=few)


def _read(block: Block, scope: _Scope, confidence: float) -> dict[Quantity, Estimate]:
    """What a count, a proportion, a mean or a ratio tells."""
    cells = [float(value) for value in scope.cells]
    spread = [float(value) for value in scope.variances]
    if block.kind == "count":
        told = estimate_count(
            cells[0], spread[0], block.steps[0], confidence=confidence, shown=scope.shown
        )
        return {"count": told}
    if block.kind == "proportion":
        d, m = cells
        of = spread[0], spread[1]
        return {"proportion": estimate_proportion(d, m, of, confidence=confidence)}
    if block.kind in RATIOS:
        return read_ratio(block, (cells[0], cells[1]), (spread[0], spread[1]), confidence)
    s, q, n = cells
    of_each = spread[0], spread[1], spread[2]
    found = estimate_mean(s, q, n, of_each, block.bounds, confidence=confidence)
    return {"mean": found.mean, "sd": found.sd, "sum": found.total}


def _tested(
    block: Block,
    scopes: Sequence[_Scope],
    rows: Sequence[Row],
    labels: Labels,
    seed: int,
    confidence: float,
) -> Iterator[Difference]:
    """The test of difference, if the statistic has one: all sites together."""
    strata = [scope for scope in scopes if scope.site is None and scope.stratum is not None]
    if not block.by or not strata:
        return
    labelled = [_labelled(block, scope.stratum, labels) for scope in strata]
    found = difference(
        block,
        [list(dict.fromkeys(each[element] for each in labelled)) for element in block.by],
        np.stack([scope.cells for scope in strata]),
        strata[0].variances,
        rows,
        seed=_seed(str(seed), block.name, "difference"),
        confidence=confidence,
    )
    if found is not None:
        yield found


def _regression(
    plan: Plan,
    block: Block,
    releases: Sequence[Release],
    titles: Mapping[str, str],
    labels: Labels,
    confidence: float,
) -> Regression:
    """Over the strata of all sites together."""
    cells = np.sum([readings(plan, block, release) for release in releases], axis=0)
    spread = np.sum([reading_variances(plan, block, release) for release in releases], axis=0)

    def in_words(element: str, level: str) -> str:
        return _label(labels.get(element, {}), level)

    return regress(block, cells, spread, titles=titles, in_words=in_words, confidence=confidence)


def _quantile_rows(
    block: Block, scope: _Scope, stratum: dict[str, str], confidence: float
) -> Iterator[Row]:
    found = estimate_quantiles(
        scope.cells,
        float(scope.variances[0]),
        block.edges,
        block.bounds,
        block.levels,
        steps=block.steps,
        confidence=confidence,
    )
    for level, estimate in zip(block.levels, found, strict=True):
        yield _row(block, scope, stratum, "quantile", estimate, level=level)


def _row(
    block: Block,
    scope: _Scope,
    stratum: dict[str, str],
    quantity: Quantity,
    estimate: Estimate,
    day: int | None = None,
    level: float | None = None,
) -> Row:
    return Row(
        statistic=block.name,
        title=block.title,
        quantity=quantity,
        stratum=stratum,
        site=scope.site,
        time_days=day,
        estimate=estimate.estimate,
        lower=estimate.lower,
        upper=estimate.upper,
        raw=estimate.raw,
        noise_sd=estimate.noise_sd,
        sampling_share=estimate.sampling_share,
        n=estimate.n,
        uninformative=estimate.uninformative,
        sites=scope.sites,
        level=level,
        per=block.per if quantity == "rate" else None,
    )


def _labelled(block: Block, stratum: Stratum | None, labels: Labels) -> dict[str, str]:
    if stratum is None:
        return dict.fromkeys(block.by, ALL)
    return {
        element: MISSING if level is None else _label(labels.get(element, {}), level)
        for element, level in zip(block.by, stratum, strict=True)
    }


def _label(words: Mapping[str, str], level: str) -> str:
    """A level in words; with its code where two levels share the same words."""
    label = words.get(level, level)
    return f"{label} ({level})" if list(words.values()).count(label) > 1 else label


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
        competing=block.causes > 1,
    )


def _seed(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:16], "big")
