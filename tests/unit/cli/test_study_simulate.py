"""What ``osteon study simulate`` says of a sequence of studies."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from federated.privacy.loss import nano_rho_for
from federated.study.catalogue import Catalogue
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from federated.study.simulate import simulate
from gateway.cli.study_simulate import in_lines
from policies.decode import decode, load
from policies.site import SitePolicy

POLICY = load(SitePolicy, Path("policies/examples/site_policy.yaml"))
PLAIN = {
    "title": "margins", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
    "privacy": {"rho": 1.0},
}  # fmt: skip


@pytest.mark.parametrize("years", [1, 2, 6])
def test_two_studies_of_one_title_stay_two(years: int) -> None:
    """What one costs and when it ends is not told as the other's."""
    measures = ("r0_margin_rate", "limb_salvage")
    asked = [
        resolve(decode(StudyFile, PLAIN | {"ask": [{"measure": name}]}, where="t"), Catalogue())
        for name in measures
    ]
    first, second = (
        study.model_copy(update={"nano_rho": nano_rho_for(epsilon)})
        for study, epsilon in zip(asked, (0.5, 2.5), strict=True)
    )
    open_to_all = {"projects": None, "researchers": None}
    budget = {"year_epsilon": 3.2, "life_epsilon": 5, "study_epsilon": 3}
    policy = POLICY.model_copy(update=open_to_all | {"budget": type(POLICY.budget)(**budget)})
    found = simulate(
        [first, second], Catalogue(), [policy], researcher="ada", today=date(2026, 11, 1),
        years=years,
    )  # fmt: skip
    lines = list(in_lines(found.rows))
    assert len(lines) == 2
    assert "margins no. 1 " in lines[0]
    assert "margins no. 2 " in lines[1]
    ends = {
        1: ("answered", "answered"),
        2: ("answered all 2 times; 2027-11-01: ", "answered all 2 times; 2027-11-01: "),
        6: (
            "answered all 6 times; 2031-11-01: ",
            "answered 3 of 6 times; refused from 2029-11-01 on: the site's",
        ),
    }
    for line, end in zip(lines, ends[years], strict=True):
        assert end in line
    quarters = simulate(
        [first, first], Catalogue(), [policy], researcher="ada", today=date(2026, 11, 1),
        years=years, asked_every_days=45,
    )  # fmt: skip
    paid, again = in_lines(quarters.rows)
    assert ", charged " in paid
    assert ", free" in again
    alone = simulate([first], Catalogue(), [policy], researcher="ada", today=date(2026, 11, 1))
    assert " no. " not in next(in_lines(alone.rows))
