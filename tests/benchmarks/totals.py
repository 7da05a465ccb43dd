"""Coverage and width of the intervals of totals and of what is divided by them; writes totals.md.

    python -m tests.benchmarks.totals    # about a minute on one core

Studies are compiled as they are asked, so steps, sensitivity and σ are the engine's. Rows are drawn
from known laws and told in the block's whole steps, each site adds rounded Gaussian noise of σ, and
the code under test reads the sums of the sites.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from federated.combine.estimate import Estimate
from federated.combine.mean import estimate_mean
from federated.combine.projection import Floats
from federated.combine.ratio import read_ratio
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.plan import Block, Plan
from federated.study.resolve import resolve
from policies.decode import decode
from tests.benchmarks import totals_together
from tests.benchmarks.tables import table
from tests.statistical.totalled import DRAWS, Drawn, told

OUT = Path(__file__).with_suffix(".md")
SITES, ROWS, EPSILONS = (1, 3, 9), (20, 50, 100, 300), (1.0, 3.0, 8.0)
REPEATS, BARE = 800, 200
WIDE = 9
"""Sites for which widths are told."""
ASKS: dict[str, dict[str, Any]] = {
    "mean": {"mean": {"of": "age_at_dx"}},
    "rate": {
        "rate": {
            "events": "os_event and os_days <= 1826",
            "time": "os_days",
            "bounds": [0, 1826],
            "per": 36525,
        }
    },
    "observed_expected": {
        "observed_expected": {
            "observed": "index_ssi_90d",
            "expected": "0.04 + 0.002 * age_at_dx",
        }
    },
}
TOTALS = ("sum", "events", "time", "observed", "expected")


def plan_of(asks: Sequence[dict[str, Any]], epsilon: float) -> Plan:
    """A study of index cases."""
    catalogue = Catalogue()
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "cohort": "index_case", "ask": list(asks), "privacy": {"epsilon": epsilon},
    }  # fmt: skip
    return compile_study(resolve(decode(StudyFile, plain, where="study"), catalogue), catalogue)


@dataclass(frozen=True)
class Cell:
    """Of one quantity in one combination: coverage; median width, of totals over the true one, of
    others over that without noise; share uninformative.
    """

    law: str
    quantity: str
    sites: int
    rows: int
    epsilon: float
    covered: float
    width: float
    unsure: float


def cells() -> Iterator[Cell]:
    """Every combination."""
    rng = np.random.default_rng(31)
    for epsilon in EPSILONS:
        plans = {kind: plan_of([ask], epsilon) for kind, ask in ASKS.items()}
        for law, draw in DRAWS.items():
            plan = plans[draw.kind]
            for sites, rows in itertools.product(SITES, ROWS):
                drawn = draw(rng, plan.blocks[0], (REPEATS, sites * rows))
                yield from _measured(rng, plan, law, drawn, sites, rows, epsilon)


def _measured(
    rng: np.random.Generator,
    plan: Plan,
    law: str,
    drawn: Drawn,
    sites: int,
    rows: int,
    epsilon: float,
) -> Iterator[Cell]:
    (block,) = plan.blocks
    exact = told(block, drawn)
    noise = np.rint(rng.normal(0, plan.scale, (sites, *exact.shape))).sum(axis=0)
    variances = np.array(plan.unit_variances(block)) * plan.scale**2 * sites
    found = _read(block, exact + noise, variances)
    bare = _read(block, exact[:BARE], 0 * variances)
    for quantity, of in found.items():
        truth = drawn.truth(quantity)
        widths = np.array([one.upper - one.lower for one in of])
        if quantity in TOTALS:
            width = float(np.median(widths / np.maximum(truth, 1e-9)))
        else:
            without = np.median([one.upper - one.lower for one in bare[quantity]])
            width = float(np.median(widths) / without)
        yield Cell(
            law,
            quantity,
            sites,
            rows,
            epsilon,
            float(np.mean([a.lower <= t <= a.upper for a, t in zip(of, truth, strict=True)])),
            width,
            float(np.mean([one.uninformative for one in of])),
        )


def _read(block: Block, integers: Floats, variances: Floats) -> dict[str, list[Estimate]]:
    """By quantity, of every study."""
    found: dict[str, list[Estimate]] = {}
    for readings in (integers / np.asarray(block.whole, dtype=np.float64)).tolist():
        if block.kind == "mean":
            s, q, n = readings
            of_each = variances[0], variances[1], variances[2]
            of = estimate_mean(s, q, n, of_each, block.bounds, confidence=0.95)
            numbers: dict[str, Estimate] = {"mean": of.mean, "sum": of.total}
        else:
            w, z = readings
            pair = variances[0], variances[1]
            numbers = {**read_ratio(block, (w, z), pair, 0.95)}
        for quantity, estimate in numbers.items():
            found.setdefault(quantity, []).append(estimate)
    return found


def lines(found: Sequence[Cell], *, totals: bool) -> Iterator[tuple[object, ...]]:
    """One line per quantity, law and ε, over sites and rows; widths at WIDE sites."""
    chosen = [one for one in found if (one.quantity in TOTALS) == totals]
    keys = dict.fromkeys((one.quantity, one.law, one.epsilon) for one in chosen)
    for quantity, law, epsilon in sorted(keys, key=lambda key: (key[0], key[1])):
        of = [one for one in chosen if (one.quantity, one.law, one.epsilon) == (quantity, law, epsilon)]  # fmt: skip
        covered = [one.covered for one in of]
        wide = [one for one in of if one.sites == WIDE]
        yield (
            quantity.replace("_", "/"),
            law,
            f"{epsilon:g}",
            f"{np.mean(covered):.3f}",
            f"{min(covered):.3f}–{max(covered):.3f}",
            *(f"{one.width:.2f}" if one.unsure < 0.5 else "–" for one in wide),
            *(() if totals else (f"{np.mean([one.unsure for one in of]):.2f}",)),
        )


def summary(found: Sequence[Cell]) -> str:
    """Coverage by quantity, in words."""
    said = []
    for quantity in dict.fromkeys(one.quantity for one in found):
        covered = [one.covered for one in found if one.quantity == quantity]
        said.append(
            f"{quantity.replace('_', '/')} {np.mean(covered):.3f} ({min(covered):.3f}"
            f"–{max(covered):.3f})"
        )
    return "; ".join(said)


def main() -> None:
    """Simulate and write the page."""
    began = time.perf_counter()
    found = list(cells())
    totals = [one for one in found if one.quantity in TOTALS]
    ratios = [one for one in found if one.quantity not in TOTALS]
    head = ("quantity", "rows", "ε", "coverage", "least–most", *(f"width n={n}" for n in ROWS))
    page = f"""# Totals, means and ratios: coverage and width of nominal 95 % intervals

Written by `python -m tests.benchmarks.totals`; do not edit. One patient may lose ε at each site (δ = 10⁻⁶). Each kind is a
study of its own, as `osteon study submit` would compile it; n rows at each of {", ".join(map(str, SITES))} sites, {REPEATS} studies a
cell (standard error .008). Widths are those of {WIDE} sites (medians; – where half or more are uninformative).

Rows: {"; ".join(f"*{law}*: {draw.words}" for law, draw in DRAWS.items())}.

## Totals

Of the rows that are there: intervals hold the noise and nothing else, and the truth is the total of the rows drawn.
Width over the true total. Coverage, mean (least–most) over the cells: {summary(totals)}.

{table(head, lines(found, totals=True))}

## Means and ratios

The truth is the law's. Width over that of the same rows without noise. Coverage, mean (least–most) over the cells:
{summary(ratios)}.

{table((*head, "uninformative"), lines(found, totals=False))}

## A total and its strata in one study

{totals_together.section(plan_of, ASKS)}
"""
    OUT.write_text(page, encoding="utf-8")
    print(f"wrote {OUT.name} in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
