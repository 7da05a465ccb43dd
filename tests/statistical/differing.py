"""Studies simulated for tests of difference: readings with their noise, and p of the test that
sees no noise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from federated.combine.projection import Floats

__all__ = ["FOLLOW_UP", "HALF_YEARS", "QUARTERS", "followed", "means", "rates", "shares", "table"]

HALF_YEARS = (182, 365, 547, 730, 913, 1095, 1278, 1461, 1643, 1826)
QUARTERS = tuple(round(i * 365.25 / 4) for i in range(1, 21))
FOLLOW_UP: dict[str, tuple[tuple[float, float], ...]] = {
    "alike": ((0.0, 10.0), (0.0, 10.0)),
    "7 and 3 years": ((3.0, 7.0), (1.0, 3.0)),
    "7 and 1.5 years": ((3.0, 7.0), (0.5, 1.5)),
    "7 and .6 years": ((3.0, 7.0), (0.2, 0.6)),
    "7, 3 and 1.5 years": ((3.0, 7.0), (1.0, 3.0), (0.5, 1.5)),
}
"""Years from the first to the last end of observation of each stratum, uniform between."""


def shares(
    rng: np.random.Generator, sizes: Sequence[int], p: Sequence[float] | float, variance: float
) -> tuple[Floats, Floats, float]:
    """[d, m] of each level with noise ``variance`` on both; and p of Pearson's χ²."""
    rows = np.asarray(sizes)
    yes = rng.binomial(rows, p)
    exact = np.stack([2.0 * yes - rows, 1.0 * rows], axis=1)
    noise = np.full(2, variance)
    told = exact + rng.normal(0, np.sqrt(noise), exact.shape)
    if yes.sum() in (0, rows.sum()):
        return told, noise, 1.0
    found = stats.chi2_contingency(np.stack([yes, rows - yes]), correction=False)
    return told, noise, float(found.pvalue)


def means(
    rng: np.random.Generator, values: Sequence[Floats], variance: float
) -> tuple[Floats, Floats, float]:
    """[Σ z, Σ (2z² − 1), n] of each level's values, with the noise that steps of 2 : 1 : 1 give;
    and p of Welch's t of the first two.
    """
    exact = np.array([[z.sum(), (2 * z**2 - 1).sum(), z.size] for z in values])
    noise = variance * np.array([1.0, 4.0, 4.0])
    told = exact + rng.normal(0, np.sqrt(noise), exact.shape)
    return told, noise, float(stats.ttest_ind(values[0], values[1], equal_var=False).pvalue)


def rates(
    rng: np.random.Generator,
    sizes: Sequence[int],
    rate: Sequence[float] | float,
    variance: float,
    lean: float = 0.0,
) -> tuple[Floats, Floats, float]:
    """[events − lean·years, years] of rows observed up to 0–5 years, with noise of ``variance`` and
    five times as much; and p of the score test that sees events and years.
    """
    exact = []
    for rows, of in zip(sizes, np.broadcast_to(rate, len(sizes)), strict=True):
        times, ends = rng.exponential(1 / of, rows), rng.uniform(0, 5, rows)
        exact.append((float((times <= ends).sum()), float(np.minimum(times, ends).sum())))
    events, years = np.array(exact).T
    expected = years * events.sum() / years.sum()
    some = np.maximum(expected, 1e-12)
    p_value = stats.chi2.sf(((events - expected) ** 2 / some).sum(), len(sizes) - 1)
    noise = variance * np.array([1.0, 5.0])
    told = np.stack([events - lean * years, years], axis=1)
    return told + rng.normal(0, np.sqrt(noise), told.shape), noise, float(p_value)


def table(
    rng: np.random.Generator, rows: int, law: Floats, variance: float
) -> tuple[Floats, float]:
    """Noisy counts of ``rows`` over a table with the probabilities ``law``; and p of Pearson's χ²
    (1 where a margin is empty).
    """
    cells = rng.multinomial(rows, law.ravel()).reshape(law.shape).astype(np.float64)
    empty = (cells.sum(axis=0) == 0).any() or (cells.sum(axis=1) == 0).any()
    exact = 1.0 if empty else float(stats.chi2_contingency(cells, correction=False).pvalue)
    return cells + rng.normal(0, np.sqrt(variance), cells.shape), exact


def followed(
    rng: np.random.Generator,
    rows: int,
    years: tuple[float, float],
    hazard: float,
    grid: Sequence[int],
) -> Floats:
    """Cells, events then censored, of rows with a ``hazard`` a year, observed up to a time between
    ``years``.
    """
    times, ends = rng.exponential(365.25 / hazard, rows), rng.uniform(*years, rows) * 365.25
    cell = np.searchsorted(grid, np.ceil(np.minimum(times, ends)))
    bins = len(grid) + 1
    return np.bincount(cell + bins * (times > ends), minlength=2 * bins).astype(np.float64)
