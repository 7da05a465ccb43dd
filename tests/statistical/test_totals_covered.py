"""Totals of rows that are there are covered as often as said, by the noise alone; and the integers
that simulations tell are those that an engine counts (tests/benchmarks/totals.md has the grid).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pytest

from federated.combine.rows import read_rows
from federated.combine.scopes import scopes
from federated.study.plan import Plan
from federated.study.same_rows import same_rows
from tests.generative.visits import plan_of, sql_vector
from tests.statistical.totalled import DRAWS, Drawn, told
from tests.unit.combine.layouts import answer

ASKS: dict[str, dict[str, Any]] = {
    "mean": {"mean": {"of": "risk"}},
    "rate": {"rate": {"events": "died = 1", "time": "follow_days"}},
    "observed_expected": {"observed_expected": {"observed": "died = 1", "expected": "risk / 100"}},
}
LAWS = ["skew", "many", "low"]
STUDIES, ROWS = 1500, 100


def planned(heart: Path, law: str) -> Plan:
    return plan_of(heart, [ASKS[DRAWS[law].kind] | {"where": "first_visit"}], rows_max=1)


@pytest.mark.parametrize("law", LAWS)
def test_what_is_told_is_what_is_counted(heart: Path, law: str) -> None:
    plan = planned(heart, law)
    (block,) = plan.blocks
    drawn = DRAWS[law](np.random.default_rng(1), block, (1, 40))
    # Days are whole numbers, and risks are stored as a hundred times as much.
    stored = np.rint(drawn.value) if law == "many" else drawn.value
    drawn = Drawn(drawn.kind, stored, drawn.event, drawn.law)
    people = []
    for i, (value, event) in enumerate(zip(stored[0], drawn.event[0], strict=True)):
        person = {
            "_patient": f"p{i}", "_order": 1, "sex": "1", "risk_band": "low",
            "risk": float(value) * (100 if law == "low" else 1), "died": str(int(event)),
            "follow_days": int(value) if law == "many" else 1,
        }  # fmt: skip
        visit = person | {"visit_no": 1, "valve": "a", "leak": "0", "first_visit": True}
        people.append({"unit_person": [person], "unit_visit": [visit]})
    assert sql_vector(plan, people, ibis.duckdb.connect()) == told(block, drawn)[0].tolist()


def coverage(heart: Path, law: str, short: float = 1.0) -> dict[str, float]:
    """Of each total, where the noise is ``short`` of what is told."""
    plan = planned(heart, law)
    rng = np.random.default_rng(2)
    drawn = DRAWS[law](rng, plan.blocks[0], (STUDIES, ROWS))
    exact = told(plan.blocks[0], drawn)
    noisy = np.rint(exact + rng.normal(0, plan.scale / short, exact.shape)).astype(int)
    held: dict[str, list[bool]] = {}
    for i, values in enumerate(noisy.tolist()):
        release = answer(plan, "a", values).release
        assert release is not None
        for row in read_rows(
            plan.blocks[0], scopes(plan, [release], same_rows(plan))[0][0], {}, 0.95
        ):
            if row.quantity in ("sum", "events", "time", "observed", "expected"):
                truth = drawn.truth(row.quantity)[i]
                held.setdefault(row.quantity, []).append(row.lower <= truth <= row.upper)
    return {quantity: float(np.mean(of)) for quantity, of in held.items()}


@pytest.mark.parametrize("law", LAWS)
def test_totals_are_covered(heart: Path, law: str) -> None:
    found = coverage(heart, law)
    assert found
    assert all(0.93 <= covered <= 0.97 for covered in found.values())
    # Noise a quarter larger than is told is found out.
    assert min(coverage(heart, law, short=0.8).values()) < 0.92
