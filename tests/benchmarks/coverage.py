"""Coverage and width of the intervals, bias and error of the curves; writes coverage.md beside.

    python -m tests.benchmarks.coverage            # about ten minutes on one core
    python -m tests.benchmarks.coverage quantiles  # that section alone; the others stay
    python -m tests.benchmarks.coverage ratios     # likewise ratios, spreads, rmst and incidence

Everything is simulated from known truths: rows drawn, Gaussian noise of the mechanism's variance
rounded to integers and added at each site, releases pooled and estimated by the code under test.
"""

from __future__ import annotations

import itertools
import math
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.exits import actuarial
from federated.combine.mean import estimate_mean
from federated.combine.projection import Floats, project_grouped, project_simplex
from federated.combine.proportion import _kept, estimate_proportion
from federated.combine.survival import estimate_survival
from federated.study.coding import fading
from tests.benchmarks import coverage_exits, coverage_quantiles, coverage_ratios, coverage_spreads
from tests.statistical.populations import POPULATIONS, QUARTERS, Population, population
from tests.statistical.told import noised

STEPS = (1024, 512, 512)
VALUES: dict[str, Callable[[np.random.Generator, tuple[int, int]], tuple[Floats, float]]] = {
    "flat": lambda rng, shape: (rng.uniform(-1, 1, shape), 0.0),
    "bell": lambda rng, shape: (2 * rng.beta(2, 2, shape) - 1, 0.0),
    "narrow": lambda rng, shape: (rng.normal(0.3, 0.1, shape), 0.3),
    "high": lambda rng, shape: (2 * rng.beta(8, 2, shape) - 1, 0.6),
    "skew": lambda rng, shape: (2 * rng.beta(0.5, 3, shape) - 1, 2 * 0.5 / 3.5 - 1),
    "equal": lambda _, shape: (np.full(shape, 0.5), 0.5),
}
READ_AT = (365, 730, 1096, 1826)
TOLD = fading(len(QUARTERS) + 1)
EDGES = [QUARTERS.index(day) for day in READ_AT]
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


def survival_coverage(repeats: int = 300) -> Iterator[tuple[str, int, float, float, float, float]]:
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


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


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


def quantile_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(coverage_quantiles.cells(coverage_quantiles.GRID))
    registry = list(coverage_quantiles.cells(coverage_quantiles.REGISTRY))
    return f"""## Quantiles

Values on the bounds [0, 1] in {coverage_quantiles.BINS} bins, quantiles at {
        ", ".join(f"{level:g}".removeprefix("0") for level in coverage_quantiles.LEVELS)
    }, rows per site n = 20–300, 1–10 sites,
{len(found)} cells of {coverage_quantiles.REPEATS} studies (standard error {
        math.sqrt(0.05 * 0.95 / coverage_quantiles.REPEATS):.3f}). Coverage over all cells: {
        coverage_quantiles.summary(found)
    }.
It is above what is promised, since intervals end where bins do and reach over every bin that
cannot be excluded. *Of raw* is the width over that of intervals whose ranks are tested as they were told and
not made to rise, on average over the cells and the most of any. *Error* is the root mean square one of the
estimate, over cells of which at least half are informative. Values: {coverage_quantiles.WORDS}.

{table(coverage_quantiles.HEAD, coverage_quantiles.lines(found))}

The same at the sizes of registries: rows of all sites, which share them, at δ = 10⁻⁶; {
        len(registry)
    } cells. Coverage: {coverage_quantiles.summary(registry)}.

{table(coverage_quantiles.REGISTRY_HEAD, coverage_quantiles.registry_lines(registry))}
"""


def ratio_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(coverage_ratios.cells())
    return f"""## Rates and observed over expected

Rows per site n = 20–300, 1–10 sites, {
        len(found)
    } cells of 1,000 studies (standard error .007). Coverage: {coverage_ratios.summary(found)}.
*Rate*: first events under censoring between .05 and 1 of the longest time, *share* of them by .5.
*Observed/expected*: risks spread around *share* (beta, a + b = 20), the true ratio .5, 1 or 2. Poisson's
variance is larger than that of such events, by more where risks are high. Widths are over the true
ratio, of cells of which at least half are informative.

{table(coverage_ratios.HEAD, coverage_ratios.lines(found))}
"""


def spread_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(coverage_spreads.cells())
    return f"""## Standard deviations

Values on the bounds [−1, 1], rows per site n = 20–300, 1–10 sites, {
        len(found)
    } cells of 600 studies (standard error
.009). Coverage: {coverage_spreads.summary(found)}.
Values as for means; {coverage_spreads.WORDS}.

{table(coverage_spreads.HEAD, coverage_spreads.lines(found))}
"""


