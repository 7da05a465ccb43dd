"""How rows fall about a ratio that all levels share: what a test of difference has for sampling.

Readings of a level are [y, …, m]: y is a sum, m what it is the sum of, and y/m the ratio ρ.
A law tells the variance that chance alone gives y − ρ·m, and draws readings anew, free of noise.
Arrays have shape (..., levels, readings); ratios (...,); everything else (..., levels).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from federated.combine.projection import Floats

__all__ = ["Law", "Means", "Null", "Rates", "Seen", "Shares"]

_HIDDEN = 0.25
"""Standard deviations of its noise added to a variance of rows, as in intervals of a mean."""
_TINY = 1e-12
_ROWS_MAX = 1e12
"""Above this many rows sampling is nil; it keeps the draws within their integers."""


@dataclass(frozen=True)
class Seen:
    """Readings with the variances of their noise, (readings,); a ratio, and what of the levels
    follows from it: their ``size``, the m behind the noise, and their ``own`` y − ratio·m.
    """

    readings: Floats
    noise: Floats
    ratio: Floats
    size: Floats
    own: Floats


@dataclass(frozen=True)
class Null:
    """What readings are drawn from: one ratio, and size and spread of each level, (levels,)."""

    ratio: float
    size: Floats
    spread: Floats


class Law(Protocol):
    """A law of rows; ratios lie from ``lowest`` to ``highest``, m is ``least`` at the least."""

    @property
    def lowest(self) -> float:
        """The smallest ratio."""

    @property
    def highest(self) -> float:
        """The largest ratio."""

    @property
    def least(self) -> float:
        """The smallest m."""

    def spread(self, seen: Seen) -> Floats:
        """Variance by chance of each level's y − ratio·m."""

    def draw(self, rng: np.random.Generator, null: Null, replicates: int) -> Floats:
        """Readings without noise, shape (replicates, levels, readings)."""


@dataclass(frozen=True)
class Shares:
    """Proportions, from [d, m]: d = Σ ±1 over m rows, so that ρ = 2p − 1. Binomial."""

    lowest: float = -1.0
    highest: float = 1.0
    least: float = 1.0

    def spread(self, seen: Seen) -> Floats:
        """4·m·p(1 − p)."""
        return seen.size * (1 - seen.ratio[..., None] ** 2)

    def draw(self, rng: np.random.Generator, null: Null, replicates: int) -> Floats:
        """Binomial numbers of +1."""
        rows = np.rint(np.minimum(null.size, _ROWS_MAX)).astype(np.int64)
        x = rng.binomial(rows, (1 + null.ratio) / 2, (replicates, rows.size))
        return np.stack([2.0 * x - rows, np.broadcast_to(1.0 * rows, x.shape)], axis=-1)


@dataclass(frozen=True)
class Rates:
    """Rates, from [events − lean·time, time]: Poisson, in any unit of time; or observed over
    expected, from [observed − lean·expected, expected]. ρ is the rate less ``lean``.
    """

    lean: float = 0.0
    highest: float = np.inf
    least: float = 1e-9

    @property
    def lowest(self) -> float:
        """That of no event."""
        return -self.lean

    def spread(self, seen: Seen) -> Floats:
        """As many as there are events: Y − λ·Z is a martingale, whatever the censoring."""
        return seen.size * (seen.ratio[..., None] + self.lean)

    def draw(self, rng: np.random.Generator, null: Null, replicates: int) -> Floats:
        """Poisson numbers of events in the same time."""
        mean = np.minimum((null.ratio + self.lean) * null.size, _ROWS_MAX)
        events = rng.poisson(mean, (replicates, mean.size)).astype(np.float64)
        time = np.broadcast_to(null.size, events.shape)
        return np.stack([events - self.lean * time, time], axis=-1)


@dataclass(frozen=True)
class Means:
    """Means of z in [−1, 1], from [Σ z, Σ (2z² − 1), n]. Each level has a variance of its own, as
    in Welch's test (Biometrika 1947). Rows are drawn as if normal.
    """

    lowest: float = -1.0
    highest: float = 1.0
    least: float = 2.0

    def spread(self, seen: Seen) -> Floats:
        """Each level's sum of squares about its own mean, as an estimate of n times its variance;
        where noise may be all that is told of it, n times the variance of all levels.
        """
        s, q, n = np.moveaxis(seen.readings, -1, 0)
        of_s, of_q, of_n = seen.noise
        mu, size, own = seen.ratio[..., None], seen.size, seen.own
        # Σ (z − μ)², with Q = 2E − n; less what of its noise goes with that of the level's own
        # S − μ·n: a level far from μ by noise would else seem to have another spread as well.
        about = (q + n) / 2 - 2 * mu * s + mu**2 * n
        hidden = of_q / 4 + 4 * mu**2 * of_s + (mu**2 + 0.5) ** 2 * of_n
        both = -mu * (2 * of_s + (mu**2 + 0.5) * of_n)
        whole = np.maximum(np.maximum(about, 0.0) + of_s + mu**2 * of_n, _TINY)
        about = about - both / whole * own
        hidden = np.maximum(hidden - both**2 / whole, 0.0)
        told = about - np.maximum(own**2 - of_s - mu**2 * of_n, 0.0) / size
        of_all = np.maximum(told.sum(axis=-1) / size.sum(axis=-1), 0.0)[..., None]
        sure = of_all**2 / np.maximum(of_all**2 + hidden / size**2, _TINY)
        told = sure * told + (1 - sure) * size * of_all + _HIDDEN * np.sqrt(hidden)
        most = size * (1 - mu**2)
        spread: Floats = np.clip(told, 0.0, most) * size / (size - 1)
        return spread

    def draw(self, rng: np.random.Generator, null: Null, replicates: int) -> Floats:
        """Means and variances of normal rows."""
        size, shape = null.size, (replicates, null.size.size)
        s = null.ratio * size + np.sqrt(null.spread) * rng.standard_normal(shape)
        squares = null.spread / size * rng.chisquare(size - 1, shape) + s**2 / size
        return np.stack([s, 2 * squares - size, np.broadcast_to(size, shape)], axis=-1)
