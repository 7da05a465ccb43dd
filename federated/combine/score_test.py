"""Tests and intervals for coefficients on noisy cells, by inverting the score test (DESIGN D19).

For a hypothesis Gᵀβ = b the other coefficients are solved for; what is left of the score,

    T = UᴳᵀM⁻¹Uᴳ,   M = A·Var U·Aᵀ,   A = (1, −H_GN·H_NN⁻¹),

is χ² with as many degrees of freedom as G has columns (the generalised score test, Boos, American
Statistician 1992; without noise Rao's). Var U knows sampling and noise, both at the hypothesis. An
interval holds every b that the test keeps, going out from the estimate; with one coefficient it is
Fieller's, as for proportions. Where no value is excluded the interval stays open.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from federated.combine.glm import Cells, Family, information, solve
from federated.combine.projection import Floats

__all__ = ["Direction", "ScoreTest"]


@dataclass(frozen=True)
class Direction:
    """``tested`` (K, q) and ``others`` (K, r): β = tested·b + others·γ reaches every β."""

    tested: Floats
    others: Floats


class ScoreTest:
    """The test over ``cells`` with ``design`` (cells, K), fitted β and ``offset`` (a number)."""

    def __init__(
        self, cells: Cells, family: Family, design: Floats, offset: float, beta: Floats
    ) -> None:
        self.cells = cells
        self.family = family
        self.design = design
        self.offset = offset
        self.beta = beta
        self._possible = cells.possible()

    def statistic(self, direction: Direction, values: Floats) -> float | None:
        """T at ``values`` (q,); None where the others have no answer."""
        gamma = self._others(direction, values, self._start(direction))
        return None if gamma is None else self._with(direction, values, gamma)

    def _start(self, direction: Direction) -> Floats:
        """The others as they were fitted."""
        basis = np.hstack([direction.tested, direction.others])
        fitted: Floats = np.asarray(np.linalg.solve(basis, self.beta), dtype=np.float64)
        limit = self.family.limit
        return np.clip(fitted, -limit, limit)[direction.tested.shape[1] :]

    def _others(self, direction: Direction, values: Floats, start: Floats) -> Floats | None:
        offset = self.offset + self.design @ (direction.tested @ values)
        return solve(self.cells, self.family, self.design @ direction.others, offset, start)

    def _with(self, direction: Direction, values: Floats, gamma: Floats) -> float | None:
        eta = self.offset + self.design @ (direction.tested @ values + direction.others @ gamma)
        # Of those at a limit the score is not solved.
        solved = direction.others[:, np.abs(gamma) < self.family.limit]
        return self._at(direction.tested, solved, eta)

    def _at(self, tested: Floats, others: Floats, eta: Floats) -> float | None:
        mu = self.family.mean(eta)
        matrix = information(self.cells, self.family, self.design, eta)
        try:
            slope = np.linalg.solve(others.T @ matrix @ others, others.T @ matrix)
        except np.linalg.LinAlgError:
            return None
        # (q, K): the tested score less what the others' would explain of it.
        left = tested.T - (slope @ tested).T @ others.T
        score = left @ (self.design.T @ (self.cells.y - self.cells.n * mu))
        spread = left @ self.covariance(mu) @ left.T
        if not np.isfinite(spread).all():
            return None
        try:
            return float(score @ np.linalg.solve(spread, score))
        except np.linalg.LinAlgError:
            return None

    def covariance(self, mu: Floats, *, sampling: bool = True, noise: bool = True) -> Floats:
        """Var U at cell means ``mu``, or one part of it."""
        weight = np.zeros_like(mu)
        if sampling:
            weight = weight + self.cells.sampling(self.family, mu, self._possible)
        if noise:
            weight = weight + self.cells.noise_variance(mu)
        found: Floats = self.design.T @ (weight[:, None] * self.design)
        return found

    def interval(
        self, direction: Direction, estimate: float, step: float, *, critical: float
    ) -> tuple[float, float]:
        """All b around the ``estimate`` with T ≤ ``critical``; ±infinity where it stays open.

        ``step`` is about how far the ends are.
        """
        return (
            self._end(direction, estimate, -step, critical),
            self._end(direction, estimate, step, critical),
        )

    def _end(self, direction: Direction, estimate: float, step: float, critical: float) -> float:
        from scipy.optimize import brentq  # takes a third of a second to import

        gamma = self._start(direction)

        @functools.cache  # with other neighbours the others may be solved otherwise
        def beyond(value: float) -> float:
            """Nearly linear in ``value``; negative where the test keeps it, or cannot be made."""
            nonlocal gamma
            others = self._others(direction, np.array([value]), gamma)
            if others is None:
                return -1.0
            gamma = others  # near those of the next value
            found = self._with(direction, np.array([value]), others)
            return -1.0 if found is None else math.sqrt(max(found, 0.0)) - math.sqrt(critical)

        inside, outside = estimate, estimate + step
        reach = 2 * self.family.limit if math.isfinite(self.family.limit) else 100 * abs(step)
        while beyond(outside) <= 0:
            if abs(outside - estimate) >= reach:
                return math.copysign(math.inf, step)
            inside, outside = outside, outside + (outside - estimate) * 0.5
        if beyond(inside) > 0:
            return estimate  # a separated level's: nothing on this side is possible
        return float(brentq(beyond, inside, outside, xtol=1e-6 * abs(step)))
