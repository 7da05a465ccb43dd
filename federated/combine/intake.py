"""Which releases are added: those that fit the plan; every site is named with what became of it.

A release's key follows from the study and from the snapshot that it names, and is recomputed: it
seeds the draws of the bootstrap, and two releases of one key are taken to be one. Which snapshot a
site has is its word.

A release declares its charge and its noise's scale. Both follow from the study alone, by the same
functions at the site and here (``compile_study``, ``scale_at``): a whole number, and a double made
of whole numbers by one quotient, one root and one product, each rounded as IEEE 754 prescribes,
which travels as the shortest text that reads back as itself. So what is declared is compared for
equality. What it proves is that site and coordinator mean the same noise; that a site drew it is
the site's word (privacy/README.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from federated.combine.result import SiteRecord
from federated.errors import FederatedError, TooFewSites
from federated.privacy.release import Release, release_key
from federated.study.outcome import Outcome
from federated.study.plan import Plan

__all__ = ["MISFITS", "NEXT", "misfit", "sort_out", "too_few"]

MISFITS: Mapping[str, str] = {
    "release_mismatch": "its answer is not laid out as the study's plan",
    "charge_mismatch": "its answer declares another charge than the study's",
    "noise_mismatch": "its answer declares other noise than the study's charge gives",
    "key_mismatch": "its answer is named otherwise than by the study and its own snapshot",
}
"""Reasons of a site whose release is set aside, not added, each with its sentence."""
NEXT = (
    "site and coordinator need the same version of osteon; an answer that an older one stored ends "
    "when the site publishes again (osteon site publish), and asking then costs anew"
)
"""What to do about a release that was set aside."""

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
        if state == "answered" and (reason := misfit(plan, outcome.site, release)):
            release, state, reasons = None, "failed", (*reasons, reason)
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


def misfit(plan: Plan, site: str, release: Release | None) -> str | None:
    """Why the release of ``site`` cannot be added, as a code of :data:`MISFITS`; None if it can."""
    if (
        release is None
        or release.study_digest != plan.study_digest
        or release.site != site
        or len(release.values) != plan.length
        or any(abs(value) >= _INTEGER_MAX for value in release.values)
    ):
        return "release_mismatch"
    if release.nano_rho != plan.nano_rho:
        return "charge_mismatch"
    if release.scale != plan.scale:
        return "noise_mismatch"
    named = release_key(plan.study_digest, release.snapshot, plan.mode)
    return None if release.key == named else "key_mismatch"


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
