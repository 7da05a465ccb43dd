"""Rows that no load should have let through: they never raise and never change the shape.

A site that fails is seen to fail, so a row that can make it fail tells of its patient without
any noise. For every question the store with the row must look like the store without it.
"""

from __future__ import annotations

import pytest

from tests.attack.world import Hub, Snapshot, ask, people, site_of, study_of, visits, write_store

DIRTY = {
    "nan": {"risk": float("nan")},
    "infinity": {"risk": float("inf")},
    "minus infinity": {"risk": float("-inf")},
    "largest double": {"risk": 1.7976931348623157e308},
    "smallest double": {"risk": 5e-324},
    "minus zero": {"risk": -0.0},
    "largest whole number": {"follow_days": 2**63 - 1, "open_days": 2**63 - 1},
    "smallest whole number": {"follow_days": -(2**63), "open_days": -(2**63)},
    "nothing recorded": dict.fromkeys(
        ("sex", "risk", "risk_band", "follow_days", "open_days", "died")
    ),
    "codes that are no choices": {"sex": "x", "died": "yes", "risk_band": "'; --"},
    "codes that are no numbers": {"died": "1e5"},
    "codes of too many digits": {"died": "9" * 40},
    "empty codes": {"sex": "", "died": "", "risk_band": ""},
    "a code in other digits": {"died": "\u0661"},
    "a zero byte": {"sex": "1\x00"},
    "no order": {"_order": None},
    "no pseudonym": {"_patient": None},
}  # fmt: skip

COHORTS = [
    "risk * 1e308 * 10 > 1",
    "1 / risk > 0 or 1 / (risk - risk) > 0",
    "risk + risk * risk - risk / risk > 5",
    "abs(risk) between 0 and 1e300",
    "number(died) + number(sex) = 2",
    "number(died) * 1e300 * 1e300 > 1",
    "follow_days + 1 > 0 and open_days - 1 < 0",
    "follow_days * follow_days > 10",
    "risk is missing or number(died) is missing",
    "risk = risk and not (risk != risk)",
]
SHARES = [
    {"numerator": "number(died) = 1", "known": "risk > 0"},
    {"numerator": "1 / (risk - 50) > 0"},
]
CURVE = {"time": "follow_days", "event": "number(died) = 1"}
LONGEST = {"bounds": [0, 1e-9]}
QUESTIONS = [
    {
        "ask": [
            *({"count": True, "name": f"c{i}", "where": text} for i, text in enumerate(COHORTS)),
            {"count": True, "by": ["sex", "risk_band", "died"]},
            *({"proportion": x, "name": f"p{i}", "by": ["sex"]} for i, x in enumerate(SHARES)),
            {"survival": CURVE, "by": ["risk_band"]},
            {"mean": {"of": "risk"}, "by": ["sex"]},
            {"mean": {"of": "risk / open_days - 3", "bounds": [-5, 5]}, "name": "reckoned"},
            {"mean": {"of": "number(died)", "bounds": [0, 1]}, "name": "coded"},
            {"mean": {"of": "open_days", "bounds": [0, 30]}, "name": "whole"},
            {"quantiles": {"of": "risk", "bins": 9}, "by": ["sex"], "name": "binned"},
            {"quantiles": {"of": "risk / open_days - 3", "bounds": [-5, 5]}, "name": "of_both"},
            {"quantiles": {"of": "number(died)", "bounds": [0, 1]}, "name": "of_codes"},
            {"rate": {"events": "number(died) = 1", "time": "follow_days"}, "by": ["sex"]},
            {"rate": {"events": "risk > 5", "time": "risk / open_days"} | LONGEST, "name": "each"},
            {"observed_expected": {"observed": "number(sex) > 1", "expected": "risk"}},
        ]
    },
    {"unit": "visit", "rows_max": 2, "ask": [{"count": True, "by": ["valve", "leak"]}]},
]


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """A store with each dirty row beside twenty clean ones, and one with the clean ones alone."""
    folder, clean = tmp_path_factory.mktemp("dirty"), people(20)
    return {
        name: write_store(
            folder / f"{i}.duckdb",
            [*clean, *bad],
            [*visits(clean), *(visits(bad, 1)[0] | change for change in changes)],
        )
        for i, (name, change) in enumerate([("clean", None), *DIRTY.items()])
        for changes in [[] if change is None else [change]]
        for bad in [[people(1)[0] | {"_patient": "bad", **c} for c in changes]]
    }


def looks(folder, heart, store) -> list[tuple[int, float]]:
    """What of the answers to all questions may depend on the store: nothing."""
    folder.mkdir()
    site, hub = site_of(folder, heart, Snapshot(store)), Hub()
    seen = []
    for question in QUESTIONS:
        outcome = ask(site, hub, study_of(site, **question))
        assert outcome.state == "answered", (store, question, outcome)
        seen.append((len(outcome.release.values), outcome.release.scale))
    return seen


@pytest.fixture(scope="module")
def clean(heart, stores, tmp_path_factory):
    return looks(tmp_path_factory.mktemp("clean") / "site", heart, stores["clean"])


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_row_looks_like_no_row(tmp_path, heart, stores, clean, name):
    assert looks(tmp_path / "site", heart, stores[name]) == clean


NOBODY = "sex = 1 and risk > 99 and died = 1"
LONG = "abs(12345678.901234567) * abs(123456789.12345678)"
CONSTANT = [
    {"rate": {"events": "died = 1", "time": "5", "bounds": [0, 365.25]}},
    {"mean": {"of": LONG, "bounds": [0, 9]}},
    {"quantiles": {"of": LONG, "bounds": [0, 9]}},
    {"count": True, "where": f"{NOBODY} and {LONG} > 0"},
]


@pytest.mark.parametrize("of", CONSTANT, ids=["rate", "mean", "quantiles", "count"])
@pytest.mark.parametrize("there", [False, True], ids=["nobody", "somebody"])
def test_constants_are_reckoned_whether_or_not_somebody_is_there(tmp_path, heart, of, there):
    """A cohort that holds one patient or none: were the answer a failure, it would say which."""
    wanted = {"_patient": "wanted", "sex": "1", "risk": 99.5, "died": "1"}
    store = write_store(
        tmp_path / "s.duckdb", [*people(20), *([people(1)[0] | wanted] if there else [])]
    )
    site = site_of(tmp_path, heart, Snapshot(store))
    asked = study_of(site, ask=[{"where": NOBODY} | of])
    assert ask(site, Hub(), asked).state == "answered"
