"""Cells of a histogram from its integers, and the noise of their sums (federated/study/coding.py).

The integers of a line of T bins are y = A·cells + noise, all of one variance; cells = A⁻¹·y. So
the noise of neighbouring cells is correlated: large on one cell, small on what many add up to.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from federated.combine.projection import Floats
from federated.study.coding import inverse

__all__ = ["CellNoise", "decoded"]


@dataclass(frozen=True)
class CellNoise:
    """Noise of cells in lines of T bins each: ``sd``·``shape``·z, with z independent of variance
    1 and ``shape`` (T, T).
    """

    shape: Floats
    sd: float

    @classmethod
    def of(cls, variance: float, steps: Sequence[float], bins: int) -> CellNoise:
        """Of integers with noise ``variance``, to which a row adds ``steps``."""
        return cls(_inverted(steps, bins), float(np.sqrt(variance)))

    @classmethod
    def summed(
        cls, variance: float, parts: Sequence[tuple[float, Sequence[float]]], bins: int
    ) -> CellNoise:
        """Of the sum of independent cells that were read from integers with noise of a ``share``
        of ``variance``; ``parts`` are the (share, steps) of each.
        """
        covariance = np.sum(
            [share * _inverted(of, bins) @ _inverted(of, bins).T for share, of in parts], axis=0
        )
        return cls(np.linalg.cholesky(covariance), float(np.sqrt(variance)))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Noise for cells of ``shape``, whose last axis holds whole lines."""
        bins = len(self.shape)
        lines = rng.normal(0.0, self.sd, size=(*shape[:-1], shape[-1] // bins, bins))
        drawn: Floats = (lines @ self.shape.T).reshape(shape)
        return drawn

    @property
    def of_first(self) -> Floats:
        """Variance of the sum of a line's first j cells, j = 0 … T."""
        variance: Floats = self.sd**2 * (self.sums**2).sum(axis=-1)
        return variance

    @property
    def of_last(self) -> Floats:
        """Variance of the sum of a line's cells from j on, j = 0 … T."""
        variance: Floats = self.sd**2 * ((self.sums[-1] - self.sums) ** 2).sum(axis=-1)
        return variance

    @property
    def sums(self) -> Floats:
        """What the sums of a line's first j cells are of z, at ``sd`` 1; (T + 1, T)."""
        return np.pad(np.cumsum(self.shape, axis=0), ((1, 0), (0, 0)))

    def of_groups(self, starts: Sequence[int], cells: int) -> Floats:
        """Variance at ``sd`` 1 of the sums over groups of ``cells`` neighbours; group i runs from
        ``starts[i]`` to ``starts[i + 1]`` within one line.
        """
        bins, sums = len(self.shape), self.sums
        ends = (*starts[1:], cells)
        return np.asarray(
            [
                ((sums[(end - 1) % bins + 1] - sums[start % bins]) ** 2).sum()
                for start, end in zip(starts, ends, strict=True)
            ]
        )


def decoded(integers: Floats, steps: Sequence[float], bins: int) -> Floats:
    """Cells from integers of shape (..., lines·T)."""
    lines = integers.reshape(*integers.shape[:-1], -1, bins)
    cells: Floats = (lines @ _inverted(steps, bins).T).reshape(integers.shape)
    return cells


def _inverted(steps: Sequence[float], bins: int) -> Floats:
    """A⁻¹, to be read only: every stratum of every site has the same."""
    return _inverse_of(tuple(steps), bins)


@functools.lru_cache(maxsize=32)
def _inverse_of(steps: tuple[float, ...], bins: int) -> Floats:
    series = np.asarray(inverse(steps, bins))
    apart = np.subtract.outer(np.arange(bins), np.arange(bins))
    found: Floats = np.where(apart >= 0, series[np.maximum(apart, 0)], 0.0)
    found.setflags(write=False)
    return found
