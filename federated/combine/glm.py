"""Generalised linear models on noisy cells, by an estimating equation that noise leaves unbiased.

Cell c holds y (successes, the sum of a value, events) among n (rows known, exposure), both noisy,
and has the covariates x. With a canonical link and η = xβ the score

    U(β) = Σ x·(y − n·μ(η))       has mean 0 at the true β, and
    Var U(β) = Σ x xᵀ·(φ·n·V(μ) + Var y − 2μ·Cov(y, n) + μ²·Var n)    (sampling + noise):

noise enters it linearly, so nothing is clamped or projected before it is solved. Without noise
U = 0 is the maximum-likelihood fit (McCullagh & Nelder 1989).

Noise may leave n negative, and the information Σ x xᵀ·n·V(μ) then need not be positive definite:
there is no answer there, and that is said. Coefficients are held to [−LIMIT, LIMIT] around a start:
one that runs there is separated, and the others are still found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from federated.combine.projection import Floats, project_simplex

__all__ = ["LIMIT", "LINEAR", "LOGISTIC", "POISSON", "Cells", "Family", "information", "solve"]

LIMIT = 8.0
"""Logarithms of odds or rates further apart than this (a factor of 3,000) are not told apart."""
_ROUNDS = 60
_CLOSE = 1e-10
_SINGULAR = 1e-5
"""Less than this of a covariate's length is left beside the others: it cannot be told from them."""


@dataclass(frozen=True)
class Family:
    """A distribution with its canonical link: ``mean`` μ(η), ``variance`` V(μ) = dμ/dη up to the
    dispersion, ``cumulant`` b(η) with b′ = μ, and the link itself.
    """

    name: str
    mean: Callable[[Floats], Floats]
    variance: Callable[[Floats], Floats]
    cumulant: Callable[[Floats], Floats]
    link: Callable[[float], float | None]
    """η of an overall μ; None where there is none, as for no events."""
    strength: Callable[[float, float], float]
    """How much y of n tell: the rarer of the two outcomes, the events, the rows."""
    limit: float = LIMIT


@dataclass(frozen=True)
class Cells:
    """Noisy ``y`` and ``n`` of shape (cells,), and the noise of every cell: Var y, Cov(y, n),
    Var n. ``dispersion`` is φ, 1 but for values.
    """

    y: Floats
    n: Floats
    noise: tuple[float, float, float]
    dispersion: float = 1.0

    def possible(self) -> Floats:
        """The ``n`` made possible, none negative and total kept; for sampling variances alone."""
        total = np.asarray(max(float(self.n.sum()), 1.0))
        return project_simplex(self.n, total, np.ones_like(self.n))

    def sampling(self, family: Family, mu: Floats, n: Floats) -> Floats:
        """Sampling variance of y − n·μ in each cell, from :meth:`possible` n."""
        spread: Floats = self.dispersion * n * family.variance(mu)
        return spread

    def noise_variance(self, mu: Floats) -> Floats:
        """Noise variance of y − n·μ in each cell."""
        of_y, both, of_n = self.noise
        # A rounding error may leave less than none.
        spread: Floats = np.maximum(of_y - 2 * mu * both + mu * mu * of_n, 0.0)
        return spread


def _logistic(eta: Floats) -> Floats:
    mu: Floats = 0.5 * (1 + np.tanh(eta / 2))
    return mu


def _logit(share: float) -> float | None:
    return float(np.log(share / (1 - share))) if 0 < share < 1 else None


def _exp(eta: Floats) -> Floats:
    mu: Floats = np.exp(np.minimum(eta, 100.0))  # its square, times rows, is still a double
    return mu


LOGISTIC = Family(
    "logistic",
    mean=_logistic,
    variance=lambda mu: mu * (1 - mu),
    cumulant=lambda eta: np.logaddexp(0.0, eta),
    link=_logit,
    strength=lambda y, n: min(y, n - y),
)
POISSON = Family(
    "poisson",
    mean=_exp,
    variance=lambda mu: mu,
    cumulant=_exp,
    link=lambda rate: float(np.log(rate)) if rate > 0 else None,
    strength=lambda y, _: y,
)
LINEAR = Family(
    "linear",
    mean=lambda eta: eta,
    variance=np.ones_like,
    cumulant=lambda eta: eta * eta / 2,
    link=lambda mean: mean,
    strength=lambda _, n: n,
    limit=np.inf,
)


def information(cells: Cells, family: Family, design: Floats, eta: Floats) -> Floats:
    """Σ x xᵀ·n·V(μ), as noisy as n."""
    weight = cells.n * family.variance(family.mean(eta))
    found: Floats = design.T @ (weight[:, None] * design)
    return found


def solve(
    cells: Cells, family: Family, design: Floats, offset: Floats, start: Floats
) -> Floats | None:
    """β of shape (K,) with U(β) = 0, η = offset + design·β; None if noise leaves no answer.

    Newton's method with halved steps on Σ y·η − n·b(η), of which U is the gradient. At a limit of
    a coefficient its own part of U may be other than 0, pointing outward.
    """
    beta = start.copy()
    value = _objective(cells, family, offset + design @ beta)
    for _ in range(_ROUNDS):
        eta = offset + design @ beta
        score = design.T @ (cells.y - cells.n * family.mean(eta))
        outward = (np.abs(beta) >= family.limit) & (score * beta > 0)
        free = ~outward
        if not free.any():
            return beta
        matrix = information(cells, family, design, eta)[np.ix_(free, free)]
        step = np.zeros_like(beta)
        direction = _definite(matrix, score[free])
        if direction is None:
            return None
        step[free] = direction
        if float(np.abs(step).max()) < _CLOSE:
            return np.clip(beta + step, -family.limit, family.limit)
        found = _halved(cells, family, design, offset, beta, step, value)
        if found is None:
            return beta if float(np.abs(step).max()) < 1e-6 else None
        beta, value = found
    return None


def _definite(matrix: Floats, score: Floats) -> Floats | None:
    """Solution of a positive definite system; None if it is not."""
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    if not (scale > 0).all():
        return None
    relative = matrix / np.outer(scale, scale)
    try:
        factor = np.linalg.cholesky(relative)
    except np.linalg.LinAlgError:
        return None
    if float(np.diag(factor).min()) < _SINGULAR:
        return None
    solved: Floats = np.linalg.solve(relative, score / scale) / scale
    return solved


def _objective(cells: Cells, family: Family, eta: Floats) -> float:
    return float(cells.y @ eta - cells.n @ family.cumulant(eta))


def _halved(
    cells: Cells,
    family: Family,
    design: Floats,
    offset: Floats,
    beta: Floats,
    step: Floats,
    value: float,
) -> tuple[Floats, float] | None:
    for _ in range(30):
        tried = np.clip(beta + step, -family.limit, family.limit)
        reached = _objective(cells, family, offset + design @ tried)
        if np.isfinite(reached) and reached >= value - 1e-12 * abs(value):
            return tried, reached
        step = step / 2
    return None
