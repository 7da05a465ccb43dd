"""What it gains to tell rows fading over the bins after theirs; writes fading.md beside.

    python -m tests.benchmarks.fading    # about two minutes

Cells are drawn from known laws. *Flat* tells each row in its bin alone, *fading* as coding.py has it,
both with one row moving the integers by 1 (L2) and with the same noise. Each is estimated by the
code under test from the same rows.
"""

from __future__ import annotations

import itertools
import math
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.exits import actuarial
from federated.combine.projection import Floats
from federated.combine.quantiles import estimate_quantiles
from federated.combine.survival import estimate_survival
from federated.study.coding import fading
from policies.measure import Quantiles
from tests.statistical.populations import POPULATIONS, QUARTERS, population

READ_AT = (365, 730, 1096, 1826)
LEVELS = (0.25, 0.5, 0.75)
BINS = len(QUARTERS) + 1
WAYS = {"flat": (1.0,), "fading": fading(BINS)}


def series(ratio: float, bins: int) -> list[float]:
    """(1 − r·x)^(−½), of norm 1."""
    terms = list(
        itertools.accumulate(
            range(1, bins), lambda s, k: s * ratio * (2 * k - 1) / (2 * k), initial=1.0
        )
    )
    size = math.sqrt(math.fsum(term * term for term in terms))
    return [term / size for term in terms]


def curve_noise(steps: Sequence[float], law: Floats) -> float:
    """Geometric mean over the edges of the noise variance of log S, to first order."""
    bins = law.size // 2
    base, slopes = np.log(actuarial(law)), []
    for cell in range(law.size):
        moved = law.copy()
        moved[cell] += 1e-6
        slopes.append((np.log(actuarial(moved)) - base) / 1e-6)
    shape = CellNoise.of(1.0, steps, bins).shape
    by_line = np.asarray(slopes).T.reshape(bins - 1, 2, bins) @ shape
    return float(np.exp(np.log((by_line**2).sum(axis=(1, 2))).mean()))


def rank_noise(steps: Sequence[float], bins: int) -> float:
    """The same of ranks at the levels, wherever in the middle of the bins their quantile lies."""
    sums = CellNoise.of(1.0, steps, bins).unit.sums
    at = [
        ((sums[max(1, round(place * bins))] - level * sums[-1]) ** 2).sum()
        for level in LEVELS
        for place in (0.15, 0.3, 0.5, 0.7, 0.85)
    ]
    return float(np.exp(np.log(at).mean()))


def first_order() -> Iterator[str]:
    """Rows of the table of ratios."""
    ratios = np.linspace(0, 1, 101)
    for bins in (5, 9, 13, 21, 41, 61):
        for alive in (0.9, 0.55, 0.3):
            law = steady(bins, alive)
            flat = curve_noise((1.0,), law)
            found = [curve_noise(series(r, bins), law) / flat for r in ratios]
            yield line(f"curve, {alive:.0%} alive at the last edge", bins, ratios, found,
                       curve_noise(fading(bins), law) / flat)  # fmt: skip
    for bins in (8, 16, 64, 256):
        flat = rank_noise((1.0,), bins)
        found = [rank_noise(series(r, bins), bins) / flat for r in ratios]
        yield line("rank", bins, ratios, found, rank_noise(fading(bins), bins) / flat)


def steady(bins: int, alive: float) -> Floats:
    """Cell probabilities with ``alive`` of those never censored left at the last edge, four in ten
    censored.
    """
    hazard, lost = (1 - share ** (1 / (bins - 1)) for share in (alive, 0.6))
    left = ((1 - hazard) * (1 - lost)) ** np.arange(bins)
    events, censored = left * hazard, left * (1 - hazard) * lost
    events[-1], censored[-1] = 0.0, left[-1]
    return np.concatenate([events, censored])


def line(what: str, bins: int, ratios: Floats, found: list[float], rule: float) -> str:
    best = int(np.argmin(found))
    return (
        f"| {what} | {bins} | {found[-1]:.2f} | {ratios[best]:.2f} | {found[best]:.2f} |"
        f" {max(1 - 3 / bins, 0):.2f} | {rule:.2f} |"
    )


