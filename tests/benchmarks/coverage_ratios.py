"""Coverage of the intervals of rates and of observed over expected: a section of coverage.md."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from federated.combine.estimate import Estimate
from federated.combine.projection import Floats
from federated.combine.ratio import estimate_ratio
from federated.study.plan import LEAN
from tests.statistical.exposures import Drawn, case_mix, first_events

__all__ = ["Cell", "cells", "lines", "summary"]

SITES, ROWS, RHO = (1, 3, 10), (20, 50, 100, 300), (0.005, 0.02, 0.1, 0.3, 1.0)
EVENTS = (0.02, 0.05, 0.15, 0.5)
RISKS = (0.02, 0.05, 0.15, 0.3)
RATIOS = (0.5, 1.0, 2.0)
TILT = 0.5
HEAD = (
    "kind", "share", "ρ", "coverage", "least–most", *(f"width n={n}" for n in ROWS), "uninformative",
    "counted: coverage", "least–most", "width of uncounted",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """Of one combination: coverage, median width over the truth, share uninformative; the first two
    also where the rows are ``counted`` (as without for rates).
    """

    kind: str
    share: float
    sites: int
    rows: int
    rho: float
    covered: float
    width: float
    unsure: float
    counted_covered: float
    counted_width: float


def cells(repeats: int = 1000) -> Iterator[Cell]:
    """Every combination; noise is that of a study of this one statistic."""
    rng, of_counts = np.random.default_rng(24), np.random.default_rng(25)
    for sites, rows, rho in itertools.product(SITES, ROWS, RHO):
        shape = repeats, sites * rows
        for share in EVENTS:
            figures = _figures(rng, first_events(rng, share, shape), sites, rho)
            yield Cell("rate", share, sites, rows, rho, *figures)
        for share, ratio in itertools.product(RISKS, RATIOS):
            drawn = case_mix(rng, share, ratio, shape)
            told = sites * rows + of_counts.normal(0, math.sqrt(sites / (2 * rho)), repeats)
            figures = _figures(rng, drawn, sites, rho, told)
            yield Cell("observed/expected", share, sites, rows, rho, *figures)


def _figures(
    rng: np.random.Generator,
    drawn: Drawn,
    sites: int,
    rho: float,
    counted: Floats | None = None,
) -> tuple[float, ...]:
    """``counted`` are the noisy numbers of rows, of observed over expected."""
    events, total, truth = drawn
    # Steps of 6 : 1: a row is at most as long as an event.
    of_w = sites / (2 * rho)
    of_z = of_w * (6 / LEAN[1]) ** 2
    noise = rng.normal(0, 1, (2, len(events)))
    w = events - TILT * total + math.sqrt(of_w) * noise[0]
    z = total + math.sqrt(of_z) * noise[1]

    def read(rows: Iterable[tuple[float, float] | None]) -> list[Estimate]:
        return [
            estimate_ratio(
                a,
                b,
                (of_w, of_z),
                TILT,
                longest=1.0,
                per=1.0,
                confidence=0.95,
                expected=counted is not None,
                rows=of,
            ).ratio
            for a, b, of in zip(w.tolist(), z.tolist(), rows, strict=True)
        ]

    got = read([None] * len(events))
    known = got if counted is None else read([(one, of_w) for one in counted.tolist()])
    unsure = float(np.mean([one.uninformative for one in got]))
    return *_covered(got, truth), unsure, *_covered(known, truth)


def _covered(got: list[Estimate], truth: float) -> tuple[float, float]:
    """How often, and the median width over the truth."""
    return (
        float(np.mean([one.lower <= truth <= one.upper for one in got])),
        float(np.median([one.upper - one.lower for one in got])) / truth,
    )


def lines(found: list[Cell]) -> Iterator[tuple[str, ...]]:
    """One line per kind, share and ρ, over sites, rows and ratios; widths over those informative."""
    for kind, shares in (("rate", EVENTS), ("observed/expected", RISKS)):
        for share, rho in itertools.product(shares, RHO):
            of = [one for one in found if (one.kind, one.share, one.rho) == (kind, share, rho)]
            covered = [one.covered for one in of]
            widths = [
                [one.width for one in of if one.rows == rows and one.unsure < 0.5] for rows in ROWS
            ]
            yield (
                kind,
                f"{share:g}",
                f"{rho:g}",
                f"{np.mean(covered):.3f}",
                f"{min(covered):.3f}–{max(covered):.3f}",
                *(f"{np.mean(some):.1f}" if some else "–" for some in widths),
                f"{np.mean([one.unsure for one in of]):.2f}",
                *(_counted(of) if kind != "rate" else ("–", "–", "–")),
            )


def _counted(of: list[Cell]) -> tuple[str, str, str]:
    covered = [one.counted_covered for one in of]
    ratios = [one.counted_width / one.width for one in of if one.unsure < 0.5]
    return (
        f"{np.mean(covered):.3f}",
        f"{min(covered):.3f}–{max(covered):.3f}",
        f"{np.mean(ratios):.2f}" if ratios else "–",
    )


def summary(found: list[Cell]) -> str:
    """Coverage over all cells of either kind, in words."""
    told = []
    for kind in ("rate", "observed/expected"):
        of = [one for one in found if one.kind == kind]
        told.append(f"{kind} {_range([one.covered for one in of])}")
    counted = [one.counted_covered for one in of]
    return f"{'; '.join(told)}, with the rows counted {_range(counted)}"


def _range(covered: list[float]) -> str:
    return f"{np.mean(covered):.3f} on average, {min(covered):.3f} at the least"
