"""One number read from noisy coordinates, with its interval and where its doubt comes from."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["UNBOUNDED", "UNINFORMATIVE_WIDTH", "Estimate", "two_sided_z"]

UNINFORMATIVE_WIDTH = 0.6
"""A proportion or survival interval wider than this tells a reader nothing (of means and quantiles:
than this part of their bounds).
"""

UNBOUNDED = 1e15
"""The upper end of a ratio that has none: JSON knows no infinity."""


@dataclass(frozen=True)
class Estimate:
    """A value inside its confidence interval.

    ``estimate`` is what people are shown, held to possible values; ``raw`` is the same before
    that, fit for further sums (of curves and quantiles the estimate). Where other statistics count
    the same rows, ``raw`` is what this one told alone, with more noise than the estimate has.
    ``noise_sd`` is the standard deviation that the privacy noise alone gives the estimate;
    ``sampling_share`` the part of its variance, 0 to 1, that is there without any noise. ``n`` is
    the noisy number of rows behind it (of rates and observed/expected: of events), never clamped.
    """

    estimate: float
    lower: float
    upper: float
    raw: float
    noise_sd: float
    sampling_share: float
    n: float
    uninformative: bool


def two_sided_z(confidence: float) -> float:
    """Normal quantile of a two-sided interval, 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    return NormalDist().inv_cdf((1 + confidence) / 2)
