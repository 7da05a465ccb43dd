"""Which releases are added: those that fit the plan; every site is named with what became of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from federated.combine.result import SiteRecord
from federated.errors import FederatedError, TooFewSites
from federated.privacy.release import Release
from federated.study.outcome import Outcome
from federated.study.plan import Plan

__all__ = ["MISMATCH", "sort_out", "too_few"]

MISMATCH = "release_mismatch"
"""Reason of a site whose release does not fit the plan; it is set aside, not added."""

_INTEGER_MAX = 2**63


def sort_out(
    plan: Plan, outcomes: Sequence[Outcome]
) -> tuple[tuple[Release, ...], tuple[SiteRecord, ...]]:
    """Usable releases and one record per outcome, both in the order of site names.

    FederatedError if a site appears twice.
    """
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


def too_few(sites: Sequence[SiteRecord], *, usable: int, needed: int) -> TooFewSites:
    """The error that names the sites without a usable release, with their reasons."""
    absent = "; ".join(
        f"{site.site}: {site.state}" + (f" ({', '.join(site.reasons)})" if site.reasons else "")
        for site in sites
        if site.state != "answered"
    )
    return TooFewSites(
        f"{usable} of {len(sites)} sites answered, {needed} needed"
        + (f" – {absent}" if absent else "")
    )
