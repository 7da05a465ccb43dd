"""The one randomised map: discrete Gaussian noise on a bounded integer vector (OpenDP).

This is the only module that imports opendp. Floats never enter: OpenDP's float mechanisms
turn NaN into silence (notes in README.md), integers cannot hold one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from federated.errors import FederatedError
from federated.privacy.loss import NANO

__all__ = ["ExactAggregate", "gaussian_loss", "release_values"]

LIMIT = 2**62
"""OpenDP saturates at 2⁶³; a vector that could come near is refused before it is noised."""
TAIL_SIGMAS = 40
"""P(|noise| > 40σ) < 10⁻³⁴⁷: no release in the life of the universe reaches the limit."""


class ExactAggregate:
    """Exact integers read from patients. Has no wire form, no pickle and no telling repr."""

    __slots__ = ("_values",)

    def __init__(self, values: Sequence[int]) -> None:
        self._values = tuple(int(value) for value in values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"ExactAggregate({len(self._values)} integers, not shown)"

    def __reduce__(self) -> Any:
        raise TypeError("an exact aggregate does not leave the process")

    def exact_values(self) -> tuple[int, ...]:
        """The integers, for the measurement alone."""
        return self._values


@functools.cache
def _space() -> tuple[Any, Any, Any]:
    import opendp.prelude as dp

    dp.enable_features("contrib")
    return dp, dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")


@functools.lru_cache(maxsize=64)
def _gaussian(scale: float) -> Any:
    dp, domain, metric = _space()
    return dp.m.make_gaussian(domain, metric, scale=scale)


def _sqrt_up(squared: int) -> float:
    root = math.sqrt(squared)
    while Fraction(root) ** 2 < squared:
        root = math.nextafter(root, math.inf)
    return root


def gaussian_loss(l2_squared: int, scale: float) -> int:
    """Nano-rho to charge: ⌈map(√l2_squared)·10⁹⌉ of the mechanism that will run."""
    rho = _gaussian(scale).map(_sqrt_up(l2_squared))
    return math.ceil(Fraction(rho) * NANO)


def release_values(
    aggregate: ExactAggregate, *, scale: float, l2_squared: int, nano_rho: int
) -> tuple[int, ...]:
    """Add noise of ``scale`` to the exact integers.

    Fails closed (:class:`FederatedError`, no values in the text) when the noise would cost
    more than ``nano_rho`` or a value could come near the end of 64 bits.
    """
    if gaussian_loss(l2_squared, scale) > nano_rho:
        raise FederatedError("the noise is too small for the charge")
    values = aggregate.exact_values()
    if any(abs(value) + TAIL_SIGMAS * scale >= LIMIT for value in values):
        raise FederatedError("the vector is too large for 64-bit noise")
    noisy = _gaussian(scale)(list(values))
    return tuple(int(value) for value in noisy)
