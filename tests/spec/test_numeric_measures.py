"""Measures of a number: whose number is read, and which."""

from __future__ import annotations

import pytest

from policies.expression import check, parse
from policies.expression.interpret import evaluate
from policies.library import load_named
from policies.measure import Measure
from tests.spec.answers import Reader
from tests.spec.records import day, derivations, dictionary, follow_up, surgery, tumor, units


def reader(name):
    measure = load_named("measures", Measure, f"sarcoma_v1/{name}")
    return Reader(measure, dictionary(), derivations())


def number(name, text, **forms):
    """What ``text`` gives for the one case, None outside the cohort."""
    read = reader(name)
    (row,) = units(**forms)["case"]
    if not read.count([row]):
        return None
    return evaluate(check(parse(text, where=name), read.scope, where=name)[0], row)


def pro(offset, score):
    return {"pro_tumor_ref": 1, "pro_date": day(offset), "promis_pf_t": score}


@pytest.mark.parametrize(("category", "change"), [("2", 6.5), ("1", 6.5), ("3", None)])
def test_change_of_function_is_that_of_sarcoma(category, change):
    forms = {
        "tumor": tumor(tumor_category=category),
        "surgery": surgery(100),
        "pro": [pro(60, 38.0), pro(465, 44.5)],
    }
    mean = reader("promis_pf_change_1y").measure.mean
    assert number("promis_pf_change_1y", mean.of, **forms) == change
    (row,) = units(**forms)["case"]
    better = reader("promis_pf_better_1y").proportion([row])
    assert better == ((1, 1) if change else (0, 0))


@pytest.mark.parametrize(
    ("status", "intent", "days"), [("1", "1", 30), ("2", "1", None), ("1", "2", None)]
)
def test_wait_is_that_of_new_curative_patients(status, intent, days):
    of = reader("treatment_wait_quantiles").measure.quantiles.of
    forms = {
        "tumor": tumor(tumor_category="2", disease_status_ref=status),
        "surgery": surgery(30, surg_intent=intent),
    }
    assert number("treatment_wait_quantiles", of, **forms) == days


@pytest.mark.parametrize(
    ("last", "died", "category", "observed"),
    [
        (465, False, "3", False),
        (464, False, "3", None),  # left before the year's end
        (465, True, "3", True),
        (466, True, "3", False),
        (465, True, "2", None),
    ],
)
def test_deaths_within_a_year_beside_those_expected(last, died, category, observed):
    ratio = reader("mortality_1y_metastatic_oe").measure.observed_expected
    gone = {"vital_status": "2", "death_date": day(last)} if died else {}
    forms = {
        "tumor": tumor(tumor_category=category, pathfx_12mo=35.0),
        "surgery": surgery(100),
        "follow_up": follow_up(last, **gone),
    }
    name = "mortality_1y_metastatic_oe"
    assert number(name, ratio.observed, **forms) is observed
    expected = number(name, ratio.expected, **forms)
    assert expected == (None if observed is None else pytest.approx(0.65))
