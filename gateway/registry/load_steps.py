"""The steps of a load on its workbench: identified rows in, tables that may be stored out."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from deid.site_lists import SiteLists
from federated.study.plan import unit_table
from gateway.registry.bench import Bench, quoted
from gateway.registry.contradictions import contradictions
from gateway.registry.declared import Declared, Progress
from gateway.registry.deidentify import calendar, pseudonymize, safe_rows
from gateway.registry.derive import derive
from gateway.registry.notes import NoteCount, clean_notes, create_notes
from gateway.registry.people import met_lists
from gateway.registry.quality.assess import assess_entered, assess_units
from gateway.registry.quarantine import Quarantine
from gateway.registry.rule_kinds import recomputed
from gateway.registry.stated import check_stated, create_stated
from gateway.registry.unanswered import find_unanswered
from gateway.registry.validate import (
    blank_hidden,
    check_references,
    check_rules,
    check_totals,
)
from gateway.registry.vault import Vault
from gateway.site.config import SiteFolder

__all__ = ["compare", "deidentify", "validate_and_derive"]


def validate_and_derive(
    bench: Bench,
    site: SiteFolder,
    declared: Declared,
    progress: Progress,
    before: dict[str, Any],
    today: date,
) -> dict[str, Any]:
    """Blank what branching hides, check, derive and judge; what there is to record of quality.
    ``before`` is what the load before recorded.
    """
    dictionary, every, rules = declared.dictionary, declared.every, site.rules()
    checks = site.quality_checks()
    checks.check_against(dictionary, every)
    site.worklists().check_against(dictionary, every, checks)
    progress("validate", 0, 1)
    blank_hidden(bench, dictionary, contradictions(rules, dictionary, every), today)
    check_references(bench, dictionary)
    quality = assess_entered(bench, dictionary, declared.sitemap, checks)
    find_unanswered(bench, dictionary)
    for instrument in dictionary.instruments:
        bench.run(f"DROP TABLE {quoted(f'text_{instrument}')}")
    progress("derive", 0, 1)
    checked = declared.derivations.check_against(dictionary, where=every.derivations)
    derive(bench, dictionary, every, checked, partial(progress, "derive"))
    check_rules(bench, rules, dictionary, every, today, partial(progress, "rules"))
    ruled = recomputed(rules)
    progress("quality", 0, 1)
    quality["derived"] = check_totals(bench, dictionary, declared.derivations, ruled=ruled)
    quality |= assess_units(
        bench,
        quality,
        dictionary=dictionary,
        derivations=every,
        rules=rules,
        checks=checks,
        before=before,
        today=today,
    )
    return quality


def deidentify(
    bench: Bench,
    site: SiteFolder,
    declared: Declared,
    vault: Vault,
    queue: Quarantine | None,
    progress: Progress,
) -> tuple[NoteCount, str | None]:
    """A table per unit without identifiers, and cleaned notes: how many were stored and withheld,
    and the digest of the people whom their surrogates heeded. ``queue`` None leaves notes out.
    """
    progress("de-identify", 0, 1)
    profile, keys = site.profile(), vault.keys()
    pseudonymize(bench, declared.dictionary, profile, keys)
    units = declared.derivations.units
    for done, unit in enumerate(units):
        progress("de-identify", done, len(units))
        sql = safe_rows(bench, declared.dictionary, declared.derivations, unit, profile, keys)
        bench.run(f"CREATE OR REPLACE TABLE {quoted(unit_table(unit))} AS {sql}")
    dated = calendar(profile)
    if dated is not None:
        bench.run(f"CREATE OR REPLACE TABLE calendar AS {dated}")
    create_notes(bench)
    if queue is None:
        return NoteCount(0, {}), None
    lists = SiteLists.in_folder(site.lists_path)
    lists = met_lists(bench, declared.dictionary, lists, vault)
    counted = clean_notes(bench, declared.dictionary, profile, keys, queue, progress, lists)
    return counted, None if lists.people is None else lists.people.digest


def compare(bench: Bench, site: SiteFolder, declared: Declared, *, notes: bool) -> dict[str, Any]:
    """Notes against fields, to record with quality; nothing where notes are left out."""
    create_stated(bench)
    if not notes:
        return {}
    stated = check_stated(bench, declared.dictionary, site.stated(), site.profile())
    return {"stated": stated}
