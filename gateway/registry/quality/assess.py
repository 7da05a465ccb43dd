"""All figures of a load's quality, taken while its identified rows are on the workbench.

They are counts, dates of closing and codes of the dictionary: no value of a patient and no name of
a record. They go into the version's meta and stay at the site.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gateway.registry.bench import Bench
from gateway.registry.quality.completeness import completeness, form_rows, provider_block
from gateway.registry.quality.conformance import conformance
from gateway.registry.quality.drift import distributions, drift
from gateway.registry.quality.duplicates import find_duplicates
from gateway.registry.quality.expressions import compute
from gateway.registry.quality.observation import entry_lags, follow_up, windows
from gateway.registry.quality.plausibility import plausibility
from gateway.registry.sitemap import SiteMap
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.quality_check import QualityChecks
from policies.rule import Rules

__all__ = ["assess_entered", "assess_units"]


def assess_entered(
    bench: Bench, dictionary: Dictionary, sitemap: SiteMap, checks: QualityChecks
) -> dict[str, Any]:
    """What can be told from the forms and their text, before anything is derived."""
    return {
        "completeness": completeness(bench, dictionary, sitemap.missing.codes),
        "forms": form_rows(bench, dictionary),
        "conformance": conformance(bench, dictionary),
        "uniqueness": find_duplicates(bench, dictionary, checks),
    }


def assess_units(
    bench: Bench,
    entered: Mapping[str, Any],
    *,
    dictionary: Dictionary,
    derivations: Derivations,
    rules: Rules,
    checks: QualityChecks,
    before: Mapping[str, Any],
    today: date,
) -> dict[str, Any]:
    """What needs derived units and the rules' fix list. ``derivations`` have a unit for every
    form; ``before`` is what the load before recorded, if there was one.
    """
    computed = compute(bench, checks, dictionary, derivations)
    found = {
        "provider_block": provider_block(bench, computed, checks),
        "plausibility": plausibility(bench, rules, dictionary, derivations),
        "timeliness": entry_lags(bench, computed, checks),
        "follow_up": follow_up(bench, computed, checks, today),
        "windows": windows(bench, computed, checks, today),
    }
    computed.drop(bench)
    counts = distributions(bench, dictionary, derivations, checks, entered["completeness"])
    return {
        **found,
        "distributions": counts,
        "drift": drift(counts, before.get("distributions", {})),
        "compared": "distributions" in before,
    }
