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
from dataclasses import replace

import numpy as np

from federated.combine.effects import (
    FactorEffects,
    Fit,
    Model,
    RegressionEstimate,
    nothing_told,
    read_effects,
)
from federated.combine.estimate import two_sided_z
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
from federated.combine.result import Effect
from federated.combine.score_test import ScoreTest
from federated.study.plan import Stratum

__all__ = ["Effect", "FactorEffects", "Model", "RegressionEstimate", "estimate_regression"]

_HIDDEN = 0.25
"""Standard deviations of its noise added to the residual variance, as for a mean."""


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
            fit = Fit(model, design, test, confidence, freedom, scale)
            return _in_units(read_effects(fit, references, n), bounds)
    return _in_units(nothing_told(model, design, references, n), bounds)


def _in_units(found: RegressionEstimate, bounds: tuple[float, float]) -> RegressionEstimate:
    """With time in its own unit."""
    if found.model != "poisson":
        return found
    unit = bounds[1]
    factors = tuple(
        replace(
            factor,
            effects=tuple(
                effect.model_copy(update={"n": effect.n * unit}) for effect in factor.effects
            ),
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
