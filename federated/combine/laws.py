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

__all__ = ["Law", "Means", "Rates", "Shares"]

_HIDDEN = 0.25
"""Standard deviations of its noise added to a variance of rows, as in intervals of a mean."""
_TINY = 1e-12


class Law(Protocol):
    """``lowest`` to ``highest`` are the possible ratios, ``least`` the smallest possible m."""

    @property
    def lowest(self) -> float: ...
    @property
    def highest(self) -> float: ...
    @property
    def least(self) -> float: ...

    def spread(
        self, readings: Floats, noise: Floats, ratio: Floats, size: Floats, own: Floats
    ) -> Floats:
        """Variance by chance of y − ratio·m in levels of ``size``, whose y − ratio·m is ``own``;
        ``noise`` are the variances of the readings' noise.
        """

    def draw(
        self, rng: np.random.Generator, ratio: float, size: Floats, spread: Floats, replicates: int
    ) -> Floats:
        """Readings without noise of ``replicates`` studies: (replicates, levels, readings)."""


@dataclass(frozen=True)
class Shares:
    """Proportions, from [d, m]: d = Σ ±1 over m rows, so that ρ = 2p − 1. Binomial."""

    lowest: float = -1.0
    highest: float = 1.0
    least: float = 1.0

    def spread(
        self, readings: Floats, noise: Floats, ratio: Floats, size: Floats, own: Floats
    ) -> Floats:
        return size * (1 - ratio[..., None] ** 2)

    def draw(
        self, rng: np.random.Generator, ratio: float, size: Floats, spread: Floats, replicates: int
    ) -> Floats:
        rows = np.rint(size).astype(np.int64)
        x = rng.binomial(rows, (1 + ratio) / 2, (replicates, rows.size))
        return np.stack([2.0 * x - rows, np.broadcast_to(1.0 * rows, x.shape)], axis=-1)


@dataclass(frozen=True)
class Rates:
    """Rates, from [events, time]: Poisson, in any unit of time."""

    lowest: float = 0.0
    highest: float = np.inf
    least: float = 1e-9

    def spread(
        self, readings: Floats, noise: Floats, ratio: Floats, size: Floats, own: Floats
    ) -> Floats:
        return size * ratio[..., None]

    def draw(
        self, rng: np.random.Generator, ratio: float, size: Floats, spread: Floats, replicates: int
    ) -> Floats:
        events = rng.poisson(ratio * size, (replicates, size.size)).astype(np.float64)
        return np.stack([events, np.broadcast_to(size, events.shape)], axis=-1)


@dataclass(frozen=True)
class Means:
    """Means of z in [−1, 1], from [Σ z, Σ (2z² − 1), n]; each level has a variance of its own, as in
    Welch's test (Biometrika 1947). Rows are drawn as if normal.
    """

    lowest: float = -1.0
    highest: float = 1.0
    least: float = 2.0

    def spread(
        self, readings: Floats, noise: Floats, ratio: Floats, size: Floats, own: Floats
    ) -> Floats:
        s, q, n = np.moveaxis(readings, -1, 0)
        of_s, of_q, of_n = noise
        mu = ratio[..., None]
        # Σ (z − μ)², with Q = 2E − n; less what of its noise goes with that of the level's own
        # S − μ·n: a level far from μ by noise would else seem to have another spread as well.
        about = (q + n) / 2 - 2 * mu * s + mu**2 * n
        hidden = of_q / 4 + 4 * mu**2 * of_s + (mu**2 + 0.5) ** 2 * of_n
        both = -mu * (2 * of_s + (mu**2 + 0.5) * of_n)
        whole = np.maximum(about, 0.0) + of_s + mu**2 * of_n
        whole = np.maximum(whole, _TINY)
        about = about - both / whole * own
        hidden = np.maximum(hidden - both**2 / whole, 0.0)
        # About the level's own mean. Where noise may be all there is, that of all levels.
        told = about - np.maximum(own**2 - of_s - mu**2 * of_n, 0.0) / size
        of_all = np.maximum(told.sum(axis=-1) / size.sum(axis=-1), 0.0)[..., None]
        sure = np.maximum(told / size, of_all) ** 2
        sure = sure / np.maximum(sure + hidden / size**2, _TINY)
        told = size * (sure * told / size + (1 - sure) * of_all) + _HIDDEN * np.sqrt(hidden)
        most = size * (1 - mu**2)
        spread: Floats = np.clip(told, 0.0, most) * size / (size - 1)
        return spread

    def draw(
        self, rng: np.random.Generator, ratio: float, size: Floats, spread: Floats, replicates: int
    ) -> Floats:
        shape = (replicates, size.size)
        s = ratio * size + np.sqrt(spread) * rng.standard_normal(shape)
        about_own = spread / size * rng.chisquare(size - 1, shape)
        squares = about_own + s**2 / size
        return np.stack([s, 2 * squares - size, np.broadcast_to(size, shape)], axis=-1)
