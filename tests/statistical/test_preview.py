"""What a preview tells to expect is what the noise does to what is read, once statistics that count
the same rows are put together.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from federated.combine.projection import Floats
from federated.combine.scopes import scopes
from federated.study.accuracy import Z, plus_minus
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.plan import Block, Plan
from federated.study.resolve import resolve
from federated.study.same_rows import same_rows
from policies.decode import decode
from tests.unit.combine.layouts import answer

DRAWS, ROWS = 1200, 400
COUNT = {"count": True}
SHARE = {"proportion": {"numerator": "leak = 1"}}
MEAN = {"mean": {"of": "risk"}}
DEATHS = {"rate": {"events": "died = 1", "time": "follow_days"}}
CURVE = {"survival": {"time": "follow_days", "event": "died = 1", "grid": [91, 183, 274, 365]}}
MEDIAN = {"quantiles": {"of": "risk", "bins": 12}}
DIVISIONS = [[], ["sex"], ["sex", "risk_band"]]
PLANS = [
    [(COUNT, []), (COUNT, ["sex"]), (COUNT, ["risk_band"]), (COUNT, ["sex", "risk_band"])],
    [(SHARE, by) for by in DIVISIONS],
    [(MEAN, by) for by in DIVISIONS] + [(COUNT, [])],
    [(DEATHS, by) for by in DIVISIONS],
    [(CURVE, []), (CURVE, ["sex"])],
    [(MEDIAN, []), (MEDIAN, ["sex"])],
]
KINDS = ("counts", "shares", "means", "rates", "curves", "medians")


def compiled(
    heart: Path, asks: list[tuple[dict[str, object], list[str]]], **privacy: object
) -> Plan:
    catalogue = Catalogue(heart)
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "cohort": "first_visit", "privacy": privacy or {"rho": 0.5},
        "ask": [ask | {"by": by, "name": f"s{i}"} for i, (ask, by) in enumerate(asks)],
    }  # fmt: skip
    return compile_study(resolve(decode(StudyFile, plain, where="t"), catalogue), catalogue)


def misread(block: Block, cells: Floats, rows: int) -> float:
    """How far off a stratum is read whose readings are noise and nothing else."""
    if block.kind == "count":
        return float(cells[0])
    if block.kind == "proportion":
        return float(cells[0] - cells[1]) / 2 / rows  # R(1) = x̂ − n̂
    if block.kind == "mean":
        half = (block.bounds[1] - block.bounds[0]) / 2
        return half * float(cells[0] - cells[2] / 2) / rows
    if block.kind == "rate":
        free, equal = cells[0] + block.lean * cells[1], cells[0] + (block.lean - 1) * cells[1]
        return float(free if block.lean > 0.5 else equal) / rows
    half_way = (block.bins + 1) // 2 if block.kind == "survival" else block.bins // 2
    below = cells[:half_way].sum()
    return float(below if block.kind == "survival" else below - cells.sum() / 2) / rows


def spreads(plan: Plan, sites: int) -> dict[str, float]:
    """± (95 %) seen of each statistic's strata."""
    rng = np.random.default_rng(11)
    same = same_rows(plan)
    seen: dict[str, list[float]] = {block.name: [] for block in plan.blocks}
    for _ in range(DRAWS // (4 if sites > 1 else 1)):
        noise = np.rint(rng.normal(0, plan.scale, (sites, plan.length))).astype(int)
        told = [answer(plan, f"site {i}", of.tolist()).release for i, of in enumerate(noise)]
        releases = [release for release in told if release is not None]
        for block, found in zip(plan.blocks, scopes(plan, releases, same), strict=True):
            pooled = [one for one in found if one.site is None][: len(block.strata)]
            seen[block.name] += [misread(block, one.cells, ROWS * sites) for one in pooled]
    return {name: Z * math.sqrt(np.mean(np.square(of))) for name, of in seen.items()}


@pytest.mark.parametrize("asks", PLANS, ids=KINDS)
def test_the_plus_minus_told_is_that_of_what_is_read(
    heart: Path,
    asks: list[tuple[dict[str, object], list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = compiled(heart, asks)
    told, seen = plus_minus(plan, sites=1, rows=ROWS), spreads(plan, 1)
    assert seen == pytest.approx(told, rel=0.07)
    # It is found out where each is told as if it were alone.
    monkeypatch.setattr(
        "federated.study.agreement.same_rows", lambda of: [(i,) for i in range(len(of.blocks))]
    )
    alone = plus_minus(plan, sites=1, rows=ROWS)
    assert all(alone[name] >= of for name, of in told.items())
    assert max(alone[name] / of for name, of in seen.items()) > 1.15


def test_over_several_sites_too(heart: Path) -> None:
    plan = compiled(heart, PLANS[0])
    assert spreads(plan, 4) == pytest.approx(plus_minus(plan, sites=4, rows=ROWS), rel=0.07)
