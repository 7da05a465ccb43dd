"""A noisy count: what the sites hold, not what they might have held.

The interval covers the privacy noise only; the counted rows are taken as they are.
"""

from __future__ import annotations

import math

from federated.combine.estimate import Estimate, two_sided_z

__all__ = ["estimate_count"]


def estimate_count(
    total: float,
    variance: float,
    weight: int | None,
    *,
    confidence: float,
    shown: float | None = None,
) -> Estimate:
    """Number of rows from a noisy total and the variance of its noise.

    ``total`` and ``variance`` are in rows; ``shown`` is the whole number to show where it has to
    agree with others (:mod:`federated.combine.whole`). Noise falls on multiples of 1/``weight``,
    so the normal quantile is taken with a continuity correction, and the interval then shrinks to
    the whole numbers inside it: a count is one of those. For a single discrete Gaussian and for
    sums of them this covers at least ``confidence``. A ``weight`` of None: noise falls anywhere.
    """
    sd = math.sqrt(variance)
    reach = two_sided_z(confidence) * sd
    if weight is not None:
        # In lattice steps: the smallest whole r with P(|N(0, s)| ≤ r + ½) ≥ confidence.
        reach = max(0, math.ceil(reach * weight - 0.5)) / weight
    lower, upper = math.ceil(total - reach - 1e-9), math.floor(total + reach + 1e-9)
    if lower > upper:  # no whole number within reach: the nearest on either side
        lower, upper = upper, lower
    if shown is None:
        shown = max(0, round(total))
    return Estimate(
        estimate=float(shown),
        lower=float(min(max(0, lower), shown)),
        upper=float(max(0, upper, shown)),
        raw=total,
        noise_sd=sd,
        sampling_share=0.0,
        n=total,
        uninformative=False,  # "between 0 and 7" is an answer
    )
