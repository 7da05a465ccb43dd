"""Events over time or expected risk from two noisy integers."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from scipy import optimize, stats

from federated.combine import Result, combine
from federated.combine.estimate import UNBOUNDED
from federated.combine.ratio import Ratio, estimate_ratio
from federated.combine.row_counts import row_counts
from federated.combine.scopes import scopes
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.plan import Block
from federated.study.resolve import resolve
from policies.decode import decode
from policies.expression import Name, parse
from tests.unit.combine.layouts import answer, count, leaning, plan, ratio

LEAN = 0.5
LONGEST = 1000.0


def read(
    events: float,
    total: float,
    variances: tuple[float, float] = (0.0, 0.0),
    *,
    expected: bool = False,
    per: float = 1.0,
    rows: tuple[float, float] | None = None,
) -> Ratio:
    """``total`` in parts of the longest; of a rate the longest is a thousand."""
    longest = 1.0 if expected else LONGEST
    return estimate_ratio(
        events - LEAN * total,
        total,
        variances,
        LEAN,
        longest=longest,
        per=per,
        confidence=0.95,
        expected=expected,
        rows=rows,
    )


def score_ends(events: int, time: float) -> tuple[float, float]:
    """Where the score test of a Poisson mean has a p-value of .05, found by bisection."""

    def above(rate: float) -> float:
        return 2 * stats.norm.sf(abs(events - rate * time) / math.sqrt(rate * time)) - 0.05

    middle, most = events / time, (events + 1) * 100 / time
    high = optimize.brentq(above, max(middle, 1e-9), most, xtol=1e-14)
    return (optimize.brentq(above, 1e-9, middle, xtol=1e-14) if events else 0.0), high


@pytest.mark.parametrize("events", [0, 1, 3, 12, 200])
@pytest.mark.parametrize("total", [0.7, 40.0])
def test_without_noise_it_is_the_score_interval_of_textbooks(events: int, total: float) -> None:
    told = read(events, total, per=365.25)
    low, high = score_ends(events, total * LONGEST)
    assert told.ratio.estimate == pytest.approx(365.25 * events / (total * LONGEST))
    assert told.ratio.lower == pytest.approx(365.25 * low, abs=1e-9)
    assert told.ratio.upper == pytest.approx(365.25 * high)
    assert told.events.estimate == told.events.lower == told.events.upper == pytest.approx(events)
    assert told.total.estimate == pytest.approx(LONGEST * total)
    assert told.ratio.noise_sd == 0
    assert told.ratio.sampling_share == (events > 0)
    assert not told.ratio.uninformative


@pytest.mark.parametrize(("events", "expected"), [(4, 5.5), (20, 14.2), (90, 100.0)])
def test_without_noise_a_standardised_ratio_is_near_the_exact_one(
    events: int, expected: float
) -> None:
    told = read(events, expected, expected=True).ratio
    # Garwood (Biometrika 1936)
    low, high = (
        stats.chi2.ppf(level, 2 * count) / 2 / expected
        for level, count in ((0.025, events), (0.975, events + 1))
    )
    assert told.estimate == pytest.approx(events / expected)
    # It never covers too little, and so is the wider one: at the lower end, where few events lie.
    assert low < told.lower
    assert told.upper == pytest.approx(high, rel=0.01)
    assert told.upper - told.lower == pytest.approx(high - low, rel=0.06)


@pytest.mark.parametrize(("events", "rows"), [(0, 20), (7, 40), (90, 300), (20, 20)])
def test_with_the_rows_known_and_no_noise_it_is_wilsons_interval(events: int, rows: int) -> None:
    told = read(events, 0.3 * rows, expected=True, rows=(rows, 0.0)).ratio
    wilson = stats.binomtest(events, rows).proportion_ci(method="wilson")
    assert told.lower == pytest.approx(wilson.low / 0.3, abs=1e-6)
    assert told.upper == pytest.approx(wilson.high / 0.3, abs=1e-6)
    assert read(events, 0.3 * rows, rows=(rows, 0.0)) == read(events, 0.3 * rows)  # not of a rate


def test_the_less_is_known_of_the_rows_the_less_they_narrow() -> None:
    noise = (3.0, 5.0)
    unknown = read(40, 45, noise, expected=True).ratio
    widths = [
        read(40, 45, noise, expected=True, rows=(100, variance)).ratio
        for variance in (0.0, 100.0, 1e12)
    ]
    assert widths[0].upper < widths[1].upper < widths[2].upper
    assert widths[0].lower > widths[1].lower > widths[2].lower
    assert widths[2].upper == pytest.approx(unknown.upper, rel=1e-4)


def test_its_ends_are_where_the_test_changes_its_mind() -> None:
    events, total, (of_w, of_z) = 30.0, 25.0, (12.0, 20.0)
    told = read(events, total, (of_w, of_z), expected=True).ratio
    for end in (told.lower, told.upper):
        off = events - end * total
        variance = end * total + of_w + (end - LEAN) ** 2 * of_z
        assert off**2 == pytest.approx(1.959964**2 * variance, rel=1e-5)


def test_noise_is_what_it_is_said_to_be() -> None:
    rng, spread = np.random.default_rng(4), (9.0, 13.0)
    noise = rng.normal(0, np.sqrt(spread), (4000, 2))
    told = [read(60 + a + LEAN * b, 90 + b, spread) for a, b in noise]
    for part in ("ratio", "events", "total"):
        got = [getattr(one, part) for one in told]
        seen = np.std([one.raw for one in got])
        assert np.mean([one.noise_sd for one in got]) == pytest.approx(seen, rel=0.05), part


def test_no_time_is_no_rate() -> None:
    for total, variance in ((0.0, 0.0), (0.0, 5.0), (-3.0, 5.0), (4.0, 5.0)):
        told = read(2.0, total, (variance, variance)).ratio
        assert told.uninformative
        assert told.upper == UNBOUNDED
        assert math.isfinite(told.estimate)
        assert math.isfinite(told.noise_sd)


def test_many_events_in_next_to_no_time_have_a_lower_end() -> None:
    told = read(500.0, 4.0, (5.0, 5.0)).ratio
    assert told.uninformative
    assert told.lower > 10 / LONGEST  # 500 events in 4 + 1.96·√5 parts of a thousand
    assert told.upper == UNBOUNDED


def test_fewer_events_than_none_are_none() -> None:
    told = read(-40.0, 30.0, (4.0, 4.0))
    assert told.ratio.estimate == told.ratio.lower == told.events.estimate == 0
    assert told.ratio.raw < 0
    assert 0 < told.ratio.upper < 1 / LONGEST
    assert not told.ratio.uninformative


def test_what_may_be_a_third_or_three_times_of_what_is_expected_says_nothing() -> None:
    assert read(1.0, 1.0, expected=True).ratio.uninformative
    assert not read(0.0, 2.0, expected=True).ratio.uninformative  # at most twice as many
    assert not read(9.0, 1.0, expected=True).ratio.uninformative
    assert not read(1.0, 1.0).ratio.uninformative  # of a rate nothing is expected


def test_the_interval_holds_the_estimate_and_is_never_negative() -> None:
    rng = np.random.default_rng(6)
    for scale in (0.0, 0.1, 3.0, 300.0, 1e9):
        for _ in range(200):
            events, total = rng.normal([5, 5], 3 + scale)
            told = read(events, total, (scale**2, scale**2), per=36525)
            for one in (told.ratio, told.events, told.total):
                assert 0 <= one.lower <= one.estimate <= one.upper <= UNBOUNDED
                assert 0 <= one.sampling_share <= 1
                assert math.isfinite(one.noise_sd)


@pytest.mark.parametrize("kind", ["rate", "observed_expected"])
def test_sites_add_up_and_steps_are_divided_out(kind: Literal["rate", "observed_expected"]) -> None:
    layout = plan(ratio(kind, strata=True), scale=400.0)
    one, two = leaning(30, 50), leaning(10, 30)
    outcomes = [
        answer(layout, "a", [*one, *two, *leaning(0, 0)]),
        answer(layout, "b", [*two, *two, *leaning(1, 2)]),
    ]
    result = combine(layout, outcomes)
    rows = {(r.quantity, r.stratum["stage"], r.site): r for r in result.rows}
    names = {
        "rate": ("rate", "events", "time"),
        "observed_expected": ("observed_expected", "observed", "expected"),
    }[kind]
    unit, longest = (36525 / 1000, 1000) if kind == "rate" else (1.0, 1.0)
    for stratum, site, events, total in (
        ("1", None, 40, 80),
        ("1", "a", 30, 50),
        ("(all)", None, 61, 142),
    ):
        of = [rows[name, stratum, site].estimate for name in names]
        assert of == pytest.approx([unit * events / total, events, longest * total])
    assert {row.per for row in result.rows if row.quantity == "rate"} <= {36525.0}
    assert {row.per for row in result.rows if row.quantity != "rate"} == {None}
    assert {row.quantity for row in result.rows if row.per_unit == "days"} == (
        {"rate", "time"} if kind == "rate" else set()
    )
    # Over three strata and two sites, six times the variance of one.
    assert rows[names[1], "(all)", None].noise_sd == pytest.approx(
        math.sqrt(6) * rows[names[1], "1", "a"].noise_sd
    )
    told = set(result.to_pandas()["per"].dropna())
    assert told == ({36525.0} if kind == "rate" else set())
    assert Result.from_json(result.to_json()) == result


@pytest.mark.parametrize("kind", ["rate", "observed_expected"])
def test_a_count_of_the_same_rows_narrows_what_is_expected_and_no_rate(
    kind: Literal["rate", "observed_expected"],
) -> None:
    asked = ratio(kind, strata=True)
    values = [*leaning(30, 50), *leaning(10, 30), *leaning(1, 2)]

    def ends(*counts: Block) -> dict[str, tuple[float, float]]:
        layout = plan(asked, *counts)
        rows = [100, 60, 5] if counts and counts[0].by else [165] * len(counts)
        result = combine(layout, [answer(layout, "a", [*values, *rows])])
        return {
            row.stratum["stage"]: (row.lower, row.upper)
            for row in result.rows
            if row.quantity == kind and row.site is None
        }

    alone = ends()
    by_stage = ends(count(start=6, strata=True))
    of_all = ends(count(start=6))
    narrower = replace(count(start=6, strata=True), cohort=Name("metastatic"))
    some_rows = replace(count(start=6, strata=True), by_order=True)
    assert ends(narrower) == ends(some_rows) == alone
    if kind == "rate":
        assert by_stage == of_all == alone
        return
    for stage, (low, high) in alone.items():
        assert low < by_stage[stage][0] or low == 0, stage
        assert by_stage[stage][1] < high, stage
    assert of_all["(all)"][1] < alone["(all)"][1]
    assert of_all["1"] == alone["1"]


def test_of_several_counts_that_of_the_narrowest_cohort_is_read() -> None:
    asked = replace(ratio("observed_expected"), cohort=parse("a and b and c"))
    cohorts = "a and b", "a", "b and d"
    layout = plan(
        asked, *(replace(count(start=2 + i), cohort=parse(of)) for i, of in enumerate(cohorts))
    )

    def ends(*rows: int) -> tuple[float, float]:
        told = combine(layout, [answer(layout, "north", [*leaning(30, 50), *rows])]).rows[0]
        return told.lower, told.upper

    wide, low = ends(900, 900, 90), ends(900, 90, 90)
    assert wide == low
    assert wide[0] < ends(90, 900, 900)[0]
    assert wide[1] > ends(90, 900, 900)[1]


def test_the_counts_of_a_compiled_study_are_found() -> None:
    catalogue = Catalogue()
    where = "tumor_category = 3 and has_index_surgery"
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "cohort": "index_case", "privacy": {"epsilon": 3.0},
        "ask": [
            {"measure": "mortality_1y_metastatic_oe", "by": ["age_band"]},
            {"count": True, "by": ["age_band"], "where": where},
            {"count": True, "name": "others", "where": "tumor_category = 1"},
        ],
    }  # fmt: skip
    layout = compile_study(resolve(decode(StudyFile, plain, where="t"), catalogue), catalogue)
    told = answer(layout, "north", range(layout.length)).release
    assert told is not None
    every = scopes(layout, [told], [(i,) for i in range(len(layout.blocks))])
    kinds = [block.kind for block in layout.blocks]
    counted = every[kinds.index("count")]
    assert [row_counts(layout, block, every) for block in layout.blocks] == [
        {(of.stratum, of.site): (of.cells[0], of.variances[0]) for of in counted}
        if kind == "observed_expected"
        else {}
        for kind in kinds
    ]


def test_a_result_from_before_there_were_rates_is_read() -> None:
    layout = plan(ratio("observed_expected"))
    plain = json.loads(combine(layout, [answer(layout, "a", leaning(3, 4))]).to_json())
    for row in plain["rows"]:
        del row["per"], row["per_unit"]
    assert {row.per for row in Result.from_json(json.dumps(plain).encode()).rows} == {None}


@pytest.mark.parametrize("kind", ["rate", "observed_expected"])
def test_strata_are_compared(kind: Literal["rate", "observed_expected"]) -> None:
    layout = plan(ratio(kind, strata=True), scale=1.0)
    for second, sure in ((9, False), (40, True)):
        values = [*leaning(8, 80), *leaning(second, 80), *leaning(3, 9)]
        (test,) = combine(layout, [answer(layout, "north", values)]).tests
        assert (test.kind, test.strata, test.gap) == ("rates", ("1", "2"), None)
        assert (test.p_value < 0.01) is sure
