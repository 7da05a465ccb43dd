"""What a load is made of: the source, its map, and all that is declared for the site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deid.site_lists import SiteLists
from gateway.errors import SiteError
from gateway.registry.quarantine import Quarantine
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.redcap_client import RedcapProject
from gateway.registry.sources.source import Source
from gateway.site.config import SiteFolder
from policies.decode import digest, load
from policies.derivation import Derivations, every_form
from policies.dictionary import Dictionary
from policies.library import find

__all__ = ["Declared", "Progress", "declared_for"]

Progress = Callable[[str, int, int], None]
"""Hears the name of a step, and how much of how much of it is done."""

_FORMAT = 11
"""Rises when a load of the same file would give other tables or lists."""


@dataclass(frozen=True)
class Declared:
    """``every`` are the derivations with a unit for every form; ``where`` is the map's file and
    ``named`` how it was asked for. ``digest`` is the same where the outcome would be the same.
    """

    dictionary: Dictionary
    derivations: Derivations
    every: Derivations
    sitemap: SiteMap
    where: str
    named: str
    digest: str


def declared_for(
    site: SiteFolder,
    source: Path | RedcapProject,
    sitemap: str | None,
    accept_bad_values: bool,
    queue: Quarantine | None,
    progress: Progress,
) -> tuple[Declared, Source]:
    """Read the map and open the source: SourceError, DeclarationError, NetworkError, or SiteError
    where no map is named. ``queue`` None leaves notes out.
    """
    given = sitemap or site.config.map
    if given is None:
        raise SiteError("no site map", hint="give --map, or name one in site.yaml")
    path = find("examples", given)
    mapping, dictionary = load(SiteMap, path), site.dictionary()
    file = _opened(source, mapping, dictionary, progress)
    options = {
        "format": _FORMAT,
        "accept_bad_values": accept_bad_values,
        "notes": None if queue is None else queue.decided(),
        "source": file.sha256,
        "stated": digest(site.stated()),
        "quality": digest(site.quality_checks()),
        "worklists": digest(site.worklists()),
        "lists": SiteLists.in_folder(site.lists_path).digest,
    }
    declared = Declared(
        dictionary,
        site.derivations(),
        every_form(dictionary, site.derivations()),
        mapping,
        path.name,
        str(path.resolve()) if path == Path(given) else given,
        digest({**site.digests(), **options, "map": digest(mapping)}),
    )
    return declared, file


def _opened(
    source: Path | RedcapProject, sitemap: SiteMap, dictionary: Dictionary, progress: Progress
) -> Source:
    if isinstance(source, Path):
        return inspect(source, sitemap, dictionary)
    from gateway.registry.sources.redcap_api import read_project

    return read_project(source, heard=lambda done, total: progress("export", done, total))
