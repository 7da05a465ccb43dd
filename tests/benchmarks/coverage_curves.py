"""Coverage of survival curves, and ways to make histograms possible: sections of coverage.md."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.exits import actuarial
from federated.combine.projection import Floats, project_grouped, project_simplex
from federated.combine.survival import estimate_survival
from federated.study.coding import fading
from tests.benchmarks.tables import table
from tests.statistical.populations import POPULATIONS, QUARTERS, Population, population
from tests.statistical.told import noised

__all__ = ["projection_section", "survival_section"]

READ_AT = (365, 730, 1096, 1826)

TOLD = fading(len(QUARTERS) + 1)

EDGES = [QUARTERS.index(day) for day in READ_AT]


def survival_coverage(repeats: int = 1000) -> Iterator[tuple[str, int, float, float, float, float]]:
    """(population, rows, noise variance, coverage, lowest over the days read, mean width)."""
    rng = np.random.default_rng(21)
    for name, rows, variance in itertools.product(
        POPULATIONS, (50, 100, 300, 1000), (0.0, 0.5, 5.0, 25.0, 225.0)
    ):
        truth = population(name)
        hits, widths = [], []
        noise = CellNoise.of(variance, TOLD, len(TOLD))
        for cells in noisy_histograms(rng, truth, rows, variance, repeats):
            seed = int(rng.integers(2**32))
            got = estimate_survival(cells, noise, QUARTERS, READ_AT, confidence=0.95, seed=seed)
            points = [got.curve[j] for j in EDGES]
            hits.append(
                [
                    p.lower <= truth.survival[j] <= p.upper
                    for p, j in zip(points, EDGES, strict=True)
                ]
            )
            widths.append([p.upper - p.lower for p in points])
        yield (
            name,
            rows,
            variance,
            float(np.mean(hits)),
            float(np.mean(hits, axis=0).min()),
            float(np.mean(widths)),
        )


def noisy_histograms(
    rng: np.random.Generator, truth: Population, rows: int, variance: float, repeats: int
) -> Floats:
    """Shape (repeats, 2·T)."""
    return noised(rng, rng.multinomial(rows, truth.cells, repeats), variance, TOLD, len(TOLD))


def _clipped(cells: Floats) -> Floats:
    return np.maximum(cells, 0.0)


def _simplex(cells: Floats) -> Floats:
    return project_simplex(cells, np.maximum(cells.sum(axis=-1), 1.0), np.ones(cells.shape[-1]))


def _grouped(cells: Floats) -> Floats:
    bins = cells.shape[-1] // 2
    starts = [0, *(edge + 1 for edge in EDGES)]
    return project_grouped(cells, (*starts, *(bins + start for start in starts)))


PROJECTIONS: dict[str, Callable[[Floats], Floats]] = {
    "clipped at 0": _clipped,
    "simplex": _simplex,
    "grouped simplex (used)": _grouped,
}


def projection_errors(repeats: int = 3000) -> Iterator[tuple[str, int, float, list[str]]]:
    """(population, rows, noise variance, rmse and worst bias of each projection)."""
    rng = np.random.default_rng(22)
    for name, rows, variance in itertools.product(POPULATIONS, (100, 300, 1000), (0.5, 5.0, 25.0)):
        truth = population(name)
        cells = noisy_histograms(rng, truth, rows, variance, repeats)
        texts = []
        for project in PROJECTIONS.values():
            error = (actuarial(project(cells)) - np.array(truth.survival))[:, EDGES]
            bias = error.mean(axis=0)
            worst = bias[np.argmax(np.abs(bias))]
            texts.append(f"{np.sqrt((error**2).mean()):.3f} ({worst:+.3f})")
        yield name, rows, variance, texts


def survival_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    curves = list(survival_coverage())
    head = ("population", "rows", "variance", "coverage", "lowest day", "mean width")
    lines = (
        (name, rows, f"{variance:g}", f"{mean:.3f}", f"{least:.3f}", f"{width:.2f}")
        for name, rows, variance, mean, least, width in curves
    )
    covered = [cell[3] for cell in curves]
    return f"""## Survival

Quarterly bins to five years and a tail, read at 1, 2, 3 and 5 years, 1,000 studies a cell (standard error
about .007). *Variance* is the pooled noise of a cell: sites/(2ρ), e.g. 225 for nine sites at ρ = .02.
Populations: {", ".join(f"*{name}* ({about.words})" for name, about in POPULATIONS.items())}.
Coverage over the four days: {np.mean(covered):.3f} on average, {min(covered):.3f} at the least; of
one day {min(cell[4] for cell in curves):.3f} at the least.

{table(head, lines)}
"""


def projection_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    lines = (
        (name, rows, f"{variance:g}", *texts) for name, rows, variance, texts in projection_errors()
    )
    return f"""## How histograms are made possible

Root mean square error (and worst bias) of S over the four days.

{table(("population", "rows", "variance", *PROJECTIONS), lines)}
"""
