"""The statistic of a log-rank test on noisy histograms, and why noise does not bend it.

With dᵢⱼ events in bin j of stratum i, Eᵢⱼ = Yᵢⱼ − cᵢⱼ/2 rows exposed, and sums over the strata
written without i, the log-rank test adds up dᵢⱼ − dⱼ·Eᵢⱼ/Eⱼ. Here the noisy cells as they came go
into

    Uᵢ = Σⱼ wⱼ·(dᵢⱼ·Eⱼ − dⱼ·Eᵢⱼ)/Ēⱼ,

which has mean 0 under equal hazards however the strata were followed: noise has mean 0, and what
d and E of a stratum share of it cancels. Ē, the pooled hazards h and the shares sᵢ = Ēᵢ/Ē are read
from possible histograms and serve for scale, weights and variance alone.

To first order U is linear in the cells, with noise of the covariance N over the bins of

    dᵢⱼ − hⱼ·Eᵢⱼ,   Eᵢⱼ = Σ_{k≥j} (events and other ends in k) − cᵢⱼ/2.

Weights are those of the most power against hazards in proportion: w = (noise + diag I)⁻¹·I, with
Iⱼ the information of bin j. Without noise they are 1 and the statistic is the log-rank one
(Mantel 1966, Peto & Peto 1972). Bins after the first in which some stratum's rows left cannot be
told from none add noise and next to no information; they are left out.
"""

from __future__ import annotations

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.exits import at_risk
from federated.combine.projection import Floats, project_grouped

__all__ = ["event_or_not", "log_rank_statistic"]

_TINY = 1e-9


def log_rank_statistic(
    cells: Floats, noise: CellNoise, starts: tuple[int, ...], *, causes: int = 1, z: float
) -> Floats:
    """Statistic of noisy cells of shape (..., strata, (causes + 1)·T); the open tail is never
    compared. ``starts`` are the groups of a projection, ``z`` standard deviations of their noise
    tell rows from none.
    """
    spread = noise.of_groups(starts, cells.shape[-1])
    _, possible = _events_and_exposed(project_grouped(cells, starts, spread), causes)
    everyone = np.maximum(possible.sum(axis=-2), _TINY)
    share = possible / everyone[..., None, :]
    pooled = project_grouped(cells.sum(axis=-2), starts, spread)
    all_events, exposed = _events_and_exposed(pooled, causes)
    hazard = np.clip(all_events / np.maximum(exposed, _TINY), 0.0, 1.0)
    # Hypergeometric; rows and events of less than one are possible here.
    chance = all_events * np.clip((exposed - all_events) / np.maximum(exposed - 1, _TINY), 0, 1)
    chance = chance * _comparable(cells, noise, causes, z)
    of_noise = _residual_noise(hazard, noise, causes)
    weights = _weights(share, chance, of_noise)
    events, at = _events_and_exposed(cells, causes)
    crossed = (
        events * at.sum(axis=-2)[..., None, :] - events.sum(axis=-2)[..., None, :] * at
    ) / np.maximum(everyone, 1.0)[..., None, :]
    excess = (crossed * weights[..., None, :]).sum(axis=-1)
    covariance = _covariance(share, weights, chance, of_noise)
    inverse = np.linalg.pinv(covariance, rcond=1e-9, hermitian=True)
    statistic: Floats = np.einsum("...g,...gh,...h->...", excess, inverse, excess)
    return statistic


def event_or_not(cells: Floats, causes: int) -> Floats:
    """Cells of shape (..., 2·T): the events, then all other ends of observation."""
    by_status = cells.reshape(*cells.shape[:-1], causes + 1, -1)
    return np.concatenate([by_status[..., 0, :], by_status[..., 1:, :].sum(axis=-2)], axis=-1)


def _events_and_exposed(cells: Floats, causes: int) -> tuple[Floats, Floats]:
    """Events d and exposed E, shape (..., T − 1)."""
    told = event_or_not(cells, causes)
    bins = told.shape[-1] // 2
    exposed = at_risk(told) - told[..., bins:] / 2
    return told[..., : bins - 1], exposed[..., :-1]


def _comparable(cells: Floats, noise: CellNoise, causes: int, z: float) -> Floats:
    """1 for bins before which every stratum has rows left that can be told from none, else 0; the
    first bin always counts.
    """
    left = at_risk(cells, causes)[..., :-1]
    clear = (left > z * np.sqrt((causes + 1) * noise.of_last[:-2])).all(axis=-2, keepdims=True)
    first = np.arange(clear.shape[-1]) == 0
    found: Floats = np.cumprod((clear | first)[..., 0, :], axis=-1).astype(np.float64)
    return found


def _residual_noise(hazard: Floats, noise: CellNoise, causes: int) -> Floats:
    """N, of d − h·E over the bins of a stratum; shape (..., T − 1, T − 1)."""
    bins = len(noise.shape)
    own = np.eye(bins - 1, bins)
    from_here = np.triu(np.ones((bins - 1, bins)))
    of_event = (own - hazard[..., None] * from_here) @ noise.shape
    of_other = (hazard[..., None] * (own / 2 - from_here)) @ noise.shape
    found: Floats = noise.sd**2 * (
        of_event @ np.swapaxes(of_event, -1, -2) + causes * of_other @ np.swapaxes(of_other, -1, -2)
    )
    return found


def _weights(share: Floats, chance: Floats, of_noise: Floats) -> Floats:
    """w, shape (..., T − 1); none below 0, and 0 where there is no information."""
    strata, bins = share.shape[-2:]
    squares = np.swapaxes(share, -1, -2) @ share
    information = chance * (1 - np.diagonal(squares, axis1=-2, axis2=-1))
    # Σ over all U of what noise gives them: Uᵢ holds 1 − sᵢ of its own stratum and −sᵢ of others.
    some = information > _TINY
    noise = of_noise * (strata - 2 + strata * squares) * (some[..., None, :] & some[..., None])
    whole = noise + np.where(some, information, 1.0)[..., None] * np.eye(bins)
    information = np.where(some, information, 0.0)
    solved = np.linalg.solve(whole, information[..., None])[..., 0]
    weights: Floats = np.maximum(solved, 0.0)
    return weights


def _covariance(share: Floats, weights: Floats, chance: Floats, of_noise: Floats) -> Floats:
    """Of U, by chance and by noise; shape (..., strata, strata)."""
    strata = share.shape[-2]
    same = np.eye(strata)
    by_chance = (weights**2 * chance)[..., None, :] * share
    covariance = by_chance.sum(axis=-1)[..., None] * same
    covariance = covariance - by_chance @ np.swapaxes(share, -1, -2)
    noise = weights[..., None] * weights[..., None, :] * of_noise
    along = (share @ noise).sum(axis=-1)
    covariance += noise.sum(axis=(-1, -2))[..., None, None] * same
    covariance -= along[..., None] + along[..., None, :]
    covariance += strata * share @ noise @ np.swapaxes(share, -1, -2)
    found: Floats = covariance
    return found
