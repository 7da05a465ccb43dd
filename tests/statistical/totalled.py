"""Rows whose totals, means and ratios are known, and the integers that a block tells of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from federated.combine.projection import Floats
from federated.study.plan import LEAN, RATIOS, Block, Kind

__all__ = ["DRAWS", "Draw", "Drawn", "told"]

_Rng = np.random.Generator


@dataclass(frozen=True)
class Drawn:
    """Of every study (first axis) and row its ``value`` in the block's unit and whether it has the
    ``event`` (all false of a mean); ``law`` is the true mean or ratio.
    """

    kind: Kind
    value: Floats
    event: Floats
    law: float

    def truth(self, quantity: str) -> Floats:
        """Of every study, by the quantity's name in a result."""
        if quantity in ("sum", "time", "expected"):
            return np.asarray(self.value.sum(axis=1))
        if quantity in ("events", "observed"):
            return np.asarray(self.event.sum(axis=1))
        return np.full(len(self.value), self.law)


@dataclass(frozen=True)
class Draw:
    """A law of rows: called with the generator, the block and (studies, rows)."""

    kind: Kind
    words: str
    rows: Callable[[_Rng, Block, tuple[int, int]], tuple[Floats, Floats, float]]

    def __call__(self, rng: _Rng, block: Block, shape: tuple[int, int]) -> Drawn:
        """Rows of so many studies."""
        return Drawn(self.kind, *self.rows(rng, block, shape))


def _values(
    draw: Callable[[_Rng, tuple[int, int]], Floats], mean: float
) -> Callable[[_Rng, Block, tuple[int, int]], tuple[Floats, Floats, float]]:
    """Of a law on [0, 1], stretched over the bounds."""

    def rows(rng: _Rng, block: Block, shape: tuple[int, int]) -> tuple[Floats, Floats, float]:
        low, high = block.bounds
        value = low + (high - low) * np.clip(draw(rng, shape), 0, 1)
        return value, np.zeros(shape), low + (high - low) * mean

    return rows


def _exits(
    share: float,
) -> Callable[[_Rng, Block, tuple[int, int]], tuple[Floats, Floats, float]]:
    """Exponential times that censoring ends; ``share`` would have its event by half the longest."""

    def rows(rng: _Rng, block: Block, shape: tuple[int, int]) -> tuple[Floats, Floats, float]:
        longest = block.bounds[1]
        rate = -math.log(1 - share) / (longest / 2)
        times, ends = rng.exponential(1 / rate, shape), rng.uniform(0.05, 1, shape) * longest
        return np.minimum(times, ends), (times <= ends).astype(np.float64), rate * block.per

    return rows


def _risks(
    share: float, ratio: float
) -> Callable[[_Rng, Block, tuple[int, int]], tuple[Floats, Floats, float]]:
    """Risks around ``share``, and events ``ratio`` times as often."""

    def rows(rng: _Rng, _: Block, shape: tuple[int, int]) -> tuple[Floats, Floats, float]:
        risk = np.minimum(rng.beta(20 * share, 20 * (1 - share), shape), 1 / ratio)
        return risk, (rng.random(shape) < ratio * risk).astype(np.float64), ratio

    return rows


DRAWS = {
    "flat": Draw("mean", "uniform over the bounds", _values(lambda r, s: r.uniform(0, 1, s), 0.5)),
    "narrow": Draw(
        "mean",
        "normal, a standard deviation of .05 of the bounds about .6 of them",
        _values(lambda r, s: r.normal(0.6, 0.05, s), 0.6),
    ),
    "skew": Draw("mean", "beta(½, 3)", _values(lambda r, s: r.beta(0.5, 3, s), 1 / 7)),
    "few": Draw("rate", "5 % have their event by half the longest time", _exits(0.05)),
    "many": Draw("rate", "50 % do", _exits(0.5)),
    "low": Draw("observed_expected", "risks about .05, as many events", _risks(0.05, 1.0)),
    "high": Draw("observed_expected", "risks about .15, twice as many events", _risks(0.15, 2.0)),
}


def told(block: Block, drawn: Drawn) -> Floats:
    """The block's integers of every study, one stratum; shape (studies, width)."""
    low, high = block.bounds
    if block.kind == "mean":
        most, square, number = block.steps
        s = np.floor((drawn.value - (low + high) / 2) * (most / ((high - low) / 2)) + 0.5)
        q = np.floor(2 * square * s**2 / most**2 + 0.5) - square
        of_rows = np.full(len(s), s.shape[1] * number, dtype=np.float64)
        return np.stack([s.sum(axis=1), q.sum(axis=1), of_rows], axis=1)
    if block.kind not in RATIOS:
        raise ValueError(f"no total is told by a {block.kind}")
    (less, more), (event, most) = LEAN, block.steps
    s = np.floor(drawn.value * (most / high) + 0.5).sum(axis=1)
    return np.stack([event * drawn.event.sum(axis=1) - less * s, more * s], axis=1)
