"""Is the event equally frequent in all strata? A log-rank test on noisy histograms of exits.

The statistic is that of :mod:`federated.combine.hazard_contrasts`. A competing event counts among
the censored here, so that the hazards of the event are compared, not its incidences.

Noise takes the statistic from its χ² distribution. The p-value is therefore that of a simulation
under the null hypothesis: every stratum keeps its own censoring and has the pooled hazards of the
event; its rows are drawn anew, noise of the known variance is added, and everything is computed as
before. Where in a bin observation ended is not told: it differs between replicates, bin by bin, so
that strata followed differently seldom seem to differ for want of finer bins. Follow-up that ends
at the same end of every bin in one stratum, and not in another, is not covered by that.
p = (1 + #{replicates ≥ the statistic})/(1 + replicates) is never below 1/(1 + replicates)
(Davison & Hinkley 1997, 4.2). Strata whose rows cannot be told from none are left out: they add
noise and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.estimate import two_sided_z
from federated.combine.exits import at_risk, hazards
from federated.combine.hazard_contrasts import event_or_not, log_rank_statistic
from federated.combine.projection import Floats, project_grouped
from federated.combine.replicates import groups, sample

__all__ = ["LogRank", "log_rank"]

_WHERE_ENDED = 2.0, 2.0
"""Of the mean position in its bin at which observation of rows ended otherwise, as a beta law: a
standard deviation of .22 of the bin about its middle."""


@dataclass(frozen=True)
class LogRank:
    """``compared`` are places of the strata; with fewer than two, or no event that can be told from
    noise, the test is uninformative and ``p_value`` 1. Without noise ``chi_squared`` has
    ``degrees`` of freedom.
    """

    compared: tuple[int, ...]
    chi_squared: float
    degrees: int
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
        return LogRank(tuple(compared.tolist()), 0.0, 0, 1.0, uninformative=True)
    starts = groups(grid, read_at, causes)
    chosen = cells[compared]
    spread = noise.of_groups(starts, cells.shape[1])
    possible = project_grouped(chosen, starts, spread)
    pooled = project_grouped(chosen.sum(axis=0), starts, spread)
    shared = hazards(event_or_not(pooled, causes))[0]
    rng = np.random.default_rng(seed)
    drawn = [
        sample(_null_laws(own, shared, causes, rng, replicates), float(rows), rng, replicates)
        for own, rows in zip(possible, chosen.sum(axis=1), strict=True)
    ]
    redrawn = np.stack(drawn, axis=1)
    redrawn += noise.draw(rng, redrawn.shape)
    seen = float(log_rank_statistic(chosen, noise, starts, causes=causes, z=z))
    simulated = log_rank_statistic(redrawn, noise, starts, causes=causes, z=z)
    # Rounding must not tell apart what a small number of rows ties.
    at_least = int((simulated >= seen * (1 - 1e-9)).sum())
    p_value = (1 + at_least) / (replicates + 1)
    return LogRank(tuple(compared.tolist()), seen, compared.size - 1, p_value, uninformative=False)


def _null_laws(
    own: Floats, shared: Floats, causes: int, rng: np.random.Generator, replicates: int
) -> Floats:
    """Cell probabilities of a stratum with the ``shared`` hazards of the event, shape (T,), and its
    own other ends of observation; one law a replicate, shape (replicates, (causes + 1)·T).

    Where in its bin a row's observation ended is not told, and where strata were followed
    differently it is not in the middle for all of them. So the mean position θ of the c rows of a
    bin that end otherwise is drawn too, of a replicate. Of Y rows at risk events take h of those
    exposed, Y − θ·c, and other ends u of Y − d/2:
    d = h·Y·(1 − θ·u)/(1 − θ·h·u/2) and c = u·Y·(1 − h/2)/(1 − θ·h·u/2).
    """
    told = event_or_not(own, causes)
    events, others = told.reshape(2, -1)
    exposed = at_risk(told) - events / 2
    some = exposed > 1e-9
    u = np.clip(np.where(some, others / np.where(some, exposed, 1.0), 0.0), 0, 1)
    h = np.clip(shared, 0, 1)
    theta = rng.beta(*_WHERE_ENDED, size=(replicates, h.size))
    both = 1 - theta * h * u / 2
    leaving = np.stack([h * (1 - theta * u) / both, u * (1 - h / 2) / both], axis=-2)
    leaving /= np.maximum(leaving.sum(axis=-2, keepdims=True), 1.0)
    # What is left at the end is in the open tail, in whichever cells: none of them is compared.
    leaving[..., -1] = 0.0, 1.0
    staying = np.cumprod(1 - leaving.sum(axis=-2), axis=-1)[..., None, :-1]
    remaining = np.concatenate([np.ones((replicates, 1, 1)), staying], axis=-1)
    event, other = np.moveaxis(np.maximum(leaving * remaining, 0.0), -2, 0)
    ends = own.reshape(causes + 1, -1)[1:]
    split = np.where(others > 0, ends / np.where(others > 0, others, 1.0), 1 / causes)
    other = (other[:, None, :] * split).reshape(replicates, -1)
    laws: Floats = np.concatenate([event, other], axis=-1)
    laws /= laws.sum(axis=-1, keepdims=True)
    return laws
