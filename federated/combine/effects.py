"""What a fitted regression says of every level: its effect, or that nothing can be told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from federated.combine.estimate import UNINFORMATIVE_WIDTH, two_sided_z
from federated.combine.factors import Design
from federated.combine.glm import information
from federated.combine.projection import Floats
from federated.combine.result import Effect
from federated.combine.score_test import Direction, ScoreTest

__all__ = [
    "Effect",
    "FactorEffects",
    "Fit",
    "Model",
    "RegressionEstimate",
    "nothing_told",
    "read_effects",
]

Model: TypeAlias = Literal["logistic", "linear", "poisson"]

RATIO_WIDTH = 100.0
"""The ends of a ratio's interval further apart than by this factor tell a reader nothing."""


@dataclass(frozen=True)
class FactorEffects:
    """All levels beside the ``reference``, by their codes, and the joint test of the ``tested``
    ones (those whose rows can be told from none); ``p_value`` None where fewer than two are.
    """

    reference: str
    effects: tuple[Effect, ...]
    tested: tuple[str, ...]
    p_value: float | None


@dataclass(frozen=True)
class RegressionEstimate:
    """``n`` noisy rows (rates: time) in the fit, ``left_out`` those in no stratum of it."""

    model: Model
    factors: tuple[FactorEffects, ...]
    n: float
    left_out: float


@dataclass(frozen=True)
class Fit:
    """A solved model with its test; ``freedom`` degrees of the residuals (infinite but for linear
    ones), ``scale`` the value's unit for effects on [−1, 1].
    """

    model: Model
    design: Design
    test: ScoreTest
    confidence: float
    freedom: float
    scale: float

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Which β are not at a limit."""
        return np.abs(self.test.beta) < self.test.family.limit

    def covariances(self) -> tuple[Floats, Floats]:
        """Sandwich covariance of β: sampling and noise; 0 where β is at a limit."""
        test = self.test
        eta = test.offset + self.design.matrix @ test.beta
        mu = test.family.mean(eta)
        free = np.ix_(self.solved, self.solved)
        matrix = information(test.cells, test.family, self.design.matrix, eta)
        inverse = np.zeros_like(matrix)
        inverse[free] = np.linalg.inv(matrix[free])
        by_chance = test.covariance(mu, noise=False)
        by_noise = test.covariance(mu, sampling=False)
        return inverse @ by_chance @ inverse, inverse @ by_noise @ inverse

    @property
    def critical(self) -> float:
        """Of the score statistic for one coefficient."""
        if math.isinf(self.freedom):
            return two_sided_z(self.confidence) ** 2
        from scipy.special import stdtrit  # scipy.stats takes a second to import

        return float(stdtrit(self.freedom, (1 + self.confidence) / 2)) ** 2

    def p_value(self, direction: Direction) -> float | None:
        """Of the hypothesis that what the direction tests is 0."""
        count = direction.tested.shape[1]
        statistic = self.test.statistic(direction, np.zeros(count))
        if statistic is None:
            return None
        from scipy.special import chdtrc, fdtrc

        if math.isinf(self.freedom):
            return float(chdtrc(count, max(statistic, 0.0)))
        return float(fdtrc(count, self.freedom, max(statistic, 0.0) / count))


def read_effects(fit: Fit, references: Sequence[str], n: Floats) -> RegressionEstimate:
    """With the noisy ``n`` of all strata."""
    model, design = fit.model, fit.design
    sampling, noise = fit.covariances()
    factors = []
    for f, (factor, reference) in enumerate(zip(design.factors, references, strict=True)):
        against = factor.levels.index(reference)
        effects = []
        for level, code in enumerate(factor.levels):
            if level == against:
                continue
            if factor.present[level] and factor.present[against]:
                direction = design.contrast(f, level, against)
                effects.append(_effect(fit, direction, sampling, noise, code, factor.rows[level]))
            else:
                effects.append(_untold(model, code, factor.rows[level]))
        tested = tuple(c for c, told in zip(factor.levels, factor.present, strict=True) if told)
        p_value = fit.p_value(design.jointly(f)) if len(tested) > 1 else None
        factors.append(FactorEffects(reference, tuple(effects), tested, p_value))
    used = float(n[design.used].sum())
    return RegressionEstimate(model, tuple(factors), used, float(n.sum()) - used)


def _effect(
    fit: Fit,
    direction: Direction,
    sampling: Floats,
    noise: Floats,
    level: str,
    rows: float,
) -> Effect:
    along = _along(direction)
    theta = float(along @ fit.test.beta)
    by_noise, by_chance = (float(along @ part @ along) for part in (noise, sampling))
    p_value = fit.p_value(direction)
    error = math.sqrt(by_noise + by_chance)
    separated = bool((along[~fit.solved] != 0).any())
    step = two_sided_z(fit.confidence) * (1.0 if separated else max(error, 1e-9))
    low, high = fit.test.interval(direction, theta, step, critical=fit.critical)
    scale = fit.scale
    uninformative = separated or _says_nothing(fit.model, low, high)
    return Effect(
        level=level,
        estimate=None if separated else _shown(fit.model, theta, scale),
        lower=_shown(fit.model, low, scale),
        upper=_shown(fit.model, high, scale),
        standard_error=None if separated else error * scale,
        noise_sd=None if separated else math.sqrt(by_noise) * scale,
        p_value=p_value,
        n=rows,
        uninformative=uninformative,
    )


def _along(direction: Direction) -> Floats:
    """The v with θ = v·β: it is 1 along what is tested and 0 along all else."""
    basis = np.hstack([direction.tested, direction.others])
    first: Floats = np.linalg.inv(basis)[0]
    return first


def _says_nothing(model: Model, low: float, high: float) -> bool:
    if model == "linear":
        return high - low > 2 * UNINFORMATIVE_WIDTH  # of bounds that are 2 apart
    return high - low > math.log(RATIO_WIDTH)


def _shown(model: Model, theta: float, scale: float) -> float | None:
    if model == "linear":
        return min(max(theta, -2.0), 2.0) * scale
    return None if theta == math.inf else math.exp(theta)


def _untold(model: Model, level: str, rows: float) -> Effect:
    return Effect(
        level=level,
        estimate=None,
        lower=None if model == "linear" else 0.0,
        upper=None,
        standard_error=None,
        noise_sd=None,
        p_value=None,
        n=rows,
        uninformative=True,
    )


def nothing_told(
    model: Model, design: Design, references: Sequence[str], n: Floats
) -> RegressionEstimate:
    """Where no level can be told from none, or noise leaves no answer at all."""
    factors = tuple(
        FactorEffects(
            reference,
            tuple(
                _untold(model, level, rows)
                for level, rows in zip(factor.levels, factor.rows, strict=True)
                if level != reference
            ),
            (),
            None,
        )
        for factor, reference in zip(design.factors, references, strict=True)
    )
    return RegressionEstimate(model, factors, 0.0, float(n.sum()))
