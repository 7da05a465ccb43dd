"""Coverage and width of regressions' intervals, level of their tests; writes regression.md beside.

    python -m tests.benchmarks.regression    # about a quarter of an hour on one busy core

Everything is simulated from known effects (tests/statistical/cross_tables.py).
"""

from __future__ import annotations

import itertools
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from federated.combine.regression import Model
from tests.benchmarks.tables import table
from tests.statistical.cross_tables import TABLES, seen, simulate, variances

SITES, ROWS, RHO = 3, (200, 800), (0.005, 0.03, 0.1, 1.0)
STUDIES = 60


@dataclass(frozen=True)
class Cell:
    """One design at one number of rows and one ρ."""

    name: str
    model: Model
    rows: int
    rho: float
    covered: float
    covered_informative: float
    informative: float
    width: float
    """Of informative intervals over those without noise."""
    level: float
    joint_level: float


def measure() -> Iterator[Cell]:
    """Every cell, and the same without noise for its width."""
    for model, (name, of), rows in itertools.product(get_args(Model), TABLES.items(), ROWS):
        bare, _ = seen(of, model, simulate(of, model, rows, np.zeros(3 if model == "linear" else 2), STUDIES, 1))  # fmt: skip
        without = float(np.median([each.width for each in bare]))
        for rho in RHO:
            noise = variances(model, SITES, rho)
            found, joint = seen(of, model, simulate(of, model, rows, noise, STUDIES, 2))
            told = [each for each in found if each.informative]
            p_values = [each.p_of_none for each in found if each.p_of_none is not None]
            yield Cell(
                name=name,
                model=model,
                rows=rows,
                rho=rho,
                covered=float(np.mean([each.held for each in found])),
                covered_informative=_mean([each.held for each in told]),
                informative=len(told) / len(found),
                width=_mean([each.width for each in told]) / without,
                level=_mean([p <= 0.05 for p in p_values]),
                joint_level=_mean([p <= 0.05 for p in joint]),
            )
            print(model, name, rows, rho, f"{len(told) / len(found):.2f}", file=sys.stderr)


def _mean(of: list[bool] | list[float]) -> float:
    return float(np.mean(of)) if of else math.nan


def report(cells: list[Cell]) -> str:
    """One line per model, design and number of rows; the figures over ρ."""
    lines = []
    for model, name, rows in itertools.product(get_args(Model), TABLES, ROWS):
        mine = [c for c in cells if (c.model, c.name, c.rows) == (model, name, rows)]
        told = [c.covered_informative for c in mine if c.informative >= 0.2]
        lines.append(
            (
                model,
                name,
                rows,
                f"{np.mean([c.covered for c in mine]):.3f}",
                f"{min(c.covered for c in mine):.3f}",
                f"{np.mean(told):.3f}" if told else "–",
                " · ".join(f"{c.informative:.2f}" for c in mine),
                " · ".join("–" if math.isnan(c.width) else f"{c.width:.1f}" for c in mine),
                f"{np.nanmean([c.level for c in mine]):.3f}",
                f"{np.nanmean([c.joint_level for c in mine]):.3f}",
            )
        )
    head = ("model", "design", "rows", "coverage", "least", "of informative ones", "informative")
    return table((*head, "width over that without noise", "p ≤ .05", "jointly"), lines)


def main() -> None:
    """Simulate and write the table."""
    began = time.perf_counter()
    cells = list(measure())
    of = {model: [c for c in cells if c.model == model] for model in get_args(Model)}
    rhos = " · ".join(f"{rho:g}" for rho in RHO)
    summary = "; ".join(
        f"{model} {np.mean([c.covered for c in mine]):.3f} on average, "
        f"{min(c.covered for c in mine):.3f} at the least"
        for model, mine in of.items()
    )
    level = _mean([c.level for c in cells if not math.isnan(c.level)])
    joint = _mean([c.joint_level for c in cells if not math.isnan(c.joint_level)])
    designs = ", ".join(f"*{name}* ({about.words})" for name, about in TABLES.items())
    text = f"""# Measured coverage of regressions

Written by `python -m tests.benchmarks.regression`. Noise is that of a study of this one statistic at {SITES} sites;
rows are those of all sites together. {len(cells)} cells of {STUDIES} studies, each with 3 to 7 effects. Designs:
{designs}.

Coverage over all cells: {summary}.
Where nothing differs, {level:.3f} of the p-values of one level and {joint:.3f} of the joint ones are .05 or less.
*Of informative ones*: coverage where at least a fifth are informative. *Informative* and *width* are at ρ = {rhos}.

{report(cells)}
"""  # fmt: skip
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(f"wrote regression.md in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
