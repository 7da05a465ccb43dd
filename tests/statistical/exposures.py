"""Populations whose rates and risks are known: events, the time or risk that they had, the truth."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from federated.combine.projection import Floats

__all__ = ["Drawn", "case_mix", "first_events"]

Drawn: TypeAlias = tuple[Floats, Floats, float]
"""Of each study the events and the sum of times or risks; the true ratio."""


def first_events(rng: np.random.Generator, share: float, shape: tuple[int, int]) -> Drawn:
    """Exponential times that censoring ends, at most 1; ``share`` would have its event by .5."""
    rate = -math.log(1 - share) / 0.5
    times, ends = rng.exponential(1 / rate, shape), rng.uniform(0.05, 1, shape)
    events = (times <= ends).sum(axis=1).astype(np.float64)
    return events, np.minimum(times, ends).sum(axis=1), rate


def case_mix(rng: np.random.Generator, share: float, ratio: float, shape: tuple[int, int]) -> Drawn:
    """Risks that differ from row to row around ``share``, and events ``ratio`` times as often."""
    risks = np.minimum(rng.beta(20 * share, 20 * (1 - share), shape), 1 / ratio)
    events = (rng.random(shape) < ratio * risks).sum(axis=1).astype(np.float64)
    return events, risks.sum(axis=1), ratio
