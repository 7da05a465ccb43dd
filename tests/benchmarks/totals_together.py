"""A total asked over all rows and by strata in one study: the last section of totals.md."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from federated.combine.projection import Floats
from federated.combine.result import Row
from federated.combine.rows import read_rows
from federated.combine.scopes import Scope, scopes
from federated.privacy.release import Release
from federated.study.plan import Plan
from federated.study.same_rows import same_rows
from tests.benchmarks.tables import table
from tests.statistical.totalled import DRAWS, Drawn, told

__all__ = ["section"]

SITES, ROWS, EPSILONS, REPEATS = 9, (50, 300), (1.0, 8.0), 400
SHARES = (0.4, 0.3, 0.15, 0.1, 0.05)
CHOSEN = ("skew", "many", "high")
SUMS = ("sum", "time", "expected")
HEAD = (
    "rows", "quantity", "n", "ε", "coverage, all", "coverage, strata", "width, all", "read alone",
    "a study of it alone", "width, strata", "read alone",
)  # fmt: skip

PlanOf = Callable[[Sequence[dict[str, Any]], float], Plan]


def section(plan_of: PlanOf, asks: Mapping[str, dict[str, Any]]) -> str:
    """Measured anew, without its heading."""
    return f"""All rows and the same by stage ({len(SHARES)} strata with {", ".join(f"{100 * share:g}" for share in SHARES)} % of the rows) at {SITES} sites of n rows, {REPEATS}
studies a line (standard error .011): put together by least squares, so that both tell one total. Width over the true
total (median); *read alone* is what the same release tells without the other statistic. Of a stratum the mean over all five.

{table(HEAD, _lines(plan_of, asks))}"""


def _lines(plan_of: PlanOf, asks: Mapping[str, dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    rng = np.random.default_rng(32)
    for law, rows, epsilon in itertools.product(CHOSEN, ROWS, EPSILONS):
        ask = asks[DRAWS[law].kind]
        both = plan_of(
            [ask | {"name": "all"}, ask | {"name": "parts", "by": ["stage_group"]}], epsilon
        )
        alone = plan_of([ask], epsilon)
        of_pair = [_study(rng, both, law, rows) for _ in range(REPEATS)]
        of_one = [_study(rng, alone, law, rows)[0] for _ in range(REPEATS)]
        quantity = next(name for name in of_one[0] if name in SUMS)
        whole = np.array([pair[0][quantity] for pair in of_pair])
        parts = np.array([pair[1][quantity] for pair in of_pair])
        bare = np.array([one[quantity] for one in of_one])
        yield (
            law,
            quantity,
            rows,
            f"{epsilon:g}",
            f"{whole[:, 0].mean():.3f}",
            f"{parts[:, 0].mean():.3f}",
            f"{np.median(whole[:, 1]):.3f}",
            f"{np.median(whole[:, 2]):.3f}",
            f"{np.median(bare[:, 1]):.3f}",
            f"{np.median(parts[:, 1]):.2f}",
            f"{np.median(parts[:, 2]):.2f}",
        )


def _study(
    rng: np.random.Generator, plan: Plan, law: str, rows: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """By quantity whether the truth is held, the width and that read alone over it: of all rows,
    and of the strata on average.
    """
    drawn = DRAWS[law](rng, plan.blocks[0], (1, SITES * rows))
    cuts = np.cumsum(rng.multinomial(SITES * rows, SHARES))[:-1]
    pieces = [
        Drawn(drawn.kind, value, event, drawn.law)
        for value, event in zip(
            np.split(drawn.value, cuts, axis=1), np.split(drawn.event, cuts, axis=1), strict=True
        )
    ]
    exact: list[Floats] = [told(plan.blocks[0], drawn)[0]]
    if len(plan.blocks) > 1:
        exact += [told(plan.blocks[1], piece)[0] for piece in pieces]
    noise = np.rint(rng.normal(0, plan.scale, (SITES, plan.length))).sum(axis=0)
    values = tuple(int(value) for value in np.concatenate(exact) + noise)
    # The sites' sums, as of one site with the noise of all.
    scale = plan.scale * SITES**0.5
    release = Release("k", plan.study_digest, "all", "s" * 32, values, scale, plan.nano_rho)
    found = scopes(plan, [release], same_rows(plan))
    whole = _held(plan, 0, found[0][0], drawn)
    if len(plan.blocks) == 1:
        return whole, {}
    parts = [_held(plan, 1, scope, piece) for scope, piece in zip(found[1], pieces, strict=False)]
    return whole, {name: np.mean([part[name] for part in parts], axis=0) for name in whole}


def _held(plan: Plan, place: int, scope: Scope, drawn: Drawn) -> dict[str, Floats]:
    apart = replace(scope, cells=scope.alone.cells, variances=scope.alone.variances)
    one, other = (
        {row.quantity: row for row in read_rows(plan.blocks[place], of, {}, 0.95)}
        for of in (scope, apart)
    )
    return {
        name: _figures(one[name], other[name], float(drawn.truth(name)[0]))
        for name in one
        if name in SUMS
    }


def _figures(row: Row, alone: Row, truth: float) -> Floats:
    widths = [(of.upper - of.lower) / max(truth, 1e-9) for of in (row, alone)]
    return np.array([row.lower <= truth <= row.upper, *widths], dtype=np.float64)
