"""How long a reply waits, so that when it leaves tells no more of a patient than was charged.

One patient more or less moves the time that reading takes by at most τ (:func:`moved_s`). A reply
waits a normally distributed time of standard deviation σ = τ·√(16/(2ρ)): with that, its time is
(τ/σ)²/2 = ρ/16-zCDP (Bun & Steinke 2016, lemma 2.4), which is a sixteenth of the charge ρ. The
values have the other fifteen (:func:`values_share`), so time and values together lose what the
ledger was charged. PROOFS.md §6 carries the argument, and what is measured in it.
"""

from __future__ import annotations

import math
import secrets

from federated.privacy.loss import NANO

__all__ = [
    "MEAN_SDS",
    "MEAN_S_MAX",
    "deadline_s",
    "deviate",
    "late_s",
    "mean_s",
    "moved_s",
    "sd_s",
    "values_share",
    "wait_s",
]

SHARE = 16
"""Time has one part in so many of a charge."""
MEAN_SDS = 8
"""The mean wait in standard deviations. With a deviate below −8 a reply cannot be as early as its
draw, which adds P(Z < −8 + τ/σ) to δ: less than 1.2·10⁻¹⁴ up to ε = 8.
"""
MEAN_S_MAX = 120.0
"""A study whose replies would wait longer in the mean is refused everywhere: its charge is too
small. A site's policy refuses sooner (``limits.wait_s_max``).
"""
_STEADY_S, _PART_S = 3e-3, 0.1e-3
_LATE_SDS = 4
"""One reply in 30,000 is later than its mean by more than so many standard deviations."""
_REST_S = 60
"""What a deadline leaves to everything but the wait: reading, the way, and the rest of the wait of
a colleague's reply, which is no longer than 45 s where the policy leaves ``wait_s_max`` at 30.
"""


def values_share(nano_rho: int) -> int:
    """What is left of a charge for the noise of the values; both in nano-rho."""
    return nano_rho - nano_rho // SHARE


def moved_s(parts: int) -> float:
    """τ: the most, in seconds, that one patient moves the time of reading for expressions of so
    many parts (``Plan.parts``). Measured in ``tests/benchmarks/reply_time.md``, not proved.
    """
    return _STEADY_S + _PART_S * parts


def sd_s(nano_rho: int, parts: int) -> float:
    """σ of the wait in seconds; infinite for a charge of less than 16 nano-rho."""
    of_time = nano_rho // SHARE
    return moved_s(parts) * math.sqrt(NANO / (2 * of_time)) if of_time else math.inf


def mean_s(nano_rho: int, parts: int) -> float:
    """The mean wait in seconds: public, so it can be told before anything is spent."""
    return MEAN_SDS * sd_s(nano_rho, parts)


def late_s(nano_rho: int, parts: int) -> float:
    """The wait in seconds that one reply in 30,000 exceeds: as public as the mean."""
    return mean_s(nano_rho, parts) + _LATE_SDS * sd_s(nano_rho, parts)


def deadline_s(nano_rho: int, parts: int) -> int:
    """Whole seconds that a study should give its sites. Where no wait is long enough every site
    refuses at once, and the wait counts nothing.
    """
    waits = mean_s(nano_rho, parts) <= MEAN_S_MAX
    return _REST_S + (math.ceil(late_s(nano_rho, parts)) if waits else 0)


def deviate() -> float:
    """A fresh standard normal deviate, from the system's own source of randomness."""
    return secrets.SystemRandom().normalvariate(0.0, 1.0)


def wait_s(nano_rho: int, parts: int, drawn: float) -> float:
    """Seconds from the end of reading to the first act that anybody sees; ``drawn`` is the
    reservation's :func:`deviate`. ValueError where no wait is long enough.
    """
    mean = mean_s(nano_rho, parts)
    if not (mean <= MEAN_S_MAX and math.isfinite(drawn)):
        raise ValueError("the charge is too small for any wait, or the draw is no number")
    return max(0.0, mean * (1 + drawn / MEAN_SDS))
