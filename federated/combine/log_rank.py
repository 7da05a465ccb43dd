"""Is the event equally frequent in all strata? A log-rank test on noisy histograms of exits.

The statistic is the log-rank one of several groups on the grid (Mantel 1966, Peto & Peto 1972):
in each bin up to the last edge, the events of a stratum less those expected of its exposed rows,
Yⱼ − cⱼ/2, summed and weighed by the inverse of their covariance. A competing event counts among
the censored here, so that the hazards of the event are compared, not its incidences.

Noise takes the statistic far from its χ² distribution. The p-value is therefore that of a
simulation under the null hypothesis: every stratum keeps its own censoring and has the pooled
hazards of the event; its rows are drawn anew, noise of the known variance is added, and everything
is computed as before, projection included. p = (1 + #{replicates ≥ the statistic})/(1 + replicates)
is never below 1/(1 + replicates) (Davison & Hinkley 1997, 4.2).

Strata whose rows cannot be told from none are left out: they add noise and nothing else. And
nothing is compared from the bin on at which some stratum's rows left cannot be told from none:
projection leaves rows there that are not, with events among them. What it moves before that bin
still shows where strata were followed for very different times, and p is then too small
(README.md, Limits).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.estimate import two_sided_z
from federated.combine.exits import at_risk, hazards
from federated.combine.projection import Floats, project_grouped
from federated.combine.replicates import groups, redraw

__all__ = ["LogRank", "log_rank", "log_rank_statistic"]


@dataclass(frozen=True)
class LogRank:
    """``compared`` are places of the strata; with fewer than two, or no event that can be told from
    noise, the test is uninformative and ``p_value`` 1.
    """

    compared: tuple[int, ...]
    p_value: float
    uninformative: bool


def log_rank(
    cells: Floats,
    variance: float,
    grid: Sequence[int],
    read_at: Sequence[int],
    *,
    steps: Sequence[float] = (1,),
    causes: int = 1,
    confidence: float,
    seed: int,
    replicates: int = 999,
) -> LogRank:
    """Test over strata with noisy cells of shape (strata, (causes + 1)·T); ``variance`` is the
    noise of the integers they were read from, to which a row adds ``steps``. ``confidence`` says
    when rows and events are told from none; ``seed`` fixes the simulation.
    """
    z = two_sided_z(confidence)
    noise = CellNoise.of(variance, steps, len(grid) + 1)
    left_sd = np.sqrt((causes + 1) * noise.of_last)
    clear = cells.sum(axis=1) > z * left_sd[0]
    compared = np.flatnonzero(clear)
    inner = len(grid)
    events = cells[compared, :inner].sum()
    if compared.size < 2 or events <= z * np.sqrt(noise.of_first[inner] * compared.size):
        return LogRank(tuple(compared.tolist()), 1.0, uninformative=True)
    starts = groups(grid, read_at, causes)
    chosen = cells[compared]
    spread = noise.of_groups(starts, cells.shape[1])
    possible = project_grouped(chosen, starts, spread)
    pooled = project_grouped(chosen.sum(axis=0), starts, spread)
    shared = hazards(_event_or_not(pooled, causes))[0]
    rng = np.random.default_rng(seed)
    redrawn = [
        redraw(_null_law(own, shared, causes), float(rows), noise, starts, rng, replicates)[1]
        for own, rows in zip(possible, chosen.sum(axis=1), strict=True)
    ]
    last = _comparable(chosen, left_sd[:-1], causes, z)
    seen = log_rank_statistic(possible, causes, last)
    simulated = log_rank_statistic(np.stack(redrawn, axis=1), causes, last)
    at_least = int((simulated >= seen).sum())
    return LogRank(tuple(compared.tolist()), (1 + at_least) / (replicates + 1), uninformative=False)


def _comparable(cells: Floats, sd: Floats, causes: int, z: float) -> int:
    """How many bins have rows in every stratum, as far as the noise ``sd`` of the rows left at
    the start of each lets that be told; 1 at least.
    """
    by_bin = cells.reshape(*cells.shape[:-1], causes + 1, -1).sum(axis=-2)
    left = by_bin[..., ::-1].cumsum(axis=-1)[..., ::-1]
    bins = by_bin.shape[-1]
    clear = (left > z * sd).all(axis=0)
    return max(bins if clear.all() else int(np.argmin(clear)), 1)


def log_rank_statistic(cells: Floats, causes: int = 1, last: int | None = None) -> Floats:
    """Log-rank statistic of non-negative cells of shape (..., strata, (causes + 1)·T), over the
    first ``last`` bins; the open tail is never compared.
    """
    told = _event_or_not(cells, causes)
    bins = told.shape[-1] // 2
    inner = slice(0, min(bins - 1, bins if last is None else last))
    events = told[..., inner]
    exposed = (at_risk(told) - told[..., bins:] / 2)[..., inner]
    all_events, everyone = events.sum(axis=-2), exposed.sum(axis=-2)
    share = exposed / np.maximum(everyone, 1e-9)[..., None, :]
    excess = (events - all_events[..., None, :] * share).sum(axis=-1)
    # Hypergeometric; rows and events of less than one are possible here.
    spread = all_events * np.clip((everyone - all_events) / np.maximum(everyone - 1, 1e-9), 0, 1)
    weighed = spread[..., None, :] * share
    covariance = -weighed @ np.swapaxes(share, -1, -2)
    own = np.arange(cells.shape[-2])
    covariance[..., own, own] += weighed.sum(axis=-1)
    inverse = np.linalg.pinv(covariance, hermitian=True)
    statistic: Floats = np.einsum("...g,...gh,...h->...", excess, inverse, excess)
    return statistic


def _event_or_not(cells: Floats, causes: int) -> Floats:
    """Cells of shape (..., 2·T): the events, then all other ends of observation."""
    by_status = cells.reshape(*cells.shape[:-1], causes + 1, -1)
    return np.concatenate([by_status[..., 0, :], by_status[..., 1:, :].sum(axis=-2)], axis=-1)


def _null_law(own: Floats, shared: Floats, causes: int) -> Floats:
    """Cell probabilities of a stratum with the ``shared`` hazards of the event, shape (T,), and its
    own other ends of observation.

    Of Y rows at risk in a bin, events take h of those exposed, Y − c/2, and other ends u of
    Y − d/2: d = h·Y·(1 − u/2)/(1 − h·u/4) and c = u·Y·(1 − h/2)/(1 − h·u/4).
    """
    told = _event_or_not(own, causes)
    events, others = told.reshape(2, -1)
    exposed = at_risk(told) - events / 2
    some = exposed > 1e-9
    u = np.clip(np.where(some, others / np.where(some, exposed, 1.0), 0.0), 0, 1)
    h = np.clip(shared, 0, 1)
    both = 1 - h * u / 4
    leaving = np.stack([h * (1 - u / 2) / both, u * (1 - h / 2) / both])
    leaving /= np.maximum(leaving.sum(axis=0), 1.0)
    # What is left at the end is in the open tail, in whichever cells: none of them is compared.
    leaving[:, -1] = 0.0, 1.0
    remaining = np.concatenate([[1.0], np.cumprod(1 - leaving.sum(axis=0))[:-1]])
    event, other = np.maximum(leaving * remaining, 0.0)
    ends = own.reshape(causes + 1, -1)[1:]
    split = np.where(others > 0, ends / np.where(others > 0, others, 1.0), 1 / causes)
    law: Floats = np.concatenate([event, (other * split).ravel()])
    law /= law.sum()
    return law
