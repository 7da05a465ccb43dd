"""The numbers of one scope as rows of a result: counts, proportions, means, ratios, quantiles."""

from __future__ import annotations

from collections.abc import Iterator

from federated.combine.count import estimate_count
from federated.combine.estimate import Estimate
from federated.combine.mean import estimate_mean
from federated.combine.proportion import estimate_proportion
from federated.combine.quantiles import estimate_quantiles
from federated.combine.ratio import read_ratio
from federated.combine.result import Quantity, Row
from federated.combine.scopes import Scope
from federated.study.plan import RATIOS, Block

__all__ = ["read_rows", "row"]


def read_rows(
    block: Block, scope: Scope, stratum: dict[str, str], confidence: float
) -> Iterator[Row]:
    """Of every kind but survival, which has curves as well (:mod:`federated.combine.curves`)."""
    if block.kind == "quantiles":
        yield from _quantile_rows(block, scope, stratum, confidence)
        return
    for quantity, estimate in _numbers_of(block, scope, confidence).items():
        yield row(block, scope, stratum, quantity, estimate)


def _numbers_of(block: Block, scope: Scope, confidence: float) -> dict[Quantity, Estimate]:
    """What a count, a proportion, a mean or a ratio tells."""
    cells = [float(value) for value in scope.cells]
    spread = [float(value) for value in scope.variances]
    if block.kind == "count":
        told = estimate_count(
            cells[0], spread[0], block.steps[0], confidence=confidence, shown=scope.shown
        )
        return {"count": told}
    if block.kind == "proportion":
        d, m = cells
        of = spread[0], spread[1]
        return {"proportion": estimate_proportion(d, m, of, confidence=confidence)}
    if block.kind in RATIOS:
        return read_ratio(block, (cells[0], cells[1]), (spread[0], spread[1]), confidence)
    s, q, n = cells
    of_each = spread[0], spread[1], spread[2]
    found = estimate_mean(s, q, n, of_each, block.bounds, confidence=confidence)
    return {"mean": found.mean, "sd": found.sd, "sum": found.total}


def _quantile_rows(
    block: Block, scope: Scope, stratum: dict[str, str], confidence: float
) -> Iterator[Row]:
    found = estimate_quantiles(
        scope.cells,
        float(scope.variances[0]),
        block.edges,
        block.bounds,
        block.levels,
        steps=block.steps,
        confidence=confidence,
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
    )
