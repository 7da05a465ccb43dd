"""Regression on categorical covariates, read from a statistic's noisy strata.

Strata are the cells: a proportion over them gives a logistic regression, a mean a linear one, and
[events, time] a Poisson one with the logarithm of time as offset. Main effects only, treatment
coding; strata where an element is missing are left out. It is a reading: nothing beyond the
releases is needed. See :mod:`federated.combine.glm` for the estimate, and for intervals and tests
:mod:`federated.combine.score_test`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from federated.combine.estimate import UNINFORMATIVE_WIDTH, two_sided_z
from federated.combine.factors import Design, levels_of, make_design
from federated.combine.glm import (
    LINEAR,
    LOGISTIC,
    POISSON,
    Cells,
    Family,
    information,
    solve,
)
from federated.combine.projection import Floats
from federated.combine.score_test import Direction, ScoreTest
from federated.study.plan import Stratum

__all__ = ["Effect", "FactorEffects", "Model", "RegressionEstimate", "estimate_regression"]

Model: TypeAlias = Literal["logistic", "linear", "poisson"]

RATIO_WIDTH = 100.0
"""The ends of a ratio's interval further apart than by this factor tell a reader nothing."""
_HIDDEN = 0.25
"""Standard deviations of its noise added to the residual variance, as for a mean."""


@dataclass(frozen=True)
class Effect:
    """A level beside the reference: odds ratio, rate ratio or difference in the value's unit.

    ``estimate`` is None where none can be told, ``upper`` where the interval has no end; the lower
    limit of a ratio is then 0. ``noise_sd`` is that of the estimate, of a ratio that of its
    logarithm, as is ``standard_error``, which takes in sampling as well. ``p_value`` is the score
    test's of no effect, None where it cannot be made. ``n`` are the noisy rows (rates: the time)
    of the level.
    """

    level: str
    estimate: float | None
    lower: float | None
    upper: float | None
    standard_error: float | None
    noise_sd: float | None
    p_value: float | None
    n: float
    uninformative: bool


