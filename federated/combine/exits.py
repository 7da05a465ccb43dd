"""Curves read from a histogram of exits: bin of exit × (event, competing event, censored).

The actuarial estimator, S(t) = Π (1 − dⱼ/(Yⱼ − cⱼ/2)) over bins up to t, takes those censored
within a bin as at risk for half of it (Cutler & Ederer 1958). With a competing event dⱼ counts
both, and the cumulative incidence of either, Fₖ(t) = Σ Sⱼ₋₁·dₖⱼ/(Yⱼ − cⱼ/2), is that of Aalen &
Johansen (1978) on the grid: S + F₁ + F₂ = 1.

Cells have shape (..., (causes + 1)·T): the events of each cause by bin, then the censored. The last
of the T bins is the open tail.
"""

from __future__ import annotations

import numpy as np

from federated.combine.projection import Floats

__all__ = ["actuarial", "at_risk", "hazards", "incidence"]

_NOBODY = 1e-9
"""Fewer rows at risk than this are none."""


def at_risk(cells: Floats, causes: int = 1) -> Floats:
    """Rows still under observation at the start of each of the T bins; shape (..., T)."""
    leaving = _by_status(cells, causes).sum(axis=-2)
    remaining: Floats = leaving[..., ::-1].cumsum(axis=-1)[..., ::-1]
    return remaining


def hazards(cells: Floats, causes: int = 1) -> Floats:
    """Share of the rows at risk that each cause takes in each bin; shape (..., causes, T)."""
    by_status = _by_status(cells, causes)
    exposed = at_risk(cells, causes) - by_status[..., -1, :] / 2
    alive = (exposed > _NOBODY)[..., None, :]
    share: Floats = np.where(
        alive, by_status[..., :-1, :] / np.where(alive, exposed[..., None, :], 1.0), 0.0
    )
    return share


def actuarial(cells: Floats, causes: int = 1) -> Floats:
    """S, free of every cause, at the T − 1 edges; from non-negative cells."""
    return _survival(hazards(cells, causes))[..., :-1]


def incidence(cells: Floats, causes: int = 2) -> Floats:
    """F of each cause at the T − 1 edges, from non-negative cells; shape (..., causes, T − 1)."""
    share = hazards(cells, causes)
    after = _survival(share)
    before = np.concatenate([np.ones_like(after[..., :1]), after[..., :-1]], axis=-1)
    risen: Floats = (before[..., None, :] * share).cumsum(axis=-1)[..., :-1]
    return np.clip(risen, 0.0, 1.0)


def _survival(share: Floats) -> Floats:
    survival: Floats = np.cumprod(1 - np.clip(share.sum(axis=-2), 0.0, 1.0), axis=-1)
    return survival


def _by_status(cells: Floats, causes: int) -> Floats:
    return cells.reshape(*cells.shape[:-1], causes + 1, -1)
