"""Coverage of restricted means and cumulative incidences: sections of coverage.md."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.survival import estimate_survival
from federated.study.coding import fading
from tests.benchmarks.tables import table
from tests.statistical.populations import POPULATIONS, QUARTERS, population
from tests.statistical.told import noised
from tests.unit.combine.layouts import risks

__all__ = ["incidence_section", "rmst_section"]

READ_AT = (365, 730, 1096, 1826)
ROWS, VARIANCES = (50, 100, 300, 1000), (0.0, 0.5, 5.0, 25.0, 225.0)
CAUSES = {"rare": (20_000, 3_000), "even": (6_000, 4_000), "common": (1_500, 900)}
"""Mean days to the event and to the one that competes, both exponential."""
_BINS = len(QUARTERS) + 1


def restricted_means(repeats: int) -> Iterator[tuple[str, int, float, float, float, float, float]]:
    """(population, rows, noise variance, coverage, bias, mean width, share uninformative); days."""
    rng = np.random.default_rng(26)
    for name, rows, variance in itertools.product(POPULATIONS, ROWS, VARIANCES):
        truth = population(name)
        days = float(np.trapezoid([1.0, *truth.survival], [0, *QUARTERS]))
        cells = rng.multinomial(rows, truth.cells, repeats)
        got = [
            estimate_survival(
                each,
                CellNoise.of(variance, fading(_BINS), _BINS),
                QUARTERS,
                READ_AT,
                confidence=0.95,
                seed=int(rng.integers(2**32)),
            ).rmst
            for each in noised(rng, cells, variance, fading(_BINS), _BINS)
        ]
        yield (
            name,
            rows,
            variance,
            float(np.mean([one.lower <= days <= one.upper for one in got])),
            float(np.mean([one.estimate for one in got])) - days,
            float(np.mean([one.upper - one.lower for one in got])),
            float(np.mean([one.uninformative for one in got])),
        )


def incidences(repeats: int) -> Iterator[tuple[str, int, float, float, float, float]]:
    """(events, rows, noise variance, coverage, lowest over days and events, mean width)."""
    rng = np.random.default_rng(27)
    for (name, means), rows, variance in itertools.product(CAUSES.items(), ROWS, VARIANCES):
        law = np.array(risks(np.random.default_rng(0), 1_000_000, means_days=means)) / 1e6
        rates = 1 / np.array(means)
        gone = 1 - np.exp(-rates.sum() * np.array(READ_AT))
        truth = (rates / rates.sum())[:, None] * gone
        cells = rng.multinomial(rows, law, repeats)
        ends = []
        for each in noised(rng, cells, variance, fading(_BINS), _BINS):
            got = estimate_survival(
                each,
                CellNoise.of(variance, fading(_BINS), _BINS),
                QUARTERS,
                READ_AT,
                causes=2,
                confidence=0.95,
                seed=int(rng.integers(2**32)),
            ).incidence
            points = [[curve[QUARTERS.index(day)] for day in READ_AT] for curve in got]
            ends.append([[(point.lower, point.upper) for point in curve] for curve in points])
        lower, upper = np.moveaxis(np.asarray(ends), -1, 0)
        held = (lower <= truth) & (truth <= upper)
        yield (
            name,
            rows,
            variance,
            float(held.mean()),
            float(held.mean(axis=0).min()),
            float((upper - lower).mean()),
        )


def summary(covered: list[float]) -> str:
    """Coverage over all cells, in words."""
    return f"{np.mean(covered):.3f} on average, {min(covered):.3f} at the least"


def rmst_section(repeats: int = 1000) -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(restricted_means(repeats))
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
        summary([cell[3] for cell in found])
    }. Bias and width in days.

{table(head, lines)}
"""


def incidence_section(repeats: int = 1000) -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(incidences(repeats))
    head = ("events", "rows", "variance", "coverage", "lowest", "mean width")
    lines = (
        (name, rows, f"{v:g}", f"{covered:.3f}", f"{least:.3f}", f"{width:.2f}")
        for name, rows, v, covered, least, width in found
    )
    about = ", ".join(f"*{name}* {a:,} and {b:,}" for name, (a, b) in CAUSES.items())
    return f"""## Cumulative incidence

With a competing event, read at 1, 2, 3 and 5 years, {len(found)} cells of {
        repeats
    } studies (standard error of one
day about {
        math.sqrt(0.05 * 0.95 / repeats):.3f}). Mean days to the event and to the competing one: {
        about
    }. Coverage
over both events and all days: {summary([cell[3] for cell in found])}; *lowest* is that
of one event on one day, {min(cell[4] for cell in found):.3f} at the least.

{table(head, lines)}
"""
