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

__all__ = ["CellNoise", "UnitNoise", "decoded"]


@dataclass(frozen=True, eq=False)
class UnitNoise:
    """Noise of a line of T cells at a standard deviation of 1: ``shape``·z, with z independent of
    variance 1 and ``shape`` (T, T). Every stratum of every site has the same one, and so what is
    reckoned from it once serves them all.
    """

    shape: Floats

    @functools.cached_property
    def sums(self) -> Floats:
        """What the sums of a line's first j cells are of z, j = 0 … T; (T + 1, T)."""
        return np.pad(np.cumsum(self.shape, axis=0), ((1, 0), (0, 0)))

    @functools.cached_property
    def of_first(self) -> Floats:
        """Variance of the sum of a line's first j cells, j = 0 … T."""
        variance: Floats = (self.sums**2).sum(axis=-1)
        return variance

    @functools.cached_property
    def of_last(self) -> Floats:
        """Variance of the sum of a line's cells from j on, j = 0 … T."""
        variance: Floats = ((self.sums[-1] - self.sums) ** 2).sum(axis=-1)
        return variance


@dataclass(frozen=True)
class CellNoise:
    """Noise of cells in lines of T bins each: ``sd`` times that of a ``unit``."""

    unit: UnitNoise
    sd: float

    @classmethod
    def of(cls, variance: float, steps: Sequence[float], bins: int) -> CellNoise:
        """Of integers with noise ``variance``, to which a row adds ``steps``."""
        return cls(_unit(tuple(steps), bins), float(np.sqrt(variance)))

    @classmethod
    def summed(
        cls, variance: float, parts: Sequence[tuple[float, Sequence[float]]], bins: int
    ) -> CellNoise:
        """Of the sum of independent cells that were read from integers with noise of a ``share``
        of ``variance``; ``parts`` are the (share, steps) of each.
        """
        of_each = tuple((share, tuple(steps)) for share, steps in parts)
        return cls(_unit_of_sum(of_each, bins), float(np.sqrt(variance)))

    @property
    def shape(self) -> Floats:
        """Of the unit, (T, T)."""
        return self.unit.shape

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Noise for cells of ``shape``, whose last axis holds whole lines."""
        bins = len(self.shape)
        lines = rng.normal(0.0, self.sd, size=(*shape[:-1], shape[-1] // bins, bins))
        drawn: Floats = (lines @ self.shape.T).reshape(shape)
        return drawn

    @property
    def of_first(self) -> Floats:
        """Variance of the sum of a line's first j cells, j = 0 … T."""
        return self.sd**2 * self.unit.of_first

    @property
    def of_last(self) -> Floats:
        """Variance of the sum of a line's cells from j on, j = 0 … T."""
        return self.sd**2 * self.unit.of_last

    def of_groups(self, starts: Sequence[int], cells: int) -> Floats:
        """Variance at ``sd`` 1 of the sums over groups of ``cells`` neighbours; group i runs from
        ``starts[i]`` to ``starts[i + 1]`` within one line.
        """
        bins, sums = len(self.shape), self.unit.sums
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
    cells: Floats = (lines @ _unit(tuple(steps), bins).shape.T).reshape(integers.shape)
    return cells


@functools.lru_cache(maxsize=32)
def _unit(steps: tuple[float, ...], bins: int) -> UnitNoise:
    """Its shape is A⁻¹."""
    series = np.asarray(inverse(steps, bins))
    apart = np.subtract.outer(np.arange(bins), np.arange(bins))
    return _read_only(np.where(apart >= 0, series[np.maximum(apart, 0)], 0.0))


@functools.lru_cache(maxsize=32)
def _unit_of_sum(parts: tuple[tuple[float, tuple[float, ...]], ...], bins: int) -> UnitNoise:
    shapes = [(share, _unit(steps, bins).shape) for share, steps in parts]
    covariance = np.sum([share * shape @ shape.T for share, shape in shapes], axis=0)
    return _read_only(np.linalg.cholesky(covariance))


def _read_only(shape: Floats) -> UnitNoise:
    shape.setflags(write=False)
    return UnitNoise(shape)
