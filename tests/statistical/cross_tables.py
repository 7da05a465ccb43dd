"""Simulated cross-tables of covariates with known effects, for the coverage of regressions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from federated.combine.projection import Floats
from federated.combine.regression import (
    Effect,
    Model,
    RegressionEstimate,
    estimate_regression,
)
from federated.study.plan import Stratum

__all__ = ["TABLES", "Seen", "Table", "seen", "simulate", "variances"]


@dataclass(frozen=True)
class Table:
    """Factors with the ``effects`` of their levels (the first is the reference), in logarithms of
    odds or rates or as a part of half the bounds; cells drawn once from a Dirichlet law of
    ``evenness``, the more the evener; ``base`` is η of the references.
    """

    words: str
    effects: tuple[tuple[float, ...], ...]
    base: float
    evenness: float

    @property
    def strata(self) -> tuple[Stratum, ...]:
        """Levels by their numbers."""
        return tuple(itertools.product(*(map(str, range(len(of))) for of in self.effects)))

    def law(self) -> Floats:
        """Share of the rows in each cell."""
        rng = np.random.default_rng(11)
        return rng.dirichlet(np.full(len(self.strata), self.evenness))

    def eta(self, scale: float) -> Floats:
        """Of each cell, all effects times ``scale``."""
        return np.array(
            [
                scale * (self.base + sum(of[int(at)] for of, at in zip(self.effects, s, strict=True)))  # type: ignore[arg-type]
                for s in self.strata
            ]
        )  # fmt: skip


TABLES = {
    "even": Table("3 × 4 levels", ((0, 0, 0), (0, 0.7, -0.7, 1.1)), 0.3, 10.0),
    "uneven": Table(
        "3 × 4 levels, some cells of next to no rows", ((0, 0, 0), (0, 0.7, -0.7, 1.1)), 0.3, 0.7
    ),
    "rare": Table("2 × 3 levels, 8 % at the references", ((0, 0), (0, 0.7, 1.1)), -2.4, 5.0),
    "many": Table(
        "2 × 3 × 5 levels", ((0, 0), (0, 0.7, 1.1), (0, 0, 0, 0, 0)), -0.5, 2.0
    ),
}  # fmt: skip
SPREAD = 0.25
"""Standard deviation of a value about its mean, as a part of half its bounds."""
_OF_MEAN = (1.0, 2.0, 4.0)
_SCALE: dict[Model, float] = {"logistic": 1.0, "poisson": 1.0, "linear": 0.2}


def variances(model: Model, sites: int, rho: float) -> Floats:
    """Pooled noise of each reading, of a study of this statistic alone."""
    if model == "linear":
        # Steps in the proportion 1 : 1/√2 : ½, as studies have them.
        return sites * sum(1 / each for each in _OF_MEAN) / (2 * rho) * np.array(_OF_MEAN)
    return np.full(2, sites / rho)


def simulate(
    table: Table, model: Model, rows: int, noise: Floats, studies: int, seed: int
) -> Iterator[RegressionEstimate]:
    """Fits of ``studies`` with as many ``rows``; exposures of a rate are of one unit a row."""
    rng = np.random.default_rng([seed, rows])
    law, eta = table.law(), table.eta(_SCALE[model])
    references = ["0"] * len(table.effects)
    for _ in range(studies):
        counts = rng.multinomial(rows, law)
        if model == "logistic":
            yes = rng.binomial(counts, 1 / (1 + np.exp(-eta)))
            told = np.stack([2.0 * yes - counts, counts], axis=1)
        elif model == "poisson":
            told = np.stack([rng.poisson(counts * np.exp(eta - 1)), counts], axis=1) * 1.0
        else:
            told = np.array([_moments(rng, n, at) for n, at in zip(counts, eta, strict=True)])
        noisy = told + rng.normal(0, np.sqrt(noise), told.shape)
        yield estimate_regression(model, noisy, noise, table.strata, references, confidence=0.95)


def _moments(rng: np.random.Generator, rows: int, mean: float) -> tuple[float, float, int]:
    z = np.clip(rng.normal(mean, SPREAD, rows), -1, 1)
    return z.sum(), (2 * z**2 - 1).sum(), rows


@dataclass(frozen=True)
class Seen:
    """What became of an effect: was its truth held, is it told as informative, how wide is its
    interval (of a ratio: in logarithms), and if it is none, its p-value.
    """

    held: bool
    informative: bool
    width: float
    p_of_none: float | None


def seen(table: Table, model: Model, fits: Iterator[RegressionEstimate]) -> tuple[list[Seen], list[float]]:  # fmt: skip
    """All effects of all fits; and the joint p-values of factors without any."""
    found, joint = [], []
    for fit in fits:
        for of, factor in zip(table.effects, fit.factors, strict=True):
            if not any(of) and factor.p_value is not None:
                joint.append(factor.p_value)
            found.extend(
                _one(effect, _SCALE[model] * of[int(effect.level)], model)
                for effect in factor.effects
            )
    return found, joint


def _one(effect: Effect, truth: float, model: Model) -> Seen:
    if model == "linear":
        low = -math.inf if effect.lower is None else effect.lower
        high = math.inf if effect.upper is None else effect.upper
    else:
        low = math.log(effect.lower) if effect.lower else -math.inf
        high = math.inf if effect.upper is None else math.log(effect.upper)
    return Seen(
        held=low <= truth <= high,
        informative=not effect.uninformative,
        width=high - low,
        p_of_none=None if truth else effect.p_value,
    )