@dataclass(frozen=True)
class FactorEffects:
    """All levels beside the ``reference``, and the joint test of the ``tested`` ones (those whose
    rows can be told from none); ``p_value`` None where fewer than two are.
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


def estimate_regression(
    model: Model,
    readings: Floats,
    variances: Floats,
    strata: Sequence[Stratum],
    references: Sequence[str],
    *,
    bounds: tuple[float, float] = (-1.0, 1.0),
    lean: float = 0.0,
    confidence: float,
) -> RegressionEstimate:
    """Fit on ``readings`` of shape (strata, ·) with noise ``variances`` of each: logistic [d, m],
    linear [Σz, Σ(2z² − 1), n] for a value with ``bounds``, poisson [events − ``lean``·time, time]
    with time in parts of its upper bound.

    ``references`` name a level of each element.
    """
    family, cells = _cells(model, readings, variances, lean)
    z = two_sided_z(confidence)
    n = cells.n
    levels = sum(map(len, levels_of(strata)))
    for drop in range(levels):
        design = make_design(strata, cells, family, z=z, drop=drop)
        if not design.used.any():
            break
        inner = replace(cells, y=cells.y[design.used], n=n[design.used])
        fitted = _fit(inner, family, design)
        if fitted is not None:
            offset, beta = fitted
            freedom = math.inf
            if model == "linear":
                inner, freedom = _with_dispersion(
                    inner, design, readings[design.used], variances, offset, beta
                )
            test = ScoreTest(inner, family, design.matrix, offset, beta)
            scale = 1.0 if model != "linear" else (bounds[1] - bounds[0]) / 2
            reader = _Reader(model, design, test, confidence, freedom, scale)
            return _in_units(_told(model, reader, references, n), bounds)
    return _in_units(_nothing(model, design, references, n), bounds)


def _in_units(found: RegressionEstimate, bounds: tuple[float, float]) -> RegressionEstimate:
    """With time in its own unit."""
    if found.model != "poisson":
        return found
    unit = bounds[1]
    factors = tuple(
        replace(
            factor,
            effects=tuple(replace(effect, n=effect.n * unit) for effect in factor.effects),
        )
        for factor in found.factors
    )
    return replace(found, factors=factors, n=found.n * unit, left_out=found.left_out * unit)


def _cells(model: Model, readings: Floats, variances: Floats, lean: float) -> tuple[Family, Cells]:
    if model == "logistic":
        d, m = readings.T
        of_d, of_m = float(variances[0]), float(variances[1])
        # x = (d + m)/2 shares the noise of m.
        return LOGISTIC, Cells((d + m) / 2, m, ((of_d + of_m) / 4, of_m / 2, of_m))
    if model == "linear":
        return LINEAR, Cells(
            readings[:, 0], readings[:, 2], (float(variances[0]), 0.0, float(variances[2]))
        )
    less, time = readings.T
    of_less, of_time = float(variances[0]), float(variances[1])
    noise = of_less + lean**2 * of_time, lean * of_time, of_time
    return POISSON, Cells(less + lean * time, time, noise)


def _fit(cells: Cells, family: Family, design: Design) -> tuple[float, Floats] | None:
    """Offset and β; None if noise leaves no answer."""
    total = float(cells.n.sum())
    offset = family.link(float(cells.y.sum()) / total) if total > 0 else None
    if offset is None:
        return None
    start = np.zeros(design.matrix.shape[1])
    beta = solve(cells, family, design.matrix, np.full(len(cells.n), offset), start)
    return None if beta is None else (offset, beta)


def _with_dispersion(
    cells: Cells,
    design: Design,
    readings: Floats,
    variances: Floats,
    offset: float,
    beta: Floats,
) -> tuple[Cells, float]:
    """With the residual variance of a linear regression on [−1, 1], and its degrees of freedom.

    The residual sum of squares, Σ Σz² − 2η·Σz + η²·n, is linear in the noise; fitting takes
    tr(H⁻¹·Var U) from it, K·φ of it for sampling.
    """
    s, q, n = readings.T
    eta = offset + design.matrix @ beta
    squares = float((q / 2 + (0.5 + eta**2) * n - 2 * eta * s).sum())
    inverse = np.linalg.inv(information(cells, LINEAR, design.matrix, eta))
    noise = cells.noise_variance(eta)
    fitted = float(np.trace(inverse @ (design.matrix.T @ (noise[:, None] * design.matrix))))
    freedom = max(float(n.sum()) - design.matrix.shape[1], 1.0)
    of_s, of_q, of_n = (float(each) for each in variances)
    sd = math.sqrt(float((of_q / 4 + (0.5 + eta**2) ** 2 * of_n + 4 * eta**2 * of_s).sum()))
    dispersion = (squares + fitted + _HIDDEN * sd) / freedom
    return replace(cells, dispersion=min(max(dispersion, 0.0), 1.0)), freedom


@dataclass(frozen=True)
class _Reader:
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


def _told(
    model: Model, reader: _Reader, references: Sequence[str], n: Floats
) -> RegressionEstimate:
    design = reader.design
    sampling, noise = reader.covariances()
    factors = []
    for f, (factor, reference) in enumerate(zip(design.factors, references, strict=True)):
        against = factor.levels.index(reference)
        effects = []
        for level, code in enumerate(factor.levels):
            if level == against:
                continue
            if factor.present[level] and factor.present[against]:
                direction = design.contrast(f, level, against)
                effects.append(
                    _effect(reader, direction, sampling, noise, code, factor.rows[level])
                )
            else:
                effects.append(_untold(model, code, factor.rows[level]))
        tested = tuple(c for c, told in zip(factor.levels, factor.present, strict=True) if told)
        p_value = reader.p_value(design.jointly(f)) if len(tested) > 1 else None
        factors.append(FactorEffects(reference, tuple(effects), tested, p_value))
    used = float(n[design.used].sum())
    return RegressionEstimate(model, tuple(factors), used, float(n.sum()) - used)


def _effect(
    reader: _Reader,
    direction: Direction,
    sampling: Floats,
    noise: Floats,
    level: str,
    rows: float,
) -> Effect:
    along = _along(direction)
    theta = float(along @ reader.test.beta)
    by_noise, by_chance = (float(along @ part @ along) for part in (noise, sampling))
    p_value = reader.p_value(direction)
    error = math.sqrt(by_noise + by_chance)
    separated = bool((along[~reader.solved] != 0).any())
    step = two_sided_z(reader.confidence) * (1.0 if separated else max(error, 1e-9))
    low, high = reader.test.interval(direction, theta, step, critical=reader.critical)
    scale = reader.scale
    uninformative = separated or _says_nothing(reader.model, low, high)
    return Effect(
        level=level,
        estimate=None if separated else _shown(reader.model, theta, scale),
        lower=_shown(reader.model, low, scale),
        upper=_shown(reader.model, high, scale),
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


def _nothing(
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
