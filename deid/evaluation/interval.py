"""The interval of a share. Counts of leaks are small, so the textbook ± would lie."""

from __future__ import annotations

import math

__all__ = ["wilson"]

_Z95 = 1.959963984540054


def wilson(hits: int, of: int) -> tuple[float, float] | None:
    """Wilson's score interval at 95 % (JASA 1927); None where nothing was counted.

    Takes the spans for independent. Those of one note are not (a name missed once is often missed
    again), so the true interval is somewhat wider.
    """
    if of == 0:
        return None
    share, z2 = hits / of, _Z95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z95 / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    lower = 0.0 if hits == 0 else max(0.0, middle - half)
    upper = 1.0 if hits == of else min(1.0, middle + half)
    return lower, upper
