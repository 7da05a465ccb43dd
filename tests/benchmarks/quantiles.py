"""Quantiles of one site: by noisy max over a grid, next to its histogram; writes quantiles.md.

    python -m tests.benchmarks.quantiles

Both are charged the same ρ and see the same rows. Noisy max is the exponential mechanism, as
OpenDP runs it under zCDP; it is calibrated by OpenDP's own map and drawn with numpy, of the same law.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import opendp.prelude as dp

from federated.combine.cell_noise import CellNoise
from federated.combine.projection import Floats
from federated.combine.quantiles import estimate_quantiles
from federated.study.coding import fading
from policies.measure import Quantiles
from tests.benchmarks.tables import table
from tests.statistical.told import noised
from tests.statistical.values import VALUES

OUT = Path(__file__).with_suffix(".md")
LEVELS = (0.25, 0.5, 0.75)
BINS, ROWS, RHO, REPEATS = (64, 255), (20, 60, 150, 300), (0.005, 0.05, 0.5), 200
WAYS = ("histogram", "noisy max, one quantile", "noisy max, one of three")


@dataclass(frozen=True)
class Cell:
    """Root mean square errors of :data:`WAYS`, in the bounds, of one combination."""

    bins: int
    kind: str
    rows: int
    rho: float
    level: float
    errors: tuple[float, ...]


@cache
def scale_of(sensitivity: int, rho: float) -> float:
    """Least scale at which noisy max over scores of this sensitivity costs at most ``rho``."""
    dp.enable_features("contrib")
    domain, metric = dp.vector_domain(dp.atom_domain(T="i64")), dp.linf_distance(T="i64")
    return float(
        dp.binary_search_param(
            lambda scale: dp.m.make_noisy_max(
                domain, metric, dp.zero_concentrated_divergence(), scale=scale
            ),
            d_in=sensitivity,
            d_out=rho,
            T=float,
        )
    )


def noisy_max(
    rng: np.random.Generator, values: Floats, grid: Floats, level: float, rho: float
) -> float:
    """The point of ``grid`` that is drawn for the quantile at ``level``.

    A point's score is −|(q − p)·below − p·above| for the level p/q: one row more or fewer moves it
    by at most max(p, q − p).
    """
    share = Fraction(level).limit_denominator(100)
    p, rest = share.numerator, share.denominator - share.numerator
    rising = np.sort(values)
    below = np.searchsorted(rising, grid, side="left")
    above = len(rising) - np.searchsorted(rising, grid, side="right")
    scores = -np.abs(rest * below - p * above) / scale_of(max(p, rest), rho)
    return float(grid[np.argmax(scores + rng.gumbel(size=len(grid)))])


def cells() -> Iterator[Cell]:
    """Every combination, in the order of the grid."""
    rng = np.random.default_rng(29)
    for bins, kind, rows, rho in itertools.product(BINS, VALUES, ROWS, RHO):
        law, variance = VALUES[kind], 1 / (2 * rho)
        edges = Quantiles(of="x", bounds=(0.0, 1.0), bins=bins).edges
        grid = np.asarray([0.0, *edges, 1.0])
        noise = CellNoise.of(variance, fading(bins), bins)
        found = []
        for _ in range(REPEATS):
            values = np.clip(law.draw(rng, rows), 0.0, 1.0)
            cells_of = np.bincount(np.searchsorted(edges, values, side="left"), minlength=bins)
            told = noised(rng, cells_of, variance, fading(bins), bins)
            got = estimate_quantiles(told, noise, edges, (0.0, 1.0), LEVELS, confidence=0.95)
            found.append(
                [
                    (
                        one.estimate,
                        noisy_max(rng, values, grid, level, rho),
                        noisy_max(rng, values, grid, level, rho / len(LEVELS)),
                    )
                    for level, one in zip(LEVELS, got, strict=True)
                ]
            )
        for level, of_level in zip(LEVELS, np.moveaxis(np.asarray(found), 1, 0), strict=True):
            misses = of_level - law.quantile(level)
            errors = np.sqrt(np.mean(misses**2, axis=0))
            yield Cell(bins, kind, rows, rho, level, tuple(float(error) for error in errors))


def lines(found: list[Cell]) -> Iterator[tuple[str, ...]]:
    """One line per bins, ρ, rows and whether it is the median: errors over those of the histogram."""
    for bins, rho, rows, median in itertools.product(BINS, RHO, ROWS, (True, False)):
        of = [
            cell
            for cell in found
            if (cell.bins, cell.rho, cell.rows) == (bins, rho, rows)
            and (cell.level == 0.5) == median
        ]
        mean = np.mean([cell.errors for cell in of], axis=0)
        yield (
            str(bins),
            f"{rho:g}",
            str(rows),
            "median" if median else "quarters",
            *(f"{error:.3f}" for error in mean),
            *(f"{_ratio(of, way):.2f}" for way in (1, 2)),
        )


def by_kind(found: list[Cell]) -> Iterator[tuple[str, ...]]:
    """One line per kind of values and bins."""
    for kind, bins in itertools.product(VALUES, BINS):
        of = [cell for cell in found if (cell.kind, cell.bins) == (kind, bins)]
        yield kind, str(bins), *(f"{_ratio(of, way):.2f}" for way in (1, 2))


def _ratio(of: list[Cell], way: int) -> float:
    """Geometric mean of a way's error over the histogram's."""
    return math.exp(float(np.mean([math.log(c.errors[way] / c.errors[0]) for c in of])))


def _shares(of: list[Cell], way: int) -> str:
    ratios = np.asarray([cell.errors[way] / cell.errors[0] for cell in of])
    return (
        f"{np.mean(ratios < 0.9):.0%} of cells have an error more than a tenth lower,"
        f" {np.mean(ratios > 1.1):.0%} more than a tenth higher"
    )


def across(found: list[Cell]) -> Iterator[tuple[str, ...]]:
    """One line per level: noisy max on the finer grid over the histogram of fewer bins, as asked by
    default. Geometric mean and shares of cells more than a tenth lower and higher, for both charges.
    """
    key = {(c.bins, c.kind, c.rows, c.rho, c.level): c.errors for c in found}
    coarse, fine = BINS
    for level in LEVELS:
        parts: list[str] = []
        for way in (1, 2):
            ratios = np.asarray(
                [
                    key[fine, kind, rows, rho, level][way] / key[coarse, kind, rows, rho, level][0]
                    for kind, rows, rho in itertools.product(VALUES, ROWS, RHO)
                ]
            )
            parts += [
                f"{math.exp(float(np.mean(np.log(ratios)))):.2f}",
                f"{np.mean(ratios < 0.9):.0%}",
                f"{np.mean(ratios > 1.1):.0%}",
            ]
        yield f"{level:g}", *parts


def page(found: list[Cell], seconds: float) -> str:
    """What was measured, in words and tables."""
    words = ", ".join(f"*{name}* ({law.words})" for name, law in VALUES.items())
    ratios = ("one over histogram", "one of three over histogram")
    return f"""# Quantiles of one site: noisy max and histogram

