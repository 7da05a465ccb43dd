"""Privacy loss in integers of nano-rho (zCDP), and its translation into ε for people.

ρ-zCDP implies (ε, δ)-DP with the bound of Canonne, Kamath & Steinke 2020 (arXiv 2004.00010,
proposition 12): ε = min over α > 1 of αρ + ln(1/(αδ))/(α−1) + ln(1−1/α). OpenDP's profile
computes the same; a test holds the two together. One rounding each way, always safe: the ε
shown is rounded up, the ρ allowed is rounded down.
"""

from __future__ import annotations

import math

__all__ = ["DELTA", "NANO", "epsilon_of", "gaussian_scale", "nano_rho_for"]

DELTA = 1e-6
"""δ at which every ε is stated, per patient."""
NANO = 10**9


def _bound(alpha: float, rho: float, delta: float) -> float:
    return alpha * rho - math.log(alpha * delta) / (alpha - 1) + math.log1p(-1 / alpha)


def epsilon_of(nano_rho: int, delta: float = DELTA) -> float:
    """ε at δ of ``nano_rho``·10⁻⁹-zCDP, rounded up in the twelfth digit; 0 for no loss."""
    if nano_rho < 0:
        raise ValueError("a loss is not negative")
    if nano_rho == 0:
        return 0.0
    rho = nano_rho / NANO
    # The bound has one minimum in log(α − 1); golden section needs no derivative.
    low, high = math.log(1e-6), math.log(1e9)
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(200):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if _bound(1 + math.exp(left), rho, delta) < _bound(1 + math.exp(right), rho, delta):
            high = right
        else:
            low = left
    epsilon = _bound(1 + math.exp((low + high) / 2), rho, delta)
    return max(0.0, epsilon) * (1 + 1e-14)


def nano_rho_for(epsilon: float, delta: float = DELTA) -> int:
    """Largest nano-rho whose :func:`epsilon_of` does not exceed ``epsilon``."""
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError("epsilon must be a positive number")
    low, high = 0, NANO
    while epsilon_of(high, delta) <= epsilon:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if epsilon_of(middle, delta) <= epsilon:
            low = middle
        else:
            high = middle
    return low


def gaussian_scale(l2_squared: int, nano_rho: int) -> float:
    """σ at which a vector of L2 sensitivity √``l2_squared`` costs at most ``nano_rho``.

    The discrete Gaussian with parameter σ is Δ²/(2σ²)-zCDP (CKS 2020, theorem 4). The factor
    keeps the loss below the whole number of nano-rho that is charged, so that the ceiling
    taken from OpenDP's map is exactly that number: a cost shown before is the cost charged.
    """
    if l2_squared < 1 or nano_rho < 1:
        raise ValueError("sensitivity and loss must be at least 1")
    return math.sqrt(l2_squared * NANO / (2 * nano_rho)) * (1 + 1e-14)