def rmst_section(repeats: int = 100) -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(coverage_exits.restricted_means(repeats))
    head = ("population", "rows", "variance", "coverage", "bias", "mean width", "uninformative")
    lines = (
        (name, rows, f"{v:g}", f"{covered:.3f}", f"{bias:+.0f}", f"{width:.0f}", f"{unsure:.2f}")
        for name, rows, v, covered, bias, width, unsure in found
    )
    return f"""## Restricted means

Mean days free of the event within five years, populations and noise as for survival below, {
        len(found)
    } cells of
{repeats} studies (standard error about {math.sqrt(0.05 * 0.95 / repeats):.3f}). Coverage: {
        coverage_exits.summary([cell[3] for cell in found])
    }. Bias and width in days.

{table(head, lines)}
"""


def incidence_section(repeats: int = 100) -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(coverage_exits.incidences(repeats))
    head = ("events", "rows", "variance", "coverage", "lowest", "mean width")
    lines = (
        (name, rows, f"{v:g}", f"{covered:.3f}", f"{least:.3f}", f"{width:.2f}")
        for name, rows, v, covered, least, width in found
    )
    about = ", ".join(f"*{name}* {a:,} and {b:,}" for name, (a, b) in coverage_exits.CAUSES.items())
    return f"""## Cumulative incidence

With a competing event, read at 1, 2, 3 and 5 years, {len(found)} cells of {
        repeats
    } studies (standard error of one
day about {
        math.sqrt(0.05 * 0.95 / repeats):.3f}). Mean days to the event and to the competing one: {
        about
    }. Coverage
over both events and all days: {
        coverage_exits.summary([cell[3] for cell in found])
    }; *lowest* is that
of one event on one day, {min(cell[4] for cell in found):.3f} at the least.

{table(head, lines)}
"""


SECTIONS = {
    "spreads": ("Standard deviations", spread_section),
    "rmst": ("Restricted means", rmst_section),
    "incidence": ("Cumulative incidence", incidence_section),
    "quantiles": ("Quantiles", quantile_section),
    "ratios": ("Rates and observed over expected", ratio_section),
}


def _with_section(text: str, name: str) -> str:
    """The page with one section, before the one that follows it or on survival, as measured now."""
    heading, measured = SECTIONS[name]
    old = re.search(rf"(?ms)^## {heading}$.*?(?=^## )", text)
    if old is not None:
        return text.replace(old.group(), f"{measured()}\n", 1)
    return text.replace("## Survival\n", f"{measured()}\n## Survival\n", 1)


def main() -> None:
    """Simulate and write the tables, or those of one section alone."""
    began = time.perf_counter()
    path = Path(__file__).with_suffix(".md")
    for name in sys.argv[1:]:
        path.write_text(_with_section(path.read_text("utf-8"), name), encoding="utf-8")
        print(f"wrote {name} of coverage.md in {time.perf_counter() - began:.0f} s")
    if sys.argv[1:]:
        return
    shares = list(proportion_coverage())
    low, high = min(c[4] for c in shares), max(c[4] for c in shares)
    bare_low, bare_high = min(c[8] for c in shares), max(c[8] for c in shares)
    means = list(mean_coverage())
    curves = list(survival_coverage())
    text = f"""# Measured coverage of nominal 95 % intervals

Written by `python -m tests.benchmarks.coverage`. Noise is that of a study of this one statistic.

## Proportions

Rows per site n = 20–300, p = .05–.95, L2² = 2 (σ² = 1/ρ at each site), {len(shares)} cells of 4,000
studies (Monte Carlo standard error .0034). Coverage over all cells: {low:.3f}–{
        high:.3f}; that of the
score set alone, {bare_low:.3f}–{
        bare_high:.3f}. The difference is the answer given where noise carries
the count outside [0, n] and the set is empty: it only adds coverage. The delta method is for comparison.

{proportion_report(shares)}

## Means

Values on the bounds [−1, 1], rows per site n = 20–300, 1–10 sites, {
        len(means)
    } cells of 500–2,000 studies. Coverage
over all cells: {np.mean([c[4] for c in means]):.3f} on average, {
        min(c[4] for c in means):.3f} at the least.

{mean_report(means)}

{quantile_section()}
{ratio_section()}
{spread_section()}
{rmst_section()}
{incidence_section()}
## Survival

Quarterly bins to five years and a tail, read at 1, 2, 3 and 5 years, 300 studies a cell (standard error
about .01). *Variance* is the pooled noise of a cell: sites/(2ρ), e.g. 225 for nine sites at ρ = .02.
Populations: {", ".join(f"*{name}* ({about.words})" for name, about in POPULATIONS.items())}.

{
        table(
            ("population", "rows", "variance", "coverage", "lowest day", "mean width"),
            (
                (name, rows, f"{variance:g}", f"{mean:.3f}", f"{least:.3f}", f"{width:.2f}")
                for name, rows, variance, mean, least, width in curves
            ),
        )
    }

## How histograms are made possible

Root mean square error (and worst bias) of S over the four days.

{
        table(
            ("population", "rows", "variance", *PROJECTIONS),
            (
                (name, rows, f"{variance:g}", *texts)
                for name, rows, variance, texts in projection_errors()
            ),
        )
    }
"""
    path.write_text(text, encoding="utf-8")
    print(f"wrote coverage.md in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
