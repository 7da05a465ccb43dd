"""Coverage of the intervals of standard deviations: a section of coverage.md."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from federated.combine.mean import estimate_mean
from federated.combine.projection import Floats

__all__ = ["HEAD", "Cell", "cells", "lines", "summary"]

SITES, ROWS, RHO = (1, 3, 10), (20, 50, 100, 300), (0.005, 0.02, 0.1, 0.3, 1.0)
STEPS = (1024, 512, 512)
_Shape = tuple[int, ...]
_Rng = np.random.Generator
VALUES: dict[str, Callable[[_Rng, _Shape], Floats]] = {
    "flat": lambda rng, shape: rng.uniform(-1, 1, shape),
    "narrow": lambda rng, shape: rng.normal(0.3, 0.1, shape),
    "high": lambda rng, shape: 2 * rng.beta(8, 2, shape) - 1,
    "skew": lambda rng, shape: 2 * rng.beta(0.5, 3, shape) - 1,
    "log-normal": lambda rng, shape: rng.lognormal(math.log(0.2), 0.6, shape) - 1,
    "outliers": lambda rng, shape: rng.normal(
        0, np.where(rng.uniform(size=shape) < 0.05, 0.3, 0.1)
    ),
    "equal": lambda _, shape: np.full(shape, 0.5),
}
WORDS = (
    "*log-normal* is .2·exp(.6·z) above the lower bound; of *outliers* one in twenty is three times "
    "as far from the middle (standard deviation .3 instead of .1)"
)
HEAD = ("values", "ρ", "coverage", "least–most", "of those shown", "width, of the bounds", "shown")
_SHOWN_MIN = 0.5


@dataclass(frozen=True)
class Cell:
    """Of one combination: coverage of all and of those shown, width over the bounds, share shown."""

    kind: str
    sites: int
    rows: int
    rho: float
    covered: float
    of_shown: float
    width: float
    shown: float


def cells(repeats: int = 2000) -> Iterator[Cell]:
    """Every combination; noise is that of a study of this one statistic."""
    rng = np.random.default_rng(25)
    most, square, number = STEPS
    for kind, draw in VALUES.items():
        truth = 0.0 if kind == "equal" else float(np.clip(draw(rng, (4_000_000,)), -1, 1).std())
        for sites, rows, rho in itertools.product(SITES, ROWS, RHO):
            values = draw(rng, (repeats, sites * rows))
            s = np.floor(np.clip(values, -1, 1) * most + 0.5)
            q = np.floor(2 * square * s**2 / most**2 + 0.5) - square
            variance = sites * sum(step**2 for step in STEPS) / (2 * rho)
            noise = rng.normal(0, math.sqrt(variance), (3, repeats))
            told = (
                (s.sum(axis=1) + noise[0]) / most,
                (q.sum(axis=1) + noise[1]) / square,
                sites * rows + noise[2] / number,
            )
            one, two, three = (variance / step**2 for step in STEPS)
            got = [
                estimate_mean(a, b, c, (one, two, three), (-1.0, 1.0), confidence=0.95).sd
                for a, b, c in zip(*(part.tolist() for part in told), strict=True)
            ]
            held = np.array([each.lower <= truth <= each.upper for each in got])
            shown = np.array([not each.uninformative for each in got])
            yield Cell(
                kind,
                sites,
                rows,
                rho,
                float(held.mean()),
                float(held[shown].mean()) if shown.any() else math.nan,
                float(np.mean([each.upper - each.lower for each in got])) / 2,
                float(shown.mean()),
            )


def lines(found: list[Cell]) -> Iterator[tuple[str, ...]]:
    """One line per kind of values and ρ, over sites and rows."""
    for kind, rho in itertools.product(VALUES, RHO):
        of = [one for one in found if (one.kind, one.rho) == (kind, rho)]
        covered, widths = [one.covered for one in of], [one.width for one in of]
        yield (
            kind,
            f"{rho:g}",
            f"{np.mean(covered):.3f}",
            f"{min(covered):.3f}–{max(covered):.3f}",
            f"{_of_shown(of):.3f}",
            f"{min(widths):.3f}–{max(widths):.3f}",
            f"{np.mean([one.shown for one in of]):.2f}",
        )


def summary(found: list[Cell]) -> str:
    """Coverage over all cells, in words."""
    covered = [one.covered for one in found]
    often = [one.of_shown for one in found if one.shown >= _SHOWN_MIN]
    seldom = [one for one in found if 0 < one.shown < _SHOWN_MIN]
    return (
        f"{np.mean(covered):.3f} on average, {min(covered):.3f} at the least. Of those shown (not "
        f"uninformative) {_of_shown(found):.3f} hold the truth, {min(often):.3f} at the least where "
        f"half or more are shown; where fewer are, {len(seldom)} cells, noise still chooses them: "
        f"{_of_shown(seldom):.3f}"
    )


def _of_shown(found: list[Cell]) -> float:
    some = [one for one in found if one.shown > 0]
    return float(np.average([one.of_shown for one in some], weights=[one.shown for one in some]))
