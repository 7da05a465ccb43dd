"""What is read of a statistic: each stratum and all, of all sites together and of each.

Raw noisy vectors are added before anything is clamped or projected; otherwise sums would be biased.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from federated.combine.projection import Floats
from federated.combine.readings import reading_variances, readings
from federated.combine.whole import whole_counts
from federated.privacy.release import Release
from federated.study.plan import Block, Plan, Stratum

__all__ = ["Scope", "scopes"]

_STRATA_PER_SITE_MAX = 6
"""With more strata than this a site is shown over all of them only: its cells are too small."""


@dataclass(frozen=True)
class Scope:
    """Readings of one stratum (None: all) at one site (None: all) and their noise variances."""

    stratum: Stratum | None
    site: str | None
    cells: Floats
    variances: Floats
    sites: int
    shown: float | None = None
    """Count only: the whole number that agrees with those of the other strata."""


def scopes(plan: Plan, block: Block, releases: Sequence[Release]) -> Iterator[Scope]:
    """Pooled first (each stratum, then all), then site by site."""
    cells = np.asarray([readings(plan, block, release) for release in releases])
    variances = np.asarray([reading_variances(plan, block, release) for release in releases])
    strata = len(block.strata)

    def each(
        site: str | None, values: Floats, spread: Floats, sites: int, *, split: bool
    ) -> Iterator[Scope]:
        total = None
        if split and block.by:
            shown = whole_counts(values[:, 0]) if block.kind == "count" else None
            for i, (stratum, row) in enumerate(zip(block.strata, values, strict=True)):
                whole = None if shown is None else float(shown[i])
                yield Scope(stratum, site, row, spread, sites, whole)
            total = None if shown is None else float(shown.sum())
        yield Scope(None, site, values.sum(axis=0), spread * strata, sites, total)

    yield from each(None, cells.sum(axis=0), variances.sum(axis=0), len(releases), split=True)
    few = block.kind != "survival" and strata <= _STRATA_PER_SITE_MAX
    for release, values, spread in zip(releases, cells, variances, strict=True):
        yield from each(release.site, values, spread, 1, split=few)
