"""A site's own outcomes: curves against lifelines, shares and patterns by hand."""

from __future__ import annotations

import math
import random
import warnings
from datetime import date, timedelta

import pytest

from gateway.registry.outcomes.curve import kaplan_meier
from gateway.registry.outcomes.read import read_outcomes
from gateway.registry.store.embedded import DuckDBStore
from policies.errors import DeclarationError
from tests.unit.registry.quality.beat import load, make_site, row

READ_AT = (30, 60, 365)


def lifelines_curve(times, events):
    from lifelines import KaplanMeierFitter

    fitter = KaplanMeierFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter.fit(times, events)
    return fitter


@pytest.mark.parametrize("seed", range(5))
def test_a_curve_is_that_of_lifelines(seed):
    draw = random.Random(seed)
    times = [draw.randint(0, 400) for _ in range(80)]
    events = [draw.random() < 0.6 for _ in times]
    found, oracle = kaplan_meier("All", times, events, READ_AT), lifelines_curve(times, events)
    between = oracle.confidence_interval_survival_function_
    for day, s, low, high in zip(found.days, found.survival, found.lower, found.upper, strict=True):
        assert s == pytest.approx(float(oracle.predict(day)) if day or s < 1 else 1.0)
        if 0 < s < 1:
            at = between.loc[: day + 0.5].iloc[-1]
            assert (low, high) == pytest.approx(tuple(at), abs=1e-9)
    for reading in found.readings:
        assert reading.at_risk == sum(t >= reading.day for t in times)
    assert (found.rows, found.events) == (80, sum(events))


def test_before_the_first_event_nothing_is_told_of_the_interval():
    found = kaplan_meier("All", [10, 20, 400], [False, True, False], READ_AT)
    first, *_ = found.readings
    assert (first.survival, first.lower, first.upper) == (1.0, None, None)
    assert found.readings[1].survival == pytest.approx(0.5)
    assert (found.lower[1], found.upper[1]) == (1.0, 1.0)


def test_beyond_the_last_row_nothing_is_known_unless_all_had_the_event():
    seen = kaplan_meier("All", [10, 40], [True, False], READ_AT)
    assert [r.survival for r in seen.readings] == [1.0, 0.5, None, None]
    dead = kaplan_meier("All", [10, 40], [True, True], READ_AT)
    assert [r.survival for r in dead.readings] == [1.0, 0.5, 0.0, 0.0]
    assert dead.readings[-1].lower == 0.0
    assert not any(math.isnan(v) for v in (*dead.lower, *dead.upper))


def test_one_row_makes_a_curve_without_a_warning():
    assert kaplan_meier("All", [0], [True], READ_AT).survival[-1] == 0.0


OUTCOMES = """
outcomes: beat
version: 1
dictionary: beat
small: 3
curves:
  - {measure: alive, note: From the operation.}
  - {measure: alive, by: sex}
rates:
  - {measure: high_risk, year: op_year}
patterns:
  size:
    title: Weight at operation
    unit: op
    cohort: weight < 200
    year: op_year
    parts:
      - {label: Light, when: weight < 60}
      - {label: Not light, when: weight < 80}
"""
MEASURES = {
    "alive": """
measure: alive
version: 1
title: Alive
dictionary: beat
unit: person
kind: survival
survival: {time: days_seen, event: dead, grid: [100, 365], read_at: [100]}
""",
    "died_first": """
measure: died_first
version: 1
title: Died before the year was over
dictionary: beat
unit: person
kind: survival
survival: {time: days_seen, event: dead, competing: not dead, grid: [100, 365]}
""",
    "high_risk": """
measure: high_risk
version: 1
title: High risk
dictionary: beat
unit: op
kind: proportion
numerator: risk > 50
known: risk is not missing
note: Of those with a risk.
""",
}
MORE = """  days_seen: {unit: person, label: Days seen, type: integer, value: "days(first_op, last_seen)"}
  op_year: {unit: op, label: Year of operation, type: integer, value: year(op_date)}
"""


@pytest.fixture
def site(tmp_path):
    made = make_site(tmp_path)
    for shelf in ("outcomes", "measures/beat", "derivations"):
        (made.path / shelf).mkdir(parents=True, exist_ok=True)
    (made.path / "outcomes/beat.yaml").write_text(OUTCOMES)
    for name, text in MEASURES.items():
        (made.path / f"measures/beat/{name}.yaml").write_text(text)
    derivations = made.path / "derivations/beat.yaml"
    derivations.write_text(derivations.read_text() + MORE)
    return made


def person(code, op, *, risk="", weight=70, sex="f", seen=0, died="n"):
    last = date.fromisoformat(op) + timedelta(days=seen)
    rows = [row(code, sex=sex, weight=weight), row(code, "op", 1, op_date=op, risk=risk)]
    return [*rows, row(code, "seen", 1, seen_on=last.isoformat(), died=died)] if seen else rows


PEOPLE = [
    *person("1", "2020-02-01", risk=80, weight=50, seen=50, died="y"),
    *person("2", "2020-03-01", risk=20, weight=70, seen=150),
    *person("3", "2020-04-01", weight=90, sex="m", seen=200),
    *person("4", "2021-05-01", risk=51, weight="", sex=""),
    *person("5", "2022-05-01", weight=250),
]


def own(site):
    load(site, PEOPLE)
    return read_outcomes(site, DuckDBStore(site.store_path).current())


def test_figures_are_those_of_the_rows(site):
    found = own(site)
    assert found.patients == 5
    whole, by_sex = found.curves
    assert (whole.rows, whole.unknown, whole.note) == (5, 2, "From the operation.")
    [curve] = whole.curves
    assert (curve.rows, curve.events) == (3, 1)
    assert curve.readings[1].at_risk == 2
    assert curve.readings[1].survival == pytest.approx(2 / 3)
    assert [(c.label, c.rows, c.events) for c in by_sex.curves] == [
        ("Female", 2, 1),
        ("Male", 1, 0),
    ]
    assert by_sex.by == "Sex"
    [rate] = found.rates
    assert [(s.year, s.part, s.whole, s.unknown) for s in rate.shares] == [
        (2020, 1, 2, 1),
        (2021, 1, 1, 0),
    ]
    assert rate.year == "Year of operation"
    [pattern] = found.patterns
    assert pattern.parts == ("Light", "Not light", "Not recorded")
    assert pattern.years == ((2020, (1, 1, 1)),)


def test_who_is_not_in_the_load_is_not_counted(site):
    own(site)
    load(site, PEOPLE[3:])
    found = read_outcomes(site, DuckDBStore(site.store_path).current())
    assert found.curves[0].curves[0].events == 0


@pytest.mark.parametrize(
    ("given", "instead", "says"),
    [
        ("measure: alive, by", "measure: high_risk, by", "is no survival"),
        ("measure: alive, by", "measure: died_first, by", "has a competing event"),
        ("{measure: high_risk", "{measure: alive", "is no proportion"),
        ("by: sex", "by: weight", "has no choices"),
        ("year: op_year}", "year: op_date}", "no whole number"),
        ("when: weight < 60", "when: weigh < 60", 'did you mean "weight"'),
        ("unit: op\n", "unit: ops\n", "ops"),
    ],
)
def test_what_does_not_suit_is_named(site, given, instead, says):
    assert given in OUTCOMES
    (site.path / "outcomes/beat.yaml").write_text(OUTCOMES.replace(given, instead))
    load(site, PEOPLE)
    with pytest.raises(DeclarationError, match=says):
        read_outcomes(site, DuckDBStore(site.store_path).current())
