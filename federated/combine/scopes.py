"""What is read of a statistic: each stratum and all, of all sites together and of each.

Raw noisy vectors are added before anything is clamped or projected; otherwise sums would be biased.
Statistics that count the same rows are put together first (:mod:`federated.combine.tables`). The
weights are those of the plan's noise and so the same at all sites: sums over sites agree as each
site's own numbers do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.projection import Floats
from federated.combine.readings import readings
from federated.combine.tables import Table, agree
from federated.combine.whole import whole_tables
from federated.privacy.release import Release
from federated.study.agreement import read_variance
from federated.study.plan import Block, Plan, Stratum

__all__ = ["Alone", "Scope", "scopes"]

_STRATA_PER_SITE_MAX = 6
"""With more strata than this a site is shown over all of them only: its cells are too small."""


@dataclass(frozen=True)
class Alone:
    """What one statistic tells without the others: readings and the variances of their noise, of a
    histogram that of one integer. Noise of different strata is independent.
    """

    cells: Floats
    variances: Floats


@dataclass(frozen=True)
class Scope:
    """Readings of one stratum (None: all) at one site (None: all), put together with those of the
    statistics that count the same rows, and the variances of their noise; of a histogram
    ``cell_noise`` instead.

    Noise of different strata goes together then: it pulls them apart and leaves their sum sharper
    than each. What sets strata beside one another reads each statistic ``alone``.
    """

    stratum: Stratum | None
    site: str | None
    cells: Floats
    variances: Floats
    cell_noise: CellNoise | None
    alone: Alone
    joined: bool
    """Do other statistics count the same rows?"""
    sites: int
    shown: float | None = None
    """Count only: the whole number that agrees with those of other strata and statistics."""


@dataclass(frozen=True)
class _Told:
    """A block at every site: readings of shape (sites, strata, ·), ``alone`` and put together.
    Noise is what each of the ``sources`` lends a cell, and lends the sum of all.
    """

    block: Block
    alone: Floats
    cells: Floats
    sources: tuple[Block, ...]
    of_cell: Floats
    of_total: Floats


def scopes(
    plan: Plan, releases: Sequence[Release], same: Sequence[Sequence[int]]
) -> list[tuple[Scope, ...]]:
    """Of every block of the plan: pooled first (each stratum, then all), then site by site.

    ``same`` are the places of blocks that count the same rows (study/same_rows.py).
    """
    found: list[list[Scope]] = [[] for _ in plan.blocks]
    squares = np.asarray([release.scale**2 for release in releases])
    for places in same:
        told = _together(plan, [plan.blocks[i] for i in places], releases)
        each: list[tuple[str | None, slice]] = [(None, slice(None))]
        each += [(release.site, slice(i, i + 1)) for i, release in enumerate(releases)]
        for site, which in each:
            split = [site is None or _few(one.block) for one in told]
            square = float(squares[which].sum())
            shown = _shown(plan, told, split, which, square)
            for i, one, parts, whole in zip(places, told, split, shown, strict=True):
                found[i] += _read(plan, one, site, which, square, whole, split=parts)
    return [tuple(of) for of in found]


def _few(block: Block) -> bool:
    return block.kind != "survival" and len(block.strata) <= _STRATA_PER_SITE_MAX


def _together(plan: Plan, blocks: Sequence[Block], releases: Sequence[Release]) -> list[_Told]:
    alone = [
        np.asarray([readings(plan, block, release) for release in releases]) for block in blocks
    ]
    if len(blocks) == 1:
        (block,), (cells,) = blocks, alone
        own = np.ones((1, 1))
        return [_Told(block, cells, cells, (block,), own, own * len(block.strata))]
    tables = [
        Table(
            block.by,
            cells.reshape(len(cells), *_levels(block), -1),
            np.array(read_variance(plan, block)),
        )
        for block, cells in zip(blocks, alone, strict=True)
    ]
    return [
        _Told(
            block, cells, one.cells.reshape(cells.shape), tuple(blocks), one.of_cell, one.of_total
        )
        for block, cells, one in zip(blocks, alone, agree(tables), strict=True)
    ]


def _levels(block: Block) -> tuple[int, ...]:
    return tuple(len(dict.fromkeys(column)) for column in zip(*block.strata, strict=True))


def _shown(
    plan: Plan, told: Sequence[_Told], split: Sequence[bool], which: slice, square: float
) -> list[Floats | None]:
    """Counts only: whole numbers for each stratum, or for all strata where they are not shown."""
    if told[0].block.kind != "count":
        return [None] * len(told)
    tables: list[tuple[Sequence[str], Floats, float]] = []
    for one, parts in zip(told, split, strict=True):
        counts = one.cells[which, :, 0].sum(axis=0)
        by = one.block.by if parts else ()
        shares = one.of_cell if parts else one.of_total
        variances, _ = _noise(plan, one.sources, shares, square)
        table = counts.reshape(_levels(one.block)) if parts else counts.sum()
        tables.append((by, table, math.sqrt(float(variances[0]))))
    return [whole.ravel() for whole in whole_tables(tables)]


def _read(
    plan: Plan,
    told: _Told,
    site: str | None,
    which: slice,
    square: float,
    shown: Floats | None,
    *,
    split: bool,
) -> Iterator[Scope]:
    """``square`` is the sum of σ² over the sites ``which`` are read."""
    block, strata = told.block, len(told.block.strata)
    cells, alone = told.cells[which].sum(axis=0), told.alone[which].sum(axis=0)
    sites = len(told.cells[which])
    own = np.array(plan.unit_variances(block)) * square
    joined = len(told.sources) > 1
    if split and block.by:
        variances, noise = _noise(plan, told.sources, told.of_cell, square)
        for i, stratum in enumerate(block.strata):
            whole = None if shown is None else float(shown[i])
            apart = Alone(alone[i], own)
            yield Scope(stratum, site, cells[i], variances, noise, apart, joined, sites, whole)
    variances, noise = _noise(plan, told.sources, told.of_total, square)
    total = None if shown is None else float(shown.sum())
    apart = Alone(alone.sum(axis=0), own * strata)
    yield Scope(None, site, cells.sum(axis=0), variances, noise, apart, joined, sites, total)


def _noise(
    plan: Plan, sources: Sequence[Block], shares: Floats, square: float
) -> tuple[Floats, CellNoise | None]:
    """Of readings to which each of the ``sources`` lends a share of its noise."""
    if sources[0].kind not in ("survival", "quantiles"):
        unit = np.array([plan.unit_variances(block) for block in sources])
        return (shares * unit).sum(axis=0) * square, None
    bins = sources[0].bins
    parts = [(float(of[0]), block.steps) for block, of in zip(sources, shares, strict=True)]
    if len(parts) == 1:
        ((share, steps),) = parts
        return np.zeros(0), CellNoise.of(share * square, steps, bins)
    return np.zeros(0), CellNoise.summed(square, parts, bins)
