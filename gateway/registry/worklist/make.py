"""The worklists of a load: drafted before its version is written, in place before it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.registry.bench import Bench
from gateway.registry.vault import Vault
from gateway.registry.worklist.lines import limits_of, list_lines
from gateway.registry.worklist.sealed import Listed, SealedWorklists
from gateway.site.config import SiteFolder
from policies.derivation import Derivations

__all__ = ["Made", "make_worklists"]


@dataclass(frozen=True)
class Made:
    """A draft to adopt, and how many lines each list has on the day of the load, by state: no
    name, record or date, for the site's own pages.
    """

    sealed: SealedWorklists
    counts: list[dict[str, Any]]


def make_worklists(
    bench: Bench, site: SiteFolder, vault: Vault, every: Derivations, *, load: str, today: date
) -> Made:
    """Draft them from the identified rows. ``every`` has a unit for every form."""
    sealed = SealedWorklists(site.vault_path, vault)
    kept = sealed.draft(_listed(bench, site, every), load=load, today=today)
    counts = [{"name": one.name, "label": one.label, "states": one.states} for one in kept]
    return Made(sealed, counts)


def _listed(bench: Bench, site: SiteFolder, every: Derivations) -> Iterator[Listed]:
    declared = site.worklists()
    lines = list_lines(bench, declared, site.quality_checks(), site.dictionary(), every)
    for name, found in lines:
        one = declared.lists[name]
        yield Listed(name, one.label, limits_of(one), found)
