"""Registries that hold what no load lets through, and questions about it: NaN, infinities, numbers
beyond every bound, empty codes and codes that are no choices, rows without an order. Frozen
(tests/attack/README.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.generative.visits import ASKS, SCHEMA, Patient, Row

__all__ = ["DIRTY_ASKS", "NAN", "dirty_patients", "one"]

NAN, INFINITY = float("nan"), float("inf")
QUARTERS = list(range(33, 33 * 121, 33))

DIRTY_ASKS = [
    *ASKS,
    # NaN in comparisons, and beside what is missing.
    {"count": True, "name": "above", "where": "risk >= 50"},
    {"count": True, "name": "not_below", "where": "not (risk < 50)", "by": ["first_visit"]},
    {"count": True, "name": "equal", "where": "risk = risk and not (risk != risk)"},
    {"count": True, "name": "missing", "where": "risk is missing or leak is missing"},
    {"count": True, "name": "every", "by": ["sex", "risk_band", "died", "leak"], "weight": 64},
    {"proportion": {"numerator": "risk > 10 and number(died) = 1"}, "name": "both", "by": ["sex"]},
    {"proportion": {"numerator": "number(died) + number(sex) = 2", "known": "risk > 0"},
     "name": "read", "where": "first_visit"},
    {"proportion": {"numerator": "1 / (risk - 50) > 0"}, "name": "pole"},
    # The longest grid: 242 cells do not fit into a byte.
    {"survival": {"time": "follow_days", "event": "number(died) = 1", "grid": QUARTERS},
     "name": "fine", "by": ["sex"]},
    # Bounds that no double holds exactly, and some too near each other for doubles to tell apart.
    {"mean": {"of": "risk", "bounds": [0.1, 0.7]}, "name": "third", "by": ["sex"]},
    {"mean": {"of": "risk", "bounds": [-1e9, 1e9]}, "name": "wide"},
    {"mean": {"of": "risk", "bounds": [999999999.9999999, 1e9]}, "name": "narrow"},
    {"mean": {"of": "risk", "bounds": [0, 1e-9]}, "name": "small"},
    {"mean": {"of": "abs(risk) * risk / follow_days", "bounds": [-1, 1]}, "name": "long"},
    {"mean": {"of": "number(died)", "bounds": [0, 1]}, "name": "coded", "where": "first_visit"},
    {"rate": {"events": "number(died) = 1", "time": "follow_days"}, "name": "days", "by": ["sex"]},
    {"rate": {"events": "risk >= 50", "time": "risk", "bounds": [0, 1e-9]}, "name": "short"},
    {"rate": {"events": "not (risk < 50)", "time": "abs(risk) * risk", "bounds": [0, 1e9]},
     "name": "far"},
    {"observed_expected": {"observed": "1 / (risk - 50) > 0", "expected": "risk"}, "name": "risky"},
]  # fmt: skip

risks = (
    st.sampled_from([0.0, -0.0, 49.9, 50.0, 50.00000000000001, 100.0, 0.1, 0.4, 0.7, 1e9])
    | st.sampled_from([NAN, INFINITY, -INFINITY, 1.7976931348623157e308, 5e-324, 1e15, 1.1e15])
    | st.floats(-1, 101)
    | st.floats()
    | st.none()
)
days = st.sampled_from([0, 90, 91, 92, 365, 3999, -5, 10**16, 2**63 - 1, -(2**63), None])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "sex": st.sampled_from(["1", "2", "", "1 ", "x", None]),
    "risk": risks,
    "follow_days": days | st.integers(-1, 4000),
    "died": st.sampled_from(["0", "1", "", "1\n", " 1", "٣", "9" * 19, None]),
    "risk_band": st.sampled_from(["low", "high", "Low", "", None]),
}
VISIT: dict[str, st.SearchStrategy[Any]] = {
    "visit_no": st.sampled_from([1, 2, 99, 100, -(2**63), None]),
    "valve": st.sampled_from(["a", "m", "", None]),
    "leak": st.sampled_from(["0", "1", "9", "", None]),
}


@st.composite
def dirty_patients(draw: Callable[..., Any]) -> list[Patient]:
    """Up to a dozen patients of up to four visits; few of them draw everything."""
    found = []
    for i in range(draw(st.integers(0, 12))):
        person = {"_patient": f"p{i}", "_order": 1, **draw(st.fixed_dictionaries(VALUES))}
        count = draw(st.integers(0, 4))
        order = draw(st.permutations([1, 2, 3, 4, None]))
        first = draw(st.integers(0, 4))
        visits: list[Row] = [
            person | draw(st.fixed_dictionaries(VISIT)) | {
                "_order": order[j],
                "first_visit": True if j == first else draw(st.sampled_from([False, None])),
            }
            for j in range(count)
        ]  # fmt: skip
        found.append({"unit_person": [person], "unit_visit": visits})
    return found


def one(**values: Any) -> list[Patient]:
    """A patient with one visit, the first, of the given values."""
    row = dict.fromkeys(SCHEMA["unit_visit"]) | {"_order": 1, "first_visit": True} | values
    return [{"unit_person": [row], "unit_visit": [row]}]