def curves(repeats: int) -> Iterator[str]:
    rng = np.random.default_rng(7)
    edges = [QUARTERS.index(day) for day in READ_AT]
    for name, rows, variance in itertools.product(POPULATIONS, (300, 1200), (4.0, 50.0, 400.0)):
        law = population(name)
        true = np.asarray(law.survival)[edges]
        drawn = rng.multinomial(rows, law.cells / law.cells.sum(), size=repeats)
        shown = []
        for steps in WAYS.values():
            noise = CellNoise.of(variance, steps, BINS)
            cells = drawn + noise.draw(rng, drawn.shape)
            got = [
                [
                    (point.estimate, point.lower, point.upper)
                    for point in np.asarray(
                        estimate_survival(
                            each, noise, QUARTERS, READ_AT, confidence=0.95, seed=seed
                        ).curve
                    )[edges]
                ]
                for seed, each in enumerate(cells)
            ]  # fmt: skip
            shown.append(_figures(np.asarray(got), true))
        yield f"| {name} | {rows:,} | {variance:g} | {' | '.join(map(' / '.join, zip(*shown, strict=True)))} |"


def _figures(got: Floats, true: Floats) -> list[str]:
    """RMSE at each day, then over all days coverage and mean width."""
    error = np.sqrt(((got[..., 0] - true) ** 2).mean(axis=0))
    covered = ((got[..., 1] <= true) & (true <= got[..., 2])).mean()
    width = (got[..., 2] - got[..., 1]).mean()
    return [*(f"{each:.3f}" for each in error), f"{covered:.3f}", f"{width:.2f}"]


def medians(repeats: int) -> Iterator[str]:
    rng = np.random.default_rng(8)
    for bins, rows, variance in itertools.product((16, 64, 256), (100, 500), (4.0, 50.0)):
        edges = Quantiles(of="x", bounds=(0.0, 1.0), bins=bins).edges
        values = rng.beta(2, 4, (repeats, rows))
        true = np.asarray([0.1938, 0.3138, 0.4542])  # SciPy's beta.ppf
        cells = np.stack(
            [np.bincount(np.searchsorted(edges, each), minlength=bins) for each in values]
        )
        shown = []
        for steps in ((1.0,), fading(bins)):
            noise = CellNoise.of(variance, steps, bins)
            noisy = cells + noise.draw(rng, cells.shape)
            got = np.asarray(
                [
                    [
                        (one.estimate, one.lower, one.upper)
                        for one in estimate_quantiles(
                            each, noise, edges, (0.0, 1.0), LEVELS, confidence=0.95
                        )
                    ]
                    for each in noisy
                ]
            )
            shown.append(_figures(got, true))
        yield f"| {bins} | {rows} | {variance:g} | {' | '.join(map(' / '.join, zip(*shown, strict=True)))} |"


def page(repeats: int) -> str:
    began = time.monotonic()
    parts = ["\n".join(part) for part in (first_order(), curves(repeats), medians(repeats))]
    days = " | ".join(f"RMSE, day {day}" for day in READ_AT)
    return f"""# Histograms told fading

Written by `python -m tests.benchmarks.fading` in {time.monotonic() - began:.0f} s; do not edit. The series is
(1 − r·x)^(−½), r = 1 − 3/T of T bins (federated/study/coding.py).

## Noise variance over that of flat cells, to first order

Of log S, geometric mean over the edges; of ranks at {LEVELS}, over places in the middle of the bins.

| what | bins | r = 1 | best r | there | 1 − 3/T | there |
|---|---|---|---|---|---|---|
{parts[0]}

## Curves, flat / fading

Noise variance of an integer when a row moves the vector by 1; {repeats} draws. Coverage and width of 95 % intervals over all days.

| law | rows | noise | {days} | coverage | width |
|---|---|---|---|---|---|---|---|---|
{parts[1]}

## Quantiles, flat / fading

Beta(2, 4) between 0 and 1.

| bins | rows | noise | RMSE, .25 | RMSE, .5 | RMSE, .75 | coverage | width |
|---|---|---|---|---|---|---|---|
{parts[2]}
"""


if __name__ == "__main__":
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    Path(__file__).with_suffix(".md").write_text(page(repeats), encoding="utf-8")
