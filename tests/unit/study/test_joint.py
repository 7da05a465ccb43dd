"""Several studies as one: nothing is told worse, and it costs less than one after another."""

from __future__ import annotations

import pytest

from federated.errors import StudyError
from federated.study.accuracy import plus_minus
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.joint import as_one
from federated.study.model import Study, StudyFile
from federated.study.resolve import resolve
from policies.decode import decode

CATALOGUE = Catalogue()
MARGINS = [{"measure": "r0_margin_rate"}, {"measure": "limb_salvage"}, {"measure": "ssi_90d"}]
CURVES = [{"measure": "overall_survival"}, {"count": True, "by": ["sex"], "name": "cases"}]

SHARES = [
    {"proportion": {"numerator": "sex = '1'"}, "name": f"s{i}", "where": f"age_at_dx > {i}"}
    for i in range(20, 70, 10)
]


def study(title: str, ask: list[dict[str, object]], **given: object) -> Study:
    plain = {
        "title": title, "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "cohort": "index_case", "ask": ask, "privacy": {"epsilon": 1.0},
    }  # fmt: skip
    return resolve(decode(StudyFile, plain | given, where="t"), CATALOGUE)


def told(of: Study) -> dict[str, float]:
    plan = compile_study(of, CATALOGUE)
    return plus_minus(plan, sites=9, rows=500)


def test_one_study_alone_costs_what_it_costs() -> None:
    alone = study("a", MARGINS)
    assert as_one([alone], CATALOGUE).nano_rho == pytest.approx(alone.nano_rho, rel=0.02)


@pytest.mark.parametrize(("second", "at_most"), [(CURVES, 1.001), (SHARES, 0.9)])
def test_nothing_is_told_worse(second: list[dict[str, object]], at_most: float) -> None:
    # Charges of what has nothing in common add up (zCDP); shares of one cohort gain by a parent.
    apart = [study("a", MARGINS), study("b", second)]
    joint = as_one(apart, CATALOGUE)
    assert joint.title == "a + b"
    got = told(joint)
    for one in apart:
        for name, most in told(one).items():
            if name != "cohort":  # a parent that nobody asked for
                assert got[name] <= most * (1 + 1e-6)
    assert joint.nano_rho < at_most * sum(one.nano_rho for one in apart)


def test_what_two_studies_ask_alike_is_told_once() -> None:
    apart = [study("a", MARGINS), study("b", [*MARGINS, *CURVES], privacy={"epsilon": 0.5})]
    joint = as_one(apart, CATALOGUE)
    assert [s.name for s in joint.statistics if s.measure] == [
        "r0_margin_rate", "limb_salvage", "ssi_90d", "overall_survival",
    ]  # fmt: skip
    assert told(joint)["ssi_90d"] <= told(apart[0])["ssi_90d"] * (1 + 1e-6)
    other = study("c", [{"count": True, "name": "ssi_90d"}])
    assert "ssi_90d_2" in {s.name for s in as_one([apart[0], other], CATALOGUE).statistics}


def test_studies_of_other_purposes_cannot_be_one() -> None:
    apart = [study("a", MARGINS), study("b", CURVES, purpose="DUO:0000007")]
    with pytest.raises(StudyError, match="differ in their purpose"):
        as_one(apart, CATALOGUE)