Written by `python -m tests.benchmarks.quantiles` in {
        seconds:.0f} seconds; do not edit. One site, values on
[0, 1], {len(found)} cells of {
        REPEATS
    } draws; the root mean square error against the law's quantile. *Histogram*: told
once with all of ρ, every quantile is read from it. *One quantile*: noisy max over the histogram's edges and
ends with all of ρ. *One of three*: with a third of ρ, as for p25, p50 and p75 of the same study. Noisy max
gives a point without an interval, and its points do not add up across sites. Values: {words}.

- Noisy max, one quantile: {_shares(found, 1)}.
- Noisy max, one of three: {_shares(found, 2)}.

Errors are means over the kinds of values, ratios geometric means.

{table(("bins", "ρ", "n", "quantile", *WAYS, *ratios), lines(found))}

Each with the grid that suits it better: noisy max over {
        BINS[1]
    } bins' edges, over the histogram of {BINS[0]} bins
(the number a study asks for by default). *Lower*, *higher*: share of cells by more than a tenth.

{
        table(
            ("quantile", "one", "lower", "higher", "one of three", "lower", "higher"),
            across(found),
        )
    }

By kind of values, over all n, ρ and quantiles:

{table(("values", "bins", *ratios), by_kind(found))}
"""


def main() -> None:
    """Measure and write the page."""
    began = time.monotonic()
    found = list(cells())
    OUT.write_text(page(found, time.monotonic() - began), encoding="utf-8")
    print(f"wrote {OUT}")


if __name__ == "__main__":
    main()
