"""A site's own outcomes as a page of the console and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from gateway.console import outcomes_plots as plots
from gateway.console.page_file import write_page
from gateway.console.trouble import Trouble
from gateway.errors import StoreError
from gateway.registry.outcomes.read import Curves, OwnOutcomes, read_outcomes
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder

__all__ = ["outcomes_values", "own_outcomes", "write_outcomes"]

_YEAR = 365.25


def own_outcomes(site: SiteFolder) -> OwnOutcomes | None:
    """Those of the current load; None before the first. StoreError if it cannot be read."""
    version = open_store(site).current()
    if version is None:
        return None
    try:
        return read_outcomes(site, version)
    except (duckdb.Error, ValueError, IndexError, KeyError) as error:
        raise StoreError(
            f"the store's version {version.name} cannot be read",
            hint="load the last export again: osteon site ingest",
        ) from error


def outcomes_values(found: OwnOutcomes | Trouble | None) -> dict[str, Any]:
    """What the template of the page's body needs."""
    told = found if isinstance(found, OwnOutcomes) else None
    return {"own": found, "pictures": {} if told is None else _pictures(told)}


def _pictures(own: OwnOutcomes) -> dict[str, list[str]]:
    return {
        "curves": [plots.curves_picture(one.curves, _until(one)) for one in own.curves],
        "rates": [plots.rate_picture(one, own.small) for one in own.rates],
        "patterns": [plots.patterns_picture(one) for one in own.patterns],
    }


def _until(one: Curves) -> int:
    """The last day that the measure is read at, or five years."""
    days = [reading.day for curve in one.curves for reading in curve.readings]
    return max(days, default=0) or round(5 * _YEAR)


def write_outcomes(
    site: SiteFolder, found: OwnOutcomes, path: Path, *, force: bool = False
) -> None:
    """Write the page for its owner's eyes only. SiteError if the file exists, unless ``force``."""
    write_page(path, site, "outcomes_alone", outcomes_values(found), force=force)
