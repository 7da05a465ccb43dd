"""The numbers of one scope as rows of a result: counts, proportions, means, ratios, quantiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from federated.combine.cell_noise import CellNoise
from federated.combine.count import estimate_count
from federated.combine.estimate import Estimate
from federated.combine.mean import estimate_mean
from federated.combine.projection import Floats
from federated.combine.proportion import estimate_proportion
from federated.combine.quantiles import estimate_quantiles
from federated.combine.ratio import read_ratio
from federated.combine.result import Quantity, Row
from federated.combine.row_counts import Counts
from federated.combine.scopes import Scope
from federated.study.plan import RATIOS, Block

__all__ = ["read_rows", "row", "set_apart"]


def read_rows(
    block: Block,
    scope: Scope,
    stratum: dict[str, str],
    confidence: float,
    counts: Counts | None = None,
) -> Iterator[Row]:
    """Of every kind but survival, which has curves as well (:mod:`federated.combine.curves`).
    ``counts`` are those of the block's rows, where the study tells any.
    """
    if scope.cell_noise is not None:
        yield from _quantile_rows(block, scope, scope.cell_noise, stratum, confidence)
        return
    counted = counts.get((scope.stratum, scope.site)) if counts else None
    found = _numbers_of(block, scope, scope.cells, scope.variances, confidence, counted)
    if scope.joined:
        alone = _numbers_of(block, scope, scope.alone.cells, scope.alone.variances, confidence)
        found = {what: replace(told, raw=alone[what].raw) for what, told in found.items()}
    for quantity, estimate in found.items():
        yield row(block, scope, stratum, quantity, estimate)


def set_apart(block: Block, scope: Scope, confidence: float) -> Estimate:
    """A proportion or mean to be set beside that of another stratum: the number that is shown, with
    the noise that the statistic has alone. What others lend it moves strata together or apart, and
    no difference of two is less sharp for it.
    """
    numbers = _numbers_of(block, scope, scope.cells, scope.alone.variances, confidence)
    return next(iter(numbers.values()))


def _numbers_of(
    block: Block,
    scope: Scope,
    readings: Floats,
    variances: Floats,
    confidence: float,
    counted: tuple[float, float] | None = None,
) -> dict[Quantity, Estimate]:
    """What a count, a proportion, a mean or a ratio tells."""
    cells, spread = readings.tolist(), variances.tolist()
    if block.kind == "count":
        told = estimate_count(
            cells[0],
            spread[0],
            None if scope.joined else block.steps[0],
            confidence=confidence,
            shown=scope.shown,
        )
        return {"count": told}
    if block.kind == "proportion":
        d, m = cells
        of = spread[0], spread[1]
        return {"proportion": estimate_proportion(d, m, of, confidence=confidence)}
    if block.kind in RATIOS:
        pair, of_pair = (cells[0], cells[1]), (spread[0], spread[1])
        return read_ratio(block, pair, of_pair, confidence, counted)
    s, q, n = cells
    of_each = spread[0], spread[1], spread[2]
    found = estimate_mean(s, q, n, of_each, block.bounds, confidence=confidence)
    return {"mean": found.mean, "sd": found.sd, "sum": found.total}


def _quantile_rows(
    block: Block, scope: Scope, noise: CellNoise, stratum: dict[str, str], confidence: float
) -> Iterator[Row]:
    found = estimate_quantiles(
        scope.cells, noise, block.edges, block.bounds, block.levels, confidence=confidence
    )
    for level, estimate in zip(block.levels, found, strict=True):
        yield row(block, scope, stratum, "quantile", estimate, level=level)


def row(
    block: Block,
    scope: Scope,
    stratum: dict[str, str],
    quantity: Quantity,
    estimate: Estimate,
    day: int | None = None,
    level: float | None = None,
) -> Row:
    """One number of a scope; ``day`` of a curve, ``level`` of a quantile."""
    return Row(
        statistic=block.name,
        title=block.title,
        quantity=quantity,
        stratum=stratum,
        site=scope.site,
        time_days=day,
        estimate=estimate.estimate,
        lower=estimate.lower,
        upper=estimate.upper,
        raw=estimate.raw,
        noise_sd=estimate.noise_sd,
        sampling_share=estimate.sampling_share,
        n=estimate.n,
        uninformative=estimate.uninformative,
        sites=scope.sites,
        level=level,
        per=block.per if quantity == "rate" else None,
        per_unit=block.per_unit if quantity in ("rate", "time") else None,
    )
