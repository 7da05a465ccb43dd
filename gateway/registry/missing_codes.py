"""Missing-data codes of a project: a code in place of a value, that says why there is none.

REDCap keeps them as ``code, label`` with a bar or a line break between two of them, in the
project's settings (API) and in ``redcap:MissingDataCodes`` (ODM). A flat file does not say them;
the site map does then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.registry.sitemap import Missing, SiteMap

__all__ = ["codes_of", "with_codes"]


def codes_of(text: str) -> dict[str, str]:
    """Codes with their labels, from REDCap's setting."""
    found = {}
    for part in re.split(r"[|\r\n]+", text):
        code, _, label = part.partition(",")
        if code.strip():
            found[code.strip()] = label.strip()
    return found


def with_codes(
    sitemap: SiteMap, project: Mapping[str, str] | None
) -> tuple[SiteMap, tuple[str, ...]]:
    """The map with the project's codes where it names none, and what to tell where they differ.

    ``project`` None: the source does not say its codes.
    """
    if project is None:
        return sitemap, ()
    if "missing" not in sitemap.model_fields_set:
        if not project:
            return sitemap, ()
        return sitemap.model_copy(update={"missing": Missing(codes=tuple(project))}), ()
    mapped = set(sitemap.missing.codes)
    said = []
    only_project = [code for code in project if code not in mapped]
    only_map = [code for code in sitemap.missing.codes if code not in project]
    if only_project:
        said.append(
            f"the project has missing-data codes that the site map does not list under `missing`: "
            f"{', '.join(only_project)}; cells that hold them count as values"
        )
    if only_map:
        said.append(
            f"the site map lists missing-data codes that the project does not have: "
            f"{', '.join(only_map)}"
        )
    return sitemap, tuple(said)
