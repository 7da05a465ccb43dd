"""Change scores: of patients asked before and a year after, the score nearest to either time."""

from __future__ import annotations

import pytest

from tests.spec.records import day, surgery, units


def pro(offset: int, score: float | None) -> dict[str, object]:
    return {"pro_tumor_ref": 1, "pro_date": day(offset), "promis_pf_t": score}


@pytest.mark.parametrize(
    ("asked", "change", "better"),
    [
        ([pro(60, 38.0), pro(465, 44.5)], 6.5, True),
        ([pro(60, 38.0), pro(465, 41.0)], 3.0, True),
        ([pro(60, 38.0), pro(465, 40.9)], pytest.approx(2.9), False),
        ([pro(60, 38.0), pro(465, 30.0)], -8.0, False),
        # The day of surgery counts as before it, the day after does not.
        ([pro(100, 38.0), pro(465, 40.0)], 2.0, False),
        ([pro(101, 38.0), pro(465, 40.0)], None, None),
        # 90 days before it at the most.
        ([pro(10, 38.0), pro(465, 40.0)], 2.0, False),
        ([pro(9, 38.0), pro(465, 40.0)], None, None),
        # 270 to 480 days after it.
        ([pro(60, 38.0), pro(369, 40.0)], None, None),
        ([pro(60, 38.0), pro(370, 40.0)], 2.0, False),
        ([pro(60, 38.0), pro(580, 40.0)], 2.0, False),
        ([pro(60, 38.0), pro(581, 40.0)], None, None),
        # The latest before, the nearest to a year after; a form without a score is none.
        ([pro(20, 20.0), pro(90, 38.0), pro(95, None), pro(380, 60.0), pro(470, 40.0)], 2.0, False),
        ([pro(60, 38.0)], None, None),
        ([pro(465, 40.0)], None, None),
    ],
)
def test_change_of_function_after_a_year(asked, change, better):
    (case,) = units(surgery=surgery(100), pro=asked)["case"]
    assert (case["promis_pf_change_1y"], case["promis_pf_better_1y"]) == (change, better)
