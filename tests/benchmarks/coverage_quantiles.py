"""Coverage and width of the intervals of quantiles: a section of coverage.md."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.estimate import Estimate, two_sided_z
from federated.combine.projection import Floats
from federated.combine.quantiles import estimate_quantiles
from federated.privacy.loss import NANO, nano_rho_for
from federated.study.coding import fading
from policies.measure import Quantiles
from tests.statistical.told import noised
from tests.statistical.values import VALUES

__all__ = [
    "BINS",
    "GRID",
    "HEAD",
    "LEVELS",
    "REGISTRY",
    "REGISTRY_HEAD",
    "REPEATS",
    "WORDS",
    "Cell",
    "cells",
    "lines",
    "registry_lines",
    "summary",
]

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
BINS, REPEATS = 64, 400
ROWS, RHO = (20, 50, 100, 300), (0.005, 0.02, 0.1, 0.3, 1.0)
EPSILONS, REGISTRY_ROWS = (1, 3, 8), (50, 200, 500, 1189)
_RHO_OF = {epsilon: nano_rho_for(epsilon) / NANO for epsilon in EPSILONS}
GRID = [(sites, sites * rows, rho) for sites, rows, rho in itertools.product((1, 3, 10), ROWS, RHO)]
"""(sites, rows in all, ρ)"""
REGISTRY = list(itertools.product((1, 5, 9), REGISTRY_ROWS, _RHO_OF.values()))
_EDGES = Quantiles(of="x", bounds=(0.0, 1.0), bins=BINS).edges
_ENDS = np.asarray([0.0, *_EDGES, 1.0])
_FIGURES = ("coverage", "least–most")
_LAST = ("of raw", "most", "uninformative", "error")
HEAD = ("values", "ρ", *_FIGURES, *(f"width n={rows}" for rows in ROWS), *_LAST)
REGISTRY_HEAD = (
    "values",
    "ε",
    *_FIGURES,
    *(f"width of {rows:,}" for rows in REGISTRY_ROWS),
    *_LAST,
)
WORDS = ", ".join(f"*{name}* ({law.words})" for name, law in VALUES.items())


@dataclass(frozen=True)
class Cell:
    """Of one combination: coverage, mean width and that of raw ranks, in the bounds; share
    uninformative, root mean square error.
    """

    kind: str
    sites: int
    rows: int
    rho: float
    covered: float
    width: float
    raw_width: float
    unsure: float
    error: float


def cells(grid: Iterable[tuple[int, int, float]]) -> Iterator[Cell]:
    """Every kind of values and level at each (sites, rows in all, ρ)."""
    rng = np.random.default_rng(23)
    for kind, (sites, rows, rho) in itertools.product(VALUES, grid):
        law, variance = VALUES[kind], sites / (2 * rho)
        noise = CellNoise.of(variance, fading(BINS), BINS)
        found = []
        for _ in range(REPEATS):
            places = np.searchsorted(_EDGES, law.draw(rng, rows), side="left")
            told = np.bincount(places, minlength=BINS)
            noisy = noised(rng, told, variance, fading(BINS), BINS)
            got = estimate_quantiles(noisy, noise, _EDGES, (0.0, 1.0), LEVELS, confidence=0.95)
            found.append(
                [
                    (e.estimate, e.lower, e.upper, e.uninformative, _raw(noisy, noise, level, e))
                    for level, e in zip(LEVELS, got, strict=True)
                ]
            )
        for level, told_of in zip(LEVELS, np.moveaxis(np.asarray(found), 1, 0), strict=True):
            shown, lower, upper, unsure, raw = told_of.T
            truth = law.quantile(level)
            yield Cell(
                kind,
                sites,
                rows,
                rho,
                float(np.mean((lower <= truth) & (truth <= upper))),
                float(np.mean(upper - lower)),
                float(np.mean(raw)),
                float(np.mean(unsure)),
                float(np.sqrt(np.mean((shown - truth) ** 2))),
            )


def _raw(noisy: Floats, noise: CellNoise, level: float, told: Estimate) -> float:
    """Width of the interval if the ranks that were told are tested, each with its own noise."""
    z, total = two_sided_z(0.95), float(noisy.sum())
    if total <= z * math.sqrt(noise.of_first[-1]):
        return 1.0
    of_rank = noise.unit.sums - level * noise.unit.sums[-1]
    variance = max(total, 1.0) * level * (1 - level) + noise.sd**2 * (of_rank**2).sum(axis=-1)
    reach = z * np.sqrt(variance)[1:-1]
    rank = np.cumsum(noisy)[:-1] - level * total
    kept = np.ones(BINS, dtype=np.bool_)
    kept[1:] &= rank <= reach
    kept[:-1] &= rank >= -reach
    (left,) = np.nonzero(kept)
    lower, upper = float(_ENDS[left[0]]), float(_ENDS[left[-1] + 1])
    return max(upper, told.estimate) - min(lower, told.estimate)


def lines(found: list[Cell]) -> Iterator[tuple[str, ...]]:
    """One line per kind and ρ; widths by rows of a site."""
    for kind, rho in itertools.product(VALUES, RHO):
        of = [cell for cell in found if (cell.kind, cell.rho) == (kind, rho)]
        by_rows = [[c.width for c in of if c.rows == rows * c.sites] for rows in ROWS]
        yield kind, f"{rho:g}", *_figures(of, by_rows)


def registry_lines(found: list[Cell]) -> Iterator[tuple[str, ...]]:
    """One line per kind and ε; widths by rows in all."""
    for kind, (epsilon, rho) in itertools.product(VALUES, _RHO_OF.items()):
        of = [cell for cell in found if (cell.kind, cell.rho) == (kind, rho)]
        by_rows = [[c.width for c in of if c.rows == rows] for rows in REGISTRY_ROWS]
        yield kind, str(epsilon), *_figures(of, by_rows)


def _figures(of: list[Cell], widths: list[list[float]]) -> tuple[str, ...]:
    covered = [cell.covered for cell in of]
    ratios = [cell.width / cell.raw_width for cell in of]
    sure = [cell.error for cell in of if cell.unsure < 0.5]
    return (
        f"{np.mean(covered):.3f}",
        f"{min(covered):.3f}–{max(covered):.3f}",
        *(f"{np.mean(some):.2f}" for some in widths),
        f"{np.mean(ratios):.2f}",
        f"{max(ratios):.2f}",
        f"{np.mean([cell.unsure for cell in of]):.2f}",
        f"{np.mean(sure):.3f}" if sure else "–",
    )


def summary(found: list[Cell]) -> str:
    """Coverage over all cells, in words."""
    covered = [cell.covered for cell in found]
    return f"{np.mean(covered):.3f} on average, {min(covered):.3f} at the least"
