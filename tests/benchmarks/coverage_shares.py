"""Coverage of proportions and means: sections of coverage.md."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np

from federated.combine.mean import estimate_mean
from federated.combine.projection import Floats
from federated.combine.proportion import _kept, estimate_proportion
from tests.benchmarks.tables import table

__all__ = ["mean_section", "proportion_section"]

STEPS = (1024, 512, 512)

VALUES: dict[str, Callable[[np.random.Generator, tuple[int, int]], tuple[Floats, float]]] = {
    "flat": lambda rng, shape: (rng.uniform(-1, 1, shape), 0.0),
    "bell": lambda rng, shape: (2 * rng.beta(2, 2, shape) - 1, 0.0),
    "narrow": lambda rng, shape: (rng.normal(0.3, 0.1, shape), 0.3),
    "high": lambda rng, shape: (2 * rng.beta(8, 2, shape) - 1, 0.6),
    "skew": lambda rng, shape: (2 * rng.beta(0.5, 3, shape) - 1, 2 * 0.5 / 3.5 - 1),
    "equal": lambda _, shape: (np.full(shape, 0.5), 0.5),
}

SITES, ROWS, RHO = (1, 3, 10), (20, 50, 100, 300), (0.005, 0.02, 0.1, 0.3, 1.0)

SHARES = (0.05, 0.1, 0.3, 0.5, 0.85, 0.95)


def proportion_coverage(repeats: int = 4000) -> Iterator[tuple[float, ...]]:
    """(sites, rows per site, ρ, p, then: coverage, mean width, share uninformative, coverage of the
    delta method, coverage of the score set before the answer to empty sets)."""
    rng = np.random.default_rng(20)
    for sites, rows, rho, p in itertools.product(SITES, ROWS, RHO, SHARES):
        variance, n = sites / rho, sites * rows  # L2² = 2, so σ² = 2 / (2ρ)
        d, m = noisy_counts(rng, n, p, sites, math.sqrt(1 / rho), repeats)
        got = [
            estimate_proportion(a, b, (variance, variance), confidence=0.95)
            for a, b in zip(d, m, strict=True)
        ]
        covered = np.mean([e.lower <= p <= e.upper for e in got])
        width = np.mean([e.upper - e.lower for e in got])
        unsure = np.mean([e.uninformative for e in got])
        half = 1.96 * np.array([e.noise_sd for e in got])
        shown = np.array([e.estimate for e in got])
        size = np.maximum(m, 1.0)
        half = np.sqrt(half**2 + 1.96**2 * shown * (1 - shown) / size)
        delta = np.mean(np.abs(shown - p) <= half)
        sets = [
            _kept((a + b) / 2, b, (variance, variance), 1.96) for a, b in zip(d, m, strict=True)
        ]
        alone = np.mean([kept is not None and kept[0] <= p <= kept[1] for kept in sets])
        figures = (covered, width, unsure, delta, alone)
        yield sites, rows, rho, p, *(float(figure) for figure in figures)


def noisy_counts(
    rng: np.random.Generator, n: int, p: float, sites: int, sd: float, repeats: int
) -> tuple[list[float], list[float]]:
    """Pooled noisy d and m of ``repeats`` simulated studies."""
    x = rng.binomial(n, p, repeats)
    noise = np.rint(rng.normal(0, sd, (2, sites, repeats))).sum(axis=1)
    return (2 * x - n + noise[0]).tolist(), (n + noise[1]).tolist()


def mean_coverage(
    repeats: int = 2000,
) -> Iterator[tuple[str, int, int, float, float, float, float]]:
    """(values, sites, rows per site, ρ, coverage, mean width in the bounds, share uninformative)."""
    rng = np.random.default_rng(22)
    for kind, sites, rows, rho in itertools.product(VALUES, SITES, ROWS, RHO):
        values, truth = VALUES[kind](rng, (repeats if rows * sites < 1000 else 500, sites * rows))
        most, square, number = STEPS
        s = np.floor(np.clip(values, -1, 1) * most + 0.5)
        q = np.floor(2 * square * s**2 / most**2 + 0.5) - square
        variance = sites * sum(step**2 for step in STEPS) / (2 * rho)
        noise = rng.normal(0, math.sqrt(variance), (3, len(s)))
        told = (
            (s.sum(axis=1) + noise[0]) / most,
            (q.sum(axis=1) + noise[1]) / square,
            sites * rows + noise[2] / number,
        )
        one, two, three = (variance / step**2 for step in STEPS)
        got = [
            estimate_mean(a, b, c, (one, two, three), (-1.0, 1.0), confidence=0.95).mean
            for a, b, c in zip(*(part.tolist() for part in told), strict=True)
        ]
        yield (
            kind,
            sites,
            rows,
            rho,
            float(np.mean([e.lower <= truth <= e.upper for e in got])),
            float(np.mean([e.upper - e.lower for e in got])) / 2,
            float(np.mean([e.uninformative for e in got])),
        )


def mean_report(cells: list[tuple[str, int, int, float, float, float, float]]) -> str:
    """One line per kind of values and ρ, over sites and rows."""
    lines = []
    for kind, rho in itertools.product(VALUES, RHO):
        of = [cell for cell in cells if (cell[0], cell[3]) == (kind, rho)]
        covered, widths = [c[4] for c in of], [c[5] for c in of]
        lines.append(
            (
                kind,
                f"{rho:g}",
                f"{np.mean(covered):.3f}",
                f"{min(covered):.3f}–{max(covered):.3f}",
                f"{min(widths):.3f}–{max(widths):.3f}",
                f"{np.mean([c[6] for c in of]):.2f}",
            )
        )
    head = ("values", "ρ", "coverage", "least–most", "width, of the bounds", "uninformative")
    return table(head, lines)


def proportion_report(cells: list[tuple[float, ...]]) -> str:
    """By ρ and sites over rows and p, then the extremes."""
    rows = []
    for rho, sites in itertools.product(RHO, SITES):
        some = np.array([c for c in cells if c[0] == sites and c[2] == rho])
        rows.append(
            (
                rho,
                sites,
                f"{some[:, 4].min():.3f}–{some[:, 4].max():.3f}",
                f"{some[:, 4].mean():.3f}",
                f"{some[:, 8].min():.3f}–{some[:, 8].max():.3f}",
                f"{some[:, 7].min():.3f}",
                *(f"{some[some[:, 1] == n, 5].mean():.2f}" for n in ROWS),
                f"{some[:, 6].mean():.0%}",
            )
        )
    head = ["ρ", "sites", "coverage", "mean", "score set alone", "delta method, lowest"]
    return table([*head, *(f"width n={n}" for n in ROWS), "uninformative"], rows)


def proportion_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    shares = list(proportion_coverage())
    low, high = min(c[4] for c in shares), max(c[4] for c in shares)
    bare_low, bare_high = min(c[8] for c in shares), max(c[8] for c in shares)
    return f"""## Proportions

Rows per site n = 20–300, p = .05–.95, L2² = 2 (σ² = 1/ρ at each site), {len(shares)} cells of 4,000
studies (Monte Carlo standard error .0034). Coverage over all cells: {low:.3f}–{
        high:.3f}; that of the
score set alone, {bare_low:.3f}–{
        bare_high:.3f}. The difference is the answer given where noise carries
the count outside [0, n] and the set is empty: it only adds coverage. The delta method is for comparison.

{proportion_report(shares)}
"""


def mean_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    means = list(mean_coverage())
    return f"""## Means

Values on the bounds [−1, 1], rows per site n = 20–300, 1–10 sites, {
        len(means)
    } cells of 500–2,000 studies. Coverage
over all cells: {np.mean([c[4] for c in means]):.3f} on average, {
        min(c[4] for c in means):.3f} at the least.

{mean_report(means)}
"""
