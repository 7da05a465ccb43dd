"""Counts over strata as people are shown them: whole, none negative, adding up to their total.

The nearest such counts to the noisy ones: the projection onto the simplex of the (rounded) total,
then rounded by largest remainders, so that a table's parts and its total agree. For display alone:
raw values are kept beside them, and sums over sites or strata are made of those.
"""

from __future__ import annotations

import numpy as np

from federated.combine.projection import Floats, project_simplex

__all__ = ["whole_counts"]


def whole_counts(cells: Floats) -> Floats:
    """For noisy counts of shape (strata,)."""
    total = max(round(float(cells.sum())), 0)
    possible = project_simplex(cells, np.asarray(float(total)), np.ones(len(cells)))
    shown = np.floor(possible)
    left = total - int(shown.sum())
    # Rounding errors of the projection may leave one too many or too few; ties go by place.
    order = np.argsort(shown - possible, kind="stable")
    shown[order[: max(left, 0)]] += 1
    if left < 0:
        shown[order[left:]] -= 1
    result: Floats = np.maximum(shown, 0.0)
    return result
