"""The Kaplan–Meier estimate of a site's own exact times (SciPy), with Greenwood's interval.

The interval is that of log(−log S) (Kalbfleisch & Prentice 2002, 1.4), so that it stays within
0 and 1. Before the first event it is the point 1; where S is 0 it reaches up to where it was.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Curve", "Reading", "kaplan_meier"]


@dataclass(frozen=True)
class Reading:
    """The curve on one day: how many are still at risk; S, unless nobody was seen until then; its
    interval, unless nothing has happened yet, when Greenwood's variance says nothing.
    """

    day: int
    at_risk: int
    survival: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Curve:
    """Steps of one stratum from day 0 on; ``readings`` at the measure's days, day 0 among them."""

    label: str
    rows: int
    events: int
    days: tuple[int, ...]
    survival: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    readings: tuple[Reading, ...]


def kaplan_meier(
    label: str, times: Sequence[int], events: Sequence[bool], read_at: Sequence[int]
) -> Curve:
    """The curve of one stratum, which must not be empty; times in days."""
    from scipy import stats

    days, seen = np.asarray(times, dtype=np.int64), np.asarray(events, dtype=bool)
    found = stats.ecdf(stats.CensoredData.right_censored(days, ~seen)).sf
    with warnings.catch_warnings():
        # Said where S is 0 or 1; what stands there instead is told above.
        warnings.simplefilter("ignore", RuntimeWarning)
        # Its published types call the two ends numbers; they are functions like the curve.
        between: Any = found.confidence_interval(method="log-log")
    survival = np.concatenate([[1.0], found.probabilities])
    lower = np.concatenate([[1.0], between.low.probabilities])
    upper = np.concatenate([[1.0], between.high.probabilities])
    lower[survival == 1.0] = upper[survival == 1.0] = 1.0
    for i in np.flatnonzero(survival == 0.0):
        lower[i], upper[i] = 0.0, upper[i - 1]
    steps = np.concatenate([[0], found.quantiles]).astype(np.int64)
    readings = []
    for day in (0, *read_at):
        at = int(np.searchsorted(steps, day, side="right")) - 1
        left = int((days >= day).sum())
        told = left > 0 or survival[-1] == 0.0
        moved = told and survival[at] < 1.0
        readings.append(
            Reading(
                day,
                left,
                float(survival[at]) if told else None,
                float(lower[at]) if moved else None,
                float(upper[at]) if moved else None,
            )
        )
    return Curve(
        label=label,
        rows=len(days),
        events=int(seen.sum()),
        days=tuple(int(day) for day in steps),
        survival=tuple(map(float, survival)),
        lower=tuple(map(float, lower)),
        upper=tuple(map(float, upper)),
        readings=tuple(readings),
    )
