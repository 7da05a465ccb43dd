"""Hand-written plans and releases for the tests of combination and report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from federated.combine.cell_noise import CellNoise
from federated.combine.projection import Floats
from federated.privacy.release import Release, release_key
from federated.study.outcome import Outcome
from federated.study.plan import Block, Plan
from policies.expression import Literal as Constant
from policies.measure import Quantiles

EVERYONE = Constant(True)
QUARTERS = tuple(round(i * 365.25 / 4) for i in range(1, 21))
STAGES = (("1",), ("2",), (None,))
DIGEST = "d" * 64


def count(name: str = "cases", *, start: int = 0, strata: bool = False, weight: int = 1) -> Block:
    return Block(
        name=name,
        title="Cases",
        kind="count",
        unit="case",
        cohort=EVERYONE,
        by=("stage",) if strata else (),
        strata=STAGES if strata else ((),),
        start=start,
        steps=(weight,),
    )


def proportion(name: str = "r0", *, start: int = 0, strata: bool = False, weight: int = 1) -> Block:
    return Block(
        name=name,
        title="R0 margins",
        kind="proportion",
        unit="surgery",
        cohort=EVERYONE,
        by=("stage",) if strata else (),
        strata=STAGES if strata else ((),),
        start=start,
        steps=(weight, weight, 0),
        numerator=EVERYONE,
        known=EVERYONE,
    )


def survival(
    name: str = "os",
    *,
    start: int = 0,
    strata: bool = False,
    grid: tuple[int, ...] = QUARTERS,
    read_at: tuple[int, ...] = (365, 1826),
    competing: bool = False,
) -> Block:
    return Block(
        name=name,
        title="Recurrence" if competing else "Overall survival",
        kind="survival",
        unit="case",
        cohort=EVERYONE,
        by=("stage",) if strata else (),
        strata=STAGES if strata else ((),),
        start=start,
        time="os_days",
        event=EVERYONE,
        competing=EVERYONE if competing else None,
        grid=grid,
        read_at=read_at,
    )


AGES = (20.0, 60.0)


def quantiles(*, levels: tuple[float, ...] = (0.5, 0.9), weight: int = 1, bins: int = 40) -> Block:
    return Block(
        name="age",
        title="Age",
        kind="quantiles",
        unit="case",
        cohort=EVERYONE,
        by=(),
        strata=((),),
        start=0,
        steps=(weight,),
        value=EVERYONE,
        bounds=AGES,
        edges=Quantiles(of="age", bounds=AGES, bins=bins).edges,
        levels=levels,
    )


def ratio(kind: Literal["rate", "observed_expected"] = "rate", *, strata: bool = False) -> Block:
    """Deaths in a thousand days, or those expected."""
    return Block(
        name="deaths",
        title="Deaths",
        kind=kind,
        unit="case",
        cohort=EVERYONE,
        by=("stage",) if strata else (),
        strata=STAGES if strata else ((),),
        start=0,
        steps=(6000, 1000),
        event=EVERYONE,
        value=EVERYONE,
        bounds=(0.0, 1000.0) if kind == "rate" else (0.0, 1.0),
        per=36525.0 if kind == "rate" else 1.0,
        per_unit="days" if kind == "rate" else None,
    )


def leaning(events: float, total: float) -> list[int]:
    """The integers of so many events and so much of the sum, in parts of the longest."""
    return [round(6000 * events - 3000 * total), round(5000 * total)]


def binned(values: Floats | Sequence[float], bins: int = 40) -> list[int]:
    """Rows in each bin between the ages."""
    places = np.searchsorted(quantiles(bins=bins).edges, values, side="left")
    return [int(rows) for rows in np.bincount(places, minlength=bins)]


def plain(variance: float, bins: int = len(QUARTERS) + 1) -> CellNoise:
    """Noise of cells told one by one."""
    return CellNoise.of(variance, (1,), bins)


def plan(*blocks: Block, scale: float = 1.0) -> Plan:
    return Plan(DIGEST, blocks, 4, 4, 10**8, scale, {"dictionary": "e" * 64})


def answer(layout: Plan, site: str, values: Sequence[int]) -> Outcome:
    release = Release(
        key=release_key(layout.study_digest, f"snapshot of {site}", layout.mode),
        study_digest=layout.study_digest,
        site=site,
        snapshot=f"snapshot of {site}",
        values=tuple(int(value) for value in values),
        scale=layout.scale,
        nano_rho=layout.nano_rho,
    )
    return Outcome(site, "answered", release=release, charged=True)


def risks(
    rng: np.random.Generator,
    rows: int,
    *,
    means_days: tuple[float, float],
    grid: tuple[int, ...] = QUARTERS,
) -> list[int]:
    """Counts per bin of the first of two exponential events, then of the censored."""
    bins = len(grid) + 1
    times = np.stack([rng.exponential(mean, rows) for mean in means_days])
    times = np.vstack([times, rng.uniform(0, 3600, rows)])
    cells = times.argmin(axis=0) * bins + np.searchsorted(grid, times.min(axis=0))
    return np.bincount(cells, minlength=3 * bins).tolist()


def exits(
    rng: np.random.Generator, rows: int, *, mean_days: float, grid: tuple[int, ...] = QUARTERS
) -> list[int]:
    """Event and censored counts per bin of exponential times under uniform censoring."""
    times, ends = rng.exponential(mean_days, rows), rng.uniform(0, 3600, rows)
    seen = times <= ends
    cell = np.searchsorted(grid, np.minimum(times, ends))
    bins = len(grid) + 1
    return [
        *np.bincount(cell[seen], minlength=bins).tolist(),
        *np.bincount(cell[~seen], minlength=bins).tolist(),
    ]
